"""What a report says of the sources: how much each heard, and when it was blind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError
from engage.analytics import Slice
from engage.report import words
from engage.report.content import SourceLine
from engage.report.counts import by_source
from engage.rollups import start_of
from listener.connectors import connector_class
from listener.tables import Source, SourceState

DAY = timedelta(days=1)
PATIENCE = timedelta(hours=6)
"""A source that waits for less is not blind."""
LEAST_USUAL = 10.0
"""From so many mentions a day on, a day without any is no chance."""
ASLEEP = (SourceState.STOPPED, SourceState.WAITING, SourceState.PAUSED)


@dataclass(frozen=True, slots=True)
class Heard:
    """A source's line, and whether somebody should look after it."""

    line: SourceLine
    needs_care: bool


def heard(session: Session, chosen: Slice, window: Slice, language: str, now: datetime) -> list[Heard]:
    """A line for each source of the brand; `window` is the week that days without mentions are judged by."""
    sources = session.scalars(select(Source).where(Source.brand_id == chosen.brand_id).order_by(Source.id)).all()
    counts = by_source(session, chosen)
    week = counts if window == chosen else by_source(session, window)
    names = _names(sources)
    found = [
        Heard(
            SourceLine(
                names[source.id],
                source.network,
                counts.get(source.id, Counter()).total(),
                gaps(source, week.get(source.id, Counter()), chosen, window, language, now),
            ),
            source.state in ASLEEP and bool(_state_gap(source, chosen, language, now)),
        )
        for source in sources
    ]
    if imported := counts.get(None):
        found.append(Heard(SourceLine(words.say(language, "imported"), "", imported.total(), ()), False))
    return found


def _names(sources: Sequence[Source]) -> dict[int, str]:
    named: dict[int, str] = {}
    for source in sources:
        name = f"{_label(source.network)} @{source.account_handle}".removesuffix(" @")
        same = sum(other == name or other.startswith(f"{name} (") for other in named.values())
        named[source.id] = f"{name} ({same + 1})" if same else name
    return named


def _label(network: str) -> str:
    try:
        return connector_class(network).label
    except InvalidInputError:  # a connector that was taken out since
        return network.capitalize()


def gaps(
    source: Source, days: Mapping[date, int], chosen: Slice, window: Slice, language: str, now: datetime
) -> list[str]:
    """When a source missed something, each in a sentence."""
    start, end = start_of(chosen.first, chosen.days_in), start_of(chosen.last + DAY, chosen.days_in)
    found = [_state_gap(source, chosen, language, now)]
    if source.gap and source.gap_at and start <= source.gap_at < max(end, now):
        at = _moment(source.gap_at, chosen, language)
        found.append(words.say(language, "gap_missing", moment=at, why=source.gap))
    if start < source.created_at < end and not sum(days[day] for day in days if day < source.created_at.date()):
        at = _moment(source.created_at, chosen, language)
        found.append(words.say(language, "gap_new", moment=at))
    found.append(_silence(source, days, chosen, window, language, now))
    return [sentence for sentence in found if sentence]


def _state_gap(source: Source, chosen: Slice, language: str, now: datetime) -> str:
    """What its present state means for the days that are told of."""
    end = min(start_of(chosen.last + DAY, chosen.days_in), now)
    last = source.last_ok_at
    if last is not None and last >= end - (PATIENCE if source.state is SourceState.WAITING else timedelta()):
        return ""
    why = f"{source.error_text} {source.remedy}".strip() or words.say(language, "gap_unknown")
    at = _moment(last, chosen, language) if last else ""
    if source.state is SourceState.STOPPED:
        return words.say(language, "gap_stopped" if last else "gap_stopped_at_once", moment=at, why=why)
    if source.state is SourceState.PAUSED:
        return words.say(language, "gap_paused" if last else "gap_paused_at_once", moment=at)
    if source.state is SourceState.WAITING and last:
        return words.say(language, "gap_waiting", moment=at, why=why)
    return ""


def _silence(
    source: Source, days: Mapping[date, int], chosen: Slice, window: Slice, language: str, now: datetime
) -> str:
    """Days on which nothing came though much does: told from the mentions, so also after the source works again."""
    end = min(start_of(window.last + DAY, window.zone), now)
    whole = [
        day
        for day in (window.first + shift * DAY for shift in range(window.days))
        if start_of(day) >= start_of(window.first, window.zone) and start_of(day + DAY) <= end
    ]
    silent = [day for day in whole if not days.get(day) and chosen.first <= day <= chosen.last]
    usual = median([days[day] for day in whole if days.get(day)] or [0])
    if not silent or usual < LEAST_USUAL:
        return ""
    named = words.listed(language, [words.weekday(language, day) for day in silent])
    return words.say(language, "gap_silent", days=named, number=words.number(language, usual))


def _moment(moment: datetime, chosen: Slice, language: str) -> str:
    return words.moment(language, moment.astimezone(ZoneInfo(chosen.days_in)))
