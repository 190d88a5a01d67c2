"""Which texts are copies of one another, though a word was changed, a link swapped or an emoji added.

A text is the set of its runs of RUN letters; how alike two texts are is the share of runs that they have in common.
MinHash (Broder 1997) keeps for each of HASHES orders of all runs the first one: two texts agree in as many of these
as they are alike. Bands of a few (locality-sensitive hashing) bring together what is worth comparing, so that the
time grows with the texts, not with their pairs. Pure and deterministic; nothing but letters counts.
"""

import sys
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nlp.authenticity import BESIDE, FEWEST_CHARACTERS, Ints

RUN = 4
"""Letters: short enough for languages that write no spaces."""
BANDS, ROWS = 16, 4
HASHES = BANDS * ROWS
ALIKE = 0.6
"""From this share of runs in common on, two texts are one."""
BITE = 500
"""Texts at once: their runs stay in the processor's cache."""
SPREAD = np.uint32(0x9E3779B1)
Runs = NDArray[np.uint32]


def alike(texts: Sequence[str]) -> Ints:
    """For each text a number that its copies have too: the place of the first of them; -1 where a text is too short.

    What is alike by way of a third text counts as alike.
    """
    signatures, long = sketched(texts)
    told = np.flatnonzero(long)
    first, second = _pairs(signatures[told])
    groups = _joined(len(texts), told[first], told[second])
    groups[~long] = -1
    return groups


def sketched(texts: Sequence[str]) -> tuple[Runs, NDArray[np.bool_]]:
    """The MinHashes of each text, a row each, and whether it is long enough for them to mean anything."""
    signatures = np.zeros((len(texts), HASHES), np.uint32)
    long = np.zeros(len(texts), bool)
    for start in range(0, len(texts), BITE):
        place = slice(start, start + BITE)
        signatures[place], long[place] = _sketched_bite(texts[place])
    return signatures, long


def _sketched_bite(texts: Sequence[str]) -> tuple[Runs, NDArray[np.bool_]]:
    letters, lengths = _letters(texts)
    long = lengths >= FEWEST_CHARACTERS
    letters, lengths = letters[np.repeat(long, lengths)], lengths[long]
    found = np.zeros((len(texts), HASHES), np.uint32)
    if letters.size:
        runs, starts = _runs(letters, lengths)
        for place, (twist, factor) in enumerate(_orders()):
            found[long, place] = np.minimum.reduceat((runs ^ twist) * factor, starts)
    return found, long


def _letters(texts: Sequence[str]) -> tuple[Runs, Ints]:
    """The letters of all texts one after the other, small ones, and how many each has. Addresses don't count."""
    plain = [text.casefold() for text in texts]
    plain = [BESIDE.sub(" ", text) if "@" in text or "http" in text else text for text in plain]
    codes = np.frombuffer("".join(plain).encode("utf-32-le", "surrogatepass"), np.uint32)
    is_letter = _alphabet()[codes]
    owners = np.repeat(np.arange(len(plain)), [len(text) for text in plain])
    return codes[is_letter], np.bincount(owners[is_letter], minlength=len(plain))


@cache
def _alphabet() -> NDArray[np.bool_]:
    """For each character whether it is a letter."""
    return np.fromiter((chr(code).isalpha() for code in range(sys.maxunicode + 1)), bool, sys.maxunicode + 1)


def _runs(letters: Runs, lengths: Ints) -> tuple[Runs, Ints]:
    """A number for each run of letters within a text, and where those of each text begin."""
    count = letters.size - RUN + 1
    numbers = np.zeros(count, np.uint32)
    for step in range(RUN):
        numbers = (numbers ^ letters[step : step + count]) * SPREAD
        numbers ^= numbers >> np.uint32(15)
    ends = np.cumsum(lengths)
    inside = np.ones(letters.size, bool)
    for step in range(1, RUN):
        inside[ends - step] = False
    return numbers[inside[:count]], np.concatenate([[0], np.cumsum(lengths - RUN + 1)[:-1]])


@cache
def _orders() -> list[tuple[np.uint32, np.uint32]]:
    """What puts all runs into an order of chance: odd factors keep different runs different."""
    dice = np.random.default_rng(1997)
    twists, factors = dice.integers(0, 2**32, (2, HASHES), np.uint32)
    return list(zip(twists, factors | np.uint32(1), strict=True))


def bands(signatures: Runs) -> NDArray[np.int64]:
    """A number for each band of each text: texts that share one are worth comparing, others hardly are."""
    halves = np.ascontiguousarray(signatures).view(np.uint64).reshape(len(signatures), BANDS, ROWS // 2)
    keys = (halves * np.uint64(SPREAD)).sum(axis=2, dtype=np.uint64) ^ halves[:, :, 0]
    return np.asarray((keys ^ np.arange(BANDS, dtype=np.uint64) << np.uint64(32)).view(np.int64))


def likeness(one: Runs, others: Runs) -> NDArray[np.float64]:
    """How alike a text is to each of some others, 0 to 1, by their MinHashes."""
    return np.asarray((one == others).mean(axis=-1), np.float64)


def _pairs(signatures: Runs) -> tuple[Ints, Ints]:
    """Places of texts that are alike, enough of them to join all copies."""
    firsts, seconds = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for keys in bands(signatures).T:
        order = np.argsort(keys, kind="stable")
        near = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
        one, other = order[near], order[near + 1]
        same = likeness(signatures[one], signatures[other]) >= ALIKE
        firsts.append(one[same])
        seconds.append(other[same])
    return np.concatenate(firsts), np.concatenate(seconds)


def _joined(count: int, firsts: Ints, seconds: Ints) -> NDArray[np.int64]:
    """For each place the first one that pairs lead to."""
    from scipy.sparse import coo_array  # type: ignore[import-untyped]
    from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

    links = coo_array((np.ones(len(firsts), np.int8), (firsts, seconds)), shape=(count, count))
    _, parts = connected_components(links, directed=False)
    _, first = np.unique(parts, return_index=True)
    return np.asarray(first[parts], np.int64)
