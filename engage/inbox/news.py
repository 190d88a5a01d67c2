"""What can be chosen, and whether anything is new."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, exists, func, literal, select, union_all
from sqlalchemy.orm import Session

from engage import alerts
from engage.list_tables import Colour, Tag
from engage.tables import Conversation, User
from listener.tables import Brand

MOST_TAGS = 1_000
"""So many tags can be chosen from."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Names for the filters and menus, by id."""

    brands: Mapping[int, str]
    people: Mapping[int, str]
    """Those who can take conversations."""
    tags: Mapping[str, Colour]
    """Every tag in use, with its colour."""


def choices(session: Session) -> Choices:
    """Every brand, every active person and every tag, in one statement."""
    tags = select(literal("tag"), Tag.id, Tag.name, cast(Tag.colour, String)).limit(MOST_TAGS).subquery()
    rows = session.execute(
        union_all(
            select(literal("brand").label("kind"), Brand.id, Brand.name, literal("").label("colour")),
            select(literal("person"), User.id, User.name, literal("")).where(User.active),
            select(*tags.c),
        ).order_by("name")
    ).all()
    return Choices(
        brands={number: name for kind, number, name, _ in rows if kind == "brand"},
        people={number: name for kind, number, name, _ in rows if kind == "person"},
        tags={name: Colour(colour) for kind, _, name, colour in rows if kind == "tag"},
    )


@dataclass(frozen=True, slots=True)
class Pulse:
    """The latest change, how many conversations changed since some moment, and where the alerts stand."""

    latest: datetime | None
    count: int
    latest_alert: int
    open_alerts: int


def pulse(session: Session, since: datetime) -> Pulse:
    """Two of these differ if anything changed in between, as long as `since` is the same.

    The number is there for changes that were dated before the latest one and saved after it.
    """
    beside = (alerts.latest_id(), alerts.open_count())
    found = session.execute(
        select(func.max(Conversation.changed_at), func.count(), *beside).where(Conversation.changed_at >= since)
    ).one()
    return Pulse(*found)


def is_empty(session: Session) -> bool:
    """Whether no conversation was ever heard: the page then says what to do first."""
    return not session.scalar(select(exists().where(Conversation.id > 0)))
