"""What an alert says: its headline, its mail, and what a webhook is sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from engage.alert_tables import Alert
from engage.incidents import NEGATIVE, REACH, SHARE, TOPIC
from listener.tables import Brand

WIDE = 20
"""An interval whose end is so many times its beginning says nothing at its end."""


def headline(series: str, figures: Mapping[str, Any]) -> str:
    """`70 mentions in 4 hours, usually 5`."""
    count, usual = figures["count"], _rounded(figures["expected"])
    if series == REACH:
        who = f"@{figures['author']}" if figures.get("author") else "One author"
        return f"{who} reached {count:,} people"
    kind = "negative mentions" if series in {NEGATIVE, SHARE} else "mentions"
    about = f" of {series.removeprefix(TOPIC)}" if series.startswith(TOPIC) else ""
    share = " among as many" if series == SHARE else ""
    return f"{count:,} {kind}{about} in {span(figures['minutes'])}, usually {usual}{share}"


def span(minutes: int) -> str:
    """A length of time: `15 minutes`, `1 hour`, `4 hours`."""
    if minutes < 60:
        return f"{minutes} minutes"
    return "1 hour" if minutes == 60 else f"{minutes // 60} hours"


def times(figures: Mapping[str, Any]) -> str:
    """How far above what is usual: `14 times`."""
    ratio = figures["count"] / max(figures["expected"], 0.1)
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.1f} times"


def rarity(often: float) -> str:
    """How often as much comes by chance: `once in 3 weeks`."""
    weeks = 1 / max(often, 1e-12)
    if weeks < 2:
        return "about once a week"
    if weeks < 104:
        return f"once in {weeks:.0f} weeks"
    years = weeks / 52.18
    return f"once in {years:,.0f} years" if years < 1000 else "less than once in 1,000 years"


def outlook_words(figures: Mapping[str, Any]) -> str:
    """How far the post behind it will go: `In the next 24 hours likely 40,000–90,000 more people …`; else empty."""
    ahead = figures.get("outlook")
    if ahead is None:
        return ""
    if ahead["posts"] is None:
        return "Too few have passed it on to say how far it will go."
    if ahead["posts"][1] > WIDE * max(ahead["posts"][0], 1):
        return _at_least(ahead)
    posts = f"{between(*ahead['posts'])} more posts"
    if ahead["people"] is None:
        return f"In the next 24 hours likely {posts}. This network does not tell how many people see them."
    return f"In the next 24 hours likely {between(*ahead['people'])} more people, by {posts}."


def _at_least(ahead: Mapping[str, Any]) -> str:
    """The lower end alone, where the upper one would say nothing."""
    low = rounded(ahead["posts"][0])
    if not low:
        return "Too early to say how far it will go within 24 hours."
    people = f"{rounded(ahead['people'][0]):,} more people, by " if ahead["people"] else ""
    return f"In the next 24 hours likely at least {people}{low:,} more posts; too early to say how far beyond."


def rounded(number: int) -> int:
    """The number in two digits, as no forecast is surer."""
    return round(number, 2 - len(str(number))) if number > 99 else number


def between(low: int, high: int) -> str:
    """From – to: `40,000–90,000`, `up to 30`."""
    low, high = rounded(low), rounded(high)
    if low == high:
        return f"about {low:,}"
    return f"{low:,}–{high:,}" if low else f"up to {high:,}"


def mail_text(row: Alert, brand: Brand, quotes: Sequence[str], address: str) -> str:
    """The mail that tells of a new alert."""
    because = [sentence for _, sentence, *_ in row.causes] or ["What set it off cannot be told yet."]
    lines = [
        f"{brand.name}: {headline(row.series, row.figures)}.",
        f"Since {row.started_at:%A, %d %B, %H:%M} UTC. By chance as much comes {rarity(row.figures['often'])}.",
        "",
        *because,
        *([ahead] if (ahead := outlook_words(row.figures)) else []),
        "",
        *quotes,
        *([""] if quotes else []),
        f"See it, acknowledge it or mute it: {address}",
    ]
    return "\n".join(lines)


def opened_body(row: Alert, brand: Brand, address: str) -> dict[str, Any]:
    """What a webhook is told of a new alert."""
    return {
        "event": "alert.opened",
        "alert": {
            "id": row.id,
            "brand": brand.name,
            "series": row.series,
            "headline": headline(row.series, row.figures),
            "started_at": row.started_at.isoformat(),
            "count": row.figures["count"],
            "expected": row.figures["expected"],
            "minutes": row.figures["minutes"],
            "causes": [{"kind": kind, "sentence": sentence} for kind, sentence, *_ in row.causes],
            "outlook": row.figures.get("outlook"),
            "url": address,
        },
    }


def over_body(row: Alert, brand: Brand, address: str) -> dict[str, Any]:
    """What a webhook is told when it is over."""
    return opened_body(row, brand, address) | {"event": "alert.over", "last_at": row.last_at.isoformat()}


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
