"""What the analytics answer. Only reads, nearly all from the counts by day; every answer is a statement or two."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from config.database import AnyRow
from engage import phrases, said
from engage.phrases import Phrase
from engage.rollups import counted, heard_by
from engage.said import Said
from engage.tables import DayCount, HourCount, VoiceCount
from listener.tables import Brand, Mention
from nlp.reading import Sentiment
from nlp.tables import ReadingRow

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


@dataclass(frozen=True, slots=True)
class Slice:
    """What is looked at: a brand on these UTC days, both included; "" leaves a question open."""

    brand_id: int
    first: date
    last: date
    network: str = ""
    language: str = ""

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
        return Said(self.brand_id, self.first, self.last, self.network, self.language)


def _within(table: Any, chosen: Slice) -> list[ColumnElement[bool]]:
    conditions = [table.brand_id == chosen.brand_id, table.day.between(chosen.first, chosen.last)]
    if chosen.network:
        conditions.append(table.network == chosen.network)
    if chosen.language:
        conditions.append(table.language == chosen.language)
    return conditions


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
    axes = (DayCount.network, DayCount.language, DayCount.sentiment, DayCount.intent, DayCount.model)
    sums = (func.sum(DayCount.mentions).label("mentions"), func.sum(DayCount.reach).label("reach"))
    found = session.execute(select(*axes, *sums).where(*_within(DayCount, chosen)).group_by(*axes)).all()
    return Mix(found)


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
        total: Counter[str] = Counter()
        for counts in self.read.values():
            total.update(counts)
        return total

    @property
    def mentions(self) -> int:
        """All of them."""
        return self.counts.total()


def trend(session: Session, chosen: Slice) -> list[Point]:
    """Sentiments over time, days without a mention included."""
    axes = (DayCount.day, DayCount.sentiment, DayCount.model)
    rows = session.execute(
        select(*axes, func.sum(DayCount.mentions).label("mentions")).where(*_within(DayCount, chosen)).group_by(*axes)
    )
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
    """Mentions by UTC weekday (Monday first) and hour."""
    counts = [[0] * 24 for _ in range(7)]
    rows = session.execute(
        select(HourCount.day, HourCount.hour, func.sum(HourCount.mentions))
        .where(*_within(HourCount, chosen))
        .group_by(HourCount.day, HourCount.hour)
    )
    for day, hour, size in rows:
        counts[day.weekday()][hour] += size
    return counts


def by_voice(session: Session, chosen: Slice) -> dict[str, Read]:
    """Sentiments towards each voice ("" for us), the most named first."""
    axes = (VoiceCount.voice, VoiceCount.sentiment, VoiceCount.model)
    found: dict[str, dict[str, Counter[str]]] = {}
    rows = session.execute(
        select(*axes, func.sum(VoiceCount.mentions).label("size")).where(*_within(VoiceCount, chosen)).group_by(*axes)
    )
    for voice, sentiment, model, size in rows:
        found.setdefault(voice, {}).setdefault(model, Counter())[str(sentiment)] += size
    return dict(sorted(found.items(), key=lambda item: (-_size(item[1]), item[0])))


def _size(read: Read) -> int:
    return sum(sum(counts.values()) for counts in read.values())


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer."""

    brands: Mapping[int, str]
    networks: Sequence[str]
    languages: Sequence[str]


def choices(session: Session, brand_id: int | None) -> Choices:
    """Every brand, and the networks and languages that this brand was heard in."""
    rows = session.execute(select(Brand.id, Brand.name).order_by(func.lower(Brand.name), Brand.id)).all()
    brands = {row.id: row.name for row in rows}
    chosen = brand_id if brand_id in brands else next(iter(brands), None)
    axes = (DayCount.network, DayCount.language)
    heard = session.execute(select(*axes).where(DayCount.brand_id == chosen).distinct()).all()
    return Choices(brands, sorted({row.network for row in heard}), sorted({row.language for row in heard}))


# --- topics ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Example:
    """A mention that a phrase stands in."""

    conversation_id: int
    network: str
    sentiment: Sentiment
    text: str


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


def topics(session: Session, chosen: Slice) -> Topics:
    """The phrases whose share changed most surely against the period before, with mentions that hold them."""
    now, before = _sample(session, chosen), _sample(session, chosen.before)
    brand = session.get_one(Brand, chosen.brand_id)
    dull = (brand.name, *brand.products)
    found = phrases.changed([row.text for row in now[0]], [row.text for row in before[0]], leave_out=dull)
    rising = [phrase for phrase in found if phrase.z > 0]
    held = _holding(now[0], rising) | _holding(before[0], [phrase for phrase in found if phrase.z < 0])
    sizes = _mentions_with(now, found), _mentions_with(before, found)
    shown = [
        replace(_topic(phrase, held[phrase.words]), mentions=size, mentions_before=earlier)
        for phrase, size, earlier in zip(found, *sizes, strict=True)
    ]
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
        Example(row.conversation_id, row.network, row.sentiment, " ".join(row.text[:EXAMPLE_LENGTH].split()))
        for row in sorted(distinct.values(), key=lambda row: -(row.reach or 0))[:EXAMPLES]
    ]
    return Topic(phrase, sum(row.sentiment is Sentiment.NEGATIVE for row in rows), examples)


def _holding(rows: Sequence[AnyRow], found: Iterable[Phrase]) -> dict[str, list[AnyRow]]:
    held: dict[str, list[AnyRow]] = {phrase.words: [] for phrase in found}
    if not held:
        return held
    for text, row in {phrases.plainly(row.text): row for row in rows}.items():
        for words in phrases.phrases_of(text) & held.keys():
            held[words].append(row)
    return held


def _sample(session: Session, chosen: Slice) -> tuple[Sequence[AnyRow], int]:
    """Up to SAMPLE mentions, evenly over the period, and how many there are.

    Where there are very many, days are taken that are spread over the period, and of their mentions each so-manieth.
    """
    sizes = _sizes(session, chosen)
    total = sum(sizes.values())
    every_day = max(1, -(-total // SCANNED))
    days = sorted(sizes)[::every_day]
    stride = max(1, -(-sum(sizes[day] for day in days) // SAMPLE))
    conditions = [Mention.id % stride == 0] if stride > 1 else []
    spans = [(chosen.first, chosen.last)] if every_day == 1 else [(day, day) for day in days]
    rows: list[AnyRow] = []
    for first, last in spans:
        heard = heard_by(chosen.brand_id, first, last)
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
    rows = session.execute(
        select(DayCount.day, func.sum(DayCount.mentions)).where(*_within(DayCount, chosen)).group_by(DayCount.day)
    )
    return {day: int(size) for day, size in rows}
