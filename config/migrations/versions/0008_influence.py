"""Influence of authors, stored with its parts; lists of influencers."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; the first run rates who was heard before."""
    op.add_column("author", sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "influence",
        sa.Column("brand_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("author_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reach", sa.Double(), nullable=False),
        sa.Column("engagement", sa.Double(), nullable=False),
        sa.Column("resonance", sa.Double(), nullable=False),
        sa.Column("relevance", sa.Double(), nullable=False),
        sa.Column("recency", sa.Double(), nullable=False),
        sa.Column("position", sa.Double(), nullable=False),
        sa.Column("credit", sa.Double(), nullable=False),
        sa.Column("network", sa.String(length=40), nullable=False),
        sa.Column("size", sa.SmallInteger(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("stance", sa.Double(), nullable=False),
        sa.Column("rising", sa.Double(), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("about", sa.Integer(), nullable=False),
        sa.Column("likes", sa.BigInteger(), nullable=False),
        sa.Column("shares", sa.BigInteger(), nullable=False),
        sa.Column("replies", sa.BigInteger(), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("independent", sa.Double(), nullable=False),
        sa.Column("standing", sa.Double(), nullable=False),
        sa.Column("people", sa.Double(), nullable=False),
        sa.Column("copied", sa.Double(), nullable=False),
        sa.Column("burst", sa.Double(), nullable=False),
        sa.Column("followers", sa.Integer(), nullable=True),
        sa.Column("followers_then", sa.Integer(), nullable=True),
        sa.Column("then_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["author.id"],
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"],
            ["brand.id"],
        ),
        sa.PrimaryKeyConstraint("brand_id", "author_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_influence_rising", "influence", ["brand_id", "rising", "author_id"], unique=False)
    op.create_index("ix_influence_score", "influence", ["brand_id", "score", "author_id"], unique=False)
    op.create_table(
        "influence_run",
        sa.Column("brand_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("yardsticks", sa.JSON(), nullable=False),
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["brand_id"],
            ["brand.id"],
        ),
        sa.PrimaryKeyConstraint("brand_id"),
    )
    op.create_table(
        "influencer_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"],
            ["brand.id"],
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["user_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("brand_id", "name"),
    )
    op.create_table(
        "influencer_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum("found", "contacted", "agreed", "posted", "paid", name="outreach", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("stage_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"],
            ["user_account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["author.id"],
        ),
        sa.ForeignKeyConstraint(["list_id"], ["influencer_list.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["user_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("list_id", "author_id"),
    )
    op.create_index("ix_influencer_member_author", "influencer_member", ["author_id"], unique=False)
