"""The inbox's address: which queue, filters and search a query string asks for, and back."""

from calendar import day_name
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from config.errors import InvalidInputError
from engage import campaigns, findings, outcomes, segments, times, zones
from engage.analytics import Slice
from engage.inbox import NOBODY, Wanted, queue
from engage.inbox.asking import LONGEST, Known, Problem, parse
from engage.outcomes import Became, Outcome
from engage.said import Said
from engage.tables import Status, Team
from nlp.reading import Intent, Sentiment
from nlp.tags import Tag, TagKind

FILTERS = ("status", "team", "assignee", "sentiment", "intent", "network", "brand")
FOLDED = {"status", "team", "assignee", "sentiment", "intent", "network"}
"""Narrowed by these only, a list shows those that say nearly the same as one."""
MENTION_FILTERS = (
    *("from", "to", "days_in", "language", "segment", "hour", "weekday", "zone"),
    *("names", "towards", "place", "tag", "phrase"),
)
TEAM_FILTERS = ("begun", "closed", "answered", "outcome", "since", "first", "again", "agent")
"""What a figure of the analytics asks for, always with a brand and days. Sentiment, intent and network are then those
of the mentions, not of conversations; with `begun` or `closed` conversations are asked for."""
EVER = "ever"
"""As the days on which conversations began."""
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
    def problems(self) -> tuple[Problem, ...]:
        """What cannot be understood of the search."""
        return self.wanted.asking.problems if self.wanted.asking else ()

    @property
    def params(self) -> dict[str, Any]:
        """The same as a query string's fields, the shortest way."""
        named = {} if self.queue == _default(self.search) else {"queue": self.queue}
        return named | dict(self.filters) | ({"q": self.search} if self.search else {})


def asked(args: Mapping[str, str], known: Known) -> Asked:
    """Read a query string. Raises NotFoundError on an unknown queue, InvalidInputError on an unknown value.

    A search with a part that cannot be understood finds nothing: it must not seem to be less than was asked for.
    """
    typed = " ".join(args.get("q", "").split())[:LONGEST]
    name = args.get("queue") or _default(typed)
    of_days = args.get("brand") and (args.get("from") or args.get("to") or args.get("begun") == EVER)
    fields = (*FILTERS, "alert", "storm", *((*MENTION_FILTERS, *TEAM_FILTERS) if of_days else ()))
    filters = {field: args[field] for field in fields if args.get(field)}
    wanted = _narrowed(queue(name, known.me), filters, known.me)
    if typed:
        asking = parse(typed, known)
        nothing = bool(asking.is_empty or asking.problems)
        wanted = replace(wanted, words=asking.words, asking=asking, nothing=nothing)
    wanted = replace(wanted, folded=not typed and filters.keys() <= FOLDED)
    return Asked(name, filters, typed, wanted)


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
    if storm := filters.get("storm"):
        wanted = replace(wanted, storm_id=_number("storm", storm))
    if answered := filters.get("answered"):
        wanted = replace(wanted, answered=_one_of("answered", answered, {"yes": True, "no": False}))
    return _of_days(wanted, filters) if {"from", "to", "begun"} & filters.keys() else wanted


def _of_days(wanted: Wanted, filters: Mapping[str, str]) -> Wanted:
    """Look at mentions of these days, or at conversations that began on them, instead of at what is latest."""
    assert wanted.brand_id is not None
    days = {field: _day(field, filters[field]) for field in ("from", "to") if field in filters}
    ever = filters.get("begun") == EVER or not days
    first, last = outcomes.EVER if ever else (days.get("from") or days["to"], days.get("to") or days["from"])
    brand_id, language, segment = wanted.brand_id, filters.get("language", ""), _segment(filters)
    days_in = zones.checked(filters.get("days_in", "UTC"), "days_in")
    if filters.get("begun") or filters.get("closed"):
        of = Slice(brand_id, first, last, wanted.network, language, segment, days_in=days_in)
        noise = False if wanted.noise is None else wanted.noise
        wanted = replace(wanted, network="", brand_id=None, noise=noise)
        if "begun" in filters:
            return replace(wanted, begun=of, became=_became(filters))
        return replace(wanted, closed=of)
    named = filters.get("names")
    said = Said(
        brand_id,
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
        place=filters.get("place", ""),
        tag=_tag(filters),
        segment=segment,
        zone=zones.checked(filters.get("zone", "UTC")),
        days_in=days_in,
        phrase=filters.get("phrase", ""),
    )
    return replace(wanted, said=said, network="", brand_id=None, sentiment=None, intent=None)


def _became(filters: Mapping[str, str]) -> Became:
    bars = len(times.BINS) + 1
    return Became(
        _choice(Outcome, "outcome", filters["outcome"]) if "outcome" in filters else None,
        _moment("since", filters["since"]) if "since" in filters else None,
        _below("first", filters, bars),
        _below("again", filters, bars),
        _number("agent", filters["agent"]) if "agent" in filters else None,
    )


def _moment(field: str, value: str) -> datetime:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInputError("This is no moment.", "Write it like 2026-11-02T09:00.", field=field) from None


def _day(field: str, value: str) -> date:
    try:
        day = date.fromisoformat(value)
        if FIRST_YEAR <= day.year < LAST_YEAR:
            return day
        raise ValueError
    except ValueError:
        raise InvalidInputError("This is no day.", "Write it like 2026-11-02.", field=field) from None


def _segment(filters: Mapping[str, str]) -> str:
    code = filters.get("segment", "")
    if code and not segments.known(code):
        raise InvalidInputError("There is no such segment.", "Choose one in the analytics.", field="segment")
    return code


def _tag(filters: Mapping[str, str]) -> Tag | None:
    tag = campaigns.parse(filters["tag"]) if "tag" in filters else None
    if tag is None and "tag" in filters:
        raise InvalidInputError("This is no hashtag or campaign.", "Choose one in the analytics.", field="tag")
    return tag


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


OUTCOMES = {
    Outcome.IN_TIME: "Answered in time",
    Outcome.LATE: "Answered late",
    Outcome.WAITING: "Waits past the goal",
    Outcome.CLOSED: "Was closed",
    Outcome.REOPENED: "Wrote again after it was closed",
    Outcome.UNHAPPY: "Unhappy, answered, wrote again",
    Outcome.RECOVERED: "Sounded better after our answer",
    Outcome.LEAD: "Wants to buy, answered",
}
"""In the words of the inbox's filters."""


def bar_words(place: int) -> str:
    """A bar of the histogram of answer times: `under 15 min`, `1 h to 4 h`, `over 3 d`."""
    ends = [findings.duration(end) for end in times.BINS]
    if place == 0:
        return f"under {ends[0]}"
    return f"over {ends[-1]}" if place == len(ends) else f"{ends[place - 1]} to {ends[place]}"


def mention_words(asked: Asked) -> dict[str, str]:
    """The filters that the menu has no field for, in words."""
    words = {
        "from": "Since {}",
        "to": "Until {}",
        "language": "Language: {}",
        "hour": "Hour: {}" if "zone" in asked.filters else "Hour: {} UTC",
        "zone": "Time of {}",
        "place": "Place: {}",
        "names": "Names: {}",
        "towards": "Towards it: {}",
        "phrase": "Says “{}”",
        "begun": "By when they began",
        "closed": "By when they were closed",
        "answered": "Answered: {}",
        "days_in": "Days in {}",
        "alert": "Of alert {}",
        "storm": "All that say nearly the same",
    }
    told = {field: words[field].format(value) for field, value in asked.filters.items() if field in words}
    if code := asked.filters.get("segment"):
        told["segment"] = segments.label(code)
    if tag := campaigns.parse(asked.filters.get("tag", "")):
        told["tag"] = f"#{tag.name}" if tag.kind is TagKind.HASHTAG else f"{tag.kind.capitalize()}: {tag.name}"
    if weekday := asked.filters.get("weekday"):
        told["weekday"] = f"On {day_name[int(weekday)]}"
    if asked.filters.get("begun") == EVER:
        told["begun"] = "Whenever they began"
    if asked.wanted.became:
        told |= _became_words(asked.wanted.became)
    return told


def _became_words(became: Became) -> dict[str, str]:
    told = {
        "outcome": became.outcome and OUTCOMES[became.outcome],
        "since": became.since and f"Begun before {became.since:%Y-%m-%d %H:%M} UTC",
        "first": None if became.first is None else f"First answer: {bar_words(became.first)}",
        "again": None if became.again is None else f"Next answer: {bar_words(became.again)}",
        "agent": became.agent_id and "Answered by one person",
    }
    return {field: words for field, words in told.items() if words}


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
