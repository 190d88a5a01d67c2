"""Where: the places that are named, the languages and the networks, each with how people feel there."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from engage import analytics, findings, shares
from engage.analytics import Mix, Slice
from engage.shares import FEW
from listener.networks import network_label
from web.charts import Figure
from web.figure_parts import SENTIMENTS, Part, Shown, feelings, known, language_label, lots, parts, span

MOST_PLACES = 15
MOST_PARTS = 12


def where(session: Session, chosen: Slice) -> Shown:
    """Places, languages, networks."""
    now, before = analytics.mix(session, chosen), analytics.mix(session, chosen.before)
    return Shown(
        [
            _places(session, chosen, now),
            _by("language", "{} is spoken the most", language_label, chosen, now, before),
            _by("network", "{} carries the most", network_label, chosen, now, before),
        ]
    )


def _places(session: Session, chosen: Slice, mix: Mix) -> Figure:
    names = analytics.top_places(session, chosen, MOST_PLACES)
    now, before = (
        lots(each, analytics.by_place(session, each, names), names, str, "place") for each in (chosen, chosen.before)
    )
    found = parts(now, before)
    measure = f"Mentions that name a place, by how they feel; a mention may name several. {span(chosen)}."
    finding = _finding("{} is named the most", found, mix) if found and found[0].size >= FEW else _few(found)
    return feelings("places", finding, f"{measure} {_sureness(mix)}", found, wide=True)


def _few(found: Sequence[Part]) -> str:
    return "Too few mentions name a place to compare them" if found else "No place was named in this time"


def _by(axis: str, words: str, label_of: Callable[[str], str], chosen: Slice, now: Mix, before: Mix) -> Figure:
    names = [name for name, _ in now.by(axis).most_common(MOST_PARTS)]
    here, earlier = (
        lots(each, {name: mix.read("sentiment", **{axis: name}) for name in names}, names, label_of, axis)
        for each, mix in ((chosen, now), (chosen.before, before))
    )
    found = parts(here, earlier)
    measure = f"Mentions by {axis} and how they feel, {span(chosen)}. {_sureness(now)}"
    return feelings(f"{axis}s", _finding(words, found, now), measure, found)


def _finding(words: str, found: Sequence[Part], mix: Mix) -> str:
    whole = shares.shares(mix.read("sentiment"), SENTIMENTS, "sentiment")["negative"]
    return findings.stands_out({part.label: part.negative for part in found}, whole) or findings.largest(
        words, {part.label: shares.plain(part.size, mix.mentions) for part in found}
    )


def _sureness(mix: Mix) -> str:
    return known(shares.shares(mix.read("sentiment"), SENTIMENTS, "sentiment"))
