"""Reports by mail: plans, snapshots, what is to be sent, who unsubscribed; a person's own week."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KIND = sa.Enum("weekly", "daily", "personal", native_enum=False, length=16)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "report_plan",
        _number("id"),
        _number("brand_id"),
        _text("name", 100),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        _text("zone", 64),
        _text("language", 8),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        _text("logo_type", 20),
        _text("colour", 7),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        _moment("since"),
        _moment("created_at"),
        _moment("removed_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"]),
    )
    op.create_table(
        "stored_report",
        _number("id"),
        _text("key", 100),
        *(_number(name, nullable=True) for name in ("plan_id", "brand_id", "user_id")),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        _text("title", 400),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        _moment("made_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["plan_id"], ["report_plan.id"]),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_stored_report_brand", "stored_report", ["brand_id", "first"])
    op.create_index("ix_stored_report_user", "stored_report", ["user_id"])
    op.create_table(
        "report_sending",
        _number("id"),
        _text("key", 200),
        *(_number(name, nullable=True) for name in ("plan_id", "user_id", "asked_by_id")),
        sa.Column("first", sa.Date(), nullable=False),
        _text("only_to", 254),
        _moment("due_at"),
        _moment("queued_at", nullable=True),
        sa.Column("error_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["plan_id"], ["report_plan.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user_account.id"]),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_report_sending_queued", "report_sending", ["queued_at", "id"])
    op.create_table(
        "report_unsubscribed",
        _number("plan_id"),
        _text("address", 254),
        _moment("at"),
        sa.PrimaryKeyConstraint("plan_id", "address"),
        sa.ForeignKeyConstraint(["plan_id"], ["report_plan.id"]),
    )
    op.add_column("user_account", sa.Column("own_week", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(
        "user_account", sa.Column("own_week_zone", sa.String(length=64), nullable=False, server_default="UTC")
    )
    op.add_column(
        "user_account", sa.Column("own_week_language", sa.String(length=8), nullable=False, server_default="en")
    )
    op.add_column("user_account", sa.Column("own_week_since", sa.DateTime(timezone=True), nullable=True))


def _number(name: str, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=length), nullable=False)


def _moment(name: str, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
