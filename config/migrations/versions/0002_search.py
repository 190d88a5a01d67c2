"""Full-text search over mentions and authors; what reads it is engage/search.py.

SQLite: two FTS5 tables that follow `mention` and `author` by triggers and keep no copy of the text. PostgreSQL: two
GIN indexes.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TOKENIZER = "unicode61 remove_diacritics 2"
FTS_TABLES = {"mention_fts": ("mention", ("text",)), "author_fts": ("author", ("handle", "name"))}
POSTGRES_WORDS = r"to_tsvector('simple', regexp_replace(%s, '[!-/:-@\[-^`{-~_]+', ' ', 'g'))"
AUTHOR_NAMES = "handle || ' ' || name"
POSTGRES = (
    f"CREATE INDEX ix_mention_words ON mention USING gin ({POSTGRES_WORDS % 'text'})",
    f"CREATE INDEX ix_author_words ON author USING gin ({POSTGRES_WORDS % AUTHOR_NAMES})",
)


def upgrade() -> None:
    """Forward; what is there already is found too."""
    if op.get_bind().dialect.name == "postgresql":
        statements = list(POSTGRES)
    else:
        statements = [line for name, (source, columns) in FTS_TABLES.items() for line in _fts(name, source, columns)]
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def _fts(name: str, source: str, columns: tuple[str, ...]) -> list[str]:
    # ruff: noqa: S608 (the names are the constants above)
    listed = ", ".join(columns)
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("new", "old"))
    add = f"INSERT INTO {name}(rowid, {listed}) VALUES (new.id, {new});"
    remove = f"INSERT INTO {name}({name}, rowid, {listed}) VALUES ('delete', old.id, {old});"
    return [
        f"CREATE VIRTUAL TABLE {name} USING fts5({listed}, content='{source}', content_rowid='id', "
        f"detail=none, columnsize=0, tokenize='{TOKENIZER}')",
        f"CREATE TRIGGER {name}_insert AFTER INSERT ON {source} BEGIN {add} END",
        f"CREATE TRIGGER {name}_delete AFTER DELETE ON {source} BEGIN {remove} END",
        f"CREATE TRIGGER {name}_update AFTER UPDATE OF {listed} ON {source} BEGIN {remove} {add} END",
        f"INSERT INTO {name}({name}) VALUES ('rebuild')",
    ]
