"""Which mentions a figure of the analytics stands for: the same question, asked of the mentions themselves."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import JSON, ColumnElement, Integer, Select, cast, func, literal, select
from sqlalchemy.orm import Session

from engage import phrases
from engage.rollups import counted, heard_by, hour_of, voices, weekday_of
from listener.tables import Mention
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow

LETTERS = re.compile("[a-hjl-z0-9]+")
"""What has the same small and capital letters for Python and every database: others than ASCII have not, and i and k
are also the small letters of others."""
BITE = 5_000
"""So many texts are looked at at once."""


@dataclass(frozen=True, slots=True)
class Said:
    """A brand's mentions on these UTC days, both included; None and "" leave a question open."""

    brand_id: int
    first: date
    last: date
    network: str = ""
    language: str = ""
    sentiment: Sentiment | None = None
    intent: Intent | None = None
    hour: int | None = None
    """UTC, 0–23."""
    weekday: int | None = None
    """UTC, Monday 0."""
    voice: str | None = None
    """Naming this competitor; "" for us: the brand or a product."""
    stance: Sentiment | None = None
    """Towards that voice."""
    phrase: str = ""
    """Holding this phrase, as engage/phrases.py finds it; "" for any."""


def mentions(session: Session, said: Said) -> Select[*tuple[Any, ...]]:
    """Their ids, and the ids of their conversations."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    heard = heard_by(said.brand_id, said.first, said.last)
    statement = (
        select(Mention.id, Mention.conversation_id)
        .join_from(heard, Mention, Mention.id == heard.c.mention_id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(counted(), *conditions(session, said))
    )
    if said.phrase:
        statement = statement.where(Mention.id.in_(_holding(session, said)))
    if said.voice is None:
        return statement
    named = voices(is_sqlite, heard)
    naming = select(named.c.mention_id).where(named.c.voice == said.voice)
    if said.stance is not None:
        naming = naming.where(named.c.sentiment == said.stance.value)
    return statement.where(Mention.id.in_(naming))


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
    listed = json.dumps(ids)
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(listed)
    else:
        each = func.json_array_elements_text(cast(literal(listed), JSON))
    return select(cast(each.table_valued("value").c.value, Integer))


def _perhaps_holding(phrase: str) -> list[ColumnElement[bool]]:
    runs = [max(LETTERS.findall(word), key=len, default="") for word in phrase.lower().split()]
    return [Mention.text.icontains(run, autoescape=True) for run in runs if run]


def conditions(session: Session, said: Said) -> Sequence[ColumnElement[bool]]:
    """What holds of a mention and its reading, besides the brand, the days and the voice."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    asked: tuple[tuple[ColumnElement[Any], object], ...] = (
        (Mention.network.expression, said.network or None),
        (ReadingRow.language.expression, said.language or None),
        (ReadingRow.sentiment.expression, said.sentiment),
        (ReadingRow.intent.expression, said.intent),
        (hour_of(is_sqlite), said.hour),
        (weekday_of(is_sqlite), said.weekday),
    )
    return [column == value for column, value in asked if value is not None]
