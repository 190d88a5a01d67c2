"""What happened in a conversation while somebody wrote: it is shown before their answer goes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError
from engage.tables import Reply, ReplyState, User
from listener.tables import Author, Mention

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """The latest that somebody had before their eyes when they began to write."""

    reply_id: int
    mention_id: int

    def __str__(self) -> str:
        return f"{self.reply_id}.{self.mention_id}"


def read_seen(text: str) -> Seen:
    """What a form carries. Raises InvalidInputError."""
    reply, dot, mention = text.partition(".")
    if not (dot and all(part.isascii() and part.isdigit() and len(part) < 18 for part in (reply, mention))):
        raise InvalidInputError("This page is too old to be sent.", "Reload it and send it again.")
    return Seen(int(reply), int(mention))


@dataclass(frozen=True, slots=True)
class Missed:
    """Answers of colleagues and new mentions, oldest first."""

    replies: Sequence[tuple[Reply, str]]
    """Each with its writer's name."""
    mentions: Sequence[tuple[Mention, Author]]
    seen: Seen
    """The mark of who has read all this."""


def missed(session: Session, conversation_id: int, seen: Seen, user_id: int) -> Missed | None:
    """What came after `seen` by others; None where nothing did. The caller holds the conversation's lock."""
    replies = session.execute(
        select(Reply, User.name)
        .outerjoin(User, User.id == Reply.user_id)
        .where(
            Reply.conversation_id == conversation_id,
            Reply.id > seen.reply_id,
            Reply.user_id.is_distinct_from(user_id),
            Reply.state != ReplyState.REJECTED,
        )
        .order_by(Reply.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    mentions = session.execute(
        select(Mention, Author)
        .join(Author, Author.id == Mention.author_id)
        .where(Mention.conversation_id == conversation_id, Mention.id > seen.mention_id, Mention.deleted_at.is_(None))
        .order_by(Mention.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    if not replies and not mentions:
        return None
    now_seen = Seen(
        max([seen.reply_id, *(row[0].id for row in replies)]),
        max([seen.mention_id, *(row[0].id for row in mentions)]),
    )
    return Missed(
        [(reply, name or "Hearken") for reply, name in reversed(replies)],
        [(mention, author) for mention, author in reversed(mentions)],
        now_seen,
    )
