"""The reference set that comes with a model (nlp/reference.py), from the texts that were held out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nlp.layer import LEARNT, chances_of, directions
from nlp.reading import Engine, Question
from nlp.reference import REFERENCE, Known, save
from nlp.training.data import Corpus, Example

MOST = 1200
"""So many texts of a question are enough, and a kilobyte buys about ten."""


def write_reference(engine: Engine, corpus: Corpus, folder: Path) -> Path:
    """Judge the held-out texts with the model and keep what is needed beside it; no text is."""
    found = {question: _known(engine, question, corpus.held_out[question]) for question in LEARNT}
    save(folder / REFERENCE, engine.name, found)
    return folder / REFERENCE


def _known(engine: Engine, question: Question, examples: Sequence[Example]) -> Known:
    places = np.linspace(0, len(examples) - 1, min(MOST, len(examples))).astype(int)
    some = [examples[place] for place in places]
    told = engine.judge([example.clean for example in some], ["en"] * len(some))
    fit = [place for place, judged in enumerate(told) if judged.meaning]
    judged = [told[place] for place in fit]
    right = np.array([some[place].answers[question] for place in fit])
    return Known(directions([one.meaning for one in judged]), chances_of(judged, question), right)
