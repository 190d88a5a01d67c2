"""Giving conversations that wait to people: the next for somebody who asks, or shared out by itself.

Rows are claimed, so two people never get the same one, whichever process asks.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from config.clock import Clock
from config.database import lock_stage
from engage import conversations
from engage.permissions import Action, require
from engage.tables import WAITING, ActivityKind, Conversation, Priority, Team, User
from engage.together import notices, work
from engage.together.presence import is_online
from engage.together.sharing import Taker, share_out
from engage.together.tables import MOST_OPEN, NoticeKind, PersonWork, Sharing

BY_PRESSURE = sorted(Priority, reverse=True)
BATCH = 100


def next_for(session: Session, user: User, now: datetime) -> Conversation | None:
    """Give somebody the most pressing conversation that waits for their team; None where nothing does."""
    require(user, Action.ASSIGN)
    for conversation in _most_pressing(session, user.team, 1):
        _give(session, conversation, user, user, now)
        return conversation
    return None


def assign_waiting(session: Session, clock: Clock, limit: int = BATCH) -> int:
    """Share out what waits in the teams that want it, to people who are here and have room; the number given."""
    wanted = {team: how for team, how in work.sharing(session).items() if how is not Sharing.OFF}
    if not wanted:
        return 0
    lock_stage(session, "assign")
    now = clock()
    return sum(_share(session, team, how, now, limit) for team, how in wanted.items())


def _share(session: Session, team: Team, how: Sharing, now: datetime, limit: int) -> int:
    takers = _takers(session, team, now)
    room = sum(max(taker.most - taker.open, 0) for taker in takers)
    waiting = _most_pressing(session, team, min(room, limit)) if room else []
    given = share_out(len(waiting), takers, how)
    people = {user.id: user for user in session.scalars(select(User).where(User.id.in_(set(given))))} if given else {}
    for conversation, user_id in zip(waiting, given, strict=True):
        _give(session, conversation, people[user_id], None, now)
    work.raise_turns(session, given)
    return len(given)


def _takers(session: Session, team: Team, now: datetime) -> list[Taker]:
    rows = session.execute(
        select(User.id, PersonWork.away, PersonWork.most_open, PersonWork.turn)
        .outerjoin(PersonWork, PersonWork.user_id == User.id)
        .where(User.active, User.team == team, is_online(now))
        .order_by(User.id)
    ).all()
    limits = {row.id: MOST_OPEN if row.most_open is None else row.most_open for row in rows if not row.away}
    have = work.open_counts(session, limits)
    turns = {row.id: row.turn or 0 for row in rows}
    return [Taker(user_id, have[user_id], most, turns[user_id]) for user_id, most in limits.items()]


def _most_pressing(session: Session, team: Team, limit: int) -> Sequence[Conversation]:
    """By priority, then by how long they wait. What somebody else is just taking is left to them."""
    found: list[Conversation] = []
    for priority in BY_PRESSURE:
        if len(found) < limit:
            some = select(Conversation).where(
                text(WAITING), Conversation.team == team, Conversation.priority == priority
            )
            some = some.order_by(Conversation.last_at, Conversation.id).limit(limit - len(found))
            found += session.scalars(some.with_for_update(skip_locked=True))
    return found


def _give(session: Session, conversation: Conversation, to: User, by: User | None, now: datetime) -> None:
    conversation.assignee_id = to.id
    conversation.version += 1
    conversation.changed_at = now
    conversations.trace(session, conversation, ActivityKind.ASSIGNED, f"Assigned to {to.name}", by, now, was="nobody")
    if by is None:
        notices.tell(
            session, [to.id], NoticeKind.ASSIGNED, conversation.id, conversation.excerpt, by_id=None, now=now
        )
