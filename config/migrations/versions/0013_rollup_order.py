"""Indexes of the counts by day in the order in which analytics adds them up: two years are added without sorting."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

AXES = ("network", "language", "sentiment", "intent", "model")


def upgrade() -> None:
    """Forward."""
    op.create_index("ix_rollup_day_mix", "rollup_day", ["brand_id", *AXES, "day", "mentions", "reach"])
    trend = ["brand_id", "day", "sentiment", "model", "network", "language", "mentions"]
    op.create_index("ix_rollup_day_trend", "rollup_day", trend)
    voice = ["brand_id", "voice", "sentiment", "model", "day", "network", "language", "mentions"]
    op.create_index("ix_rollup_voice_mix", "rollup_voice", voice)
