"""Values as people read them: moments, numbers, names. The filters of the templates."""

from datetime import datetime, timedelta

from flask import Flask

from engage.inbox import Line, Wanted
from listener.networks import network_label
from nlp.reading import PLACE
from nlp.tables import ReadingRow
from web import text
from web.context import now
from web.icons import NETWORK_ICONS, OTHER_NETWORK_ICON
from web.snooze import zone


def register(app: Flask) -> None:
    """Give them to the templates."""
    moments, numbers = (ago, exact, short_moment), (compact, counted, percent)
    others = (initials, network_icon, network_label, names, fact, few)
    links = (text.marked, text.linked, text.link, text.is_long, text.web_address)
    app.jinja_env.globals["gone_word"] = gone_word
    app.jinja_env.filters.update({function.__name__: function for function in (*moments, *numbers, *others, *links)})


def ago(moment: datetime) -> str:
    """The distance to a moment in the shortest words: `now`, `5 min`, `3 h`, `in 2 d`; a date beyond a week."""
    distance = now() - moment
    ahead, distance = distance < timedelta(0), abs(distance)
    if distance < timedelta(minutes=1):
        return "now"
    if distance >= timedelta(days=7):
        return f"{moment:%d %b}" if moment.year == now().year else f"{moment:%d %b %Y}"
    minutes = int(distance.total_seconds()) // 60
    words = f"{minutes} min" if minutes < 60 else f"{minutes // 60} h" if minutes < 1440 else f"{minutes // 1440} d"
    return f"in {words}" if ahead else words


def short_moment(moment: datetime) -> str:
    """Day and time in the reader's time zone, as short as can be."""
    local, today = moment.astimezone(zone()), now().astimezone(zone()).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%a %d %b, %H:%M}"


def exact(moment: datetime) -> str:
    """The moment in full, in the reader's time zone."""
    return f"{moment.astimezone(zone()):%A, %d %B %Y, %H:%M %Z}"


def initials(name: str) -> str:
    """One or two letters that stand for a name."""
    words = [word for word in name.replace("@", " ").replace("_", " ").split() if word[0].isalnum()]
    letters = [word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)]
    return "".join(letters).upper() or "?"


def compact(number: int) -> str:
    """A large number in three digits: `950`, `12.3k`, `1.2M`."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            value = number / size
            return f"{value:.1f}{letter}".replace(".0", "") if value < 100 else f"{value:.0f}{letter}"
    return str(number)


def percent(share: float) -> str:
    """How probable something is, never as a certainty: `93%`, `over 99%`."""
    whole = round(share * 100)
    return "under 1%" if whole < 1 else "over 99%" if whole > 99 else f"{whole}%"


def network_icon(network: str) -> str:
    """The name of a network's glyph."""
    return NETWORK_ICONS.get(network, OTHER_NETWORK_ICON)


def names(reading: ReadingRow | None) -> list[str]:
    """The brands, products and competitors that a reading found, each once."""
    return _found(reading, place=False)


def places(reading: ReadingRow | None) -> list[str]:
    """The places that a reading found, each once."""
    return _found(reading, place=True)


def _found(reading: ReadingRow | None, place: bool) -> list[str]:
    entities = reading.entities if reading else []
    return list(dict.fromkeys(str(name) for kind, name, *_ in entities if (kind == PLACE) is place))


FEW = 3
"""So many tags an event lists, and then the number of the others."""


def counted(number: int, unit: str) -> str:
    """A number of what a network counts: `1 character`, `1,200 characters`."""
    return f"{number:,} {unit.removesuffix('s') if number == 1 else unit}"


def few(listing: str) -> str:
    """A long `Tags: a, b, c, …` with its first names and the number of the others."""
    listed = listing.split(", ")
    more = len(listed) - FEW
    return listing if more < 2 else f"{', '.join(listed[:FEW])} and {more:,} more"


def gone_word(line: Line, wanted: Wanted) -> str:
    """Why a row is not in its list any more, in one word."""
    if wanted.status in {None, line.status} and wanted.noise in {None, line.noise}:
        return "Moved"
    return "Noise" if line.noise else line.status.capitalize()


def fact(value: object) -> str:
    """A fact of a routing rule, for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(fact(part) for part in value) or "none"
    return str(value)
