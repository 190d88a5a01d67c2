import pytest

from config.database import Database
from config.errors import InvalidInputError, NotAllowedError, NotFoundError
from engage import views
from engage.inbox import Wanted
from engage.tables import Role, Status, User
from tests.factories import START, make_author, make_brand, make_conversation, make_user


@pytest.fixture
def people(database: Database) -> tuple[User, User, User]:
    with database.write() as session:
        return make_user(session), make_user(session, "Ben Ruiz"), make_user(session, "Cem Yil", role=Role.MANAGER)


def names(database: Database, user: User) -> list[str]:
    with database.read() as session:
        return [view.name for view in views.views_for(session, user)]


def test_own_views_come_first_and_others_only_if_shared(database: Database, people: tuple[User, User, User]) -> None:
    ada, ben, _ = people
    with database.write() as session:
        views.save(session, ada, " Late  parcels ", "q=late", True, START)
        views.save(session, ada, "Mine", "queue=mine", False, START)
        views.save(session, ben, "Ben's", "queue=open", False, START)
    assert names(database, ada) == ["Late parcels", "Mine"]
    assert names(database, ben) == ["Ben's", "Late parcels"]


def test_they_are_moved_renamed_and_removed(database: Database, people: tuple[User, User, User]) -> None:
    ada, *_ = people
    with database.write() as session:
        ids = [views.save(session, ada, name, "", False, START).id for name in "abc"]
    with database.write() as session:
        views.move(session, ada, ids[2], up=True)
        views.move(session, ada, ids[0], up=True)
        views.change(session, ada, ids[1], "B", shared=True)
    assert names(database, ada) == ["a", "c", "B"]
    with database.write() as session:
        views.remove(session, ada, ids[0])
    assert names(database, ada) == ["c", "B"]


def test_whose_it_is_not_may_not_change_it(database: Database, people: tuple[User, User, User]) -> None:
    ada, ben, manager = people
    with database.write() as session:
        shared = views.save(session, ada, "shared", "", True, START).id
        own = views.save(session, ada, "own", "", False, START).id
    with database.write() as session:
        with pytest.raises(NotAllowedError):
            views.remove(session, ben, shared)
        for user in (ben, manager):
            with pytest.raises(NotFoundError):
                views.change(session, user, own, "x", shared=False)
        views.remove(session, manager, shared)
    assert names(database, ada) == ["own"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_bad_name_is_refused(database: Database, people: tuple[User, User, User], name: str) -> None:
    with database.write() as session, pytest.raises(InvalidInputError):
        views.save(session, people[0], name, "", False, START)


def test_counts_are_bounded(database: Database) -> None:
    with database.write() as session:
        brand = make_brand(session)
        for number in range(105):
            closed = {"status": Status.CLOSED} if number < 3 else {}
            make_conversation(session, brand, make_author(session, f"a{number}"), **closed)
    with database.read() as session:
        assert views.counts(session, [Wanted(), Wanted(status=Status.CLOSED)]) == [100, 3]
        assert views.counts(session, []) == []
