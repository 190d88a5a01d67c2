"""Brands: what we listen for, as people enter it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError, NotFoundError
from listener.query import parse
from listener.tables import Brand

MAX_NAME = 200
MAX_NAMES = 100
MAX_QUERY = 5000
LONGEST_GOAL = 30 * 24 * 60
"""Minutes."""


def all_brands(session: Session) -> Sequence[Brand]:
    """All brands, by name."""
    return session.scalars(select(Brand).order_by(func.lower(Brand.name), Brand.id)).all()


def any_brand(session: Session) -> bool:
    """Whether Hearken listens for anything yet."""
    return session.scalar(select(Brand.id).limit(1)) is not None


def get(session: Session, brand_id: int) -> Brand:
    """A brand. Raises NotFoundError."""
    brand = session.get(Brand, brand_id)
    if brand is None:
        raise NotFoundError("There is no such brand.")
    return brand


def named(session: Session, name: str) -> Brand:
    """The brand of that name, whatever its case. Raises NotFoundError that names the known ones."""
    found = _brand_called(session, name)
    if found is None:
        known = ", ".join(brand.name for brand in all_brands(session)) or "none yet"
        raise NotFoundError(f"There is no brand {name!r}.", f"Known: {known}.")
    return found


def for_import(session: Session, name: str, now: datetime) -> tuple[Brand, bool]:
    """The brand of that name, and whether it had to be made; a made one listens for its name."""
    found = _brand_called(session, name)
    if found:
        return found, False
    return add(session, name, query_for(name), (), (), now), True


def query_for(name: str) -> str:
    """The query to begin with: the name, as it stands."""
    word = " ".join(name.replace('"', " ").split())
    return word if word.isalnum() and word.upper() not in {"AND", "OR", "NOT"} else f'"{word}"' if word else ""


def add(
    session: Session,
    name: str,
    query: str,
    products: Iterable[str],
    competitors: Iterable[str],
    now: datetime,
    answer_goal: str = "",
) -> Brand:
    """A new brand. Raises InvalidInputError; QueryError marks the place in the query."""
    brand = Brand(name="", query="", products=[], competitors=[], created_at=now)
    _fill_brand(session, brand, name, query, products, competitors, answer_goal)
    session.add(brand)
    session.flush()
    return brand


def edit(
    session: Session,
    brand_id: int,
    name: str,
    query: str,
    products: Iterable[str],
    competitors: Iterable[str],
    answer_goal: str = "",
) -> Brand:
    """Change what a brand is and listens for; what was heard stays. Raises as `add`."""
    brand = get(session, brand_id)
    _fill_brand(session, brand, name, query, products, competitors, answer_goal)
    return brand


def _fill_brand(
    session: Session,
    brand: Brand,
    name: str,
    query: str,
    products: Iterable[str],
    competitors: Iterable[str],
    answer_goal: str,
) -> None:
    tidy = " ".join(name.split())
    if not tidy:
        raise InvalidInputError("The name is missing.", "Enter the brand's name.", field="name")
    if len(tidy) > MAX_NAME:
        raise InvalidInputError("The name is too long.", f"Take at most {MAX_NAME} characters.", field="name")
    other = _brand_called(session, tidy)
    if other and other is not brand:
        raise InvalidInputError(f"There is a brand {other.name} already.", "Change that one.", field="name")
    brand.query = checked_query(query)
    brand.name = tidy
    brand.products = names(products, "products")
    brand.competitors = names(competitors, "competitors")
    if answer_goal.strip():
        brand.answer_goal_minutes = goal_of(answer_goal)


def goal_of(typed: str) -> int:
    """Minutes. Raises InvalidInputError."""
    tidy = typed.strip()
    if tidy.isascii() and tidy.isdigit() and len(tidy) < 9 and 1 <= int(tidy) <= LONGEST_GOAL:
        return int(tidy)
    raise InvalidInputError(
        "This is no answer goal.", f"Enter minutes from 1 to {LONGEST_GOAL:,}.", field="answer_goal"
    )


def checked_query(query: str) -> str:
    """The query if it can be listened for. Raises InvalidInputError; QueryError marks the place."""
    if len(query) > MAX_QUERY:
        raise InvalidInputError("The query is too long.", f"Take at most {MAX_QUERY:,} characters.", field="query")
    parse(query)
    return query.strip()


def names(given: Iterable[str], field: str) -> list[str]:
    """Names without stray space, each once. Raises InvalidInputError."""
    found = list({" ".join(name.replace('"', " ").split()): None for name in given if name.strip(' "\t\n')})
    if len(found) > MAX_NAMES or any(len(name) > MAX_NAME for name in found):
        raise InvalidInputError(
            "These are too many names, or too long ones.",
            f"Take at most {MAX_NAMES} of {MAX_NAME} characters.",
            field=field,
        )
    return found


def _brand_called(session: Session, name: str) -> Brand | None:
    tidy = " ".join(name.split())
    return session.scalars(
        select(Brand).where(func.lower(Brand.name) == func.lower(tidy)).order_by((Brand.name == tidy).desc()).limit(1)
    ).first()
