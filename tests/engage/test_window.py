"""A long thread is read stretch by stretch, and each entry is in exactly one of them."""

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from config.database import Database
from config.errors import InvalidInputError
from engage import inbox
from engage.inbox import thread
from engage.inbox.window import Place, parse
from engage.tables import Activity, ActivityKind, Conversation, Reply, ReplyState
from listener.tables import Brand
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_source, make_user

KINDS = st.sampled_from(["mention", "reply", "activity"])
THREADS = st.lists(st.tuples(st.integers(0, 4), KINDS), min_size=1, max_size=25)
"""Many of one moment."""


NUMBERS = itertools.count(1)


@pytest.fixture
def brand(database: Database) -> Brand:
    with database.write() as session:
        make_user(session)
        brand = make_brand(session)
        make_source(session, brand)
        make_mention(session, make_conversation(session, brand, make_author(session, "first")), "What we reply to")
        return brand


def talk(database: Database, brand: Brand, entries: list[tuple[int, str]]) -> int:
    """A conversation of these entries, as (minute, kind); its id."""
    with database.write() as session:
        author = make_author(session, f"author{next(NUMBERS)}")
        conversation = make_conversation(session, session.get_one(Brand, brand.id), author)
        for number, (minute, kind) in enumerate(entries):
            _add(session, conversation, kind, START + timedelta(minutes=minute), number)
        return conversation.id


def _add(session: Session, conversation: Conversation, kind: str, at: datetime, number: int) -> None:
    number_of = {"conversation_id": conversation.id, "text": f"{number}"}
    if kind == "mention":
        make_mention(session, conversation, f"{number}", number=number, created_at=at)
    elif kind == "reply":
        sent = {"state": ReplyState.SENT, "network": "mastodon", "user_id": 1, "mention_id": 1, "source_id": 1}
        session.add(Reply(**number_of, **sent, created_at=at, key=f"key {next(NUMBERS)}"))
    else:
        session.add(Activity(**number_of, kind=ActivityKind.NOTE, at=at))


def names(opened: inbox.Opened) -> list[tuple[str, int]]:
    return [(entry.kind, entry.id) for entry in opened.entries]


@given(entries=THREADS, latest=st.integers(1, 6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_stretches_together_are_the_thread(
    database: Database, brand: Brand, entries: list[tuple[int, str]], latest: int
) -> None:
    number = talk(database, brand, entries)
    with database.read() as session:
        whole = names(inbox.opened(session, number))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(thread, "LATEST", latest)
            stretch = inbox.opened(session, number)
            found = names(stretch)
            while stretch.shortened:
                stretch = inbox.opened(session, number, before=stretch.first)
                found = names(stretch) + found
    assert found == whole
    assert len(found) == len(entries)


def test_news_bring_everything_since_the_first_that_is_shown(
    database: Database, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread, "LATEST", 2)
    number = talk(database, brand, [(minute, "mention") for minute in range(5)])
    with database.read() as session:
        first = inbox.opened(session, number).first
    with database.write() as session:
        make_mention(session, session.get_one(Conversation, number), "new", number=9)
    with database.read() as session:
        news = inbox.news_of(session, number, "older", since=first)
        assert news
        assert [entry.at.minute for entry in news.entries] == [3, 4, 9]
        assert news.first == first


def test_a_place_is_what_it_says() -> None:
    place = Place(START, "reply", 7)
    assert parse(str(place)) == place


@pytest.mark.parametrize(
    "text", ["x", "2026-11-02T09:00:00_reply", "2026-11-02T09:00:00_word_7", "_mention_7", "a_b_c_d"]
)
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse(text)
