from pathlib import Path

import numpy as np
import pytest

from config.errors import HearkenError
from nlp.layer import LEARNT
from nlp.onnx import FOLDER, OnnxEngine
from nlp.reading import Question
from nlp.reference import REFERENCE, CannotLearnError, load, load_for
from nlp.training.data import Corpus, Example
from nlp.training.reference import MOST, write_reference
from tests.nlp.test_layer import PLAIN

NAME = OnnxEngine().name


def corpus(count: int) -> Corpus:
    found = Corpus()
    for question, answers in LEARNT.items():
        found.held_out[question] = [
            Example("", {question: place % len(answers)}, clean=f"text {place}") for place in range(count)
        ]
    return found


def test_held_out_texts_are_kept_without_their_words(tmp_path: Path) -> None:
    path = write_reference(PLAIN, corpus(30), tmp_path)
    found = load(tmp_path, PLAIN.name)
    for question, answers in LEARNT.items():
        known = found[question]
        assert known.right.tolist() == [place % len(answers) for place in range(30)]
        assert known.chances.sum(axis=1) == pytest.approx(1, abs=0.01)
        assert np.linalg.norm(known.meanings, axis=1) == pytest.approx(1, abs=0.05)
    with np.load(path) as arrays:
        texts = [name for name in arrays if arrays[name].dtype.kind in "US"]
    assert texts == ["model"]


def test_texts_that_say_nothing_are_left_out_and_many_are_thinned(tmp_path: Path) -> None:
    some = corpus(MOST + 300)
    some.held_out["intent"][0] = Example("", {"intent": 0}, clean="?")
    write_reference(PLAIN, some, tmp_path)
    found = load(tmp_path, PLAIN.name)
    assert (len(found[Question.SENTIMENT].right), len(found[Question.INTENT].right)) == (MOST, MOST - 1)


def test_each_half_has_every_second_text(tmp_path: Path) -> None:
    write_reference(PLAIN, corpus(7), tmp_path)
    known = load(tmp_path, PLAIN.name)[Question.SENTIMENT]
    assert known.part(0).right.tolist() == [0, 2, 1, 0] and known.part(1).right.tolist() == [1, 0, 2]


def test_one_comes_with_the_model() -> None:
    found = load_for("onnx", NAME)
    assert load_for(f"onnx:{FOLDER}", NAME).keys() == found.keys()
    for question, answers in LEARNT.items():
        assert len(found[question].right) > 500
        assert set(found[question].right.tolist()) == set(range(len(answers)))
        assert (found[question].chances.argmax(axis=1) == found[question].right).mean() > 0.6


def test_a_missing_broken_or_foreign_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(HearkenError, match="cannot be used"):
        load(tmp_path, NAME)
    (tmp_path / REFERENCE).write_bytes(b"no arrays")
    with pytest.raises(HearkenError, match="cannot be used"):
        load(tmp_path, NAME)
    write_reference(PLAIN, corpus(8), tmp_path)
    with pytest.raises(HearkenError, match=r"belongs to numbers/2"):
        load(tmp_path, NAME)


@pytest.mark.parametrize("setting", ["lexicon", "transformers:somebody/some-model"])
def test_an_engine_without_meanings_cannot_learn(setting: str) -> None:
    with pytest.raises(CannotLearnError, match="cannot learn") as caught:
        load_for(setting, "vader-rules/1")
    assert "onnx" in caught.value.remedy
