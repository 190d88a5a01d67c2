"""How far a post that is being passed on will go within a day: posts and people still to come, as an interval.

Each post draws further ones from those who follow its author: most soon after it, late ones with a long tail, and
fewer the older the matter is. That is a self-exciting process: Zhao, Erdogdu, He, Rajaraman, Leskovec, "SEISMIC" (KDD
2015), whose reaction times are taken over; interest fades as in Kobayashi, Lambiotte, "TiDeH" (ICWSM 2016). How
catching it is, and how quickly it fades, is learnt from the post itself (Gamma prior, closed form); then the next day
is played through many times. Pure, and the same for the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEP_S = 300.0
"""SEISMIC's reaction time as well: until then all moments are as likely."""
TAIL = 0.242
"""How slowly late reactions thin out."""
AHEAD = 288
"""Steps of a day."""
LONGEST = 4 * AHEAD
"""Steps that are looked back at most."""
FADING_H = np.geomspace(1.5, 48, 11)
"""Hours after which interest has fallen to a third; each is as likely before anything is known."""
DOUBT = 0.15
"""What no post can teach (time of day, other habits than SEISMIC's), as a standard deviation of a logarithm."""
FEWEST = 10
"""With fewer posts nothing can be said."""
PLAYED = 400
LOW, HIGH = 10, 90
"""Percent: so many of the plays end below."""
DRAWN = 50
"""Of more posts in one step so many followings are drawn and scaled up."""
MOST_A_STEP = 2000.0
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Passed:
    """A post that passes it on, or the first one."""

    at_s: float
    """Seconds since 1970."""
    people: int | None
    """Followers of its author; None where the network does not tell."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """From – to of the next 24 hours: what happens in eight of ten cases."""

    posts: tuple[int, int]
    people: tuple[int, int] | None
    """Followers of those who will pass it on, added up; None where the network counts none."""


def forecast(passed: Sequence[Passed], now_s: float) -> Forecast | None:
    """What is still to come of what `passed` (the first post too) by `now_s`; None where that is too little."""
    lately = (one for one in passed if 0 <= now_s - one.at_s < LONGEST * STEP_S)
    passed = sorted(lately, key=lambda one: (one.at_s, -1 if one.people is None else one.people))
    if len(passed) < FEWEST:
        return None
    known = [one.people for one in passed if one.people is not None]
    usual = max(float(np.mean(known)), 1.0) if known else 1.0
    weights = np.array([usual if one.people is None else max(one.people, 1) for one in passed])
    steps = ((np.array([one.at_s for one in passed]) - passed[0].at_s) // STEP_S).astype(np.int64)
    length = max(int((now_s - passed[0].at_s) // STEP_S), int(steps[-1])) + 1
    posts, people = _played(steps, weights, length, np.random.default_rng(0))
    return Forecast(_between(posts), _between(people) if known else None)


def _between(values: Floats) -> tuple[int, int]:
    low, high = np.percentile(values, (LOW, HIGH))
    return int(low), int(np.ceil(high))


def _played(
    steps: NDArray[np.int64], weights: Floats, length: int, dice: np.random.Generator
) -> tuple[Floats, Floats]:
    """Posts and people of the next day, in each play."""
    reactions = _reactions(length + AHEAD)
    drawn = np.convolve(np.bincount(steps, weights, length + AHEAD), reactions)[: length + AHEAD]
    catching, fading = _learnt(drawn[:length], steps, weights, dice)
    followings = dice.choice(weights[1:], (PLAYED, len(weights) - 1))
    posts = np.zeros((PLAYED, AHEAD))
    people = np.zeros((PLAYED, AHEAD))
    for ahead in range(AHEAD):
        reached = drawn[length + ahead] + people[:, :ahead] @ reactions[ahead:0:-1]
        expected = catching * np.exp(-(length + ahead) / fading) * reached
        posts[:, ahead] = dice.poisson(np.minimum(expected, MOST_A_STEP))
        people[:, ahead] = _followed(posts[:, ahead].astype(np.int64), followings, dice)
    return posts.sum(axis=1), people.sum(axis=1)


def _learnt(
    drawn: Floats, steps: NDArray[np.int64], weights: Floats, dice: np.random.Generator
) -> tuple[Floats, Floats]:
    """For each play how catching it is, and the steps it fades in: drawn from what speaks for each.

    With a Gamma prior (each post draws one, on average) the share of each fading that is left is closed.
    """
    fading = FADING_H * 3600 / STEP_S
    seen = np.array([(drawn * np.exp(-np.arange(len(drawn)) / scale)).sum() for scale in fading]) + weights.mean()
    likely = -steps.sum() / fading - len(steps) * np.log(seen)
    share = np.exp(likely - likely.max())
    chosen = dice.choice(len(fading), PLAYED, p=share / share.sum())
    return dice.gamma(len(steps), 1 / seen[chosen]) * dice.lognormal(0, DOUBT, PLAYED), fading[chosen]


def _reactions(length: int) -> Floats:
    """The share of reactions that come so many steps later, averaged over the step; none within the same one."""
    ends = np.arange(length + 1) * STEP_S
    late = np.maximum(ends, STEP_S)
    scale = 1 / (STEP_S * (1 + 1 / TAIL))
    tail = scale * STEP_S * (1 + 1 / TAIL) * (late - STEP_S)
    tail -= scale * STEP_S ** (1 + TAIL) / TAIL * (late ** (1 - TAIL) - STEP_S ** (1 - TAIL)) / (1 - TAIL)
    until = np.where(ends > 0, scale * STEP_S**2 / 2, 0) + tail
    shares = np.diff(until, 2, prepend=0) / STEP_S
    shares[1] += shares[0]
    shares[0] = 0
    return np.asarray(shares[:length])


def _followed(counts: NDArray[np.int64], followings: Floats, dice: np.random.Generator) -> Floats:
    """The followers of so many new posts in each play, drawn from those that were seen."""
    some = np.minimum(counts, DRAWN)
    play = np.repeat(np.arange(PLAYED), some)
    found = followings[play, dice.integers(followings.shape[1], size=len(play))]
    return np.asarray(np.bincount(play, found, PLAYED) * counts / np.maximum(some, 1))
