"""Old mentions read again: their readings change, and what lists show of them; where they stand in the flow does not.

Nothing is routed anew and nothing reopened. What people corrected stands.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime

from sqlalchemy import and_, exists, select, tuple_
from sqlalchemy.orm import Session, aliased

from config.clock import Clock
from config.database import Database, update_rows
from engage.reader import Judged, ahead
from engage.tables import Conversation
from listener.tables import Mention
from nlp import store
from nlp.analyser import Analyser
from nlp.store import Again
from nlp.tables import ReadingRow

BATCH = 1000
SHOWN = ("sentiment", "intent", "urgency", "language")
"""What a conversation shows of its author's latest mention."""


def read_again(
    database: Database, analyser: Analyser, ids: Sequence[int], clock: Clock, done: Callable[[int], None]
) -> Again:
    """Read these mentions (see nlp/store.py read_before), each batch a transaction; `done` is told their sizes."""
    total = Again()
    with closing(ahead(_judge(database, analyser, ids))) as batches:
        for batch in batches:
            with database.write() as session:
                now = clock()
                read, again = store.store_again(session, batch.taken, batch.readings, now)
                show_readings(session, read, now)
            total += again
            done(len(batch.taken))
    return total


def _judge(database: Database, analyser: Analyser, ids: Sequence[int]) -> Iterator[Judged]:
    for start in range(0, len(ids), BATCH):
        with database.read() as session:
            taken = store.take_again(session, ids[start : start + BATCH])
        yield Judged(taken, analyser.read([one.text for one in taken]))


def show_readings(session: Session, mention_ids: Sequence[int], now: datetime) -> None:
    """Let the conversations follow whose author's latest mention is one of these."""
    later = aliased(Mention)
    newer = exists().where(
        later.conversation_id == Conversation.id,
        later.author_id == Conversation.author_id,
        tuple_(later.created_at, later.id) > tuple_(Mention.created_at, Mention.id),
    )
    readings = [getattr(ReadingRow, name) for name in SHOWN]
    shown = [getattr(Conversation, name).label(f"shown_{name}") for name in SHOWN]
    rows = session.execute(
        select(Conversation.id, *readings, *shown)
        .join(Mention, and_(Mention.conversation_id == Conversation.id, Mention.author_id == Conversation.author_id))
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(Mention.id.in_(mention_ids), ~newer)
        .with_for_update(of=Conversation)  # a person may be deciding about it at this moment
    )
    changed = [
        {"id": row.id, "changed_at": now, **{name: getattr(row, name) for name in SHOWN}}
        for row in rows
        if any(getattr(row, name) != getattr(row, f"shown_{name}") for name in SHOWN)
    ]
    update_rows(session, Conversation, changed)
