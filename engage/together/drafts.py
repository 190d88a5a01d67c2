"""Texts that were begun: saved while somebody writes, given back on any device, gone once sent."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from config.database import insert_ignoring
from config.errors import ConflictError, InvalidInputError, NotFoundError
from engage.permissions import Action, require
from engage.tables import Conversation, User
from engage.together.tables import Draft, DraftKind

LONGEST_DRAFT = 20_000


class DraftConflictError(ConflictError):
    """The draft is another by now: written, or sent, on another page of the same person."""

    def __init__(self, text: str, version: int) -> None:
        super().__init__("You wrote something else here in another window.", "Choose which text to keep.")
        self.text = text
        self.version = version


def save(
    session: Session, conversation_id: int, kind: DraftKind, text: str, *, seen: int, by: User, now: datetime
) -> int:
    """Keep this text instead of the version that was seen (0: none); the new version, 0 where nothing is left.

    Raises DraftConflictError where another version is stored, unless it says the same.
    """
    require(by, Action.NOTE)
    if len(text) > LONGEST_DRAFT:
        raise InvalidInputError(
            f"A draft of {len(text):,} characters is too long to be kept; {LONGEST_DRAFT:,} fit.", "Shorten it."
        )
    mine = (Draft.user_id == by.id, Draft.conversation_id == conversation_id, Draft.kind == kind)
    stored = session.scalars(select(Draft).where(*mine).with_for_update()).first()
    if stored is None:
        return _first(session, conversation_id, kind, text, seen, by, now)
    if stored.text == text:
        return stored.version
    if stored.version != seen:
        raise DraftConflictError(stored.text, stored.version)
    if not text.strip():
        session.execute(delete(Draft).where(*mine))
        return 0
    session.execute(update(Draft).where(*mine).values(text=text, version=seen + 1, saved_at=now))
    return seen + 1


def _first(
    session: Session, conversation_id: int, kind: DraftKind, text: str, seen: int, by: User, now: datetime
) -> int:
    if not text.strip():
        return 0
    if seen:
        raise DraftConflictError("", 0)
    if session.get(Conversation, conversation_id) is None:
        raise NotFoundError("This conversation does not exist.", "It may have been removed; go back to the inbox.")
    values = {"user_id": by.id, "conversation_id": conversation_id, "kind": kind}
    values |= {"text": text, "version": 1, "saved_at": now}
    session.execute(insert_ignoring(session, Draft).values(**values))
    stored = session.get_one(Draft, (by.id, conversation_id, kind))
    if stored.text != text:  # another page was faster by a moment
        raise DraftConflictError(stored.text, stored.version)
    return stored.version


def clear(session: Session, conversation_id: int, kind: DraftKind, user_id: int) -> None:
    """It was sent."""
    session.execute(
        delete(Draft).where(Draft.user_id == user_id, Draft.conversation_id == conversation_id, Draft.kind == kind)
    )
