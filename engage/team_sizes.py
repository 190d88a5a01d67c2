"""How many conversations a figure of the team's tab leads to, from what is kept."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from engage.analytics import Slice
from engage.outcomes import Became, Outcome
from engage.team import Team, agents, answered_again, team
from engage.team_counts import OUTCOMES
from engage.team_rollups import begun_days, closed_days

MUCH_LATER = datetime(8000, 1, 1, tzinfo=UTC)
"""When whatever waits is past any goal."""


COLUMNS = {outcome: name for name, outcome in OUTCOMES.items()}


def begun(session: Session, chosen: Slice, column: str = "begun") -> int:
    """How many began, whatever came of them, or how many of these another column of rollup_begun counts."""
    return sum(int(getattr(row, column)) for row in begun_days(session, chosen))


def closed(session: Session, chosen: Slice) -> int:
    """How many were closed, whenever they began."""
    return sum(int(row.conversations) for row in closed_days(session, chosen) if row.again_on > chosen.last)


def became(session: Session, chosen: Slice, asked: Became) -> int | None:
    """Of how many this came; None where things are asked together that no figure counts together."""
    if asked.outcome in COLUMNS and asked == Became(asked.outcome):
        return begun(session, chosen, COLUMNS[asked.outcome])
    found = team(session, chosen, MUCH_LATER)
    if asked.since:
        found = team(session, chosen, asked.since + timedelta(minutes=found.goal_minutes))
    match asked:
        case Became(outcome=Outcome() as outcome, first=None, again=None, agent_id=None):
            return found.became[outcome]
        case Became(outcome=None, first=int(bar), again=None, agent_id=None):
            return found.first_answer.bins[bar]
        case Became(outcome=None, first=None, again=int(bar), agent_id=None):
            return answered_again(found)[bar]
        case Became(outcome=None | Outcome.REOPENED, first=None, again=None, agent_id=int(person)):
            return _of_agent(session, found, person, reopened=asked.outcome is not None)
    return None


def _of_agent(session: Session, found: Team, person: int, *, reopened: bool) -> int:
    line = next((line for line in agents(session, found) if line.id == person), None)
    return 0 if line is None else line.reopened if reopened else line.conversations
