import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.onnx import FOLDER, TOKENIZER
from nlp.text import clean
from nlp.tokens import CLS, MOST_NAMES, NAME_TOKENS, SEP, TEXT_TOKENS, Encoder, spell

ENCODER = Encoder(FOLDER / TOKENIZER)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("plain words", "plain words"),
        ("😂😂😂", "face with tears of joy"),
        ("great 👍🏽 thanks", "great thumbs up thanks"),
        ("hi 🇩🇪 there", "hi there"),
        ("日本語 text", "日本語 text"),
        ("a→b", "a→b"),
    ],
)
def test_symbols_are_spelled(text: str, spelled: str) -> None:
    assert spell(clean(text)) == spelled


@given(st.text(max_size=400), st.lists(st.text(max_size=40), max_size=6))
def test_rows_are_framed_and_bounded(text: str, names: list[str]) -> None:
    [row] = ENCODER.encode([spell(clean(text))], [tuple(names)])
    own = row.segments.count(0)
    assert own <= TEXT_TOKENS + 2
    assert (row.ids[0], row.ids[own - 1], row.ids[-1]) == (CLS, SEP, SEP)
    assert len(row.ids) == len(row.segments) == len(row.positions)
    assert max(row.segments) == min(len(names), MOST_NAMES)
    assert all(row.segments.count(number) <= NAME_TOKENS + 1 for number in set(row.segments) - {0})
    assert max(row.positions) < 128


def test_of_a_long_text_beginning_and_end_are_read() -> None:
    [row] = ENCODER.encode(["start " + "middle " * 50_000 + "finish"], [()])
    words = {ENCODER.vocabulary()[number] for number in row.ids}
    assert {"start", "finish"} <= words


def test_a_name_takes_the_place_where_the_text_first_says_it() -> None:
    [row] = ENCODER.encode(["two, one and two"], [("One", "two")])
    assert row.segments == (0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2)
    assert row.positions == (0, 1, 2, 3, 4, 5, 6, 3, 4, 1, 2)


@pytest.mark.parametrize("text", ["one two", "one twofour", "o" * 30 + " " + "one " * 100])
def test_a_name_that_is_not_said_stands_right_after_the_text(text: str) -> None:
    [row] = ENCODER.encode([text], [("three", "four")])
    after = row.segments.count(0)
    assert row.positions[after:] == (after, after + 1, after, after + 1)
