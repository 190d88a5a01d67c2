"""Which replies helped: judged once the days in which people come back are over. A stage function in bulk.

A reply helped where its person left it there, more so where they came back happier than before; it did not where they
came back no happier. Work goes by the moment of sending, so each reply is judged once, whoever runs this.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from config.clock import Clock
from config.database import AnyRow, insert_ignoring, lock_stage
from engage.answers.tables import AnsweredWell
from engage.tables import Reply, ReplyState
from listener.tables import Mention
from nlp.reading import Sentiment
from nlp.tables import ReadingRow

COMING_BACK = timedelta(days=3)
CONTENT, HAPPIER, NO_HELP = 1.0, 1.2, 0.0
MOOD = {Sentiment.NEGATIVE: -1, Sentiment.NEUTRAL: 0, Sentiment.POSITIVE: 1}


def judge_waiting(session: Session, clock: Clock, limit: int = 500) -> int:
    """Judge the next replies whose days are over; the number judged."""
    lock_stage(session, "judge answers")
    rows = _waiting(session, clock() - COMING_BACK, limit)
    if not rows:
        return 0
    back = _came_back(session, rows)
    judged = [_judged(row, back.get(row.reply_id, [])) for row in rows]
    session.execute(insert_ignoring(session, AnsweredWell), judged)
    return len(rows)


def _waiting(session: Session, until: datetime, limit: int) -> Sequence[AnyRow]:
    latest = session.execute(
        select(AnsweredWell.sent_at, AnsweredWell.reply_id)
        .order_by(AnsweredWell.sent_at.desc(), AnsweredWell.reply_id.desc())
        .limit(1)
    ).first()
    waiting = (
        select(
            Reply.id.label("reply_id"),
            Reply.conversation_id,
            Reply.mention_id,
            Reply.sent_at,
            Mention.author_id,
            Mention.brand_id,
            ReadingRow.sentiment,
            ReadingRow.model,
            ReadingRow.meaning,
        )
        .join(Mention, Mention.id == Reply.mention_id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(Reply.state == ReplyState.SENT, Reply.sent_at <= until)
        .order_by(Reply.sent_at, Reply.id)
        .limit(limit)
    )
    if latest:
        later = or_(Reply.sent_at > latest.sent_at, Reply.id > latest.reply_id)
        waiting = waiting.where(Reply.sent_at >= latest.sent_at, later)
    return session.execute(waiting).all()


def _came_back(session: Session, rows: Sequence[AnyRow]) -> dict[int, list[Sentiment]]:
    """How each reply's person wrote within the days after it, in their order."""
    said = session.execute(
        select(Mention.conversation_id, Mention.author_id, Mention.created_at, ReadingRow.sentiment)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(
            Mention.conversation_id.in_({row.conversation_id for row in rows}),
            Mention.created_at > min(row.sent_at for row in rows),
            Mention.created_at <= max(row.sent_at for row in rows) + COMING_BACK,
        )
        .order_by(Mention.created_at)
    ).all()
    return {row.reply_id: [one.sentiment for one in said if _answers(one, row)] for row in rows}


def _answers(said: AnyRow, row: AnyRow) -> bool:
    same = said.conversation_id == row.conversation_id and said.author_id == row.author_id
    return bool(same and row.sent_at < said.created_at <= row.sent_at + COMING_BACK)


def _judged(row: AnyRow, after: Iterable[Sentiment]) -> dict[str, object]:
    return {
        "reply_id": row.reply_id,
        "brand_id": row.brand_id,
        "mention_id": row.mention_id,
        "sent_at": row.sent_at,
        "score": score(row.sentiment, list(after)),
        "model": row.model.partition("+")[0],
        "meaning": row.meaning,
    }


def score(before: Sentiment, after: Sequence[Sentiment]) -> float:
    """How well a reply did, by how the person felt before and in what they wrote after it."""
    if not after:
        return CONTENT
    last = after[-1]
    return HAPPIER if last is Sentiment.POSITIVE or MOOD[last] > MOOD[before] else NO_HELP
