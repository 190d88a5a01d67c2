import tomllib
from pathlib import Path

import pytest

from nlp.cues import LEXICON, MOST_COUNTED, PhraseBook, load_lexicon, without_masks, words_of
from nlp.text import clean

BOOK = PhraseBook({"late": "late, hours late, # hours", "thanks": "thank you, thanks"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("thank you", {"thanks": 1}),
        ("you thank", {}),
        ("3 hours late", {"late": 2}),
        ("late late late late", {"late": MOST_COUNTED}),
        ("Thanks, 1,200 hours", {"thanks": 1, "late": 1}),
        ("thank", {}),
        ("", {}),
    ],
)
def test_phrases_are_found(text: str, found: dict[str, int]) -> None:
    assert BOOK.count(words_of(text)) == found


def test_words_are_spelt_as_in_the_lists() -> None:
    assert words_of("It doesn't cost $2.50, 30% off!") == ["it", "doesnt", "cost", "$", "#", "#", "%", "off"]


def test_masks_leave_nothing_behind() -> None:
    assert words_of(without_masks(clean("@kestova's help https://example.com"))) == ["help"]


LISTS = tomllib.loads(LEXICON.read_text("utf-8"))


@pytest.mark.parametrize("kind", ["cue", "foreign"])
def test_every_phrase_of_the_lists_is_spelt_as_texts_are(kind: str) -> None:
    for name, group in LISTS[kind].items():
        for phrase in group["phrases"].replace("\n", " ").split(","):
            assert words_of(phrase) == phrase.split(), f"{phrase.strip()!r} of {name} can never be found"


def test_weights_are_read_for_every_cue_and_signal() -> None:
    lexicon = load_lexicon()
    assert lexicon.cues.keys() == LISTS["cue"].keys()
    for name, weights in (*lexicon.cues.items(), *lexicon.signals.items()):
        assert any(weights.intent) or weights.urgency, f"{name} says nothing"


def test_a_misspelt_intent_stops_the_start(tmp_path: Path) -> None:
    broken = tmp_path / "lexicon.toml"
    broken.write_text(LEXICON.read_text("utf-8").replace("complaint =", "complain ="), encoding="utf-8")
    with pytest.raises(ValueError, match="complain"):
        load_lexicon(broken)
