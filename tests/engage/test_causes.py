from datetime import timedelta

import pytest

from engage.causes import Post, causes, examples, phrases, spread
from tests.factories import START

DAILY = ["The parcel came late again", "Lovely bike, thanks", "When does the shop open", "Battery is empty too soon"]


def post(number: int, text: str, **values: object) -> Post:
    plain: dict[str, object] = {
        "id": number, "at": START + timedelta(minutes=number), "author_id": number, "handle": f"user{number}",
        "network": ("x", "reddit", "mastodon")[number % 3], "thread": f"t{number}", "text": text, "negative": False,
        "reach": number, "newcomer": False,
    }  # fmt: skip
    return Post(**(plain | values))  # type: ignore[arg-type]


BEFORE = [post(number, f"{DAILY[number % 4]} {number}") for number in range(200)]


def kinds(posts: list[Post], author: Post | None = None) -> list[str]:
    return [cause.kind for cause in causes(posts, BEFORE, ["Norvik"], author)]


def test_nothing_has_no_cause() -> None:
    assert causes([], BEFORE, []) == []


def test_more_of_the_same_has_no_cause() -> None:
    assert kinds([post(number, f"{DAILY[number % 4]} {number}") for number in range(40)]) == []


def test_the_phrases_are_named_and_the_brand_is_none() -> None:
    texts = [f"Norvik error 4207 on my bike, nr {number}" for number in range(12)]
    found = phrases(texts, [one.text for one in BEFORE], ["Norvik"])
    assert any("4207" in phrase for phrase in found)
    assert not any("norvik" in phrase for phrase in found)


def test_one_thread_is_a_viral_post() -> None:
    posts = [post(number, f"{DAILY[number % 4]} {number}", thread="big", network="x") for number in range(12)]
    (first, *_) = causes(posts, BEFORE, [])
    assert (first.kind, first.sentence) == (
        "viral",
        "One thread: 12 of 12 mentions belong to the one of @user0.",
    )


def test_reposts_name_whom_they_repost() -> None:
    posts = [post(n, "RT @ada: the whole fleet stands still in the rain tonight") for n in range(9)]
    (first, *_) = causes(posts, BEFORE, [])
    assert first.sentence == "One viral post: 9 of 9 mentions repost what @ada said."


def test_a_word_changed_does_not_hide_a_burst() -> None:
    words = "Norvik bikes are a {} and everybody in this town should send theirs back now 🔥"
    kind = ("scandal", "disgrace", "shame")
    texts = [f"{words.format(kind[number % 3])} https://x.example/{number}" for number in range(9)]
    assert kinds([post(number, text, newcomer=True) for number, text in enumerate(texts)])[0] == "burst"


def test_what_passed_it_on_before_belongs_to_its_spread() -> None:
    said = "RT @ada: the whole fleet stands still in the rain tonight"
    early = post(1, said.removeprefix("RT @ada: "), handle="ada")
    found = spread([post(number, said) for number in range(10, 19)], [early, *BEFORE])
    assert found and (found.handle, len(found.passed), found.reposted) == ("ada", 10, 9)
    assert spread([post(number, f"{DAILY[number % 4]} {number}") for number in range(40)], BEFORE) is None


def test_posts_of_no_known_thread_are_not_one_thread() -> None:
    assert kinds([post(number, f"{DAILY[number % 4]} {number}", thread="") for number in range(40)]) == []


def test_the_same_words_from_unknown_accounts_are_a_burst() -> None:
    words = "Norvik bikes are a scandal and everybody should send theirs back now"
    posts = [post(number, f"{words} https://x.example/{number}", newcomer=True) for number in range(9)]
    assert kinds(posts)[0] == "burst"
    known = [post(number, words, newcomer=False) for number in range(9)]
    assert "burst" not in kinds(known), "old customers may agree"


def test_network_newcomers_author_and_mood_are_seen() -> None:
    posts = [
        post(n, f"{'abcdefghijkl'[n]} {DAILY[n % 4]}", network="bluesky", newcomer=True, negative=True)
        for n in range(12)
    ]
    far = post(5, "look", handle="famous", reach=2_000_000)
    assert kinds(posts, far) == ["author", "network", "newcomers", "negative"]
    assert "@famous spoke, who reached 2,000,000 people." in [one.sentence for one in causes(posts, BEFORE, [], far)]


def test_examples_show_the_matter_and_differ() -> None:
    posts = [post(1, "locked out tonight"), post(2, "Locked out, tonight!"), post(3, "hello", reach=10**6)]
    assert examples(posts, ["locked"]) == [2, 3]


@pytest.mark.parametrize("text", ["", "🚲", "عطل في التطبيق", "=cmd|' /C calc'!A0"])
def test_any_text_is_taken(text: str) -> None:
    assert isinstance(causes([post(number, text) for number in range(6)], BEFORE, []), list)
