import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage import detection
from engage.detection import DAY, HOUR, WEEK, Baseline, Counts, Numbers

MONDAY = 2956 * WEEK + 4 * DAY
"""A Monday at midnight, in steps since 1970, which began on a Thursday."""


def usual(rate_an_hour: float, weeks: float, seed: int = 3) -> Counts:
    """Mentions by chance, twice as many in daylight."""
    dice = np.random.default_rng(seed)
    steps = np.arange(MONDAY, MONDAY + int(weeks * WEEK))
    daylight = np.where((steps // HOUR) % 24 >= 12, 4 / 3, 2 / 3)
    return Counts(MONDAY, dice.poisson(rate_an_hour / HOUR * daylight).astype(float))


def with_spike(counts: Counts, at: int, extra: int) -> Counts:
    values = counts.values.copy()
    values[at - counts.first : at - counts.first + 3] += extra / 3
    return Counts(counts.first, values)


def rarest(counts: Counts, since: int) -> float:
    baseline = detection.learn(counts.between(0, since))
    return float(detection.judge(counts.between(since - 400, counts.end), baseline, since).often.min())


def test_the_week_begins_on_monday() -> None:
    assert detection.hour_of_week(np.array([MONDAY, MONDAY + 25 * HOUR, MONDAY - 1])).tolist() == [0, 25, 167]


def test_the_rhythm_of_the_week_is_learnt() -> None:
    rates = detection.learn(usual(12, 8)).rates
    assert rates.reshape(7, 24)[:, 2:10].mean() == pytest.approx(8, rel=0.1)
    assert rates.reshape(7, 24)[:, 14:22].mean() == pytest.approx(16, rel=0.1)


def test_past_spikes_are_cut_off() -> None:
    calm = usual(12, 8)
    wild = with_spike(with_spike(calm, MONDAY + WEEK + 40 * HOUR, 3000), MONDAY + 3 * WEEK + 40 * HOUR, 3000)
    assert detection.learn(wild).rates[40] < 1.5 * detection.learn(calm).rates[40]


def test_a_day_on_which_nobody_listened_lowers_nothing() -> None:
    counts = usual(12, 8)
    blind = counts.values.copy()
    blind[7 * DAY : 14 * DAY] = 0
    learnt = detection.learn(Counts(counts.first, blind)).rates.mean()
    assert learnt == pytest.approx(detection.learn(counts).rates.mean(), rel=0.05)


def test_a_spike_is_rare_and_a_usual_hour_is_not() -> None:
    counts = usual(12, 8.2)
    since = MONDAY + 8 * WEEK
    assert rarest(counts, since) > 0.05
    assert rarest(with_spike(counts, since + 60, 40), since) < 1e-6


def test_a_brand_with_hardly_a_mention_does_not_alarm_by_chance() -> None:
    counts = Counts(MONDAY, np.zeros(8 * WEEK + 100))
    since = MONDAY + 8 * WEEK
    assert rarest(counts, since) == np.inf
    assert rarest(with_spike(counts, since + 9, 3), since) == np.inf, "too few to be called a spike"


def test_a_liked_share_is_not_a_spike_but_a_turned_one_is() -> None:
    whole = usual(20, 8.2)
    dice = np.random.default_rng(5)
    part = Counts(whole.first, dice.binomial(whole.values.astype(int), 0.3).astype(float))
    since = MONDAY + 8 * WEEK
    share, clumping = detection.usual_share(part.between(0, since), whole.between(0, since))
    assert share == pytest.approx(0.3, abs=0.02)

    def least(part: Counts) -> float:
        recent = part.between(since - 400, part.end), whole.between(since - 400, whole.end)
        return float(detection.judge_share(*recent, share, clumping, since).often.min())

    turned = part.values.copy()
    turned[-60:-12] = whole.values[-60:-12]
    assert least(part) > 0.05
    assert least(Counts(part.first, turned)) < 0.01


def test_the_onset_is_where_it_began() -> None:
    values = np.zeros(48)
    values[[3, 17]] = 1
    values[40:] = 5
    assert detection.onset(Counts(100, values), 4.0, 48, 147) == 140


def test_a_stored_baseline_is_the_same() -> None:
    learnt = detection.learn(usual(3, 2))
    again = Baseline.from_json(learnt.as_json())
    assert again.dispersions == learnt.dispersions
    assert np.allclose(again.rates, learnt.rates, atol=1e-6)


def test_authors_who_reach_further_than_any_are_rare() -> None:
    reaches = np.random.default_rng(1).lognormal(5, 1.5, 900)
    tail = detection.learn_reach(reaches, 8 * WEEK)
    assert tail is not None
    rare, common = tail.a_week_beyond(np.array([3_000_000.0, float(np.median(reaches))]))
    assert rare < 0.05 and common == np.inf
    assert detection.learn_reach(reaches[:10], 8 * WEEK) is None


@given(st.integers(1, 400), st.floats(0.01, 100), st.floats(0.002, 2))
def test_the_tail_is_a_chance_that_falls(count: int, mean: float, dispersion: float) -> None:
    counts: Numbers = np.array([0, count, count + 1], float)
    none, some, more = detection.tail(counts, np.full(3, mean), dispersion)
    assert none == 1 and 0 <= more <= some <= 1


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.02, 0.98), st.floats(0.005, 0.5))
def test_so_is_the_tail_of_a_share(part: int, rest: int, share: float, clumping: float) -> None:
    some, whole = np.array([part], float), np.array([part + rest], float)
    (chance,) = detection.share_tail(some, whole, share, clumping)
    (more,) = detection.share_tail(some + 1, whole + 1, share, clumping)
    assert 0 <= chance <= 1 and more <= chance + 1e-9
