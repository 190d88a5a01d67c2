"""What can be chosen, and whether anything is new."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, literal, select, union_all
from sqlalchemy.orm import Session

from engage import alerts
from engage.tables import Conversation, User
from listener.tables import Brand


@dataclass(frozen=True, slots=True)
class Choices:
    """Names for the filters and menus, by id."""

    brands: Mapping[int, str]
    people: Mapping[int, str]
    """Those who can take conversations."""


def choices(session: Session) -> Choices:
    """Every brand and every active person, in one statement."""
    rows = session.execute(
        union_all(
            select(literal("brand").label("kind"), Brand.id, Brand.name),
            select(literal("person"), User.id, User.name).where(User.active),
        ).order_by("name")
    ).all()
    return Choices(
        brands={number: name for kind, number, name in rows if kind == "brand"},
        people={number: name for kind, number, name in rows if kind == "person"},
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
