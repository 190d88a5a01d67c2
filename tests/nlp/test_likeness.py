import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.likeness import ALIKE, alike, sketched
from tests.factories import WORDS

EMOJI = ("🚲", "🔥", "😡")
WHOLE = "Buy the new Kestova bike today, everybody in our street rides one and loves it"


def text(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(WORDS, k=words))


def word_changed(said: str, dice: random.Random) -> str:
    words = said.split()
    words[dice.randrange(len(words))] = "bicycle"
    return " ".join(words)


def runs_of(said: str) -> set[str]:
    letters = "".join(said.split())
    return {letters[place : place + 4] for place in range(len(letters) - 3)}


CHANGES = {
    "a word changed": word_changed,
    "a link swapped": lambda said, dice: f"{said} https://short.example/{dice.randrange(9999)}",
    "an emoji added": lambda said, dice: f"{dice.choice(EMOJI)} {said} {dice.choice(EMOJI)}",
    "shouted at somebody": lambda said, dice: f"@user{dice.randrange(99)} {said.upper()}!!! {dice.randrange(99)}",
}


@pytest.mark.parametrize("change", CHANGES)
def test_made_copies_are_found_and_nothing_else(change: str) -> None:
    dice = random.Random(3)
    originals = [text(dice, dice.randrange(14, 30)) for _ in range(300)]
    texts = originals + [CHANGES[change](said, dice) for said in originals]
    groups = alike(texts)
    copied = groups[300:] == groups[:300]
    strangers = len(np.unique(groups[:300]))
    assert copied.mean() >= 0.97, "recall"
    assert strangers == 300, "precision: no two originals are taken for one"


def test_the_share_of_hashes_is_the_share_of_runs_in_common() -> None:
    dice = random.Random(5)
    one = text(dice, 40)
    other = f"{one} {text(dice, 20)}"
    runs = [runs_of(one), runs_of(other)]
    (first, second), _ = sketched([one, other])
    assert (first == second).mean() == pytest.approx(len(runs[0] & runs[1]) / len(runs[0] | runs[1]), abs=0.2)


def test_the_first_of_the_copies_gives_the_number() -> None:
    other = "An entirely different thing is said here"
    assert alike([other, WHOLE, WHOLE + " 🔥", "love it"]).tolist() == [0, 1, 1, -1]


@pytest.mark.parametrize(
    ("said", "word", "other"),
    [
        ("我的自行车昨天坏了，客服到现在都没有回复我，真的非常失望，再也不会买了", "昨天", "今天"),
        ("السلام عليكم دراجتي الجديدة لا تعمل منذ أسبوع ولا أحد يجيب على رسائلي", "رسائلي", "رسائلنا"),
    ],
)
def test_languages_without_spaces_or_from_right_to_left(said: str, word: str, other: str) -> None:
    assert alike([said, said.replace(word, other)]).tolist() == [0, 0]


@pytest.mark.parametrize("odd", ["", "   ", "🔥" * 50, "1234567890" * 9, "\ud800 broken half of a pair", "\x00" * 40])
def test_what_has_no_letters_is_no_copy(odd: str) -> None:
    assert alike([odd, odd, WHOLE]).tolist()[2] == 2
    assert alike([odd]).tolist() == [-1]


def test_nothing_is_like_nothing() -> None:
    assert alike([]).tolist() == []


@given(st.lists(st.text(max_size=80), max_size=12))
def test_same_texts_same_number_and_the_same_again(texts: list[str]) -> None:
    groups = alike(texts)
    assert groups.tolist() == alike(texts).tolist()
    for place, said in enumerate(texts):
        twins = {groups[other] for other in range(len(texts)) if texts[other] == said}
        assert twins == {groups[place]}
    assert 0 < ALIKE < 1
