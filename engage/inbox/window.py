"""Which stretch of a long thread is looked at: its end, what comes before a place, or everything since one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_

from config.errors import InvalidInputError

KINDS = ("mention", "reply", "activity")
"""In the order in which entries of one moment stand."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in its thread."""

    at: datetime
    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}_{self.kind}_{self.id}"


def parse(text: str) -> Place:
    """What str() of a place said. Raises InvalidInputError."""
    try:
        at, kind, number = text.split("_")
        KINDS.index(kind)
        return Place(datetime.fromisoformat(at).replace(tzinfo=UTC), kind, int(number))
    except ValueError:
        raise InvalidInputError("This part of the thread cannot be found.", "Open the conversation again.") from None


@dataclass(frozen=True, slots=True)
class Window:
    """At most one of both; neither is the end of the thread."""

    before: Place | None = None
    since: Place | None = None
    """This entry and what came after it."""

    def holds(self, kind: str, at: Any, number: Any) -> list[ColumnElement[bool]]:
        """The conditions on entries of that kind, by the columns of their moment and id."""
        if self.before:
            return [_before(self.before, kind, at, number)]
        return [~_before(self.since, kind, at, number)] if self.since else []


def _before(place: Place, kind: str, at: Any, number: Any) -> ColumnElement[bool]:
    moment = literal(place.at, at.type)
    if kind == place.kind:
        return or_(at < moment, and_(at == moment, number < place.id))
    stands_above = KINDS.index(kind) < KINDS.index(place.kind)
    return or_(at < moment, at == moment) if stands_above else or_(at < moment)
