"""New conversations -> storms: who says nearly what others said in the last days joins them.

Each conversation is looked at once, by its first words. Only one text of a storm is kept to be found by, so that the
work does not grow with the storm.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from config.clock import Clock
from config.database import AnyRow, allocate_ids, insert_rows, lock_stage
from engage.storms.tables import Storm, StormBand, StormPlace
from engage.tables import Conversation
from listener.tables import Author
from nlp import likeness

WINDOW = timedelta(days=3)
"""What was said longer ago is no part of a storm of today."""
FORGOTTEN_AT_ONCE = 2_000
Signature = NDArray[np.uint32]


def gather_waiting(session: Session, clock: Clock, limit: int = 500) -> int:
    """Look at the next conversations; how many there were. A stage function: nothing is committed."""
    lock_stage(session, "storms")
    rows = _waiting(session, limit)
    if rows:
        _join([row for row in rows if row.first_at >= clock() - WINDOW], session)
        _forget(session, clock() - WINDOW)
    return len(rows)


def _waiting(session: Session, limit: int) -> Sequence[AnyRow]:
    """The next ones by id; that they were taken is noted."""
    place = session.get(StormPlace, 1) or StormPlace(id=1, conversation_id=0)
    rows = session.execute(
        select(Conversation.id, Conversation.brand_id, Conversation.excerpt, Conversation.first_at)
        .where(Conversation.id > place.conversation_id)
        .order_by(Conversation.id)
        .limit(limit)
    ).all()
    if rows:
        place.conversation_id = rows[-1].id
        session.add(place)
        session.flush()
    return rows


@dataclass(slots=True)
class Text:
    """What a storm is known by; `id` 0: not stored yet."""

    brand_id: int
    signature: Signature
    first: AnyRow | None = None
    id: int = 0


Known = dict[tuple[int, int], list[Text]]
"""(brand, band) -> texts with such a band."""


def _join(rows: Sequence[AnyRow], session: Session) -> None:
    signatures, long = likeness.sketched([row.excerpt for row in rows])
    kept = np.flatnonzero(long).tolist()
    if not kept:
        return
    rows, signatures = [rows[place] for place in kept], signatures[kept]
    keys = likeness.bands(signatures).tolist()
    joined = place_texts(rows, signatures, keys, _known(session, rows, keys))
    _store(session, joined, keys)


def _known(session: Session, rows: Sequence[AnyRow], keys: Sequence[Sequence[int]]) -> Known:
    """Stored texts that share a band with one of these."""
    found = session.execute(
        select(StormBand.brand_id, StormBand.band, StormBand.storm_id).where(
            StormBand.brand_id.in_({row.brand_id for row in rows}),
            StormBand.band.in_({key for bands in keys for key in bands}),
        )
    ).all()
    ids = {row.storm_id for row in found}
    stored = session.execute(select(Storm.id, Storm.brand_id, Storm.signature).where(Storm.id.in_(ids)))
    texts = {row.id: Text(row.brand_id, np.frombuffer(row.signature, np.uint32), id=row.id) for row in stored}
    known: Known = {}
    for brand_id, band, storm_id in found:
        known.setdefault((brand_id, band), []).append(texts[storm_id])
    return known


def place_texts(
    rows: Sequence[AnyRow],
    signatures: Signature,
    keys: Sequence[Sequence[int]],
    known: Known,
) -> list[tuple[AnyRow, Text]]:
    """Each row with the text that it is a copy of; its own, which the next rows may copy, where there is none."""
    joined = []
    for row, signature, bands in zip(rows, signatures, keys, strict=True):
        near = {id(text): text for band in bands for text in known.get((row.brand_id, band), ())}
        text = _closest(signature, list(near.values()))
        if text is None:
            text = Text(row.brand_id, signature, first=row)
            for band in bands:
                known.setdefault((row.brand_id, band), []).append(text)
        joined.append((row, text))
    return joined


def _closest(signature: Signature, texts: Sequence[Text]) -> Text | None:
    if not texts:
        return None
    alike = likeness.likeness(signature, np.stack([text.signature for text in texts]))
    best = int(alike.argmax())
    return texts[best] if alike[best] >= likeness.ALIKE else None


def _store(session: Session, joined: Sequence[tuple[AnyRow, Text]], keys: Sequence[Sequence[int]]) -> None:
    new = [(text, bands) for (row, text), bands in zip(joined, keys, strict=True) if text.first is row]
    for (text, _), id_ in zip(new, allocate_ids(session, Storm, len(new)), strict=True):
        text.id = id_
    insert_rows(session, Storm, [_values(text) for text, _ in new])
    insert_rows(
        session,
        StormBand,
        [
            {"brand_id": text.brand_id, "band": band, "storm_id": text.id}
            for text, bands in new
            for band in set(bands)
        ],
    )
    members: dict[int, list[int]] = {}
    for row, text in joined:
        if text.first is not row:
            members.setdefault(text.id, []).append(row.id)
    for storm_id, ids in members.items():
        first = select(Storm.conversation_id).where(Storm.id == storm_id).scalar_subquery()
        grown = update(Conversation).where(Conversation.id.in_(ids) | (Conversation.id == first))
        session.execute(grown.values(storm_id=storm_id), execution_options={"synchronize_session": False})
    count_again(session, members)


def _values(text: Text) -> dict[str, Any]:
    assert text.first is not None
    return {
        "id": text.id,
        "brand_id": text.brand_id,
        "conversation_id": text.first.id,
        "signature": text.signature.tobytes(),
        "size": 1,
        "authors": 1,
        "reach": 0,
        "first_at": text.first.first_at,
        "last_at": text.first.first_at,
    }


def count_again(session: Session, storm_ids: Iterable[int]) -> None:
    """Make the figures of these storms anew."""
    counts = session.execute(
        select(
            Conversation.storm_id,
            func.count().label("size"),
            func.count(Conversation.author_id.distinct()).label("authors"),
            func.coalesce(func.sum(Author.followers), 0).label("reach"),
            func.min(Conversation.first_at).label("first_at"),
            func.max(Conversation.first_at).label("last_at"),
        )
        .join(Author, Author.id == Conversation.author_id)
        .where(Conversation.storm_id.in_(list(storm_ids)))
        .group_by(Conversation.storm_id)
    ).all()
    for row in counts:
        figures = {name: getattr(row, name) for name in ("size", "authors", "reach", "first_at", "last_at")}
        session.execute(
            update(Storm).where(Storm.id == row.storm_id).values(**figures),
            execution_options={"synchronize_session": False},
        )


def _forget(session: Session, before: datetime) -> None:
    """Texts that nobody repeats any more are not looked up again; those that nobody ever repeated go away."""
    old = select(Storm.id).where(Storm.last_at < before)
    known = select(StormBand.storm_id).where(StormBand.storm_id == Storm.id).exists()
    ids = list(session.scalars(old.where(known).order_by(Storm.last_at).limit(FORGOTTEN_AT_ONCE)))
    session.execute(delete(StormBand).where(StormBand.storm_id.in_(ids)))
    session.execute(delete(Storm).where(Storm.id.in_(ids), Storm.size == 1))
