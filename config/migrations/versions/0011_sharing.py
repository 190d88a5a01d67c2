"""Counts of places, hashtags and campaigns; names for campaigns; links that share a view."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SENTIMENT = sa.Enum("negative", "neutral", "positive", native_enum=False, length=16)
TAG_KIND = sa.Enum("hashtag", "campaign", "source", native_enum=False, length=16)


def upgrade() -> None:
    """Forward. Every day with mentions is noted, and counted by the next run, the latest first."""
    _counts("rollup_place", _key("place", sa.String(200)))
    _counts("rollup_tag", _key("kind", TAG_KIND), _key("name", sa.String(100)))
    op.create_index("ix_rollup_tag_name", "rollup_tag", ["brand_id", "kind", "name", "day"])
    op.create_table(
        "mention_tag",
        _key("mention_id", sa.Integer()),
        _key("kind", TAG_KIND),
        _key("name", sa.String(100)),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_mention_tag_name", "mention_tag", ["kind", "name", "mention_id"])
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("brand_id", sa.Integer(), sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("kind", TAG_KIND, nullable=False),
        sa.Column("tag", sa.String(100), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.UniqueConstraint("brand_id", "kind", "tag"),
    )
    op.create_table(
        "share_link",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("brand_id", sa.Integer(), sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("tab", sa.String(40), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
    )
    _index_tagged_contacts()
    _note_all_days()


def _key(name: str, kind: "sa.types.TypeEngine[Any]") -> "sa.Column[Any]":
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _counts(name: str, *keys: "sa.Column[Any]") -> None:
    op.create_table(
        name,
        _key("brand_id", sa.Integer()),
        _key("day", sa.Date()),
        _key("network", sa.String(40)),
        _key("language", sa.String(8)),
        *keys,
        _key("sentiment", SENTIMENT),
        _key("model", sa.String(80)),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )


def _index_tagged_contacts() -> None:
    """The few contacts with tags are found without a look at all of them."""
    op.create_index(
        "ix_contact_tagged",
        "contact",
        ["id"],
        sqlite_where=sa.text("tags != '[]'"),
        postgresql_where=sa.text("tags::text != '[]'"),
    )


def _note_all_days() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    day = "substr(m.created_at, 1, 10)" if is_sqlite else "(m.created_at AT TIME ZONE 'UTC')::date"
    op.execute(
        "INSERT INTO rollup_dirty (brand_id, day) "  # noqa: S608 (the names are ours)
        f"SELECT DISTINCT m.brand_id, {day} FROM mention m WHERE m.stage = 'routed' "
        f"UNION SELECT DISTINCT a.brand_id, {day} FROM also_heard a JOIN mention m ON m.id = a.mention_id "
        "WHERE m.stage = 'routed'"
    )
