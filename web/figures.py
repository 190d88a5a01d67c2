"""The figures of each tab of the analytics: readings of engage/analytics.py as charts, tables and links."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from engage import analytics, findings, shares, zones
from engage.analytics import Mix, Point, Slice
from engage.findings import percent
from engage.shares import Share
from listener.networks import network_label
from nlp.reading import Intent
from web.charts import Cell, Figure, Key, Table, number, words
from web.figure_parts import SENTIMENTS, Shown, bars, days, inbox_url, known, language_label, span, sure
from web.inbox.query import US
from web.words import compact

INTENTS = [str(value) for value in Intent]
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_PARTS = 12
BLOCK = 60
"""So many mentions a share over time is taken over at least, on average."""
PLURALS = {
    "complaint": "Complaints come", "question": "Questions come", "praise": "Praise comes",
    "purchase": "Wishes to buy come", "suggestion": "Suggestions come", "promotion": "Promotion comes",
}  # fmt: skip


# --- overview ----------------------------------------------------------------------------------------------------


def overview(session: Session, chosen: Slice) -> Shown:
    """How much was said, how it feels, what for and where, against the period before."""
    now, before = analytics.mix(session, chosen), analytics.mix(session, chosen.before)
    line, earlier = analytics.trend(session, chosen), analytics.trend(session, chosen.before)
    feeling = shares.shares(now.read("sentiment"), SENTIMENTS, "sentiment")
    felt = shares.shares(before.read("sentiment"), SENTIMENTS, "sentiment")
    figures = [
        volume(chosen, line, earlier, now.mentions, before.mentions),
        sentiment(chosen, line, feeling, felt),
        intents(chosen, now, before),
        _parts("networks", "network", "{} carries the most", network_label, chosen, now),
        _parts("languages", "language", "{} is spoken the most", language_label, chosen, now),
    ]
    return Shown(figures, _keys(chosen, now, before, feeling, felt))


def _keys(chosen: Slice, now: Mix, before: Mix, feeling: Mapping[str, Share], felt: Mapping[str, Share]) -> list[Key]:
    found = [
        Key("Mentions", f"{now.mentions:,}", f"{before.mentions:,} before", inbox_url(chosen)),
        Key("Reach", compact(now.reach), f"{compact(before.reach)} before"),
    ]
    for label in ("negative", "positive"):
        share, earlier = feeling[label], felt[label]
        value = "too few" if share.few else f"{percent(share.value)}"
        told = f"{findings.margin(share)} points, " if not share.few else ""
        change = f"{told}{'too few' if earlier.few else percent(earlier.value)} before"
        found.append(Key(f"{label.capitalize()} share", value, change, inbox_url(chosen, sentiment=label)))
    return found


def volume(chosen: Slice, line: Sequence[Point], earlier: Sequence[Point], now: int, before: int) -> Figure:
    """Mentions over time, and in the period before."""
    addresses = [inbox_url(_of(chosen, point)) for point in line]
    counts = [point.mentions for point in line]
    return Figure(
        "volume",
        findings.volume(now, before),
        f"Mentions {_per(chosen)}, {span(chosen)}; the pale line is the period before",
        {
            "kind": "volume",
            "labels": [days(point.first, point.last) for point in line],
            "now": counts,
            "before": [point.mentions for point in earlier],
            "links": addresses,
        },
        Table(
            ("Days", "Mentions", "Days before", "Mentions before"),
            [
                [
                    words(days(point.first, point.last)),
                    number(point.mentions, address),
                    words(days(old.first, old.last)),
                    number(old.mentions, inbox_url(_of(chosen, old))),
                ]
                for point, old, address in zip(line, earlier, addresses, strict=True)
            ],
        ),
        wide=True,
    )


def _of(chosen: Slice, point: Point) -> Slice:
    return replace(chosen, first=point.first, last=point.last)


def _per(chosen: Slice) -> str:
    return {1: "a day", 7: "a week", 28: "in four weeks"}[analytics.step_of(chosen.days)]


def sentiment(
    chosen: Slice, line: Sequence[Point], feeling: Mapping[str, Share], felt: Mapping[str, Share]
) -> Figure:
    """Positive above and negative below the line, with the negative share and what is not known about it."""
    step, over = _shares_over(line)
    counts = [point.counts for point in line]
    links = {label: [inbox_url(_of(chosen, point), sentiment=label) for point in line] for label in SENTIMENTS}
    rows = [
        [
            words(days(point.first, point.last)),
            *(number(count[label], links[label][place]) for label in SENTIMENTS),
            words(sure(share)),
            words("" if share.few or share.guess is None else percent(share.guess)),
        ]
        for place, (point, count, share) in enumerate(zip(line, counts, over, strict=True))
    ]
    joined = f" The share is over {step} of these at a time." if step > 1 else ""
    return Figure(
        "sentiment",
        findings.change("Negative share", feeling["negative"], felt["negative"]),
        f"Mentions {_per(chosen)} as they were read, {span(chosen)}.{joined} {known(feeling)}",
        {
            "kind": "stance",
            "labels": [days(point.first, point.last) for point in line],
            "positive": [count["positive"] for count in counts],
            "negative": [count["negative"] for count in counts],
            "share": [_drawn(share, share.value) for share in over],
            "low": [_drawn(share, share.low) for share in over],
            "high": [_drawn(share, share.high) for share in over],
            "links": {label: links[label] for label in ("positive", "negative")},
        },
        Table(("Days", "Negative", "Neutral", "Positive", "Negative share (95 %)", "Corrected guess"), rows),
        wide=True,
    )


def _shares_over(line: Sequence[Point]) -> tuple[int, list[Share]]:
    """The negative share at each point, over so many points together that it says something."""
    total = sum(point.mentions for point in line)
    step = min(len(line), max(1, -(-BLOCK * len(line) // total))) if total else len(line)
    blocks: list[analytics.Read] = []
    for start in range(0, len(line), step):
        block: dict[str, Counter[str]] = {}
        for point in line[start : start + step]:
            for model, counts in point.read.items():
                block.setdefault(model, Counter()).update(counts)
        blocks.append(block)
    series = shares.series(blocks, SENTIMENTS, "sentiment")
    return step, [series[place // step]["negative"] for place in range(len(line))]


def _drawn(share: Share, value: float) -> int | None:
    return None if share.few else round(100 * value)


def intents(chosen: Slice, now: Mix, before: Mix) -> Figure:
    """What people want."""
    found = shares.shares(now.read("intent"), INTENTS, "intent")
    earlier = shares.shares(before.read("intent"), INTENTS, "intent")
    named = {label: share for label, share in found.items() if label != "other"}
    return bars(
        "intents",
        findings.largest("{} first", {PLURALS[label]: share for label, share in named.items()}),
        f"Mentions by what their authors want, {span(chosen)}. {known(found)}",
        found,
        str.capitalize,
        lambda label: inbox_url(chosen, intent=label),
        earlier,
    )


def _parts(name: str, axis: str, finding: str, label_of: Callable[[str], str], chosen: Slice, now: Mix) -> Figure:
    """Networks or languages, which are known for sure."""
    counts = now.by(axis).most_common(MOST_PARTS)
    found = {part: shares.plain(count, now.mentions) for part, count in counts}
    reach = now.reach_by(axis)
    figure = bars(
        name,
        findings.largest(finding, {label_of(part): share for part, share in found.items()}),
        f"Mentions by {axis}, {span(chosen)}",
        found,
        label_of,
        lambda part: inbox_url(chosen, **{axis: part}),
    )
    rows = [[*row, number(reach[part])] for row, part in zip(figure.table.rows, found, strict=True)]
    table = Table((*figure.table.head, "Reach"), rows)
    return Figure(name, figure.finding, figure.measure, figure.drawing, table)


# --- topics ------------------------------------------------------------------------------------------------------


def topics(session: Session, chosen: Slice) -> Shown:
    """What is talked about more, and less."""
    found = analytics.topics(session, chosen)
    leads = {topic.phrase.words: _with_phrase(chosen, topic) for topic in found.topics}
    rows = [
        [
            words(topic.phrase.words),
            words("more" if topic.phrase.z > 0 else "less"),
            words(f"{topic.phrase.now:,}"),
            words(f"{topic.phrase.before:,}"),
            words(f"{topic.phrase.z:+.1f}"),
            words(f"{topic.negative:,}"),
            *leads[topic.phrase.words],
        ]
        for topic in found.topics
    ]
    looked = (
        f"{found.looked_at:,} of {found.of:,} mentions, against {found.before_looked_at:,} of {found.before_of:,}"
    )
    head = ("Phrase", "Said", "Texts", "Texts before", "z", "Of them negative", "Mentions", "Mentions before")
    figure = Figure(
        "topics",
        findings.topics(found),
        f"Phrases whose share of texts changed most surely, {span(chosen)}; looked at {looked} in the period before",
        {
            "kind": "drivers",
            "labels": [topic.phrase.words for topic in found.topics],
            "values": [round(topic.phrase.z, 2) for topic in found.topics],
            "words": [f"{topic.phrase.before:,} → {topic.phrase.now:,} texts" for topic in found.topics],
        },
        Table(head, rows),
        wide=True,
    )
    return Shown([figure], topics=found, phrases=leads)


def _with_phrase(chosen: Slice, topic: analytics.Topic) -> list[Cell]:
    """Leads to all mentions with it, now and in the period before; counted only on demand where not all were read."""
    sizes = ((chosen, topic.mentions), (chosen.before, topic.mentions_before))
    links = [(size, inbox_url(of, phrase=topic.phrase.words)) for of, size in sizes]
    return [words("", link) if size is None else number(size, link) for size, link in links]


# --- share of voice ----------------------------------------------------------------------------------------------


def voice(session: Session, chosen: Slice, brand: str) -> Shown:
    """How often we are named, and how often competitors, and how people feel towards each."""
    now, before = analytics.by_voice(session, chosen), analytics.by_voice(session, chosen.before)
    sizes, old = _sizes(now), _sizes(before)
    total, old_total = sum(sizes.values()), sum(old.values())
    names = {voice: voice or brand for voice in now}
    share = {names[voice]: shares.plain(size, total) for voice, size in sizes.items()}
    stances = {voice: shares.shares(read, SENTIMENTS, "sentiment") for voice, read in now.items()}
    link = {voice: voice or US for voice in now}
    addresses = {
        label: [inbox_url(chosen, names=link[voice], towards=label) for voice in now] for label in SENTIMENTS
    }
    by_stance = Figure(
        "voice",
        findings.voice(brand, share),
        f"Mentions that name us or a competitor, by how they feel towards that name, {span(chosen)}",
        {
            "kind": "split",
            "labels": list(names.values()),
            **{label: [stances[voice][label].count for voice in now] for label in SENTIMENTS},
            "links": addresses,
        },
        Table(
            (
                "Name",
                "Mentions",
                "Share of voice (95 %)",
                "Share before (95 %)",
                "Negative",
                "Neutral",
                "Positive",
                "Negative share (95 %)",
            ),
            [
                [
                    words(names[voice]),
                    number(sizes[voice], inbox_url(chosen, names=link[voice])),
                    words(sure(share[names[voice]])),
                    words(sure(shares.plain(old.get(voice, 0), old_total))),
                    *(number(stances[voice][label].count, addresses[label][place]) for label in SENTIMENTS),
                    words(sure(stances[voice]["negative"])),
                ]
                for place, voice in enumerate(now)
            ],
        ),
        wide=True,
    )
    return Shown([by_stance])


def _sizes(read: Mapping[str, analytics.Read]) -> dict[str, int]:
    return {voice: sum(sum(counts.values()) for counts in each.values()) for voice, each in read.items()}


# --- when --------------------------------------------------------------------------------------------------------


def when(session: Session, chosen: Slice) -> Shown:
    """At which hours of the week most is said, in the zone of whoever looks."""
    counts = analytics.by_hour(session, chosen)
    zone = {"zone": chosen.zone} if chosen.zone != "UTC" else {}
    links = [[inbox_url(chosen, weekday=day, hour=hour, **zone) for hour in range(24)] for day in range(7)]
    hours = [f"{hour:02}:{zones.minute_of(ZoneInfo(chosen.zone), chosen.last):02}" for hour in range(24)]
    place = chosen.zone.replace("_", " ")
    figure = Figure(
        "when",
        findings.busiest(counts, hours),
        f"Mentions by weekday and hour in {'UTC' if place == 'UTC' else f'the time of {place}'}, {span(chosen)}",
        {"kind": "heat", "rows": list(WEEKDAYS), "hours": hours, "zone": place, "values": counts, "links": links},
        Table(
            ("Hour", *WEEKDAYS),
            [
                [words(hours[hour]), *(number(counts[day][hour], links[day][hour]) for day in range(7))]
                for hour in range(24)
            ],
        ),
        wide=True,
    )
    return Shown([figure])


def cells(figure: Figure) -> list[Cell]:
    """Every number of a figure that leads somewhere."""
    return [cell for row in figure.table.rows for cell in row if cell.href]
