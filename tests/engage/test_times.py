"""Packed times give the medians, bars and people of the answers that went in."""

import math
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engage import times
from engage.times import BINS, Answer, Packed

ANSWERS = st.lists(
    st.tuples(
        st.integers(1, 5), st.none() | st.integers(1, 3), st.booleans(), st.none() | st.integers(0, 2 * BINS[-1])
    )
)


def packed(answers: list[Answer], reopened: frozenset[int] = frozenset()) -> Packed:
    return times.unpack([times.pack(answers, reopened)])


def test_median_and_ninth_decile() -> None:
    empty = times.times(times.unpack_minutes([]))
    assert (empty.count, empty.median, empty.p90, empty.bins) == (0, None, None, [0] * (len(BINS) + 1))
    for minutes, expected in (
        ([5], (1, 5, 5)),
        (range(1, 11), (10, 5, 9)),
        ([1] * 90 + [100] * 10, (100, 1, 1)),
    ):
        found = times.times(times.unpack_minutes([times.pack_minutes(minutes)]))
        assert (found.count, found.median, found.p90) == expected


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_quantiles_are_the_shortest_that_so_many_did_not_exceed(minutes: list[int]) -> None:
    found = times.times(times.unpack_minutes([times.pack_minutes(minutes)]))
    for share, value in ((5, found.median), (9, found.p90)):
        within = [each for each in minutes if each <= (value or 0)]
        assert 10 * len(within) >= share * len(minutes)
        assert 10 * sum(each < (value or 0) for each in minutes) < share * len(minutes)
    assert found.bins == [Counter(map(times.bar_of, minutes))[bar] for bar in range(len(BINS) + 1)]


@given(ANSWERS, st.frozensets(st.integers(1, 5)))
def test_everybody_is_counted_once_in_each_conversation(answers: list[Answer], reopened: frozenset[int]) -> None:
    found = dict(times.by_person(packed(answers, reopened)))
    assert set(found) == {person for _, person, _, _ in answers if person}
    for person, theirs in found.items():
        mine = [answer for answer in answers if answer[1] == person]
        conversations = {answer[0] for answer in mine}
        assert (len(theirs), theirs["counts"].sum()) == (len(mine), len(conversations))
        assert theirs["reopened"].sum() == len(conversations & reopened)
        assert sorted(times.timed(theirs)) == sorted(minutes for *_, minutes in mine if minutes is not None)


@given(ANSWERS)
def test_later_answers_are_counted_by_bar_and_conversation(answers: list[Answer]) -> None:
    found = packed(answers)
    later = [(talk, minutes) for talk, _, first, minutes in answers if not first and minutes is not None]
    first = [minutes for *_, first, minutes in answers if first and minutes is not None]
    assert sorted(times.laters(found)) == sorted(minutes for _, minutes in later)
    assert sorted(times.firsts(found)) == sorted(first)
    bars = Counter(bar for _, bar in {(talk, times.bar_of(minutes)) for talk, minutes in later})
    assert times.conversations_by_bar(found) == [bars[bar] for bar in range(len(BINS) + 1)]


@given(ANSWERS.flatmap(lambda answers: st.tuples(st.just(answers), st.permutations(answers))))
def test_the_order_does_not_matter(both: tuple[list[Answer], list[Answer]]) -> None:
    one, other = both
    assert times.pack(one) == times.pack(other)


def test_long_times_fit() -> None:
    century = math.ceil(100 * 365.25 * 24 * 60)
    assert times.firsts(packed([(1, 1, True, century)])).tolist() == [century]
