"""Working together: presence, drafts, followers, notices, how work is shared out; what an event changed from."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WAITING = sa.text("assignee_id IS NULL AND status = 'open'")


def upgrade() -> None:
    """Forward; nothing that is there changes."""
    op.create_table(
        "presence",
        _number("user_id"),
        sa.Column("tab", sa.String(length=40), nullable=False),
        _number("conversation_id", nullable=True),
        _one_of("doing", "viewing", "noting", "replying"),
        _moment("at"),
        sa.PrimaryKeyConstraint("user_id", "tab"),
        _user("user_id"),
    )
    op.create_index("ix_presence_at", "presence", ["at"])
    op.create_table(
        "draft",
        _number("user_id"),
        _number("conversation_id"),
        _one_of("kind", "reply", "note"),
        sa.Column("text", sa.Text(), nullable=False),
        _number("version"),
        _moment("saved_at"),
        sa.PrimaryKeyConstraint("user_id", "conversation_id", "kind"),
        _user("user_id"),
        _conversation(),
    )
    op.create_index("ix_draft_conversation", "draft", ["conversation_id"])
    op.create_table(
        "follow",
        _number("user_id"),
        _number("conversation_id"),
        _moment("at"),
        sa.PrimaryKeyConstraint("user_id", "conversation_id"),
        _user("user_id"),
        _conversation(),
    )
    op.create_index("ix_follow_conversation", "follow", ["conversation_id"])
    _notices()
    _work()
    op.add_column("activity", sa.Column("was", sa.Text(), nullable=False, server_default=""))
    op.create_index(
        "ix_conversation_waiting",
        "conversation",
        ["team", "priority", "last_at", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_conversation_taken", "conversation", ["assignee_id", "status"])


def _notices() -> None:
    op.create_table(
        "notice",
        _number("id"),
        _number("user_id"),
        _number("conversation_id"),
        _one_of("kind", "named", "handover", "assigned", "note", "reply", "mention"),
        _number("by_id", nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        _moment("at"),
        _moment("read_at", nullable=True),
        _moment("mail_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        _user("user_id"),
        _user("by_id"),
        _conversation(),
    )
    op.create_index("ix_notice_unread", "notice", ["user_id", "read_at", "id"])
    op.create_index("ix_notice_conversation", "notice", ["conversation_id", "user_id"])
    op.create_index("ix_notice_mail", "notice", ["mail_at"])


def _work() -> None:
    op.create_table(
        "team_work",
        _one_of("team", "support", "marketing"),
        _one_of("sharing", "off", "turns", "least"),
        sa.PrimaryKeyConstraint("team"),
    )
    op.create_table(
        "person_work",
        _number("user_id"),
        _number("most_open"),
        sa.Column("away", sa.Boolean(), nullable=False),
        _one_of("mails", "none", "to_me", "all"),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
        _user("user_id"),
    )


def _number(name: str, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _moment(name: str, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _one_of(name: str, *values: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Enum(*values, native_enum=False, length=16), nullable=False)


def _user(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], ["user_account.id"])


def _conversation() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"])
