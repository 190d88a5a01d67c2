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
from engage.analytics_tables import MentionTag, PlaceCount, TagCount
from engage.tables import Conversation, DayCount, DirtyDay, HourCount, VoiceCount
from listener.tables import AlsoHeard, Brand, Mention, Stage
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow
from nlp.tags import tags_of
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, name_in

Counts = dict[tuple[Any, ...], Any]
BERLIN = ["place", "Berlin", 20, 26]
ENTITIES = (
    [],
    [["brand", "Norvik", 0, 6], BERLIN, BERLIN],
    [["competitor", "Ost", 0, 3], ["product", "Nor One", 5, 9]],
    [BERLIN, ["place", 'The "Hague"', 30, 40]],
)
TEXTS = (
    "My parcel is late.",
    "#Late again, #late and #sad",
    "Look: https://example.com/?utm_campaign=Spring&utm_source=mail #late",
)
TABLES = (DayCount, HourCount, VoiceCount, PlaceCount, TagCount)
TOWARDS = ({}, {"Ost": {"negative": 0.1, "neutral": 0.2, "positive": 0.7}})


def prepared(session: Session) -> None:
    """Two brands and a conversation that all mentions join."""
    for name in ("Norvik", "Other"):
        make_brand(session, name)
    make_conversation(session, session.scalars(select(Brand).order_by(Brand.id)).first(), make_author(session))


def recounted(session: Session) -> tuple[Counts, ...]:
    """The same counts, made in Python from the mentions one by one."""
    days: Counter[Any] = Counter()
    hours: Counter[Any] = Counter()
    voices: Counter[Any] = Counter()
    places: Counter[Any] = Counter()
    tags: Counter[Any] = Counter()
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
            felt_by = (reading.sentiment, reading.model)
            for place in {name for kind, name, *_ in reading.entities if kind == "place"}:
                places[brand_id, day, *axes, place, *felt_by] += 1
            for tag in tags_of(mention.text):
                tags[brand_id, day, *axes, *tag, *felt_by] += 1
            for kind, name, *_ in reading.entities:
                if kind == "place":
                    continue
                felt = towards.get(name, {reading.sentiment: 1.0})
                feelings.setdefault(name if kind == "competitor" else "", []).append(felt)
            for voice, felt in feelings.items():
                best = max(Sentiment, key=lambda each: sum(one.get(each, 0.0) for one in felt))
                voices[brand_id, day, *axes, voice, best, reading.model] += 1
    days_with_reach = {key: (size, reach[key]) for key, size in days.items()}
    return days_with_reach, dict(hours), dict(voices), dict(places), dict(tags)


def stored(session: Session) -> tuple[Counts, ...]:
    """What the tables say."""
    found = []
    for table in TABLES:
        columns = list(table.__table__.columns)
        keys = len([column for column in columns if column.primary_key])
        rows = session.execute(select(*columns)).all()
        found.append({tuple(row[:keys]): row[keys] if len(row) == keys + 1 else tuple(row[keys:]) for row in rows})
    return tuple(found)


def made_now(session: Session) -> tuple[Counts, ...]:
    """What a question that the tables cannot answer would count, were it to ask for everything."""
    found: list[Counts] = []
    for table in TABLES:
        keys = len(table.__table__.primary_key.columns)
        found.append({})
        for brand_id in session.scalars(select(Brand.id)):
            heard = rollups.heard_by(brand_id, START.date() - timedelta(days=9), START.date() + timedelta(days=99))
            for row in session.execute(rollups.counted_now(session, table, heard)):
                found[-1][tuple(row[:keys])] = row[keys] if len(row) == keys + 1 else tuple(row[keys:])
    return tuple(found)


def tags_stored(session: Session) -> set[tuple[Any, ...]]:
    """Of the mentions that are counted."""
    tags = select(MentionTag.mention_id, MentionTag.kind, MentionTag.name)
    routed = tags.join(Mention, Mention.id == MentionTag.mention_id).where(rollups.counted())
    return {tuple(row) for row in session.execute(routed)}


def tags_in_texts(session: Session) -> set[tuple[Any, ...]]:
    """The same, looked up in each text."""
    return {
        (row.id, *tag)
        for row in session.scalars(select(Mention).where(rollups.counted()))
        for tag in tags_of(row.text)
    }


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
        TEXTS[dice(3)],
        number=number,
        brand_id=session.scalars(select(Brand.id).order_by(Brand.id)).all()[dice(2)],
        created_at=START + timedelta(hours=dice(80), minutes=59 * dice(2)),
        network=("x", "reddit")[dice(2)],
        reach=(None, 10, 3_000_000_000 % 2**31)[dice(3)],
        stage=(Stage.HEARD, Stage.ROUTED)[dice(2)],
    )
    reading = session.get_one(ReadingRow, mention.id)
    name_in(reading, ENTITIES[dice(4)], TOWARDS[dice(2)])
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
            mention.stage, mention.text = Stage.HEARD, TEXTS[dice(3)]
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
        assert stored(session) == made_now(session) == wanted
        assert tags_stored(session) == tags_in_texts(session)
        rollups.rebuild(session)
        session.expire_all()
        assert stored(session) == wanted
        assert tags_stored(session) == tags_in_texts(session)
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
