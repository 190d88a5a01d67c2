"""Text to tree: a lexer and a recursive descent.

either  := both ("OR" both)*
both    := single ("AND"? single)*
single  := ("NOT" | "-")* ( "(" either ")" | term )
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from listener.query.error import QueryError
from listener.query.tree import Kind, Node, Term, all_of, any_of, negate

MAX_QUERY = 10_000
MAX_TERM = 200
MAX_DEPTH = 40
MIN_PREFIX = 2
OPERATORS = ("AND", "OR", "NOT")
QUOTES = '"“”„'
EDGES = ".,;:!?…·–—/\\|~_-'’`´*&<>«»[]{}#@"
"""Punctuation that people leave at the edge of a word or in a phrase; it is not part of what they look for."""

_TOKEN = re.compile(rf"(?P<gap>\s+)|(?P<bracket>[()])|(?P<minus>-)|(?P<quote>[{QUOTES}])|(?P<run>[^\s(){QUOTES}]+)")
_HASHTAG = re.compile(r"[#＃](.*)", re.DOTALL)
_HANDLE = re.compile(r"[@＠](.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is one of ( ) AND OR NOT, or TERM."""

    kind: str
    start: int
    term: Term | None = None


def parse_tree(text: str) -> Node:
    """The tree of a query. Raises QueryError, and nothing else."""
    _refuse_oddities(text)
    tokens = list(_tokens(text))
    if not tokens:
        raise QueryError("The query is empty.", "Write at least one word to listen for.", query=text)
    return _Parser(text, tokens).parse()


def _refuse_oddities(text: str) -> None:
    if len(text) > MAX_QUERY:
        raise QueryError(
            f"The query has {len(text):,} characters; {MAX_QUERY:,} is the most.",
            "Split it into several queries.",
            query=text,
            position=MAX_QUERY,
        )
    for place, char in enumerate(text):
        if unicodedata.category(char) in {"Cc", "Cs"} and not char.isspace():
            raise QueryError("This character cannot be searched for.", "Remove it.", query=text, position=place)


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    while match := _TOKEN.match(text, place):
        start, place = match.span()
        match match.lastgroup:
            case "bracket":
                yield Token(match[0], start)
            case "minus":
                yield _minus(text, start)
            case "quote":
                term, place = _phrase(text, start)
                yield Token("TERM", start, term)
            case "run":
                yield _word(text, start, match[0])


def _minus(text: str, start: int) -> Token:
    after = text[start + 1 : start + 2]
    if not after or after.isspace():
        raise QueryError(
            "This - stands alone.",
            "Write it directly before the word that must not occur, or remove it.",
            query=text,
            position=start,
        )
    return Token("NOT", start)


def _phrase(text: str, start: int) -> tuple[Term, int]:
    end = next((i for i in range(start + 1, len(text)) if text[i] in QUOTES), -1)
    if end < 0:
        raise QueryError(
            "This quotation mark is never closed.", "Add one where the phrase ends.", query=text, position=start
        )
    parts = [part for word in text[start + 1 : end].split() if _is_searchable(part := word.strip(EDGES))]
    if not parts:
        raise QueryError(
            "There is nothing to look for between these quotation marks.",
            "Write the words of the phrase, or remove the marks.",
            query=text,
            position=start,
        )
    if text[end + 1 : end + 2] == "*":
        raise QueryError(
            "A * cannot follow a phrase.", "Put it after a single word, or remove it.", query=text, position=end + 1
        )
    return Term(Kind.PHRASE, _short_enough(" ".join(parts), text, start)), end + 1


def _word(text: str, start: int, run: str) -> Token:
    bare = run.rstrip(EDGES.replace("*", ""))
    if bare in OPERATORS:
        return Token(bare, start)
    stem = bare.rstrip("*")
    prefix = stem != bare
    _refuse_star(stem, text, start)
    term = _term(stem, prefix, text, start)
    if prefix and len(term.value) < MIN_PREFIX:
        raise QueryError(
            f"A * needs at least {MIN_PREFIX} characters before it.",
            "Write more of the word.",
            query=text,
            position=start,
        )
    return Token("TERM", start, term)


def _refuse_star(stem: str, text: str, start: int) -> None:
    star = stem.find("*")
    if star >= 0:
        raise QueryError(
            "A * can only stand at the end of a word.",
            "Remove it, or write the alternatives with OR.",
            query=text,
            position=start + star,
        )


def _term(stem: str, prefix: bool, text: str, start: int) -> Term:
    if found := _HASHTAG.fullmatch(stem):
        return Term(Kind.HASHTAG, _tag(found[1], text, start), prefix)
    if found := _HANDLE.fullmatch(stem):
        return Term(Kind.HANDLE, _handle(found[1], text, start), prefix)
    word = stem.strip(EDGES)
    if not _is_searchable(word):
        raise QueryError(
            "There is nothing to look for here.", "Write a word, or remove it.", query=text, position=start
        )
    return Term(Kind.WORD, _short_enough(word, text, start), prefix)


def _tag(body: str, text: str, start: int) -> str:
    if not _is_searchable(body) or not all(char == "_" or unicodedata.category(char)[0] in "LMN" for char in body):
        raise QueryError(
            "A hashtag is # and then letters, digits or _ only.", "Correct it.", query=text, position=start
        )
    return _short_enough(body, text, start)


def _handle(body: str, text: str, start: int) -> str:
    if not _is_searchable(body) or not re.fullmatch(r"[\w.-]+(@[\w.-]+)?", body):
        raise QueryError(
            "A handle is @ and then letters, digits, _, - or dots, such as @ada or @ada@example.social.",
            "Correct it.",
            query=text,
            position=start,
        )
    return _short_enough(body, text, start)


def _short_enough(value: str, text: str, start: int) -> str:
    if len(value) > MAX_TERM:
        raise QueryError(
            f"This is longer than {MAX_TERM} characters.", "Use a shorter part of it.", query=text, position=start
        )
    return value


def _is_searchable(value: str) -> bool:
    """Holds a letter, a digit or a pictograph."""
    return any(char.isalnum() or unicodedata.category(char) == "So" for char in value)


class _Parser:
    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def parse(self) -> Node:
        tree = self._either()
        if self._peek():  # only a ) can be left over: everything else is a term, or what `both` and `either` take
            self._fail("This ) has no ( before it.", "Remove it, or add the ( where the group begins.")
        return tree

    def _either(self) -> Node:
        parts = [self._both()]
        while self._peek() == "OR":
            self._next += 1
            parts.append(self._both())
        return any_of(parts)

    def _both(self) -> Node:
        parts = [self._single()]
        while self._peek() not in {"", "OR", ")"}:
            self._next += self._peek() == "AND"
            parts.append(self._single())
        return all_of(parts)

    def _single(self) -> Node:
        negated = False
        while self._peek() == "NOT":
            negated = not negated
            self._next += 1
        part = self._group() if self._peek() == "(" else self._leaf()
        return negate(part) if negated else part

    def _group(self) -> Node:
        opening = self._next
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail("The parentheses are nested too deep.", "Simplify the query.")
        self._next += 1
        if self._peek() == ")":
            self._fail("These parentheses are empty.", "Write something between them, or remove them.", at=opening)
        part = self._either()
        if self._peek() != ")":
            self._fail("This ( is never closed.", "Add the ) where the group ends.", at=opening)
        self._next += 1
        self._depth -= 1
        return part

    def _leaf(self) -> Node:
        token = self._tokens[self._next] if self._peek() else None
        if token is None or token.term is None:
            self._fail_for_want_of_a_term()
        self._next += 1
        return token.term

    def _fail_for_want_of_a_term(self) -> NoReturn:
        before = self._next - 1
        if not self._peek() or (before >= 0 and self._tokens[before].kind in OPERATORS):
            self._fail("Something to look for is missing after this.", "Write a word, or remove this.", at=before)
        self._fail("Something to look for is missing before this.", "Write a word, or remove it.")

    def _peek(self) -> str:
        return self._tokens[self._next].kind if self._next < len(self._tokens) else ""

    def _fail(self, message: str, remedy: str, at: int | None = None) -> NoReturn:
        place = self._tokens[self._next if at is None else at].start
        raise QueryError(message, remedy, query=self._text, position=place)
