"""What the figures of all tabs of the analytics are made of: addresses, spans of days, shares in words, bars."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from flask import url_for

from engage import analytics, shares
from engage.analytics import Read, Slice
from engage.findings import percent
from engage.shares import Share
from nlp.reading import Intent, Sentiment
from nlp.tags import Tag
from web.charts import Cell, Figure, Key, Table, number, words

SENTIMENTS = [str(value) for value in Sentiment]
LANGUAGES = {
    "ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "hi": "Hindi", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian",
    "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "und": "Unknown", "zh": "Chinese",
}  # fmt: skip
KNOWN = "Intervals (95 %) are for chance and the reading engine's known errors."
UNKNOWN = "The reading engine's errors were not measured: intervals (95 %) are for chance alone."


def language_label(code: str) -> str:
    """A language as people call it."""
    return LANGUAGES.get(code, code)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a tab shows."""

    figures: Sequence[Figure]
    keys: Sequence[Key] = ()
    topics: analytics.Topics | None = None
    phrases: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    """Where each phrase of the topics leads: to the mentions with it now, and in the period before."""
    tag: Tag | None = None
    """What is looked at closely."""
    called: str = ""
    """What people call it."""


def inbox_url(chosen: Slice, **more: object) -> str:
    """The inbox with exactly the mentions that a number counts."""
    fields = {
        "queue": "all",
        "brand": chosen.brand_id,
        "from": chosen.first.isoformat(),
        "to": chosen.last.isoformat(),
        "network": chosen.network or None,
        "language": chosen.language or None,
        "segment": chosen.segment or None,
    }
    return url_for("inbox.index", **fields | more)  # type: ignore[arg-type]


def days(first: date, last: date) -> str:
    """`2 Nov`, `2–8 Nov`, `28 Oct – 3 Nov`."""
    if first == last:
        return f"{first.day} {first:%b}"
    if first.month == last.month and first.year == last.year:
        return f"{first.day}–{last.day} {last:%b}"
    return f"{first.day} {first:%b} – {last.day} {last:%b}"


def span(chosen: Slice) -> str:
    """The days of a slice in full."""
    year = f" {chosen.last:%Y}" if chosen.first.year == chosen.last.year else ""
    start = days(chosen.first, chosen.last) if year else f"{chosen.first:%d %b %Y} – {chosen.last:%d %b %Y}"
    return f"{start}{year}, days in UTC"


def sure(share: Share) -> str:
    """A share with its interval: `31 % (28–34)`, or that there are too few."""
    if share.few:
        return "too few"
    return f"{percent(share.value)} ({100 * share.low:.0f}–{100 * share.high:.0f})"


def known(found: Mapping[str, Share]) -> str:
    """What the intervals of these shares hold."""
    some = next(iter(found.values()), None)
    return UNKNOWN if some and some.of and some.guess is None else KNOWN


def bars(
    name: str,
    finding: str,
    measure: str,
    found: Mapping[str, Share],
    label_of: Callable[[str], str],
    link: Callable[[str], str],
    before: Mapping[str, Share] | None = None,
) -> Figure:
    """Parts as bars with their shares, the largest first."""
    ordered = sorted(found, key=lambda part: (part == Intent.OTHER, -found[part].count))
    head = ["", "Mentions", "Share (95 %)"] + (["Share before (95 %)"] if before else [])
    rows = [
        [
            words(label_of(part)),
            number(found[part].count, link(part)),
            words(sure(found[part])),
            *([words(sure(before[part]))] if before else []),
        ]
        for part in ordered
    ]
    drawing = {
        "kind": "bars",
        "labels": [label_of(part) for part in ordered],
        "values": [found[part].count for part in ordered],
        "words": [sure(found[part]) for part in ordered],
        "links": [link(part) for part in ordered],
    }
    return Figure(name, finding, measure, drawing, Table(head, rows))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what was said, and how it feels."""

    label: str
    counts: Mapping[str, int]
    """By sentiment."""
    negative: Share
    link: Callable[..., str]
    """The inbox with its mentions; takes further fields."""
    earlier: "Part | None" = None
    """The same in the period before."""
    focus: str = ""
    """As in Cell."""

    @property
    def size(self) -> int:
        """All of its mentions."""
        return sum(self.counts.values())


Lot = tuple[str, Read, Callable[..., str]]
"""A label, sentiments, and the inbox with those mentions."""


def parts(found: Sequence[Lot], before: Sequence[Lot] = (), focus: Sequence[str] = ()) -> list[Part]:
    """Parts with their shares, each with its own in the period before where that is told."""
    lots = [*found, *before]
    negative = shares.series([read for _, read, _ in lots], SENTIMENTS, "sentiment")
    made = [
        Part(label, {each: sum(counts.get(each, 0) for counts in read.values()) for each in SENTIMENTS}, share, link)
        for (label, read, link), share in zip(lots, (each["negative"] for each in negative), strict=True)
    ]
    now = made[: len(found)]
    earlier: Sequence[Part | None] = made[len(found) :] or [None] * len(found)
    codes = focus or [""] * len(found)
    return [replace(part, earlier=old, focus=code) for part, old, code in zip(now, earlier, codes, strict=True)]


def lots(
    chosen: Slice, read: Mapping[str, Read], names: Sequence[str], label_of: Callable[[str], str], field: str
) -> list[Lot]:
    """For `parts`: a lot for each name, which `field` narrows the inbox to."""
    return [(label_of(name), read.get(name, {}), partial(inbox_url, chosen, **{field: name})) for name in names]


def feelings(name: str, finding: str, measure: str, found: Sequence[Part], wide: bool = False) -> Figure:
    """Parts by how they feel, and the same in the period before where that is told."""
    links = {label: [part.link(sentiment=label) for part in found] for label in SENTIMENTS}
    drawing = {
        "kind": "split",
        "labels": [part.label for part in found],
        **{label: [part.counts[label] for part in found] for label in SENTIMENTS},
        "links": links,
    }
    has_before = any(part.earlier for part in found)
    head = ("", "Mentions", *(label.capitalize() for label in SENTIMENTS), "Negative share (95 %)")
    before = ("Mentions before", "Negative share before (95 %)") if has_before else ()
    return Figure(name, finding, measure, drawing, Table((*head, *before), [_row(part) for part in found]), wide)


def _row(part: Part) -> list[Cell]:
    felt = [number(part.counts[label], part.link(sentiment=label)) for label in SENTIMENTS]
    row = [Cell(part.label, focus=part.focus), number(part.size, part.link()), *felt, words(sure(part.negative))]
    old = part.earlier
    return [*row, number(old.size, old.link()), words(sure(old.negative))] if old else row
