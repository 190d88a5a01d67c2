import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from engage.answers import macros
from engage.answers.macros import Ran
from engage.tables import Activity, Conversation, Reply, Role, Status, Team, User
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_source, make_user

ALL = {
    "name": "Late parcel",
    "tags": "late, parcel",
    "team": "marketing",
    "assignee": "me",
    "note": "Told {{contact.name}}",
    "text": "Hi {{contact.first_name}}, we are on it.",
    "send": "1",
    "status": "snoozed",
    "snooze_h": "24",
}


@pytest.fixture
def agent(database: Database) -> User:
    with database.write() as session:
        brand = make_brand(session)
        make_source(session, brand, secrets_sealed=b"x")
        make_mention(session, make_conversation(session, brand, make_author(session), tags=["old"]))
        make_user(session, "Boss", role=Role.MANAGER)
        return make_user(session)


def add(database: Database, by: User, **form: str) -> int:
    with database.write() as session:
        return macros.add(session, {"name": "A macro", **form}, by=by, now=START).id


def run(database: Database, macro_id: int, by: User, version: int = 1) -> Ran:
    with database.write() as session:
        return macros.run(session, macro_id, 1, by=by, now=START, version=version, approval_required=False)


def stored(database: Database) -> Conversation:
    with database.read() as session:
        return session.get_one(Conversation, 1)


def test_all_steps_are_done_together(database: Database, agent: User) -> None:
    run(database, add(database, agent, **ALL), agent)
    found = stored(database)
    assert (found.tags, found.team, found.assignee_id) == (["old", "late", "parcel"], Team.MARKETING, agent.id)
    assert found.status is Status.SNOOZED and found.snoozed_until is not None
    with database.read() as session:
        assert session.scalars(select(Reply.text)).all() == ["Hi Bea, we are on it."]
        assert "Told Bea" in session.scalars(select(Activity.text)).all()


def test_one_step_that_fails_undoes_the_others(database: Database, agent: User) -> None:
    number = add(database, agent, **ALL | {"text": "{{contact.company}}"})
    with pytest.raises(InvalidInputError, match="Fill in"):
        run(database, number, agent)
    found = stored(database)
    assert (found.tags, found.team, found.version) == (["old"], Team.SUPPORT, 1)


def test_a_text_that_is_not_sent_is_handed_back(database: Database, agent: User) -> None:
    ran = run(database, add(database, agent, text="Hi {{contact.first_name}}!", status="pending"), agent)
    assert ran.text == "Hi Bea!"
    assert stored(database).status is Status.PENDING


def test_undo_brings_back_what_was(database: Database, agent: User) -> None:
    ran = run(database, add(database, agent, tags="x", team="marketing", assignee="me", status="noise"), agent)
    with database.write() as session:
        macros.undo(session, 1, ran.before, by=agent, now=START, version=ran.conversation.version)
    found = stored(database)
    assert (found.tags, found.team, found.assignee_id) == (["old"], Team.SUPPORT, None)
    assert (found.status, found.noise) == (Status.OPEN, False)


def test_who_was_faster_is_not_overwritten(database: Database, agent: User) -> None:
    number = add(database, agent, tags="x")
    run(database, number, agent)
    with pytest.raises(ConflictError):
        run(database, number, agent)


def test_what_is_shared_is_the_managers(database: Database, agent: User) -> None:
    with database.read() as session:
        boss = session.scalars(select(User).where(User.role == Role.MANAGER)).one()
    with pytest.raises(NotAllowedError):
        add(database, agent, own="0", tags="x")
    shared, bosses = add(database, boss, own="0", tags="x"), add(database, boss, tags="y")
    run(database, shared, agent)
    with pytest.raises(NotFoundError):
        run(database, bosses, agent, 2)
    with pytest.raises(NotAllowedError), database.write() as session:
        macros.remove(session, shared, by=agent)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "text"),
        ({"tags": "x", "name": " "}, "name"),
        ({"send": "1"}, "text"),
        ({"status": "gone"}, "status"),
        ({"status": "snoozed", "snooze_h": "0"}, "snooze_h"),
        ({"team": "sales"}, "team"),
        ({"assignee": "you"}, "assignee"),
        ({"text": "{{contact.salary}}"}, "text"),
    ],
)
def test_odd_macros_are_refused(database: Database, agent: User, form: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        add(database, agent, **form)
    assert caught.value.field == field
