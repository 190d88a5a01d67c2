"""What a text is about, in a few numbers: texts of like meaning point the same way.

The base weights were made for just that (sentence embeddings); teaching our questions blurs it. So a linear layer on
the taught model's summary is fitted to say what the base says, in its DIMENSIONS weightiest directions.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.tokens import Encoded
from nlp.training.model import SmallModel
from nlp.training.train import BATCH, padded

DIMENSIONS = 128
TEXTS = 16_000
"""So many of the texts learnt from are enough to fit the layer."""
RIDGE = 1e-3
Numbers = NDArray[np.float64]


def fit_meaning(taught: SmallModel, base: SmallModel, rows: Sequence[Encoded]) -> tuple[Numbers, Numbers]:
    """Weights [summary, DIMENSIONS] and shift [DIMENSIONS] that bring the summary nearest to what the base says."""
    wanted = directions(summaries(base, rows)[:, -base.answers.in_features :])
    seen = summaries(taught, rows)
    middle = seen.mean(axis=0)
    centred = seen - middle
    spread = centred.T @ centred / len(seen)
    ridge = RIDGE * np.trace(spread) / len(spread) * np.eye(len(spread))
    weights = np.linalg.solve(spread + ridge, centred.T @ (wanted - wanted.mean(axis=0)) / len(seen))
    return weights, wanted.mean(axis=0) - middle @ weights


def directions(sentences: Numbers) -> Numbers:
    """The sentence embeddings at length 1, turned so that the first DIMENSIONS numbers tell the most of them."""
    sentences = sentences / np.linalg.norm(sentences, axis=1, keepdims=True)
    _, turned = np.linalg.eigh(sentences.T @ sentences)
    found: Numbers = sentences @ turned[:, ::-1][:, :DIMENSIONS]
    return found


def summaries(model: SmallModel, rows: Sequence[Encoded]) -> Numbers:
    """The model's summary of each text, one row a text."""
    order = sorted(range(len(rows)), key=lambda place: len(rows[place].ids))
    found: list[Numbers] = []
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            batch = padded([rows[place] for place in order[start : start + BATCH]])
            found.append(model(*batch)[1].double().numpy())
    back = np.argsort(order)
    return np.concatenate(found)[back]
