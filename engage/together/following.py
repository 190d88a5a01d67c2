"""Followers hear what happens in a conversation, whoever has it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config.database import insert_ignoring
from engage.tables import User
from engage.together.tables import Follow


def follow(session: Session, conversation_id: int, user_ids: Iterable[int], now: datetime) -> None:
    """From now on they follow it."""
    rows = [{"user_id": user_id, "conversation_id": conversation_id, "at": now} for user_id in sorted(set(user_ids))]
    if rows:
        session.execute(insert_ignoring(session, Follow).values(rows))


def unfollow(session: Session, conversation_id: int, user_id: int) -> None:
    """No more."""
    session.execute(delete(Follow).where(Follow.user_id == user_id, Follow.conversation_id == conversation_id))


def followers(session: Session, conversation_id: int) -> set[int]:
    """Their ids; who was switched off is told nothing."""
    found = select(Follow.user_id).join(User, User.id == Follow.user_id)
    return set(session.scalars(found.where(Follow.conversation_id == conversation_id, User.active)))
