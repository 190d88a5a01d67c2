from datetime import timedelta

import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from engage import conversations as act
from engage.tables import Activity, Conversation, Role, Status, Team, User
from tests.flow import NOON, add_brand, add_user, flow, post


@pytest.fixture
def gwen(database: Database) -> User:
    with database.write() as session:
        add_brand(session)
        user = add_user(session)
    flow(database, post("1"))
    return user


def stored(database: Database) -> Conversation:
    with database.read() as session:
        return session.scalars(select(Conversation)).one()


def history(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Activity.text).order_by(Activity.id)))


def test_assigning_leaves_a_trace(database: Database, gwen: User) -> None:
    with database.write() as session:
        act.assign(session, 1, gwen.id, by=gwen, now=NOON, version=1)
    with database.write() as session:
        act.assign(session, 1, None, by=gwen, now=NOON, version=2)
    assert stored(database).assignee_id is None
    assert history(database) == ["Assigned to Gwen", "Assigned to nobody"]


def test_every_line_says_what_it_was_before(database: Database, gwen: User) -> None:
    with database.write() as session:
        hal = add_user(session, "Hal")
        act.assign(session, 1, gwen.id, by=gwen, now=NOON, version=1)
        act.assign(session, 1, hal.id, by=gwen, now=NOON, version=2)
        act.set_tags(session, 1, ["vip"], by=gwen, now=NOON, version=3)
        act.set_tags(session, 1, [], by=gwen, now=NOON, version=4)
        act.set_status(session, 1, Status.CLOSED, by=gwen, now=NOON, version=5, noise=True)
        act.set_status(session, 1, Status.PENDING, by=gwen, now=NOON, version=6)
    flow(database, post("2", in_reply_to="1", minute=3))
    with database.read() as session:
        lines = session.execute(select(Activity.text, Activity.was).order_by(Activity.id)).all()
    assert [tuple(line) for line in lines] == [
        ("Assigned to Gwen", "nobody"),
        ("Assigned to Hal", "Gwen"),
        ("Tags: vip", "none"),
        ("Tags: none", "vip"),
        ("Closed as noise", "open"),
        ("Waiting for their answer", "noise"),
        ("Reopened by a new mention", "pending"),
    ]


def test_somebody_who_left_takes_nothing(database: Database, gwen: User) -> None:
    with database.write() as session:
        gone = add_user(session, "Gone")
        gone.active = False
    with pytest.raises(InvalidInputError), database.write() as session:
        act.assign(session, 1, gone.id, by=gwen, now=NOON, version=1)


def test_a_stale_version_is_refused_and_says_what_happened(database: Database, gwen: User) -> None:
    with database.write() as session:
        act.set_team(session, 1, Team.MARKETING, by=gwen, now=NOON, version=1)
    with pytest.raises(ConflictError, match="moved from support to marketing by Gwen"), database.write() as session:
        act.set_status(session, 1, Status.CLOSED, by=gwen, now=NOON, version=1)
    assert stored(database).status is Status.OPEN


def test_a_new_mention_makes_older_versions_stale(database: Database, gwen: User) -> None:
    flow(database, post("2", in_reply_to="1", minute=3))
    with pytest.raises(ConflictError, match="new mention"), database.write() as session:
        act.set_status(session, 1, Status.CLOSED, by=gwen, now=NOON, version=1)


def test_snoozing_needs_a_future_moment_and_ends_by_itself(database: Database, gwen: User) -> None:
    with pytest.raises(InvalidInputError), database.write() as session:
        act.set_status(session, 1, Status.SNOOZED, by=gwen, now=NOON, version=1, snoozed_until=NOON)
    later = NOON + timedelta(hours=2)
    with database.write() as session:
        act.set_status(session, 1, Status.SNOOZED, by=gwen, now=NOON, version=1, snoozed_until=later)
    with database.write() as session:
        assert act.wake_snoozed(session, later - timedelta(seconds=1)) == 0
    with database.write() as session:
        assert act.wake_snoozed(session, later) == 1
    assert (stored(database).status, stored(database).unread) == (Status.OPEN, True)


def test_noise_is_only_what_is_closed_as_noise(database: Database, gwen: User) -> None:
    with database.write() as session:
        act.set_status(session, 1, Status.CLOSED, by=gwen, now=NOON, version=1, noise=True)
    assert stored(database).noise
    with database.write() as session:
        act.set_status(session, 1, Status.OPEN, by=gwen, now=NOON, version=2)
    assert not stored(database).noise


def test_notes_are_kept_and_empty_or_endless_ones_refused(database: Database, gwen: User) -> None:
    with database.write() as session:
        act.add_note(session, 1, " ask the workshop ", by=gwen, now=NOON)
    for bad in ("  ", "x" * 10_001):
        with pytest.raises(InvalidInputError), database.write() as session:
            act.add_note(session, 1, bad, by=gwen, now=NOON)
    assert history(database) == ["ask the workshop"]


def test_tags_are_tidied(database: Database, gwen: User) -> None:
    with database.write() as session:
        act.set_tags(session, 1, [" vip  rider", "vip rider", "", "brakes"], by=gwen, now=NOON, version=1)
    assert stored(database).tags == ["vip rider", "brakes"]
    with pytest.raises(InvalidInputError), database.write() as session:
        act.set_tags(session, 1, ["x" * 41], by=gwen, now=NOON, version=2)


def test_opening_marks_as_read(database: Database, gwen: User) -> None:
    with database.write() as session:
        act.mark_read(session, 1)
    assert not stored(database).unread


def test_what_does_not_exist_is_not_found(database: Database, gwen: User) -> None:
    with pytest.raises(NotFoundError), database.write() as session:
        act.add_note(session, 999, "hello", by=gwen, now=NOON)


def test_somebody_switched_off_changes_nothing(database: Database, gwen: User) -> None:
    ghost = User(name="Ghost", role=Role.ADMIN, active=False)
    with pytest.raises(NotAllowedError), database.write() as session:
        act.add_note(session, 1, "hello", by=ghost, now=NOON)
