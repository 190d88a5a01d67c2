import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp import ties
from nlp.ties import PAIR_CAP, audience, circle, independent_audience, standing, tie


def made(pairs: list[tuple[int, int]], count: int) -> ties.Ties:
    sources, targets = np.array(pairs, np.int64).reshape(-1, 2).T
    return tie(sources, targets, count)


def test_a_pair_counts_only_so_often_and_nobody_counts_for_themselves() -> None:
    found = made([(0, 1)] * 9 + [(1, 0), (2, 2)], 3)
    assert found.matrix[0, 1] == PAIR_CAP
    assert found.matrix[1, 0] == 1
    assert found.matrix[2, 2] == 0
    assert audience(found).tolist() == [1, 1, 0]


def test_an_audience_of_strangers_is_independent_and_a_ring_is_not() -> None:
    strangers = [(number, 0) for number in range(1, 11)]
    ring = [(a, b) for a in range(11, 22) for b in range(11, 22) if a != b]
    found = made(strangers + ring, 22)
    assert circle(found)[0] == 0
    assert circle(found)[11] == 9, "each of ten answers nine of the others"
    heard = independent_audience(found, np.ones(22))
    assert heard[0] == 10
    assert heard[11] == 1


def test_who_does_not_look_like_a_person_does_not_count_as_audience() -> None:
    assert independent_audience(made([(1, 0), (2, 0)], 3), np.array([1, 1, 0.0]))[0] == 1


def test_circles_are_the_same_however_the_work_is_cut() -> None:
    dice = np.random.default_rng(3)
    pairs = list(zip(dice.integers(0, 40, 300).tolist(), dice.integers(0, 40, 300).tolist(), strict=True))
    whole = circle(made(pairs, 40))
    before, ties.CIRCLE_WORK = ties.CIRCLE_WORK, 10
    try:
        assert np.allclose(circle(made(pairs, 40)), whole)
    finally:
        ties.CIRCLE_WORK = before
    dense = np.asarray(made(pairs, 40).matrix.todense() > 0, float)
    expected = ((dense @ dense) * dense).sum(axis=0) / np.maximum(dense.sum(axis=0), 1)
    assert np.allclose(whole, expected)


def test_standing_comes_from_whom_people_turn_to() -> None:
    found = standing(made([(1, 0), (2, 0), (3, 0), (0, 4)], 5), np.ones(5))
    assert found[0] > found[4] > found[1]
    assert np.isclose(found[1], 1), "nobody turns to 1"


def test_a_ring_that_nobody_trusts_has_no_standing() -> None:
    ring = [(a, b) for a in range(5, 10) for b in range(5, 10) if a != b]
    trust = np.array([1.0] * 5 + [0.1] * 5)
    found = standing(made([(1, 0), *ring, *[(bot, 0) for bot in range(5, 10)]], 10), trust)
    assert found[5:].max() == 0
    assert found[0] > 1


def test_without_anybody_to_trust_all_hand_out_standing() -> None:
    assert standing(made([(0, 1)], 2), np.zeros(2))[1] > 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=60))
def test_standing_is_never_lost_and_never_below_zero(pairs: list[tuple[int, int]]) -> None:
    found = standing(made(pairs, 10), np.ones(10))
    assert (found >= 0).all()
    assert np.isfinite(found).all()
    assert found.min() >= 0.99, "everybody is trusted, so has at least what a lone one has"
