"""Measures of how well answers fit: numpy arrays in, a share or points out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15
Places = NDArray[np.int64]
"""An answer for each text, as its place among the labels."""
Chances = NDArray[np.float64]
"""A probability for each text and label."""


def accuracy(right: Places, guess: Places) -> float:
    """The share of right answers."""
    return float((right == guess).mean())


def macro_recall(right: Places, guess: Places) -> float:
    """The mean over the classes of the share that was found."""
    return float(np.mean([(guess[right == label] == label).mean() for label in np.unique(right)]))


def f1_of(label: int, right: Places, guess: Places) -> float:
    """The F1 of one class."""
    both = int(((right == label) & (guess == label)).sum())
    return 2 * both / max(1, int((right == label).sum() + (guess == label).sum()))


def f1_of_yes(right: Places, guess: Places) -> float:
    """The F1 of the answer yes."""
    return f1_of(1, right, guess)


def macro_f1(right: Places, guess: Places) -> float:
    """The mean F1 of the classes."""
    return float(np.mean([f1_of(int(label), right, guess) for label in np.unique(right)]))


def average_precision(right: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """The mean, over those to be found, of the precision down to each when sorted by score."""
    order = np.argsort(-score, kind="stable")
    found = right[order]
    if not found.any():
        return float("nan")
    return float((np.cumsum(found) / np.arange(1, len(found) + 1))[found].mean())


def calibration_error(right: Places, chances: Chances, weights: NDArray[np.float64]) -> float:
    """How far the chance of the likeliest answer is from how often it is right, over 15 bins (Guo et al. 2017)."""
    sure, hit = chances.max(axis=1), chances.argmax(axis=1) == right
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs((weights * (hit - sure))[bins == one].sum()) for one in np.unique(bins)]
    return float(sum(gaps) / weights.sum())


def by_class(right: Places, guess: Places, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Precision, recall, F1 in per cent and the confusion of each class."""
    lines = []
    for place, label in enumerate(labels):
        hit = int(((right == place) & (guess == place)).sum())
        lines.append(
            {
                "label": label,
                "texts": int((right == place).sum()),
                "precision": 100 * hit / max(1, int((guess == place).sum())),
                "recall": 100 * hit / max(1, int((right == place).sum())),
                "f1": 100 * f1_of(place, right, guess),
                "confusion": np.bincount(guess[right == place], minlength=len(labels)).tolist(),
            }
        )
    return lines


def nearest_agree(directions: NDArray[np.float32], labels: NDArray[Any]) -> float:
    """How often the text that is most alike in meaning has the same label. Directions are of length 1."""
    alike = directions @ directions.T
    np.fill_diagonal(alike, -2.0)
    return float((labels == labels[alike.argmax(axis=1)]).mean())
