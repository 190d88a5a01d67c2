"""What a mention is about, as a direction: texts of like meaning point the same way."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; older readings have none until they are read again."""
    op.add_column("reading", sa.Column("meaning", sa.LargeBinary(), server_default="", nullable=False))
