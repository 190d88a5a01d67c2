"""What became of each day's conversations, kept by triggers that note each brand's day that changed."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NUMBERS = ("begun", "answered", "settled", "due", "closed", "reopened", "unhappy", "recovered", "leads")
CONVERSATION = (
    *("brand_id", "network", "language", "noise", "status", "intent"),
    *("first_at", "answered_at", "mention_count", "author_id"),
)
REPLY = ("conversation_id", "state", "sent_at", "user_id")
ACTIVITY = ("conversation_id", "kind", "text", "at")
MENTION = ("conversation_id", "author_id", "created_at", "deleted_at")
READING = ("sentiment", "intent")
"""Columns that a day's lines depend on, table by table."""
INTO = "INSERT INTO rollup_team_dirty (brand_id, day)"
CLOSING = "a.kind = 'status' AND a.text = 'Closed'"


def upgrade() -> None:
    """Forward; the lines of what is there already are made by the first run, day by day."""
    op.create_table(
        "rollup_begun",
        *_keys(),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NUMBERS),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("resolutions", sa.LargeBinary(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_rollup_begun_numbers", "rollup_begun", ["brand_id", "day", "network", "language", *NUMBERS])
    op.create_table(
        "rollup_closed",
        *_keys(),
        sa.Column("again_on", sa.Date(), primary_key=True),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rollup_team_dirty",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
    )
    op.create_index("ix_rollup_team_dirty_day", "rollup_team_dirty", ["brand_id", "day"])
    is_postgres = op.get_bind().dialect.name == "postgresql"
    if is_postgres:
        # Few contacts have tags; only this lets PostgreSQL know, and take ix_contact_tagged.
        op.execute("CREATE STATISTICS contact_tags ON (tags::text) FROM contact")
        op.execute("ANALYZE contact")
    for statement in (_everything(is_postgres), *_triggers(is_postgres)):
        op.get_bind().exec_driver_sql(statement)


def _keys() -> "list[sa.Column[object]]":
    return [
        sa.Column("brand_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("network", sa.String(40), primary_key=True),
        sa.Column("language", sa.String(8), primary_key=True),
    ]


# ruff: noqa: S608 (the names are ours)
def _day(is_postgres: bool, moment: str) -> str:
    return f"({moment} AT TIME ZONE 'UTC')::date" if is_postgres else f"substr({moment}, 1, 10)"


def _everything(is_postgres: bool) -> str:
    begun, closed = _day(is_postgres, "c.first_at"), _day(is_postgres, "a.at")
    return (
        f"{INTO} SELECT DISTINCT c.brand_id, {begun} FROM conversation c UNION SELECT DISTINCT c.brand_id, {closed} "
        f"FROM activity a JOIN conversation c ON c.id = a.conversation_id WHERE {CLOSING}"
    )


def _triggers(is_postgres: bool) -> list[str]:
    """SQL for each table, and for each side (old, new) of each change to it."""
    begun, closed = _day(is_postgres, "c.first_at"), _day(is_postgres, "a.at")

    def closings(brand: str, conversation: str) -> str:
        return (
            f"SELECT {brand}, {closed} FROM activity a JOIN conversation c ON c.id = a.conversation_id "
            f"WHERE c.id = {conversation} AND {CLOSING}"
        )

    def of_conversation(row: str) -> str:
        own = f"SELECT {row}.brand_id, {_day(is_postgres, f'{row}.first_at')}"
        return f"{INTO} {own} UNION ALL {closings(f'{row}.brand_id', f'{row}.id')};"

    def of_reply(row: str) -> str:
        return f"{INTO} SELECT c.brand_id, {begun} FROM conversation c WHERE c.id = {row}.conversation_id;"

    def of_activity(row: str) -> str:
        of = f"FROM conversation c WHERE c.id = {row}.conversation_id"
        own = f"SELECT c.brand_id, {begun} {of} UNION ALL SELECT c.brand_id, {_day(is_postgres, f'{row}.at')} {of}"
        return f"{INTO} {own} UNION ALL {closings('c.brand_id', f'{row}.conversation_id')};"

    def of_mention(row: str) -> str:
        answered = f"c.id = {row}.conversation_id AND c.answered_at IS NOT NULL"
        return f"{INTO} SELECT c.brand_id, {begun} FROM conversation c WHERE {answered};"

    def of_reading(row: str) -> str:
        return (
            f"{INTO} SELECT c.brand_id, {begun} FROM mention m JOIN conversation c ON c.id = m.conversation_id "
            f"WHERE m.id = {row}.mention_id AND c.answered_at IS NOT NULL;"
        )

    watched = (
        ("conversation", CONVERSATION, "", of_conversation),
        ("reply", REPLY, "{row}.state = 'sent'", of_reply),
        ("activity", ACTIVITY, "{row}.kind IN ('status', 'reopened')", of_activity),
        ("mention", MENTION, "{row}.conversation_id IS NOT NULL", of_mention),
        ("reading", READING, "", of_reading),
    )
    make = _postgres if is_postgres else _sqlite
    return [
        statement
        for table, columns, only, mark in watched
        for name, when, row in (
            ("insert", "INSERT", "new"),
            ("delete", "DELETE", "old"),
            ("was", "UPDATE", "old"),
            ("is", "UPDATE", "new"),
        )
        for statement in make(f"rollup_team_{table}_{name}", when, table, _when(when, columns, only, row), mark(row))
    ]


def _when(when: str, columns: tuple[str, ...], only: str, row: str) -> str:
    conditions = [only.format(row=row)] if only else []
    if when == "UPDATE":
        old, new = (", ".join(f"{side}.{column}" for column in columns) for side in ("old", "new"))
        conditions.append(f"({old}) IS DISTINCT FROM ({new})")
    return f"WHEN ({' AND '.join(conditions)})" if conditions else ""


def _sqlite(name: str, when: str, table: str, condition: str, marks: str) -> list[str]:
    condition = condition.replace("IS DISTINCT FROM", "IS NOT")
    return [f"CREATE TRIGGER {name} AFTER {when} ON {table} {condition} BEGIN {marks} END"]


def _postgres(name: str, when: str, table: str, condition: str, marks: str) -> list[str]:
    body = f"BEGIN {marks} RETURN NULL; END"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW {condition} EXECUTE FUNCTION {name}()",
    ]
