"""How sure to be: a temperature and a shift for each head, fitted on texts that were not learnt from."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 (its usual name)

from nlp.onnx import HEADS as HEADS_FILE
from nlp.onnx import WEIGHTS, Numbers, OnnxEngine
from nlp.training.data import EVENED, EXPECTED, HEADS, PLACES, Example

URGENCY = {"low": 0.0, "normal": 0.3, "high": 1.0}
"""What a class of urgency is worth on the scale from 0 to 1."""
SHRINK = 0.02
"""Keeps the shifts small where there are few texts to fit them on."""
FOLDS = 2
Fitted = dict[str, dict[str, Any]]


def write_heads(
    folder: Path,
    name: str,
    fitted: Mapping[str, Mapping[str, Any]],
    folds: Sequence[Mapping[str, Any]] = (),
    same_answers: float | None = None,
) -> None:
    """heads.json: what the numbers of the model mean. A head that was not fitted is taken as it comes.

    `folds` are fitted without a part of the texts each: with fold k the texts k, k + FOLDS … are judged fairly.
    `same_answers` is the share that rounding to 8 bits left the same.
    """
    sha256 = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    told = {
        "name": name,
        "sha256": sha256,
        "same_answers": same_answers,
        "urgency": list(URGENCY.values()),
        "heads": _heads(fitted),
        "folds": [_heads(fold) for fold in folds],
    }
    (folder / HEADS_FILE).write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def _heads(fitted: Mapping[str, Mapping[str, Any]]) -> Fitted:
    as_it_comes = {
        head: {"labels": labels, "temperature": 1.0, "bias": [0.0] * len(labels)} for head, labels in HEADS.items()
    }
    return {head: plain | dict(fitted.get(head, {})) for head, plain in as_it_comes.items()}


def calibrate(engine: OnnxEngine, held_out: Mapping[str, Sequence[Example]]) -> tuple[Fitted, list[Fitted]]:
    """Temperature and shift by head: from all held-out texts, and for each fold from those that are not of it."""
    whole: Fitted = {}
    folds: list[Fitted] = [{} for _ in range(FOLDS)]
    for head in HEADS:
        examples = [example for example in held_out.get(head, ()) if head in example.answers]
        if not examples:
            continue
        numbers = _numbers(engine, examples, head)
        right = np.array([example.answers[head] for example in examples])
        fold_of = np.arange(len(examples)) % FOLDS
        whole[head] = _fit(numbers, right, head)
        for fold, fitted in enumerate(folds):
            fitted[head] = _fit(numbers[fold_of != fold], right[fold_of != fold], head)
    return whole, folds


def _numbers(engine: OnnxEngine, examples: Sequence[Example], head: str) -> Numbers:
    names = [(example.name,) if example.name else () for example in examples]
    whole, named = engine.means([example.text for example in examples], names)
    found: Numbers = (named if head == "towards" else whole)[:, PLACES[head]]
    return found


def _fit(numbers: Numbers, right: Any, head: str) -> dict[str, Any]:
    answers, target = torch.from_numpy(numbers), torch.from_numpy(right)
    labels = len(HEADS[head])
    share = (torch.bincount(target, minlength=labels) + 1).double() / (len(target) + labels)
    weight = torch.tensor(EXPECTED[head]) / share if head in EXPECTED else share ** -EVENED.get(head, 0.0)
    heat, shift = torch.zeros((), dtype=torch.double), torch.zeros(labels, dtype=torch.double)
    heat.requires_grad_()
    shift.requires_grad_()
    optimizer = torch.optim.LBFGS([heat, shift], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Any:
        optimizer.zero_grad()
        wrong = F.cross_entropy(answers.double() / heat.exp() + shift, target, weight=weight)
        total = wrong + SHRINK * (shift**2).sum() / labels
        total.backward()
        return total

    optimizer.step(loss)
    centred = shift.detach() - shift.detach().mean()
    return {"temperature": round(heat.exp().item(), 4), "bias": [round(value, 4) for value in centred.tolist()]}
