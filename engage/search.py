"""Finding conversations by the words of their mentions, or by who wrote them.

SQLite: two FTS5 tables that follow `mention` and `author` by triggers and keep no copy of the text. PostgreSQL: two
GIN indexes. Both know words in any script by their beginning; neither knows grammar.
"""

import re

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from engage.tables import Conversation
from listener.tables import Author, Mention

MOST_WORDS = 12
MANY = 3_000
"""From this many matching mentions on, walking the list is quicker than looking them all up."""
WORD = re.compile(r"[^\W_\u19b0-\u19c9\u1cf2\u1cf3]+")
"""One token for SQLite too, whose index keeps no places of words and so knows no phrases: it splits at `_` and at a few
vowel signs."""

SQLITE_TOKENIZER = "unicode61 remove_diacritics 2"
SQLITE_TABLES = {"mention_fts": ("mention", ("text",)), "author_fts": ("author", ("handle", "name"))}
POSTGRES_WORDS = r"to_tsvector('simple', regexp_replace(%s, '[!-/:-@\[-^`{-~_]+', ' ', 'g'))"
"""Split at the signs where `words_of` splits: left to itself, PostgreSQL would keep addresses in one piece."""
POSTGRES_MENTION = POSTGRES_WORDS % "mention.text"
POSTGRES_AUTHOR = POSTGRES_WORDS % "author.handle || ' ' || author.name"
POSTGRES_DDL = (
    f"CREATE INDEX ix_mention_words ON mention USING gin ({POSTGRES_MENTION.replace('mention.', '')})",
    f"CREATE INDEX ix_author_words ON author USING gin ({POSTGRES_AUTHOR.replace('author.', '')})",
)


def create_search(connection: Connection) -> None:
    """Make what searching needs, once, after the tables; what is there already is found too."""
    for statement in POSTGRES_DDL if connection.dialect.name == "postgresql" else _sqlite_ddl():
        connection.exec_driver_sql(statement)


def drop_search(connection: Connection) -> None:
    """Undo create_search."""
    if connection.dialect.name == "postgresql":
        for index in ("ix_mention_words", "ix_author_words"):
            connection.exec_driver_sql(f"DROP INDEX {index}")
        return
    for name in SQLITE_TABLES:
        for event in ("insert", "delete", "update"):
            connection.exec_driver_sql(f"DROP TRIGGER {name}_{event}")
        connection.exec_driver_sql(f"DROP TABLE {name}")


def words_of(typed: str) -> list[str]:
    """The words in what a person typed. Quotes, operators and NUL are left behind, so that no input can err."""
    return WORD.findall(typed)[:MOST_WORDS]


def matching(session: Session, words: list[str]) -> ColumnElement[bool]:
    """The condition on Conversation that one mention has all of `words`, or that its author is known by them.

    The last word counts from its beginning, an author's every word: `refun` finds refund. No words find nothing.
    What few mentions match is looked up; what many match (a brand's name) is checked while the list is walked. Either
    way a page of 100,000 conversations takes milliseconds.
    """
    if not words:
        return false()
    mentions, authors = _postgres(words) if session.get_bind().dialect.name == "postgresql" else _sqlite(words)
    of_author = Conversation.author_id.in_(authors)
    if _are_many(session, mentions, authors):
        return or_(exists().where(Mention.conversation_id == Conversation.id, Mention.id.in_(mentions)), of_author)
    found = union(
        select(Mention.conversation_id).where(Mention.id.in_(mentions)),
        select(Conversation.id).where(of_author),
    ).subquery()
    return Conversation.id.in_(select(found.c[0]))


def _are_many(session: Session, mentions: Select[int], authors: Select[int]) -> bool:
    """One statement, which stops counting at MANY."""
    either = union_all(*(select(ids.limit(MANY).subquery()) for ids in (mentions, authors))).subquery()
    return (session.scalar(select(func.count()).select_from(either)) or 0) >= MANY


def _sqlite(words: list[str]) -> tuple[Select[int], Select[int]]:
    whole = [f'"{word}"' for word in words[:-1]]
    in_text = " AND ".join([*whole, f'"{words[-1]}"{_star(words[-1], "*")}'])
    in_author = " AND ".join(f'"{word}"{_star(word, "*")}' for word in words)
    return _fts_rows("mention_fts", in_text), _fts_rows("author_fts", in_author)


def _fts_rows(name: str, query: str) -> Select[int]:
    fts = table(name, column("rowid", Integer), column(name))
    return select(fts.c.rowid).where(fts.c[name].op("MATCH")(query))


def _postgres(words: list[str]) -> tuple[Select[int], Select[int]]:
    whole = [f"'{word}'" for word in words[:-1]]
    in_text = " & ".join([*whole, f"'{words[-1]}'{_star(words[-1], ':*')}"])
    in_author = " & ".join(f"'{word}'{_star(word, ':*')}" for word in words)
    simple: ColumnElement[str] = literal_column("'simple'")
    return (
        select(Mention.id).where(literal_column(POSTGRES_MENTION).op("@@")(func.to_tsquery(simple, in_text))),
        select(Author.id).where(literal_column(POSTGRES_AUTHOR).op("@@")(func.to_tsquery(simple, in_author))),
    )


def _star(word: str, sign: str) -> str:
    """A single Latin letter begins nearly every text: it has to stand alone."""
    return "" if len(word) == 1 and word.isascii() else sign


def _sqlite_ddl() -> list[str]:
    return [
        statement for name, (source, columns) in SQLITE_TABLES.items() for statement in _fts(name, source, columns)
    ]


def _fts(name: str, source: str, columns: tuple[str, ...]) -> list[str]:
    listed = ", ".join(columns)
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("new", "old"))
    add = f"INSERT INTO {name}(rowid, {listed}) VALUES (new.id, {new});"  # noqa: S608  names of ours
    remove = f"INSERT INTO {name}({name}, rowid, {listed}) VALUES ('delete', old.id, {old});"  # noqa: S608
    return [
        f"CREATE VIRTUAL TABLE {name} USING fts5({listed}, content='{source}', content_rowid='id', "
        f"detail=none, tokenize='{SQLITE_TOKENIZER}')",
        f"CREATE TRIGGER {name}_insert AFTER INSERT ON {source} BEGIN {add} END",
        f"CREATE TRIGGER {name}_delete AFTER DELETE ON {source} BEGIN {remove} END",
        f"CREATE TRIGGER {name}_update AFTER UPDATE OF {listed} ON {source} BEGIN {remove} {add} END",
        f"INSERT INTO {name}({name}) VALUES ('rebuild')",  # noqa: S608
    ]
