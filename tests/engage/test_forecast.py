import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.alert_words import between, outlook_words
from engage.forecast import FEWEST, STEP_S, Passed, _reactions, forecast
from tests.bench.forecast import cascade, holds, judged

HOUR_S = 3600.0


def every(minutes: float, count: int, people: int | None = 500) -> list[Passed]:
    return [Passed(60 * minutes * place, people) for place in range(count)]


def test_eight_of_ten_made_cascades_end_within_the_interval() -> None:
    found = list(judged(40, seed=3))
    posts = np.mean([holds(told.posts, came) for _, told, came, _, _ in found])
    people = np.mean([holds(told.people, came) for _, told, _, came, _ in found])
    assert 0.7 <= posts <= 0.95 and 0.65 <= people <= 0.95


def test_it_looks_at_the_past_only() -> None:
    events = next(made for seed in range(99) if len(made := cascade(np.random.default_rng(seed))) > 200)
    now = events[40][0]
    heard = [Passed(*one) for one in events if one[0] <= now]
    assert forecast([Passed(*one) for one in events], now) == forecast(heard, now)


def test_too_few_is_nothing() -> None:
    assert forecast([], 0) is None
    assert forecast(every(2, FEWEST - 1), HOUR_S) is None
    assert forecast(every(2, FEWEST), HOUR_S) is not None
    assert forecast(every(2, FEWEST), 30 * 24 * HOUR_S) is None, "what was passed on a month ago is over"


def test_what_still_runs_goes_further_than_what_has_died_down() -> None:
    fresh, old = forecast(every(2, 60), 2 * HOUR_S), forecast(every(2, 60), 20 * HOUR_S)
    assert fresh and old and fresh.people and old.people
    assert old.posts[1] < fresh.posts[1] and old.people[1] < fresh.people[1]


def test_without_followers_there_are_posts_but_no_people() -> None:
    told = forecast(every(2, 60, None), 2 * HOUR_S)
    assert told and told.people is None and told.posts[1] > 0


def test_a_burst_of_huge_accounts_has_an_end() -> None:
    told = forecast([Passed(float(place), 50_000_000) for place in range(3000)], 3000.0)
    assert told and told.people and told.people[1] < 10**15


def test_reactions_are_those_of_the_source() -> None:
    shares = _reactions(5_000)
    assert shares[0] == 0 and (np.diff(shares[1:]) < 0).all()
    assert 0.85 < shares.sum() < 1
    an_hour = int(HOUR_S / STEP_S)
    assert shares[10 * an_hour] / shares[an_hour] == pytest.approx(10**-1.242, rel=0.1)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.floats(0, 90_000), st.none() | st.integers(0, 10**8)), max_size=40))
def test_whatever_was_heard_the_interval_is_one(heard: list[tuple[float, int | None]]) -> None:
    passed = [Passed(*one) for one in heard]
    told = forecast(passed, 90_000)
    assert told == forecast(passed[::-1], 90_000), "whatever the order, and the same again"
    if told:
        assert 0 <= told.posts[0] <= told.posts[1]
        assert told.people is None or 0 <= told.people[0] <= told.people[1]


@pytest.mark.parametrize(
    ("outlook", "words"),
    [
        (None, ""),
        ({"posts": None, "people": None}, "Too few have passed it on to say how far it will go."),
        (
            {"posts": [28, 71], "people": [40_321, 90_876]},
            "In the next 24 hours likely 40,000–91,000 more people, by 28–71 more posts.",
        ),
        (
            {"posts": [0, 7], "people": None},
            "In the next 24 hours likely up to 7 more posts. This network does not tell how many people see them.",
        ),
        (
            {"posts": [321, 560_000], "people": [160_400, 280_000_000]},
            "In the next 24 hours likely at least 160,000 more people, by 320 more posts; "
            "too early to say how far beyond.",
        ),
        ({"posts": [0, 600], "people": None}, "Too early to say how far it will go within 24 hours."),
    ],
)
def test_in_words(outlook: dict[str, object] | None, words: str) -> None:
    assert outlook_words({"outlook": outlook} if outlook else {}) == words


def test_no_figure_is_surer_than_it_is() -> None:
    assert [between(*pair) for pair in [(0, 0), (3, 3), (12_345, 12_399), (99, 101)]] == [
        "about 0", "about 3", "about 12,000", "99–100",
    ]  # fmt: skip
