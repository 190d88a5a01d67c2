import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from config.database import Database
from engage.tables import Activity, Conversation, Priority, Status, Team, User
from engage.together import presence, work
from engage.together.assigning import _most_pressing, assign_waiting, next_for
from engage.together.tables import Doing, Notice, NoticeKind, Sharing
from tests.factories import START, make_author, make_brand, make_conversation, make_user
from tests.statements import statements

LATER = START + timedelta(hours=1)
Rows = Callable[..., list[int]]


def clock() -> datetime:
    return LATER


@pytest.fixture
def rows(database: Database) -> Rows:
    with database.write() as session:
        brand = make_brand(session)

    def make(count: int, **values: object) -> list[int]:
        with database.write() as session:
            at = session.query(Conversation).count()
            return [
                make_conversation(session, brand, make_author(session, f"a{at + n}"), **values).id
                for n in range(count)
            ]

    return make


def team(database: Database, *names: str, how: Sharing = Sharing.OFF) -> list[User]:
    with database.write() as session:
        people = [make_user(session, name) for name in names]
        for user in people:
            presence.beat(session, user.id, "tab", None, Doing.VIEWING, LATER)
        session.merge(work.TeamWork(team=Team.SUPPORT, sharing=how))
    return people


def owners(database: Database) -> list[int | None]:
    with database.read() as session:
        return list(session.scalars(select(Conversation.assignee_id).order_by(Conversation.id)))


def share(database: Database) -> int:
    with database.write() as session:
        return assign_waiting(session, clock)


def test_the_next_one_is_the_most_pressing_of_my_team(database: Database, rows: Rows) -> None:
    rows(1, last_at=START)
    rows(1, priority=Priority.URGENT, status=Status.PENDING)
    rows(1, priority=Priority.URGENT, team=Team.MARKETING)
    (urgent,) = rows(1, priority=Priority.URGENT, last_at=LATER)
    (older,) = rows(1, last_at=START - timedelta(days=1))
    (gwen,) = team(database, "Gwen")
    for wanted in (urgent, older, 1):
        with database.write() as session:
            taken = next_for(session, gwen, LATER)
            assert taken and taken.id == wanted
    with database.write() as session:
        assert next_for(session, gwen, LATER) is None
    with database.read() as session:
        line = session.scalars(select(Activity)).first()
        assert line and (line.text, line.was, line.user_id) == ("Assigned to Gwen", "nobody", gwen.id)
        assert session.get_one(Conversation, urgent).version == 2


def test_many_who_ask_at_once_get_different_ones(database: Database, rows: Rows) -> None:
    rows(12)
    people = team(database, *(f"P{number}" for number in range(6)))
    taken: list[int] = []

    def take(user: User) -> None:
        for _ in range(2):
            with database.write() as session:
                found = next_for(session, user, LATER)
                if found:
                    taken.append(found.id)

    threads = [threading.Thread(target=take, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 12


def test_turns_and_loads_are_kept_from_run_to_run(database: Database, rows: Rows) -> None:
    gwen, hal = team(database, "Gwen", "Hal", how=Sharing.TURNS)
    rows(3)
    assert share(database) == 3
    rows(1)
    assert share(database) == 1
    assert owners(database) == [gwen.id, hal.id, gwen.id, hal.id]
    with database.write() as session:
        session.merge(work.TeamWork(team=Team.SUPPORT, sharing=Sharing.LEAST))
        session.get_one(Conversation, 1).status = Status.CLOSED
    rows(1)
    share(database)
    assert owners(database)[-1] == gwen.id
    with database.read() as session:
        told = session.scalars(select(Notice).where(Notice.user_id == gwen.id)).all()
        assert {notice.kind for notice in told} == {NoticeKind.ASSIGNED}


def test_only_who_is_here_not_away_and_below_the_limit_gets_any(database: Database, rows: Rows) -> None:
    gwen, hal, ivy, jon = team(database, "Gwen", "Hal", "Ivy", "Jon", how=Sharing.LEAST)
    with database.write() as session:
        work.set_person(session, gwen.id, most_open=2)
        work.set_person(session, hal.id, away=True)
        presence.leave(session, ivy.id, "tab")
        session.get_one(User, jon.id).active = False
    rows(5)
    assert share(database) == 2
    assert owners(database) == [gwen.id, gwen.id, None, None, None]
    assert share(database) == 0


def test_a_team_that_does_not_share_costs_one_statement(database: Database, rows: Rows) -> None:
    team(database, "Gwen")
    rows(2)
    with statements(database) as said:
        assert share(database) == 0
    assert len(said) == 1
    assert owners(database) == [None, None]


def test_two_schedulers_give_each_conversation_once(database: Database, rows: Rows) -> None:
    people = team(database, "Gwen", "Hal", how=Sharing.TURNS)
    rows(20)
    done: list[int] = []
    threads = [threading.Thread(target=lambda: done.append(share(database))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 20
    assert sorted(map(str, owners(database))) == sorted([str(person.id) for person in people] * 10)
    with database.read() as session:
        assert session.query(Activity).count() == 20


def test_what_waits_is_found_by_its_index(sqlite_database: Database) -> None:
    with statements(sqlite_database) as said, sqlite_database.read() as session:
        _most_pressing(session, Team.SUPPORT, 1)
    sql, values = said[0]
    with sqlite_database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    assert "ix_conversation_waiting" in str(plan) and "TEMP B-TREE" not in str(plan)
