"""Counts by the days of any zone equal those of the mentions themselves."""

from collections import Counter
from datetime import UTC, date, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from config.database import Database
from engage.analytics import Slice
from engage.report import counts as report_counts
from listener.tables import AlsoHeard, Brand, Mention
from nlp.reading import Sentiment
from nlp.tables import ReadingRow
from tests.factories import START, count_all, make_author, make_brand, make_conversation, make_mention, name_in

ZONES = [
    "UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
]  # fmt: skip
LAST = date(2026, 11, 1)
"""The week before it ends with the night in which the clocks go back in America; Europe's is a week earlier."""


@pytest.fixture
def brand(database: Database) -> Brand:
    """Five weeks with a mention every few hours, a few of another brand's, deleted, or of unknown reach."""
    dice = Random(4)
    with database.write() as session:
        found, other = make_brand(session), make_brand(session, "Other")
        ours = make_conversation(session, found, make_author(session))
        theirs = make_conversation(session, other, make_author(session, "cyd"))
        at = START - timedelta(days=35)
        for number in range(260):
            at += timedelta(minutes=dice.randrange(400))
            mention = make_mention(
                session,
                dice.choices((ours, theirs), (5, 1))[0],
                number=number,
                created_at=at,
                reach=dice.choice((None, 10, 250)),
                deleted_at=START if dice.random() < 0.05 else None,
            )
            reading = session.get_one(ReadingRow, mention.id)
            reading.sentiment = dice.choice(list(Sentiment))
            name_in(reading, dice.choice(([], [["brand", "Norvik", 0, 6]], [["competitor", "Ost", 0, 3]])))
            if mention.brand_id == other.id and dice.random() < 0.5:
                session.add(AlsoHeard(mention_id=mention.id, brand_id=found.id))
    with database.write() as session:
        count_all(session)
    return found


def counted(database: Database, brand: Brand, zone: str) -> list[tuple[date, Mention, ReadingRow]]:
    """Every mention that counts with its day there, one by one."""
    with database.read() as session:
        also = set(session.scalars(select(AlsoHeard.mention_id).where(AlsoHeard.brand_id == brand.id)))
        rows = session.execute(select(Mention, ReadingRow).join(ReadingRow, ReadingRow.mention_id == Mention.id))
        return [
            (mention.created_at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date(), mention, reading)
            for mention, reading in rows
            if not mention.deleted_at and (mention.brand_id == brand.id or mention.id in also)
        ]


@pytest.mark.parametrize("zone", ZONES)
def test_days_of_a_zone_hold_what_was_posted_on_them(database: Database, brand: Brand, zone: str) -> None:
    chosen = Slice(brand.id, LAST - timedelta(days=13), LAST, days_in=zone)
    with database.read() as session:
        found = report_counts.by_day(session, chosen)
        voices = report_counts.by_voice(session, chosen)
    assert list(found) == [chosen.first + timedelta(days=shift) for shift in range(14)]
    rows = counted(database, brand, zone)
    for day, counts in found.items():
        of_day = [(mention, reading) for when, mention, reading in rows if when == day]
        wanted = Counter(str(reading.sentiment) for _, reading in of_day)
        assert +counts.sentiments == wanted, day
        assert counts.reach == sum(mention.reach or 0 for mention, _ in of_day)
    assert report_counts.total(found).mentions > 50
    named = Counter(
        name if kind == "competitor" else ""
        for when, _, reading in rows
        for kind, name, *_ in reading.entities
        if chosen.first <= when <= chosen.last
    )
    assert {voice: sum(sum(each.values()) for each in read.values()) for voice, read in voices.items()} == named


def test_sources_are_told_apart(database: Database, brand: Brand) -> None:
    chosen = Slice(brand.id, LAST - timedelta(days=6), LAST, days_in="Asia/Kathmandu")
    with database.read() as session:
        found = report_counts.by_source(session, chosen)
        size = report_counts.total(report_counts.by_day(session, chosen)).mentions
    assert {source: days.total() for source, days in found.items()} == {None: size}
