"""Tags with colours, saved views, work on many conversations at once, names with slips of the pen.

`conversation_tag` says which conversations have a tag, and `tag` knows every name in use; triggers keep both, whoever
writes the tags of a conversation. The two indexes that lists walk hold what the search box filters by, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

LIST = ["noise", "team", "assignee_id", "sentiment", "intent", "network", "brand_id", "storm_id"]
NOW_TOO = ["language", "unread", "answered_at"]
COLOUR = sa.Enum("grey", "red", "orange", "yellow", "green", "teal", "blue", "violet", native_enum=False, length=16)
JOB = sa.Enum("running", "done", "undoing", "undone", native_enum=False, length=16)
ITEM = sa.Enum("waiting", "done", "refused", "undone", "kept", native_enum=False, length=16)
GRAMS = "handle || ' ' || name"


def upgrade() -> None:
    """Forward; tags that are in use already get into the catalogue."""
    for name, first in (("ix_conversation_list", ["status"]), ("ix_conversation_last", [])):
        op.drop_index(name, "conversation")
        op.create_index(name, "conversation", [*first, "last_at", "id", *LIST, *NOW_TOO])
    _tags()
    _views()
    _jobs()
    is_postgres = op.get_bind().dialect.name == "postgresql"
    for statement in _postgres() if is_postgres else _sqlite():
        op.get_bind().exec_driver_sql(statement)


def _tags() -> None:
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False, unique=True),
        sa.Column("colour", COLOUR, server_default="grey", nullable=False),
        sa.Column("description", sa.String(200), server_default="", nullable=False),
    )
    op.create_table(
        "conversation_tag",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("conversation_id", sa.Integer(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_conversation_tag", "conversation_tag", ["conversation_id"])


def _views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(2000), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_saved_view", "saved_view", ["user_id", "place"])


def _jobs() -> None:
    op.create_table(
        "bulk_job",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("deed", sa.JSON(), nullable=False),
        sa.Column("state", JOB, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("total", "done", "refused")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_bulk_job_state", "bulk_job", ["state", "id"])
    op.create_index("ix_bulk_job_user", "bulk_job", ["user_id", "created_at"])
    op.create_table(
        "bulk_item",
        sa.Column("job_id", sa.Integer(), sa.ForeignKey("bulk_job.id"), primary_key=True),
        sa.Column(
            "conversation_id", sa.Integer(), sa.ForeignKey("conversation.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("state", ITEM, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
    )
    op.create_index("ix_bulk_item_state", "bulk_item", ["job_id", "state", "conversation_id"])


# ruff: noqa: S608 (the names are ours)
def _sqlite() -> list[str]:
    def listed(names: str, number: str) -> str:
        named = f"SELECT DISTINCT value AS name FROM json_each({names})"
        return (
            f"INSERT OR IGNORE INTO conversation_tag (name, conversation_id) SELECT name, {number} FROM ({named}); "
            f"INSERT OR IGNORE INTO tag (name) SELECT name FROM ({named}) "
            "WHERE name NOT IN (SELECT name FROM tag);"
        )

    add = listed("new.tags", "new.id")
    remove = "DELETE FROM conversation_tag WHERE conversation_id = old.id;"
    fts_add = "INSERT INTO author_gram(rowid, handle, name) VALUES (new.id, new.handle, new.name);"
    fts_remove = (
        "INSERT INTO author_gram(author_gram, rowid, handle, name) VALUES ('delete', old.id, old.handle, old.name);"
    )
    return [
        "INSERT OR IGNORE INTO conversation_tag (name, conversation_id) "
        "SELECT DISTINCT value, conversation.id FROM conversation, json_each(conversation.tags) WHERE tags != '[]'",
        "INSERT INTO tag (name) SELECT DISTINCT name FROM conversation_tag",
        "CREATE TRIGGER tags_insert AFTER INSERT ON conversation WHEN new.tags != '[]' BEGIN " + add + " END",
        "CREATE TRIGGER tags_update AFTER UPDATE OF tags ON conversation WHEN new.tags != old.tags "
        f"BEGIN {remove} {add} END",
        f"CREATE TRIGGER tags_delete AFTER DELETE ON conversation BEGIN {remove} END",
        "CREATE VIRTUAL TABLE author_gram USING fts5(handle, name, content='author', content_rowid='id', "
        "detail=none, columnsize=0, tokenize='trigram')",
        f"CREATE TRIGGER author_gram_insert AFTER INSERT ON author BEGIN {fts_add} END",
        f"CREATE TRIGGER author_gram_delete AFTER DELETE ON author BEGIN {fts_remove} END",
        f"CREATE TRIGGER author_gram_update AFTER UPDATE OF handle, name ON author BEGIN {fts_remove} {fts_add} END",
        "INSERT INTO author_gram(author_gram) VALUES ('rebuild')",
    ]


def _postgres() -> list[str]:
    names = "SELECT DISTINCT jsonb_array_elements_text(new.tags::jsonb)"
    body = (
        "IF tg_op != 'INSERT' THEN DELETE FROM conversation_tag WHERE conversation_id = old.id; END IF; "
        "IF tg_op != 'DELETE' THEN "
        f"INSERT INTO conversation_tag (name, conversation_id) SELECT n, new.id FROM ({names}) AS t(n) "
        "ON CONFLICT DO NOTHING; "
        f"INSERT INTO tag (name) SELECT n FROM ({names}) AS t(n) "
        "WHERE NOT EXISTS (SELECT FROM tag WHERE tag.name = n) ORDER BY n ON CONFLICT DO NOTHING; "
        "END IF; RETURN NULL;"
    )
    return [
        "INSERT INTO conversation_tag (name, conversation_id) "
        "SELECT DISTINCT jsonb_array_elements_text(tags::jsonb), id FROM conversation WHERE tags::text != '[]'",
        "INSERT INTO tag (name) SELECT DISTINCT name FROM conversation_tag",
        f"CREATE FUNCTION follow_tags() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
        *(
            f"CREATE TRIGGER tags_{when.split()[0].lower()} AFTER {when} ON conversation FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION follow_tags()"
            for when, condition in (
                ("INSERT", "new.tags::text != '[]'"),
                ("UPDATE OF tags", "new.tags::text != old.tags::text"),
                ("DELETE", "true"),
            )
        ),
        "CREATE FUNCTION name_grams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ "
        "SELECT coalesce(array_agg(DISTINCT substr(lower(words), i, 3)), '{}') "
        "FROM generate_series(1, length(words) - 2) AS i $$",
        f"CREATE INDEX ix_author_grams ON author USING gin (name_grams({GRAMS}))",
    ]
