import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import InvalidInputError, NotAllowedError
from engage import bulk, tags
from engage.list_tables import Colour, Tag
from engage.tables import Conversation, Role, User
from tests.factories import START, make_author, make_brand, make_conversation, make_user


@pytest.fixture
def manager(database: Database) -> User:
    with database.write() as session:
        brand = make_brand(session)
        for number, names in enumerate((["late"], ["late", "Delay"], ["van"])):
            make_conversation(session, brand, make_author(session, f"a{number}"), tags=names)
        return make_user(session, role=Role.MANAGER)


def of(database: Database, name: str) -> int:
    with database.read() as session:
        return session.scalars(select(Tag.id).where(Tag.name == name)).one()


def known(database: Database) -> dict[str, tuple[str, int]]:
    with database.read() as session:
        return {tag.name: (str(tag.colour), tag.count) for tag in tags.every(session)}


def test_the_catalogue_knows_every_tag_in_use(database: Database, manager: User) -> None:
    assert known(database) == {"Delay": ("grey", 1), "late": ("grey", 2), "van": ("grey", 1)}


def test_a_tag_is_merged_everywhere_by_work_in_batches(database: Database, manager: User) -> None:
    with database.write() as session:
        tags.change(session, of(database, "late"), "Delay", "red", "Parcels", by=manager, now=START)
    with database.write() as session:
        while bulk.work_waiting(session, START, 1):
            pass
    with database.read() as session:
        assert session.scalars(select(Conversation.tags).order_by(Conversation.id)).all() == [
            ["Delay"], ["Delay"], ["van"],
        ]  # fmt: skip
    assert known(database)["Delay"] == ("grey", 2)
    assert known(database)["late"] == ("red", 0)
    with database.write() as session:
        tags.remove(session, of(database, "late"), by=manager)
    assert "late" not in known(database)


def test_colour_and_description_change_at_once(database: Database, manager: User) -> None:
    with database.write() as session:
        assert (
            tags.change(session, of(database, "van"), "van", Colour.TEAL, " Our  vans ", by=manager, now=START)
            is None
        )
    with database.read() as session:
        found = next(tag for tag in tags.every(session) if tag.name == "van")
    assert (found.colour, found.description) == (Colour.TEAL, "Our vans")


def test_what_is_refused(database: Database, manager: User) -> None:
    van = of(database, "van")
    with database.write() as session:
        agent = make_user(session, "Ben Ruiz")
        with pytest.raises(NotAllowedError):
            tags.change(session, van, "car", "red", "", by=agent, now=START)
        for name, colour, description in (
            ("", "red", ""),
            ("a,b", "red", ""),
            ("x", "pink", ""),
            ("x", "red", "y" * 201),
        ):
            with pytest.raises(InvalidInputError):
                tags.change(session, van, name, colour, description, by=manager, now=START)
        with pytest.raises(InvalidInputError):
            tags.remove(session, van, by=manager)
