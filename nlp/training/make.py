"""From data sets to the shipped folder: learn, write, calibrate."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.onnx import LEANING_STEP, LEANINGS, TOKENIZER, WEIGHTS, OnnxEngine
from nlp.tokens import Encoder
from nlp.training.calibrate import calibrate, write_heads
from nlp.training.data import ANSWERS, HEADS, PLACES, Corpus
from nlp.training.export import export, measure_ranges
from nlp.training.meaning import TEXTS, fit_meaning
from nlp.training.model import SmallModel, base_folder, load_base, segment_means
from nlp.training.reference import write_reference
from nlp.training.train import BATCH, STAGES, Stage, Step, padded, train

RANGE_TEXTS = 1024
"""So many of the texts learnt from show how large the numbers inside the model get."""


def make(
    corpus: Corpus, work: Path, into: Path, name: str, step: Step, seed: int, stages: Sequence[Stage] = STAGES
) -> SmallModel:
    """Train (going on with what is in `work`), then write the model's files into `into`."""
    files = base_folder()
    base = SmallModel(ANSWERS)
    load_base(base, files / "model.safetensors")
    model = train(corpus.train, Encoder(files / TOKENIZER), files / "model.safetensors", work, step, seed, stages)
    write(model, base, corpus, files / TOKENIZER, into, name)
    return model


def write(model: SmallModel, base: SmallModel, corpus: Corpus, tokenizer: Path, into: Path, name: str) -> None:
    """The files that serving needs."""
    into.mkdir(parents=True, exist_ok=True)
    encoder = Encoder(tokenizer)
    examples = corpus.train[:: max(1, len(corpus.train) // RANGE_TEXTS)]
    names = [(example.name,) if example.name else () for example in examples]
    encoded = sorted(encoder.encode([e.text for e in examples], names), key=lambda row: len(row.ids))
    batches = [padded(encoded[start : start + BATCH]) for start in range(0, len(encoded), BATCH)]
    texts = [example.text for example in corpus.train[:: max(1, len(corpus.train) // TEXTS)]]
    meaning = fit_meaning(model, base, encoder.encode(texts, [()] * len(texts)))
    export(model, measure_ranges(model, batches), meaning, into / WEIGHTS)
    shutil.copyfile(tokenizer, into / TOKENIZER)
    write_heads(into, name, {})
    np.save(into / LEANINGS, np.zeros((1, 1), np.int8))
    engine = OnnxEngine(into)
    np.save(into / LEANINGS, leanings(engine, encoder))
    same = same_answers(engine, model, encoder, [example.text for example in corpus.held_out["intent"]])
    write_heads(into, name, *calibrate(engine, corpus.held_out), same_answers=same)
    write_reference(OnnxEngine(into), corpus, into)


def same_answers(engine: OnnxEngine, model: SmallModel, encoder: Encoder, texts: Sequence[str]) -> float:
    """The share of answers to all questions about the texts that rounding to 8 bits left the same."""
    rounded, _ = engine.means(texts, [()] * len(texts))
    exact = np.zeros_like(rounded)
    model.eval()
    rows = encoder.encode(texts, [()] * len(texts))
    with torch.inference_mode():
        for start in range(0, len(rows), BATCH):
            ids, segments, positions = padded(rows[start : start + BATCH])
            exact[start : start + BATCH] = segment_means(model(ids, segments, positions)[0], segments, 0).numpy()
    asked = [place for head, place in PLACES.items() if head != "towards"]
    return float(np.mean([exact[:, place].argmax(1) == rounded[:, place].argmax(1) for place in asked]))


def leanings(engine: OnnxEngine, encoder: Encoder) -> NDArray[np.int8]:
    """What the model says of every word of its vocabulary alone, next to what it says of no word at all."""
    vocabulary = encoder.vocabulary()
    told, _ = engine.means(["", *vocabulary], [()] * (len(vocabulary) + 1))
    shown = len(HEADS["sentiment"]) + len(HEADS["intent"])
    steps = np.round((told[1:, :shown] - told[0, :shown]) / LEANING_STEP)
    return np.clip(steps, -127, 127).astype(np.int8)
