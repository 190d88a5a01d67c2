"""Which mentions a figure of the analytics stands for: the same question, asked of the mentions themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from engage.rollups import counted, heard_by, hour_of, voices, weekday_of
from listener.tables import Mention
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow


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
    """UTC, 0–23."""
    weekday: int | None = None
    """UTC, Monday 0."""
    voice: str | None = None
    """Naming this competitor; "" for us: the brand or a product."""
    stance: Sentiment | None = None
    """Towards that voice."""
    zone: str = "UTC"
    """Whose days they are."""


def mentions(session: Session, said: Said) -> Select[*tuple[Any, ...]]:
    """Their ids, and the ids of their conversations."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    heard = heard_by(said.brand_id, said.first, said.last, said.zone)
    statement = (
        select(Mention.id, Mention.conversation_id)
        .join_from(heard, Mention, Mention.id == heard.c.mention_id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(counted(), *conditions(session, said))
    )
    if said.voice is None:
        return statement
    named = voices(is_sqlite, heard)
    naming = select(named.c.mention_id).where(named.c.voice == said.voice)
    if said.stance is not None:
        naming = naming.where(named.c.sentiment == said.stance.value)
    return statement.where(Mention.id.in_(naming))


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
