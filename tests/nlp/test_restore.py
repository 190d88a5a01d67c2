"""Parity: the shipped file and the torch model made of its weights, each behind the same engine, say the same."""

import importlib.util
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nlp.meaning import likeness
from nlp.onnx import FOLDER, WEIGHTS, OnnxEngine
from nlp.reading import Judgement
from nlp.text import clean
from nlp.training.data import LABELS
from tests.conftest import skip_or_fail

EVERY = 6
"""Of 1,778 invented posts; on all of them sentiment and intent are the same for 99 %."""
CLEAR = 0.2
"""By how much the likeliest answer leads where 8 bits may not change it."""
ROWS = [json.loads(line) for line in (LABELS / "invented.jsonl").read_text("utf-8").splitlines()][::EVERY]
TEXTS = [clean(row["text"]) for row in ROWS]
NAMES = [(text.split()[0].lower(),) for text in TEXTS]


@pytest.fixture(scope="module", autouse=True)
def torch_is_here() -> None:
    missing = [name for name in ("torch", "onnx") if importlib.util.find_spec(name) is None]
    if missing:
        skip_or_fail(f"{', '.join(missing)} of the extra [torch] is not installed")


class TorchSession:
    """The restored model where the engine expects ONNX Runtime."""

    def __init__(self) -> None:
        from nlp.training.restore import restore

        self.model, (self.weights, self.shift) = restore(FOLDER / WEIGHTS)

    def run(self, _: list[str], inputs: dict[str, Any]) -> list[Any]:
        import torch

        with torch.inference_mode():
            answers, summary = self.model(*(torch.from_numpy(value) for value in inputs.values()))
        return [answers.numpy(), summary.numpy() @ self.weights + self.shift]


@pytest.fixture(scope="module")
def engines(torch_is_here: None) -> tuple[OnnxEngine, OnnxEngine]:
    shipped, restored = OnnxEngine(), OnnxEngine()
    restored._session = TorchSession()
    return shipped, restored


@pytest.fixture(scope="module")
def judged(engines: tuple[OnnxEngine, OnnxEngine]) -> list[tuple[Judgement, Judgement]]:
    ours, theirs = (engine.judge(TEXTS, ["en"] * len(TEXTS), NAMES) for engine in engines)
    return list(zip(ours, theirs, strict=True))


def chances(judgement: Judgement) -> list[float]:
    """All that is told of a text and of the name in it."""
    extra = judgement.extra
    single = (judgement.urgency, extra.complaint, extra.irony, extra.offensive, extra.spam, extra.churn)
    several: tuple[Mapping[Any, float], ...] = (
        judgement.sentiment,
        judgement.intent,
        extra.emotion,
        *judgement.towards,
    )
    return [
        *(chance for some in several for chance in some.values()),
        *(chance for chance in single if chance is not None),
    ]


def test_bare_answers_are_close(engines: tuple[OnnxEngine, OnnxEngine]) -> None:
    ours, theirs = (engine.means(TEXTS[:60], NAMES[:60]) for engine in engines)
    for mine, other in zip(ours, theirs, strict=True):
        assert np.abs(mine - other).mean() < 0.04 * other.std()


def test_chances_are_close(judged: list[tuple[Judgement, Judgement]]) -> None:
    away = np.abs([np.subtract(chances(ours), chances(theirs)) for ours, theirs in judged])
    assert away.mean() < 0.015
    assert np.quantile(away, 0.99) < 0.08


@pytest.mark.parametrize("question", ["sentiment", "intent"])
def test_labels_are_the_same(judged: list[tuple[Judgement, Judgement]], question: str) -> None:
    ours, theirs = (np.array([list(getattr(both[side], question).values()) for both in judged]) for side in (0, 1))
    same = ours.argmax(axis=1) == theirs.argmax(axis=1)
    second, first = np.sort(theirs, axis=1).T[-2:]
    assert same.mean() >= 0.98
    assert same[first - second > CLEAR].all()


def test_meanings_point_the_same_way(judged: list[tuple[Judgement, Judgement]]) -> None:
    assert min(likeness(ours.meaning, [theirs.meaning])[0] for ours, theirs in judged) > 0.98
