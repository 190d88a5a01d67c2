"""Reports that could not be made are tried again after longer and longer waits."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; what waits is tried at once."""
    op.add_column("report_sending", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("report_sending", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
