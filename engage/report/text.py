"""A report as plain text, 72 columns wide: what a mail says where no HTML is shown."""

from collections.abc import Callable, Iterator
from textwrap import wrap

from engage.report.charts import has_trend
from engage.report.content import Report, Section
from engage.report.figures import Figure, day, figure, isolated, number
from engage.report.html import (
    Look,
    alert,
    driver_groups,
    made,
    person,
    shown_sections,
    source,
    trend_sentence,
    voice,
)
from engage.report.labels import Labels, labels

COLUMNS = 72


def render(report: Report, look: Look, attached: str = "") -> str:
    """The whole text. The report must be tidied (report_figures)."""
    words = labels(report.language)
    lines = [report.title, "", *_filled(report.headline), "", *_figures(report, words)]
    for section in shown_sections(report, look.sections):
        heading = words.headings[section].upper()
        lines += ["", heading, "", *SECTIONS[section](report, look, words)]
    lines += ["", "-- ", *_foot(report, look, words, attached)]
    return "\n".join(lines) + "\n"


def _figures(report: Report, words: Labels) -> Iterator[str]:
    for one in report.measures:
        yield from _filled(_line(figure(one, words)))


def _line(one: Figure) -> str:
    return f"{one.label}: {one.value} ({one.change})"


def _trend(report: Report, look: Look, words: Labels) -> Iterator[str]:
    if not has_trend(report):
        yield from _filled(trend_sentence(report, words))
        return
    for one in report.trend:
        total = number(one.negative + one.neutral + one.positive, words)
        moods = f"▼ {number(one.negative, words)}  ● {number(one.neutral, words)}  ▲ {number(one.positive, words)}"
        yield f"{day(one.day, words):<14} {total:>8}   {moods}   ({words.before.format(number(one.before, words))})"


def _voices(report: Report, look: Look, words: Labels) -> Iterator[str]:
    for one in (voice(each, words) for each in report.voices):
        name = f"{isolated(one['name'])} ({words.ours})" if one["ours"] else isolated(one["name"])
        extra = f", {one['negative']}" if one["negative"] else ""
        yield from _filled(f"{name}: {one['share']} ({one['interval']}), {one['count']}{extra}")


def _drivers(report: Report, look: Look, words: Labels) -> Iterator[str]:
    if not report.drivers:
        yield words.no_drivers
    for place, (title, drivers) in enumerate(driver_groups(report.drivers, words)):
        yield from ([""] if place else [])
        yield f"{title}:"
        for one in drivers:
            yield from _item(f"{isolated(one['words'])}: {one['said']}")
            for said in one["quotes"]:
                words_of = f"“{isolated(said['text'])}” {isolated(said['author'])}, {said['network']}"
                yield from _filled(f"{said['glyph']} {words_of}", "    ")


def _people(report: Report, look: Look, words: Labels) -> Iterator[str]:
    if not report.people:
        yield words.no_people
    for one in (person(each, words) for each in report.people):
        score = words.score.format(one["score"])
        yield from _item(f"{isolated(one['name'])}: {score} · {one['about']}. {one['why']}")


def _alerts(report: Report, look: Look, words: Labels) -> Iterator[str]:
    if not report.alerts:
        yield words.no_alerts
    for one in (alert(each, report.zone, words) for each in report.alerts):
        yield from _item(f"{one['headline']} ({one['when']})")
        for cause in one["causes"]:
            yield from _filled(cause, "    ")
        yield from _address(look, one["path"])


def _team(report: Report, look: Look, words: Labels) -> Iterator[str]:
    for one in report.team:
        yield from _filled(_line(figure(one, words)))


def _sources(report: Report, look: Look, words: Labels) -> Iterator[str]:
    for one in (source(each, words) for each in report.sources):
        missed = "" if one["gaps"] else f", {words.nothing_missed}"
        yield from _item(f"{isolated(one['name'])} ({one['network']}): {one['mentions']}{missed}")
        for gap in one["gaps"]:
            yield from _filled(f"{words.missed}: {gap}", "    ")


def _advice(report: Report, look: Look, words: Labels) -> Iterator[str]:
    for place, one in enumerate(report.advice, start=1):
        yield from _filled(f"{place}. {one.words}", "   ", first="")
        yield from _address(look, one.path)


SECTIONS: dict[Section, Callable[[Report, Look, Labels], Iterator[str]]] = {
    Section.TREND: _trend,
    Section.VOICE: _voices,
    Section.DRIVERS: _drivers,
    Section.PEOPLE: _people,
    Section.ALERTS: _alerts,
    Section.TEAM: _team,
    Section.SOURCES: _sources,
    Section.ADVICE: _advice,
}


def _foot(report: Report, look: Look, words: Labels, attached: str) -> Iterator[str]:
    if report.notes:
        yield f"{words.notes}:"
    for note in report.notes:
        yield from _item(note)
    yield from _filled(" ".join(part for part in (made(report, words), attached) if part))
    if look.unsubscribe_url:
        yield f"{words.unsubscribe}: {look.unsubscribe_url}"


def _item(text: str) -> list[str]:
    return _filled(text, "  ", first="- ")


def _address(look: Look, path: str) -> Iterator[str]:
    if address := look.address(path):
        yield f"    {address}"


def _filled(text: str, indent: str = "", first: str | None = None) -> list[str]:
    return wrap(text, COLUMNS, initial_indent=indent if first is None else first, subsequent_indent=indent)
