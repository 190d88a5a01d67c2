"""Texts that were begun: saved while somebody writes, given back on any device, gone once sent."""

import secrets
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
    version = _mark()
    session.execute(update(Draft).where(*mine).values(text=text, version=version, saved_at=now))
    return version


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
    values |= {"text": text, "version": _mark(), "saved_at": now}
    session.execute(insert_ignoring(session, Draft).values(**values))
    stored = session.get_one(Draft, (by.id, conversation_id, kind))
    if stored.text != text:  # another page was faster by a moment
        raise DraftConflictError(stored.text, stored.version)
    return stored.version


def _mark() -> int:
    """A version that was never there before, also where a draft was cleared and begun anew meanwhile."""
    return secrets.randbelow(2**31 - 1) + 1


def clear(session: Session, conversation_id: int, kind: DraftKind, user_id: int) -> None:
    """It was sent."""
    session.execute(
        delete(Draft).where(Draft.user_id == user_id, Draft.conversation_id == conversation_id, Draft.kind == kind)
    )
