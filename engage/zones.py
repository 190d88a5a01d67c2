"""Hours of the week in somebody's time zone, made of counts by UTC hour. Pure.

Where a zone is half an hour off, its hours are those that begin at :30: a UTC hour is never divided.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.errors import InvalidInputError

HOUR = timedelta(hours=1)
WEEK_H = 7 * 24


@dataclass(frozen=True, slots=True)
class Stretch:
    """UTC hours from `start` up to `end` in which a zone is ahead of UTC by the same number of whole hours."""

    start: datetime
    end: datetime
    ahead: int


def known(name: str) -> bool:
    """Whether this names a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


def checked(name: str, field: str = "zone") -> str:
    """The zone if there is one of that name. Raises InvalidInputError."""
    tidy = name.strip()
    if not known(tidy[:64]):
        raise InvalidInputError(f"There is no time zone {tidy[:80]!r}.", "Write it like Europe/Berlin.", field=field)
    return tidy


def stretches(zone: ZoneInfo, first: date, last: date) -> list[Stretch]:
    """The UTC days from `first` to `last`, both included, cut where the zone's clocks change."""
    start = datetime.combine(first, time(), UTC)
    end = datetime.combine(last + timedelta(days=1), time(), UTC)
    cuts = [start, *_changes(zone, start, end), end]
    return [Stretch(a, b, _ahead(zone, a)) for a, b in pairwise(cuts)]


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    day = start
    while day < end:
        if _ahead(zone, day) != _ahead(zone, day + 24 * HOUR):
            for hour in range(1, 25):
                at = day + hour * HOUR
                if at < end and _ahead(zone, at) != _ahead(zone, at - HOUR):
                    yield at
        day += 24 * HOUR


def _ahead(zone: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset() or timedelta(0)
    return offset // HOUR


def ahead_at(found: Sequence[Stretch], hour: datetime) -> int:
    """How far ahead of UTC the zone is in an hour of one of the stretches."""
    return next(stretch.ahead for stretch in found if hour < stretch.end)


def minute_of(zone: ZoneInfo, day: date) -> int:
    """The minute at which the zone's hours begin here: 0, or 30 or 45 in a few zones."""
    offset = datetime.combine(day, time(12), UTC).astimezone(zone).utcoffset() or timedelta(0)
    return (offset % HOUR) // timedelta(minutes=1)


def local(weekday: int, hour: int, ahead: int) -> tuple[int, int]:
    """Weekday (Monday 0) and hour there, of those in UTC."""
    return divmod((24 * weekday + hour + ahead) % WEEK_H, 24)


def utc(weekday: int, hour: int, ahead: int) -> tuple[int, int]:
    """The inverse of `local`."""
    return local(weekday, hour, -ahead)
