import pytest

from config.database import Database
from config.errors import InvalidInputError, NotAllowedError, NotFoundError
from engage.answers import csv_file, kept
from engage.answers.kept import Fields
from engage.answers.tables import Answer
from engage.tables import Role, User
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_user


@pytest.fixture
def agent(database: Database) -> User:
    with database.write() as session:
        make_mention(session, make_conversation(session, make_brand(session), make_author(session)))
        make_brand(session, "Other")
        make_user(session, "Boss", role=Role.MANAGER)
        return make_user(session)


@pytest.fixture
def boss(database: Database, agent: User) -> User:
    with database.read() as session:
        return session.get_one(User, 1)


def add(database: Database, by: User, name: str, text: str = "Thank you!", **more: object) -> int:
    with database.write() as session:
        return kept.add(session, Fields(name, text, **more), by=by, now=START).id  # type: ignore[arg-type]


def offered(database: Database, by: User, typed: str = "") -> list[str]:
    with database.read() as session:
        return [answer.name for answer in kept.offered(session, 1, typed, by)]


def test_what_is_offered_fits_what_is_typed_the_brand_and_the_person(
    database: Database, agent: User, boss: User
) -> None:
    add(database, boss, "Late parcel", own=False, folder="Shipping")
    add(database, agent, "Mine", "It is late")
    add(database, boss, "Not yours")
    add(database, boss, "Another brand", own=False, brand_id=2)
    add(database, boss, "Spät", own=False, language="de")
    assert set(offered(database, agent)) == {"Late parcel", "Mine", "Spät"}
    assert offered(database, agent)[-1] == "Spät"
    assert offered(database, agent, "LATE") == ["Late parcel", "Mine"]
    assert offered(database, agent, "ship par") == ["Late parcel"]
    assert offered(database, agent, "100%_") == []


def test_using_one_fills_it_in_and_counts(database: Database, agent: User) -> None:
    number = add(database, agent, "Hello", "Hi {{contact.first_name}}, case {{case.id}}. {{agent.first_name}}")
    with database.write() as session:
        assert kept.use(session, number, 1, by=agent, now=START).text == "Hi Bea, case 1. Ada"
    with database.read() as session:
        assert session.get_one(Answer, number).used == 1


def test_shared_ones_are_the_managers_and_own_ones_their_owners(database: Database, agent: User, boss: User) -> None:
    shared, bosses = add(database, boss, "Shared", own=False), add(database, boss, "Own")
    with pytest.raises(NotAllowedError):
        add(database, agent, "Mine for all", own=False)
    with pytest.raises(NotAllowedError), database.write() as session:
        kept.change(session, shared, Fields("x", "y", own=False), by=agent, now=START)
    with pytest.raises(NotFoundError), database.write() as session:
        kept.remove(session, bosses, by=agent)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Fields(" ", "x"), "name"),
        (Fields("x", " "), "text"),
        (Fields("x" * 121, "x"), "name"),
        (Fields("x", "x", language="english"), "language"),
        (Fields("x", "{{contact.nam}}"), "text"),
    ],
)
def test_odd_ones_are_refused(given: Fields, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        kept.checked(given)
    assert caught.value.field == field


# --- CSV -----------------------------------------------------------------------------------------------------------


def take(database: Database, content: str, by: User) -> csv_file.Imported:
    with database.write() as session:
        return csv_file.import_file(session, content.encode(), by=by, now=START)


def test_a_file_goes_in_and_comes_out(database: Database, agent: User, boss: User) -> None:
    rows = 'folder,name,language,brand,shared,text\nShipping,Late,en,norvik,yes,"Sorry,\nwe look"\n,Own,,,,\'-- hi\n'
    assert take(database, rows, boss).added == 2
    again = take(database, rows.replace("Sorry", "So sorry"), boss)
    assert (again.added, again.changed, again.refused) == (0, 2, [])
    with database.read() as session:
        out = {row["name"]: row for row in csv_file.export_rows(session, boss)}
        assert [row["name"] for row in csv_file.export_rows(session, agent)] == ["Late"]
    assert out["Late"]["text"] == "So sorry,\nwe look" and out["Late"]["brand"] == "Norvik"
    assert (out["Own"]["text"], out["Own"]["shared"]) == ("-- hi", "no")


def test_bad_rows_are_told_and_the_others_kept(database: Database, agent: User) -> None:
    done = take(database, "name;text;brand\nGood;Hi;\n;No name;\nBad;{{x.y}};\nB;t;Nobody\n", agent)
    assert done.added == 1
    assert [line for line, _ in done.refused] == [3, 4, 5]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe", b"x" * (csv_file.MAX_BYTES + 1)])
def test_what_is_no_such_file_is_refused(database: Database, agent: User, content: bytes) -> None:
    with pytest.raises(InvalidInputError), database.write() as session:
        csv_file.import_file(session, content, by=agent, now=START)
