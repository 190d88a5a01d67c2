"""Conversations that say nearly the same, and answers to all of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STATE = sa.Enum("draft", "sending", "done", "stopped", "rejected", native_enum=False, length=16)


def upgrade() -> None:
    """Forward; what was heard in the last days is looked through by the first run."""
    op.create_table(
        "storm",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("brand_id", sa.Integer(), sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("conversation_id", sa.Integer(), sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=False),
        _moment("first_at"),
        _moment("last_at"),
    )
    op.create_index("ix_storm_last", "storm", ["last_at"])
    op.create_table(
        "storm_band",
        sa.Column("brand_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("band", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("storm_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.ForeignKeyConstraint(["storm_id"], ["storm.id"], ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_storm_band_storm_id", "storm_band", ["storm_id"])
    op.create_table(
        "storm_place",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
    )
    op.create_table(
        "storm_answer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("storm_id", sa.Integer(), sa.ForeignKey("storm.id"), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("pace_s", sa.Integer(), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("decided_at", nullable=True),
        _moment("next_at", nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("until_id", "reached_id")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("handed_in", "left_out")),
    )
    op.create_index("ix_storm_answer_storm", "storm_answer", ["storm_id"])
    op.create_index("ix_storm_answer_state", "storm_answer", ["state"])
    op.add_column("conversation", sa.Column("storm_id", sa.Integer(), nullable=True))
    op.create_index(
        "ix_conversation_storm",
        "conversation",
        ["storm_id", "status", "last_at", "id"],
        sqlite_where=sa.text("storm_id IS NOT NULL"),
        postgresql_where=sa.text("storm_id IS NOT NULL"),
    )
    op.add_column("reply", sa.Column("storm_answer_id", sa.Integer(), nullable=True))
    op.create_index(
        "ix_reply_storm_answer",
        "reply",
        ["storm_answer_id", "state"],
        sqlite_where=sa.text("storm_answer_id IS NOT NULL"),
        postgresql_where=sa.text("storm_answer_id IS NOT NULL"),
    )
    filtered = ["noise", "team", "assignee_id", "sentiment", "intent", "network", "brand_id", "storm_id"]
    for name, first in (("list", ["status"]), ("last", [])):
        op.drop_index(f"ix_conversation_{name}", "conversation")
        op.create_index(f"ix_conversation_{name}", "conversation", [*first, "last_at", "id", *filtered])


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
