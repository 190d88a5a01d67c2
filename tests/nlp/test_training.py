"""A real run of teaching, as small as it can be: two layers of chance, a few dozen invented posts."""

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp.onnx import FOLDER, TOKENIZER, OnnxEngine
from nlp.tokens import Encoder
from nlp.training.data import LABELS, Corpus, add_invented
from tests.conftest import skip_or_fail

ENCODER = Encoder(FOLDER / TOKENIZER)


@pytest.fixture(scope="module", autouse=True)
def torch_is_here() -> None:
    missing = [name for name in ("torch", "onnx", "safetensors") if importlib.util.find_spec(name) is None]
    if missing:
        skip_or_fail(f"{', '.join(missing)} of the extra [torch] is not installed")


def invented() -> Corpus:
    corpus = Corpus(held_out={"intent": [], "urgency": [], "churn": [], "named": []})
    add_invented(corpus)
    return corpus


class PowerCutError(Exception):
    """Stands for a power cut."""


def taught(folder: Path, rows: int = 48, stop_at: int | None = None) -> tuple[Any, list[float]]:
    from nlp.training import train as module

    losses: list[float] = []

    def step(stage: str, done: int, of: int, loss: float) -> None:
        losses.append(loss)
        if done == stop_at:
            raise PowerCutError

    stage = replace(module.STAGES[0], rate=3e-4, repeats={"intent": 3})
    model = module.train(invented().train[:rows], ENCODER, None, folder, step, 7, [stage], layers=1)
    return model, losses


def weights(model: Any) -> dict[str, Any]:
    return {name: value.numpy() for name, value in model.state_dict().items()}


def test_teaching_lowers_the_loss_and_repeats_itself(tmp_path: Path) -> None:
    model, losses = taught(tmp_path / "a")
    again, _ = taught(tmp_path / "b")
    assert losses[-1] < losses[0]
    assert all(np.array_equal(value, weights(again)[name]) for name, value in weights(model).items())


def test_teaching_goes_on_where_it_was_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nlp.training import train as module

    monkeypatch.setattr(module, "SAVE_EVERY", 2)
    whole, losses = taught(tmp_path / "whole")
    with pytest.raises(PowerCutError):
        taught(tmp_path / "cut", stop_at=3)
    after, rest = taught(tmp_path / "cut")
    assert len(rest) == len(losses) - 2
    assert all(np.allclose(value, weights(after)[name], atol=1e-6) for name, value in weights(whole).items())


def test_what_is_exported_answers_as_what_was_taught(tmp_path: Path) -> None:
    """In 8 bits the answers are close, not equal; and the shipped way of batching does not matter."""
    import torch

    from nlp.training.data import ANSWERS
    from nlp.training.make import write
    from nlp.training.meaning import fit_meaning
    from nlp.training.model import SmallModel, segment_means
    from nlp.training.train import padded

    model, _ = taught(tmp_path / "work")
    base = SmallModel(ANSWERS, layers=1)
    corpus = invented()
    corpus.train = corpus.train[:64]
    held = corpus.held_out["intent"]
    corpus.held_out = dict.fromkeys(("intent", "urgency", "churn", "complaint", "spam"), held)
    corpus.held_out["sentiment"] = [example for example in held if "sentiment" in example.answers]
    write(model, base, corpus, FOLDER / TOKENIZER, tmp_path / "made", "tiny/1")
    engine = OnnxEngine(tmp_path / "made")
    assert engine.name == "tiny/1"
    texts = [example.text for example in held][:24]
    names = [("kestova",)] * len(texts)
    whole, named = engine.means(texts, names)
    ids, segments, positions = padded(ENCODER.encode(texts, names))
    with torch.no_grad():
        answers, summary = model.eval()(ids, segments, positions)
    for ours, segment in ((whole, 0), (named, 1)):
        theirs = segment_means(answers, segments, segment).numpy()
        assert np.abs(ours - theirs).mean() < 0.05 * theirs.std()
    learnt = ENCODER.encode([example.text for example in corpus.train], [()] * len(corpus.train))
    weights, shift = fit_meaning(model, base, learnt)
    meant = summary.double().numpy() @ weights + shift
    assert np.abs(engine.meanings(texts) - meant).mean() < 0.05 * meant.std()


def test_the_invented_posts_are_labelled() -> None:
    corpus = invented()
    posts = [example for example in corpus.train if "intent" in example.answers]
    assert len(posts) + len(corpus.held_out["intent"]) > 1400
    assert {head for example in corpus.train for head in example.answers} >= {"intent", "sentiment", "towards"}
    assert (LABELS / "first.tsv").is_file()
