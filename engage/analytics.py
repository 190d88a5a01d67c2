"""What the analytics answer. Only reads, nearly all from the counts by day; every answer is a statement or two."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from config.database import AnyRow
from engage import phrases, said, segments, zones
from engage.analytics_tables import PlaceCount
from engage.phrases import Phrase
from engage.rollups import counted, counted_now, heard_by, start_of
from engage.said import Said
from engage.segments import Choice
from engage.tables import DayCount, HourCount, VoiceCount
from listener.tables import Brand, Mention
from nlp.reading import Sentiment
from nlp.tables import ReadingRow
from nlp.tags import Tag

SAMPLE = 1500
"""So many texts of each period are looked at for topics."""
SCANNED = 60_000
"""Out of so many mentions, of days spread over the period, they are taken."""
EXAMPLES = 2
EXAMPLE_LENGTH = 240
ALIKE = 40
"""Texts that begin with the same so many characters are no two examples."""
MOST_POINTS = 92
"""A line of more days than this is drawn by weeks, of more weeks by months of four."""

Read = Mapping[str, Mapping[str, int]]
"""Counts by label, by the model that read them, as engage/shares.py takes them."""

Counts = ReadOnlyColumnCollection[str, Any]
"""The columns of lines of a table of counts."""


def by_label(read: Read) -> Counter[str]:
    """The counts, whichever model read them."""
    total: Counter[str] = Counter()
    for counts in read.values():
        total.update(counts)
    return total


@dataclass(frozen=True, slots=True)
class Slice:
    """What is looked at: a brand on these days, both included; "" leaves a question open."""

    brand_id: int
    first: date
    last: date
    network: str = ""
    language: str = ""
    segment: str = ""
    """As engage/segments.py writes them."""
    zone: str = "UTC"
    """In which hours and weekdays are told."""
    tag: Tag | None = None
    """The hashtag or campaign that is looked at closely; it narrows nothing."""
    days_in: str = "UTC"
    """Whose days they are, where the mentions themselves are asked; the counts by day are of UTC days, and
    engage/report/counts.py makes them those of a zone."""
    among: tuple[int, ...] | None = None
    """Where conversations themselves are asked, only these."""

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Slice":
        """As many days, just before."""
        return replace(self, first=self.first - timedelta(days=self.days), last=self.first - timedelta(days=1))

    @property
    def said(self) -> Said:
        """Its mentions."""
        return Said(
            self.brand_id,
            self.first,
            self.last,
            self.network,
            self.language,
            segment=self.segment,
            zone=self.zone,
            days_in=self.days_in,
        )


def tally(session: Session, table: type[Any], chosen: Slice) -> Counts:
    """The lines of a table of counts that are a slice's: the kept ones, or for a segment those of its mentions."""
    lines = _made_now(session, table, chosen) if chosen.segment else _kept(table, chosen)
    narrowed = {"network": chosen.network, "language": chosen.language}
    conditions = [lines.c[name] == value for name, value in narrowed.items() if value]
    return select(lines).where(*conditions).subquery().c


def _kept(table: Any, chosen: Slice) -> FromClause:
    within = (table.brand_id == chosen.brand_id, table.day.between(chosen.first, chosen.last))
    return select(table.__table__).where(*within).subquery()


def _made_now(session: Session, table: type[Any], chosen: Slice) -> FromClause:
    mine = segments.of_mentions(session, chosen.segment)
    return counted_now(session, table, heard_by(chosen.brand_id, chosen.first, chosen.last, *mine)).subquery()


# --- how much, how it feels, what for, where ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mix:
    """A slice's counts by everything at once."""

    rows: Sequence[AnyRow]

    @property
    def mentions(self) -> int:
        """All of them."""
        return sum(row.mentions for row in self.rows)

    @property
    def reach(self) -> int:
        """Followers of their authors, added up: the same person may be in it many times."""
        return sum(row.reach for row in self.rows)

    def by(self, axis: str) -> Counter[str]:
        """Mentions by network, language, sentiment or intent."""
        counts: Counter[str] = Counter()
        for row in self.rows:
            counts[str(getattr(row, axis))] += row.mentions
        return counts

    def reach_by(self, axis: str) -> Counter[str]:
        """Reach by the same."""
        counts: Counter[str] = Counter()
        for row in self.rows:
            counts[str(getattr(row, axis))] += row.reach
        return counts

    def read(self, axis: str, **where: str) -> Read:
        """Counts for shares of sentiment or intent, of the rows that are as `where` says."""
        read: dict[str, Counter[str]] = {}
        for row in self.rows:
            if all(str(getattr(row, name)) == value for name, value in where.items()):
                read.setdefault(row.model, Counter())[str(getattr(row, axis))] += row.mentions
        return read


def mix(session: Session, chosen: Slice) -> Mix:
    """What was said, by all that is known of it."""
    line = tally(session, DayCount, chosen)
    axes = (line.network, line.language, line.sentiment, line.intent, line.model)
    sums = (func.sum(line.mentions).label("mentions"), func.sum(line.reach).label("reach"))
    return Mix(session.execute(select(*axes, *sums).group_by(*axes)).all())


@dataclass(frozen=True, slots=True)
class Point:
    """A day of a line, or several together."""

    first: date
    last: date
    read: Read
    """Sentiments."""

    @property
    def counts(self) -> Counter[str]:
        """By sentiment."""
        return by_label(self.read)

    @property
    def mentions(self) -> int:
        """All of them."""
        return self.counts.total()


def trend(session: Session, chosen: Slice) -> list[Point]:
    """Sentiments over time, days without a mention included."""
    line = tally(session, DayCount, chosen)
    axes = (line.day, line.sentiment, line.model)
    rows = session.execute(select(*axes, func.sum(line.mentions).label("mentions")).group_by(*axes))
    step = step_of(chosen.days)
    points = [
        Point(start, min(start + timedelta(days=step - 1), chosen.last), {})
        for start in (chosen.first + timedelta(days=shift) for shift in range(0, chosen.days, step))
    ]
    for row in rows:
        read: Any = points[(row.day - chosen.first).days // step].read
        read.setdefault(row.model, Counter())[str(row.sentiment)] += row.mentions
    return points


def step_of(days: int) -> int:
    """How many days a point of a line stands for."""
    return 1 if days <= MOST_POINTS else 7 if days <= 7 * MOST_POINTS else 28


def by_hour(session: Session, chosen: Slice) -> list[list[int]]:
    """Mentions by weekday (Monday first) and hour in the slice's zone."""
    counts = [[0] * 24 for _ in range(7)]
    line = tally(session, HourCount, chosen)
    rows = session.execute(select(line.day, line.hour, func.sum(line.mentions)).group_by(line.day, line.hour))
    stretches = zones.stretches(ZoneInfo(chosen.zone), chosen.first, chosen.last)
    for day, utc_hour, size in rows:
        ahead = zones.ahead_at(stretches, start_of(day) + timedelta(hours=utc_hour))
        weekday, hour = zones.local(day.weekday(), utc_hour, ahead)
        counts[weekday][hour] += size
    return counts


def by_voice(session: Session, chosen: Slice) -> dict[str, Read]:
    """Sentiments towards each voice ("" for us), the most named first."""
    line = tally(session, VoiceCount, chosen)
    return felt(session, line, line.voice)


def by_place(session: Session, chosen: Slice, places: Sequence[str]) -> dict[str, Read]:
    """Sentiments of the mentions that name each of these places; all that are named at all, the most named first."""
    line = tally(session, PlaceCount, chosen)
    return felt(session, line, line.place, line.place.in_(places))


def top_places(session: Session, chosen: Slice, most: int) -> list[str]:
    """The places that are named the most."""
    line = tally(session, PlaceCount, chosen)
    found = select(line.place).group_by(line.place).order_by(func.sum(line.mentions).desc(), line.place)
    return list(session.scalars(found.limit(most)))


def felt(session: Session, line: Counts, axis: ColumnElement[Any], *which: ColumnElement[bool]) -> dict[Any, Read]:
    """Sentiments by one column of a table of counts, the largest first."""
    found: dict[Any, dict[str, Counter[str]]] = {}
    axes = (axis, line.sentiment, line.model)
    for part, sentiment, model, size in session.execute(
        select(*axes, func.sum(line.mentions)).where(*which).group_by(*axes)
    ):
        found.setdefault(part, {}).setdefault(model, Counter())[str(sentiment)] += size
    return largest_first(found)


def largest_first(found: Mapping[Any, Read]) -> dict[Any, Read]:
    """By how many mentions are in each."""
    return dict(sorted(found.items(), key=lambda item: (-size_of(item[1]), item[0])))


def size_of(read: Read) -> int:
    """All mentions in it."""
    return sum(sum(counts.values()) for counts in read.values())


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer."""

    brands: Mapping[int, str]
    networks: Sequence[str]
    languages: Sequence[str]
    segments: Sequence[Choice]


def choices(session: Session, brand_id: int | None) -> Choices:
    """Every brand, and the networks and languages that this brand was heard in."""
    rows = session.execute(select(Brand.id, Brand.name).order_by(func.lower(Brand.name), Brand.id)).all()
    brands = {row.id: row.name for row in rows}
    chosen = brand_id if brand_id in brands else next(iter(brands), None)
    heard = session.execute(_heard_in(chosen)).all()
    return Choices(
        brands,
        sorted({row.network for row in heard}),
        sorted({row.language for row in heard}),
        segments.choices(session),
    )


def _heard_in(brand_id: int | None) -> Select[*tuple[Any, ...]]:
    """Networks and languages of a brand. Each is looked for above the one before: years' counts are not read."""

    def least(column: Any, *which: ColumnElement[bool]) -> ScalarSelect[Any]:
        return select(func.min(column)).where(DayCount.brand_id == brand_id, *which).scalar_subquery()

    network = select(least(DayCount.network).label("network")).cte("network", recursive=True)
    network = network.union_all(
        select(least(DayCount.network, DayCount.network > network.c.network)).where(network.c.network.is_not(None))
    )
    first = least(DayCount.language, DayCount.network == network.c.network).label("language")
    heard = select(network.c.network, first).where(network.c.network.is_not(None)).cte("heard", recursive=True)
    above = (DayCount.network == heard.c.network, DayCount.language > heard.c.language)
    heard = heard.union_all(
        select(heard.c.network, least(DayCount.language, *above)).where(heard.c.language.is_not(None))
    )
    return select(heard.c.network, heard.c.language).where(heard.c.language.is_not(None))


# --- topics ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Example:
    """A mention that a phrase stands in."""

    conversation_id: int
    network: str
    sentiment: Sentiment
    text: str
    mention_id: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A phrase that is said more, or less, than in the period before."""

    phrase: Phrase
    negative: int
    """So many of the sampled mentions with it were read as negative."""
    examples: Sequence[Example]
    mentions: int | None = None
    """All mentions with it; None where only some were looked at."""
    mentions_before: int | None = None


@dataclass(frozen=True, slots=True)
class Topics:
    """What drives the change, and how many texts say so."""

    topics: Sequence[Topic]
    looked_at: int
    of: int
    before_looked_at: int
    before_of: int

    @property
    def sampled(self) -> bool:
        """Whether only some of the mentions were looked at."""
        return self.looked_at < self.of or self.before_looked_at < self.before_of


def topics(session: Session, chosen: Slice, before_it: Slice | None = None) -> Topics:
    """The phrases whose share changed most surely against the period before, with mentions that hold them."""
    now, before = _sample(session, chosen), _sample(session, before_it or chosen.before)
    brand = session.get_one(Brand, chosen.brand_id)
    dull = (brand.name, *brand.products)
    found = phrases.changed([row.text for row in now[0]], [row.text for row in before[0]], leave_out=dull)
    sizes = _mentions_with(now, found), _mentions_with(before, found)
    shown = []
    for phrase, size, earlier in zip(found, *sizes, strict=True):
        rows = (now if phrase.rises else before)[0]
        topic = _topic(phrase, [rows[place] for place in phrase.places])
        shown.append(replace(topic, mentions=size, mentions_before=earlier))
    return Topics(shown, len(now[0]), now[1], len(before[0]), before[1])


def _mentions_with(sample: tuple[Sequence[AnyRow], int], found: Sequence[Phrase]) -> list[int | None]:
    """How many mentions hold each phrase, the same text posted again included."""
    rows, total = sample
    if len(rows) < total:
        return [None] * len(found)
    texts = [phrases.plainly(row.text) for row in rows]
    return [sum(phrases.stands_in(text, phrase.words) for text in texts) for phrase in found]


def _topic(phrase: Phrase, rows: Sequence[AnyRow]) -> Topic:
    distinct = {phrases.plainly(row.text)[:ALIKE]: row for row in sorted(rows, key=lambda row: row.reach or 0)}
    examples = [
        Example(row.conversation_id, row.network, row.sentiment, " ".join(row.text[:EXAMPLE_LENGTH].split()), row.id)
        for row in sorted(distinct.values(), key=lambda row: -(row.reach or 0))[:EXAMPLES]
    ]
    return Topic(phrase, sum(row.sentiment is Sentiment.NEGATIVE for row in rows), examples)


def _sample(session: Session, chosen: Slice) -> tuple[Sequence[AnyRow], int]:
    """Up to SAMPLE mentions, evenly over the period, and how many there are.

    Where there are very many, days are taken that are spread over the period, and of their mentions each so-manieth.
    """
    sizes = _sizes(session, chosen)
    total = sum(sizes.values())
    every_day = max(1, -(-total // SCANNED))
    days = sorted(sizes)[::every_day]
    stride = max(1, -(-sum(sizes[day] for day in days) // SAMPLE))
    spans = [(chosen.first, chosen.last)] if every_day == 1 else [(day, day) for day in days]
    rows: list[AnyRow] = []
    for first, last in spans:
        heard = heard_by(chosen.brand_id, first, last, zone=chosen.days_in)
        conditions = [heard.c.mention_id % stride == 0] if stride > 1 else []
        statement = (
            select(
                Mention.id,
                Mention.conversation_id,
                Mention.network,
                Mention.text,
                Mention.reach,
                ReadingRow.sentiment,
            )
            .join_from(heard, Mention, Mention.id == heard.c.mention_id)
            .join(ReadingRow, ReadingRow.mention_id == Mention.id)
            .where(counted(), *said.conditions(session, chosen.said), *conditions)
            .order_by(Mention.id)
            .limit(SAMPLE)
        )
        rows += session.execute(statement).all()
    return rows[: 2 * SAMPLE], total


def mentions(session: Session, chosen: Slice) -> int:
    """How many there are."""
    return sum(_sizes(session, chosen).values())


def _sizes(session: Session, chosen: Slice) -> dict[date, int]:
    line = tally(session, DayCount, chosen)
    rows = session.execute(select(line.day, func.sum(line.mentions)).group_by(line.day))
    return {day: int(size) for day, size in rows}
