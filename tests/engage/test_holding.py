"""A list that somebody holds: its rows kept true, what is new counted, what left named."""

from datetime import timedelta

import pytest

from config.database import Database
from config.errors import InvalidInputError
from engage import inbox
from engage.inbox import Wanted, holding
from engage.inbox.holding import Held
from engage.tables import Conversation, Status
from tests.factories import START, make_author, make_brand, make_conversation
from tests.statements import statements

OPEN = Wanted(status=Status.OPEN)


@pytest.fixture
def ids(database: Database) -> list[int]:
    """Five open conversations, the latest first."""
    with database.write() as session:
        brand = make_brand(session)
        found = [
            make_conversation(session, brand, make_author(session, f"a{hour}"), last_at=START + timedelta(hours=hour))
            for hour in range(5)
        ]
        return [conversation.id for conversation in reversed(found)]


def change(database: Database, number: int, **values: object) -> None:
    with database.write() as session:
        for name, value in values.items():
            setattr(session.get_one(Conversation, number), name, value)


def look(database: Database, ids: list[int], top: str = "", wanted: Wanted = OPEN) -> Held:
    with database.read() as session:
        top = top or inbox.lines(session, wanted).lines[0].place
        return inbox.held(session, wanted, ids, top)


def top_of(database: Database) -> str:
    with database.read() as session:
        return inbox.lines(session, OPEN).lines[0].place


def test_rows_stay_in_their_order_with_what_they_say_now(database: Database, ids: list[int]) -> None:
    top = top_of(database)
    change(database, ids[3], last_at=START + timedelta(hours=9), excerpt="Any news?")
    change(database, ids[1], status=Status.CLOSED)
    found = look(database, ids, top)
    assert [line.id for line in found.lines] == ids
    assert found.lines[3].excerpt == "Any news?"
    assert found.gone == {ids[1]}
    assert found.waiting == 0, "what is on show does not wait"


def test_what_is_new_waits(database: Database, ids: list[int]) -> None:
    top = top_of(database)
    with database.write() as session:
        brand = session.get_one(Conversation, ids[0]).brand_id
        for place in range(3):
            conversation = make_conversation(
                session, make_brand(session, f"b{place}"), make_author(session, f"n{place}"),
                last_at=START + timedelta(hours=10 + place), status=Status.CLOSED if place == 2 else Status.OPEN,
            )  # fmt: skip
            assert conversation.brand_id != brand
    change(database, ids[4], last_at=START + timedelta(hours=20))
    assert look(database, ids[:3], top).waiting == 3, "two new ones, and one that was below what is shown"
    assert look(database, ids, top).waiting == 2


def test_more_than_can_be_counted(database: Database, ids: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "MOST_WAITING", 2)
    with database.read() as session:
        last = inbox.lines(session, OPEN).lines[-1].place
    assert look(database, [ids[0]], last).waiting == 3


def test_what_does_not_exist_any_more_is_left_out(database: Database, ids: list[int]) -> None:
    assert [line.id for line in look(database, [999, *ids[:2]]).lines] == ids[:2]


@pytest.mark.parametrize("top", ["x", "2026-01-01_1", "2026-01-01T00:00:00+00:00_x"])
def test_a_bad_place_is_refused(database: Database, ids: list[int], top: str) -> None:
    with pytest.raises(InvalidInputError):
        look(database, ids, top)


def test_pages_above_are_those_that_were_above(database: Database, ids: list[int]) -> None:
    with database.read() as session:
        places = {line.id: line.place for line in inbox.lines(session, OPEN).lines}
        nearest = inbox.lines_above(session, OPEN, places[ids[3]], 2)
        assert [line.id for line in nearest.lines] == ids[1:3]
        assert nearest.after
        rest = inbox.lines_above(session, OPEN, nearest.after, 2)
        assert [line.id for line in rest.lines] == ids[:1]
        assert rest.after is None


def test_it_costs_one_statement(database: Database, ids: list[int]) -> None:
    top = top_of(database)
    with statements(database) as said:
        look(database, ids, top)
    assert len(said) == 1
