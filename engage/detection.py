"""Finds spikes in counts, by values alone: what is usual at this hour of the week, and how unlikely is what came.

Counts are mentions per five minutes. What is usual is learnt from the weeks before: a rate for each hour of the week,
drawn towards the rhythm of day and week where there is little history, with past spikes cut off. What came is judged
over the last quarter of an hour, hour and four hours by a negative binomial, because mentions come in flocks; its
dispersion is estimated for each of the three. The threshold follows from how many false alarms a week are allowed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

STEP_S = 300
HOUR, DAY, WEEK = 12, 288, 2016
"""In steps."""
WINDOWS: tuple[int, ...] = (3, 12, 48)
"""A quarter of an hour, an hour, four hours."""
INDEPENDENT: tuple[float, ...] = (2200.0, 3000.0, 2400.0)
"""As windows roll, so many a week are as good as independent (tests/bench/detection.py measures it)."""
PARTS: tuple[float, ...] = (0.6, 0.25, 0.15)
"""How the false alarms that are allowed are shared among WINDOWS: most for the quickest."""
SHARE_WINDOWS = slice(1, 3)
"""A share is taken over the longer ones only."""
LEARNING = 3 * DAY
"""So much history is needed before anything is judged."""
HISTORY = 8 * WEEK
FEWEST = 5
"""Mentions in a window below which nothing is called a spike."""
FEWEST_SHARE = 8
"""Mentions of which a share can be taken."""

RHYTHM_WEIGHT = 20.0
"""An hour of the week is drawn towards the rhythm as if by so many mentions."""
LEVEL_WEIGHT = 20.0
LEVEL_FROM = 28 * HOUR
LEVELS: tuple[tuple[int, int], ...] = ((8 * HOUR, 2 * HOUR), (LEVEL_FROM, 4 * HOUR), (LEVEL_FROM, 4 * HOUR))
"""How lively it is is one part of what is usual, taken for each of WINDOWS from these steps before: a quarter of an
hour is held against the last hours, longer ones against the day."""
ROUNDS = 4
CUT = 3.5
"""Past counts above this many deviations are cut down to it."""
FIRST_DISPERSION, LEAST_DISPERSION = 0.1, 0.002
MOST_PULL = 0.75
BLIND_FROM = 12.0
"""A day without a mention, where this many are usual, is one on which nobody listened."""
THURSDAY = 3 * 24
"""Time begins on a Thursday."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Mentions per step; `first` is the number of its first step since 1970."""

    first: int
    values: Numbers

    @property
    def end(self) -> int:
        """The step after the last."""
        return self.first + len(self.values)

    def between(self, start: int, end: int) -> "Counts":
        """The part from step `start` to before `end`."""
        start = max(start, self.first)
        return Counts(start, self.values[start - self.first : max(end, start) - self.first])


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for one series."""

    rates: Numbers
    """Mentions per hour, for the 168 hours of a week from Monday, UTC."""
    dispersions: tuple[float, ...]
    """For each of WINDOWS: variance = mean + dispersion * mean squared."""
    heard: float
    """Mentions that it was learnt from."""
    steps: int
    """Length of the history."""

    def as_json(self) -> dict[str, Any]:
        """For storing."""
        rates = [round(float(rate), 6) for rate in self.rates]
        return {"rates": rates, "dispersions": list(self.dispersions), "heard": self.heard, "steps": self.steps}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Baseline":
        """What `as_json` gave."""
        return cls(np.array(stored["rates"]), tuple(stored["dispersions"]), stored["heard"], stored["steps"])

    def expected(self, first: int, length: int) -> Numbers:
        """Usual mentions for each step."""
        return self.rates[hour_of_week(np.arange(first, first + length))] / HOUR


@dataclass(frozen=True, slots=True)
class Judged:
    """How unusual each step is, by the most unusual of the windows that end with it."""

    first: int
    often: Numbers
    """How often a week as much comes by chance; infinite where there is too little to judge."""
    window: NDArray[np.int64]
    """Length of that window in steps."""
    count: Numbers
    expected: Numbers


def hour_of_week(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 for Monday 00:00 UTC to 167."""
    return (steps // HOUR + THURSDAY) % 168


# --- what is usual -----------------------------------------------------------------------------------------------


def learn(counts: Counts) -> Baseline:
    """The baseline of a series from its past, which ends before what will be judged."""
    start = -counts.first % HOUR
    whole = (len(counts.values) - start) // HOUR
    hours = counts.values[start : start + whole * HOUR].reshape(whole, HOUR).sum(axis=1)
    places = hour_of_week((counts.first + start) + HOUR * np.arange(whole))
    known = ~_blind(hours)
    rates, pull, cut = _rates(hours[known], places[known])
    usual = rates[places]
    kept = np.where(known, np.minimum(hours, cut(usual)), usual)
    share = np.repeat(np.divide(kept, hours, out=np.ones(whole), where=hours > 0), HOUR)
    steps = counts.values[start : start + whole * HOUR]
    dispersions = _dispersions(
        steps, np.repeat(usual / HOUR, HOUR), share, np.repeat(known, HOUR), np.repeat(pull[places], HOUR)
    )
    return Baseline(rates, dispersions, float(kept[known].sum()), len(counts.values))


def _blind(hours: Numbers) -> NDArray[np.bool_]:
    """Hours of days on which nobody listened: not one mention where many are usual."""
    blind = np.zeros(len(hours), bool)
    daily = hours.mean() * 24 if len(hours) else 0.0
    if daily >= BLIND_FROM:
        for start in range(0, len(hours) - 23, 24):
            blind[start : start + 24] = not hours[start : start + 24].any()
    return blind


def _rates(hours: Numbers, places: NDArray[np.int64]) -> tuple[Numbers, Numbers, Any]:
    """Mentions per hour of the week, robust to spikes; how far one more mention in an hour would pull its rate; and
    the function that tells where a count is cut."""
    kept, dispersion = np.minimum(hours, 3 * np.quantile(hours, 0.95) + 3) if len(hours) else hours, 1.0

    def cut(usual: Numbers) -> Numbers:
        return usual + CUT * np.sqrt(usual + dispersion * usual**2) + 1

    rates, pull = np.zeros(168), np.zeros(168)
    for _ in range(ROUNDS):
        seen: Numbers = np.bincount(places, minlength=168).astype(np.float64)
        heard: Numbers = np.bincount(places, weights=kept, minlength=168).astype(np.float64)
        rhythm = _rhythm(heard, seen)
        weight = np.minimum(RHYTHM_WEIGHT, seen.sum())
        rates = np.where(rhythm > 0, rhythm * (heard + weight) / (seen * rhythm + weight), 0.0) if weight else rates
        pull = np.divide(rhythm, seen * rhythm + weight, out=np.zeros(168), where=rhythm > 0)
        usual = rates[places]
        dispersion = _dispersion(kept, usual)
        kept = np.minimum(hours, cut(usual))
    return rates, pull, cut


def _rhythm(heard: Numbers, seen: Numbers) -> Numbers:
    """The mean, shaped by the hour of the day and the day of the week as far as enough was heard to tell."""
    mean = heard.sum() / max(seen.sum(), 1)
    if mean == 0:
        return np.zeros(168)
    by_hour = _factor(heard.reshape(7, 24).sum(axis=0), mean * seen.reshape(7, 24).sum(axis=0))
    by_hour = (np.roll(by_hour, 1) + 2 * by_hour + np.roll(by_hour, -1)) / 4
    by_day = _factor(heard.reshape(7, 24).sum(axis=1), mean * seen.reshape(7, 24).sum(axis=1))
    shape: Numbers = mean * np.outer(by_day, by_hour).ravel()
    return shape


def _factor(heard: Numbers, usual: Numbers) -> Numbers:
    factor: Numbers = (heard + RHYTHM_WEIGHT) / (usual + RHYTHM_WEIGHT)
    return factor


def _dispersions(
    steps: Numbers, usual: Numbers, share: Numbers, known: NDArray[np.bool_], pull: Numbers
) -> tuple[float, ...]:
    """For each window, from windows that don't overlap, how lively it was taken into account."""
    found = []
    for window, since in zip(WINDOWS, LEVELS, strict=True):
        around = usual * _level(steps * share, usual, since)
        came, mean = _blocks(steps, window), _blocks(around, window)
        listened = _blocks(known.astype(np.float64), window) == window
        pulled = _blocks(pull, window) / window * min(1.0, window / HOUR)
        found.append(_robust_dispersion(came[listened], mean[listened], _surprise(pulled[listened])))
    return tuple(found)


def _surprise(pull: Numbers) -> Numbers:
    """How many times larger squared errors are in weeks to come than in those learnt from.

    A past count pulled what is usual towards itself, so it missed it by less than a new one will.
    """
    held = np.minimum(pull, MOST_PULL)
    times: Numbers = (1 + held) / (1 - held)
    return times


def _robust_dispersion(came: Numbers, mean: Numbers, surprise: Numbers) -> float:
    dispersion = FIRST_DISPERSION
    for _ in range(ROUNDS):
        cut = mean + (CUT + 1) * np.sqrt(mean + dispersion * mean**2) + 1
        dispersion = _dispersion(np.minimum(came, cut), mean, surprise)
    return dispersion


def _dispersion(came: Numbers, mean: Numbers, surprise: Numbers | float = 1.0) -> float:
    """By moments."""
    weight = float((mean**2).sum())
    wide = float((surprise * (came - mean) ** 2 - mean).sum())
    return max(LEAST_DISPERSION, wide / weight) if weight else FIRST_DISPERSION


def _level(came: Numbers, usual: Numbers, since: tuple[int, int]) -> Numbers:
    """How lively it was from so many steps to so many before each step, against what is usual, drawn towards 1."""
    steps = np.arange(len(came))
    start, end = (np.maximum(steps - before, 0) for before in since)

    def total(values: Numbers) -> Numbers:
        summed = np.concatenate(([0.0], np.cumsum(values)))
        part: Numbers = summed[end] - summed[start]
        return part

    level: Numbers = (total(came) + LEVEL_WEIGHT) / (total(usual) + LEVEL_WEIGHT)
    return level


# --- how unlikely is what came -----------------------------------------------------------------------------------


def judge(counts: Counts, baseline: Baseline, since: int) -> Judged:
    """Every step from `since` on; `counts` should begin LEVEL_FROM + 48 steps before that."""
    usual = baseline.expected(counts.first, len(counts.values))
    calm = _cut_spikes(counts.values, usual, baseline.dispersions[1])
    unsure = 1 / (baseline.heard + 1)
    tails, came, mean = [], [], []
    for window, since_, dispersion in zip(WINDOWS, LEVELS, baseline.dispersions, strict=True):
        around = usual * _level(calm, usual, since_)
        sums, means = _rolling(counts.values, window), _rolling(around, window)
        chance = tail(sums, means, dispersion + unsure)
        tails.append(np.where(sums >= FEWEST, chance, np.inf))
        came.append(sums)
        mean.append(means)
    return _most_unusual(counts.first, since, slice(0, 3), tails, came, mean)


def judge_share(part: Counts, whole: Counts, share: float, clumping: float, since: int) -> Judged:
    """The same for `part` as a share of `whole`, where `share` is usual (see `usual_share`)."""
    tails, came, mean = [], [], []
    for window in WINDOWS[SHARE_WINDOWS]:
        some, all_ = _rolling(part.values, window), _rolling(whole.values, window)
        chance = share_tail(some, all_, share, clumping)
        tails.append(np.where(all_ >= FEWEST_SHARE, chance, np.inf))
        came.append(some)
        mean.append(all_ * share)
    return _most_unusual(part.first, since, SHARE_WINDOWS, tails, came, mean)


def usual_share(part: Counts, whole: Counts) -> tuple[float, float]:
    """The share that is usual, and how alike the mentions of one stretch are: 0 not at all, 1 all the same."""
    some, all_ = (_blocks(counts.values, WINDOWS[-1]) for counts in (part, whole))
    share = (some.sum() + 1) / (all_.sum() + 3)
    some, all_ = some[all_ >= FEWEST], all_[all_ >= FEWEST]
    if len(all_) < FEWEST:
        return float(share), 0.1
    ratio = np.clip((some - all_ * share) ** 2 / (all_ * share * (1 - share)), 0, 9).mean()
    return float(share), float(np.clip((ratio - 1) / max(all_.mean() - 1, 1), 0.005, 0.5))


def tail(count: Numbers, mean: Numbers, dispersion: float) -> Numbers:
    """Chance of `count` or more, negative binomial."""
    from scipy.special import betainc  # type: ignore[import-untyped]

    shape = 1 / dispersion
    likely: Numbers = np.where(
        count > 0, betainc(np.maximum(count, 1e-9), shape, mean / (shape + np.maximum(mean, 1e-12))), 1.0
    )
    return likely


def share_tail(part: Numbers, whole: Numbers, share: float, clumping: float) -> Numbers:
    """Chance of such a part or a larger one: binomial, with so many fewer mentions as they are alike."""
    from scipy.special import betainc

    fewer = 1 / (1 + np.maximum(whole - 1, 0) * clumping)
    k, n = part * fewer, whole * fewer
    likely: Numbers = np.where(part > 0, betainc(np.maximum(k, 1e-9), np.maximum(n - k, 0) + 1, share), 1.0)
    return likely


def onset(counts: Counts, expected: float, window: int, at: int) -> int:
    """The step at which what was found in the `window` ending at step `at` began: the likeliest one."""
    part = counts.between(at - window + 1, at + 1)
    came = np.cumsum(part.values[::-1])[::-1]
    usual = expected / window * np.arange(len(came), 0, -1) + 1e-9
    more = came * np.log(np.maximum(came, 1e-9) / usual) - (came - usual)
    return part.first + int(np.argmax(np.where(came > usual, more, 0.0)))


def _cut_spikes(values: Numbers, usual: Numbers, dispersion: float) -> Numbers:
    """Counts whose last hour is beyond what is usual, cut down to that."""
    hour, mean = _rolling(values, HOUR), _rolling(usual, HOUR)
    most = mean + CUT * np.sqrt(mean + dispersion * mean**2) + 1
    cut: Numbers = values * np.minimum(1.0, np.divide(most, hour, out=np.ones(len(values)), where=hour > 0))
    return cut


def _rolling(values: Numbers, window: int) -> Numbers:
    """Sums of the last `window` steps."""
    summed = np.concatenate((np.zeros(window), np.cumsum(values)))
    sums: Numbers = np.round(summed[window:] - summed[:-window], 9)
    return sums


def _blocks(values: Numbers, window: int) -> Numbers:
    whole = len(values) // window
    blocks: Numbers = values[: whole * window].reshape(whole, window).sum(axis=1)
    return blocks


def _most_unusual(
    first: int, since: int, chosen: slice, tails: list[Numbers], came: list[Numbers], mean: list[Numbers]
) -> Judged:
    begin = max(since - first, 0)
    a_week = np.array(INDEPENDENT[chosen]) / (np.array(PARTS[chosen]) / sum(PARTS[chosen]))
    often = np.stack(tails)[:, begin:] * a_week[:, None]
    best = often.argmin(axis=0)

    def of_best(rows: Numbers) -> Numbers:
        picked: Numbers = np.take_along_axis(rows, best[None], axis=0)[0]
        return picked

    windows = np.array(WINDOWS[chosen])[best]
    return Judged(
        first + begin,
        of_best(often),
        windows,
        of_best(np.stack(came)[:, begin:]),
        of_best(np.stack(mean)[:, begin:]),
    )


# --- one author who reaches far ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReachTail:
    """How far authors reach who reach far: above `from_` a Pareto tail."""

    a_week: float
    """Author-days a week that reach beyond `from_`."""
    from_: float
    tail: float

    def a_week_beyond(self, reach: Numbers) -> Numbers:
        """How often a week an author reaches so far within a day."""
        beyond = np.maximum(reach, 1) / self.from_
        often: Numbers = np.where(beyond > 1, self.a_week * np.maximum(beyond, 1) ** (-1 / self.tail), np.inf)
        return often


LEAST_AUTHORS = 30
TOP = 0.1


def learn_reach(reaches: Numbers, steps: int) -> ReachTail | None:
    """From what each author reached on each day; None where too few were heard to tell."""
    reached = np.sort(reaches[reaches > 0])
    if len(reached) < LEAST_AUTHORS or steps < LEARNING:
        return None
    top = max(int(len(reached) * TOP), 6)
    from_ = reached[-top - 1]
    thick = float(np.log(reached[-top:] / from_).mean()) * (1 + 1 / np.sqrt(top))
    return ReachTail(top * WEEK / steps, float(from_), max(thick, 0.2))
