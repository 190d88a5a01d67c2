from datetime import timedelta

import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from config.settings import INFLUENCE_WEIGHTS
from engage import influencer_lists as lists
from engage.influence import rate_all
from engage.influence_tables import InfluencerMember, Outreach
from engage.influencer_lists import Change
from engage.tables import Role, User
from listener.tables import Author
from tests.conftest import FakeClock
from tests.engage.test_influence import say
from tests.factories import make_author, make_user


@pytest.fixture
def people(database: Database, clock: FakeClock) -> dict[str, User]:
    """Two agents and a manager; ada (author 1) and bea (author 2) are rated for the brand 1."""
    with database.write() as session:
        made = {
            "ada": make_user(session, "Ada Moss"),
            "ben": make_user(session, "Ben Oak"),
            "max": make_user(session, "Max Rowan", role=Role.MANAGER),
        }
        for handle in ("ada", "bea"):
            say(session, make_author(session, handle, followers=1_000))
    clock.advance(days=1)
    rate_all(database, 1, INFLUENCE_WEIGHTS, clock)
    return made


def make_list(database: Database, by: User, clock: FakeClock, name: str = "Spring") -> int:
    with database.write() as session:
        list_id = lists.create(session, 1, name, by, clock()).id
        lists.add(session, list_id, [1, 2], by, clock())
    return list_id


def member(database: Database, author_id: int = 1) -> InfluencerMember:
    with database.read() as session:
        return session.scalars(select(InfluencerMember).where(InfluencerMember.author_id == author_id)).one()


def test_a_list_begins_with_everybody_found(database: Database, people: dict[str, User], clock: FakeClock) -> None:
    list_id = make_list(database, people["ada"], clock, "  Spring   launch ")
    with database.read() as session:
        [line] = lists.all_lists(session, 1)
        page = lists.page(session, list_id)
        assert lists.all_lists(session, 2) == []
    assert (line.name, line.owner, line.members, line.stages) == ("Spring launch", "Ada Moss", 2, {Outreach.FOUND: 2})
    assert {one.author.handle for one in page.members} == {"ada", "bea"}
    assert all(one.influence for one in page.members)


def test_nobody_is_put_on_a_list_twice(database: Database, people: dict[str, User], clock: FakeClock) -> None:
    list_id = make_list(database, people["ada"], clock)
    with database.write() as session:
        assert lists.add(session, list_id, [1, 1], people["ben"], clock()) == 0


@pytest.mark.parametrize("authors", [[], [99], list(range(1, 600))])
def test_who_cannot_be_put_on_a_list_is_refused(
    database: Database, people: dict[str, User], clock: FakeClock, authors: list[int]
) -> None:
    list_id = make_list(database, people["ada"], clock)
    with pytest.raises((InvalidInputError, NotFoundError)), database.write() as session:
        lists.add(session, list_id, authors, people["ada"], clock())


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "Spring"])
def test_a_name_is_needed_once_for_a_brand(
    database: Database, people: dict[str, User], clock: FakeClock, name: str
) -> None:
    make_list(database, people["ada"], clock)
    with pytest.raises(InvalidInputError) as caught, database.write() as session:
        lists.create(session, 1, name, people["ben"], clock())
    assert caught.value.field == "name"


def test_what_is_written_down_is_kept(database: Database, people: dict[str, User], clock: FakeClock) -> None:
    make_list(database, people["ada"], clock)
    given = Change("contacted", [" vip", "vip", "bikes  and trains", ""], " wrote on Monday ", people["ben"].id)
    clock.advance(hours=1)
    with database.write() as session:
        lists.change(session, member(database).id, 1, given, people["ben"], clock())
    found = member(database)
    assert (found.stage, found.stage_at) == (Outreach.CONTACTED, clock())
    assert (found.tags, found.notes) == (["vip", "bikes and trains"], "wrote on Monday")
    assert (found.owner_id, found.version) == (people["ben"].id, 2)


def test_a_change_based_on_an_older_one_is_refused(
    database: Database, people: dict[str, User], clock: FakeClock
) -> None:
    make_list(database, people["ada"], clock)
    with database.write() as session:
        lists.change(session, 1, 1, Change("agreed", [], "", None), people["ada"], clock())
    with pytest.raises(ConflictError), database.write() as session:
        lists.change(session, 1, 1, Change("paid", [], "", None), people["ben"], clock())
    assert member(database).stage is Outreach.AGREED


@pytest.mark.parametrize(
    "given",
    [
        Change("married", [], "", None),
        Change("paid", ["x" * 41], "", None),
        Change("paid", [str(number) for number in range(21)], "", None),
        Change("paid", [], "x" * 5_001, None),
        Change("paid", [], "", 99),
    ],
)
def test_what_cannot_be_written_down_is_refused(
    database: Database, people: dict[str, User], clock: FakeClock, given: Change
) -> None:
    make_list(database, people["ada"], clock)
    with pytest.raises(InvalidInputError), database.write() as session:
        lists.change(session, 1, 1, given, people["ada"], clock())
    assert member(database).stage is Outreach.FOUND


def test_only_what_followed_counts_as_a_result(database: Database, people: dict[str, User], clock: FakeClock) -> None:
    list_id = make_list(database, people["ada"], clock)
    with database.write() as session:
        author = session.get_one(Author, 1)
        say(session, author, created_at=clock() + timedelta(days=1), likes=5, shares=2, replies=1)
        say(session, author, created_at=clock() + timedelta(days=2), reach=2_500)
        say(session, author, created_at=clock() + timedelta(days=3), deleted_at=clock(), likes=50)
    with database.read() as session:
        page = lists.page(session, list_id)
    followed = {line.author.handle: line.followed for line in page.members}
    assert (followed["ada"].mentions, followed["ada"].reactions, followed["ada"].reach) == (2, 8, 3_500)
    assert followed["bea"].mentions == 0
    assert page.followed == followed["ada"]


def test_what_followed_a_stage_is_told_apart(database: Database, people: dict[str, User], clock: FakeClock) -> None:
    list_id = make_list(database, people["ada"], clock)
    with database.write() as session:
        say(session, session.get_one(Author, 1), created_at=clock() + timedelta(days=1), reach=100)
    clock.advance(days=2)
    with database.write() as session:
        lists.change(session, 1, 1, Change("agreed", [], "", None), people["ada"], clock())
        say(session, session.get_one(Author, 1), created_at=clock() + timedelta(days=1), reach=2_500)
    with database.read() as session:
        page = lists.page(session, list_id)
    (line,) = [line for line in page.members if line.author.handle == "ada"]
    assert (line.followed.mentions, line.followed.reach) == (2, 2_600)
    assert (line.followed.since_stage, line.followed.reach_since_stage) == (1, 2_500)
    (row,) = [row for row in lists.export_rows(page) if row["handle"] == "ada"]
    assert (row["mentions_since_stage"], row["reach_since_stage"]) == (1, 2_500)


def test_taking_off_is_undone_as_it_was(database: Database, people: dict[str, User], clock: FakeClock) -> None:
    list_id = make_list(database, people["ada"], clock)
    added = clock()
    clock.advance(minutes=3)
    given = Change("posted", ["vip"], "good", people["ada"].id)
    with database.write() as session:
        lists.change(session, 1, 1, given, people["ada"], clock())
    with database.write() as session:
        kept = lists.take_off(session, 1, people["ben"])
    clock.advance(minutes=5)
    with database.write() as session:
        lists.put_back(
            session, list_id, kept["author"], given, (kept["added_at"], kept["stage_at"]), people["ben"], clock()
        )
    found = member(database)
    assert (found.stage, found.tags, found.notes, found.added_at) == (Outreach.POSTED, ["vip"], "good", added)
    assert found.stage_at == added + timedelta(minutes=3)


@pytest.mark.parametrize("added_at", ["nonsense", "2999-01-01T00:00:00", ""])
def test_results_never_begin_in_the_future(
    database: Database, people: dict[str, User], clock: FakeClock, added_at: str
) -> None:
    list_id = make_list(database, people["ada"], clock)
    with database.write() as session:
        lists.take_off(session, 1, people["ben"])
        lists.put_back(
            session, list_id, 1, Change("found", [], "", None), (added_at, added_at), people["ben"], clock()
        )
    assert member(database).added_at == clock()


def test_the_owner_and_managers_rename_and_remove(
    database: Database, people: dict[str, User], clock: FakeClock
) -> None:
    list_id = make_list(database, people["ada"], clock)
    with pytest.raises(NotAllowedError, match="Ask a manager"), database.write() as session:
        lists.rename(session, list_id, "Mine", people["ben"])
    with pytest.raises(NotAllowedError), database.write() as session:
        lists.remove(session, list_id, people["ben"])
    with database.write() as session:
        assert lists.rename(session, list_id, "Summer", people["ada"]).name == "Summer"
        assert lists.may_hand_over(lists.get(session, list_id), people["max"])
        assert lists.remove(session, list_id, people["max"]) == "Summer"
    with database.read() as session:
        assert lists.all_lists(session) == []
        with pytest.raises(NotFoundError):
            lists.page(session, list_id)


def test_who_was_switched_off_changes_nothing(database: Database, people: dict[str, User], clock: FakeClock) -> None:
    list_id = make_list(database, people["ada"], clock)
    people["ben"].active = False
    with database.write() as session:
        for attempt in (
            lambda: lists.add(session, list_id, [1], people["ben"], clock()),
            lambda: lists.change(session, 1, 1, Change("paid", [], "", None), people["ben"], clock()),
            lambda: lists.take_off(session, 1, people["ben"]),
            lambda: lists.create(session, 1, "Other", people["ben"], clock()),
            lambda: lists.remove(session, list_id, people["ben"]),
        ):
            with pytest.raises(NotAllowedError):
                attempt()
