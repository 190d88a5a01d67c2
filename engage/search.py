"""Finding conversations by the words of their mentions, or by who wrote them.

What is searched is made by config/migrations/versions/0002_search.py. SQLite: two FTS5 tables that follow `mention`
and `author` by triggers and keep no copy of the text. PostgreSQL: two GIN indexes. Both know words in any script by
their beginning; neither knows grammar.
"""

import re

from sqlalchemy import (
    ColumnElement,
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
"""One token for SQLite too, whose index keeps no places of words and so knows no phrases: it splits at `_` and at a
few vowel signs."""

POSTGRES_WORDS = r"to_tsvector('simple', regexp_replace(%s, '[!-/:-@\[-^`{-~_]+', ' ', 'g'))"
"""As in the indexes, or they are not used. Split at the signs where `words_of` splits: left to itself, PostgreSQL
would keep addresses in one piece."""
POSTGRES_MENTION = POSTGRES_WORDS % "mention.text"
POSTGRES_AUTHOR = POSTGRES_WORDS % "author.handle || ' ' || author.name"


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


def mentions_with(session: Session, words: list[str]) -> Select[int]:
    """Ids of the mentions that have all of `words`, the last one from its beginning. No words find nothing."""
    if not words:
        return select(Mention.id).where(false())
    return (_postgres(words) if session.get_bind().dialect.name == "postgresql" else _sqlite(words))[0]


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
