"""Counts by the days of any time zone, from those by UTC day.

A day elsewhere is the UTC day of the same date, less the hours at one end, and with some of the neighbouring day at
the other. So only the mentions of the hours between a zone's midnight and that of UTC are counted one by one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import FromClause, func, select
from sqlalchemy.orm import Session

from config.database import AnyRow
from engage import analytics
from engage.analytics import Read, Slice, by_label, largest_first, size_of
from engage.rollups import counted, counted_now, day_of, heard_between, heard_by, start_of
from engage.tables import DayCount, VoiceCount
from listener.tables import Mention

DAY = timedelta(days=1)
Rows = Sequence[AnyRow]


@dataclass(slots=True)
class Counts:
    """What was said on some days."""

    read: dict[str, Counter[str]] = field(default_factory=dict)
    """Sentiments by the model that read them, as engage/shares.py takes them."""
    reach: int = 0

    @property
    def sentiments(self) -> Counter[str]:
        """By sentiment."""
        return by_label(self.read)

    @property
    def mentions(self) -> int:
        """All of them."""
        return self.sentiments.total()

    def add(self, row: AnyRow, times: int = 1) -> None:
        """Count a row of sentiment, model, mentions and reach in, or out."""
        self.read.setdefault(row.model, Counter())[str(row.sentiment)] += times * int(row.mentions)
        self.reach += times * int(row.reach)

    def join(self, other: "Counts") -> None:
        """Count another's days in too."""
        for model, counts in other.read.items():
            self.read.setdefault(model, Counter()).update(counts)
        self.reach += other.reach


def by_day(session: Session, chosen: Slice) -> dict[date, Counts]:
    """Sentiments and reach of each day, days without a mention included."""
    days = [chosen.first + shift * DAY for shift in range(chosen.days)]
    found = {day: Counts() for day in days}
    axes = (DayCount.day, DayCount.sentiment, DayCount.model)
    sums = (func.sum(DayCount.mentions).label("mentions"), func.sum(DayCount.reach).label("reach"))
    where = (DayCount.brand_id == chosen.brand_id, DayCount.day.between(chosen.first, chosen.last))
    for row in session.execute(select(*axes, *sums).where(*where).group_by(*axes)):
        found[row.day].add(row)
    for joins, leaves, rows in _moved(session, chosen, [*days, chosen.last + DAY], _sentiments):
        for row in rows:
            if joins in found:
                found[joins].add(row)
            if leaves in found:
                found[leaves].add(row, -1)
    return found


def total(days: Mapping[date, Counts]) -> Counts:
    """Several days together."""
    whole = Counts()
    for counts in days.values():
        whole.join(counts)
    return whole


def by_voice(session: Session, chosen: Slice) -> dict[str, Read]:
    """Sentiments towards each voice ("" for us), the most named first."""
    of_utc_days = analytics.by_voice(session, chosen)
    found = {voice: {model: Counter(counts) for model, counts in read.items()} for voice, read in of_utc_days.items()}
    for joins, _, rows in _moved(session, chosen, [chosen.first, chosen.last + DAY], _voices):
        times = 1 if chosen.first <= joins <= chosen.last else -1
        for row in rows:
            counts = found.setdefault(row.voice, {}).setdefault(row.model, Counter())
            counts[str(row.sentiment)] += times * int(row.mentions)
    return largest_first({voice: read for voice, read in found.items() if size_of(read)})


def by_source(session: Session, chosen: Slice) -> dict[int | None, Counter[date]]:
    """Mentions of each source by UTC day; None for those that were imported."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    heard = heard_by(chosen.brand_id, chosen.first, chosen.last, zone=chosen.days_in)
    axes = (Mention.source_id, day_of(is_sqlite))
    rows = session.execute(
        select(*axes, func.count())
        .join_from(heard, Mention, Mention.id == heard.c.mention_id)
        .where(counted())
        .group_by(*axes)
    )
    found: dict[int | None, Counter[date]] = {}
    for source_id, day, size in rows:
        found.setdefault(source_id, Counter())[day] += size
    return found


def _moved(
    session: Session, chosen: Slice, midnights: Sequence[date], count: Callable[[Session, FromClause], Rows]
) -> Iterator[tuple[date, date, Rows]]:
    """What was said between a date's two midnights: the day it belongs to, the one it was counted for, counts."""
    for day in midnights:
        here, utc = start_of(day, chosen.days_in), start_of(day)
        if here < utc:
            yield day, day - DAY, count(session, heard_between(chosen.brand_id, here, utc))
        elif utc < here:
            yield day - DAY, day, count(session, heard_between(chosen.brand_id, utc, here))


def _sentiments(session: Session, heard: FromClause) -> Rows:
    return session.execute(counted_now(session, DayCount, heard)).all()


def _voices(session: Session, heard: FromClause) -> Rows:
    return session.execute(counted_now(session, VoiceCount, heard)).all()
