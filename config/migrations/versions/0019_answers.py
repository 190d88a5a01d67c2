"""Words at hand: rules of the reply check, links and texts it knows, kept answers, macros, answers that helped."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; nothing is kept so far, and the checks begin with their defaults."""
    _checks()
    _kept()
    _learnt()


def _checks() -> None:
    op.create_table(
        "reply_rules",
        _number("brand_id"),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("promises", sa.JSON(), nullable=False),
        _words("order_number", 40),
        _number("most_same"),
        sa.PrimaryKeyConstraint("brand_id"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"]),
    )
    op.create_table(
        "said_text",
        _number("reply_id"),
        _words("key", 32),
        _words("network", 40),
        _moment("at"),
        sa.PrimaryKeyConstraint("reply_id"),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_said_text", "said_text", ["key", "network", "at"])
    op.create_table(
        "link_check",
        _words("key", 64),
        sa.Column("url", sa.Text(), nullable=False),
        _moment("asked_at"),
        _moment("checked_at", nullable=True),
        _words("trouble", 200),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_link_check_waiting", "link_check", ["checked_at", "asked_at"])


def _kept() -> None:
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        _number("owner_id", nullable=True),
        _number("brand_id", nullable=True),
        *(_words(name, length) for name, length in (("folder", 80), ("name", 120), ("language", 8))),
        sa.Column("text", sa.Text(), nullable=False),
        *_uses(),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"]),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"]),
    )
    op.create_index("ix_answer_owner", "answer", ["owner_id", "folder", "name"])
    op.create_table(
        "macro",
        sa.Column("id", sa.Integer(), nullable=False),
        _number("owner_id", nullable=True),
        _words("name", 120),
        sa.Column("steps", sa.JSON(), nullable=False),
        *_uses(),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"]),
    )
    op.create_index("ix_macro_owner", "macro", ["owner_id", "name"])


def _learnt() -> None:
    op.create_table(
        "answered_well",
        *(_number(name) for name in ("reply_id", "brand_id", "mention_id")),
        _moment("sent_at"),
        sa.Column("score", sa.Double(), nullable=False),
        _words("model", 80),
        sa.Column("meaning", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reply_id"),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"]),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"]),
    )
    op.create_index("ix_answered_well_brand", "answered_well", ["brand_id", "sent_at"])
    op.create_index("ix_answered_well_sent", "answered_well", ["sent_at", "reply_id"])
    op.create_index("ix_reply_settled", "reply", ["state", "sent_at", "id"])
    op.create_table(
        "decision_example",
        _number("mention_id"),
        _words("question", 16),
        _words("was", 40),
        _words("now", 40),
        _number("user_id"),
        _moment("at"),
        _words("rule", 200),
        sa.PrimaryKeyConstraint("mention_id", "question"),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
    )
    op.create_index("ix_decision_example_at", "decision_example", ["at"])


def _uses() -> list[sa.Column[object]]:
    return [_number("used"), _moment("used_at", nullable=True), _moment("changed_at")]


def _number(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=nullable)


def _words(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
