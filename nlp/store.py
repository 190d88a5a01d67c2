"""The reading stage: mentions that were heard -> readings in the database."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from config.clock import Clock
from listener.tables import Brand, Mention, Stage
from nlp.reading import Reading, Text, Vocabulary
from nlp.tables import ReadingRow

if TYPE_CHECKING:  # the analyser brings heavy libraries; who only plans the flow does without
    from nlp.analyser import Analyser

Waiting = Row[int, int, str, str, datetime | None]
DIGITS = 4
"""Decimal places of a stored probability."""


def read_waiting(session: Session, analyser: "Analyser", clock: Clock, limit: int = 1000) -> int:
    """Read up to `limit` mentions that wait to be read, oldest first; returns how many were read.

    An earlier reading of a mention is replaced. A deleted mention is read as an empty text. On PostgreSQL mentions
    that another worker has in hand are left to it. Nothing is committed.
    """
    mentions = _claim(session, limit)
    if not mentions:
        return 0
    vocabularies = _vocabularies(session, {mention.brand_id for mention in mentions})
    readings = analyser.read([_text(mention, vocabularies[mention.brand_id]) for mention in mentions])
    ids = [mention.id for mention in mentions]
    _replace(session, ids, readings, clock())
    session.execute(
        update(Mention).where(Mention.id.in_(ids)).values(stage=Stage.READ),
        execution_options={"synchronize_session": False},
    )
    return len(ids)


def _claim(session: Session, limit: int) -> Sequence[Waiting]:
    waiting = (
        select(Mention.id, Mention.brand_id, Mention.text, Mention.lang, Mention.deleted_at)
        .where(Mention.stage == Stage.HEARD)
        .order_by(Mention.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.execute(waiting).all()


def _vocabularies(session: Session, brand_ids: set[int]) -> dict[int, Vocabulary]:
    columns = select(Brand.id, Brand.name, Brand.products, Brand.competitors)
    return {
        brand.id: Vocabulary((brand.name,), tuple(brand.products), tuple(brand.competitors))
        for brand in session.execute(columns.where(Brand.id.in_(brand_ids)))
    }


def _text(mention: Waiting, vocabulary: Vocabulary) -> Text:
    if mention.deleted_at is not None:
        return Text("")
    return Text(mention.text, mention.lang, vocabulary)


def _replace(session: Session, ids: Sequence[int], readings: Sequence[Reading], now: datetime) -> None:
    session.execute(
        delete(ReadingRow).where(ReadingRow.mention_id.in_(ids)), execution_options={"synchronize_session": False}
    )
    rows = [_row(mention_id, reading, now) for mention_id, reading in zip(ids, readings, strict=True)]
    session.connection().execute(insert(ReadingRow), rows)


def _row(mention_id: int, reading: Reading, now: datetime) -> dict[str, Any]:
    sentiment = {f"p_{label}": round(chance, DIGITS) for label, chance in reading.p_sentiment.items()}
    return sentiment | {
        "mention_id": mention_id,
        "sentiment": reading.sentiment,
        "intent": reading.intent,
        "p_intent": {str(label): round(chance, DIGITS) for label, chance in reading.p_intent.items()},
        "urgency": round(reading.urgency, DIGITS),
        "language": reading.language,
        "entities": [[entity.kind, entity.name, entity.start, entity.end] for entity in reading.entities],
        "about": reading.about,
        "model": reading.model,
        "extra": extra_json(reading),
        "read_at": now,
    }


def extra_json(reading: Reading) -> dict[str, Any]:
    """What the reading tells beyond the columns, as plain values; what is not known is left out."""
    told = asdict(reading.extra) | {"towards": reading.towards}
    return {
        name: _plain(value)
        for name, value in told.items()
        if value is not None and value != {} and value is not False
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, tuple) else value
