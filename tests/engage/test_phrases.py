import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.phrases import STOP, changed, phrases_of, plainly, stands_in

WORDS = (
    "late",
    " ",
    "  ",
    ", ",
    "-",
    "/",
    "parcel",
    "Late Parcel",
    "error",
    " 4.2",
    "don’t",
    " pay",
    "@bea ",
    "_",
    ".",
)
QUIET = [f"the {colour} bike is nice" for colour in ("red", "blue", "green", "old", "new")] * 20


def distinct(texts: list[str]) -> list[str]:
    """No two alike, as the same text counts once."""
    return [f"{text} {'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10]}x" for n, text in enumerate(texts)]


def test_phrases_end_in_words_that_say_something_and_cross_no_full_stop() -> None:
    found = phrases_of("The app shows error 4207. Battery of the bike! See https://example.com/a @bea")
    assert {"app", "app shows", "error 4207", "shows error 4207", "battery", "bike"} <= found
    assert not {"the", "4207", "battery of", "4207 battery", "https", "bea"} & found
    assert "battery of the" not in found


@given(st.lists(st.sampled_from(WORDS), max_size=12).map("".join) | st.text(max_size=40))
def test_one_phrase_is_found_as_all_are(text: str) -> None:
    found = phrases_of(text)
    assert all(stands_in(plainly(text), phrase) for phrase in found)
    for phrase in ("late parcel", "error 4.2", "don't pay", "late", "parcel error 4.2"):
        assert stands_in(plainly(text), phrase) == (phrase in found)


def test_no_words_stand_nowhere() -> None:
    assert not stands_in("my parcel", "")
    assert not stands_in("my parcels are late", "parcel")


def test_what_came_up_is_found_with_its_numbers_and_what_went_away_too() -> None:
    now = distinct(QUIET[:60] + ["my wheel lock shows error 4207"] * 40)
    before = distinct(QUIET[:60] + ["love the summer sale"] * 40)
    found = changed(now, before)
    up, down = [each for each in found if each.rises], [each for each in found if not each.rises]
    assert up[0].words in {"wheel lock shows", "lock shows error", "shows error 4207"}
    assert (up[0].now, up[0].before) == (40, 0)
    assert down[0].words == "summer sale" or "summer" in down[0].words
    assert len(up) == 1, "one topic, however many of its phrases stand in the same texts"


def test_the_same_text_posted_again_counts_once() -> None:
    again = ["great lock @bea", "Great lock https://example.com/1"] * 50
    assert all("lock" not in each.words for each in changed(again, distinct(QUIET)))


def test_like_texts_have_no_topics() -> None:
    assert changed(distinct(QUIET), distinct(QUIET)) == []


@pytest.mark.parametrize(("now", "before"), [([], []), (["one"], []), ([], ["one"])])
def test_little_gives_nothing(now: list[str], before: list[str]) -> None:
    assert changed(now, before) == []


def test_names_at_an_end_are_left_out() -> None:
    now = distinct(["kestova app crashes"] * 40)
    assert all("kestova" not in each.words.split() for each in changed(now, distinct(QUIET), leave_out=["Kestova"]))


@given(st.lists(st.text(max_size=60), max_size=12), st.lists(st.text(max_size=60), max_size=12))
def test_any_text_will_do(now: list[str], before: list[str]) -> None:
    for each in changed(now * 3, before * 3):
        words = each.words.split()
        assert words[0] not in STOP and words[-1] not in STOP and 1 <= len(words) <= 3
        assert each.now <= len(set(now)) and each.before <= len(set(before))


def test_a_phrase_tells_which_texts_hold_it() -> None:
    now = [f"the battery died, day {number}" for number in range(9)] + ["the battery died, day 0"]
    (found,) = (each for each in changed(now, ["all is well"] * 9) if "battery" in each.words)
    assert found.now == 9 and list(found.places) == list(range(1, 10)), "of two that say the same the last"
