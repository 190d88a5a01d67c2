"""The inbox's address: which queue, filters and search a query string asks for, and back."""

from calendar import day_name
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from config.errors import InvalidInputError
from engage import search
from engage.analytics import Slice
from engage.inbox import NOBODY, Wanted, queue
from engage.report_plans import checked_zone
from engage.said import Said
from engage.tables import Status, Team
from nlp.reading import Intent, Sentiment

FILTERS = ("status", "team", "assignee", "sentiment", "intent", "network", "brand")
MENTION_FILTERS = ("from", "to", "language", "hour", "weekday", "names", "towards", "begun", "answered", "zone")
"""What a figure of the analytics asks for, always with a brand and days. Sentiment, intent and network are then those
of the mentions, not of conversations."""
FIRST_YEAR, LAST_YEAR = 1990, 9000
US = "us"
"""As a name that is named: the brand and its products."""
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
    of_days = args.get("brand") and (args.get("from") or args.get("to"))
    known = (*FILTERS, "alert", *(MENTION_FILTERS if of_days else ()))
    filters = {field: args[field] for field in known if args.get(field)}
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
    wanted = replace(wanted, network=filters.get("network", ""))
    if alert := filters.get("alert"):
        wanted = replace(wanted, alert_id=_number("alert", alert))
    if answered := filters.get("answered"):
        wanted = replace(wanted, answered=_one_of("answered", answered, {"yes": True, "no": False}))
    return _of_days(wanted, filters) if "from" in filters or "to" in filters else wanted


def _of_days(wanted: Wanted, filters: Mapping[str, str]) -> Wanted:
    """Look at mentions of these days, or at conversations that began on them, instead of at what is latest."""
    assert wanted.brand_id is not None
    days = {field: _day(field, filters[field]) for field in ("from", "to") if field in filters}
    first, last = days.get("from") or days["to"], days.get("to") or days["from"]
    language = filters.get("language", "")
    zone = checked_zone(filters.get("zone", "UTC"))
    if filters.get("begun"):
        return replace(
            wanted,
            begun=Slice(wanted.brand_id, first, last, wanted.network, language, zone),
            network="",
            brand_id=None,
            noise=False if wanted.noise is None else wanted.noise,
        )
    named = filters.get("names")
    said = Said(
        wanted.brand_id,
        first,
        last,
        wanted.network,
        language,
        wanted.sentiment,
        wanted.intent,
        _below("hour", filters, 24),
        _below("weekday", filters, 7),
        None if named is None else "" if named == US else named,
        _choice(Sentiment, "towards", filters["towards"]) if "towards" in filters else None,
        zone,
    )
    return replace(wanted, said=said, network="", brand_id=None, sentiment=None, intent=None)


def _day(field: str, value: str) -> date:
    try:
        day = date.fromisoformat(value)
        if FIRST_YEAR <= day.year < LAST_YEAR:
            return day
        raise ValueError
    except ValueError:
        raise InvalidInputError("This is no day.", "Write it like 2026-11-02.", field=field) from None


def _below(field: str, filters: Mapping[str, str], end: int) -> int | None:
    if field not in filters:
        return None
    number = _number(field, filters[field])
    if number >= end:
        raise InvalidInputError(f"There is no such {field}.", "Choose one in the analytics.", field=field)
    return number


def _one_of(field: str, value: str, known: Mapping[str, bool]) -> bool:
    if value not in known:
        raise InvalidInputError(f"There is no {field} {value!r}.", f"Use {' or '.join(known)}.", field=field)
    return known[value]


def mention_words(asked: Asked) -> dict[str, str]:
    """The filters that the menu has no field for, in words."""
    words = {
        "from": "Since {}",
        "to": "Until {}",
        "language": "Language: {}",
        "hour": "Hour: {}:00 UTC",
        "names": "Names: {}",
        "towards": "Towards it: {}",
        "begun": "By when they began",
        "answered": "Answered: {}",
        "zone": "Days in {}",
        "alert": "Of alert {}",
    }
    told = {field: words[field].format(value) for field, value in asked.filters.items() if field in words}
    if weekday := asked.filters.get("weekday"):
        told["weekday"] = f"On {day_name[int(weekday)]}"
    return told


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
