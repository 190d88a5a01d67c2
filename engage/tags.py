"""The catalogue of tags: names, colours, what they are for; renaming and merging."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, literal, select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError, NotFoundError
from engage.bulk.deeds import Deed, Kind
from engage.conversations import LONGEST_TAG
from engage.list_tables import BulkItem, BulkJob, Colour, ConversationTag, ItemState, JobState, Tag
from engage.permissions import Action, require
from engage.tables import Conversation, User

LONGEST_DESCRIPTION = 200
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Known:
    """A tag and how many conversations have it."""

    id: int
    name: str
    colour: Colour
    description: str
    count: int


def every(session: Session) -> Sequence[Known]:
    """The catalogue, by name."""
    count = select(func.count()).where(ConversationTag.name == Tag.name).scalar_subquery().label("count")
    rows = session.execute(
        select(Tag.id, Tag.name, Tag.colour, Tag.description, count)
        .order_by(func.lower(Tag.name), Tag.id)
        .limit(MOST_SHOWN)
    )
    return [Known(*row) for row in rows]


def change(
    session: Session, tag_id: int, name: str, colour: str, description: str, *, by: User, now: datetime
) -> BulkJob | None:
    """Colour and description at once; a new name by work in batches, which merges where the name is in use."""
    require(by, Action.MANAGE_TAGS)
    tag = _get(session, tag_id)
    if colour not in set(Colour):
        raise InvalidInputError("There is no such colour.", "Choose one of the eight.", field="colour")
    if len(description) > LONGEST_DESCRIPTION:
        raise InvalidInputError(
            f"{LONGEST_DESCRIPTION} characters fit here.", "Shorten the description.", field="description"
        )
    tag.colour, tag.description = Colour(colour), " ".join(description.split())
    session.flush()
    clean = _checked(name)
    return None if clean == tag.name else _rename(session, tag, clean, by, now)


def remove(session: Session, tag_id: int, *, by: User) -> None:
    """Take a tag that no conversation has out of the catalogue."""
    require(by, Action.MANAGE_TAGS)
    tag = _get(session, tag_id)
    if session.scalar(select(ConversationTag.name).where(ConversationTag.name == tag.name).limit(1)):
        raise InvalidInputError("Conversations have this tag.", "Remove it from them first, or merge it.")
    session.delete(tag)
    session.flush()


def _rename(session: Session, tag: Tag, name: str, by: User, now: datetime) -> BulkJob:
    """Both names stand in the catalogue until the last conversation has the new one; then the old one can go."""
    other = session.scalar(select(Tag).where(Tag.name == name))
    if other is None:
        session.add(Tag(name=name, colour=tag.colour, description=tag.description))
    deed = Deed(Kind.RETAG, tag.name, name)
    job = BulkJob(
        user_id=by.id, deed=deed.as_json, state=JobState.RUNNING, total=0, done=0, refused=0, created_at=now
    )
    session.add(job)
    session.flush()
    found = (
        select(Conversation.id, Conversation.version)
        .join(ConversationTag, ConversationTag.conversation_id == Conversation.id)
        .where(ConversationTag.name == tag.name)
        .subquery()
    )
    values = select(
        literal(job.id), found.c.id, literal(ItemState.WAITING, BulkItem.state.type), found.c.version,
        literal({}, BulkItem.before.type), literal(""),
    )  # fmt: skip
    names = ["job_id", "conversation_id", "state", "version", "before", "reason"]
    session.execute(insert(BulkItem).from_select(names, values))
    job.total = session.scalar(select(func.count()).where(BulkItem.job_id == job.id)) or 0
    if not job.total:
        session.delete(tag)
    session.flush()
    return job


def _get(session: Session, tag_id: int) -> Tag:
    tag = session.get(Tag, tag_id)
    if tag is None:
        raise NotFoundError("This tag does not exist.", "Somebody may have merged it.")
    return tag


def _checked(name: str) -> str:
    clean = " ".join(name.split())
    if not 0 < len(clean) <= LONGEST_TAG or "," in clean:
        raise InvalidInputError(f"A tag has 1 to {LONGEST_TAG} characters and no comma.", "Change it.", field="name")
    return clean
