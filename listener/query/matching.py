"""Tree to a fast yes or no, and to the places that matched.

Text and query are folded alike (case, composed accents, apostrophes). Each term first looks for its literal in the
folded text, which is quick, and only then for the borders of words. Scripts that put no spaces between words
(Chinese, Japanese, Thai …, and Korean with its particles) have no borders to look for.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise

from listener.query.tree import And, Kind, Node, Not, Or, Term

Predicate = Callable[[str], bool]
"""Takes a folded text."""

UNSPACED = (
    "\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff"  # Thai, Lao, Tibetan, Myanmar, Hangul, Khmer
    "\u3040-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff"  # East Asia
)
MARKS = (  # belong to the letter before them, yet Python's \w leaves them out
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0963\u0966-\u0dff"  # the scripts of India
)
BEFORE = rf"(?<![^\W{UNSPACED}])(?<![{MARKS}])"
AFTER = rf"(?![^\W{UNSPACED}])(?![{MARKS}])"
REST = rf"(?:[^\W{UNSPACED}]|[{MARKS}])*"
TAG_AFTER = rf"(?![\w{MARKS}])"
TAG_REST = rf"[\w{MARKS}]*"
BETWEEN = r"""[\s.,;:!?…·–—/\\|~_\-'’`´*&<>«»\[\]{}#@"“”„()]"""
"""What may stand between the words of a phrase: what the parser takes off their edges, so no search is ambiguous."""

_ALIKE = str.maketrans({"İ": "i", "’": "'", "＃": "#", "＠": "@"})
_CLUSTER = re.compile(rf"\r\n|.[{MARKS}\u1100-\u11ff]*", re.DOTALL)
_SPACED_EDGE = re.compile(rf"[^\W{UNSPACED}]|[{MARKS}]")


def fold(text: str) -> str:
    """The form in which texts and queries are compared."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).translate(_ALIKE).casefold()


def predicate(node: Node) -> Predicate:
    """The test of a whole tree."""
    match node:
        case Term():
            return _term_predicate(node)
        case Not():
            inner = predicate(node.part)
            return lambda folded: not inner(folded)
        case And():
            tests = [predicate(part) for part in node.parts]
            return lambda folded: all(test(folded) for test in tests)
        case Or():
            tests = [predicate(part) for part in node.parts]
            return lambda folded: any(test(folded) for test in tests)


def _term_predicate(term: Term) -> Predicate:
    literal = fold(term.literal)
    needle = max(literal.split(), key=len)
    search = pattern(term).search
    return lambda folded: needle in folded and search(folded) is not None


def pattern(term: Term) -> re.Pattern[str]:
    """The expression that finds a term in a folded text."""
    words = fold(term.literal).split()
    rest, after = (TAG_REST, TAG_AFTER) if term.kind is Kind.HASHTAG else (REST, AFTER)
    has_sign = term.kind in {Kind.HASHTAG, Kind.HANDLE}
    start = BEFORE if has_sign or _is_spaced(words[0][0]) else ""
    end = rest if term.prefix else after if _is_spaced(words[-1][-1]) or term.kind is Kind.HASHTAG else ""
    return re.compile(start + "".join(_joined(words)) + end)


def _joined(words: list[str]) -> Iterator[str]:
    yield re.escape(words[0])
    for left, right in pairwise(words):
        borderless = not _is_spaced(left[-1]) and not _is_spaced(right[0])
        yield BETWEEN + ("*" if borderless else "+") + re.escape(right)


def _is_spaced(char: str) -> bool:
    return _SPACED_EDGE.match(char) is not None


def find_spans(patterns: list[re.Pattern[str]], text: str) -> list[tuple[int, int]]:
    """Places in `text` (not the folded one) that any pattern matches: in order, merged where they overlap."""
    folded = fold(text)
    found = sorted(match.span() for pattern in patterns for match in pattern.finditer(folded))
    if not found:
        return []
    if not text.isascii():
        starts, ends = _places(text)
        found = [(starts[start], ends[end - 1]) for start, end in found]
    return list(_merged(found))


def _places(text: str) -> tuple[list[int], list[int]]:
    """For every character of the folded text: where the characters it came from begin and end."""
    starts: list[int] = []
    ends: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        size = len(fold(cluster[0]))
        starts += [cluster.start()] * size
        ends += [cluster.end()] * size
    return starts, ends


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start, end = spans[0]
    for next_start, next_end in spans[1:]:
        if next_start > end:
            yield start, end
            start = next_start
        end = max(end, next_end)
    yield start, end
