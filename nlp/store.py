"""Mentions out of the database to be read, and their readings into it.

Texts are taken in one transaction and their readings stored in a later one, as judging takes seconds. So storing
looks again: what was edited, deleted or read by another worker meanwhile is left as it is. Nothing is committed here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from config.database import AnyRow, insert_rows
from listener.tables import AlsoHeard, Brand, Mention, Stage, waits_for
from nlp.corrections import corrected
from nlp.reading import Extra, Reading, Text, Vocabulary
from nlp.tables import ReadingRow

DIGITS = 4
"""Decimal places of a stored probability."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A mention on its way to be read."""

    id: int
    text: Text
    """Empty where the mention was deleted."""


@dataclass(frozen=True, slots=True)
class Again:
    """What reading again changed."""

    read: int = 0
    """Mentions with a new reading."""
    sentiment: int = 0
    """How many of them answer this otherwise than before."""
    intent: int = 0

    def __add__(self, other: "Again") -> "Again":
        return Again(self.read + other.read, self.sentiment + other.sentiment, self.intent + other.intent)


def take_waiting(session: Session, limit: int, after: int = 0) -> list[Taken]:
    """Up to `limit` mentions with ids above `after` that wait to be read, oldest first."""
    waiting = select(*COLUMNS).where(waits_for(Stage.HEARD), Mention.id > after)
    return _taken(session, session.execute(waiting.order_by(Mention.id).limit(limit)).all())


def store(session: Session, taken: Sequence[Taken], readings: Sequence[Reading], now: datetime) -> int:
    """Store the readings of those that wait still and say the same still; returns how many. An earlier one goes."""
    found = {taken.id: reading for taken, reading in zip(taken, readings, strict=True)}
    ids = [row.id for row in _unchanged(session, taken) if row.stage is Stage.HEARD]
    _replace(session, {id_: found[id_] for id_ in ids}, now)
    session.execute(
        update(Mention).where(Mention.id.in_(ids)).values(stage=Stage.READ),
        execution_options={"synchronize_session": False},
    )
    return len(ids)


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many mentions wait to be read, and since when the first of them."""
    row = session.execute(select(func.count(), func.min(Mention.heard_at)).where(waits_for(Stage.HEARD))).one()
    return row[0], row[1]


# --- reading again -----------------------------------------------------------------------------------------------


def read_before(
    session: Session, in_force: Mapping[str, str] | None, since: datetime, brand_id: int | None
) -> list[int]:
    """Ids of the mentions posted since then that have a reading, the newest first.

    Only those read by another model than the one in force for their language (nlp/by_language.py models), if given;
    only those heard for this brand, if given.
    """
    statement = (
        select(Mention.id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(Mention.created_at >= since, Mention.stage != Stage.HEARD, Mention.deleted_at.is_(None))
        .order_by(Mention.created_at.desc(), Mention.id.desc())
    )
    if in_force is not None:
        statement = statement.where(ReadingRow.model != case(in_force, value=ReadingRow.language, else_=in_force[""]))
    if brand_id is not None:
        also = exists().where(AlsoHeard.mention_id == Mention.id, AlsoHeard.brand_id == brand_id)
        statement = statement.where(or_(Mention.brand_id == brand_id, also))
    return list(session.scalars(statement))


def take_again(session: Session, ids: Sequence[int]) -> list[Taken]:
    """These mentions, in this order."""
    rows = {row.id: row for row in session.execute(select(*COLUMNS).where(Mention.id.in_(ids)))}
    return _taken(session, [rows[id_] for id_ in ids if id_ in rows])


def store_again(
    session: Session, taken: Sequence[Taken], readings: Sequence[Reading], now: datetime
) -> tuple[list[int], Again]:
    """Store new readings of those that say the same still; their ids, and what changed. Their stage stays."""
    found = {taken.id: reading for taken, reading in zip(taken, readings, strict=True)}
    ids = [row.id for row in _unchanged(session, taken) if row.stage is not Stage.HEARD]
    before = _answers(session, ids)
    _replace(session, {id_: found[id_] for id_ in ids}, now)
    pairs = [(before[id_], after) for id_, after in _answers(session, ids).items() if id_ in before]
    sentiment = sum(old.sentiment != new.sentiment for old, new in pairs)
    return ids, Again(len(ids), sentiment, sum(old.intent != new.intent for old, new in pairs))


def _answers(session: Session, ids: Sequence[int]) -> dict[int, AnyRow]:
    columns = select(ReadingRow.mention_id, ReadingRow.sentiment, ReadingRow.intent)
    return {row.mention_id: row for row in session.execute(columns.where(ReadingRow.mention_id.in_(ids)))}


# --- both --------------------------------------------------------------------------------------------------------

COLUMNS = (Mention.id, Mention.brand_id, Mention.text, Mention.lang, Mention.deleted_at, Mention.stage)


def _taken(session: Session, rows: Sequence[AnyRow]) -> list[Taken]:
    vocabularies = _vocabularies(session, {row.brand_id for row in rows}) if rows else {}
    return [Taken(row.id, _text(row, vocabularies[row.brand_id])) for row in rows]


def _vocabularies(session: Session, brand_ids: set[int]) -> dict[int, Vocabulary]:
    columns = select(Brand.id, Brand.name, Brand.products, Brand.competitors)
    return {
        brand.id: Vocabulary((brand.name,), tuple(brand.products), tuple(brand.competitors))
        for brand in session.execute(columns.where(Brand.id.in_(brand_ids)))
    }


def _text(row: AnyRow, vocabulary: Vocabulary) -> Text:
    return Text(row.text, row.lang, vocabulary) if row.deleted_at is None else Text("")


def _words(row: AnyRow) -> str:
    return row.text if row.deleted_at is None else ""


def _unchanged(session: Session, taken: Sequence[Taken]) -> list[AnyRow]:
    """Those that say what they said when they were taken; held until the transaction ends."""
    texts = {one.id: one.text.text for one in taken}
    rows = session.execute(select(*COLUMNS).where(Mention.id.in_(texts)).order_by(Mention.id).with_for_update())
    return [row for row in rows if _words(row) == texts[row.id]]


def _replace(session: Session, readings: dict[int, Reading], now: datetime) -> None:
    """New readings for old ones; what people corrected stands."""
    session.execute(
        delete(ReadingRow).where(ReadingRow.mention_id.in_(readings)),
        execution_options={"synchronize_session": False},
    )
    people = corrected(session, list(readings))
    rows = [_row(mention_id, reading, now) | people.get(mention_id, {}) for mention_id, reading in readings.items()]
    insert_rows(session, ReadingRow, rows)


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
        "meaning": reading.meaning,
        "read_at": now,
    }


def extra_json(reading: Reading) -> dict[str, Any]:
    """What the reading tells beyond the columns, as plain values; what is not known is left out."""
    told = {field.name: getattr(reading.extra, field.name) for field in fields(Extra)} | {"towards": reading.towards}
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
