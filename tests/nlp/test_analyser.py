from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.analyser import READ_CHARS, Analyser
from nlp.lexicon import LexiconEngine
from nlp.reading import About, Intent, Judgement, Reading, Sentiment, Text, Vocabulary

ANALYSER = Analyser(LexiconEngine())
VOCABULARY = Vocabulary(("Kestova",), ("Kestova One",), ("Norvik",))
ODD = [
    "",
    " \n\t ",
    "\x00",
    "\x00help\x00",
    "\ud83d",
    "lone \udc00 half",
    "مرحبا كيف حالك\u200f\u202e",
    "Z̷̢͙̈́a̴̛̼l̶̰̈g̸̱̈o̷͇͝ is coming",
    "😀" * 10_000,
    "a" * 100_000,
    "the app is broken " * 6_000,
    "@" * 5_000,
    "#" * 5_000,
    "https://" + "a" * 5_000,
    "a@" * 5_000,
    "@a." * 5_000,
    "!?" * 5_000,
    "love but hate " * 500,
]


class CountingEngine:
    """Judges all texts alike and keeps what it was asked."""

    name = "counting/1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        self.asked += texts
        return [Judgement(dict.fromkeys(Sentiment, 1 / 3), dict.fromkeys(Intent, 1 / 7), 0.5) for _ in texts]


def read(text: str) -> Reading:
    return ANALYSER.read([Text(text, vocabulary=VOCABULARY)])[0]


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:12]))
def test_odd_texts_are_read(text: str) -> None:
    reading = read(text)
    assert sum(reading.p_sentiment.values()) == pytest.approx(1)
    assert 0 <= reading.urgency <= 1


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=120), max_size=6))
def test_a_batch_is_read_as_its_texts_alone(texts: list[str]) -> None:
    assert ANALYSER.read([Text(text) for text in texts]) == [ANALYSER.read([Text(text)])[0] for text in texts]


def test_what_is_the_same_once_cleaned_is_judged_once() -> None:
    engine = CountingEngine()
    texts = ["@a parcel is late https://example.com/1", "@b parcel is late https://example.com/2", "another"]
    readings = Analyser(engine).read([Text(text) for text in texts])
    assert engine.asked == ["@user parcel is late http", "another"]
    assert len(readings) == len(texts)


def test_a_long_text_is_read_from_its_beginning() -> None:
    beginning = "the app is broken. ".ljust(READ_CHARS)
    assert read(beginning + "Norvik is wonderful " * 5_000) == read(beginning)


def test_a_reading_names_model_language_and_names() -> None:
    reading = read("I left Norvik for the #KestovaOne and I am very happy with it")
    assert (reading.model, reading.language, reading.about) == ("vader-rules/1", "en", About.BOTH)
    assert [(entity.kind, entity.name) for entity in reading.entities] == [
        ("competitor", "Norvik"),
        ("product", "Kestova One"),
    ]


def test_places_of_names_count_in_the_text_as_given() -> None:
    text = "sooooo 😀😀 https://example.com @kestova"
    [entity] = read(text).entities
    assert text[entity.start : entity.end] == "kestova"


def test_nothing_to_read() -> None:
    assert ANALYSER.read([]) == []
