"""How much a list holds that was asked for by days: counted now, or from what is kept where that takes long."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engage import said as mentions_said
from engage import team_sizes
from engage.analytics import Counts, Slice, tally
from engage.analytics_tables import PlaceCount, TagCount
from engage.inbox.wanted import Wanted, conditions
from engage.outcomes import Became
from engage.said import Said
from engage.tables import Conversation, DayCount, Status, VoiceCount
from engage.team_rollups import is_kept

MANY = 10_000
"""More mentions or conversations than this are not counted one by one while somebody waits."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Size:
    """How much a list holds that was asked for by days: what analytics count. None for what was not counted."""

    mentions: int | None
    """None also where conversations were asked for."""
    conversations: int | None


def size(session: Session, wanted: Wanted) -> Size | None:
    """How many mentions and conversations a list of certain days holds, counted now; None for other lists."""
    if wanted.said is None:
        if wanted.begun is None and wanted.closed is None:
            return None
        count = select(func.count()).select_from(Conversation).where(*conditions(session, wanted))
        return Size(None, session.scalar(count) or 0)
    found = mentions_said.mentions(session, wanted.said).subquery()
    mentions, conversations = session.execute(
        select(func.count(), func.count(found.c.conversation_id.distinct()))
        .select_from(found)
        .join(Conversation, Conversation.id == found.c.conversation_id)
        .where(*conditions(session, replace(wanted, said=None)))
    ).one()
    return Size(mentions, conversations)


def size_at_once(session: Session, wanted: Wanted) -> Size | None:
    """The same; where there are many to look at, only what is kept says how many they are."""
    if wanted.said is not None:
        if _read_alike(session, wanted.said) > MANY:
            return Size(_mentions_kept(session, wanted), None)
    elif wanted.begun is not None:
        # Few are still open, whenever they began.
        if wanted.status in {None, Status.CLOSED} and team_sizes.begun(session, _at_most(wanted.begun)) > MANY:
            return Size(None, _begun_kept(session, wanted, wanted.begun))
    elif wanted.closed is not None and team_sizes.closed(session, _at_most(wanted.closed)) > MANY:
        return Size(None, _closed_kept(session, wanted, wanted.closed))
    return size(session, wanted)


# --- mentions ----------------------------------------------------------------------------------------------------


def _read_alike(session: Session, said: Said) -> int:
    """At least as many mentions as are looked at: those read alike, whatever else is asked of them."""
    first, last = (said.first, said.last) if said.days_in == "UTC" else (said.first - DAY, said.last + DAY)
    line = tally(session, DayCount, Slice(said.brand_id, first, last, said.network, said.language))
    return _total(session, line, line.sentiment, said.sentiment, line.intent, said.intent)


def _mentions_kept(session: Session, wanted: Wanted) -> int | None:
    """None where something is asked that is not kept, or something of the conversations too."""
    said = wanted.said
    if said is None or replace(wanted, said=None) != Wanted():
        return None
    chosen = Slice(said.brand_id, said.first, said.last, said.network, said.language)
    of_days = Said(said.brand_id, said.first, said.last, said.network, said.language, zone=said.zone)
    match said:
        case _ if said == replace(of_days, sentiment=said.sentiment, intent=said.intent):
            return _read_alike(session, said)
        case _ if said == replace(of_days, voice=said.voice, stance=said.stance):
            line = tally(session, VoiceCount, chosen)
            return _total(session, line, line.voice, said.voice, line.sentiment, said.stance)
        case _ if said == replace(of_days, place=said.place, sentiment=said.sentiment):
            line = tally(session, PlaceCount, chosen)
            return _total(session, line, line.place, said.place, line.sentiment, said.sentiment)
        case Said(tag=tag) if tag and said == replace(of_days, tag=tag, sentiment=said.sentiment):
            line = tally(session, TagCount, chosen)
            whose = (line.kind, tag.kind, line.name, tag.name)
            return _total(session, line, *whose, line.sentiment, said.sentiment)
    return None


def _total(session: Session, line: Counts, *asked: Any) -> int:
    """Mentions in the lines of a table of counts whose columns are as asked: (column, value, column, value …)."""
    pairs: list[tuple[ColumnElement[Any], Any]] = list(zip(asked[::2], asked[1::2], strict=True))
    narrowed = [column == value for column, value in pairs if value is not None]
    return int(session.scalar(select(func.sum(line.mentions)).where(*narrowed)) or 0)


# --- conversations -----------------------------------------------------------------------------------------------


def _at_most(chosen: Slice) -> Slice:
    """A slice that something is kept of, and that holds all that this one does."""
    if chosen.days_in == "UTC":
        return replace(chosen, segment="")
    return replace(chosen, segment="", first=chosen.first - DAY, last=chosen.last + DAY, days_in="UTC")


def _begun_kept(session: Session, wanted: Wanted, chosen: Slice) -> int | None:
    if not is_kept(chosen):
        return None
    whatever, asked = Wanted(noise=False, begun=chosen), wanted.became or Became()
    if replace(wanted, became=None) == whatever and asked != Became():
        return team_sizes.became(session, chosen, asked)
    answered = replace(whatever, answered=True)
    for of, column in (
        (whatever, "begun"),
        (answered, "answered"),
        (replace(answered, status=Status.CLOSED), "settled"),
    ):
        if replace(wanted, became=None) == of and asked == Became():
            return team_sizes.begun(session, chosen, column)
    return None


def _closed_kept(session: Session, wanted: Wanted, chosen: Slice) -> int | None:
    if not is_kept(chosen) or replace(wanted, closed=None) != Wanted(noise=False):
        return None
    return team_sizes.closed(session, chosen)
