"""From a brand's mentions to its incidents: which counts are watched, and how unusual moments join to one incident.

Deciding is pure; only `read_history` and `read_posts` ask the database.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from engage import detection
from engage.causes import Post
from engage.detection import DAY, HISTORY, LEARNING, LEVEL_FROM, STEP_S, WINDOWS, Baseline, Counts, Numbers, ReachTail
from listener.query import Query, QueryError, parse
from listener.tables import AlsoHeard, Author, Mention
from nlp.reading import Sentiment
from nlp.tables import ReadingRow

VOLUME, NEGATIVE, SHARE, REACH = "volume", "negative", "share", "reach"
TOPIC = "topic:"
KEPT = 1.0
"""What comes by chance less often than this a week keeps an incident going that began with something rarer."""
QUIET = 24
"""Steps (two hours) without anything unusual after which an incident is over."""
BEFORE = LEVEL_FROM + WINDOWS[-1]
"""Steps that `detection.judge` looks back."""
MOST_POSTS = 4000
Model = dict[str, Any]


def step_of(moment: datetime) -> int:
    """The five minutes that a moment lies in, counted since 1970."""
    return int(moment.timestamp()) // STEP_S


def moment_of(step: int) -> datetime:
    """When a step begins."""
    return datetime.fromtimestamp(step * STEP_S, UTC)


# --- what is watched ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one mention reached."""

    step: int
    author_id: int
    mention_id: int
    reach: int


@dataclass(frozen=True, slots=True)
class History:
    """A brand's mentions over a stretch of time, counted."""

    series: Mapping[str, Counts]
    reached: Sequence[Reached]
    """In order of time."""

    def between(self, start: int, end: int) -> "History":
        """The part from step `start` to before `end`."""
        first, last = (bisect_left(self.reached, step, key=lambda one: one.step) for step in (start, end))
        return History(
            {name: counts.between(start, end) for name, counts in self.series.items()}, self.reached[first:last]
        )


def of_brand(brand_id: int, start: datetime, end: datetime) -> ColumnElement[bool]:
    """The mentions of a brand that were posted in that time and not taken back."""
    also = exists().where(AlsoHeard.mention_id == Mention.id, AlsoHeard.brand_id == brand_id)
    within = and_(Mention.created_at >= start, Mention.created_at < end, Mention.deleted_at.is_(None))
    return and_(or_(Mention.brand_id == brand_id, also), within)


def of_series(series: str, author_id: int | None = None) -> ColumnElement[bool] | None:
    """The condition on mentions (joined with readings) that a series counts; None for all and for topics."""
    if series in {NEGATIVE, SHARE}:
        return ReadingRow.sentiment == Sentiment.NEGATIVE
    return Mention.author_id == author_id if series == REACH and author_id else None


def topic_query(topic: str) -> Query | None:
    """A topic ready to match; None if it can't be read any more."""
    try:
        return parse(topic)
    except QueryError:
        return None


def read_history(session: Session, brand_id: int, start: datetime, end: datetime, topics: Iterable[str]) -> History:
    """Count a brand's mentions by step. Rows are read as they come, so that memory does not grow with them."""
    queries = {TOPIC + topic: query for topic in topics if (query := topic_query(topic))}
    columns: list[Any] = [Mention.id, Mention.created_at, ReadingRow.sentiment, Mention.author_id, reach_of()]
    rows = session.execute(
        select(*columns, *([Mention.text] if queries else []))
        .outerjoin(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(of_brand(brand_id, start, end))
        .order_by(Mention.created_at),
        execution_options={"yield_per": 5000},
    )
    first, length = step_of(start), step_of(end) - step_of(start) + 1
    counts = {name: np.zeros(length) for name in (VOLUME, NEGATIVE, *queries)}
    reached: list[Reached] = []
    for mention_id, at, sentiment, author_id, reach, *text in rows:
        place = step_of(at) - first
        counts[VOLUME][place] += 1
        counts[NEGATIVE][place] += sentiment == Sentiment.NEGATIVE
        for name, query in queries.items():
            counts[name][place] += query.matches(text[0])
        if reach:
            reached.append(Reached(first + place, author_id, mention_id, reach))
    return History(_since_first({name: Counts(first, values) for name, values in counts.items()}), reached)


def reach_of() -> ColumnElement[int]:
    """Whom a mention reached: its author's followers and everybody who reacted."""
    return func.coalesce(Mention.reach, 0) + Mention.likes + Mention.shares + Mention.replies


def _since_first(series: dict[str, Counts]) -> dict[str, Counts]:
    """History begins with the first mention: before that nobody listened."""
    heard = np.flatnonzero(series[VOLUME].values)
    start = series[VOLUME].first + (int(heard[0]) if len(heard) else len(series[VOLUME].values))
    return {name: counts.between(start, counts.end) for name, counts in series.items()}


# --- what is usual, and what is not ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for a brand before a day."""

    series: Mapping[str, Baseline]
    share: tuple[float, float]
    reach: ReachTail | None

    @property
    def watched(self) -> int:
        """Number of series that may alarm."""
        return len(self.series) + 1 + (self.reach is not None)

    def as_json(self) -> Model:
        """For storing."""
        reach = [self.reach.a_week, self.reach.from_, self.reach.tail] if self.reach else None
        series = {name: baseline.as_json() for name, baseline in self.series.items()}
        return {"series": series, "share": list(self.share), "reach": reach}

    @classmethod
    def from_json(cls, stored: Model) -> "Usual":
        """What `as_json` gave."""
        return cls(
            {name: Baseline.from_json(baseline) for name, baseline in stored["series"].items()},
            (stored["share"][0], stored["share"][1]),
            ReachTail(*stored["reach"]) if stored["reach"] else None,
        )


def learn(history: History, day: int) -> Usual | None:
    """From the eight weeks before step `day`; None while there is too little history to judge by."""
    past = history.between(day - HISTORY, day)
    steps = len(past.series[VOLUME].values)
    if steps < LEARNING:
        return None
    by_author: dict[tuple[int, int], int] = {}
    for one in past.reached:
        key = (one.step // DAY, one.author_id)
        by_author[key] = max(by_author.get(key, 0), one.reach)
    return Usual(
        {name: detection.learn(counts) for name, counts in past.series.items()},
        detection.usual_share(past.series[NEGATIVE], past.series[VOLUME]),
        detection.learn_reach(np.array(list(by_author.values()), float), steps),
    )


@dataclass(frozen=True, slots=True)
class Signal:
    """A series that is unusual at a step."""

    series: str
    step: int
    often: float
    """How often a week as much comes by chance."""
    count: int
    expected: float
    window: int
    onset: int
    """The step at which it began."""
    mention_id: int | None = None
    """Of the author who reaches far."""


def signals(history: History, usual: Usual, since: int) -> list[Signal]:
    """Whatever is unusual from step `since` on, in order of time; `history` begins BEFORE steps earlier."""
    found: list[Signal] = []
    for name, counts in history.series.items():
        if name in usual.series:
            found += _unusual(name, counts, detection.judge(counts, usual.series[name], since))
    share = detection.judge_share(history.series[NEGATIVE], history.series[VOLUME], *usual.share, since)
    found += _unusual(SHARE, history.series[NEGATIVE], share)
    found += _far(history.reached, usual.reach, since)
    return sorted(found, key=lambda signal: signal.step)


def _unusual(name: str, counts: Counts, judged: detection.Judged) -> list[Signal]:
    found = []
    for place in np.flatnonzero(judged.often < KEPT):
        step, window = judged.first + int(place), int(judged.window[place])
        expected = float(judged.expected[place])
        begun = detection.onset(counts, expected, window, step)
        found.append(
            Signal(name, step, float(judged.often[place]), round(judged.count[place]), expected, window, begun)
        )
    return found


def _far(reached: Sequence[Reached], tail: ReachTail | None, since: int) -> list[Signal]:
    late = [one for one in reached if one.step >= since]
    if tail is None or not late:
        return []
    often: Numbers = tail.a_week_beyond(np.array([one.reach for one in late], float))
    return [
        Signal(REACH, one.step, float(rate), one.reach, tail.from_, 1, one.step, one.mention_id)
        for one, rate in zip(late, often, strict=True)
        if rate < KEPT
    ]


# --- one incident out of many unusual moments --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Incident:
    """Unusual moments that belong together."""

    start: int
    last: int
    """The last unusual step."""
    peaks: Mapping[str, Signal] = field(default_factory=dict)
    """The least likely signal of each series."""

    @property
    def main(self) -> Signal:
        """What is most unusual; whole counts before parts of them where they are alike."""
        order = [VOLUME, NEGATIVE, SHARE]
        alike = [signal for signal in self.peaks.values() if signal.often <= self._least * 100 + 1e-12]
        return min(alike, key=lambda signal: order.index(signal.series) if signal.series in order else 3)

    @property
    def _least(self) -> float:
        return min(signal.often for signal in self.peaks.values())

    def over(self, now: int) -> bool:
        """Whether it was quiet long enough."""
        return now - self.last > QUIET

    def with_signal(self, signal: Signal) -> "Incident":
        """The same, with one more unusual moment."""
        known = self.peaks.get(signal.series)
        peaks = dict(self.peaks) if known and known.often <= signal.often else {**self.peaks, signal.series: signal}
        return replace(self, last=max(self.last, signal.step), peaks=peaks)


def join(found: Iterable[Signal], allowed: float, running: Incident | None = None, closed: int = 0) -> list[Incident]:
    """The incidents in signals that are in order of time. `running` goes on; nothing begins up to step `closed`.

    `allowed`: how often a week one series may begin an incident by chance.
    """
    incidents = [running] if running else []
    now = running
    for signal in found:
        if now is not None and not now.over(signal.step):
            now = incidents[-1] = now.with_signal(signal)
        elif signal.often < allowed and signal.step > closed:
            begun = max(signal.onset, (incidents[-1].last if incidents else closed) + 1)
            now = Incident(begun, signal.step, {signal.series: signal})
            incidents.append(now)
    return incidents


def replay(history: History, since: int, until: int, alarms_a_week: float) -> list[Incident]:
    """What would have been said from step `since` to `until`, day by day, each judged only by what was before it."""
    incidents: list[Incident] = []
    for day in range(since - since % DAY, until + 1, DAY):
        usual = learn(history, day)
        if usual:
            begin = max(day, since)
            found = signals(history.between(begin - BEFORE, min(day + DAY, until + 1)), usual, begin)
            running = incidents.pop() if incidents else None
            incidents += join(found, alarms_a_week / usual.watched, running)
    return incidents


# --- the mentions of an incident ---------------------------------------------------------------------------------


def read_posts(
    session: Session,
    brand_id: int,
    start: datetime,
    end: datetime,
    series: str = VOLUME,
    author_id: int | None = None,
) -> list[Post]:
    """The mentions that a series counts in that time, the latest MOST_POSTS, oldest first."""
    condition = of_series(series, author_id)
    earlier = aliased(Mention)
    spoke = exists().where(
        earlier.author_id == Mention.author_id, earlier.created_at < start, earlier.brand_id == Mention.brand_id
    )
    rows = session.execute(
        select(
            Mention.id,
            Mention.created_at,
            Mention.author_id,
            Author.handle,
            Mention.network,
            Mention.thread,
            Mention.text,
            ReadingRow.sentiment,
            reach_of(),
            spoke,
            Mention.reach,
        )
        .join(Author, Author.id == Mention.author_id)
        .outerjoin(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(of_brand(brand_id, start, end), *([condition] if condition is not None else []))
        .order_by(Mention.created_at.desc())
        .limit(MOST_POSTS)
    ).all()
    query = topic_query(series.removeprefix(TOPIC)) if series.startswith(TOPIC) else None
    return [
        Post(
            number,
            at,
            author,
            handle,
            network,
            thread,
            text,
            sentiment == Sentiment.NEGATIVE,
            reach,
            not spoke_before,
            followers,
        )
        for number, at, author, handle, network, thread, text, sentiment, reach, spoke_before, followers in reversed(
            rows
        )
        if query is None or query.matches(text)
    ]
