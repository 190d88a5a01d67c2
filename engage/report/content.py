"""What a report says: figures and sentences about a brand's week or day, or about a person's own week. Pure data.

A report is made once (engage/report/facts.py), stored as JSON, and shown from that everywhere: the mail, its PDF and
CSV, the page. So all of them say the same, now and later.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self


class ReportKind(StrEnum):
    """What a report covers."""

    WEEKLY = "weekly"
    DAILY = "daily"
    PERSONAL = "personal"
    """A person's own week: their answers, what waits for them."""


class Section(StrEnum):
    """The parts of a report, in the order in which they are shown; a plan may leave some out."""

    TREND = "trend"
    VOICE = "voice"
    DRIVERS = "drivers"
    PEOPLE = "people"
    ALERTS = "alerts"
    TEAM = "team"
    SOURCES = "sources"
    ADVICE = "advice"


class Unit(StrEnum):
    """How a measure is written."""

    COUNT = "count"
    SHARE = "share"
    """0–1, written in per cent."""
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure beside that of the period before."""

    key: str
    """What it is: mentions, negative, positive, reach, voice, begun, answered, first_answer, …"""
    label: str
    unit: Unit
    now: float | None
    """None: nothing to measure."""
    before: float | None
    margin: float | None = None
    """Half of the 95 % interval, where it is a share."""
    few: bool = False
    """Too few to say anything; then `now` is not shown."""
    path: str = ""
    """The page of Hearken that shows exactly this, such as `/inbox/?...`; "" where there is none."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the trend, and the same weekday of the period before."""

    day: date
    negative: int
    neutral: int
    positive: int
    before: int
    """Mentions in all, as many days earlier."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How much of what is named is this name."""

    name: str
    ours: bool
    count: int
    share: float
    low: float
    high: float
    negative: float | None
    """Share of negative stance, None where it is too few to say."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A mention, as an example."""

    mention_id: int
    conversation_id: int
    network: str
    author: str
    sentiment: str
    text: str
    """At most 240 characters, in one line."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A phrase that is said more, or less, than in the period before."""

    words: str
    rising: bool
    now: float
    """Share of the texts that hold it, 0–1."""
    before: float
    negative: float
    """Share of those mentions that are negative."""
    quotes: Sequence[Quote]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose word carries far."""

    author_id: int
    name: str
    network: str
    score: int
    """0–100."""
    followers: int | None
    mentions: int
    is_new: bool
    """First heard in this period; else rising."""
    why: str


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert that was open in the period."""

    alert_id: int
    """0 where nobody watched then and it was found looking back."""
    headline: str
    started_at: datetime
    over_at: datetime | None
    causes: Sequence[str]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source, and when it was blind."""

    name: str
    network: str
    mentions: int
    gaps: Sequence[str]
    """Sentences; none where nothing was missed."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, as a sentence, and where."""

    words: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `path`s start at Hearken's root. Sections that a report does not have are empty."""

    kind: ReportKind
    brand: str
    language: str
    zone: str
    first: date
    last: date
    """Days in the zone, both included."""
    made_at: datetime
    title: str
    """`Kestova, week 47 (16–22 November 2026)`"""
    headline: str
    """One or two sentences."""
    measures: Sequence[Measure]
    trend: Sequence[Day] = ()
    voices: Sequence[Voice] = ()
    drivers: Sequence[Driver] = ()
    people: Sequence[Person] = ()
    alerts: Sequence[AlertLine] = ()
    team: Sequence[Measure] = ()
    sources: Sequence[SourceLine] = ()
    advice: Sequence[Advice] = ()
    notes: Sequence[str] = ()
    """What a reader should know of the figures: late, few, a source was blind, read by which engine."""

    def as_json(self) -> dict[str, Any]:
        """For the database."""
        stored: dict[str, Any] = _plain(asdict(self))
        return stored

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """What `as_json` gave."""
        return cls(
            **stored
            | {
                "kind": ReportKind(stored["kind"]),
                "first": date.fromisoformat(stored["first"]),
                "last": date.fromisoformat(stored["last"]),
                "made_at": datetime.fromisoformat(stored["made_at"]),
                "measures": [_measure(one) for one in stored["measures"]],
                "trend": [Day(**one | {"day": date.fromisoformat(one["day"])}) for one in stored["trend"]],
                "voices": [Voice(**one) for one in stored["voices"]],
                "drivers": [
                    Driver(**one | {"quotes": [Quote(**q) for q in one["quotes"]]}) for one in stored["drivers"]
                ],
                "people": [Person(**one) for one in stored["people"]],
                "alerts": [_alert(one) for one in stored["alerts"]],
                "team": [_measure(one) for one in stored["team"]],
                "sources": [SourceLine(**one) for one in stored["sources"]],
                "advice": [Advice(**one) for one in stored["advice"]],
            }
        )


def _measure(stored: dict[str, Any]) -> Measure:
    return Measure(**stored | {"unit": Unit(stored["unit"])})


def _alert(stored: dict[str, Any]) -> AlertLine:
    over = stored["over_at"]
    times = {
        "started_at": datetime.fromisoformat(stored["started_at"]),
        "over_at": datetime.fromisoformat(over) if over else None,
    }
    return AlertLine(**stored | times)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
