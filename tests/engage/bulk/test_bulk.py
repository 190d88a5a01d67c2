from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from config.database import Database
from config.errors import ConflictError, InvalidInputError, NotAllowedError
from engage import bulk, conversations
from engage.bulk import Deed, Kind
from engage.inbox import Wanted
from engage.list_tables import BulkItem, BulkJob, ItemState, JobState
from engage.tables import Activity, Conversation, Role, Status, Team, User
from tests.factories import START, make_author, make_brand, make_conversation, make_user

CLOSE = Deed(Kind.STATUS, "closed")


@pytest.fixture
def ada(database: Database) -> Iterator[User]:
    with database.write() as session:
        brand, ada = make_brand(session), make_user(session)
        for number in range(7):
            make_conversation(session, brand, make_author(session, f"a{number}"), tags=["late"])
    yield ada


def begin(database: Database, by: User, deed: Deed, **which: Any) -> int:
    with database.write() as session:
        return bulk.start(session, deed, by, START, **(which or {"wanted": Wanted(status=Status.OPEN)})).id


def work(database: Database, batch: int = 3) -> int:
    total = 0
    while True:
        with database.write() as session:
            done = bulk.work_waiting(session, START, batch)
        if not done:
            return total
        total += done


def job_of(database: Database, number: int) -> BulkJob:
    with database.read() as session:
        return session.get_one(BulkJob, number)


def states(database: Database) -> list[Any]:
    with database.read() as session:
        return [
            (talk.status, talk.noise, talk.team, talk.assignee_id, talk.tags, talk.unread, talk.snoozed_until)
            for talk in session.scalars(select(Conversation).order_by(Conversation.id))
        ]


DEEDS = [
    CLOSE,
    Deed(Kind.STATUS, "pending"),
    Deed(Kind.NOISE),
    Deed(Kind.ASSIGN, "1"),
    Deed(Kind.ASSIGN, ""),
    Deed(Kind.TEAM, "marketing"),
    Deed(Kind.TAG, "van"),
    Deed(Kind.UNTAG, "late"),
    Deed(Kind.READ),
    Deed(Kind.SNOOZE, (START + timedelta(days=1)).isoformat()),
]


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: f"{deed.kind}-{deed.value[:9]}")
def test_every_deed_is_done_in_batches_and_undone_as_a_whole(database: Database, ada: User, deed: Deed) -> None:
    before = states(database)
    number = begin(database, ada, deed)
    assert work(database) == 7
    job = job_of(database, number)
    assert (job.state, job.total, job.done, job.refused) == (JobState.DONE, 7, 7, 0)
    assert (states(database) == before) is (deed == Deed(Kind.ASSIGN, ""))
    with database.write() as session:
        bulk.undo(session, number, by=ada, now=START)
    work(database)
    assert job_of(database, number).state is JobState.UNDONE
    assert states(database) == before


def test_what_changed_meanwhile_is_left_alone_and_told(database: Database, ada: User) -> None:
    number = begin(database, ada, CLOSE)
    with database.write() as session:
        conversations.set_team(session, 3, Team.MARKETING, by=ada, now=START, version=1)
    work(database)
    job = job_of(database, number)
    assert (job.done, job.refused) == (6, 1)
    with database.read() as session:
        assert [one[0] for one in bulk.refusals(session, number)] == [3]
        assert session.get_one(Conversation, 3).status is Status.OPEN


def test_the_undo_leaves_later_decisions_alone(database: Database, ada: User) -> None:
    number = begin(database, ada, CLOSE)
    work(database)
    with database.write() as session:
        conversations.set_status(session, 2, Status.PENDING, by=ada, now=START, version=2)
        bulk.undo(session, number, by=ada, now=START + timedelta(hours=1))
    work(database)
    assert [state[0] for state in states(database)] == [Status.OPEN, Status.PENDING, *[Status.OPEN] * 5]
    assert job_of(database, number).refused == 1


def test_an_undo_half_way_stops_the_rest(database: Database, ada: User) -> None:
    before = states(database)
    number = begin(database, ada, CLOSE)
    with database.write() as session:
        assert bulk.work_waiting(session, START, 3) == 3
    with database.write() as session:
        bulk.undo(session, number, by=ada, now=START)
    work(database)
    assert states(database) == before
    with database.read() as session:
        assert session.scalar(select(func.count()).where(BulkItem.state == ItemState.WAITING)) == 0


def test_a_batch_that_dies_is_done_again_once(database: Database, ada: User) -> None:
    number = begin(database, ada, CLOSE)
    with pytest.raises(ZeroDivisionError), database.write() as session:
        bulk.work_waiting(session, START, 3)
        _ = 1 / 0
    assert work(database) == 7
    assert job_of(database, number).done == 7
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Activity)) == 7


def test_ticked_ones_count_as_the_version_that_was_seen(database: Database, ada: User) -> None:
    with database.write() as session:
        conversations.set_team(session, 2, Team.MARKETING, by=ada, now=START, version=1)
    number = begin(database, ada, CLOSE, versions={1: 1, 2: 1, 999: 1})
    work(database)
    job = job_of(database, number)
    assert (job.total, job.done, job.refused) == (2, 1, 1)


def test_limits(database: Database, ada: User) -> None:
    with database.write() as session:
        for which in ({"versions": dict.fromkeys(range(51), 1)}, {"versions": {}}, {"wanted": Wanted(nothing=True)}):
            with pytest.raises(InvalidInputError):
                bulk.start(session, CLOSE, ada, START, **which)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("x", ""), ("assign", "99"), ("assign", "x"), ("team", "x"), ("status", "snoozed"), ("tag", "a,b"),
     ("tag", ""), ("tag", "x" * 41), ("snooze", START.isoformat()), ("retag", "x")],
)  # fmt: skip
def test_bad_wishes_are_refused_in_words(database: Database, ada: User, kind: str, value: str) -> None:
    with database.write() as session, pytest.raises(InvalidInputError):
        bulk.of_form(session, kind, value, by=ada, now=START)


def test_only_who_did_it_or_a_manager_undoes_and_within_a_day(database: Database, ada: User) -> None:
    number = begin(database, ada, CLOSE)
    work(database)
    with database.write() as session:
        ben, cem = make_user(session, "Ben Ruiz"), make_user(session, "Cem Yil", role=Role.MANAGER)
        with pytest.raises(NotAllowedError):
            bulk.undo(session, number, by=ben, now=START)
        with pytest.raises(ConflictError):
            bulk.undo(session, number, by=ada, now=START + timedelta(days=2))
        bulk.undo(session, number, by=cem, now=START)
        with pytest.raises(ConflictError):
            bulk.undo(session, number, by=ada, now=START)


def test_whatever_is_done_the_undo_brings_it_back(database: Database, ada: User) -> None:
    before = states(database)

    @settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.sampled_from(DEEDS), min_size=1, max_size=3), st.integers(1, 8))
    def runs(deeds: list[Deed], batch: int) -> None:
        numbers = []
        for deed in deeds:
            numbers.append(begin(database, ada, deed, wanted=Wanted()))
            work(database, batch)
        for number in reversed(numbers):
            with database.write() as session:
                bulk.undo(session, number, by=ada, now=START)
            work(database, batch)
        assert states(database) == before

    runs()
