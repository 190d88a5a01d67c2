"""What one person sees beside a conversation that others do not: their drafts, whether they follow, a handover.

It joins the statement that reads the conversation, so that it costs none of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from engage.tables import Conversation, User
from engage.together.tables import Draft, DraftKind, Follow, Notice, NoticeKind


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it is stored."""

    text: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Handover:
    """The word with which a colleague handed it over, until it was taken note of."""

    notice_id: int
    by: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """All of it."""

    reply: Kept = Kept()
    note: Kept = Kept()
    follows: bool = False
    handover: Handover | None = None
    has_news: bool = False
    """Some other notice of this conversation is unread."""


def with_beside(statement: Select[*tuple[Any, ...]], user_id: int) -> Select[*tuple[Any, ...]]:
    """A statement about a Conversation, with more columns at its end for `read`. Every join is by a key."""
    reply, note, giver = aliased(Draft), aliased(Draft), aliased(User)
    unread = and_(Notice.conversation_id == Conversation.id, Notice.user_id == user_id, Notice.read_at.is_(None))
    handed = select(func.max(Notice.id)).where(unread, Notice.kind == NoticeKind.HANDOVER).scalar_subquery()
    handover = aliased(Notice)
    return (
        statement.add_columns(
            *(column for draft in (reply, note) for column in (draft.text, draft.version)),
            Follow.user_id,
            exists().where(unread, Notice.kind != NoticeKind.HANDOVER),
            *(handover.id, giver.name, handover.text, handover.at),
        )
        .outerjoin(reply, _draft(reply, DraftKind.REPLY, user_id))
        .outerjoin(note, _draft(note, DraftKind.NOTE, user_id))
        .outerjoin(Follow, and_(Follow.user_id == user_id, Follow.conversation_id == Conversation.id))
        .outerjoin(handover, handover.id == handed)
        .outerjoin(giver, giver.id == handover.by_id)
    )


def _draft(draft: Any, kind: DraftKind, user_id: int) -> Any:
    return and_(draft.user_id == user_id, draft.conversation_id == Conversation.id, draft.kind == kind)


def read(columns: Sequence[Any]) -> Beside:
    """What these columns say."""
    reply_text, reply_version, note_text, note_version, follows, has_news, handed_id, by, text, at = columns
    return Beside(
        reply=Kept(reply_text or "", reply_version or 0),
        note=Kept(note_text or "", note_version or 0),
        follows=follows is not None,
        handover=Handover(handed_id, by or "Hearken", text, at) if handed_id else None,
        has_news=has_news,
    )
