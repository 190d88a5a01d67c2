"""The person behind a conversation: how much they matter, how they felt over time, and what was said elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, aliased

from config.errors import NotFoundError
from engage import contact_reads
from engage.contact_reads import TimelineItem
from engage.influence_tables import Influence
from engage.tables import Conversation, Identity
from listener.tables import Mention
from nlp.reading import Sentiment
from nlp.tables import ReadingRow

LATEST_MOODS = 24
ELSEWHERE = 12
"""So many things said in other conversations are shown."""


@dataclass(frozen=True, slots=True)
class Mood:
    """How a mention sounded."""

    at: datetime
    sentiment: Sentiment
    conversation_id: int


@dataclass(frozen=True, slots=True)
class Person:
    """What stands beside a conversation about whom it is with."""

    contact_id: int
    brand_id: int
    author_id: int
    score: float | None
    """Influence of the author for the brand, 0-100; None where none was computed."""
    moods: Sequence[Mood]
    """Of all accounts of the contact, the earliest first."""
    heard: int
    """Conversations with the contact on every network."""
    elsewhere: Sequence[TimelineItem]
    """What was said in the others, by either side, the latest first."""


def person(session: Session, conversation_id: int) -> Person:
    """The person of a conversation. Raises NotFoundError."""
    row = session.execute(
        select(
            Conversation.contact_id,
            Conversation.brand_id,
            Conversation.author_id,
            Influence.score,
            _conversations().label("heard"),
        )
        .outerjoin(
            Influence,
            (Influence.author_id == Conversation.author_id) & (Influence.brand_id == Conversation.brand_id),
        )
        .where(Conversation.id == conversation_id)
    ).first()
    if row is None:
        raise NotFoundError("This conversation does not exist.", "It may have been removed; go back to the inbox.")
    said = contact_reads.timeline(session, row.contact_id).items
    return Person(
        contact_id=row.contact_id,
        brand_id=row.brand_id,
        author_id=row.author_id,
        score=row.score,
        moods=_moods(session, row.contact_id),
        heard=row.heard,
        elsewhere=[item for item in said if item.conversation_id not in {None, conversation_id}][:ELSEWHERE],
    )


def _conversations() -> ScalarSelect[int]:
    """How many there are with the contact; from an index, and people have few."""
    other = aliased(Conversation)
    theirs = select(func.count()).select_from(other).where(other.contact_id == Conversation.contact_id)
    return theirs.correlate(Conversation).scalar_subquery()


def _moods(session: Session, contact_id: int) -> list[Mood]:
    authors = select(Identity.author_id).where(Identity.contact_id == contact_id)
    rows = session.execute(
        select(Mention.created_at, ReadingRow.sentiment, Mention.conversation_id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(
            Mention.author_id.in_(authors),
            Mention.deleted_at.is_(None),
            Mention.conversation_id.is_not(None),
        )
        .order_by(Mention.created_at.desc(), Mention.id.desc())
        .limit(LATEST_MOODS)
    ).all()
    return [Mood(at, sentiment, conversation_id or 0) for at, sentiment, conversation_id in reversed(rows)]
