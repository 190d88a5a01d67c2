"""Finding authors by a name with a slip of the pen: `beatrx` for Beatrix.

Both databases keep an index of the groups of three letters in a name (0021_lists.py). A word with one wrong letter
still has one half that is right, a long one with two has a third: whoever has such a piece is then compared letter by
letter.
"""

import heapq
import itertools
from collections.abc import Sequence
from difflib import SequenceMatcher

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Text,
    column,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Session

from listener.tables import Author

SHORTEST = 4
"""Letters of a word in which a slip is forgiven."""
MOST_COMPARED = 3_000
MOST_ALIKE = 20
LIKELY = 60
"""So many with the most pairs of letters in common are compared closely, which is slow."""
ALIKE = 0.75
"""`beatrx` and `beatrix` are 0.92 alike, `anna` and `hanna` 0.89, `moss` and `ross` 0.75."""
POSTGRES_GRAMS = "name_grams(author.handle || ' ' || author.name)"
"""As in the index, or it is not used."""


def alike(session: Session, words: Sequence[str]) -> list[int]:
    """Ids of the authors whose names come closest to all of the words; none where none comes close."""
    asked = [word.lower() for word in words]
    pieces = [piece for word in asked if len(word) >= SHORTEST for piece in pieces_of(word)]
    if not pieces:
        return []
    is_postgres = session.get_bind().dialect.name == "postgresql"
    condition = _postgres(pieces) if is_postgres else Author.id.in_(_sqlite(pieces))
    rows = session.execute(select(Author.id, Author.handle, Author.name).where(condition).limit(MOST_COMPARED)).all()
    known = [(row.id, f"{row.handle} {row.name}") for row in rows]
    pairs = _pairs(" ".join(asked))
    likely = heapq.nlargest(LIKELY, known, key=lambda one: len(pairs & _pairs(one[1].lower())))
    scored = sorted(((closeness(asked, name), number) for number, name in likely), reverse=True)
    return [number for score, number in scored[:MOST_ALIKE] if score >= ALIKE]


def pieces_of(word: str) -> list[str]:
    """Pieces of at least three letters, of which one is left whole by a slip (two, in a long word)."""
    count = max(1, len(word) // 3)
    if count == 1:
        return [word[:3], word[-3:]]
    edges = [round(place * len(word) / count) for place in range(count + 1)]
    return [word[start:end] for start, end in itertools.pairwise(edges)]


def closeness(asked: Sequence[str], name: str) -> float:
    """From 0 to 1: how like each word is to the word of the name it is most like, for the worst of them."""
    known = name.lower().replace("@", " ").replace("_", " ").replace(".", " ").replace("-", " ").split()
    return min(max((SequenceMatcher(None, word, other).ratio() for other in known), default=0.0) for word in asked)


def _pairs(text: str) -> set[str]:
    return {text[start : start + 2] for start in range(len(text) - 1)}


def _grams(piece: str) -> list[str]:
    return [piece[start : start + 3] for start in range(len(piece) - 2)]


def _sqlite(pieces: Sequence[str]) -> Select[int]:
    grams = table("author_gram", column("rowid", Integer), column("author_gram"))
    together = (" AND ".join(f'"{gram}"' for gram in _grams(piece)) for piece in pieces)
    query = " OR ".join(f"({grams_of_piece})" for grams_of_piece in together)
    return select(grams.c.rowid).where(grams.c.author_gram.op("MATCH")(query)).limit(MOST_COMPARED)


def _postgres(pieces: Sequence[str]) -> ColumnElement[bool]:
    names: ColumnElement[list[str]] = literal_column(POSTGRES_GRAMS)
    wanted = (literal(_grams(piece), ARRAY(Text)) for piece in pieces)
    return or_(*(names.op("@>")(array) for array in wanted))
