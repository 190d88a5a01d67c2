"""What people corrected in readings."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; nothing was corrected so far."""
    op.create_table(
        "correction",
        sa.Column("mention_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("question", sa.String(16), nullable=False),
        sa.Column("was", sa.String(length=16), nullable=False),
        sa.Column("sure", sa.Double(), nullable=False),
        sa.Column("now", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("mention_id", "question"),
    )
