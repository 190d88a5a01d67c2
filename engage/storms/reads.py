"""What pages show of a storm."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.errors import NotFoundError
from engage.storms import answers
from engage.storms.answers import Progress
from engage.storms.tables import Storm
from engage.tables import Conversation, Status
from listener.tables import Author, Mention

LATELY = timedelta(hours=1)
SHOWN = 5
"""So many of its posts stand on its page."""


@dataclass(frozen=True, slots=True)
class Post:
    """One of those who said it."""

    conversation_id: int
    network: str
    name: str
    followers: int | None
    excerpt: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A storm with the posts of those whom most people follow."""

    storm: Storm
    lately: int
    """Conversations of the last hour."""
    to_answer: int
    """Nobody of us answered these, and they are not closed."""
    posts: list[Post]
    first_text: str
    progress: Progress | None


def opened(session: Session, storm_id: int, now: datetime) -> Opened:
    """A storm as its page shows it. Raises NotFoundError."""
    storm = session.get(Storm, storm_id)
    if storm is None or storm.size < 2:
        raise NotFoundError("There is no such storm.", "Go back to the inbox.")
    of_it = Conversation.storm_id == storm_id
    waiting = of_it & Conversation.answered_at.is_(None) & (Conversation.status != Status.CLOSED)
    lately, to_answer = (
        session.scalar(select(func.count()).select_from(Conversation).where(which)) or 0
        for which in (of_it & (Conversation.first_at >= now - LATELY), waiting)
    )
    text = select(Mention.text).where(Mention.conversation_id == storm.conversation_id).order_by(Mention.created_at)
    return Opened(
        storm=storm,
        lately=lately,
        to_answer=to_answer,
        posts=_posts(session, storm_id),
        first_text=session.scalar(text.limit(1)) or "",
        progress=answers.latest(session, storm_id),
    )


def _posts(session: Session, storm_id: int) -> list[Post]:
    rows = session.execute(
        select(
            Conversation.id,
            Conversation.network,
            Author.name,
            Author.followers,
            Conversation.excerpt,
            Conversation.first_at,
        )
        .join(Author, Author.id == Conversation.author_id)
        .where(Conversation.storm_id == storm_id)
        .order_by(func.coalesce(Author.followers, 0).desc(), Conversation.id)
        .limit(SHOWN)
    )
    return [Post(*row) for row in rows]
