"""How an engine is known to err: for each right answer, how often it was read as which, on texts not learnt from.

Sentiment: on the 10,111 mentions of airlines, the texts most like what is heard for a brand; intent: on the held-out
labels (nlp/models/small/CARD.md).
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypedDict

MODELS = Path(__file__).parent / "models"
FILE = "confusion.json"


class Matrix(TypedDict):
    """Counts of texts: `matrix[right][read as]`, both in the order of `labels`."""

    labels: list[str]
    matrix: list[list[int]]


def confusion(model_name: str) -> Mapping[str, Matrix] | None:
    """The matrices for `sentiment` and `intent` of a model, by the name its readings carry; None if not measured."""
    return _known().get(model_name)


@cache
def _known() -> dict[str, dict[str, Matrix]]:
    found = {}
    for path in sorted(MODELS.glob(f"*/{FILE}")):
        told = json.loads(path.read_text("utf-8"))
        found[told.pop("model")] = told
    return found
