"""How the team answers: how soon, in time or not, how much waits, and what becomes of the people answered.

Only reads. All but the load and the closings is about the conversations that began on the days asked for; what each
number counts stands in engage/outcomes.py.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from engage import conversations, shares
from engage.analytics import Slice, mentions, step_of
from engage.outcomes import (
    BINS,
    Became,
    Outcome,
    answers,
    became,
    begun,
    goal_minutes,
    of_brand,
    recovery,
    reopenings,
    seconds_between,
)
from engage.rollups import day_of, start_of
from engage.shares import Share
from engage.tables import Activity, ActivityKind, Conversation, Status, User
from engage.tables import Team as TeamName


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in minutes; None where it never happened."""

    count: int
    median: float | None
    p90: float | None
    bins: Sequence[int] = ()
    """How many fell in each bar of the histogram (BINS)."""


@dataclass(frozen=True, slots=True)
class Team:
    """What became of the conversations that began in a slice. Advertising and spam are left out."""

    mentions: int
    begun: int
    answered: int
    closed: int
    """Answered and closed."""
    first_answer: Times
    next_answer: Times
    """Of every answer to a person who wrote again after our last one."""
    resolution: Times
    """From the first mention to the latest closing."""
    goal_minutes: int
    became: Mapping[Outcome, int]


COMPARED = (Outcome.WAITING, Outcome.CLOSED, Outcome.REOPENED)
"""What a period before is asked for, besides what is known from its answers."""


def team(session: Session, chosen: Slice, now: datetime, *, whole: bool = True) -> Team:
    """How the team did until now; a period before, which is only compared with, need not be `whole`."""
    answered = Conversation.answered_at.is_not(None)
    row = session.execute(
        select(
            func.count().label("begun"),
            func.count().filter(answered).label("answered"),
            func.count().filter(answered, Conversation.status == Status.CLOSED).label("closed"),
        ).where(*begun(session, chosen))
    ).one()
    first, again = _answer_times(session, chosen)
    goal = goal_minutes(session, chosen)
    counted = {outcome: _count(session, chosen, outcome, now) for outcome in COMPARED}
    in_time = sum(size for minutes, size in first.items() if minutes <= goal)
    counted |= {Outcome.IN_TIME: in_time, Outcome.LATE: sum(first.values()) - in_time}
    if whole:
        counted |= _recovered(session, chosen) | {Outcome.LEAD: _count(session, chosen, Outcome.LEAD, now)}
    return Team(
        mentions(session, chosen),
        row.begun,
        row.answered,
        row.closed,
        times(first),
        times(again),
        times(_sizes(session, _resolution(session, chosen))),
        goal,
        counted,
    )


def _answer_times(session: Session, chosen: Slice) -> tuple[dict[int, int], dict[int, int]]:
    """How many first answers, and later ones, took so many minutes. The database counts, so that few rows come."""
    sent = answers(session, chosen)
    statement = select(sent.c.first, sent.c.minutes, func.count()).where(sent.c.minutes.is_not(None))
    found: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for first, minutes, size in session.execute(statement.group_by(sent.c.first, sent.c.minutes)):
        found[0 if first else 1][minutes] = size
    return found


def _recovered(session: Session, chosen: Slice) -> dict[Outcome, int]:
    felt = recovery(session, chosen)
    unhappy = select(func.count(), func.sum(felt.c.better)).where(felt.c.unhappy == 1)
    of, better = session.execute(unhappy).one()
    return {Outcome.UNHAPPY: of, Outcome.RECOVERED: int(better or 0)}


def answered(found: Team) -> Share:
    """Of the conversations that began."""
    return shares.plain(found.answered, found.begun)


def met(found: Team) -> Share:
    """Answered within the goal, of all that were due."""
    in_time = found.became[Outcome.IN_TIME]
    return shares.plain(in_time, in_time + found.became[Outcome.LATE] + found.became[Outcome.WAITING])


def reopened(found: Team) -> Share:
    """Of the conversations that were closed."""
    return shares.plain(found.became[Outcome.REOPENED], found.became[Outcome.CLOSED])


def recovered(found: Team) -> Share:
    """Of the unhappy people whom we answered and who wrote again."""
    return shares.plain(found.became[Outcome.RECOVERED], found.became[Outcome.UNHAPPY])


def waiting_since(minutes: int, now: datetime) -> datetime:
    """What began before this moment and is not answered has waited for longer than the goal."""
    return now - timedelta(minutes=minutes)


def _count(session: Session, chosen: Slice, outcome: Outcome, now: datetime) -> int:
    since = waiting_since(goal_minutes(session, chosen), now) if outcome is Outcome.WAITING else None
    conditions = (*begun(session, chosen), *became(session, chosen, Became(outcome, since)))
    return session.scalar(select(func.count()).select_from(Conversation).where(*conditions)) or 0


def answered_again(session: Session, chosen: Slice) -> list[int]:
    """In how many conversations a later answer fell in each bar of the histogram."""
    sent = answers(session, chosen)
    place = sum((case((sent.c.minutes >= end, 1), else_=0) for end in BINS), literal(0)).label("place")
    found = (
        select(sent.c.conversation_id, place)
        .where(sent.c.first.is_(False), sent.c.minutes.is_not(None))
        .distinct()
        .subquery()
    )
    sizes = _sizes(session, select(found.c.place, func.count()).group_by(found.c.place))
    return [sizes.get(place, 0) for place in range(len(BINS) + 1)]


def _resolution(session: Session, chosen: Slice) -> Select[*tuple[Any, ...]]:
    closed = (
        select(Conversation.first_at.label("start"), func.max(Activity.at).label("end"))
        .join(Activity, Activity.conversation_id == Conversation.id)
        .where(*begun(session, chosen), Conversation.status == Status.CLOSED)
        .where(Activity.kind == ActivityKind.STATUS, Activity.text == conversations.CLOSED)
        .group_by(Conversation.id, Conversation.first_at)
        .subquery()
    )
    minutes = (seconds_between(session, closed.c.start, closed.c.end) // 60).label("minutes")
    return select(minutes, func.count()).group_by(minutes)


def _sizes(session: Session, counts: Select[*tuple[Any, ...]]) -> dict[int, int]:
    return {int(place): int(size) for place, size in session.execute(counts)}


def times(sizes: Mapping[int, int]) -> Times:
    """Median, ninth decile and histogram of durations, given how many took so many minutes."""
    bins = [0] * (len(BINS) + 1)
    for minutes, size in sizes.items():
        bins[sum(minutes >= end for end in BINS)] += size
    return Times(sum(sizes.values()), _quantile(sizes, 0.5), _quantile(sizes, 0.9), bins)


def _quantile(sizes: Mapping[int, int], share: float) -> float | None:
    """The shortest duration that at least this share did not exceed."""
    left = share * sum(sizes.values())
    for minute in sorted(sizes):
        left -= sizes[minute]
        if left <= 1e-9:
            return minute
    return None


# --- how much waits, and who does it -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """Conversations that are open now."""

    teams: Mapping[TeamName | None, int]
    people: Sequence[tuple[int | None, str, int]]
    """Id, name and number, the largest first; None for nobody."""


def load(session: Session, chosen: Slice) -> Load:
    """What waits now, whenever it began."""
    parts = (Conversation.team, Conversation.assignee_id)
    rows = session.execute(
        select(*parts, func.count().label("size"))
        .where(*of_brand(session, chosen), Conversation.status == Status.OPEN)
        .group_by(*parts)
    ).all()
    teams: Counter[TeamName | None] = Counter()
    people: Counter[int | None] = Counter()
    for row in rows:
        teams[row.team] += row.size
        people[row.assignee_id] += row.size
    known = session.execute(select(User.id, User.name).where(User.id.in_([id_ for id_ in people if id_]))).all()
    names = {row.id: row.name for row in known}
    return Load(teams, [(id_, names.get(id_ or 0, ""), size) for id_, size in people.most_common()])


@dataclass(frozen=True, slots=True)
class Flow:
    """What came in and what was done on some days."""

    first: date
    last: date
    begun: int
    closed: int
    """Conversations that somebody closed then, whenever they began."""


def flow(session: Session, chosen: Slice) -> list[Flow]:
    """Begun and closed over time."""
    step = step_of(chosen.days)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    came = day_of(is_sqlite, Conversation.first_at)
    begun_on = session.execute(select(came, func.count()).where(*begun(session, chosen)).group_by(came))
    begun_by: Counter[int] = Counter()
    for day, size in begun_on:
        begun_by[(day - chosen.first).days // step] += size
    went = _by_step(is_sqlite, Activity.at, chosen.first, step)
    closed_by = (
        select(went, func.count(Activity.conversation_id.distinct()))
        .join(Conversation, Conversation.id == Activity.conversation_id)
        .where(
            *of_brand(session, chosen), Activity.kind == ActivityKind.STATUS, Activity.text == conversations.CLOSED
        )
        .where(Activity.at >= start_of(chosen.first), Activity.at < start_of(chosen.last + timedelta(days=1)))
        .group_by(went)
    )
    closed = _sizes(session, closed_by)
    return [
        Flow(
            chosen.first + timedelta(days=place * step),
            min(chosen.first + timedelta(days=(place + 1) * step - 1), chosen.last),
            begun_by[place],
            closed.get(place, 0),
        )
        for place in range(-(-chosen.days // step))
    ]


def _by_step(is_sqlite: bool, moment: Any, first: date, step: int) -> ColumnElement[int]:
    """In which step from the first day on a moment lies."""
    day = day_of(is_sqlite, moment)
    days: Any = day - literal(first, Date)
    if is_sqlite:
        days = func.julianday(type_coerce(day, String)) - func.julianday(first.isoformat())
    return (cast(days, Integer) // step).label("step")


@dataclass(frozen=True, slots=True)
class AgentLine:
    """What somebody of the team did in the conversations that began in a slice."""

    id: int
    name: str
    answers: int
    conversations: int
    """Answered by this person."""
    times: Times
    """Of first and later answers together."""
    reopened: int
    """Of these conversations."""


def agents(session: Session, chosen: Slice) -> list[AgentLine]:
    """Everybody who answered, the most answers first."""
    sent = answers(session, chosen)
    again = case((sent.c.conversation_id.in_(reopenings(session, chosen)), sent.c.conversation_id))
    rows = session.execute(
        select(
            User.id,
            User.name,
            func.count().label("answers"),
            func.count(sent.c.conversation_id.distinct()).label("conversations"),
            func.count(again.distinct()).label("reopened"),
        )
        .join(User, User.id == sent.c.user_id)
        .group_by(User.id, User.name)
        .order_by(func.count().desc(), User.id)
    ).all()
    took: dict[int, dict[int, int]] = {}
    by_minute = (
        select(sent.c.user_id, sent.c.minutes, func.count())
        .where(sent.c.minutes.is_not(None))
        .group_by(sent.c.user_id, sent.c.minutes)
    )
    for user_id, minutes, size in session.execute(by_minute):
        took.setdefault(user_id, {})[minutes] = size
    return [
        AgentLine(row.id, row.name, row.answers, row.conversations, times(took.get(row.id, {})), row.reopened)
        for row in rows
    ]
