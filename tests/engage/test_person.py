"""What stands beside a conversation about the person it is with."""

from datetime import timedelta

import pytest

from config.database import Database
from config.errors import NotFoundError
from engage import inbox
from engage.inbox.person import ELSEWHERE, LATEST_MOODS
from engage.tables import Identity
from listener.tables import Author, Brand
from nlp.reading import Sentiment
from tests.factories import START, make_author, make_brand, make_conversation, make_mention


@pytest.fixture
def talk(database: Database) -> Database:
    """Bea on two networks, known as one person, with three conversations."""
    with database.write() as session:
        brand = make_brand(session)
        first = make_conversation(session, brand, make_author(session), sentiment=Sentiment.NEGATIVE)
        make_mention(session, first, "My parcel is late.", number=1)
        other = make_author(session, "bea_x", network="x")
        session.add(Identity(author_id=other.id, contact_id=first.contact_id, reason="", score=1, created_at=START))
        for number, feeling in ((2, Sentiment.NEUTRAL), (3, Sentiment.POSITIVE)):
            one = make_conversation(
                session, brand, other, thread=f"x{number}", contact_id=first.contact_id, sentiment=feeling
            )
            make_mention(session, one, f"Said on X {number}", number=number)
    return database


def test_every_network_stands_in_one_line_of_time(talk: Database) -> None:
    with talk.read() as session:
        found = inbox.person(session, 1)
    assert (found.heard, found.score) == (3, None)
    assert [mood.sentiment for mood in found.moods] == ["negative", "neutral", "positive"]
    assert [(item.text, item.network) for item in found.elsewhere] == [("Said on X 3", "x"), ("Said on X 2", "x")]
    with talk.read() as session:
        assert [item.text for item in inbox.person(session, 3).elsewhere] == ["Said on X 2", "My parcel is late."]


def test_only_the_latest_are_shown(talk: Database) -> None:
    with talk.write() as session:
        brand, author = session.get_one(Brand, 1), session.get_one(Author, 2)
        contact_id = inbox.person(session, 1).contact_id
        for number in range(4, 60):
            one = make_conversation(session, brand, author, thread=f"x{number}", contact_id=contact_id)
            make_mention(session, one, f"Said on X {number}", number=number)
    with talk.read() as session:
        found = inbox.person(session, 1)
    assert (len(found.moods), len(found.elsewhere)) == (LATEST_MOODS, ELSEWHERE)
    assert found.moods[-1].at == START + timedelta(minutes=59)
    assert found.elsewhere[0].text == "Said on X 59"


def test_strangers_have_nothing_elsewhere(talk: Database) -> None:
    with talk.write() as session:
        alone = make_conversation(session, session.get_one(Brand, 1), make_author(session, "cem"))
    with talk.read() as session:
        found = inbox.person(session, alone.id)
        assert (list(found.moods), list(found.elsewhere), found.heard) == ([], [], 1)
        with pytest.raises(NotFoundError):
            inbox.person(session, 999)
