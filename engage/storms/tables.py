"""Storms, how their texts are found again, and answers to all of a storm."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base


class AnswerState(StrEnum):
    """The way of an answer to all."""

    DRAFT = "draft"
    """Waits for approval."""
    SENDING = "sending"
    """Approved; one conversation after the other gets its reply."""
    DONE = "done"
    STOPPED = "stopped"
    REJECTED = "rejected"


class Storm(Base):
    """Conversations of a brand that began with nearly the same text. One alone is no storm yet."""

    __tablename__ = "storm"
    __table_args__ = (Index("ix_storm_last", "last_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    """The one that was heard first."""
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    """The MinHashes of its text (nlp/likeness.py)."""
    size: Mapped[int] = mapped_column(default=1)
    """Conversations."""
    authors: Mapped[int] = mapped_column(default=1)
    reach: Mapped[int] = mapped_column(BigInteger, default=0)
    """Followers of all its authors."""
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class StormBand(Base):
    """Where a text that may be alike is looked up, as long as its storm may still grow."""

    __tablename__ = "storm_band"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    brand_id: Mapped[int] = mapped_column(primary_key=True)
    band: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    storm_id: Mapped[int] = mapped_column(ForeignKey("storm.id", ondelete="CASCADE"), primary_key=True, index=True)


class StormPlace(Base):
    """How far the conversations were looked through: one row."""

    __tablename__ = "storm_place"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int]


class StormAnswer(Base):
    """What is to be replied to everybody of a storm, in turns of words, one after the other."""

    __tablename__ = "storm_answer"
    __table_args__ = (Index("ix_storm_answer_storm", "storm_id"), Index("ix_storm_answer_state", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    storm_id: Mapped[int] = mapped_column(ForeignKey("storm.id"))
    texts: Mapped[list[str]]
    pace_s: Mapped[int]
    """About so many seconds between two replies."""
    state: Mapped[AnswerState]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    """When the next reply may leave."""
    until_id: Mapped[int] = mapped_column(default=0)
    """The last conversation it was approved for; who comes later gets nothing."""
    reached_id: Mapped[int] = mapped_column(default=0)
    """Up to here the conversations were served."""
    handed_in: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    """Conversations that could not be answered."""
