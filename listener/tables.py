"""What we listen for, where we listen, and what was heard."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, and_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config.database import Base

NOT_ROUTED = "stage != 'routed'"


class Stage(StrEnum):
    """How far a mention has come. Its place in the flow is this one column, so every stage can be run again."""

    HEARD = "heard"
    READ = "read"
    LINKED = "linked"
    ROUTED = "routed"


class SourceState(StrEnum):
    """Health of a source."""

    NEW = "new"
    OK = "ok"
    WAITING = "waiting"
    """A passing trouble: tried again by itself at `not_before`."""
    STOPPED = "stopped"
    """A permanent trouble: a person must act."""
    PAUSED = "paused"
    """Switched off by a person."""


class Brand(Base):
    """What we listen for."""

    __tablename__ = "brand"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    query: Mapped[str] = mapped_column(Text)
    """Boolean search, see listener/query.py."""
    products: Mapped[list[str]]
    competitors: Mapped[list[str]]
    answer_goal_minutes: Mapped[int] = mapped_column(default=240, server_default="240")
    """People who wait for an answer get the first one within this time."""
    created_at: Mapped[datetime]


class Source(Base):
    """One configured listening post of a brand."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    network: Mapped[str] = mapped_column(String(40))
    """Name of its connector."""
    options: Mapped[dict[str, Any]]
    secrets_sealed: Mapped[bytes | None]
    interval_s: Mapped[int]
    cursor: Mapped[dict[str, Any]]
    state: Mapped[SourceState] = mapped_column(default=SourceState.NEW)
    account_id: Mapped[str] = mapped_column(String(200), default="")
    """External id of the account we listen with; its posts are ours, never mentions."""
    account_handle: Mapped[str] = mapped_column(String(200), default="")
    error_code: Mapped[str] = mapped_column(String(60), default="")
    error_text: Mapped[str] = mapped_column(Text, default="")
    remedy: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0)
    """Passing troubles in a row, for the back-off."""
    gap: Mapped[str] = mapped_column(Text, default="")
    """What the network could not give any more, in words; empty when nothing is missing."""
    gap_at: Mapped[datetime | None]
    next_run_at: Mapped[datetime]
    running_until: Mapped[datetime | None]
    """The lease of the run in hand: one run at a time, and a killed run's lease runs out."""
    last_run_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    heard: Mapped[int] = mapped_column(default=0)
    cost_usd: Mapped[float] = mapped_column(default=0.0)
    rate_remaining: Mapped[int | None]
    rate_reset_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    brand: Mapped[Brand] = relationship(lazy="joined", innerjoin=True)


class Author(Base):
    """An account on a network."""

    __tablename__ = "author"
    __table_args__ = (
        UniqueConstraint("network", "external_id"),
        Index("ix_author_handle", "network", "handle"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(40))
    external_id: Mapped[str] = mapped_column(String(300))
    handle: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(300))
    followers: Mapped[int | None]
    url: Mapped[str] = mapped_column(Text)
    website: Mapped[str] = mapped_column(Text)
    bio: Mapped[str] = mapped_column(Text)
    avatar_url: Mapped[str] = mapped_column(Text)
    joined_at: Mapped[datetime | None]
    """When the account was made; None where the network does not tell."""
    first_heard_at: Mapped[datetime]


class Mention(Base):
    """One public post that matched; unique by (network, external id)."""

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("network", "external_id"),
        Index(
            "ix_mention_waiting",
            "stage",
            "id",
            sqlite_where=text(NOT_ROUTED),
            postgresql_where=text(NOT_ROUTED),
        ),
        Index("ix_mention_conversation", "conversation_id", "created_at"),
        Index("ix_mention_author", "author_id", "created_at"),
        Index("ix_mention_brand", "brand_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    """The brand that heard it first; others stand in also_heard."""
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id", ondelete="SET NULL"))
    """None for imported mentions."""
    network: Mapped[str] = mapped_column(String(40))
    external_id: Mapped[str] = mapped_column(String(300))
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    thread: Mapped[str] = mapped_column(String(300))
    in_reply_to: Mapped[str] = mapped_column(String(300))
    lang: Mapped[str] = mapped_column(String(20))
    likes: Mapped[int]
    shares: Mapped[int]
    replies: Mapped[int]
    reach: Mapped[int | None]
    """Followers of the author when the mention was heard; None where the network does not tell."""
    addressed: Mapped[bool]
    reply_ref: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    stage: Mapped[Stage]
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))

    author: Mapped[Author] = relationship(lazy="raise")


class AlsoHeard(Base):
    """A further brand that a mention was heard for."""

    __tablename__ = "also_heard"
    __table_args__ = (Index("ix_also_heard_brand", "brand_id", "mention_id"),)

    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"), primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"), primary_key=True)


def waits_for(stage: Stage) -> ColumnElement[bool]:
    """Mentions that have come this far, which must not be to the end.

    The second condition is that of ix_mention_waiting, word for word: without it SQLite looks at every mention.
    """
    return and_(Mention.stage == stage, text(NOT_ROUTED))
