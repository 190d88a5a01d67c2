"""What the small model tells of a mention beyond sentiment, intent and urgency."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; older readings have nothing there."""
    op.add_column("reading", sa.Column("extra", sa.JSON(), server_default="{}", nullable=False))
