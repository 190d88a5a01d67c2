import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.analyser import Analyser
from nlp.foreign import DOUBTFUL_SENTIMENT
from nlp.onnx import (
    BECAUSE_WORDS,
    DANGER,
    FOLDER,
    HEADS,
    LEANINGS,
    TOKENIZER,
    WEIGHTS,
    ModelFileError,
    OnnxEngine,
    carrying_words,
)
from nlp.reading import Emotion, Intent, Judgement, Reading, Sentiment, Text, Vocabulary
from nlp.text import clean
from nlp.tokens import Encoder
from tests.nlp.golden import CASES, Case
from tests.nlp.test_analyser import ODD

ENGINE = OnnxEngine()
ANALYSER = Analyser(ENGINE)
VOCABULARY = Vocabulary(("Kestova",), ("Kestova One",), ("Norvik",))


def judge(text: str, *names: str) -> Judgement:
    return ENGINE.judge([clean(text)], ["en"], [names])[0]


def read(text: str) -> Reading:
    return ANALYSER.read([Text(text, vocabulary=VOCABULARY)])[0]


@pytest.mark.parametrize(
    "case", [case for case in CASES[::3] if "#" not in case.text], ids=lambda case: case.text[:40]
)
@pytest.mark.parametrize(
    "change",
    [str.lower, lambda text: f"{text}  ", lambda text: text.replace("@kestova", "@norvik.help")],
    ids=["case", "space", "handle"],
)
def test_what_does_not_matter_changes_nothing(case: Case, change: Callable[[str], str]) -> None:
    assert judge(change(case.text)) == judge(case.text)


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:12]))
def test_odd_texts_are_read(text: str) -> None:
    reading = read(text)
    assert sum(reading.p_sentiment.values()) == pytest.approx(1, abs=1e-5)
    assert 0 <= reading.urgency <= 1


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=120), max_size=6))
def test_a_batch_is_read_as_its_texts_alone(texts: list[str]) -> None:
    assert ANALYSER.read([Text(text) for text in texts]) == [ANALYSER.read([Text(text)])[0] for text in texts]


def test_everything_is_told() -> None:
    judged = judge("@kestova I love the new kettle, thanks so much for the quick delivery", "kettle")
    assert sum(judged.extra.emotion.values()) == pytest.approx(1, abs=1e-5)
    assert max(judged.extra.emotion, key=judged.extra.emotion.__getitem__) is Emotion.JOY
    told = judged.extra
    for chance in (told.complaint, told.irony, told.offensive, told.spam, told.churn):
        assert chance is not None and 0 < chance < 1
    assert not told.uncertain
    assert "love" in told.because["sentiment"]
    assert judged.towards[0][Sentiment.POSITIVE] > 0.5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("and i the it with broken", ("broken",)),
        ("never without nobody and", ("never", "without", "nobody")),
        ("i and x", ()),
    ],
)
def test_words_that_stand_in_every_text_are_no_reason(text: str, told: tuple[str, ...]) -> None:
    [row] = Encoder(FOLDER / TOKENIZER).encode([text], [()])
    falling = [9.0 - place / 10 for place in range(len(row.ids))]
    assert carrying_words(text, row, falling) == told[:BECAUSE_WORDS]


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("The battery caught fire while charging.", True),
        ("our oven: there is a gas leak, what now", True),
        ("this mixtape is fire", False),
        ("WIN a smoke alarm before your house is caught fire, click here for free entry txt WIN to 80082", False),
    ],
)
def test_danger_in_plain_words_is_not_overlooked_unless_it_advertises(text: str, urgent: bool) -> None:
    assert (judge(text).urgency >= DANGER) is urgent


def test_what_is_said_of_a_text_does_not_depend_on_the_names() -> None:
    text = "leaving kestova for norvik, best decision ever"
    with_names, without = judge(text, "kestova", "norvik"), judge(text)
    assert len(with_names.towards) == 2 and not without.towards
    assert (with_names.sentiment, with_names.intent, with_names.extra) == (
        pytest.approx(without.sentiment, abs=1e-5),
        pytest.approx(without.intent, abs=1e-5),
        with_names.extra,
    )


def test_a_name_is_judged_the_same_whatever_other_names_are_asked() -> None:
    text = "norvik is great, kestova is broken again"
    assert judge(text, "kestova", "norvik").towards[0] == pytest.approx(judge(text, "kestova").towards[0], abs=1e-5)


def test_a_reading_tells_the_feeling_towards_each_name() -> None:
    reading = read("Norvik is wonderful and I love it. Kestova is terrible, broken and useless")
    assert list(reading.towards) == ["Norvik", "Kestova"]
    norvik, kestova = reading.towards["Norvik"], reading.towards["Kestova"]
    assert norvik[Sentiment.POSITIVE] > kestova[Sentiment.POSITIVE]
    assert kestova[Sentiment.NEGATIVE] > norvik[Sentiment.NEGATIVE]


@pytest.mark.parametrize("language", ["de", "ja", "fr"])
def test_of_other_languages_it_says_that_it_is_uncertain(language: str) -> None:
    [judged] = ENGINE.judge(["Die App ist kaputt"], [language])
    assert judged.extra.uncertain
    assert judged.sentiment == DOUBTFUL_SENTIMENT
    assert max(judged.intent.values()) < 0.7


@pytest.mark.parametrize("text", ["", "   ", "@someone", "https://example.com", "...", "@a @b https://example.com"])
def test_a_text_without_words_says_nothing(text: str) -> None:
    reading = read(text)
    assert (reading.sentiment, reading.intent, reading.urgency) == (Sentiment.NEUTRAL, Intent.OTHER, 0)


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [("😂😂😂", Sentiment.POSITIVE), ("😡😡", Sentiment.NEGATIVE), ("soooo goooood", Sentiment.POSITIVE)],
)
def test_feelings_without_plain_words(text: str, sentiment: Sentiment) -> None:
    assert read(text).sentiment is sentiment


def copied(folder: Path) -> Path:
    shutil.copytree(FOLDER, folder)
    return folder


@pytest.mark.parametrize("name", [WEIGHTS, TOKENIZER, HEADS, LEANINGS])
@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda path: path.write_bytes(b"\x00broken")], ids=["missing", "broken"]
)
def test_a_missing_or_broken_file_is_told(tmp_path: Path, name: str, harm: Callable[[Path], Any]) -> None:
    folder = copied(tmp_path / "small")
    harm(folder / name)
    with pytest.raises(ModelFileError, match=r"cannot be loaded.*collected and wait.*lexicon"):
        OnnxEngine(folder)


def test_weights_that_are_no_model_are_told(tmp_path: Path) -> None:
    folder = copied(tmp_path / "small")
    (folder / WEIGHTS).write_bytes(b"not a model")
    told = json.loads((folder / HEADS).read_text())
    told["sha256"] = hashlib.sha256(b"not a model").hexdigest()
    (folder / HEADS).write_text(json.dumps(told))
    with pytest.raises(ModelFileError):
        OnnxEngine(folder)


class TightSession:
    """Has memory for a few texts only."""

    def __init__(self, session: Any, room: int) -> None:
        self.session, self.room, self.refused = session, room, 0

    def run(self, outputs: list[str], inputs: dict[str, Any]) -> Any:
        if len(inputs["ids"]) > self.room:
            self.refused += 1
            raise MemoryError
        return self.session.run(outputs, inputs)


def test_where_memory_runs_out_half_a_batch_is_tried() -> None:
    engine = OnnxEngine()
    texts = [f"kettle number {word} is broken" for word in ("one", "two", "three", "four", "five")]
    expected = engine.judge(texts, ["en"] * len(texts))
    tight = engine._session = TightSession(engine._session, room=1)
    assert engine.judge(texts, ["en"] * len(texts)) == expected
    assert tight.refused > 0
    tight.room = 0
    with pytest.raises(MemoryError):
        engine.judge(texts, ["en"] * len(texts))


def test_the_shipped_files_are_small_and_belong_together() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 25_000_000
    told = json.loads((FOLDER / HEADS).read_text())
    width = sum(len(head["labels"]) for head in told["heads"].values())
    whole, named = ENGINE.means(["a text"], [("text",)])
    assert whole.shape == named.shape == (1, width)
    assert np.isfinite(whole).all() and np.isfinite(named).all()
