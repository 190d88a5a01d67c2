"""Approval policies, what approvers changed, and what undo, rejections and double forms need to know of a reply."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ROLE = sa.Enum("admin", "manager", "agent", native_enum=False, length=16)
TEAM = sa.Enum("support", "marketing", native_enum=False, length=16)


def upgrade() -> None:
    """Forward; replies that are there stay as they are."""
    op.create_table(
        "approval_policy",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("role", ROLE, nullable=True),
        sa.Column("team", TEAM, nullable=True),
        sa.Column("network", sa.String(40), nullable=False),
        sa.Column("brand_id", sa.Integer(), sa.ForeignKey("brand.id", ondelete="CASCADE"), nullable=True),
        sa.Column("approver", ROLE, nullable=False),
        sa.Column("created_by_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "reply_edit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("reply_id", sa.Integer(), sa.ForeignKey("reply.id", ondelete="CASCADE"), nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_reply_edit_reply", "reply_edit", ["reply_id", "id"])
    op.add_column("reply", sa.Column("form_key", sa.String(40), nullable=True))
    op.add_column("reply", sa.Column("before_id", sa.Integer(), nullable=True))
    op.add_column("reply", sa.Column("rejected_by_id", sa.Integer(), nullable=True))
    op.add_column("reply", sa.Column("approver", ROLE, nullable=True))
    op.execute("UPDATE reply SET approver = 'manager' WHERE state = 'draft'")
    op.add_column("reply", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("reply", sa.Column("edits", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_reply_form", "reply", ["form_key"], unique=True)
    op.create_index("ix_reply_waits", "reply", ["state", "conversation_id"])
