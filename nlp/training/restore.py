"""The shipped int8 file -> the torch model that answers as it does: what nlp/training/export.py did, undone.

The weights are those that serving computes with, so what differs is only that serving also rounds what goes in.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from nlp.training.export import LARGE
from nlp.training.model import SmallModel

Constants = Mapping[str, NDArray[Any]]
NORMS = ("norm1", "norm2")


def restore(path: Path) -> tuple[SmallModel, tuple[NDArray[Any], NDArray[Any]]]:
    """The model, ready to answer, and the weights and shift of its meaning (nlp/training/meaning.py)."""
    kept = {constant.name: numpy_helper.to_array(constant) for constant in onnx.load(path).graph.initializer}
    layers = sum(name.endswith(".narrow.q") for name in kept)
    weights = _outside(kept)
    for place in range(layers):
        weights |= _layer(kept, f"layers.{place}")
    model = SmallModel(len(kept["answers.b"]), layers)
    model.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})
    return model.eval(), (kept["meaning.weight"], kept["meaning.bias"])


def _outside(kept: Constants) -> dict[str, NDArray[Any]]:
    return {
        "words.weight": kept["words.q"] * kept["words.scale"],
        "places.weight": kept["places.w"],
        "kinds.weight": kept["kinds.w"],
        "norm.weight": kept["norm.w"],
        "norm.bias": kept["norm.b"],
        "answers.weight": kept["answers.w"].T,
        "answers.bias": kept["answers.b"],
    }


def _layer(kept: Constants, name: str) -> dict[str, NDArray[Any]]:
    weights = {
        f"{name}.{norm}.{part}": kept[f"{name}.{norm}.{part}"] for norm in NORMS for part in ("weight", "bias")
    }
    for product in (*LARGE, "narrow"):
        own = f"{name}.{product}"
        weights[f"{own}.weight"] = (kept[f"{own}.q"] * kept[f"{own}.steps"]).T
        weights[f"{own}.bias"] = kept[f"{own}.bias"]
    for product in LARGE:
        weights[f"{name}.{product}.weight"] *= kept[f"{name}.{product}.even"]
    return weights
