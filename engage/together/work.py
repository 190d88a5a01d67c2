"""How teams share their work and how each person works: the settings, and who is here now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from config.errors import InvalidInputError
from engage.permissions import Action, require
from engage.tables import Conversation, Status, Team, User
from engage.together.presence import is_online
from engage.together.tables import MOST_OPEN, MailWish, PersonWork, Sharing, TeamWork

MOST_ALLOWED = 500


def sharing(session: Session) -> dict[Team, Sharing]:
    """How each team shares."""
    stored = {row.team: row.sharing for row in session.scalars(select(TeamWork))}
    return {team: stored.get(team, Sharing.OFF) for team in Team}


def set_sharing(session: Session, team: Team, how: Sharing, *, by: User) -> None:
    """Change it."""
    require(by, Action.MANAGE_TEAMS)
    session.merge(TeamWork(team=team, sharing=how))
    session.flush()


def person(session: Session, user_id: int) -> PersonWork:
    """How somebody works; the defaults where they never said."""
    stored = session.get(PersonWork, user_id)
    return stored or PersonWork(user_id=user_id, most_open=MOST_OPEN, away=False, mails=MailWish.NONE, turn=0)


def set_person(
    session: Session,
    user_id: int,
    *,
    most_open: int | None = None,
    away: bool | None = None,
    mails: MailWish | None = None,
) -> PersonWork:
    """Change what is given. Raises InvalidInputError."""
    if most_open is not None and not 0 <= most_open <= MOST_ALLOWED:
        raise InvalidInputError(
            f"{most_open:,} conversations cannot be a limit.", f"Take 0 to {MOST_ALLOWED}.", field="most_open"
        )
    stored = session.merge(person(session, user_id))
    stored.most_open = stored.most_open if most_open is None else most_open
    stored.away = stored.away if away is None else away
    stored.mails = stored.mails if mails is None else mails
    session.flush()
    return stored


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of a team, as the page of teams shows them."""

    id: int
    name: str
    team: Team
    online: bool
    away: bool
    open: int
    most: int


def colleagues(session: Session, now: datetime) -> Sequence[Colleague]:
    """Everybody who is switched on, by name."""
    rows = session.execute(
        select(User.id, User.name, User.team, is_online(now), PersonWork.away, PersonWork.most_open)
        .outerjoin(PersonWork, PersonWork.user_id == User.id)
        .where(User.active)
        .order_by(func.lower(User.name), User.id)
    ).all()
    have = open_counts(session, {row.id: MOST_ALLOWED for row in rows})
    return [
        Colleague(
            id=user_id,
            name=name,
            team=team,
            online=online,
            away=bool(away),
            open=have[user_id],
            most=MOST_OPEN if most is None else most,
        )
        for user_id, name, team, online, away, most in rows
    ]


def open_counts(session: Session, bounds: Mapping[int, int]) -> dict[int, int]:
    """How many open conversations each has, counted up to a bound each; one statement."""
    parts = [_open_of(user_id, bound) for user_id, bound in bounds.items()]
    return {row[0]: row[1] for row in session.execute(union_all(*parts))} if parts else {}


def _open_of(user_id: int, bound: int) -> Select[*tuple[Any, ...]]:
    some = select(Conversation.id).where(Conversation.assignee_id == user_id, Conversation.status == Status.OPEN)
    return select(literal(user_id), func.count()).select_from(some.limit(bound).subquery())


def raise_turns(session: Session, user_ids: Iterable[int]) -> None:
    """These were given something, in this order."""
    latest = session.scalar(select(func.max(PersonWork.turn))) or 0
    turns = {user_id: number for number, user_id in enumerate(user_ids, latest + 1)}
    for user_id, number in turns.items():
        session.merge(person(session, user_id)).turn = number
