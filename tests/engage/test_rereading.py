"""Old mentions read again: what lists show follows, and nothing else of a conversation changes."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select, update

from config.database import Database
from engage.rereading import BATCH, read_again
from engage.tables import Activity, Conversation, Status
from listener.tables import Mention, Stage
from nlp.analyser import Analyser
from nlp.lexicon import LexiconEngine
from nlp.reading import Judgement
from nlp.store import Again, read_before
from nlp.tables import ReadingRow
from tests.conftest import FakeClock
from tests.flow import ADA, BOB, NOON, add_brand, conversations, flow, post

PRAISE = "I love my kestova, wonderful, thank you so much"


@pytest.fixture(autouse=True)
def brand(database: Database) -> None:
    with database.write() as session:
        add_brand(session)


class Newer(LexiconEngine):
    """Another version; dies when it meets a text that it must not read."""

    name = "newer/2"

    def __init__(self, never: str = "-") -> None:
        super().__init__()
        self._never = never

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        if self._never in texts:
            raise RuntimeError("killed")
        return super().judge(texts, languages, names)


def waiting(database: Database) -> list[int]:
    with database.read() as session:
        return read_before(session, {"": Newer.name}, NOON, None)


def run(database: Database, clock: FakeClock, engine: Newer | None = None) -> tuple[Again, list[int]]:
    """What changed, and the sizes that progress was told."""
    told: list[int] = []
    analyser = Analyser(engine or Newer())
    return read_again(database, analyser, waiting(database), clock, told.append), told


def facts(conversation: Conversation) -> dict[str, Any]:
    return {key: value for key, value in vars(conversation).items() if not key.startswith("_")}


def test_the_conversation_shows_the_new_reading_and_stays_where_it_is(database: Database, clock: FakeClock) -> None:
    flow(database, post("p1", PRAISE))
    with database.write() as session:
        session.execute(update(Conversation).values(status=Status.CLOSED))
    [before] = conversations(database)
    assert run(database, clock) == (Again(read=1, sentiment=1, intent=1), [1])
    [after] = conversations(database)
    assert (after.sentiment, after.intent, after.language, after.changed_at) == ("positive", "praise", "en", clock())
    changed = {key for key, value in facts(after).items() if facts(before)[key] != value}
    assert changed <= {"sentiment", "intent", "urgency", "changed_at"}
    with database.read() as session:
        assert session.scalars(select(Mention)).one().stage is Stage.ROUTED
        assert session.scalars(select(ReadingRow)).one().model == Newer.name
        assert not session.scalars(select(Activity)).all()


def test_only_the_authors_latest_mention_shows(database: Database, clock: FakeClock) -> None:
    thread = {"thread": "t1"}
    flow(
        database,
        post("p1", PRAISE, ADA, 0, **thread),
        post("p2", "where is the manual of my kestova?", ADA, 1, **thread),
        post("p3", PRAISE, BOB, 2, in_reply_to="p2"),
        intent="other",
    )
    assert run(database, clock)[0].read == 3
    [conversation] = conversations(database)
    assert (conversation.intent, conversation.mention_count) == ("question", 3)


def test_where_nothing_changes_nothing_is_news(database: Database, clock: FakeClock) -> None:
    flow(database, post("p1", PRAISE))
    run(database, clock)
    [before] = conversations(database)
    with database.write() as session:
        session.execute(update(ReadingRow).values(model="older/1"))
    clock.advance(hours=1)
    assert run(database, clock)[0] == Again(read=1)
    assert facts(conversations(database)[0]) == facts(before)


def test_killed_in_the_middle_it_goes_on_where_it_was(database: Database, clock: FakeClock) -> None:
    old = "the oldest one"
    flow(database, post("p0", old), *(post(f"p{n}", f"take {n}", minute=1) for n in range(1, 2 * BATCH + 1)))
    with pytest.raises(RuntimeError, match="killed"):
        run(database, clock, Newer(never=old))
    assert len(waiting(database)) == 1
    again, told = run(database, clock)
    assert (again.read, told, waiting(database)) == (1, [1], [])
