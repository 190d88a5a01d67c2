"""How long answers took, packed: two years of them are read at once, and medians stay exact. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = (15, 60, 4 * 60, 12 * 60, 24 * 60, 3 * 24 * 60)
"""Where the bars of a histogram of answer times end, in minutes; the last bar has no end."""
UNASKED = -1
"""As minutes: nobody had written since our latest answer."""
NOBODY = 0
"""As a person: an answer that nobody of the team wrote."""
ANSWER = np.dtype(
    [
        ("minutes", "<i4"),
        ("person", "<i4"),
        ("first", "?"),
        ("counts", "?"),  # of its person's answers in its conversation, just one has this, and of these …
        ("reopened", "?"),  # … those in a conversation that was reopened this too
        ("in_bar", "?"),  # of a conversation's later answers in a bar of the histogram, just one has this
    ]
)
MINUTES = np.dtype("<i4")
Packed = NDArray[Any]
Answer = tuple[int, int | None, bool, int | None]
"""Conversation, person, whether it is the first, and the minutes it took."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in minutes; None where it never happened."""

    count: int
    median: float | None
    p90: float | None
    bins: Sequence[int] = ()
    """How many fell in each bar of the histogram (BINS)."""


def times(minutes: Packed) -> Times:
    """Median, ninth decile and histogram of durations."""
    count = len(minutes)
    at_least = [count, *(int(np.count_nonzero(minutes >= end)) for end in BINS), 0]
    bins = [more - fewer for more, fewer in pairwise(at_least)]
    median, p90 = _quantiles(minutes, (5, 9))
    return Times(count, median, p90, bins)


def _quantiles(minutes: Packed, tenths: Sequence[int]) -> list[int | None]:
    """The shortest duration that at least so many tenths did not exceed."""
    if not len(minutes):
        return [None for _ in tenths]
    places = [-(-tenth * len(minutes) // 10) - 1 for tenth in tenths]
    in_place = np.partition(minutes, places)
    return [int(in_place[place]) for place in places]


def bar_of(minutes: int) -> int:
    """The bar of the histogram that a duration falls in."""
    return sum(minutes >= end for end in BINS)


def pack(answers: Iterable[Answer], reopened: frozenset[int] | set[int] = frozenset()) -> bytes:
    """Answers of some conversations, all of each; `reopened`: which of these were. Their order does not matter."""
    ordered = sorted(answers, key=lambda answer: tuple(UNASKED if part is None else part for part in answer))
    lines = [
        line
        for conversation, of_it in groupby(ordered, key=lambda answer: answer[0])
        for line in _lines(of_it, conversation in reopened)
    ]
    return np.sort(np.array(lines, ANSWER), order=list(ANSWER.names or ())).tobytes()


def _lines(answers: Iterable[Answer], reopened: bool) -> Iterator[tuple[Any, ...]]:
    people: set[int | None] = set()
    bars: set[int] = set()
    for _, person, first, minutes in answers:
        counts = person not in people
        people.add(person)
        bar = None if first or minutes is None else bar_of(minutes)
        in_bar = bar is not None and bar not in bars
        if bar is not None:
            bars.add(bar)
        yield UNASKED if minutes is None else minutes, person or NOBODY, first, counts, counts and reopened, in_bar


def unpack(parts: Iterable[bytes]) -> Packed:
    """The answers of many packs."""
    return np.frombuffer(b"".join(parts), ANSWER)


def pack_minutes(minutes: Iterable[int]) -> bytes:
    """Durations, whose order does not matter."""
    return np.sort(np.fromiter(minutes, MINUTES)).tobytes()


def unpack_minutes(parts: Iterable[bytes]) -> Packed:
    """The durations of many packs."""
    return np.frombuffer(b"".join(parts), MINUTES)


def timed(answers: Packed, which: Packed | bool = True) -> Packed:
    """The minutes of those that somebody waited for."""
    minutes = answers["minutes"]
    waited: Packed = minutes[(minutes != UNASKED) & which]
    return waited


def firsts(answers: Packed) -> Packed:
    """Minutes until the first answers."""
    return timed(answers, answers["first"])


def laters(answers: Packed) -> Packed:
    """Minutes that the people waited for the later ones."""
    return timed(answers, ~answers["first"])


def conversations_by_bar(answers: Packed) -> list[int]:
    """In how many conversations a later answer fell in each bar of the histogram."""
    return list(times(answers["minutes"][answers["in_bar"]]).bins)


def by_person(answers: Packed) -> Iterator[tuple[int, Packed]]:
    """Each person of the team and what they wrote."""
    people = answers["person"]
    for person in np.flatnonzero(np.bincount(people)).tolist():
        if person != NOBODY:
            yield person, answers[people == person]
