"""Learning from people's corrections: a candidate is fitted, held to what it did not see, and kept or refused.

Numbers in, numbers out; engage/learning.py brings the examples, nlp/layers.py keeps the versions. Each correction is
judged by a layer that did not learn from it: they are dealt into FOLDS, texts that are the same into the same one. Of
the reference set one half keeps the layer in check as it is fitted, the other half judges it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any

import numpy as np

from nlp.layer import LEARNT, Numbers, Part, Places, fit
from nlp.reading import Question
from nlp.reference import Known, Reference

LEAST = 20
"""So many corrections of a question are needed to learn from them."""
FOLDS = 5
LEFT_WEIGHT = 0.25
"""What an answer that somebody saw and left counts, next to a correction: people don't correct everything."""
MOST_FALL = 0.5
"""By so many points the reference set may fall."""
SURE = 1.96
"""Two-sided 95 %, in standard deviations."""
FIT, JUDGE = 0, 1
"""What each half of the reference set is for."""


@dataclass(frozen=True, slots=True)
class Example:
    """What people say of a text, and how the engine reads it."""

    text: str
    meaning: Numbers
    chances: Numbers
    right: int
    """The answer's place in LEARNT."""
    corrected_at: datetime | None
    """None where somebody saw the answer and left it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How a question fared, before (the engine alone) and after. Shares are in per cent."""

    verdict: str
    """`kept`, or why not."""
    corrections: int
    right_before: int = 0
    right_after: int = 0
    left: int = 0
    """Answers that people saw and left as they were."""
    left_before: int = 0
    left_after: int = 0
    reference: int = 0
    accuracy_before: float = 0.0
    accuracy_after: float = 0.0
    recall_before: float = 0.0
    """The mean over the answers of the share that was found."""
    recall_after: float = 0.0


KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Figures for each question, and the parts of those that passed."""

    figures: Mapping[Question, Figures]
    parts: Mapping[Question, Part]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is in force already."""

    part: Part
    made_at: datetime


def learn(
    examples: Mapping[Question, Sequence[Example]], reference: Reference, earlier: Mapping[Question, Earlier]
) -> Outcome:
    """Fit and judge every question; the same examples give the same outcome, in whatever order they come."""
    figures, parts = {}, {}
    for question in LEARNT:
        ordered = sorted(examples[question], key=_order)
        figures[question], part = _learn(ordered, reference[question], earlier.get(question))
        if part:
            parts[question] = part
    return Outcome(figures, parts)


def _order(example: Example) -> tuple[Any, ...]:
    return example.text, example.right, str(example.corrected_at)


def _learn(examples: Sequence[Example], known: Known, earlier: Earlier | None) -> tuple[Figures, Part | None]:
    told = _Told.of(examples)
    corrections = int(told.corrected.sum())
    if corrections < LEAST:
        return Figures(too_few(corrections), corrections), None
    held_out = told.across(known.part(FIT))
    part = told.fitted(known.part(FIT), np.ones(len(examples), bool))
    figures = _figures(told, held_out, known.part(JUDGE), part)
    verdict = _verdict(figures, told, held_out) or _beside(told, held_out, earlier)
    return Figures(verdict=verdict or KEPT, **figures), None if verdict else part


def too_few(corrections: int) -> str:
    """The verdict on so few corrections."""
    return f"too few: {corrections} of {LEAST}"


@dataclass(frozen=True, slots=True)
class _Told:
    """Examples as columns."""

    meanings: Numbers
    chances: Numbers
    right: Places
    corrected: Any
    weights: Numbers
    folds: Places
    at: Sequence[datetime | None]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> "_Told":
        corrected = np.array([one.corrected_at is not None for one in examples], bool)
        return cls(
            meanings=np.array([one.meaning for one in examples]),
            chances=np.array([one.chances for one in examples]),
            right=np.array([one.right for one in examples], np.int64),
            corrected=corrected,
            weights=np.where(corrected, 1.0, LEFT_WEIGHT),
            folds=np.array([fold_of(one.text) for one in examples], np.int64),
            at=[one.corrected_at for one in examples],
        )

    @property
    def before(self) -> Places:
        """The engine's answers."""
        return likeliest(self.chances)

    def fitted(self, known: Known, some: Any) -> Part:
        """A part from some of the examples; on the reference set it is to leave the engine's answers alone."""
        return fit(
            np.concatenate([known.meanings, self.meanings[some]]),
            np.concatenate([known.chances, self.chances[some]]),
            np.concatenate([likeliest(known.chances), self.right[some]]),
            np.concatenate([np.ones(len(known.right)), self.weights[some]]),
        )

    def across(self, known: Known) -> Places:
        """The answer to each example by a part that did not learn from it."""
        found = self.before
        for fold in np.unique(self.folds):
            mine = self.folds == fold
            part = self.fitted(known, ~mine)
            found[mine] = likeliest(part.chances(self.meanings[mine], self.chances[mine]))
        return found


def fold_of(text: str) -> int:
    """Which fold a text is dealt into."""
    return int(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8], 16) % FOLDS


def _figures(told: _Told, held_out: Places, known: Known, part: Part) -> dict[str, Any]:
    before, after = likeliest(known.chances), likeliest(part.chances(known.meanings, known.chances))
    hit_before, hit_after, left = told.before == told.right, held_out == told.right, ~told.corrected
    return {
        "corrections": int(told.corrected.sum()),
        "right_before": int(hit_before[told.corrected].sum()),
        "right_after": int(hit_after[told.corrected].sum()),
        "left": int(left.sum()),
        "left_before": int(hit_before[left].sum()),
        "left_after": int(hit_after[left].sum()),
        "reference": len(known.right),
        "accuracy_before": accuracy(known.right, before),
        "accuracy_after": accuracy(known.right, after),
        "recall_before": macro_recall(known.right, before),
        "recall_after": macro_recall(known.right, after),
    }


def _verdict(figures: Mapping[str, Any], told: _Told, held_out: Places) -> str:
    """Why it is not kept; empty if nothing speaks against it."""
    if figures["right_after"] <= figures["right_before"]:
        return "no more of the held-out corrections would be right"
    changed = held_out != told.before
    right = changed & (held_out == told.right)
    if surely(float(told.weights[right].sum()), float(told.weights[changed].sum())) <= 1 / 2:
        return "of the answers that it changes, it is not clear that most become right"
    for what, name in (("accuracy", "accuracy"), ("recall", "macro-recall")):
        fall = figures[f"{what}_before"] - figures[f"{what}_after"]
        if fall > MOST_FALL:
            return f"{name} on the reference set would fall by {fall:.1f} points"
    return ""


def _beside(told: _Told, held_out: Places, earlier: Earlier | None) -> str:
    """Why it does not replace the version in force, which is told by the corrections since then."""
    if earlier is None:
        return ""
    since = np.array([at is not None and at > earlier.made_at for at in told.at], bool)
    theirs = likeliest(earlier.part.chances(told.meanings, told.chances))
    right = told.right[since]
    if (held_out[since] == right).sum() > (theirs[since] == right).sum():
        return ""
    return "no better than the version in force on what was corrected since"


def surely(right: float, of: float) -> float:
    """The share that is right at least, with 95 % confidence (the lower end of Wilson's interval)."""
    if not of:
        return 0.0
    share, square = right / of, SURE**2
    half = SURE * sqrt(share * (1 - share) / of + square / (4 * of**2))
    return (share + square / (2 * of) - half) / (1 + square / of)


def accuracy(right: Places, guess: Places) -> float:
    """The share of right answers, in per cent."""
    return 100 * float((right == guess).mean())


def macro_recall(right: Places, guess: Places) -> float:
    """The mean over the answers of the share that was found, in per cent."""
    return 100 * float(np.mean([(guess[right == label] == label).mean() for label in np.unique(right)]))


# --- two versions side by side -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compared:
    """What the model with one version (0: alone) and with another would get right."""

    question: str
    what: str
    one: float
    other: float
    of: int
    """Texts."""


def compare(
    examples: Mapping[Question, Sequence[Example]],
    reference: Reference,
    versions: Sequence[Mapping[Question, Part]],
    since: datetime,
) -> list[Compared]:
    """Two versions by what people said and by the reference set. `since`: when the later of them was made."""
    lines = []
    for question in LEARNT:
        parts = [version.get(question) for version in versions]
        told, known = _Told.of(examples[question]), reference[question].part(JUDGE)
        hits = [_answers(part, told.meanings, told.chances) == told.right for part in parts]
        fresh = np.array([at is not None and at > since for at in told.at], bool)
        for what, some in (
            ("corrections, right", told.corrected),
            ("of them made since, right", fresh),
            ("left as they were, same", ~told.corrected),
        ):
            one, other = (int(hit[some].sum()) for hit in hits)
            lines.append(Compared(question, what, one, other, int(some.sum())))
        guesses = [_answers(part, known.meanings, known.chances) for part in parts]
        for what, measure in (("reference accuracy, %", accuracy), ("reference macro-recall, %", macro_recall)):
            low, high = (round(measure(known.right, guess), 2) for guess in guesses)
            lines.append(Compared(question, what, low, high, len(known.right)))
    return lines


def _answers(part: Part | None, meanings: Numbers, chances: Numbers) -> Places:
    if not len(chances):
        return np.zeros(0, np.int64)
    return likeliest(part.chances(meanings, chances) if part else chances)


def likeliest(chances: Numbers) -> Places:
    """The place of the likeliest answer, one a row."""
    places: Places = chances.argmax(axis=1)
    return places
