from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from config.database import Database
from config.errors import InvalidInputError, NotFoundError
from engage import brands
from listener.query import QueryError
from tests.conftest import FakeClock


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as session:
        yield session


def test_a_brand_is_kept_tidy_and_found_by_any_case(session: Session, clock: FakeClock) -> None:
    made = brands.add(session, " Norvik  Bikes ", " norvik -giveaway ", ["One", " One", ""], ['Ped"alune'], clock())
    assert (made.name, made.query, made.products, made.competitors) == (
        "Norvik Bikes", "norvik -giveaway", ["One"], ["Ped alune"],
    )  # fmt: skip
    assert brands.named(session, "norvik bikes").id == made.id
    assert brands.any_brand(session)


def test_an_unknown_brand_names_the_known_ones(session: Session, clock: FakeClock) -> None:
    with pytest.raises(NotFoundError, match="Known: none yet"):
        brands.named(session, "Norvik")
    brands.add(session, "Norvik", "norvik", (), (), clock())
    with pytest.raises(NotFoundError, match="Known: Norvik"):
        brands.named(session, "Pedalune")


@pytest.mark.parametrize(
    ("name", "query", "names", "field"),
    [
        (" ", "norvik", (), "name"),
        ("x" * 201, "norvik", (), "name"),
        ("norvik", "norvik", (), "name"),
        ("Other", "", (), "query"),
        ("Other", "(norvik", (), "query"),
        ("Other", "-norvik", (), "query"),
        ("Other", "x" * 5001, (), "query"),
        ("Other", "other", ["x" * 201], "products"),
    ],
)
def test_a_brand_that_cannot_be_is_refused_at_its_field(
    session: Session, clock: FakeClock, name: str, query: str, names: list[str], field: str
) -> None:
    brands.add(session, "Norvik", "norvik", (), (), clock())
    with pytest.raises(InvalidInputError) as caught:
        brands.add(session, name, query, names, (), clock())
    assert caught.value.field == field


def test_the_place_in_a_wrong_query_is_marked(session: Session, clock: FakeClock) -> None:
    with pytest.raises(QueryError) as caught:
        brands.add(session, "Norvik", 'norvik OR "bikes', (), (), clock())
    assert caught.value.marked.splitlines()[1].strip() == "^"


def test_a_brand_is_edited_and_may_keep_its_name(session: Session, clock: FakeClock) -> None:
    made = brands.add(session, "Norvik", "norvik", (), (), clock())
    brands.edit(session, made.id, "NORVIK", "norvik bikes", ["One"], ["Pedalune"])
    assert (made.name, made.query, made.competitors) == ("NORVIK", "norvik bikes", ["Pedalune"])
    with pytest.raises(NotFoundError):
        brands.edit(session, 99, "x", "x", (), ())


def test_a_brand_wants_to_answer_within_four_hours_or_as_it_says(session: Session, clock: FakeClock) -> None:
    made = brands.add(session, "Norvik", "norvik", (), (), clock())
    assert made.answer_goal_minutes == 240
    brands.edit(session, made.id, "Norvik", "norvik", (), (), " 90 ")
    assert made.answer_goal_minutes == 90
    brands.edit(session, made.id, "Norvik", "norvik", (), ())
    assert made.answer_goal_minutes == 90
    for typed in ("0", "-5", "soon", "43201", "1.5", "٣", "9" * 40):
        with pytest.raises(InvalidInputError) as caught:
            brands.edit(session, made.id, "Norvik", "norvik", (), (), typed)
        assert caught.value.field == "answer_goal"


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("Norvik", "Norvik"),
        ("Norvik Bikes", '"Norvik Bikes"'),
        ("or", '"or"'),
        ('a "b"', '"a b"'),
        ("A-1", '"A-1"'),
        (" ", ""),
    ],
)
def test_the_first_query_is_the_name(name: str, query: str) -> None:
    assert brands.query_for(name) == query


def test_an_import_makes_the_brand_that_is_missing_once(session: Session, clock: FakeClock) -> None:
    made, fresh = brands.for_import(session, "Norvik Bikes", clock())
    assert (made.query, fresh) == ('"Norvik Bikes"', True)
    assert brands.for_import(session, "norvik bikes", clock()) == (made, False)
