"""What analytics keep besides the counts in engage/tables.py: places and tags by day, tag names, shared links."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base
from nlp.reading import Sentiment
from nlp.tags import LONGEST, TagKind


class PlaceCount(Base):
    """How many mentions of a UTC day name a place, by how they feel (engage/rollups.py)."""

    __tablename__ = "rollup_place"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    brand_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    place: Mapped[str] = mapped_column(String(200), primary_key=True)
    sentiment: Mapped[Sentiment] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    mentions: Mapped[int]


class TagCount(Base):
    """How many mentions of a UTC day carry a hashtag or a campaign, by how they feel."""

    __tablename__ = "rollup_tag"
    __table_args__ = (
        Index("ix_rollup_tag_name", "brand_id", "kind", "name", "day"),
        {"sqlite_with_rowid": False},
    )

    brand_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    kind: Mapped[TagKind] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)
    sentiment: Mapped[Sentiment] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    mentions: Mapped[int]


class MentionTag(Base):
    """A hashtag or campaign of a mention; made together with the counts of its day."""

    __tablename__ = "mention_tag"
    __table_args__ = (
        Index("ix_mention_tag_name", "kind", "name", "mention_id"),
        {"sqlite_with_rowid": False},
    )

    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[TagKind] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)


class Campaign(Base):
    """What people call a tag: `Spring sale` for #ride2work."""

    __tablename__ = "campaign"
    __table_args__ = (UniqueConstraint("brand_id", "kind", "tag"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    kind: Mapped[TagKind]
    tag: Mapped[str] = mapped_column(String(LONGEST))
    name: Mapped[str] = mapped_column(String(100))


class ShareLink(Base):
    """A view of the analytics that whoever has its address may see, and nothing else (engage/share_links.py)."""

    __tablename__ = "share_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of what stands in the address; the address itself is not kept."""
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    tab: Mapped[str] = mapped_column(String(40))
    filters: Mapped[dict[str, Any]]
    """The fields of the view's address, but for the brand."""
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    """Who made it."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
