"""The reference set of a model: texts that nobody taught it, without the texts. What is learnt later is held to it.

It comes with the model (nlp/training/reference.py makes it) and has for every text what it is about, the engine's
chances and the right answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from config.errors import HearkenError, InvalidInputError
from nlp.layer import LEARNT, Numbers, Places
from nlp.meaning import LONGEST
from nlp.reading import Question

REFERENCE = "reference.npz"


class CannotLearnError(InvalidInputError):
    """The reading engine that is set cannot learn from corrections."""


@dataclass(frozen=True, slots=True)
class Known:
    """Texts with their right answers to one question, one row a text."""

    meanings: Numbers
    chances: Numbers
    right: Places

    def part(self, start: int) -> "Known":
        """Every second text: from the first (0), or from the second on (1)."""
        return Known(self.meanings[start::2], self.chances[start::2], self.right[start::2])


Reference = Mapping[Question, Known]


def save(path: Path, model: str, reference: Reference) -> None:
    """Write the file that comes with a model."""
    arrays: dict[str, NDArray[np.generic]] = {"model": np.array(model)}
    for question, known in reference.items():
        arrays[f"{question}_meanings"] = np.round(known.meanings * LONGEST).astype(np.int8)
        arrays[f"{question}_chances"] = known.chances.astype(np.float16)
        arrays[f"{question}_right"] = known.right.astype(np.int8)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def load(folder: Path, model: str) -> Reference:
    """The reference set of the model in this folder. Raises HearkenError where it is missing, broken or another's."""
    path = folder / REFERENCE
    try:
        with np.load(path) as arrays:
            found = str(arrays["model"])
            reference = {
                question: Known(
                    arrays[f"{question}_meanings"] / LONGEST,
                    arrays[f"{question}_chances"].astype(np.float64),
                    arrays[f"{question}_right"].astype(np.int64),
                )
                for question in LEARNT
            }
    except Exception as error:  # a broken zip or array raises whatever it met first
        raise _unfit(path, str(error)) from error
    if found != model:
        raise _unfit(path, f"it belongs to {found}, and the model is {model}")
    return reference


def load_for(setting: str, model: str) -> Reference:
    """The reference set of the engine that a setting names. Raises CannotLearnError where that engine can't learn."""
    kind, _, own = setting.partition(":")
    if kind != "onnx":
        raise CannotLearnError(
            f"The reading engine {model} cannot learn: it does not tell what a text is about.",
            'Set analyser = "onnx" in hearken.toml (or HEARKEN_ANALYSER=onnx). Corrections wait until then.',
        )
    from nlp.onnx import FOLDER

    return load(Path(own) if own else FOLDER, model)


def _unfit(path: Path, why: str) -> HearkenError:
    return HearkenError(
        f"The reference set {path} cannot be used: {why}. Without it nothing is learnt.",
        "Install Hearken anew, or run `hearken train`.",
    )
