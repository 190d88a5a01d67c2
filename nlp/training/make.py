"""From data sets to the shipped folder: learn, write, calibrate, evaluate, tell."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.onnx import LEANING_STEP, LEANINGS, TOKENIZER, WEIGHTS, OnnxEngine
from nlp.tokens import Encoder
from nlp.training.calibrate import calibrate, write_heads
from nlp.training.data import HEADS, Corpus
from nlp.training.export import export, measure_ranges
from nlp.training.model import SmallModel, base_folder
from nlp.training.train import BATCH, STAGES, Stage, Step, padded, train

RANGE_TEXTS = 1024
"""So many of the texts learnt from show how large the numbers inside the model get."""


def make(
    corpus: Corpus, work: Path, into: Path, name: str, step: Step, stages: Sequence[Stage] = STAGES
) -> SmallModel:
    """Train (going on with what is in `work`), then write the model's files into `into`."""
    base = base_folder()
    model = train(corpus.train, Encoder(base / TOKENIZER), base / "model.safetensors", work, step, stages)
    write(model, corpus, base / TOKENIZER, into, name)
    return model


def write(model: SmallModel, corpus: Corpus, tokenizer: Path, into: Path, name: str) -> None:
    """The files that serving needs."""
    into.mkdir(parents=True, exist_ok=True)
    examples = corpus.train[:: max(1, len(corpus.train) // RANGE_TEXTS)]
    names = [(example.name,) if example.name else () for example in examples]
    encoded = sorted(Encoder(tokenizer).encode([e.text for e in examples], names), key=lambda row: len(row.ids))
    batches = [padded(encoded[start : start + BATCH]) for start in range(0, len(encoded), BATCH)]
    export(model, measure_ranges(model, batches), into / WEIGHTS)
    shutil.copyfile(tokenizer, into / TOKENIZER)
    write_heads(into, name)
    np.save(into / LEANINGS, np.zeros((1, 1), np.int8))
    engine = OnnxEngine(into)
    np.save(into / LEANINGS, leanings(engine, Encoder(tokenizer)))
    write_heads(into, name, calibrate(engine, corpus.held_out))


def leanings(engine: OnnxEngine, encoder: Encoder) -> NDArray[np.int8]:
    """What the model says of every word of its vocabulary alone, next to what it says of no word at all."""
    vocabulary = encoder.vocabulary()
    told, _ = engine.means(["", *vocabulary], [()] * (len(vocabulary) + 1))
    shown = len(HEADS["sentiment"]) + len(HEADS["intent"])
    steps = np.round((told[1:, :shown] - told[0, :shown]) / LEANING_STEP)
    return np.clip(steps, -127, 127).astype(np.int8)
