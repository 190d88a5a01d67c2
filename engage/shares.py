"""Shares with what is not known about them: chance, and the known errors of the engine that read the mentions.

An engine that takes every fifth neutral mention for a negative one finds too many negative ones. Where its confusion
was measured (nlp/confusion.py), the mix of right answers is sought that, confused that way, gives the mix that was
read: that is the corrected `guess`. How an engine errs differs from one kind of text to the next, though, so a share
is shown as it was read, and its 95 % interval spans both: chance alone, and what the known errors allow.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.confusion import Matrix, confusion

FEW = 30
"""Below this number a share says nothing."""
DRAWS = 300
EVIDENCE = 100.0
"""So many texts the confusion of a label counts for at most. Between kinds of texts (tweets on any subject, mentions
of airlines) it differs by some 7 points, as much as between samples of 50 to 100 texts of one kind."""
ROUNDS = 60
"""Steps of the search for the mix; more change the third digit only."""
SURE = (2.5, 97.5)
Z = 1.959964
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Share:
    """A share in 0–1 with its 95 % interval."""

    count: int
    of: int
    low: float
    high: float
    guess: float | None = None
    """The share corrected for the engine's known errors; None where these are not known, or there are none."""

    @property
    def few(self) -> bool:
        """Too few to say anything."""
        return self.of < FEW

    @property
    def value(self) -> float:
        """The share as it was read."""
        return self.count / self.of if self.of else 0.0

    @property
    def by_chance(self) -> float:
        """Half the width of the interval for chance alone: what matters where errors are the same on both sides."""
        low, high = wilson(self.count, self.of)
        return (high - low) / 2


def plain(count: int, of: int) -> Share:
    """A share that was counted without error."""
    return Share(count, of, *wilson(count, of))


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share for chance alone."""
    if not of:
        return 0.0, 1.0
    share, z2 = count / of, Z * Z / of
    centre = (share + z2 / 2) / (1 + z2)
    half = Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of)) / (1 + z2)
    return max(0.0, centre - half), min(1.0, centre + half)


def shares(read: Mapping[str, Mapping[str, int]], labels: Sequence[str], head: str) -> dict[str, Share]:
    """The share of each label. `read`: counts by label, by the model that read them; `head`: sentiment or intent."""
    return series([read], labels, head)[0]


def series(
    reads: Sequence[Mapping[str, Mapping[str, int]]], labels: Sequence[str], head: str
) -> list[dict[str, Share]]:
    """The same for many counts at once, as those of the days of a month."""
    models = sorted({model for read in reads for model, counts in read.items() if sum(counts.values())})
    counts = {
        model: np.array([[read.get(model, {}).get(label, 0) for label in labels] for read in reads], float)
        for model in models
    }
    total = sum(counts.values(), np.zeros((len(reads), len(labels))))
    matrices = {model: _matrix(model, head, labels) for model in models}
    if not models or any(matrix is None for matrix in matrices.values()):
        return [_plain_row(row, labels) for row in total]
    mixes, draws = np.zeros_like(total), np.zeros((DRAWS, *total.shape))
    sizes = total.sum(axis=1, keepdims=True)
    for model in models:
        weight = counts[model].sum(axis=1, keepdims=True) / np.maximum(sizes, 1)
        best, drawn = corrected(counts[model], np.array(matrices[model], float))
        mixes += weight * best
        draws += weight * drawn
    low, high = np.percentile(draws, SURE, axis=0)
    return [
        {
            label: _spanning(
                plain(int(total[row, place]), int(sizes[row, 0])),
                float(mixes[row, place]),
                float(low[row, place]),
                float(high[row, place]),
            )
            for place, label in enumerate(labels)
        }
        for row in range(len(reads))
    ]


def _spanning(share: Share, guess: float, low: float, high: float) -> Share:
    return replace(share, low=min(share.low, low), high=max(share.high, high), guess=guess) if share.of else share


def _plain_row(row: Numbers, labels: Sequence[str]) -> dict[str, Share]:
    size = int(row.sum())
    return {label: plain(int(count), size) for label, count in zip(labels, row, strict=True)}


def _matrix(model: str, head: str, labels: Sequence[str]) -> Any:
    known = confusion(model)
    matrix: Matrix | None = known.get(head) if known else None
    if matrix is None:
        return None
    places = [matrix["labels"].index(label) for label in labels]
    return [[matrix["matrix"][right][as_] for as_ in places] for right in places]


def corrected(counts: Numbers, matrix: Numbers) -> tuple[Numbers, Numbers]:
    """The true mix behind each row of counts, and DRAWS mixes that are about as likely.

    The draws take new mentions (Dirichlet around the counts) and new evaluation texts (Dirichlet around each row of
    the confusion), so that both kinds of ignorance widen the interval.
    """
    dice = np.random.default_rng(7)
    mix = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    chances = (matrix + 0.5) / (matrix + 0.5).sum(axis=1, keepdims=True)
    weights = chances * np.minimum(matrix.sum(axis=1, keepdims=True) + 1, EVIDENCE)
    drawn_chances = _dirichlet(dice, np.broadcast_to(weights, (DRAWS, *matrix.shape)))
    drawn_mix = _dirichlet(dice, np.broadcast_to(counts + 0.5, (DRAWS, *counts.shape)))
    return _unmixed(mix[None], chances[None])[0], _unmixed(drawn_mix, drawn_chances)


def _dirichlet(dice: np.random.Generator, weights: Numbers) -> Numbers:
    drawn = dice.standard_gamma(weights)
    result: Numbers = drawn / drawn.sum(axis=-1, keepdims=True)
    return result


def _unmixed(mix: Numbers, chances: Numbers) -> Numbers:
    """The likeliest true mixes (draw, row, label), by expectation and maximisation: never below 0, summing to 1."""
    true = np.full_like(mix, 1 / mix.shape[-1])
    for _ in range(ROUNDS):
        as_read = true @ chances
        true = true * ((mix / np.maximum(as_read, 1e-12)) @ chances.swapaxes(-1, -2))
        true /= np.maximum(true.sum(axis=-1, keepdims=True), 1e-12)
    return true
