"""How often a forecast of the next day holds, on made cascades. `python -m tests.bench.forecast`.

The cascades are made event by event and by other rules than the forecast assumes: each has a tail of reaction times,
a shortest reaction, a fading, a spread of followings and a rhythm of day and night of its own. Each is looked at when
it is one to eight hours old and ten posts were heard. Beside its middle stands the plain forecast: on as before.
"""

import sys
from collections.abc import Iterator, Sequence

import numpy as np

from engage.forecast import FEWEST, Forecast, Passed, forecast
from tests.bench.__main__ import table

DAY_S = 86_400.0
MOST = 20_000
"""Posts; a larger cascade is left out."""
GOAL = 0.8
SIZES = ((FEWEST, 29), (30, 99), (100, MOST))
Made = tuple[float, int]


def cascade(dice: np.random.Generator) -> list[Made]:
    """Moments (seconds after the first post) and followers, in order of time; over three days."""
    fading, tail = dice.lognormal(np.log(36_000), 0.7), dice.uniform(0.15, 0.4)
    soonest, spread = dice.uniform(120, 600), dice.uniform(1, 1.6)
    catching = dice.uniform(0.8, 3) / np.exp(5.5 + spread**2 / 2)
    rhythm, began = dice.uniform(0, 0.8), dice.uniform(0, DAY_S)
    events = waiting = [(0.0, int(dice.lognormal(8, 1.2)))]
    while waiting and len(events) < MOST:
        born: list[Made] = []
        for at, followers in waiting:
            moments = at + _delays(dice, dice.poisson(catching * followers), tail, soonest)
            moments = moments[moments < 3 * DAY_S]
            awake = (1 + rhythm * np.sin(2 * np.pi * (moments + began) / DAY_S)) / (1 + rhythm)
            moments = moments[dice.random(len(moments)) < np.exp(-moments / fading) * awake]
            born += zip(moments.tolist(), dice.lognormal(5.5, spread, len(moments)).astype(int).tolist(), strict=True)
        events, waiting = events + born, born
    return sorted(events)


def _delays(dice: np.random.Generator, count: int, tail: float, soonest: float) -> np.ndarray:
    chance, early = dice.random(count), 1 / (1 + 1 / tail)
    late = soonest * ((1 - np.maximum(chance, early)) / (1 - early)) ** (-1 / tail)
    return np.where(chance < early, chance / early * soonest, late)


def judged(count: int, seed: int) -> Iterator[tuple[int, Forecast, int, int, float]]:
    """For so many cascades: posts heard, the forecast, posts and people that came, and what the plain one says."""
    dice = np.random.default_rng(seed)
    while count:
        events, now = cascade(dice), dice.uniform(1, 8) * 3600
        heard = [one for one in events if one[0] <= now]
        told = forecast([Passed(*one) for one in heard], now) if len(events) < MOST else None
        if told:
            count -= 1
            came = [followers for at, followers in events if now < at <= now + DAY_S]
            yield len(heard), told, len(came), sum(came), len(heard) / now * DAY_S


def holds(between: tuple[int, int] | None, came: int) -> bool:
    """Whether an interval was right."""
    return between is not None and between[0] <= came <= between[1]


def line(name: str, found: Sequence[tuple[int, Forecast, int, int, float]]) -> tuple[str, ...]:
    """A line of the table."""
    posts = np.mean([holds(told.posts, came) for _, told, came, _, _ in found])
    people = np.mean([holds(told.people, came) for _, told, _, came, _ in found])
    wide = np.median([(told.posts[1] + 1) / (told.posts[0] + 1) for _, told, _, _, _ in found])
    plain = np.mean([came / 2 <= pace <= 2 * came for _, _, came, _, pace in found])
    middle = np.mean([came / 2 - 1 <= sum(told.posts) / 2 <= 2 * came + 1 for _, told, came, _, _ in found])
    return (
        name, f"{len(found):,}", f"{100 * posts:.0f} %", f"{100 * people:.0f} %", f"x {wide:.1f}",
        f"{100 * middle:.0f} %", f"{100 * plain:.0f} %",
    )  # fmt: skip


def main(count: int) -> None:
    """The table."""
    found = list(judged(count, seed=1))
    rows = [
        line(f"{low:,} to {high:,}", some)
        for low, high in SIZES
        if (some := [one for one in found if low <= one[0] <= high])
    ]
    table(
        f"Forecast of the next day, {count:,} made cascades (goal: {100 * GOAL:.0f} % within it; right: within x 2)",
        (
            "posts heard",
            "cascades",
            "posts within",
            "people within",
            "width",
            "middle right",
            "pace right",
        ),
        [*rows, line("all", found)],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
