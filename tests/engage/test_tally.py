"""What analytics count for a slice is what the inbox lists for it: segments, places, tags, hours."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.database import Database
from engage import analytics, campaigns, rollups, said, segments
from engage.analytics import Slice
from engage.analytics_tables import PlaceCount, TagCount
from engage.said import Said
from engage.tables import Contact, DayCount, VoiceCount
from engage.team import team
from nlp.reading import Sentiment
from nlp.tables import ReadingRow
from nlp.tags import Tag, TagKind
from tests.factories import (
    START,
    count_all,
    make_author,
    make_brand,
    make_conversation,
    make_mention,
    make_user,
    name_in,
)

PLACES = ("Berlin", 'The "Hague"', "it's here")
WHOLE = Slice(1, START.date() - timedelta(days=30), START.date() + timedelta(days=30))


@pytest.fixture
def session(database: Database) -> Any:
    """Sixty mentions by thirty people, counted."""
    dice = random.Random(3)
    with database.write() as session:
        brand = make_brand(session)
        assert brand.id == WHOLE.brand_id
        for number in range(30):
            network = dice.choice(("mastodon", "reddit", "feed"))
            author = make_author(session, f"author{number}", network, followers=dice.choice((None, 5, 20_000)))
            conversation = make_conversation(session, brand, author, thread=f"t{number}", first_at=START)
            contact = session.get_one(Contact, conversation.contact_id)
            contact.tags = [["vip", 'a "quoted" tag'], ["vip"], [], []][number % 4]
            contact.notes = "Called twice." if number % 7 == 0 else ""
            for place in range(2):
                _hear(session, conversation, place, dice)
        count_all(session)
        yield session


def _hear(session: Session, conversation: Any, place: int, dice: random.Random) -> None:
    mention = make_mention(
        session,
        conversation,
        dice.choice(("Late.", "#Late", "#late #sad https://example.com/?utm_source=mail&utm_campaign=50%25")),
        number=place,
        created_at=START + timedelta(hours=dice.randrange(-600, 600)),
        reach=dice.choice((None, 5, 20_000, 2_000_000)),
    )
    reading = session.get_one(ReadingRow, mention.id)
    reading.sentiment = dice.choice(list(Sentiment))
    name_in(reading, [["place", name, 0, 4] for name in dice.sample(PLACES, dice.randrange(3))])
    session.flush()


def listed(session: Session, asked: Said) -> int:
    """How many mentions the inbox lists."""
    found = said.mentions(session, asked).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def with_(chosen: Slice, **more: Any) -> Said:
    return Said(chosen.brand_id, chosen.first, chosen.last, segment=chosen.segment, **more)


CODES = [*sorted(segments.FIXED_CODES), "tag:vip", 'tag:a "quoted" tag', "tag:nobody"]


def test_each_segment_counts_what_the_inbox_lists(session: Session) -> None:
    sizes = {}
    for code in CODES:
        chosen = Slice(1, WHOLE.first, WHOLE.last, segment=code)
        sizes[code] = analytics.mix(session, chosen).mentions
        assert sizes[code] == listed(session, with_(chosen)), code
        for sentiment in Sentiment:
            counted = analytics.mix(session, chosen).by("sentiment")[sentiment]
            assert counted == listed(session, with_(chosen, sentiment=sentiment)), (code, sentiment)
    everybody = analytics.mix(session, WHOLE).mentions
    assert everybody == 60 == sum(size for code, size in sizes.items() if code.startswith("size:"))
    assert sizes["contact:known"] + sizes["contact:stranger"] == everybody
    assert (sizes["tag:nobody"], sizes["tag:vip"]) == (0, 32)
    assert sizes['tag:a "quoted" tag'] == 16


def test_segments_narrow_what_is_counted_in_every_table(session: Session) -> None:
    chosen = Slice(1, WHOLE.first, WHOLE.last, segment="tag:vip", network="mastodon")
    for table in rollups.COUNTS:
        line, everybody = analytics.tally(session, table, chosen), analytics.tally(session, table, WHOLE)
        size, whole = (session.scalar(select(func.sum(each.mentions))) or 0 for each in (line, everybody))
        assert size < whole or table is VoiceCount


def test_conversations_with_a_segment(session: Session) -> None:
    sizes = {code: team(session, Slice(1, WHOLE.first, WHOLE.last, segment=code), START).begun for code in CODES}
    assert sizes["tag:vip"] == 16
    assert sizes["contact:known"] + sizes["contact:stranger"] == 30
    assert sum(size for code, size in sizes.items() if code.startswith("size:")) == 30


@pytest.mark.parametrize("segment", ["", "tag:vip"])
def test_places_and_tags_count_what_the_inbox_lists(session: Session, segment: str) -> None:
    chosen = Slice(1, WHOLE.first, WHOLE.last, segment=segment)
    places = analytics.by_place(session, chosen, analytics.top_places(session, chosen, 10))
    assert set(places) == set(PLACES)
    for place, read in places.items():
        assert analytics.size_of(read) == listed(session, with_(chosen, place=place))
    for kind in TagKind:
        lines = campaigns.lines(session, chosen, kind)
        assert lines
        for line in lines:
            assert analytics.size_of(line.now) == listed(session, with_(chosen, tag=line.tag)), line.tag


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata", "America/New_York"])
def test_hours_count_what_the_inbox_lists(session: Session, zone: str) -> None:
    chosen = Slice(1, WHOLE.first, WHOLE.last, zone=zone)
    counts = analytics.by_hour(session, chosen)
    assert sum(map(sum, counts)) == 60
    for weekday, row in enumerate(counts):
        assert sum(row) == listed(session, with_(chosen, weekday=weekday, zone=zone))
    busiest = max(range(24), key=lambda hour: counts[0][hour])
    assert counts[0][busiest] == listed(session, with_(chosen, weekday=0, hour=busiest, zone=zone))


def test_the_days_around_a_tags_first_one(session: Session) -> None:
    tag = Tag(TagKind.HASHTAG, "late")
    effect = campaigns.effect(session, WHOLE, tag)
    assert effect is not None
    first = session.scalar(select(func.min(TagCount.day)).where(TagCount.name == "late"))
    assert (effect.after.first, effect.before.last) == (first, first - timedelta(days=1))
    assert effect.before.days == effect.after.days == len(effect.line) / 2 == campaigns.AROUND
    assert (
        sum(effect.tagged.values())
        == analytics.size_of(effect.heard_with)
        == listed(session, with_(effect.after, tag=tag))
    )
    assert analytics.size_of(effect.heard_after) == listed(session, with_(effect.after))
    assert campaigns.effect(session, WHOLE, Tag(TagKind.HASHTAG, "never")) is None


def test_a_tag_is_called_something(session: Session) -> None:
    user, tag = make_user(session), Tag(TagKind.HASHTAG, "late")
    campaigns.call(session, 1, tag, " The  late one ", by=user)
    campaigns.call(session, 1, tag, "Late", by=user)
    assert campaigns.names(session, 1) == {tag: "Late"}
    assert campaigns.names(session, 2) == {}
    campaigns.call(session, 1, tag, " ", by=user)
    assert campaigns.names(session, 1) == {}


@pytest.mark.parametrize("code", ["", "hashtag:", "place:Berlin", "hashtag:" + "a" * 101, "late"])
def test_what_is_no_tag(code: str) -> None:
    assert campaigns.parse(code) is None


def test_codes_of_tags_come_back(session: Session) -> None:
    for name, kind in session.execute(select(TagCount.name, TagCount.kind)):
        assert campaigns.parse(campaigns.code(Tag(kind, name))) == Tag(kind, name)
    assert session.scalar(select(func.sum(DayCount.mentions))) == 60
    assert session.scalar(select(func.count()).select_from(PlaceCount))


@pytest.mark.parametrize("code", ["size:huge", "tag:", "kind:", "contact", "tag:" + "a" * 300])
def test_what_is_no_segment(code: str) -> None:
    assert not segments.known(code)
