"""A small layer over an engine's answers, made from what people corrected. Numbers in, numbers out; numpy only.

For a question it tells, from what a text is about, how likely a person would correct the engine's answer, and what
the person would say: the engine's log-chances, shifted. The chances are the mixture of both. So texts unlike the
corrected ones keep the engine's answers, which one shift for all texts would not leave them.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.meaning import LONGEST
from nlp.reading import Engine, Intent, Judgement, Question, Sentiment

LEARNT: Mapping[Question, type[StrEnum]] = {Question.SENTIMENT: Sentiment, Question.INTENT: Intent}
"""The questions that can be learnt, with their answers in order."""
GATE_RIDGE, SHIFT_RIDGE = 0.1, 0.3
"""How much the weights are held small: for whether to correct, and for what people say."""
LEAST_CHANCE = 1e-4
NEAR = 1e-3
MOST_STEPS = 400

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """The layer's weights for one question; the last row of each is the part that no meaning moves."""

    gate: Numbers
    """[directions + 1]"""
    shift: Numbers
    """[directions + 1, answers]"""

    def chances(self, meanings: Numbers, chances: Numbers) -> Numbers:
        """New chances for the engine's, one row a text."""
        inputs = with_one(meanings)
        wrong = 1 / (1 + np.exp(-_times(inputs, self.gate[:, None])))
        return (1 - wrong) * chances + wrong * _shares(_logs(chances) + _times(inputs, self.shift))


@dataclass(frozen=True, slots=True)
class Layer:
    """A version of what was learnt for one model. A question without a part keeps the engine's answers."""

    version: int
    model: str
    parts: Mapping[Question, Part]


def fit(meanings: Numbers, chances: Numbers, right: Places, weights: Numbers) -> Part:
    """A part from the engine's chances for texts and the right answers, of which some are the engine's own."""
    inputs, wrong = with_one(meanings), chances.argmax(axis=1) != right
    gate = _fit(inputs, np.zeros((len(wrong), 2)), np.eye(2)[wrong.astype(int)], weights, GATE_RIDGE)
    answers = np.eye(chances.shape[1])[right]
    shift = _fit(inputs[wrong], _logs(chances[wrong]), answers[wrong], weights[wrong], SHIFT_RIDGE)
    return Part(gate[:, 1] - gate[:, 0], shift)


def directions(kept: Sequence[bytes]) -> Numbers:
    """Meanings as they are kept (nlp/meaning.py), as numbers; one row a text."""
    return np.frombuffer(b"".join(kept), np.int8).reshape(len(kept), -1) / LONGEST


def with_one(meanings: Numbers) -> Numbers:
    """The meanings with a column that is always 1."""
    return np.hstack([meanings, np.ones((len(meanings), 1))])


def _fit(inputs: Numbers, offsets: Numbers, targets: Numbers, weights: Numbers, ridge: float) -> Numbers:
    """Weights of a softmax over offsets + inputs @ weights, the likeliest ones under the ridge.

    The curvature is nowhere above the one used here (Böhning 1992), so no step has to be tried; they gather momentum
    while they go one way (O'Donoghue and Candès 2012).
    """
    found = ahead = np.zeros((inputs.shape[1], offsets.shape[1]))
    weighed = inputs * weights[:, None]
    step_of = np.linalg.inv(weighed.T @ inputs / 2 + ridge * np.eye(len(found)))
    one_way = 0
    for _ in range(MOST_STEPS):
        missing = targets - _shares(offsets + inputs @ ahead)
        uphill = weighed.T @ missing - ridge * ahead
        before, found = found, ahead + step_of @ uphill
        moved = found - before
        one_way = one_way + 1 if (uphill * moved).sum() > 0 else 0
        ahead = found + one_way / (one_way + 3) * moved
        if np.abs(moved).max(initial=0.0) < NEAR:
            break
    return found


def _times(inputs: Numbers, weights: Numbers) -> Numbers:
    """The matrix product, a row at a time in one order: an answer never depends on the texts beside it."""
    product: Numbers = (inputs[:, None, :] * np.ascontiguousarray(weights.T)).sum(axis=2)
    return product


def _logs(chances: Numbers) -> Numbers:
    logs: Numbers = np.log(np.maximum(chances, LEAST_CHANCE))
    return logs


def _shares(logs: Numbers) -> Numbers:
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares: Numbers = powers / powers.sum(axis=1, keepdims=True)
    return shares


# --- over an engine ------------------------------------------------------------------------------------------------


class LearntEngine:
    """An engine with a layer over its answers. A text whose meaning the engine does not tell keeps them."""

    def __init__(self, engine: Engine, layer: Layer) -> None:
        self.name = f"{engine.name}+{layer.version}"
        self._engine = engine
        self._parts = layer.parts

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        """One judgement per text, in order, the same whatever the batch."""
        judged = self._engine.judge(texts, languages, names)
        places = [place for place, one in enumerate(judged) if one.meaning]
        if places:
            meanings = directions([judged[place].meaning for place in places])
            for question, part in self._parts.items():
                before = chances_of([judged[place] for place in places], question)
                for place, old, new in zip(places, before, part.chances(meanings, before), strict=True):
                    judged[place] = _answered(judged[place], question, new, changed=old.argmax() != new.argmax())
        return judged


def chances_of(judged: Sequence[Judgement], question: Question) -> Numbers:
    """The engine's chances of each answer, one row a text."""
    labels = list(LEARNT[question])
    return np.array([[getattr(one, question)[label] for label in labels] for one in judged], np.float64)


def _answered(judged: Judgement, question: Question, chances: Numbers, *, changed: bool) -> Judgement:
    """The words that carried the engine's answer don't carry another one."""
    told: dict[str, Any] = {question: dict(zip(LEARNT[question], chances.tolist(), strict=True))}
    if changed:
        because = {name: words for name, words in judged.extra.because.items() if name != question}
        told["extra"] = replace(judged.extra, because=because)
    return replace(judged, **told)


# --- kept ----------------------------------------------------------------------------------------------------------


def to_bytes(parts: Mapping[Question, Part]) -> bytes:
    """The weights as they are kept; the same for the same weights."""
    arrays = {
        f"{question}_{name}": getattr(part, name).astype(np.float32)
        for question, part in parts.items()
        for name in ("gate", "shift")
    }
    kept = io.BytesIO()
    np.savez(kept, **arrays)
    return kept.getvalue()


def from_bytes(kept: bytes) -> dict[Question, Part]:
    """What to_bytes kept."""
    with np.load(io.BytesIO(kept)) as arrays:
        return {
            question: Part(*(arrays[f"{question}_{name}"].astype(np.float64) for name in ("gate", "shift")))
            for question in LEARNT
            if f"{question}_gate" in arrays
        }
