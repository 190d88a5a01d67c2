"""Makes the report of a brand's week or day from what is stored. Only reads; bring the counts up to date before.

Counts come from the counts by day, made exact for the days of the zone (engage/report/counts.py); every figure with a
path equals what that page counts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engage import analytics, brands, shares, team
from engage.analytics import Topic, Topics
from engage.outcomes import Outcome
from engage.report import alerts as alert_lines
from engage.report import counts as report_counts
from engage.report import headline as report_headline
from engage.report import paths, words
from engage.report.advice import advice
from engage.report.content import (
    Day,
    Driver,
    Measure,
    Quote,
    Report,
    ReportKind,
    Unit,
    Voice,
)
from engage.report.found import DAY, SENTIMENTS, WEEK, Asked, Found, earlier
from engage.report.people import people
from engage.report.sources import heard
from engage.rollups import start_of
from engage.shares import Share
from engage.tables import Conversation
from listener.tables import Author, Brand, Mention

RISING, FALLING = {ReportKind.WEEKLY: 5, ReportKind.DAILY: 3}, {ReportKind.WEEKLY: 3, ReportKind.DAILY: 2}
"""So many drivers a report names."""
US = "us"


def make(session: Session, asked: Asked, now: datetime) -> Report:
    """The report of a brand. Raises NotFoundError where there is no such brand."""
    brand = brands.get(session, asked.brand_id)
    chosen, language = asked.chosen, asked.language
    days = report_counts.by_day(session, asked.window) | report_counts.by_day(session, earlier(asked.window))
    counts = report_counts.total({day: days[day] for day in days if chosen.first <= day <= chosen.last})
    found = Found(
        asked,
        brand,
        now,
        days,
        counts,
        report_counts.total({day: days[day] for day in days if asked.before.first <= day <= asked.before.last}),
        analytics.topics(session, chosen, asked.before),
        heard(session, chosen, asked.window, language, now),
        people(session, chosen, brand.name, language, now),
        alert_lines.of_time(session, brand, chosen, counts.mentions),
    )
    feeling, felt = found.feeling, found.felt
    drivers = _drivers(session, found)
    voice = report_counts.by_voice(session, chosen)
    voice_before = report_counts.by_voice(session, asked.before)
    said = report_headline.Said(
        brand.name, found.said.mentions, found.before.mentions, feeling["negative"], felt["negative"], drivers
    )
    return Report(
        kind=asked.kind,
        brand=brand.name,
        language=language,
        zone=asked.zone,
        first=chosen.first,
        last=chosen.last,
        made_at=now,
        title=title(asked, brand.name),
        headline=report_headline.headline(said, language),
        measures=[*_measures(found, feeling, felt), *_share_of_voice(found, voice, voice_before)],
        trend=_trend(found),
        voices=_voices(brand, voice),
        drivers=drivers,
        people=[known.person for known in found.people],
        alerts=[alert_lines.line(row, language) for row in found.alerts],
        team=_team(session, found),
        sources=[one.line for one in found.sources],
        advice=advice(session, found, drivers),
        notes=_notes(found, feeling),
    )


def title(asked: Asked, brand: str) -> str:
    """`Kestova, week 47 (16–22 November 2026)`."""
    chosen, language = asked.chosen, asked.language
    days = words.days(language, chosen.first, chosen.last)
    week, weekday = chosen.first.isocalendar().week, words.weekday(language, chosen.first)
    return words.say(language, f"title_{asked.kind}", brand=brand, week=week, days=days, weekday=weekday)


# --- figures -----------------------------------------------------------------------------------------------------


def _measures(found: Found, feeling: Mapping[str, Share], felt: Mapping[str, Share]) -> list[Measure]:
    chosen, language = found.asked.chosen, found.asked.language
    said, before = found.said, found.before
    return [
        Measure(
            "mentions",
            words.say(language, "mentions"),
            Unit.COUNT,
            said.mentions,
            before.mentions,
            path=paths.inbox(chosen),
        ),
        *(
            _share(name, feeling[name], felt[name], language, paths.inbox(chosen, sentiment=name))
            for name in ("negative", "positive")
        ),
        Measure("reach", words.say(language, "reach"), Unit.COUNT, said.reach, before.reach),
    ]


def _share(key: str, now: Share, before: Share, language: str, path: str) -> Measure:
    return Measure(
        key,
        words.say(language, key),
        Unit.SHARE,
        now.value if now.of else None,
        None if before.few else before.value,
        None if now.few else now.by_chance,
        now.few,
        path if now.of else "",
    )


def _share_of_voice(
    found: Found, voice: Mapping[str, analytics.Read], before: Mapping[str, analytics.Read]
) -> list[Measure]:
    """Nothing where there is nobody to share with."""
    if not found.brand.competitors:
        return []
    path = paths.inbox(found.asked.chosen, names=US)
    return [_share("voice", _ours(voice), _ours(before), found.asked.language, path)]


def _ours(voice: Mapping[str, analytics.Read]) -> Share:
    return shares.plain(analytics.size_of(voice.get("", {})), sum(map(analytics.size_of, voice.values())))


def _voices(brand: Brand, voice: Mapping[str, analytics.Read]) -> list[Voice]:
    total = sum(map(analytics.size_of, voice.values()))
    found = []
    for name, read in voice.items():
        share = shares.plain(analytics.size_of(read), total)
        negative = shares.shares(read, SENTIMENTS, "sentiment")["negative"]
        felt = None if negative.few else negative.value
        found.append(Voice(name or brand.name, not name, share.count, share.value, share.low, share.high, felt))
    return found if brand.competitors else []


def _trend(found: Found) -> list[Day]:
    window = found.asked.window
    lines = []
    for shift in range(window.days):
        day = window.first + shift * DAY
        felt: Counter[str] = found.days[day].sentiments
        before = found.days[day - WEEK].mentions
        lines.append(Day(day, felt["negative"], felt["neutral"], felt["positive"], before))
    return lines


def _team(session: Session, found: Found) -> list[Measure]:
    """How the team answered; what there is nothing to measure of, now and before, is left out."""
    chosen, language = found.asked.chosen, found.asked.language
    now, before = team.team(session, chosen, found.now), team.team(session, found.asked.before, found.now)
    begun = {"begun": 1}
    shares_of = (
        ("answered", team.answered, {"answered": "yes"}),
        ("on_time", team.met, {"outcome": Outcome.IN_TIME.value}),
        ("recovered", team.recovered, {"outcome": Outcome.RECOVERED.value}),
    )
    times = (
        ("first_answer", now.first_answer, before.first_answer),
        ("next_answer", now.next_answer, before.next_answer),
        ("resolution", now.resolution, before.resolution),
    )
    measures = [
        Measure(
            "begun",
            words.say(language, "begun"),
            Unit.COUNT,
            now.begun,
            before.begun,
            path=paths.inbox(chosen, **begun),
        ),
        *(
            _share(key, of(now), of(before), language, paths.inbox(chosen, **begun, **became))
            for key, of, became in shares_of
        ),
        *(Measure(key, words.say(language, key), Unit.MINUTES, took.median, old.median) for key, took, old in times),
    ]
    return [measure for measure in measures if measure.now is not None or measure.before is not None]


# --- drivers -----------------------------------------------------------------------------------------------------


def _drivers(session: Session, found: Found) -> list[Driver]:
    topics, kind = found.topics, found.asked.kind
    if min(topics.looked_at, topics.before_looked_at) < shares.FEW:
        return []
    rising = [topic for topic in topics.topics if topic.phrase.rises][: RISING[kind]]
    falling = [topic for topic in topics.topics if not topic.phrase.rises][: FALLING[kind]]
    authors = _authors(session, [example.mention_id for topic in rising + falling for example in topic.examples])
    return [_driver(topic, topics, authors) for topic in rising + falling]


def _driver(topic: Topic, topics: Topics, authors: Mapping[int, str]) -> Driver:
    phrase = topic.phrase
    return Driver(
        phrase.words,
        phrase.rises,
        phrase.now / topics.looked_at,
        phrase.before / topics.before_looked_at,
        topic.negative / max(1, phrase.now if phrase.rises else phrase.before),
        [
            Quote(
                one.mention_id,
                one.conversation_id,
                one.network,
                authors[one.mention_id],
                str(one.sentiment),
                one.text,
            )
            for one in topic.examples
            if one.mention_id in authors
        ],
    )


def _authors(session: Session, mentions: Sequence[int]) -> dict[int, str]:
    """Who wrote them; advertising and spam, which nobody should quote, left out."""
    rows = session.execute(
        select(Mention.id, Author.name, Author.handle)
        .join(Author, Author.id == Mention.author_id)
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .where(Mention.id.in_(mentions), Conversation.noise.is_(False))
    )
    return {mention_id: name or f"@{handle}" for mention_id, name, handle in rows}


# --- notes -------------------------------------------------------------------------------------------------------


def _notes(found: Found, feeling: Mapping[str, Share]) -> list[str]:
    asked, language = found.asked, found.asked.language

    def say(key: str, **values: object) -> str:
        return words.say(language, key, **values)

    notes = []
    if asked.late_since:
        at = words.moment(language, asked.late_since.astimezone(ZoneInfo(asked.zone)))
        notes.append(say("note_late", moment=at))
    if blind := [one.line.name for one in found.sources if one.line.gaps]:
        notes.append(say("note_blind", sources=", ".join(blind)))
    if any(not row.id for row in found.alerts):
        notes.append(say("note_looked_back"))
    elif alert_lines.unwatched(found.brand, asked.chosen) and found.said.mentions > alert_lines.MOST_LOOKED_BACK:
        notes.append(say("note_unwatched"))
    if found.brand.created_at > start_of(asked.before.first, asked.zone) and not found.before.mentions:
        since = found.brand.created_at.astimezone(ZoneInfo(asked.zone)).date()
        notes.append(say("note_young", brand=found.brand.name, day=words.day(language, since)))
    if asked.kind is ReportKind.DAILY:
        notes.append(say("note_daily"))
    if found.said.mentions:
        notes += _on_figures(found, feeling["negative"])
    return [*notes, say("note_days", zone=asked.zone)]


def _on_figures(found: Found, negative: Share) -> list[str]:
    """How sure the figures are, and who read the mentions."""
    language, topics = found.asked.language, found.topics
    engine = ", ".join(sorted(model for model, counts in found.said.read.items() if sum(counts.values())))
    if negative.few:
        notes = [words.say(language, "note_few"), words.say(language, "note_engine", engine=engine)]
    elif negative.guess is None:
        notes = [words.say(language, "note_margin"), words.say(language, "note_unknown_errors", engine=engine)]
    else:
        bounds = {name: words.percent(language, getattr(negative, name)) for name in ("low", "high")}
        notes = [
            words.say(language, "note_margin"),
            words.say(language, "note_errors", **bounds),
            words.say(language, "note_engine", engine=engine),
        ]
    if topics.sampled and not negative.few:
        sizes = {name: words.number(language, getattr(topics, name)) for name in ("looked_at", "of")}
        notes.append(words.say(language, "note_sampled", looked=sizes["looked_at"], of=sizes["of"]))
    notes.append(words.say(language, "note_reach"))
    if found.people:
        notes.append(words.say(language, "note_people", day=words.day(language, found.now.date())))
    return notes
