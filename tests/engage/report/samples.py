"""Invented reports: a full week, an empty one, a single mention, a day, a person's week, a hostile one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from engage.report.content import (
    Advice,
    AlertLine,
    Day,
    Driver,
    Measure,
    Person,
    Quote,
    Report,
    ReportKind,
    Section,
    SourceLine,
    Unit,
    Voice,
)
from engage.report.mail import Look

FIRST = date(2026, 11, 16)
MADE = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
HOSTILE = '\u202e<script>alert(1)</script>\r\nBcc: x@example.com 😀 =cmd, "q"'
HEBREW = "קסטובה אופניים"


def look(**changed: object) -> Look:
    """How the samples look."""
    given = {
        "colour": "#0f766e",
        "logo": None,
        "logo_type": "",
        "base_url": "https://hearken.example",
        "unsubscribe_url": "https://hearken.example/reports/unsubscribe/token",
        "sections": tuple(Section),
    }
    return Look(**given | changed)  # type: ignore[arg-type]


def days(counts: Sequence[tuple[int, int, int, int]], first: date = FIRST) -> list[Day]:
    """Negative, neutral, positive and before for each day."""
    return [Day(first + timedelta(days=number), *count) for number, count in enumerate(counts)]


def quote(text: str, sentiment: str = "negative", author: str = "@pedal_anna", network: str = "mastodon") -> Quote:
    """An example."""
    return Quote(811, 204, network, author, sentiment, text)


def weekly() -> Report:
    """A week in which everything happened."""
    return Report(
        kind=ReportKind.WEEKLY,
        brand="Kestova",
        language="en",
        zone="Europe/Berlin",
        first=FIRST,
        last=FIRST + timedelta(days=6),
        made_at=MADE,
        title="Kestova, week 47 (16–22 November 2026)",
        headline="Negative share fell from 31\u202f% to 24\u202f% (±3). Late deliveries drive half of what is left.",
        measures=[
            Measure("mentions", "Mentions", Unit.COUNT, 1284, 1096, path="/?queue=all&from=2026-11-16&to=2026-11-22"),
            Measure("negative", "Negative", Unit.SHARE, 0.24, 0.31, 0.03, path="/?queue=all&sentiment=negative"),
            Measure("positive", "Positive", Unit.SHARE, 0.3, 0.22, 0.03),
            Measure("reach", "Reach", Unit.COUNT, 9_431_870, 2_395_200),
            Measure("voice", "Share of voice", Unit.SHARE, 0.38, 0.36, 0.03, path="/analytics/voice"),
        ],
        trend=days(
            [
                (61, 92, 44, 150),
                (74, 88, 41, 162),
                (48, 97, 52, 171),
                (39, 86, 61, 166),
                (36, 79, 58, 158),
                (27, 71, 66, 141),
                (23, 74, 67, 148),
            ]
        ),
        voices=[
            Voice("Norvik", False, 1496, 0.442, 0.42, 0.465, 0.19),
            Voice("Kestova", True, 1284, 0.38, 0.35, 0.41, 0.24),
            Voice("Trailhawk", False, 540, 0.16, 0.14, 0.18, 0.33),
            Voice("Öst & Söhne", False, 61, 0.018, 0.013, 0.024, None),
        ],
        drivers=[
            Driver(
                "late delivery",
                True,
                0.12,
                0.041,
                0.86,
                [
                    quote("Third week without my bike. The tracking page says “on its way” since Monday last."),
                    quote("Ordered on 2 November, still nothing. Support is friendly, delivery is not.", author="Lo"),
                ],
            ),
            Driver("new saddle", True, 0.07, 0.02, 0.04, [quote("The new saddle is a dream.", "positive", "Jo")]),
            Driver("error 4207", False, 0.018, 0.09, 0.71, [quote("4207 is gone since the update.", "neutral")]),
        ],
        people=[
            Person(
                31, "Mira Tandem", "mastodon", 83, 41_200, 6, True, "41,200 followers, 3 posts shared over 50 times"
            ),
            Person(32, HEBREW, "bluesky", 71, None, 3, False, "twice as many answers as four weeks ago"),
        ],
        alerts=[
            AlertLine(
                7,
                "70 negative mentions in 4 hours, usually 5",
                datetime(2026, 11, 17, 8, 15, tzinfo=UTC),
                datetime(2026, 11, 17, 19, 40, tzinfo=UTC),
                ["What is said: late delivery.", "Most of it is on Mastodon (61 of 70)."],
            ),
        ],
        team=[
            Measure("begun", "Conversations begun", Unit.COUNT, 312, 290),
            Measure("answered", "Answered", Unit.SHARE, 0.91, 0.84, path="/analytics/team"),
            Measure("first_answer", "First answer, median", Unit.MINUTES, 42, 71),
            Measure("on_time", "Answered in time", Unit.SHARE, 0.88, 0.9),
            Measure("recovered", "Turned for the better after our answer", Unit.SHARE, None, None, few=True),
        ],
        sources=[
            SourceLine("Mastodon: kestova", "mastodon", 702, []),
            SourceLine("Bluesky: kestova", "bluesky", 431, []),
            SourceLine("r/bikes", "reddit", 151, ["Blind on Thursday from 02:10 to 09:45: the token had run out."]),
        ],
        advice=[
            Advice("Answer the 14 complaints on late delivery that nobody has taken.", "/?queue=unassigned"),
            Advice("Thank Mira Tandem: she is new and speaks well of the saddle.", "/influencers/"),
        ],
        notes=[
            "Reddit was blind for seven hours on Thursday; its figures are too low.",
            "Read by engine compact-2; its known error is in the intervals.",
        ],
    )


def german() -> Report:
    """The same in German words, as far as the fixed ones go."""
    return replace(
        weekly(),
        language="de",
        title="Kestova, Woche 47 (16.–22. November 2026)",
        headline="Der negative Anteil fiel von 31\u202f% auf 24\u202f% (±3). Halb davon: späte Lieferungen.",
    )


def empty() -> Report:
    """A week in which nobody said anything."""
    return replace(
        weekly(),
        headline="Nobody was heard speaking of Kestova.",
        measures=[
            Measure("mentions", "Mentions", Unit.COUNT, 0, None),
            Measure("negative", "Negative", Unit.SHARE, None, None),
            Measure("reach", "Reach", Unit.COUNT, 0, None),
            Measure("voice", "Share of voice", Unit.SHARE, None, None),
        ],
        trend=days([(0, 0, 0, 0)] * 7),
        voices=[],
        drivers=[],
        people=[],
        alerts=[],
        team=[],
        sources=[SourceLine("Mastodon: kestova", "mastodon", 0, [])],
        advice=[],
        notes=[],
    )


def single() -> Report:
    """One mention: no share can be told of it."""
    return replace(
        empty(),
        headline="One mention of Kestova, and it is neutral.",
        measures=[
            Measure("mentions", "Mentions", Unit.COUNT, 1, 0),
            Measure("negative", "Negative", Unit.SHARE, 0.0, None, 0.5, few=True),
            Measure("reach", "Reach", Unit.COUNT, 120, 0),
            Measure("voice", "Share of voice", Unit.SHARE, 1.0, None, few=True),
        ],
        trend=days([(0, 0, 0, 0)] * 3 + [(0, 1, 0, 0)] + [(0, 0, 0, 0)] * 3),
        voices=[Voice("Kestova", True, 1, 1.0, 0.2, 1.0, None)],
        sources=[SourceLine("Mastodon: kestova", "mastodon", 1, [])],
    )


def daily() -> Report:
    """A day."""
    return replace(
        weekly(),
        kind=ReportKind.DAILY,
        last=FIRST,
        title="Kestova, Monday, 16 November 2026",
        headline="197 mentions, 31\u202f% more than a week before.",
        trend=days([(61, 92, 44, 150)]),
        people=[],
        alerts=[],
    )


def personal() -> Report:
    """A person's own week."""
    return replace(
        empty(),
        kind=ReportKind.PERSONAL,
        title="Your week 47",
        headline="You answered 48 conversations; 3 wait for you.",
        measures=[
            Measure("answered_by_me", "Answers", Unit.COUNT, 48, 39),
            Measure("first_answer", "First answer, median", Unit.MINUTES, 38, 55),
            Measure("waiting", "Waiting for you", Unit.COUNT, 3, 5, path="/?queue=mine"),
        ],
        trend=[],
        sources=[],
        advice=[Advice("Three conversations wait for you, the oldest since Friday.", "/?queue=mine")],
    )


def hostile() -> Report:
    """Everything that other people write is meant to break it."""
    full = weekly()
    return replace(
        full,
        brand=HOSTILE,
        title=f"{HOSTILE}, week 47",
        headline=f"All is well with {HEBREW} and {HOSTILE}.",
        voices=[Voice(HOSTILE, True, 3, 0.6, 0.2, 0.9, 0.5), Voice(HEBREW * 5, False, 2, 0.4, 0.1, 0.8, 1.0)],
        drivers=[
            Driver("=cmd|' /C calc'!A0", True, 0.2, 0.1, 0.5, [quote("x" * 240), quote(HOSTILE, author=HOSTILE)])
        ],
        people=[Person(1, HOSTILE, "mastodon", 100, 9, 1, True, HOSTILE), *full.people],
        alerts=[AlertLine(1, HOSTILE, MADE, None, [HOSTILE])],
        sources=[SourceLine(HOSTILE, "feed", 2, [HOSTILE])],
        advice=[Advice(HOSTILE, "javascript:alert(1)")],
        notes=[HOSTILE],
    )


def overfull() -> Report:
    """As much as a report can hold."""
    full = weekly()
    return replace(
        full,
        voices=[Voice(f"Competitor {number}", number == 2, 90 - number, 0.1, 0.05, 0.2, 0.3) for number in range(10)],
        drivers=[
            replace(full.drivers[0], words=f"phrase {number}", rising=number < 8, quotes=[quote("word " * 48)] * 3)
            for number in range(16)
        ],
        people=[replace(full.people[0], name=f"Somebody With A Long Name {number}") for number in range(20)],
        alerts=[replace(full.alerts[0], headline=f"{number} mentions in an hour, usually 1") for number in range(20)],
        sources=[SourceLine(f"Source {number}", "feed", number, ["Blind on Monday."] * 3) for number in range(30)],
        advice=[Advice(f"Do thing {number}.", "/") for number in range(10)],
        notes=[f"Know thing {number}." for number in range(10)],
    )


SAMPLES = {
    "weekly": weekly,
    "german": german,
    "empty": empty,
    "single": single,
    "daily": daily,
    "personal": personal,
    "hostile": hostile,
    "overfull": overfull,
}
