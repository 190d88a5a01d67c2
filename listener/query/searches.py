"""Query to each network's own search strings.

The strings of a network together find all that matches locally, as far as the network sees words as we do, and more:
what it cannot express is widened or left out, and `Query.matches` decides afterwards. Each function raises QueryError
where nothing is left that the network could search for.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from listener.query.error import QueryError
from listener.query.parser import MAX_TERM
from listener.query.query import Query
from listener.query.tree import And, Kind, Node, Not, Or, Term, all_of, any_of, terms

X_LENGTH = 512
REDDIT_LENGTH = 512
ALGOLIA_LENGTH = 512
MAX_ALTERNATIVES = 30
"""Where OR within AND would need more searches than this, the AND asks for less instead."""
LONGEST_TERM = MAX_TERM + 4
"""A term with its quotes, minus and parentheses."""


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What a network can express."""

    label: str
    express: Callable[[Term], Term | None]
    """The nearest term that it knows and that finds at least as much; None where there is none."""
    can_exclude: Callable[[Term], bool] = lambda term: False
    """Whether its idea of the term is no wider than ours, so that leaving those posts out loses nothing."""


def for_x(query: Query, max_length: int = X_LENGTH) -> list[str]:
    """Searches for X, none longer than `max_length` (512, or more on larger plans; 210 at least).

    Posts cost money there, so plain excluded terms are passed on.
    """
    return [str(part) for part in _split(_widened(query, X), max_length)]


def for_reddit(query: Query) -> list[str]:
    """Searches for Reddit. It also finds inflected words, so what is excluded is left to us."""
    return [str(part) for part in _split(_widened(query, REDDIT), REDDIT_LENGTH)]


def for_bluesky(query: Query) -> list[str]:
    """Searches for Bluesky, which knows no OR: one for every alternative."""
    return _unique(" ".join(map(str, found)) for found in _alternatives(_widened(query, BLUESKY)))


def for_hackernews(query: Query) -> list[str]:
    """Searches for Algolia, which knows no OR and takes the last word as the beginning of one."""
    return _unique(_for_algolia(found) for found in _alternatives(_widened(query, HACKERNEWS)))


def hashtags(query: Query) -> list[str]:
    """Hashtags to follow, in small letters and without the #; empty where the query holds nothing of the kind.

    All posts that match and carry their terms as hashtags are found under them.
    """
    return _unique(_tags(query.root))


def _tag(term: Term) -> list[str]:
    tag = "".join(char for char in term.value if char.isalnum() or char == "_").lower()
    return [] if term.prefix or term.kind is Kind.HANDLE or not tag or tag.isdigit() else [tag]


def _tags(node: Node) -> list[str]:
    match node:
        case Term():
            return _tag(node)
        case Not():
            return []
        case Or():
            return [tag for part in node.parts for tag in _tags(part)]
        case And():
            choices = [(part, tags) for part in node.parts if (tags := _tags(part))]
            return (
                min(choices, key=lambda choice: (not _names_hashtag(choice[0]), len(choice[1])))[1] if choices else []
            )


def _names_hashtag(node: Node) -> bool:
    return any(term.kind is Kind.HASHTAG for term in terms(node))


# What each network can express.


def _plain(term: Term) -> bool:
    """A single token on every network."""
    return term.value.isalnum() and term.value.upper() not in {"AND", "OR", "NOT"}


def _quoted(term: Term) -> Term:
    return Term(Kind.PHRASE, term.value.replace("\\", " "))


def _whole(term: Term) -> Term | None:
    """For networks that know words and phrases, and no beginnings of words."""
    if term.prefix:
        return None
    return Term(Kind.WORD, term.value) if _plain(term) else _quoted(term)


def _for_x(term: Term) -> Term | None:
    if term.prefix or term.kind is Kind.HASHTAG:
        return None if term.prefix else term
    if term.kind is Kind.HANDLE and re.fullmatch(r"\w{1,15}", term.value, re.ASCII):
        return term
    return term if term.kind is Kind.PHRASE else _whole(term)


def _x_can_exclude(term: Term) -> bool:
    words = term.value.split() if term.kind is Kind.PHRASE else [term.value]
    return not term.prefix and all(word.isascii() and word.isalnum() for word in words)


def _for_bluesky(term: Term) -> Term | None:
    return term if term.kind in {Kind.HASHTAG, Kind.PHRASE} and not term.prefix else _whole(term)


def _for_reddit(term: Term) -> Term | None:
    return term if term.kind is Kind.PHRASE else _whole(term)


def _for_hackernews(term: Term) -> Term | None:
    if term.prefix:
        return Term(Kind.WORD, term.value, prefix=True) if _plain(term) else None
    return term if term.kind is Kind.PHRASE else _whole(term)


X = _Dialect("X", _for_x, _x_can_exclude)
REDDIT = _Dialect("Reddit", _for_reddit)
BLUESKY = _Dialect("Bluesky", _for_bluesky)
HACKERNEWS = _Dialect("Hacker News", _for_hackernews)


# Widening: a tree that finds at least as much, of terms that the network knows. None finds everything.


def _widened(query: Query, dialect: _Dialect) -> Node:
    found = _widen(query.root, dialect)
    if found is None or _only_excludes(found):
        raise QueryError(
            f"{dialect.label} cannot search for this query.",
            "Add a whole word that must occur: a word with * is not enough there.",
            query=query.text,
        )
    return found


def _widen(node: Node, dialect: _Dialect) -> Node | None:
    match node:
        case Term():
            return dialect.express(node)
        case Not():
            return _widen_not(node.part, dialect)
        case And():
            return _conjunction(_widen(part, dialect) for part in node.parts)
        case Or():
            return _disjunction(_widen(part, dialect) for part in node.parts)


def _widen_not(node: Node, dialect: _Dialect) -> Node | None:
    match node:
        case Term():
            expressed = dialect.express(node) if dialect.can_exclude(node) else None
            return Not(expressed) if expressed else None
        case Not():
            return _widen(node.part, dialect)
        case And():
            return _disjunction(_widen_not(part, dialect) for part in node.parts)
        case Or():
            return _conjunction(_widen_not(part, dialect) for part in node.parts)


def _conjunction(parts: Iterable[Node | None]) -> Node | None:
    kept = [part for part in parts if part is not None]
    return all_of(kept) if kept else None


def _disjunction(parts: Iterable[Node | None]) -> Node | None:
    found = list(parts)
    kept = [part for part in found if part is not None and not _only_excludes(part)]
    return any_of(kept) if len(kept) == len(found) else None


def _only_excludes(node: Node) -> bool:
    return isinstance(node, Not) or (isinstance(node, And) and all(isinstance(part, Not) for part in node.parts))


# Splitting: searches that are each short enough and together find at least as much.


def _split(node: Node, limit: int) -> list[Node]:
    if len(str(node)) <= limit:
        return [node]
    match node:
        case Or():
            return _packed([piece for part in node.parts for piece in _split(part, limit)], limit)
        case And():
            return _split_and(node, limit)
    return [node]


def _packed(parts: Sequence[Node], limit: int) -> list[Node]:
    packs: list[Node] = []
    for part in parts:
        together = any_of([packs[-1], part]) if packs else part
        if packs and len(str(together)) <= limit:
            packs[-1] = together
        else:
            packs.append(part)
    return packs


def _split_and(node: And, limit: int) -> list[Node]:
    """Spread the longest OR over several searches; the other parts go with each, as far as they fit."""
    choices = [part for part in node.parts if isinstance(part, Or)]
    if not choices:
        return [all_of(_fitting(node.parts, limit))]
    longest = max(choices, key=lambda choice: len(str(choice)))
    others = _fitting([part for part in node.parts if part is not longest], min(limit // 2, limit - LONGEST_TERM))
    if not others:
        return _split(longest, limit)
    room = limit - len(str(all_of([*others, longest]))) + len(str(longest))
    return [
        all_of(piece if part is longest else part for part in node.parts if part is longest or part in others)
        for piece in _split(longest, room)
    ]


def _fitting(parts: Sequence[Node], limit: int) -> list[Node]:
    """As many parts as fit, short ones and those that must occur first; in the order given."""
    kept: list[Node] = []
    for part in sorted(parts, key=lambda part: (isinstance(part, Not), len(str(part)))):
        if len(str(all_of([*kept, part]))) <= limit:
            kept.append(part)
    return [part for part in parts if part in kept]


# Alternatives: for networks without OR, the lists of terms of which one must be there whole.


def _alternatives(node: Node) -> list[list[Term]]:
    match node:
        case Term():
            return [[node]]
        case Or():
            return [found for part in node.parts for found in _alternatives(part)]
        case And():
            return _combined([_alternatives(part) for part in node.parts])
        case Not():  # these networks are never told what to leave out
            raise AssertionError(node)


def _combined(choices: list[list[list[Term]]]) -> list[list[Term]]:
    found, *others = sorted(choices, key=len)
    for choice in others:
        if len(found) * len(choice) <= MAX_ALTERNATIVES or len(choice) == 1:
            found = [[*left, *right] for left in found for right in choice]
    return [list(dict.fromkeys(terms)) for terms in found]


def _for_algolia(found: list[Term]) -> str:
    beginnings = sorted((term for term in found if term.prefix), key=lambda term: len(term.value))
    whole: list[Node] = [term for term in found if not term.prefix]
    last: list[Node] = [replace(term, prefix=False) for term in beginnings[-1:]]
    kept = _fitting([*whole, *last], ALGOLIA_LENGTH)
    return " ".join(map(str, kept))


def _unique(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))
