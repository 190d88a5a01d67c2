"""How surely planted incidents are found, and how often the detector cries wolf. `python -m tests.bench.detection`.

The series are made: mentions that come in flocks (negative binomial, dispersion 0.1 over a quarter of an hour), a
rhythm of day and week, and livelier and duller days. An incident of 5 sigma is as many further mentions in a quarter
of an hour as lift a usual quarter to what chance brings once in 3.5 million quarters (the one-sided chance of five
standard deviations). It is found when an alarm comes within that quarter of an hour. False alarms less than two hours
apart are one, as for alerts.
"""

import sys

import numpy as np
from scipy.special import betainc  # type: ignore[import-untyped]

from engage import detection
from engage.detection import DAY, FEWEST, HOUR, WEEK, Counts, Numbers
from engage.incidents import BEFORE, QUIET
from tests.bench.tables import table

MONDAY = 2956 * WEEK + 4 * DAY
LEARNT, JUDGED = 8, 4
"""Weeks."""
PLANTED = 20
"""Incidents a week."""
DISPERSION = 0.1
FIVE_SIGMA = 2.87e-7
HOURS = np.array((3, 2, 1, 1, 2, 4, 8, 11, 12, 11, 10, 10, 11, 10, 10, 11, 13, 15, 16, 15, 13, 10, 7, 5), float)
DAYS = np.array((10, 10, 9, 9, 10, 7, 6), float)
RATES = (1, 5, 20, 100, 500)
GOAL_FOUND, GOAL_FALSE = 0.95, 1.0


def made_series(dice: np.random.Generator, rate_an_hour: float) -> tuple[Counts, Numbers]:
    """Counts of twelve weeks, and what was to be expected of each step."""
    length = (LEARNT + JUDGED) * WEEK
    hours = detection.hour_of_week(np.arange(MONDAY, MONDAY + length))
    mean = rate_an_hour / HOUR * (HOURS / HOURS.mean())[hours % 24] * (DAYS / DAYS.mean())[hours // 24]
    mood = np.zeros(length // DAY)
    for day in range(1, len(mood)):
        mood[day] = 0.7 * mood[day - 1] + dice.normal(0, 0.14)
    mean = mean * np.exp(np.repeat(mood, DAY))
    flocks = np.repeat(dice.gamma(1 / DISPERSION, DISPERSION, length // 3), 3)
    return Counts(MONDAY, dice.poisson(mean * flocks).astype(float)), mean


def extra(mean: float) -> int:
    """Mentions that make a quarter of an hour one of five sigma."""
    shape = 1 / DISPERSION
    counts = np.arange(1.0, 40 * mean + 60)
    return max(int(counts[np.argmax(betainc(counts, shape, mean / (shape + mean)) < FIVE_SIGMA)] - mean) + 1, FEWEST)


def alarms(counts: Counts, baseline: detection.Baseline, since: int, allowed: float) -> Numbers:
    """The steps at which it would alarm."""
    judged = detection.judge(counts.between(since - BEFORE, counts.end), baseline, since)
    steps: Numbers = np.flatnonzero(judged.often < allowed).astype(np.float64) + since
    return steps


def measured(rate: float, series: int, brands: int, seed: int) -> tuple[float, float]:
    """False alarms a week of a brand, and the share of incidents that was found."""
    dice = np.random.default_rng(seed)
    wrong = found = planted = 0
    for _ in range(brands):
        first = [made_series(dice, rate) for _ in range(series)]
        for week in range(LEARNT, LEARNT + JUDGED):
            since = MONDAY + week * WEEK
            heard: list[int] = []
            for counts, mean in first:
                baseline = detection.learn(counts.between(0, since))
                heard += alarms(counts.between(0, since + WEEK), baseline, since, 1 / series).astype(int).tolist()
                for _ in range(PLANTED // series):
                    at = since + 3 * int(dice.integers(0, WEEK // 3))
                    found += _is_found(counts, mean, baseline, at, 1 / series)
                    planted += 1
            wrong += sum(
                late - early > QUIET for early, late in zip([0, *sorted(heard)], sorted(heard), strict=False)
            )
    return wrong / (brands * JUDGED), found / planted


def _is_found(counts: Counts, mean: Numbers, baseline: detection.Baseline, at: int, allowed: float) -> bool:
    values = counts.values[: at + 3 - MONDAY].copy()
    values[-3:] += np.bincount(np.arange(extra(mean[at - MONDAY : at + 3 - MONDAY].sum())) % 3, minlength=3)
    return len(alarms(Counts(MONDAY, values), baseline, at, allowed)) > 0


def main(brands: int) -> None:
    """The table."""
    rows = []
    for rate in RATES:
        for series in (1, 4):
            wrong, found = measured(rate, series, brands, seed=rate)
            rows.append((f"{rate} an hour", str(series), f"{100 * found:.1f} %", f"{wrong:.2f}"))
    table(
        f"Planted incidents of 5 sigma, {brands} brands x {JUDGED} weeks, one false alarm a week allowed "
        f"(goal: found >= {100 * GOAL_FOUND:.0f} %, false <= {GOAL_FALSE:.0f})",
        ("usual", "series", "found in 15 min", "false a week"),
        rows,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
