"""How the team answers: how soon, in time or not, how much waits, and what becomes of the people answered.

Only reads. All but the load and the closings is about the conversations that began on the days asked for; what each
number counts stands in engage/outcomes.py. Nearly all is answered from what is kept of each day
(engage/team_rollups.py); a segment, or days of another zone, is counted from its conversations.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage import shares, team_counts, team_rollups
from engage.analytics import Slice, mentions, step_of
from engage.outcomes import Became, Outcome, became, begun, goal_minutes, of_brand
from engage.shares import Share
from engage.tables import Conversation, Status, User
from engage.tables import Team as TeamName
from engage.times import (
    Packed,
    Times,
    by_person,
    conversations_by_bar,
    firsts,
    laters,
    timed,
    times,
    unpack,
    unpack_minutes,
)


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
    begun_on: Mapping[date, int]
    """By day; days without any are left out."""
    answers: Packed = field(repr=False, compare=False)
    """Every answer (engage/times.py)."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What is known of a slice: the numbers of its days (an attribute each), and its packed times."""

    days: Sequence[Any]
    answers: Packed
    resolutions: Packed

    def total(self, name: str, until: date = date.max) -> int:
        """Of the days before `until`."""
        return sum(int(getattr(row, name)) for row in self.days if row.day < until)

    def begun_on(self) -> Counter[date]:
        """How many conversations began, by day."""
        begun_by: Counter[date] = Counter()
        for row in self.days:
            begun_by[row.day] += int(row.begun)
        return begun_by


def team(session: Session, chosen: Slice, now: datetime) -> Team:
    """How the team did until now."""
    read = _read(session, chosen)
    goal = goal_minutes(session, chosen)
    first = firsts(read.answers)
    in_time = int((first <= goal).sum())
    counted = {outcome: read.total(name) for name, outcome in team_counts.OUTCOMES.items()}
    counted |= {Outcome.IN_TIME: in_time, Outcome.LATE: len(first) - in_time}
    counted[Outcome.WAITING] = _waiting(session, chosen, read, waiting_since(goal, now))
    return Team(
        mentions(session, chosen),
        read.total("begun"),
        read.total("answered"),
        read.total("settled"),
        times(first),
        times(laters(read.answers)),
        times(read.resolutions),
        goal,
        counted,
        read.begun_on(),
        read.answers,
    )


def _read(session: Session, chosen: Slice) -> _Read:
    if team_rollups.is_kept(chosen):
        days, packs = team_rollups.begun_days(session, chosen), team_rollups.packs(session, chosen)
    else:
        days = packs = team_rollups.begun_now(session, chosen)
    return _Read(days, unpack(line.answers for line in packs), unpack_minutes(line.resolutions for line in packs))


def _waiting(session: Session, chosen: Slice, read: _Read, since: datetime) -> int:
    """What was due before a moment and waits still: all of the days before, and a part of the moment's own."""
    day = since.date()
    if not team_rollups.is_kept(chosen):
        return _waiting_now(session, chosen, since)
    on_it = replace(chosen, first=day, last=day)
    part = _waiting_now(session, on_it, since) if chosen.first <= day <= chosen.last else 0
    return read.total("due", until=day) + part


def _waiting_now(session: Session, chosen: Slice, since: datetime) -> int:
    conditions = (*begun(session, chosen), *became(session, chosen, Became(Outcome.WAITING, since)))
    return session.scalar(select(func.count()).select_from(Conversation).where(*conditions)) or 0


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


def answered_again(found: Team) -> list[int]:
    """In how many conversations a later answer fell in each bar of the histogram."""
    return conversations_by_bar(found.answers)


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


def flow(session: Session, chosen: Slice, found: Team) -> list[Flow]:
    """Begun and closed over time."""
    step = step_of(chosen.days)
    read = team_rollups.closed_days if team_rollups.is_kept(chosen) else team_rollups.closed_now
    closed = read(session, chosen)
    points = []
    for shift in range(0, chosen.days, step):
        first = chosen.first + timedelta(days=shift)
        last = min(first + timedelta(days=step - 1), chosen.last)
        begun_then = sum(size for day, size in found.begun_on.items() if first <= day <= last)
        # Closed once more within the step: counted then.
        closed_then = sum(int(row.conversations) for row in closed if first <= row.day <= last < row.again_on)
        points.append(Flow(first, last, begun_then, closed_then))
    return points


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


def agents(session: Session, found: Team) -> list[AgentLine]:
    """Everybody who answered, the most answers first."""
    theirs = dict(by_person(found.answers))
    names = session.execute(select(User.id, User.name).where(User.id.in_(theirs))).all()
    lines = [_agent(row.id, row.name, theirs[row.id]) for row in names]
    return sorted(lines, key=lambda line: (-line.answers, line.id))


def _agent(person: int, name: str, answers: Packed) -> AgentLine:
    conversations, again = (int(answers[flag].sum()) for flag in ("counts", "reopened"))
    return AgentLine(person, name, len(answers), conversations, times(timed(answers)), again)
