"""The inbox's address: which queue, filters and search a query string asks for, and back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from config.errors import InvalidInputError
from engage import search
from engage.inbox import NOBODY, Wanted, queue
from engage.tables import Status, Team
from nlp.reading import Intent, Sentiment

FILTERS = ("status", "team", "assignee", "sentiment", "intent", "network", "brand")
NOISE = "noise"
"""Among the states in the filter: closed as noise."""
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says, and what it means."""

    queue: str
    filters: Mapping[str, str]
    search: str
    wanted: Wanted

    @property
    def words(self) -> tuple[str, ...]:
        """What was searched for."""
        return self.wanted.words

    @property
    def params(self) -> dict[str, Any]:
        """The same as a query string's fields, the shortest way."""
        named = {} if self.queue == _default(self.search) else {"queue": self.queue}
        return named | dict(self.filters) | ({"q": self.search} if self.search else {})


def asked(args: Mapping[str, str], user_id: int) -> Asked:
    """Read a query string. Raises NotFoundError on an unknown queue, InvalidInputError on an unknown value."""
    typed = " ".join(args.get("q", "").split())[:200]
    name = args.get("queue") or _default(typed)
    filters = {field: args[field] for field in FILTERS if args.get(field)}
    wanted = _narrowed(queue(name, user_id), filters, user_id)
    words = search.words_of(typed)
    return Asked(name, filters, typed, replace(wanted, words=tuple(words), nothing=bool(typed and not words)))


def _default(typed: str) -> str:
    """A search looks everywhere unless it says where."""
    return "all" if typed else "open"


def _narrowed(wanted: Wanted, filters: Mapping[str, str], user_id: int) -> Wanted:
    if status := filters.get("status"):
        noise = status == NOISE
        closed = Status.CLOSED if noise else _choice(Status, "status", status)
        wanted = replace(wanted, status=closed, noise=noise if closed is Status.CLOSED else None)
    if team := filters.get("team"):
        wanted = replace(wanted, team=_choice(Team, "team", team))
    if assignee := filters.get("assignee"):
        known = {"me": user_id, "nobody": NOBODY}
        wanted = replace(wanted, assignee_id=known[assignee] if assignee in known else _number("assignee", assignee))
    if sentiment := filters.get("sentiment"):
        wanted = replace(wanted, sentiment=_choice(Sentiment, "sentiment", sentiment))
    if intent := filters.get("intent"):
        wanted = replace(wanted, intent=_choice(Intent, "intent", intent))
    if brand := filters.get("brand"):
        wanted = replace(wanted, brand_id=_number("brand", brand))
    return replace(wanted, network=filters.get("network", ""))


def _choice(kind: type[Choice], field: str, value: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        raise InvalidInputError(
            f"There is no {field} {value!r}.", "Choose one in the filters.", field=field
        ) from None


def _number(field: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise InvalidInputError(f"There is no such {field}.", "Choose one in the filters.", field=field)
    return int(value)
