"""What a team keeps of its lists: tags with colours, saved views, and work on many conversations at once."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base


class Colour(StrEnum):
    """A colour of a tag, by the name of its token."""

    GREY = "grey"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    TEAL = "teal"
    BLUE = "blue"
    VIOLET = "violet"


class JobState(StrEnum):
    """Where work on many conversations stands."""

    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class ItemState(StrEnum):
    """What became of one conversation in it."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    """It changed since it was chosen, or cannot be changed so."""
    UNDONE = "undone"
    KEPT = "kept"
    """It changed since, so the undo leaves it alone."""


class Tag(Base):
    """A tag that conversations have or may get; triggers add every name that comes into use."""

    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    colour: Mapped[Colour] = mapped_column(server_default="grey", default=Colour.GREY)
    description: Mapped[str] = mapped_column(String(200), server_default="", default="")


class ConversationTag(Base):
    """Which conversations have a tag; triggers keep it in step with Conversation.tags."""

    __tablename__ = "conversation_tag"
    __table_args__ = (Index("ix_conversation_tag", "conversation_id"), {"sqlite_with_rowid": False})

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class SavedView(Base):
    """A list somebody comes back to."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view", "user_id", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    """Whose it is; who else may see it says `shared`."""
    name: Mapped[str] = mapped_column(String(60))
    shared: Mapped[bool]
    address: Mapped[str] = mapped_column(String(2000))
    """The query string of the list: queue, filters, search and order."""
    place: Mapped[int]
    """Its place among its owner's views."""
    created_at: Mapped[datetime]


class BulkJob(Base):
    """Something done to many conversations at once, in batches, that can be undone as a whole."""

    __tablename__ = "bulk_job"
    __table_args__ = (
        Index("ix_bulk_job_state", "state", "id"),
        Index("ix_bulk_job_user", "user_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    deed: Mapped[dict[str, Any]]
    """See engage/bulk/deeds.py."""
    state: Mapped[JobState]
    total: Mapped[int]
    done: Mapped[int]
    """So many were changed; while it is undone, so many were put back."""
    refused: Mapped[int]
    """So many were left alone."""
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class BulkItem(Base):
    """One conversation in it."""

    __tablename__ = "bulk_item"
    __table_args__ = (Index("ix_bulk_item_state", "job_id", "state", "conversation_id"),)

    job_id: Mapped[int] = mapped_column(ForeignKey("bulk_job.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True, autoincrement=False)
    state: Mapped[ItemState]
    version: Mapped[int]
    """The version that was chosen."""
    before: Mapped[dict[str, Any]]
    """What was changed, {"was": …, "made": …}, for the undo."""
    reason: Mapped[str] = mapped_column(String(300))
    """Why it was left alone."""
