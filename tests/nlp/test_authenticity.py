import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.authenticity import (
    FEWEST_AUTHORS,
    burst_share,
    busiest_hour,
    copied_mentions,
    copied_share,
    gist,
    people,
)


@pytest.mark.parametrize(
    "other",
    [
        "BUY the new Kestova bike today, it is great  https://short.example/a1",
        "buy the new kestova bike today, it is great! @somebody @else",
        "Buy the new Kestova bike today, it is great 4711",
    ],
)
def test_a_copy_with_another_tail_has_the_same_gist(other: str) -> None:
    assert gist(other) == gist("Buy the new Kestova bike today, it is great")


@pytest.mark.parametrize(
    "text", ["love it", "", "@kestova https://kestova.example/a/long/address", "1 2 3 4 5 6 7 8 9"]
)
def test_what_is_short_without_addresses_and_numbers_is_no_copy_of_anything(text: str) -> None:
    assert gist(text) == ""


def test_only_what_several_accounts_say_is_copied() -> None:
    authors = np.array([0, 1, 2, 0, 1, 3, 3, 3])
    gists = np.array([7, 7, 7, 8, 8, 9, 9, 0])
    assert FEWEST_AUTHORS == 3
    assert copied_mentions(authors, gists, 4).tolist() == [1, 1, 1, 0], "7 by three; 8 by two; 9 by one, twice"


def test_nothing_said_is_nothing_copied() -> None:
    nothing = np.array([], np.int64)
    assert copied_mentions(nothing, nothing, 2).tolist() == [0, 0]
    assert busiest_hour(nothing, nothing, 2).tolist() == [0, 0]


def test_the_busiest_hour_is_one_of_the_clock() -> None:
    moments = np.array([3600, 3700, 7199, 7200, 90_000, 3600])
    assert busiest_hour(np.array([0, 0, 0, 0, 0, 1]), moments, 3).tolist() == [3, 1, 0]


def test_one_copied_mention_or_one_post_proves_nothing() -> None:
    one = np.array([1.0])
    assert copied_share(one, one)[0] == 0.5
    assert burst_share(one, one)[0] == 0
    assert people(np.array([0.0]), burst_share(one, one))[0] == 1


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_against_an_account_never_makes_it_more_of_a_person(copied: float, burst: float, more: float) -> None:
    here = people(np.array([copied]), np.array([burst]))[0]
    assert 0 <= here <= 1
    assert people(np.array([max(copied, more)]), np.array([burst]))[0] <= here
    assert people(np.array([copied]), np.array([max(burst, more)]))[0] <= here
