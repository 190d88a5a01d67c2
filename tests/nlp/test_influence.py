from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import INFLUENCE_WEIGHTS
from nlp.influence import CLAIMS, FULL_REACH, PARTS, Authors, credit, measure, points_of, rate, size_of


def made(count: int = 4, **columns: Any) -> Authors:
    """Authors who are all alike but for the columns that are given."""
    usual = {"followers": 100.0, "mentions": 3.0, "likes": 5.0, "shares": 1.0, "replies": 1.0, "about": 2.0,
             "silent_days": 1.0, "people": 1.0, "audience": 0.0, "independent": 0.0, "standing": 1.0}  # fmt: skip
    arrays = {name: np.full(count, value) for name, value in usual.items()}
    arrays |= {
        name: np.array(values, float) for name, values in columns.items() if name not in {"network", "networks"}
    }
    return Authors(
        networks=columns.get("networks", ["x"]),
        network=np.array(columns.get("network", [0] * count), np.int64),
        **arrays,
    )


def part(authors: Authors, name: str) -> list[float]:
    return [round(float(value), 3) for value in rate(authors, measure(authors), INFLUENCE_WEIGHTS).parts[name]]


def test_reach_grows_with_the_logarithm_of_followers() -> None:
    found = part(made(followers=[0, 1_000, FULL_REACH, 50 * FULL_REACH]), "reach")
    assert found == [0, 0.5, 1, 1]


def test_where_followers_are_unknown_the_place_within_the_network_counts() -> None:
    authors = made(
        8, networks=["x", "reddit"], network=[0] * 4 + [1] * 4, followers=[10, 100, 1_000, 10_000] + [np.nan] * 4,
        likes=[1] * 4 + [0, 10, 100, 1_000],
    )  # fmt: skip
    found = part(authors, "reach")
    assert found[4:] == sorted(found[4:]), "who receives more stands higher"
    assert found[4] < found[7]
    assert min(found[:4]) <= found[4]
    assert found[7] <= max(found[:4]), "on the scale of the others"


def test_without_any_followers_anywhere_the_place_itself_is_the_reach() -> None:
    found = part(made(followers=[np.nan] * 4, likes=[0, 1, 2, 3]), "reach")
    assert found == sorted(found)
    assert 0 <= found[0] < 0.2
    assert 0.8 < found[3] <= 1


def test_engagement_is_held_against_peers_of_the_same_size() -> None:
    count = 120
    followers = [100.0] * 60 + [200_000.0] * 60
    likes = [float(number) for number in range(60)] + [1_000.0 + number for number in range(60)]
    found = part(made(count, followers=followers, likes=likes), "engagement")
    assert abs(found[59] - found[119]) < 0.05, "the liveliest of the small is as far up as that of the large"
    assert found[0] < 0.1 < 0.9 < found[59]


def test_relevance_recency_and_resonance_say_what_they_are_named_for() -> None:
    authors = made(2, about=[3, 0], silent_days=[0, 30], shares=[1_000, 0], replies=[0, 0])
    assert part(authors, "relevance") == [0.8, 0.2]
    assert part(authors, "recency") == [1, 0.5]
    assert part(authors, "resonance") == [1, 0]


def test_a_moment_to_come_is_not_more_recent_than_now() -> None:
    assert part(made(1, silent_days=[-3]), "recency") == [1]


def test_claims_count_as_far_as_the_credit_goes() -> None:
    honest = made(2)
    doubtful = replace(honest, people=np.array([1.0, 0.5]))
    yardsticks = measure(honest)
    before, after = (rate(authors, yardsticks, INFLUENCE_WEIGHTS) for authors in (honest, doubtful))
    assert after.score[0] == before.score[0]
    claimed = sum(points_of(INFLUENCE_WEIGHTS, name, before.parts[name][1], 1.0) for name in CLAIMS)
    assert before.score[1] - after.score[1] == pytest.approx(claimed / 2)


def test_an_audience_that_only_knows_itself_takes_credit_away() -> None:
    found = credit(np.ones(3), np.array([0.0, 40, 40]), np.array([0.0, 40, 4]))
    assert found.tolist() == [1, 1, 0.2]


def test_size_classes_begin_at_their_bounds() -> None:
    followers = np.array([np.nan, 9_999, 10_000, 50_000, 500_000, 1_000_000])
    assert size_of(followers).tolist() == [0, 0, 1, 2, 3, 4]


def test_a_part_without_weight_counts_nothing() -> None:
    authors = made(2, followers=[0, 1e6])
    only = {"recency": 1.0}
    assert rate(authors, measure(authors), only).score.tolist() == pytest.approx([97.7, 97.7], abs=0.1)


def test_nobody_and_one_are_rated_without_error() -> None:
    for count in (0, 1):
        authors = made(count)
        assert rate(authors, measure(authors), INFLUENCE_WEIGHTS).score.size == count


numbers = st.lists(st.floats(0, 1e7, allow_nan=False), min_size=6, max_size=6)


@given(numbers, numbers, numbers, numbers)
def test_points_add_up_to_a_score_of_0_to_100(
    followers: list[float], likes: list[float], shares: list[float], standing: list[float]
) -> None:
    authors = made(6, followers=followers, likes=likes, shares=shares, standing=standing)
    found = rate(authors, measure(authors), INFLUENCE_WEIGHTS)
    assert ((found.score >= 0) & (found.score <= 100.000001)).all()
    points = sum(points_of(INFLUENCE_WEIGHTS, name, found.parts[name], found.credit) for name in PARTS)
    assert np.allclose(points, found.score)


@given(numbers, st.integers(0, 5))
def test_a_few_are_rated_as_they_are_among_all(followers: list[float], chosen: int) -> None:
    authors = made(6, followers=followers)
    yardsticks = measure(authors)
    whole = rate(authors, yardsticks, INFLUENCE_WEIGHTS)
    one = made(1, followers=[followers[chosen]])
    assert rate(one, yardsticks, INFLUENCE_WEIGHTS).score[0] == pytest.approx(whole.score[chosen])
