"""How soon a brand wants to answer, and indexes by which the analytics find answers, closings and what is open."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; brands that are there get four hours."""
    op.add_column("brand", sa.Column("answer_goal_minutes", sa.Integer(), server_default="240", nullable=False))
    op.drop_index("ix_conversation_queue", "conversation")
    queue = ["status", "noise", "team", "assignee_id", "brand_id"]
    op.create_index("ix_conversation_queue", "conversation", queue)
    op.create_index("ix_reply_sent", "reply", ["conversation_id", "state", "sent_at", "user_id"])
    op.create_index("ix_activity_kind", "activity", ["kind", "at", "conversation_id"])
