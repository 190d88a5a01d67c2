"""Who matters: a score of 0–100 for each author of a brand, made of parts that can be shown one by one.

Pure: arrays in, arrays out. `measure` learns the yardsticks from all authors of a brand, `rate` holds any of them
against yardsticks; so a few authors can be rated anew without looking at the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.authenticity import Floats

PARTS = ("reach", "engagement", "resonance", "relevance", "recency", "position")
CLAIMS = frozenset({"reach", "engagement", "resonance"})
"""Made of numbers that can be bought; they count as far as the credit goes."""

FULL_REACH = 1_000_000
"""Followers from which on reach is complete."""
HALF_LIFE_DAYS = 30
"""After so many days of silence recency is halved."""
SIZES = {"nano": 0, "micro": 10_000, "mid": 50_000, "macro": 500_000, "mega": 1_000_000}
"""Size classes by their fewest followers."""
FEWEST_PEERS = 50
"""A size class with fewer authors on a network is compared with the whole network."""
USUAL_MENTIONS = 3
"""Engagement is known this much before the first mention: one lucky post does not make a habit."""
USUAL_AUDIENCE = 5
"""The credit of an audience is known this much before anybody turned to an author."""
STEPS = 200
FEWEST_SHARES = 50
"""Resonance is never complete below so many shares and replies, however quiet the others are."""
FEWEST_STANDING = 10
"""Position is never complete below so many times the standing of somebody to whom nobody turns."""

Yardsticks = dict[str, Any]
"""What `measure` learnt: JSON values."""


@dataclass(frozen=True, slots=True)
class Authors:
    """What is known of some authors of a brand; one place of each array an author."""

    networks: Sequence[str]
    """The names that `network` counts through."""
    network: NDArray[np.int64]
    followers: Floats
    """NaN where the network has no such number."""
    mentions: Floats
    likes: Floats
    shares: Floats
    replies: Floats
    about: Floats
    """How many of the mentions are about the brand."""
    silent_days: Floats
    """Days since the latest mention."""
    people: Floats
    """nlp/authenticity.py people()."""
    audience: Floats
    """How many others turn to the author."""
    independent: Floats
    """How many of them are people and independent of one another."""
    standing: Floats
    """nlp/ties.py standing()."""


@dataclass(frozen=True, slots=True)
class Rating:
    """For each author the score (0–100), its parts (0–1) and the credit (0–1) that claims get."""

    score: Floats
    parts: Mapping[str, Floats]
    credit: Floats


def size_of(followers: Floats) -> NDArray[np.int64]:
    """The number of each author's size class, in the order of SIZES; 0 where followers are unknown."""
    bounds = np.array([*SIZES.values()][1:])
    return np.asarray(np.searchsorted(bounds, np.nan_to_num(followers), "right"), np.int64)


def credit(people: Floats, audience: Floats, independent: Floats) -> Floats:
    """0–1: how far an author's figures may be believed, by what it does and who turns to it."""
    return np.asarray(people * (independent + USUAL_AUDIENCE) / (audience + USUAL_AUDIENCE))


def measure(authors: Authors) -> Yardsticks:
    """The yardsticks of a brand, from all its authors."""
    received = _received(authors)
    usual = {
        name: float(received[here].sum() / max(authors.mentions[here].sum(), 1))
        for name, here in _by_network(authors)
    }
    rates = _engagement_rate(authors, usual)
    known = ~np.isnan(authors.followers)
    return {
        "usual": usual,
        "rates": {key: _grid(rates[here]) for key, here in _peer_groups(authors)},
        "received": {name: _grid(received[here]) for name, here in _by_network(authors)},
        "reach": _grid(_reach_of(authors.followers[known])),
        "shares": float(max(FEWEST_SHARES, _nearly_most(authors.shares + authors.replies))),
        "standing": float(max(FEWEST_STANDING, _nearly_most(authors.standing))),
    }


def rate(authors: Authors, yardsticks: Yardsticks, weights: Mapping[str, float]) -> Rating:
    """Score, parts and credit of each author. `weights` are relative; a part without one counts nothing."""
    parts = {
        "reach": _reach(authors, yardsticks),
        "engagement": _engagement(authors, yardsticks),
        "resonance": _log_share(authors.shares + authors.replies, yardsticks["shares"]),
        "relevance": (authors.about + 1) / (authors.mentions + 2),
        "recency": 0.5 ** (np.maximum(authors.silent_days, 0) / HALF_LIFE_DAYS),
        "position": np.clip(
            np.log(np.maximum(authors.standing, 1)) / np.log(max(yardsticks["standing"], FEWEST_STANDING)), 0, 1
        ),
    }
    believed = credit(authors.people, authors.audience, authors.independent)
    points = sum(points_of(weights, name, parts[name], believed) for name in PARTS)
    return Rating(np.asarray(points), parts, believed)


def points_of(weights: Mapping[str, float], name: str, part: Any, believed: Any) -> Any:
    """What a part adds to the score; all points together are the score. For numbers and arrays."""
    return 100 * weights.get(name, 0) / sum(weights.values()) * part * (believed if name in CLAIMS else 1)


# --- the parts ---------------------------------------------------------------------------------------------------


def _received(authors: Authors) -> Floats:
    return np.asarray(authors.likes + authors.shares + authors.replies)


def _reach_of(followers: Floats) -> Floats:
    return np.asarray(np.clip(np.log1p(followers) / np.log1p(FULL_REACH), 0, 1))


def _reach(authors: Authors, yardsticks: Yardsticks) -> Floats:
    """By followers; where they are unknown, as far up as what the author receives stands within the network."""
    reach = _reach_of(authors.followers)
    known = np.asarray(yardsticks["reach"])
    received = _received(authors)
    for name, here in _by_network(authors):
        blind = here & np.isnan(authors.followers)
        place = _place(received[blind], yardsticks["received"].get(name, ()))
        reach[blind] = np.interp(place, np.linspace(0, 1, known.size), known) if known.size else place
    return reach


def _engagement_rate(authors: Authors, usual: Mapping[str, float]) -> Floats:
    expected = np.array([usual.get(name, 0.0) for name in authors.networks])[authors.network]
    return np.asarray((_received(authors) + USUAL_MENTIONS * expected) / (authors.mentions + USUAL_MENTIONS))


def _engagement(authors: Authors, yardsticks: Yardsticks) -> Floats:
    """The place among the peers: authors of the same size on the same network."""
    rates = _engagement_rate(authors, yardsticks["usual"])
    place = np.full(rates.size, 0.5)
    sizes = size_of(authors.followers)
    for name, here in _by_network(authors):
        for size, word in enumerate(SIZES):
            peers = here & (sizes == size)
            grid = yardsticks["rates"].get(f"{name}/{word}", yardsticks["rates"].get(name, ()))
            place[peers] = _place(rates[peers], grid)
    return place


def _by_network(authors: Authors) -> list[tuple[str, NDArray[np.bool_]]]:
    return [(name, authors.network == number) for number, name in enumerate(authors.networks)]


def _peer_groups(authors: Authors) -> list[tuple[str, NDArray[np.bool_]]]:
    sizes = size_of(authors.followers)
    groups = _by_network(authors)
    for name, here in _by_network(authors):
        for size, word in enumerate(SIZES):
            peers = here & (sizes == size)
            if peers.sum() >= FEWEST_PEERS:
                groups.append((f"{name}/{word}", peers))
    return groups


def _grid(values: Floats) -> list[float]:
    """The values in STEPS equal shares, smallest first; empty where there are none."""
    return [float(v) for v in np.quantile(values, np.linspace(0, 1, STEPS + 1))] if values.size else []


def _place(values: Floats, grid: Sequence[float]) -> Floats:
    """The share of the grid below each value, equals counted half; 0.5 without a grid."""
    if not len(grid):
        return np.full(values.size, 0.5)
    left, right = (np.searchsorted(np.asarray(grid), values, side) for side in ("left", "right"))
    return np.asarray((left + right) / 2 / len(grid))


def _nearly_most(values: Floats) -> float:
    """The tenth highest of many, the highest of a few: a single outlier does not make all others small."""
    place = min(10, max(1, values.size // 100))
    return float(np.partition(values, -place)[-place]) if values.size else 0.0


def _log_share(values: Floats, full: float) -> Floats:
    return np.asarray(np.clip(np.log1p(values) / np.log1p(full), 0, 1))
