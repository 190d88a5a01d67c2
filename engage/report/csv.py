"""The figures of a report as a table: a line each, plain numbers, nothing that a spreadsheet takes for a formula."""

from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from typing import Any

from engage.export import write_csv
from engage.report.content import Measure, Report, Section
from engage.report.html import shown_sections

Row = dict[str, Any]


def render(report: Report, sections: Sequence[Section]) -> bytes:
    """UTF-8 with a mark by which spreadsheets know it."""
    text = StringIO()
    write_csv(rows(report, sections), text)
    return text.getvalue().encode("utf-8-sig")


def rows(report: Report, sections: Sequence[Section]) -> Iterator[Row]:
    """section, name, figure, now, before, low, high, words: shares are 0–1, times are minutes."""
    period = f"{report.first.isoformat()}/{report.last.isoformat()}"
    yield _row("report", report.brand, report.kind.value, words=period)
    yield _row("report", "title", "", words=report.title)
    yield _row("report", "headline", "", words=report.headline)
    yield from _measures("figures", report.measures)
    for section in shown_sections(report, sections):
        yield from PARTS[section](report)
    yield from (_row("notes", "", "", words=note) for note in report.notes)


def _row(section: str, name: str, figure: str, now: float | None = None, **more: Any) -> Row:
    blank = {"before": None, "low": None, "high": None, "words": ""}
    return {"section": section, "name": name, "figure": figure, "now": now} | blank | more


def _measures(section: str, measures: Sequence[Measure]) -> Iterator[Row]:
    for one in measures:
        known = one.now is not None and not one.few
        low_high = _interval(one) if known else {}
        yield _row(
            section,
            one.label,
            f"{one.key} ({one.unit.value})",
            one.now if known else None,
            before=one.before,
            words="too few" if one.few else "",
            **low_high,
        )


def _interval(one: Measure) -> dict[str, float]:
    if one.margin is None or one.now is None:
        return {}
    return {"low": round(max(one.now - one.margin, 0), 4), "high": round(min(one.now + one.margin, 1), 4)}


def _trend(report: Report) -> Iterator[Row]:
    for one in report.trend:
        day = one.day.isoformat()
        yield _row("trend", day, "mentions", one.negative + one.neutral + one.positive, before=one.before)
        yield _row("trend", day, "negative", one.negative)
        yield _row("trend", day, "neutral", one.neutral)
        yield _row("trend", day, "positive", one.positive)


def _voices(report: Report) -> Iterator[Row]:
    for one in report.voices:
        yield _row("voice", one.name, "mentions", one.count, words="ours" if one.ours else "")
        yield _row("voice", one.name, "share", one.share, low=one.low, high=one.high)
        yield _row("voice", one.name, "negative share", one.negative, words="too few" if one.negative is None else "")


def _drivers(report: Report) -> Iterator[Row]:
    for one in report.drivers:
        words = "said more" if one.rising else "said less"
        yield _row("drivers", one.words, "share of mentions", one.now, before=one.before, words=words)
        yield _row("drivers", one.words, "negative share", one.negative)
        for quote in one.quotes:
            yield _row("drivers", one.words, f"{quote.sentiment}, {quote.author}, {quote.network}", words=quote.text)


def _people(report: Report) -> Iterator[Row]:
    for one in report.people:
        words = f"{'new' if one.is_new else 'rising'}: {one.why}"
        yield _row("people", one.name, f"score of 100, {one.network}", one.score, words=words)
        yield _row("people", one.name, "followers", one.followers)
        yield _row("people", one.name, "mentions", one.mentions)


def _alerts(report: Report) -> Iterator[Row]:
    for one in report.alerts:
        span = f"{one.started_at.isoformat()}/{one.over_at.isoformat() if one.over_at else '..'}"
        yield _row("alerts", one.headline, span, words=" ".join(one.causes))


def _sources(report: Report) -> Iterator[Row]:
    for one in report.sources:
        yield _row("sources", one.name, f"mentions, {one.network}", one.mentions, words=" ".join(one.gaps))


def _team(report: Report) -> Iterator[Row]:
    yield from _measures("team", report.team)


def _advice(report: Report) -> Iterator[Row]:
    yield from (_row("advice", "", "", words=one.words) for one in report.advice)


PARTS: dict[Section, Callable[[Report], Iterator[Row]]] = {
    Section.TREND: _trend,
    Section.VOICE: _voices,
    Section.DRIVERS: _drivers,
    Section.PEOPLE: _people,
    Section.ALERTS: _alerts,
    Section.TEAM: _team,
    Section.SOURCES: _sources,
    Section.ADVICE: _advice,
}
