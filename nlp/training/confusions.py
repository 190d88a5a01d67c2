"""How the model is known to err, for whoever counts its answers (nlp/confusion.py)."""

import json
from pathlib import Path

from nlp.confusion import FILE, Matrix
from nlp.training.data import HEADS
from nlp.training.evaluate import AIRLINE, Evaluation


def write_confusion(folder: Path, evaluation: Evaluation) -> Path:
    """confusion.json beside the model: sentiment on the airline mentions, intent on the held-out labels."""
    told = {
        "model": evaluation.model,
        "sentiment": _matrix(evaluation, AIRLINE),
        "intent": _matrix(evaluation, "intent"),
    }
    path = folder / FILE
    path.write_text(json.dumps(told) + "\n", "utf-8")
    return path


def _matrix(evaluation: Evaluation, of: str) -> Matrix:
    labels = list(HEADS["intent" if of == "intent" else "sentiment"])
    return {"labels": labels, "matrix": [line["confusion"] for line in evaluation.classes[of]]}
