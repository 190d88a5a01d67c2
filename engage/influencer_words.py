"""Why an author has its score, and what speaks for or against its figures being real: in words, from values alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from engage.influence_tables import Influence, Size
from listener.tables import Author

JUMP = timedelta(days=28)
"""A rise within this time is a jump."""
MANY_SHARED, FEW_PEOPLE = 0.5, 10
"""From this share of an audience on, and from so many people, an overlap is striking."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the score: how full it is (0–1), what it adds, and why."""

    name: str
    label: str
    value: float
    points: float
    most: float
    """The points of a full part."""
    words: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sign for or against an account being what it seems; a person judges."""

    label: str
    words: str
    striking: bool = False


@dataclass(frozen=True, slots=True)
class Overlap:
    """The other author whom most of an audience turns to as well."""

    handle: str
    shared: int
    audience: int


LABELS = {
    "reach": "Reach",
    "engagement": "Engagement",
    "resonance": "Resonance",
    "relevance": "Relevance",
    "recency": "Recency",
    "position": "Position",
}
CLAIMS = ("reach", "engagement", "resonance")


def explained(
    found: Influence, author: Author, yardsticks: Mapping[str, Any], brand: str, now: datetime
) -> list[Part]:
    """The parts of a score; their points add up to it."""
    weights: Mapping[str, float] = yardsticks["weights"]
    whole = sum(weights.values())
    words = {
        "reach": _reach_words(found, author),
        "engagement": _engagement_words(found),
        "resonance": f"Mentions of {brand} were shared {found.shares:,} times and answered {found.replies:,} times",
        "relevance": f"{found.about:,} of {_count(found.mentions, 'mention')} {'is' if found.about == 1 else 'are'} "
        f"about {brand}",
        "recency": f"Last heard {_ago(found.last_at, now)}",
        "position": _position_words(found),
    }
    parts = []
    for name, label in LABELS.items():
        most = 100 * weights.get(name, 0) / whole
        value = getattr(found, name)
        points = most * value * (found.credit if name in CLAIMS else 1)
        parts.append(Part(name, label, value, points, most, words[name]))
    return parts


def _engagement_words(found: Influence) -> str:
    peers = "those of its size" if found.followers is not None else "the others"
    more = _percent(min(found.engagement, 0.99))
    return f"{_number(_rate(found))} reactions to a mention on average, more than {more} of {peers} there"


def _reach_words(found: Influence, author: Author) -> str:
    if found.followers is not None:
        return f"{_count(found.followers, 'follower')}"
    return "This network counts no followers; measured by the reactions received, against others there"


def _position_words(found: Influence) -> str:
    if not found.audience:
        return "Nobody that we heard answered or named them"
    who = f"{_count(found.audience, 'other')} answered or named them"
    return f"{who}; {_number(found.standing)} times the standing of somebody to whom nobody turns"


Count = tuple[datetime, int]
"""Followers at a moment."""


def evidence(
    found: Influence,
    author: Author,
    yardsticks: Mapping[str, Any],
    now: datetime,
    counts: Iterable[Count] = (),
    overlap: Overlap | None = None,
) -> list[Evidence]:
    """What speaks for or against the figures being real, each in a sentence.

    `counts` are the followers as they were told with mentions; `overlap` where the audience was compared.
    """
    return [
        _reactions(found, yardsticks),
        Evidence("Bursts", f"{_percent(found.burst)} of the mentions fell into one hour", found.burst >= 0.5),
        Evidence(
            "Copied text",
            f"{_percent(found.copied)} of the mentions say in much the same words what other accounts say"
            if found.copied
            else "Nothing that other accounts say in much the same words",
            found.copied >= 0.3,
        ),
        _answerers(found),
        _overlap(overlap),
        _age(author, now),
        _jump(found, counts, now),
    ]


def _reactions(found: Influence, yardsticks: Mapping[str, Any]) -> Evidence:
    words = f"{_number(_rate(found))} reactions to a mention"
    peers = yardsticks.get("rates", {})
    grid = peers.get(f"{found.network}/{found.size.name.lower()}") or peers.get(found.network)
    if grid:
        words += f"; half of its peers get fewer than {_number(grid[len(grid) // 2])}"
    if found.followers:
        words += f". That is {_percent(_rate(found) / found.followers, 2)} of its followers"
    few = found.size >= Size.MICRO and found.engagement < 0.05
    return Evidence("Reactions against followers", words, few)


def _answerers(found: Influence) -> Evidence:
    if not found.audience:
        return Evidence("Who answers", "Nobody that we heard")
    real = min(round(found.independent), found.audience)
    words = (
        f"{real:,} of {_count(found.audience, 'account')} that turn to it look like people independent of one another"
    )
    return Evidence("Who answers", words, found.audience >= 5 and found.independent < found.audience / 2)


def _age(author: Author, now: datetime) -> Evidence:
    if author.joined_at is None:
        return Evidence("Account age", f"The network does not tell; first heard {_ago(author.first_heard_at, now)}")
    days = (now - author.joined_at).days
    return Evidence("Account age", f"Made {_ago(author.joined_at, now)}", days < 60)


def _overlap(overlap: Overlap | None) -> Evidence:
    if overlap is None:
        return Evidence("Audience overlap", "Nobody of its audience is heard with another influencer")
    share = overlap.shared / overlap.audience
    words = (
        f"{overlap.shared:,} of {_count(overlap.audience, 'account')} in its threads ({_percent(share)}) also speak "
        f"in others of @{overlap.handle}, more than with anybody else"
    )
    return Evidence("Audience overlap", words, share >= MANY_SHARED and overlap.audience >= FEW_PEOPLE)


def _jump(found: Influence, counts: Iterable[Count], now: datetime) -> Evidence:
    known = sorted({*counts, *_rated_counts(found)})
    steps = [(one, other) for one, other in pairwise(known) if other[0] - one[0] <= JUMP]
    striking = [(one, other) for one, other in steps if other[1] >= 2 * one[1] and other[1] - one[1] >= 1000]
    if not striking and (not known or known[-1][0] - known[0][0] < timedelta(days=1)):
        return Evidence("Follower jumps", "No earlier count to compare with")
    first, last = max(striking, key=lambda step: step[1][1] / max(step[0][1], 1), default=(known[0], known[-1]))
    until = "now" if last == known[-1] else _ago(last[0], now)
    words = f"{first[1]:,} followers {_ago(first[0], now)}, {last[1]:,} {until}"
    return Evidence("Follower jumps", words, bool(striking))


def _rated_counts(found: Influence) -> Iterable[Count]:
    if found.followers is not None:
        yield found.rated_at, found.followers
        if found.followers_then is not None and found.then_at < found.rated_at:
            yield found.then_at, found.followers_then


def _rate(found: Influence) -> float:
    return (found.likes + found.shares + found.replies) / max(found.mentions, 1)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f}\u00a0%"


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def _ago(moment: datetime, now: datetime) -> str:
    days = max((now - moment).days, 0)
    if days < 1:
        return "today"
    if days < 60:
        return f"{_count(days, 'day')} ago"
    return f"{_count(days // 30, 'month')} ago" if days < 730 else f"{days // 365:,} years ago"
