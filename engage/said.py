"""Which mentions a figure of the analytics stands for: the same question, asked of the mentions themselves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from config.database import listed
from engage import phrases, segments, zones
from engage.analytics_tables import MentionTag
from engage.rollups import counted, heard_by, hour_of, naming_place, naming_voice, weekday_of
from listener.tables import Mention
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow
from nlp.tags import Tag

LETTERS = re.compile("[a-hjl-z0-9]+")
"""What has the same small and capital letters for Python and every database: others than ASCII have not, and i and k
are also the small letters of others."""
BITE = 5_000
"""So many texts are looked at at once."""


@dataclass(frozen=True, slots=True)
class Said:
    """A brand's mentions on these days, both included; None and "" leave a question open."""

    brand_id: int
    first: date
    last: date
    network: str = ""
    language: str = ""
    sentiment: Sentiment | None = None
    intent: Intent | None = None
    hour: int | None = None
    """In the zone, 0–23; it may begin at :30 there (engage/zones.py)."""
    weekday: int | None = None
    """In the zone, Monday 0."""
    voice: str | None = None
    """Naming this competitor; "" for us: the brand or a product."""
    stance: Sentiment | None = None
    """Towards that voice."""
    phrase: str = ""
    """Holding this phrase, as engage/phrases.py finds it; "" for any."""
    place: str = ""
    tag: Tag | None = None
    segment: str = ""
    """As engage/segments.py writes them."""
    zone: str = "UTC"
    """In which the hour and the weekday are told."""
    days_in: str = "UTC"
    """Whose days they are."""
    among: tuple[int, ...] | None = None
    """Only those in these conversations."""


def mentions(session: Session, said: Said) -> Select[*tuple[Any, ...]]:
    """Their ids, and the ids of their conversations."""
    some = [] if said.among is None else [Mention.conversation_id.in_(listed(session, said.among))]
    heard = heard_by(said.brand_id, said.first, said.last, *some, zone=said.days_in)
    statement = (
        select(Mention.id, Mention.conversation_id)
        .join_from(heard, Mention, Mention.id == heard.c.mention_id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(counted(), *conditions(session, said))
    )
    if said.phrase:
        statement = statement.where(Mention.id.in_(_holding(session, said)))
    return statement


def _holding(session: Session, said: Said) -> Select[int]:
    """Ids of those that hold the phrase. The database finds what has its letters, and only a look tells more."""
    ids: list[int] | None = session.info.get(said)
    if ids is None:
        of_all = mentions(session, replace(said, phrase="")).subquery()
        candidates = (
            select(Mention.id, Mention.text)
            .join(of_all, of_all.c.id == Mention.id)
            .where(*_perhaps_holding(said.phrase))
            .execution_options(yield_per=BITE)
        )
        ids = [
            id_ for id_, text in session.execute(candidates) if phrases.stands_in(phrases.plainly(text), said.phrase)
        ]
        session.info[said] = ids  # a session reads one moment, and a page asks for its list and for how long it is
    return listed(session, ids)


def _perhaps_holding(phrase: str) -> list[ColumnElement[bool]]:
    runs = [max(LETTERS.findall(word), key=len, default="") for word in phrase.lower().split()]
    return [Mention.text.icontains(run, autoescape=True) for run in runs if run]


def conditions(session: Session, said: Said) -> Sequence[ColumnElement[bool]]:
    """What holds of a mention and its reading, besides the brand and the days."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    asked: tuple[tuple[ColumnElement[Any], object], ...] = (
        (Mention.network.expression, said.network or None),
        (ReadingRow.language.expression, said.language or None),
        (ReadingRow.sentiment.expression, said.sentiment),
        (ReadingRow.intent.expression, said.intent),
    )
    found = [column == value for column, value in asked if value is not None]
    if said.voice is not None:
        found.append(naming_voice(is_sqlite, said.voice, said.stance))
    if said.place:
        found.append(naming_place(is_sqlite, said.place))
    if said.tag:
        carrying = select(MentionTag.mention_id).where(
            MentionTag.kind == said.tag.kind, MentionTag.name == said.tag.name
        )
        found.append(Mention.id.in_(carrying))
    return [*found, *_at_hours(is_sqlite, said), *segments.of_mentions(session, said.segment)]


def _at_hours(is_sqlite: bool, said: Said) -> list[ColumnElement[bool]]:
    """Between two changes of the clocks, a weekday and hour there are one weekday and hour in UTC."""
    if said.hour is None and said.weekday is None:
        return []
    day_and_hour = 24 * weekday_of(is_sqlite) + hour_of(is_sqlite)
    hours = range(24) if said.hour is None else (said.hour,)
    weekdays = range(7) if said.weekday is None else (said.weekday,)
    wanted = [(weekday, hour) for weekday in weekdays for hour in hours]
    return [
        or_(
            *(
                and_(
                    Mention.created_at >= stretch.start,
                    Mention.created_at < stretch.end,
                    day_and_hour.in_(
                        [24 * day + hour for day, hour in (zones.utc(*each, stretch.ahead) for each in wanted)]
                    ),
                )
                for stretch in zones.stretches(ZoneInfo(said.zone), said.first, said.last)
            )
        )
    ]
