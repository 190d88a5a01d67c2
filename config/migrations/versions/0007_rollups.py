"""Counts by day for analytics, kept by triggers that note each brand's day whose counts changed."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SENTIMENT = sa.Enum("negative", "neutral", "positive", native_enum=False, length=16)
INTENT = sa.Enum(
    "complaint", "question", "praise", "purchase", "suggestion", "promotion", "other", native_enum=False, length=16
)
WATCHED = ("stage", "brand_id", "network", "created_at", "deleted_at", "reach")
"""Columns of a mention that its day's counts depend on."""


def upgrade() -> None:
    """Forward; counts of what is there already are made by the first run, day by day."""
    op.add_column("mention", sa.Column("reach", sa.Integer(), nullable=True))
    op.execute("UPDATE mention SET reach = (SELECT followers FROM author WHERE author.id = mention.author_id)")
    op.create_index("ix_mention_brand", "mention", ["brand_id", "created_at"])
    op.create_index(
        "ix_conversation_begun",
        "conversation",
        ["brand_id", "first_at", "network", "language", "status", "noise", "answered_at"],
    )
    _table("rollup_day", _network(), _language(), _sentiment(), _intent(), _model(), sums=("reach",))
    _table("rollup_hour", _key("hour", sa.SmallInteger()), _network(), _language())
    _table("rollup_voice", _network(), _language(), _key("voice", sa.String(200)), _sentiment(), _model())
    op.create_table(
        "rollup_dirty",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
    )
    op.create_index("ix_rollup_dirty_day", "rollup_dirty", ["brand_id", "day"])
    is_postgres = op.get_bind().dialect.name == "postgresql"
    for statement in _postgres() if is_postgres else _sqlite():
        op.get_bind().exec_driver_sql(statement)


def _table(name: str, *keys: "sa.Column[Any]", sums: tuple[str, ...] = ()) -> None:
    op.create_table(
        name,
        _key("brand_id", sa.Integer()),
        _key("day", sa.Date()),
        *keys,
        sa.Column("mentions", sa.Integer(), nullable=False),
        *(sa.Column(column, sa.BigInteger(), nullable=False) for column in sums),
        sqlite_with_rowid=False,
    )


def _key(name: str, kind: "sa.types.TypeEngine[Any]") -> "sa.Column[Any]":
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _network() -> "sa.Column[Any]":
    return _key("network", sa.String(40))


def _language() -> "sa.Column[Any]":
    return _key("language", sa.String(8))


def _sentiment() -> "sa.Column[Any]":
    return _key("sentiment", SENTIMENT)


def _intent() -> "sa.Column[Any]":
    return _key("intent", INTENT)


def _model() -> "sa.Column[Any]":
    return _key("model", sa.String(80))


# ruff: noqa: S608 (the names are ours)
def _mark(brand: str, mention: str, day: str) -> str:
    """A line for the brand that heard the mention first, and for each that heard it too."""
    return (
        f"INSERT INTO rollup_dirty (brand_id, day) SELECT {brand}, {day} "
        f"UNION ALL SELECT brand_id, {day} FROM also_heard WHERE mention_id = {mention};"
    )


def _mark_of(mention_id: str, day: str) -> str:
    """The same, where only the mention's id is known."""
    return (
        f"INSERT INTO rollup_dirty (brand_id, day) SELECT m.brand_id, {day} FROM mention m "
        f"WHERE m.id = {mention_id} AND m.stage = 'routed' "
        f"UNION ALL SELECT a.brand_id, {day} FROM also_heard a JOIN mention m ON m.id = a.mention_id "
        f"WHERE m.id = {mention_id} AND m.stage = 'routed';"
    )


def _sqlite() -> list[str]:
    def day(row: str) -> str:
        return f"substr({row}.created_at, 1, 10)"

    def trigger(name: str, when: str, row: str) -> str:
        marks = _mark(f"{row}.brand_id", f"{row}.id", day(row))
        return f"CREATE TRIGGER rollup_{name} AFTER {when} ON mention WHEN {row}.stage = 'routed' BEGIN {marks} END"

    changed = f"UPDATE OF {', '.join(WATCHED)}"
    statements = [
        trigger("mention_insert", "INSERT", "new"),
        trigger("mention_delete", "DELETE", "old"),
        trigger("mention_was", changed, "old"),
        trigger("mention_is", changed, "new"),
    ]
    for table in ("reading", "also_heard"):
        for kind, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
            marks = _mark_of(f"{row}.mention_id", day("m"))
            if table == "also_heard":  # the line itself is gone after a DELETE
                marks = (
                    f"INSERT INTO rollup_dirty (brand_id, day) SELECT {row}.brand_id, {day('m')} FROM mention m "
                    f"WHERE m.id = {row}.mention_id AND m.stage = 'routed';"
                )
            statements.append(
                f"CREATE TRIGGER rollup_{table}_{kind.lower()} AFTER {kind} ON {table} BEGIN {marks} END"
            )
    return statements


def _postgres() -> list[str]:
    def day(row: str) -> str:
        return f"({row}.created_at AT TIME ZONE 'UTC')::date"

    def function(name: str, body: str) -> str:
        return (
            f"CREATE FUNCTION rollup_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
        )

    statements = []
    changed = f"UPDATE OF {', '.join(WATCHED)}"
    for row in ("old", "new"):
        statements += [
            function(f"mark_{row}", _mark(f"{row}.brand_id", f"{row}.id", day(row))),
            function(f"mark_reading_{row}", _mark_of(f"{row}.mention_id", day("m"))),
            function(
                f"mark_also_{row}",
                f"INSERT INTO rollup_dirty (brand_id, day) SELECT {row}.brand_id, {day('m')} FROM mention m "
                f"WHERE m.id = {row}.mention_id AND m.stage = 'routed';",
            ),
        ]
    for name, when, row in (
        ("insert", "INSERT", "new"),
        ("delete", "DELETE", "old"),
        ("was", changed, "old"),
        ("is", changed, "new"),
    ):
        statements.append(
            f"CREATE TRIGGER rollup_mention_{name} AFTER {when} ON mention FOR EACH ROW "
            f"WHEN ({row}.stage = 'routed') EXECUTE FUNCTION rollup_mark_{row}()"
        )
    for table, which in (("reading", "reading"), ("also_heard", "also")):
        for kind, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
            statements.append(
                f"CREATE TRIGGER rollup_{table}_{kind.lower()} AFTER {kind} ON {table} FOR EACH ROW "
                f"EXECUTE FUNCTION rollup_mark_{which}_{row}()"
            )
    return statements
