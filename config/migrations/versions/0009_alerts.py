"""Alerts, their settings and baselines, and what waits to be mailed or told to a webhook."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ALERT_STATE = sa.Enum("open", "acknowledged", "muted", "over", native_enum=False, length=16)
SEND_STATE = sa.Enum("waiting", "sending", "sent", "failed", "unsure", native_enum=False, length=16)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "alert",
        _number("id"),
        _number("brand_id"),
        sa.Column("running", sa.Integer(), nullable=True),
        sa.Column("series", sa.String(length=220), nullable=False),
        sa.Column("state", ALERT_STATE, nullable=False),
        *(_moment(name) for name in ("started_at", "last_at", "created_at")),
        *(_moment(name, nullable=True) for name in ("over_at", "muted_until")),
        sa.Column("user_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("figures", "causes", "examples")),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.UniqueConstraint("brand_id", "started_at"),
        sa.UniqueConstraint("running"),
    )
    op.create_index("ix_alert_state", "alert", ["state", "started_at"])
    op.create_table(
        "alert_settings",
        _number("brand_id"),
        sa.Column("alarms_a_week", sa.Double(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("webhook_url", sa.Text(), nullable=False),
        sa.Column("webhook_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("brand_id"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"]),
    )
    op.create_table(
        "alert_baseline",
        _number("brand_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("model", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("brand_id"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"]),
    )
    op.create_table(
        "webhook_call",
        _number("id"),
        _number("alert_id"),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        *_sending(),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
        sa.UniqueConstraint("alert_id", "event"),
    )
    op.create_index("ix_webhook_call_state", "webhook_call", ["state", "id"])
    op.create_table(
        "letter",
        _number("id"),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "mailing",
        _number("id"),
        _number("letter_id"),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        *_sending(),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"]),
        sa.UniqueConstraint("letter_id", "recipient"),
    )
    op.create_index("ix_mailing_state", "mailing", ["state", "not_before"])


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False)


def _moment(name: str, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _sending() -> "tuple[sa.Column[object], ...]":
    return (
        sa.Column("state", SEND_STATE, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("not_before"),
        _moment("claimed_at", nullable=True),
        _moment("sent_at", nullable=True),
        sa.Column("error_text", sa.Text(), nullable=False),
    )
