"""Who says nearly the same is brought together; who does not, is not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import Database
from engage import inbox
from engage.inbox import Wanted
from engage.storms.gather import WINDOW, gather_waiting
from engage.storms.tables import Storm, StormBand
from engage.tables import Conversation, Status, Team
from listener.tables import Brand
from tests.conftest import FakeClock
from tests.factories import START, make_author, make_brand, make_contact, make_conversation, make_user

CALL = "Norvik sells your address to everybody, close your account today and tell your friends"
COPIES = (
    CALL,
    f"{CALL} 😡",
    f"RT {CALL.upper()}",
    CALL.replace("friends", "family"),
    f"{CALL} https://norvik.example/leak",
)
OTHERS = (
    "My parcel from Norvik did not arrive and nobody answers the phone",
    "Lovely lamp, thank you Norvik team!",
    "ok",
)


def say(session: Session, texts: Sequence[str], at: datetime = START, prefix: str = "a", brand_id: int = 1) -> None:
    brand = session.get_one(Brand, brand_id)
    for number, text in enumerate(texts):
        moment = at + timedelta(minutes=number)
        author = make_author(session, f"{prefix}{number}", followers=100)
        make_conversation(session, brand, author, excerpt=text, first_at=moment, last_at=moment)


def gather(database: Database, clock: FakeClock, limit: int = 500) -> int:
    done = 0
    while True:
        with database.write() as session:
            found = gather_waiting(session, clock, limit)
        if not found:
            return done
        done += found


def storms(database: Database) -> list[tuple[int, int, int]]:
    with database.read() as session:
        grown = select(Storm).where(Storm.size > 1).order_by(Storm.id)
        return [(storm.size, storm.authors, storm.reach) for storm in session.scalars(grown)]


@pytest.mark.parametrize("limit", [1, 3, 500])
def test_copies_are_one_storm_however_they_come_in(database: Database, clock: FakeClock, limit: int) -> None:
    with database.write() as session:
        make_brand(session)
        say(session, [*COPIES, *OTHERS])
    assert gather(database, clock, limit) == len(COPIES) + len(OTHERS)
    assert storms(database) == [(len(COPIES), len(COPIES), 100 * len(COPIES))]
    with database.read() as session:
        within = select(Conversation.excerpt).where(Conversation.storm_id.is_not(None))
        assert set(session.scalars(within)) == set(COPIES)


def test_another_brand_has_storms_of_its_own(sqlite_database: Database, clock: FakeClock) -> None:
    with sqlite_database.write() as session:
        make_brand(session)
        other = make_brand(session, "Solmar").id
        say(session, COPIES[:2])
        say(session, COPIES[2:4], prefix="b", brand_id=other)
    gather(sqlite_database, clock)
    assert storms(sqlite_database) == [(2, 2, 200), (2, 2, 200)]


def test_one_person_who_repeats_themselves_counts_as_one_author(sqlite_database: Database, clock: FakeClock) -> None:
    with sqlite_database.write() as session:
        brand, author = make_brand(session), make_author(session, followers=None)
        contact = make_contact(session, author).id
        for number in range(3):
            make_conversation(session, brand, author, thread=str(number), excerpt=CALL, contact_id=contact)
    gather(sqlite_database, clock)
    assert storms(sqlite_database) == [(3, 1, 0)]


def test_what_was_said_long_ago_begins_no_storm(sqlite_database: Database, clock: FakeClock) -> None:
    with sqlite_database.write() as session:
        make_brand(session)
        say(session, COPIES, at=START - WINDOW - timedelta(hours=1))
    assert gather(sqlite_database, clock) == len(COPIES)
    assert storms(sqlite_database) == []


def test_texts_that_nobody_repeats_are_forgotten(sqlite_database: Database, clock: FakeClock) -> None:
    with sqlite_database.write() as session:
        make_brand(session)
        say(session, [*COPIES[:2], OTHERS[0]])
    gather(sqlite_database, clock)
    clock.advance(days=WINDOW.days + 1)
    with sqlite_database.write() as session:
        say(session, [OTHERS[1]], at=clock(), prefix="b")
    gather(sqlite_database, clock)
    with sqlite_database.read() as session:
        sizes = set(session.scalars(select(Storm.size)))
        assert sizes == {1, 2}, "the storm stays"
        left = set(session.scalars(select(StormBand.storm_id)))
    assert len(left) == 1, "and only the new text is looked for"


def listed(database: Database, wanted: Wanted) -> list[str]:
    with database.read() as session:
        return [line.handle for line in inbox.lines(session, wanted, now=START + timedelta(minutes=30)).lines]


def test_a_list_shows_a_storm_as_its_latest_that_fits(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        make_brand(session)
        ada = make_user(session).id
        say(session, [*COPIES[:3], OTHERS[0]])
    gather(database, clock)
    folded = Wanted(status=Status.OPEN, folded=True)
    assert listed(database, folded) == ["a3", "a2"]
    assert listed(database, Wanted(status=Status.OPEN)) == ["a3", "a2", "a1", "a0"]
    with database.read() as session:
        storm = inbox.lines(session, folded, now=START + timedelta(minutes=30)).lines[1]
    assert (storm.alike, storm.authors, storm.reach, storm.lately) == (3, 3, 300, 3)
    with database.write() as session:
        latest = session.scalars(select(Conversation).order_by(Conversation.id).offset(2).limit(1)).one()
        latest.status = Status.CLOSED
    assert listed(database, folded) == ["a3", "a1"], "nothing is lost behind one that is closed"
    with database.write() as session:
        first = session.get_one(Conversation, 1)
        first.team, first.assignee_id = Team.MARKETING, ada
    assert listed(database, Wanted(status=Status.OPEN, team=Team.MARKETING, folded=True)) == ["a0"]
    assert listed(database, Wanted(status=Status.OPEN, assignee_id=ada, folded=True)) == ["a0"]
    assert listed(database, Wanted(folded=True)) == ["a3", "a2"]
    assert listed(database, Wanted(storm_id=storm.storm_id)) == ["a2", "a1", "a0"]
