"""When a report is due, and which days it is about. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engage.report.content import ReportKind

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
LATE = timedelta(hours=1)
"""A report that leaves so much after its hour says so."""


@dataclass(frozen=True, slots=True)
class When:
    """The schedule of a report."""

    kind: ReportKind
    weekday: int
    """Monday 0; a daily report does not look at it."""
    hour: int
    zone: str


@dataclass(frozen=True, slots=True)
class Due:
    """A report that should have left at a moment, about the days from `first` on."""

    moment: datetime
    first: date


def due(when: When, now: datetime) -> Due:
    """The newest report that should have left by now. Older ones that were missed are not made up for."""
    day = now.astimezone(ZoneInfo(when.zone)).date()
    while True:
        moment = moment_of(day, when.hour, when.zone)
        if moment <= now and (when.kind is ReportKind.DAILY or day.weekday() == when.weekday):
            return Due(moment, about(when.kind, day))
        day -= DAY


def moment_of(day: date, hour: int, zone: str) -> datetime:
    """When clocks there show that hour: the first time where they do twice, the next hour where they never do."""
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)


def about(kind: ReportKind, day: date) -> date:
    """The first day of what a report tells that leaves on `day`: the whole week before, or the day before."""
    return day - DAY if kind is ReportKind.DAILY else day - timedelta(days=day.weekday()) - WEEK


def last_of(kind: ReportKind, first: date) -> date:
    """The last day of what a report tells."""
    return first if kind is ReportKind.DAILY else first + WEEK - DAY


def period(kind: ReportKind, first: date) -> str:
    """A short name that sorts: `2026-W47`, `2026-11-16`."""
    if kind is ReportKind.DAILY:
        return first.isoformat()
    year, week, _ = first.isocalendar()
    return f"{year}-W{week:02}"


def first_of(text: str) -> date:
    """The Monday of a week that is written like 2026-W47. Raises ValueError."""
    year, _, week = text.upper().partition("-W")
    return date.fromisocalendar(int(year), int(week), 1)
