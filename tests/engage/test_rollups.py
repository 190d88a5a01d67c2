"""The counts by day, kept bit by bit, are those of a full recount, whatever happened in between."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from config.database import Database
from engage import rollups
from engage.tables import Conversation, DayCount, DirtyDay, HourCount, VoiceCount
from listener.tables import AlsoHeard, Brand, Mention, Stage
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow
from tests.factories import START, make_author, make_brand, make_conversation, make_mention

Counts = dict[tuple[Any, ...], Any]
ENTITIES = ([], [["brand", "Norvik", 0, 6]], [["competitor", "Ost", 0, 3], ["product", "Nor One", 5, 9]])
TOWARDS = ({}, {"Ost": {"negative": 0.1, "neutral": 0.2, "positive": 0.7}})


def prepared(session: Session) -> None:
    """Two brands and a conversation that all mentions join."""
    for name in ("Norvik", "Other"):
        make_brand(session, name)
    make_conversation(session, session.scalars(select(Brand).order_by(Brand.id)).first(), make_author(session))


def recounted(session: Session) -> tuple[Counts, Counts, Counts]:
    """The same counts, made in Python from the mentions one by one."""
    days: Counter[Any] = Counter()
    hours: Counter[Any] = Counter()
    voices: Counter[Any] = Counter()
    reach: Counter[Any] = Counter()
    rows = session.execute(select(Mention, ReadingRow).join(ReadingRow, ReadingRow.mention_id == Mention.id)).all()
    for mention, reading in rows:
        if mention.stage != Stage.ROUTED or mention.deleted_at:
            continue
        also = session.scalars(select(AlsoHeard.brand_id).where(AlsoHeard.mention_id == mention.id))
        for brand_id in {mention.brand_id, *also}:
            day = mention.created_at.date()
            axes = (mention.network, reading.language)
            key = (brand_id, day, *axes, reading.sentiment, reading.intent, reading.model)
            days[key] += 1
            reach[key] += mention.reach or 0
            hours[brand_id, day, mention.created_at.hour, *axes] += 1
            towards = reading.extra.get("towards", {})
            feelings: dict[str, list[dict[str, float]]] = {}
            for kind, name, *_ in reading.entities:
                felt = towards.get(name, {reading.sentiment: 1.0})
                feelings.setdefault(name if kind == "competitor" else "", []).append(felt)
            for voice, felt in feelings.items():
                best = max(Sentiment, key=lambda each: sum(one.get(each, 0.0) for one in felt))
                voices[brand_id, day, *axes, voice, best, reading.model] += 1
    return {key: (size, reach[key]) for key, size in days.items()}, dict(hours), dict(voices)


def stored(session: Session) -> tuple[Counts, Counts, Counts]:
    """What the tables say."""
    found = []
    for table in (DayCount, HourCount, VoiceCount):
        columns = list(table.__table__.columns)
        keys = len([column for column in columns if column.primary_key])
        rows = session.execute(select(*columns)).all()
        found.append({tuple(row[:keys]): row[keys] if len(row) == keys + 1 else tuple(row[keys:]) for row in rows})
    return found[0], found[1], found[2]


def roll_all(session: Session) -> None:
    """Until nothing is waiting."""
    while rollups.roll_waiting(session, limit=2):
        pass


def add(session: Session, dice: Callable[[int], int]) -> None:
    number = (session.scalar(select(func.max(Mention.id))) or 0) + 1
    conversation = session.scalars(select(Conversation)).one()
    mention = make_mention(
        session,
        conversation,
        number=number,
        brand_id=session.scalars(select(Brand.id).order_by(Brand.id)).all()[dice(2)],
        created_at=START + timedelta(hours=dice(80), minutes=59 * dice(2)),
        network=("x", "reddit")[dice(2)],
        reach=(None, 10, 3_000_000_000 % 2**31)[dice(3)],
        stage=(Stage.HEARD, Stage.ROUTED)[dice(2)],
    )
    reading = session.get_one(ReadingRow, mention.id)
    reading.entities, reading.extra = ENTITIES[dice(3)], {"towards": TOWARDS[dice(2)]}
    session.flush()


def one_of(session: Session, dice: Callable[[int], int]) -> Mention | None:
    found = session.scalars(select(Mention).order_by(Mention.id)).all()
    return found[dice(len(found))] if found else None


def change(session: Session, dice: Callable[[int], int]) -> None:
    """What happens to a mention: routed, edited, deleted, moved, corrected, read again, heard for another brand."""
    mention = one_of(session, dice)
    if mention is None:
        return
    reading = session.get(ReadingRow, mention.id)
    match dice(9):
        case 0:
            mention.stage = Stage.ROUTED
        case 1:
            mention.stage = Stage.HEARD
        case 2:
            mention.deleted_at = START
        case 3:
            mention.created_at += timedelta(hours=30)
        case 4 if reading:
            reading.sentiment = list(Sentiment)[dice(3)]
        case 5 if reading:
            reading.intent, reading.language = list(Intent)[dice(3)], ("en", "de")[dice(2)]
        case 6:
            other = session.scalars(select(Brand.id).where(Brand.id != mention.brand_id)).one()
            if session.get(AlsoHeard, (mention.id, other)) is None:
                session.add(AlsoHeard(mention_id=mention.id, brand_id=other))
        case 7:
            session.execute(delete(AlsoHeard).where(AlsoHeard.mention_id == mention.id))
        case 8:
            session.execute(delete(AlsoHeard).where(AlsoHeard.mention_id == mention.id))
            session.execute(delete(ReadingRow).where(ReadingRow.mention_id == mention.id))
            session.execute(delete(Mention).where(Mention.id == mention.id))
    session.flush()
    session.expire_all()


STEPS = st.lists(st.sampled_from([add, add, change, change, change, None]), max_size=25)


@settings(max_examples=25)
@given(steps=STEPS, data=st.data())
def check(database: Database, steps: list[Any], data: st.DataObject) -> None:
    def dice(sides: int) -> int:
        return data.draw(st.integers(0, sides - 1))

    with database.write() as session:
        prepared(session)
        for step in steps:
            roll_all(session) if step is None else step(session, dice)
        roll_all(session)
        session.expire_all()
        wanted = recounted(session)
        assert stored(session) == wanted
        rollups.rebuild(session)
        session.expire_all()
        assert stored(session) == wanted
        assert not rollups.waiting(session)
        session.rollback()


def test_kept_counts_are_those_of_a_recount(database: Database) -> None:
    check(database)


def test_a_day_that_changes_is_noted_and_others_are_left(database: Database) -> None:
    with database.write() as session:
        prepared(session)
        brand_id = session.scalars(select(Brand.id).order_by(Brand.id)).first()
        conversation = session.scalars(select(Conversation)).one()
        make_mention(session, conversation)
        make_mention(session, conversation, number=2, created_at=START + timedelta(days=1))
        roll_all(session)
    with database.write() as session:
        session.scalars(select(Mention).order_by(Mention.id)).first().likes = 5
    with database.read() as session:
        assert not rollups.waiting(session)
    with database.write() as session:
        session.get_one(ReadingRow, 1).sentiment = Sentiment.POSITIVE
    with database.read() as session:
        assert set(session.execute(select(DirtyDay.brand_id, DirtyDay.day))) == {(brand_id, START.date())}


@pytest.mark.parametrize("mentions", [0, 1])
def test_rebuilding_little_or_nothing(sqlite_database: Database, mentions: int) -> None:
    with sqlite_database.write() as session:
        prepared(session)
        conversation = session.scalars(select(Conversation)).one()
        for number in range(mentions):
            make_mention(session, conversation, number=number)
        assert rollups.rebuild(session) == mentions
