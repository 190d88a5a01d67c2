"""Readings that were there before: whom they name is told afterwards, and no day is counted anew for it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text

from config.database import Database
from engage.tables import DirtyDay
from nlp.naming import places_text, voices_text
from nlp.reading import Sentiment
from nlp.tables import ReadingRow
from tests.factories import make_author, make_brand, make_conversation, make_mention, name_in

OST = ["competitor", 'The "Ost"', 0, 9]
ENTITIES = ([], [["brand", "Norvik", 0, 6], OST, ["place", "Čačak", 10, 15]], [OST, OST])
TOWARDS = {'The "Ost"': {"negative": 0.1, "neutral": 0.2, "positive": 0.7}}


@pytest.fixture
def before(database: Database) -> Iterator[Database]:
    """A database as it was before, with three readings whose days are counted."""
    with database.write() as session:
        brand = make_brand(session)
        conversation = make_conversation(session, brand, make_author(session))
        for number, entities in enumerate(ENTITIES):
            mention = make_mention(session, conversation, number=number)
            name_in(session.get_one(ReadingRow, mention.id), entities, TOWARDS)
        session.flush()
        session.execute(text("DELETE FROM rollup_dirty"))
        for column in ("voices", "places"):
            session.execute(text(f"ALTER TABLE reading DROP COLUMN {column}"))
        session.execute(text("UPDATE alembic_version SET version_num = '0013'"))
    yield database


def test_what_was_read_before_names_the_same(before: Database) -> None:
    before.migrate("0014")
    with before.write() as session:
        readings = session.scalars(select(ReadingRow).order_by(ReadingRow.mention_id)).all()
        assert [(one.voices, one.places) for one in readings] == [
            (voices_text(entities, TOWARDS), places_text(entities)) for entities in ENTITIES
        ]
        assert session.scalar(select(func.count()).select_from(DirtyDay)) == 0
        readings[0].sentiment = Sentiment.POSITIVE
        session.flush()
        assert session.scalar(select(func.count()).select_from(DirtyDay)) == 1
