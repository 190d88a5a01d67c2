"""Influence as stored, and the lists that people keep of influencers."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base, IntEnumColumn
from listener.tables import Mention


class Size(IntEnum):
    """Size class by followers; the bounds are those of nlp/influence.py SIZES."""

    NANO = 0
    MICRO = 1
    MID = 2
    MACRO = 3
    MEGA = 4


class Outreach(StrEnum):
    """How far we are with somebody on a list."""

    FOUND = "found"
    CONTACTED = "contacted"
    AGREED = "agreed"
    POSTED = "posted"
    PAID = "paid"


class Influence(Base):
    """How much an author matters for a brand, with every part of it and the evidence (engage/influence.py).

    Parts, credit and shares lie in 0–1, the score in 0–100. Network, followers, size and language are kept here so
    that a ranked, filtered list is one walk along an index.
    """

    __tablename__ = "influence"
    __table_args__ = (
        Index("ix_influence_score", "brand_id", "score", "author_id"),
        Index("ix_influence_rising", "brand_id", "rising", "author_id"),
        {"sqlite_with_rowid": False},
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"), primary_key=True, autoincrement=False)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"), primary_key=True, autoincrement=False)
    score: Mapped[float]
    reach: Mapped[float]
    engagement: Mapped[float]
    resonance: Mapped[float]
    relevance: Mapped[float]
    recency: Mapped[float]
    position: Mapped[float]
    credit: Mapped[float]
    """How far reach, engagement and resonance are believed: nlp/influence.py credit()."""
    network: Mapped[str] = mapped_column(String(40))
    size: Mapped[Size] = mapped_column(IntEnumColumn(Size))
    language: Mapped[str] = mapped_column(String(8))
    """The one most mentions are in."""
    stance: Mapped[float]
    """-1 against the brand to 1 for it."""
    rising: Mapped[float]
    """Growth of the attention over four weeks, as a logarithm: 0 stays, 0.7 doubled."""
    mentions: Mapped[int]
    about: Mapped[int]
    """How many of them are about the brand."""
    likes: Mapped[int] = mapped_column(BigInteger)
    shares: Mapped[int] = mapped_column(BigInteger)
    replies: Mapped[int] = mapped_column(BigInteger)
    audience: Mapped[int]
    """How many others answered or named the author."""
    independent: Mapped[float]
    standing: Mapped[float]
    people: Mapped[float]
    copied: Mapped[float]
    """Share of mentions that several accounts said alike."""
    burst: Mapped[float]
    """Share of mentions in the busiest hour."""
    followers: Mapped[int | None]
    followers_then: Mapped[int | None]
    """As they were at `then_at`, within the last four weeks: what jumps are told from."""
    then_at: Mapped[datetime]
    last_at: Mapped[datetime]
    """The latest mention."""
    rated_at: Mapped[datetime]


class InfluenceRun(Base):
    """Where rating the authors of a brand stands."""

    __tablename__ = "influence_run"

    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"), primary_key=True, autoincrement=False)
    yardsticks: Mapped[dict[str, Any]]
    """nlp/influence.py measure(), and the weights in force."""
    mention_id: Mapped[int] = mapped_column(default=0)
    """Mentions up to this one are rated."""
    authors: Mapped[int] = mapped_column(default=0)
    full_at: Mapped[datetime | None]
    """When all authors were rated last."""
    busy_until: Mapped[datetime | None]
    """The lease of the run in hand; a killed run's lease runs out."""


class InfluencerList(Base):
    """A saved list of influencers of a brand."""

    __tablename__ = "influencer_list"
    __table_args__ = (UniqueConstraint("brand_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    name: Mapped[str] = mapped_column(String(100))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]


class InfluencerMember(Base):
    """Somebody on a list, and how far we are with them."""

    __tablename__ = "influencer_member"
    __table_args__ = (UniqueConstraint("list_id", "author_id"), Index("ix_influencer_member_author", "author_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("influencer_list.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    stage: Mapped[Outreach] = mapped_column(default=Outreach.FOUND)
    stage_at: Mapped[datetime]
    tags: Mapped[list[str]]
    notes: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    added_at: Mapped[datetime]
    """What followed is counted from here."""
    version: Mapped[int] = mapped_column(default=1)
    """Raised by every change; a change based on an older version is refused."""

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


def of_brand(brand_id: int) -> ColumnElement[bool]:
    """That a brand heard a mention first, where the rows are found by author or id.

    Written so that no index serves it: SQLite, which keeps no statistics, would walk all mentions of the brand.
    """
    return Mention.brand_id + 0 == brand_id
