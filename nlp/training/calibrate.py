"""How sure to be: a temperature and a shift for each head, fitted on texts that were not learnt from."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F  # noqa: N812 (its usual name)

from nlp.onnx import HEADS as HEADS_FILE
from nlp.onnx import WEIGHTS, Numbers, OnnxEngine
from nlp.training.data import EVENED, EXPECTED, HEADS, Example

URGENCY = {"low": 0.0, "normal": 0.3, "high": 1.0}
"""What a class of urgency is worth on the scale from 0 to 1."""
SHRINK = 0.02
"""Keeps the shifts small where there are few texts to fit them on."""


def write_heads(folder: Path, name: str, fitted: Mapping[str, Mapping[str, Any]] | None = None) -> None:
    """heads.json: what the numbers of the model mean. Without `fitted` they are taken as they come."""
    heads = {
        head: {"labels": labels, "temperature": 1.0, "bias": [0.0] * len(labels)} | dict((fitted or {}).get(head, {}))
        for head, labels in HEADS.items()
    }
    sha256 = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    told = {"name": name, "sha256": sha256, "urgency": list(URGENCY.values()), "heads": heads}
    (folder / HEADS_FILE).write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def calibrate(engine: OnnxEngine, held_out: Mapping[str, Sequence[Example]]) -> dict[str, dict[str, Any]]:
    """Temperature and shift by head, from every other held-out text; the others are left to judge by."""
    fitted = {}
    start = 0
    for head, labels in HEADS.items():
        examples = [example for example in held_out.get(head, ()) if head in example.answers][::2]
        texts, names = [example.text for example in examples], [_asked(example) for example in examples]
        whole, named = engine.means(texts, names)
        numbers = (named if head == "towards" else whole)[:, start : start + len(labels)]
        if examples:
            fitted[head] = _fit(numbers, [example.answers[head] for example in examples], head)
        start += len(labels)
    return fitted


def _asked(example: Example) -> tuple[str, ...]:
    return (example.name,) if example.name else ()


def _fit(numbers: Numbers, right: Sequence[int], head: str) -> dict[str, Any]:
    answers, target = torch.from_numpy(numbers), torch.tensor(right)
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
