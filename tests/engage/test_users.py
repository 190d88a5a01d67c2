import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from config.database import Database
from config.errors import InvalidInputError, NotFoundError
from engage import users
from engage.tables import Role, Team, User
from tests.conftest import FakeClock

PASSWORD = "correct horse battery"


@pytest.fixture
def admin(database: Database, clock: FakeClock) -> User:
    with database.write() as session:
        return add(session, clock, "Iris@Example.com ", Role.ADMIN)


def add(session: Session, clock: FakeClock, email: str, role: Role = Role.AGENT) -> User:
    return users.add_user(session, email, PASSWORD, role, Team.SUPPORT, clock())[0]


def test_a_new_user_can_log_in_by_any_case_of_the_address(database: Database, admin: User) -> None:
    assert (admin.email, admin.name) == ("iris@example.com", "iris")
    with database.read() as session:
        found = users.authenticate(session, " IRIS@example.com", PASSWORD)
        assert found is not None
        assert found.id == admin.id


def test_a_wrong_password_an_unknown_address_and_an_endless_password_are_nobody(
    database: Database, admin: User
) -> None:
    with database.read() as session:
        assert users.authenticate(session, admin.email, PASSWORD + "x") is None
        assert users.authenticate(session, "nobody@example.com", PASSWORD) is None
        assert users.authenticate(session, admin.email, "x" * 100_000) is None
        assert users.authenticate(session, "", "") is None


def test_the_password_is_kept_as_an_argon2id_hash_only(admin: User) -> None:
    assert admin.password_hash.startswith("$argon2id$")
    assert PASSWORD not in admin.password_hash
    assert not users.has_old_hash(admin)


def test_a_made_up_password_is_returned_once_and_works(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        _, first = users.add_user(session, "a@example.com", None, Role.AGENT, Team.SUPPORT, clock())
        _, second = users.add_user(session, "b@example.com", None, Role.AGENT, Team.SUPPORT, clock())
    assert first != second
    assert len(first) >= users.MIN_PASSWORD
    with database.read() as session:
        assert users.authenticate(session, "a@example.com", first)


@pytest.mark.parametrize(
    "email", ["", "iris", "iris@", "@example.com", "a b@example.com", "a@b@c", "a@b\x00", "x" * 260]
)
def test_what_is_no_address_is_refused(database: Database, clock: FakeClock, email: str) -> None:
    with database.write() as session, pytest.raises(InvalidInputError) as caught:
        add(session, clock, email)
    assert caught.value.field == "email"


@pytest.mark.parametrize("password", ["", "nine char", "x" * 201])
def test_passwords_have_bounds(database: Database, clock: FakeClock, password: str) -> None:
    with database.write() as session, pytest.raises(InvalidInputError) as caught:
        users.add_user(session, "a@example.com", password, Role.AGENT, Team.SUPPORT, clock())
    assert caught.value.field == "password"


def test_an_address_has_one_account(database: Database, clock: FakeClock, admin: User) -> None:
    with database.write() as session, pytest.raises(InvalidInputError, match="account already"):
        add(session, clock, "IRIS@example.com")


def test_an_old_hash_is_known_and_renewed_without_ending_sessions(database: Database, admin: User) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with database.write() as session:
        user = session.get_one(User, admin.id)
        user.password_hash = weak.hash(PASSWORD)
        assert users.has_old_hash(user)
        users.rehash(session, admin.id, PASSWORD)
        assert not users.has_old_hash(user)
        assert user.session_epoch == admin.session_epoch
    with database.read() as session:
        assert users.authenticate(session, admin.email, PASSWORD)


def test_a_damaged_hash_lets_nobody_in(database: Database, admin: User) -> None:
    with database.write() as session:
        session.get_one(User, admin.id).password_hash = "damaged"
    with database.read() as session:
        assert users.authenticate(session, admin.email, PASSWORD) is None


def test_a_new_password_ends_the_sessions(database: Database, admin: User) -> None:
    with database.write() as session:
        users.set_password(session, admin.id, "another long one")
    with database.read() as session:
        assert users.load_for_session(session, admin.id, admin.session_epoch) is None
        assert users.load_for_session(session, admin.id, admin.session_epoch + 1)
        assert users.authenticate(session, admin.email, PASSWORD) is None
        assert users.authenticate(session, admin.email, "another long one")


def test_a_deactivated_user_is_out_and_an_activated_one_needs_a_new_session(
    database: Database, clock: FakeClock, admin: User
) -> None:
    with database.write() as session:
        agent = add(session, clock, "b@example.com")
        epoch = agent.session_epoch
        users.deactivate(session, agent.id)
    with database.read() as session:
        assert users.authenticate(session, agent.email, PASSWORD) is None
        assert users.load_for_session(session, agent.id, epoch) is None
    with database.write() as session:
        users.activate(session, agent.id)
    with database.read() as session:
        assert users.authenticate(session, agent.email, PASSWORD)
        assert users.load_for_session(session, agent.id, epoch) is None


def test_one_active_admin_always_remains(database: Database, clock: FakeClock, admin: User) -> None:
    with database.write() as session:
        second = add(session, clock, "second@example.com", Role.ADMIN)
        assert users.count_admins(session) == 2
        users.deactivate(session, second.id)
        session.flush()
        with pytest.raises(InvalidInputError, match="only active admin"):
            users.deactivate(session, admin.id)
        with pytest.raises(InvalidInputError, match="only active admin"):
            users.change_user(session, admin.id, Role.AGENT, Team.SUPPORT)
        changed = users.change_user(session, admin.id, Role.ADMIN, Team.MARKETING)
        assert (changed.role, changed.team) == (Role.ADMIN, Team.MARKETING)


def test_the_list_shows_the_active_first_by_name(database: Database, clock: FakeClock, admin: User) -> None:
    with database.write() as session:
        gone = add(session, clock, "aaron@example.com")
        add(session, clock, "Zoe@example.com")
        add(session, clock, "bea@example.com")
        users.deactivate(session, gone.id)
    with database.read() as session:
        assert [user.name for user in users.list_users(session)] == ["bea", "iris", "zoe", "aaron"]


def test_a_name_cannot_be_empty(database: Database, admin: User) -> None:
    with database.write() as session:
        assert users.rename(session, admin.id, "  Iris Falk ").name == "Iris Falk"
        with pytest.raises(InvalidInputError):
            users.rename(session, admin.id, "   ")
        with pytest.raises(NotFoundError):
            users.rename(session, 99, "Nobody")


def test_whoever_uses_the_command_line_may_everything() -> None:
    assert users.command_line_user().role is Role.ADMIN
    assert users.command_line_user().active
