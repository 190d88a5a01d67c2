"""Finding conversations by the words of their mentions, or by who wrote them.

What is searched is made by config/migrations/versions/0002_search.py. SQLite: two FTS5 tables that follow `mention`
and `author` by triggers and keep no copy of the text. PostgreSQL: two GIN indexes. Both know words in any script by
their beginning; neither knows grammar.
"""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    case,
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

from engage import names
from engage.tables import Conversation
from listener.tables import Author, Mention

MOST_WORDS = 12
MANY = 3_000
"""From this many matching mentions on, walking the list is quicker than looking them all up."""
MANY_TEXTS = 30_000
"""The same where their texts are looked at, for a phrase."""
MOST = 250_000
"""From this many on, SQLite asks the index about each mention on the way instead of for a list of them."""
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


def matching(session: Session, words: list[str], phrases: Sequence[str] = ()) -> ColumnElement[bool]:
    """The condition on Conversation that one mention has all of `words`, or that its author is known by them.

    The last word counts from its beginning, an author's every word: `refun` finds refund; not where many mentions
    have it as a word, for SQLite has to gather all beginnings first. No words find nothing.
    `phrases`, whose words are among `words`, must stand as they are written. What few mentions match is looked up;
    what many match (a brand's name) is checked while the list is walked. What nobody said may be a name with a slip
    of the pen.
    """
    if not words:
        return false()
    size, is_common = _sized(session, words)
    if is_common:
        words = [*words, ""]
    mentions, authors = _ids(session, words)
    in_text = [_stands_in(Mention.text, phrase) for phrase in phrases]
    if phrases:
        named = [_stands_in(Author.handle + " " + Author.name, phrase) for phrase in phrases]
        authors = select(Author.id).where(Author.id.in_(authors), *named)
    if not size:
        return Conversation.author_id.in_(names.alike(session, words))
    of_author = Conversation.author_id.in_(authors)
    if size >= (MANY_TEXTS if phrases else MANY):
        return or_(_on_the_way(session, words, size, *in_text), of_author)
    found = union(
        select(Mention.conversation_id).where(Mention.id.in_(mentions), *in_text),
        select(Conversation.id).where(of_author),
    ).subquery()
    return Conversation.id.in_(select(found.c[0]))


def lacking(session: Session, phrase: str) -> ColumnElement[bool]:
    """The condition on Conversation that none of its mentions has this word or phrase."""
    words = words_of(phrase)
    mentions, _ = _ids(session, [*words, ""])
    in_text = [_stands_in(Mention.text, phrase)] if len(words) > 1 else []
    return ~exists().where(Mention.conversation_id == Conversation.id, Mention.id.in_(mentions), *in_text)


def by_author(session: Session, typed: Sequence[str]) -> ColumnElement[bool]:
    """The condition on Conversation that its author is known by one of these names, slips of the pen forgiven."""
    authors = union_all(*(_ids(session, words_of(name))[1] for name in typed)).subquery()
    ids = select(authors.c[0])
    talks = select(Conversation.id).where(Conversation.author_id.in_(ids))
    size = session.scalar(select(func.count()).select_from(talks.limit(MANY).subquery())) or 0
    if not size:
        alike = [number for name in typed for number in names.alike(session, words_of(name))]
        return Conversation.author_id.in_(alike)
    if size < MANY:
        return Conversation.id.in_(talks)
    return (Conversation.author_id + 0).in_(ids)  # a sum, so that the list is walked in its order and not by author


def _stands_in(text: Any, phrase: str) -> ColumnElement[bool]:
    """The words one after the other. LIKE knows capitals of plain letters only, so others may be any sign."""
    pattern = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in phrase)
    condition: ColumnElement[bool] = text.ilike(f"%{pattern}%")
    return condition


def _on_the_way(session: Session, words: list[str], size: int, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a mention of the conversation in hand has the words."""
    of_it = (Mention.conversation_id == Conversation.id, *more)
    mentions, _ = _ids(session, words)
    if size < MOST or _is_postgres(session):
        return exists().where(*of_it, Mention.id.in_(mentions))
    hits = mentions.subquery()
    return exists().where(*of_it, Mention.id == hits.c[0])


def mentions_with(session: Session, words: list[str]) -> Select[int]:
    """Ids of the mentions that have all of `words`, the last one from its beginning. No words find nothing."""
    if not words:
        return select(Mention.id).where(false())
    return _ids(session, words)[0]


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _ids(session: Session, words: list[str]) -> tuple[Select[int], Select[int]]:
    """Of the mentions that have all the words, and of the authors known by them; after "" no word is a beginning."""
    return (_postgres if _is_postgres(session) else _sqlite)(words)


def _sized(session: Session, words: list[str]) -> tuple[int, bool]:
    """How many match, and whether so many have the last word as a whole that its beginnings were not looked for.

    One statement, which stops counting.
    """
    whole = select(_size(session, [*words, ""]).label("whole")).limit(1).subquery()
    begun = case((whole.c.whole < MANY, _size(session, words)), else_=-1)
    found, beginnings = session.execute(select(whole.c.whole, begun)).one()
    return (found, True) if beginnings == -1 else (beginnings, False)


def _size(session: Session, words: list[str]) -> ScalarSelect[int]:
    both = zip(_ids(session, words), (MOST, MANY), strict=True)
    either = union_all(*(select(ids.limit(most).subquery()) for ids, most in both)).subquery()
    return select(func.count()).select_from(either).scalar_subquery()


def _sqlite(words: list[str]) -> tuple[Select[int], Select[int]]:
    whole = [f'"{word}"' for word in words[:-1]]
    last = [f'"{word}"{_star(word, "*")}' for word in words[-1:] if word]
    in_text = " AND ".join([*whole, *last])
    in_author = " AND ".join(f'"{word}"{_star(word, "*")}' for word in words if word)
    return _fts_rows("mention_fts", in_text), _fts_rows("author_fts", in_author)


def _fts_rows(name: str, query: str) -> Select[int]:
    fts = table(name, column("rowid", Integer), column(name))
    return select(fts.c.rowid).where(fts.c[name].op("MATCH")(query))


def _postgres(words: list[str]) -> tuple[Select[int], Select[int]]:
    whole = [f"'{word}'" for word in words[:-1]]
    last = [f"'{word}'{_star(word, ':*')}" for word in words[-1:] if word]
    in_text = " & ".join([*whole, *last])
    in_author = " & ".join(f"'{word}'{_star(word, ':*')}" for word in words if word)
    simple: ColumnElement[str] = literal_column("'simple'")
    return (
        select(Mention.id).where(literal_column(POSTGRES_MENTION).op("@@")(func.to_tsquery(simple, in_text))),
        select(Author.id).where(literal_column(POSTGRES_AUTHOR).op("@@")(func.to_tsquery(simple, in_author))),
    )


def _star(word: str, sign: str) -> str:
    """A single Latin letter begins nearly every text: it has to stand alone."""
    return "" if len(word) == 1 and word.isascii() else sign
