import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from nlp.vader import QuickVader

ORIGINAL = SentimentIntensityAnalyzer()
QUICK = QuickVader()
TELLING = (
    *("not", "never", "so", "this", "without", "doubt", "least", "at", "very", "kind", "of", "no", "nor", "but"),
    *(
        "good",
        "BAD",
        "love",
        "hate",
        "GREAT",
        "the",
        "shit",
        "bomb",
        "bus",
        "stop",
        "yeah",
        "right",
        "sort",
        "to",
        "die",
    ),
    *("for", "barely", "isn't", "😀", "😡", ":)", "great!!", "what??", "😀😀", "\n"),
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "kind",
        "kind of good",
        "a kind man",
        "NOT good at all",
        "never so bad",
        "without doubt the best",
        "😀😀 good😡",
        "good 😀x",
        "to die for",
    ],
)
def test_scores_are_the_originals(text: str) -> None:
    assert QUICK.polarity_scores(text) == ORIGINAL.polarity_scores(text)


@given(st.lists(st.sampled_from(TELLING), max_size=30).map(" ".join))
def test_scores_are_the_originals_whatever_the_words(text: str) -> None:
    assert QUICK.polarity_scores(text) == ORIGINAL.polarity_scores(text)


@given(st.text(max_size=200))
def test_scores_are_the_originals_for_any_text(text: str) -> None:
    assert QUICK.polarity_scores(text) == ORIGINAL.polarity_scores(text)


def test_scores_are_the_originals_for_real_posts(shared_folder: Path) -> None:
    with gzip.open(shared_folder / "data" / "sentiment_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    assert [QUICK.polarity_scores(text) for text in texts] == [ORIGINAL.polarity_scores(text) for text in texts]
