"""A parsed query, ready to match."""

import re
from functools import cached_property

from listener.query.error import QueryError
from listener.query.matching import find_spans, fold, pattern, predicate
from listener.query.parser import parse_tree
from listener.query.tree import Node, terms


class Query:
    """A Boolean query. Equal queries ask the same in the same order; `str(query)` can be parsed again."""

    def __init__(self, text: str, root: Node) -> None:
        self.text = text
        """As the person wrote it."""
        self.root = root
        self._test = predicate(root)

    def matches(self, text: str) -> bool:
        """Whether a post's text is one that the query asks for."""
        return self._test(fold(text))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the wanted terms stand in `text`, as (start, end) in order and without overlaps."""
        return find_spans(self._patterns, text)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The wanted terms as they stand in a text: `kestova`, `customer service`, `#ebike`."""
        return tuple(dict.fromkeys(term.literal for term in terms(self.root)))

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        return [pattern(term) for term in dict.fromkeys(terms(self.root))]

    def __str__(self) -> str:
        return str(self.root)

    def __repr__(self) -> str:
        return f"Query({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self.root == other.root

    def __hash__(self) -> int:
        return hash(self.root)


def parse(text: str) -> Query:
    """Read a query. Raises QueryError (an InvalidInputError) that marks the place and says what to do."""
    root = parse_tree(text)
    query = Query(text, root)
    if query.matches(""):
        raise QueryError(
            "This only says what must not occur, so nearly every post would match.",
            "Add a word that must occur.",
            query=text,
        )
    return query
