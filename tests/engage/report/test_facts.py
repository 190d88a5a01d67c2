"""What a report says of a brand's week: figures that equal the database, and sentences that equal the figures."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from config.database import Database
from engage import zones
from engage.alert_tables import Alert, AlertState
from engage.causes import Cause
from engage.influence import rate_all
from engage.report import alerts, facts, sending
from engage.report.content import Measure, Report, ReportKind
from engage.report.found import Asked
from engage.rollups import start_of
from engage.tables import Conversation, Priority, Reply, ReplyState, Status
from listener.tables import Author, Brand, Mention, SourceState
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_source, name_in

MONDAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)
WEIGHTS = {"reach": 20.0, "engagement": 10.0, "resonance": 25.0, "relevance": 10.0, "recency": 10.0, "position": 25.0}


def say(
    session: Any,
    brand: Brand,
    number: int,
    at: datetime,
    text: str = "",
    feeling: Sentiment = Sentiment.NEUTRAL,
    **more: Any,
) -> Conversation:
    """A mention in a conversation of its own, by somebody of their own."""
    author = make_author(session, f"author{number}", **more.pop("author", {}))
    conversation = make_conversation(
        session,
        brand,
        author,
        thread=f"t{number}",
        first_at=at,
        last_at=at,
        sentiment=feeling,
        **({"intent": Intent.QUESTION} | more.pop("conversation", {})),
    )
    make_mention(session, conversation, text or f"Norvik bike number {number}", created_at=at, heard_at=at, **more)
    return conversation


def week(database: Database, **values: Any) -> Brand:
    """Two weeks: 60 mentions of which 12 are negative, then 90 of which 60 are, half of these about a late parcel."""
    with database.write() as session:
        brand = make_brand(session)
        brand.created_at = START - timedelta(days=400)
        for name, value in values.items():
            setattr(brand, name, value)
        for number in range(60):
            feeling = Sentiment.NEGATIVE if number % 5 == 0 else Sentiment.POSITIVE
            at = START - timedelta(days=7) + timedelta(hours=2 * number)
            say(session, brand, number, at, feeling=feeling, reach=10)
        for number in range(100, 190):
            bad = number % 3 != 0
            late = number % 3 == 1
            text = (
                f"The {'parcel is late' if late else 'bike'} again, {WORDS[number % 10]} {WORDS[number // 10 % 10]}"
            )
            feeling = Sentiment.NEGATIVE if bad else Sentiment.POSITIVE
            complaint = {"conversation": {"intent": Intent.COMPLAINT}} if late else {}
            say(
                session,
                brand,
                number,
                START + timedelta(hours=1.7 * (number - 100)),
                text,
                feeling,
                reach=7,
                **complaint,
            )
        return brand


WORDS = ("alder", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine")


def made(
    database: Database, brand: Brand, zone: str = "UTC", language: str = "en", kind: ReportKind = ReportKind.WEEKLY,
    first: date = MONDAY, **more: Any,
) -> Report:  # fmt: skip
    sending.bring_up_to_date(database)
    with database.read() as session:
        return facts.make(session, Asked(kind, brand.id, first, zone, language, **more), NOW)


def measure(report: Report, key: str) -> Measure:
    return next(one for one in (*report.measures, *report.team) if one.key == key)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_every_figure_equals_the_database(database: Database, zone: str) -> None:
    brand = week(database)
    report = made(database, brand, zone)
    start, end = start_of(MONDAY, zone), start_of(MONDAY + timedelta(days=7), zone)
    with database.read() as session:
        rows = session.execute(
            select(Mention.created_at, Mention.reach, ReadingRow.sentiment)
            .join(ReadingRow, ReadingRow.mention_id == Mention.id)
            .where(Mention.created_at >= start - timedelta(days=7), Mention.created_at < end)
        ).all()
        begun = session.scalar(
            select(func.count()).where(Conversation.first_at >= start, Conversation.first_at < end)
        )
    here = [row for row in rows if row.created_at >= start]
    bad = [row for row in here if row.sentiment is Sentiment.NEGATIVE]
    assert measure(report, "mentions").now == len(here) and measure(report, "mentions").before == len(rows) - len(
        here
    )
    assert measure(report, "negative").now == pytest.approx(len(bad) / len(here))
    assert measure(report, "reach").now == sum(row.reach for row in here)
    assert measure(report, "begun").now == begun
    assert sum(day.negative for day in report.trend) == len(bad)
    assert sum(day.negative + day.neutral + day.positive for day in report.trend) == len(here)
    assert sum(day.before for day in report.trend) == len(rows) - len(here)
    assert [day.day for day in report.trend] == [MONDAY + timedelta(days=shift) for shift in range(7)]


def test_the_headline_tells_the_change_and_what_drives_it(database: Database) -> None:
    report = made(database, week(database))
    assert report.headline.startswith("Negative share rose from 20 % to 67 % (±10). “")
    assert report.headline.endswith("late” is in about half of what is negative.")
    driver = report.drivers[0]
    assert driver.rising and "late" in driver.words and driver.negative == 1.0
    assert all("late" in quote.text and quote.author.startswith("Author") for quote in driver.quotes)
    advice = " ".join(one.words for one in report.advice)
    assert "Answer what waits: 30 complaints" in advice and "Look into “" in advice


def test_in_german_it_says_the_same(sqlite_database: Database) -> None:
    report = made(sqlite_database, week(sqlite_database), language="de")
    assert report.title == "Norvik, Woche 45 (2.–8. November 2026)"
    assert report.headline.startswith("Der negative Anteil stieg von 20 % auf 67 % (±10). „")
    assert measure(report, "mentions").label == "Erwähnungen"
    assert any("30 Beschwerden" in one.words for one in report.advice)


def test_it_is_the_same_after_being_stored(sqlite_database: Database) -> None:
    report = made(sqlite_database, week(sqlite_database))
    assert Report.from_json(report.as_json()).as_json() == report.as_json()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("mentions", [0, 1, 5])
@pytest.mark.parametrize("kind", [ReportKind.WEEKLY, ReportKind.DAILY])
def test_little_or_nothing_is_said_plainly(
    database: Database, mentions: int, kind: ReportKind, language: str
) -> None:
    with database.write() as session:
        brand = make_brand(session)
        for number in range(mentions):
            say(session, brand, number, START + timedelta(minutes=number))
    report = made(database, brand, language=language, kind=kind)
    assert measure(report, "mentions").now == mentions
    negative = measure(report, "negative")
    assert (negative.now is None, negative.few, negative.margin) == (not mentions, True, None)
    nothing = {"en": "Nothing was said about Norvik.", "de": "Über Norvik wurde nichts gesagt."}[language]
    assert (report.headline == nothing) == (mentions == 0)
    if language == "en" and mentions:
        assert report.headline.startswith("1 mention, none" if mentions == 1 else "5 mentions, none")
        assert f"Too few mentions to say how people feel ({mentions})." in report.headline
    assert report.drivers == [] and report.voices == []


def test_a_brand_made_yesterday_says_so(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        brand = make_brand(session)
        brand.created_at = NOW - timedelta(days=1)
        say(session, brand, 1, NOW - timedelta(hours=20))
    report = made(sqlite_database, brand)
    assert any("is listened for since 8 November 2026" in note for note in report.notes)


def test_what_was_missed_says_that_it_is_late(sqlite_database: Database) -> None:
    report = made(sqlite_database, week(sqlite_database), "Europe/Berlin", late_since=NOW - timedelta(days=2))
    assert report.notes[0].startswith("This report is late: it was due on 7 November 2026, 09:00")


# --- a day -------------------------------------------------------------------------------------------------------


def test_a_day_is_compared_with_the_same_weekday_before(sqlite_database: Database) -> None:
    brand = week(sqlite_database)
    day = date(2026, 11, 4)
    report = made(sqlite_database, brand, kind=ReportKind.DAILY, first=day)
    with sqlite_database.read() as session:
        moments = session.scalars(select(Mention.created_at)).all()
    sizes = [sum(moment.date() == day - timedelta(days=back) for moment in moments) for back in (0, 7)]
    assert [measure(report, "mentions").now, measure(report, "mentions").before] == sizes
    assert len(report.trend) == 7 and report.trend[-1].day == day
    assert report.title == "Norvik, Wednesday, 4 November 2026"


# --- people, alerts, the team, sources ---------------------------------------------------------------------------


def test_people_are_new_or_rising_and_told_with_why(database: Database) -> None:
    brand = week(database)
    with database.write() as session:
        far = {"followers": 90_000, "name": 'Ada\u202e ‏نور 🚲, "x"\n=cmd()'}
        feeling = Sentiment.POSITIVE
        say(
            session,
            brand,
            900,
            START + timedelta(days=1),
            "Love it",
            feeling,
            author=far,
            shares=40,
            replies=9,
            likes=500,
        )
    rate_all(database, brand.id, WEIGHTS, lambda: NOW)
    report = made(database, brand)
    first = report.people[0]
    assert (first.name, first.is_new, first.mentions) == (far["name"], True, 1)
    assert first.followers == 90_000 and "hared 40 times" in first.why
    advice = [one for one in report.advice if one.words.startswith("Thank ")]
    assert advice[0].path == f"/influencers/{brand.id}/{first.author_id}"
    with database.read() as session:
        for person in report.people:
            heard = session.scalar(
                select(func.count()).where(
                    Mention.author_id == person.author_id, Mention.created_at >= start_of(MONDAY),
                    Mention.created_at < start_of(MONDAY + timedelta(days=7)),
                )
            )  # fmt: skip
            assert person.mentions == heard
            assert session.get_one(Author, person.author_id).followers == person.followers


@pytest.mark.parametrize(("language", "headline"), [
    ("en", "70 negative mentions in 4 hours, usually 5"),
    ("de", "70 negative Erwähnungen in 4 Std., üblich sind 5"),
])  # fmt: skip
def test_alerts_of_the_week_with_their_causes(sqlite_database: Database, language: str, headline: str) -> None:
    brand = week(sqlite_database)
    with sqlite_database.write() as session:
        for number, (start, length) in enumerate([(-9, 1), (-1, 2), (2, 1), (9, 1)]):
            begins = START + timedelta(days=start)
            session.add(
                Alert(
                    brand_id=brand.id, series="negative", state=AlertState.OPEN if number == 2 else AlertState.OVER,
                    started_at=begins, last_at=begins + timedelta(days=length), over_at=None, created_at=begins,
                    figures={"count": 70, "expected": 5, "minutes": 240},
                    causes=[Cause("phrases", {"phrases": ["late"]}).as_json()], examples=[],
                )
            )  # fmt: skip
    report = made(sqlite_database, brand, language=language)
    assert [alert.headline for alert in report.alerts] == [headline] * 2
    assert [alert.over_at is None for alert in report.alerts] == [False, True]
    assert all("late" in alert.causes[0] for alert in report.alerts)
    (open_one,) = [one for one in report.advice if one.path.startswith("/alerts/")]
    assert headline in open_one.words


@pytest.mark.parametrize("watched", [False, True])
def test_an_incident_before_the_brand_was_known_is_found_looking_back(
    sqlite_database: Database, watched: bool
) -> None:
    with sqlite_database.write() as session:
        brand = make_brand(session)
        brand.created_at = START - timedelta(days=60) if watched else NOW
        for number in range(21 * 4):
            say(session, brand, number, START - timedelta(days=21) + timedelta(hours=6 * number))
        for number in range(100, 160):
            at = START + timedelta(days=2, minutes=number - 100)
            say(session, brand, number, at, f"My Norvik lock is jammed, number {number}", Sentiment.NEGATIVE)
    report = made(sqlite_database, brand)
    if watched:
        assert not report.alerts
        return
    (alert,) = report.alerts
    assert "in 1 hour" in alert.headline
    assert any("jammed" in cause for cause in alert.causes)
    assert (alert.alert_id, alert.over_at is None) == (0, False)
    assert any("looking back" in note for note in report.notes)
    chosen = Asked(ReportKind.WEEKLY, brand.id, MONDAY).chosen
    with sqlite_database.read() as session:
        assert not alerts.of_time(session, brand, chosen, alerts.MOST_LOOKED_BACK + 1), "that would take too long"


def test_the_teams_times_and_what_waits(sqlite_database: Database) -> None:
    brand = week(sqlite_database)
    with sqlite_database.write() as session:
        complaints = session.scalars(
            select(Conversation).where(Conversation.intent == Intent.COMPLAINT).order_by(Conversation.id)
        ).all()
        complaints[1].priority = Priority.URGENT
        complaints[2].status = Status.CLOSED
        answered = complaints[0]
        answered.answered_at = answered.first_at + timedelta(minutes=90)
        mention = session.scalars(select(Mention).where(Mention.conversation_id == answered.id)).one()
        session.add(
            Reply(
                conversation_id=answered.id, mention_id=mention.id, network="mastodon", text="Sorry.", key="k",
                state=ReplyState.SENT, created_at=answered.answered_at, sent_at=answered.answered_at,
            )
        )  # fmt: skip
    report = made(sqlite_database, brand)
    assert measure(report, "first_answer").now == 90
    assert measure(report, "answered").now == pytest.approx(1 / 90)
    assert "28 complaints" in report.advice[0].words and "1 urgent" in report.advice[0].words


def test_gaps_of_sources_are_named(sqlite_database: Database) -> None:
    brand = week(sqlite_database)
    old = {"created_at": START - timedelta(days=90)}
    with sqlite_database.write() as session:
        stopped = {
            "state": SourceState.STOPPED,
            "last_ok_at": START + timedelta(days=2),
            "error_text": "The token ended.",
        }
        make_source(session, brand, "mastodon", **old, **stopped)
        make_source(session, brand, "bluesky", **old, state=SourceState.OK, last_ok_at=NOW)
        make_source(
            session, brand, "mastodon", **old, state=SourceState.OK, last_ok_at=NOW, gap="Older posts are gone.",
            gap_at=START + timedelta(days=1),
        )  # fmt: skip
        silent = make_source(session, brand, "reddit", **old, state=SourceState.OK, last_ok_at=NOW)
        for number in range(300, 400):
            at = START + timedelta(days=number % 7, minutes=number)
            if at.date() != date(2026, 11, 5):
                say(session, brand, number, at, source_id=silent.id)
    report = made(sqlite_database, brand)
    gaps = {line.name: list(line.gaps) for line in report.sources}
    assert gaps["Mastodon"] == ["Stopped, nothing heard since 4 November 2026, 09:00: The token ended."]
    assert gaps["Bluesky"] == []
    assert gaps["Mastodon (2)"] == ["3 November 2026, 09:00: Older posts are gone."]
    assert gaps["Reddit"] == ["Nothing came on Thursday, usually about 14 a day."]
    assert {line.name: line.mentions for line in report.sources}["Imported"] == 90
    assert any(note == "Not everything was heard: Mastodon, Mastodon (2), Reddit." for note in report.notes)
    assert [one.words for one in report.advice if one.path == "/sources/"] == [
        "Mend the source Mastodon: what it should have heard is missing here."
    ]


def test_without_competitors_there_is_no_share_of_voice_but_advice(sqlite_database: Database) -> None:
    report = made(sqlite_database, week(sqlite_database))
    assert not [one for one in report.measures if one.key == "voice"] and report.voices == []
    assert any("Name competitors of Norvik" in one.words for one in report.advice)


def test_share_of_voice(sqlite_database: Database) -> None:
    brand = week(sqlite_database, competitors=["Ost"])
    with sqlite_database.write() as session:
        for number, reading in enumerate(session.scalars(select(ReadingRow).where(ReadingRow.mention_id > 60))):
            name_in(reading, [["brand", "Norvik", 0, 6]] if number % 3 else [["competitor", "Ost", 0, 3]])
    report = made(sqlite_database, brand)
    assert [(voice.name, voice.ours, voice.count) for voice in report.voices] == [
        ("Norvik", True, 60), ("Ost", False, 30),
    ]  # fmt: skip
    assert measure(report, "voice").now == pytest.approx(2 / 3)


def test_zones_are_checked() -> None:
    assert zones.checked(" Europe/Berlin ") == "Europe/Berlin"
