"""A report as HTML: for mail clients (tables, inlined styles, nothing fetched), as a file, and for the PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from engage.report import paths
from engage.report.charts import WIDTH as CHART_WIDTH
from engage.report.charts import has_trend, trend_words
from engage.report.colours import DARK, LIGHT, readable
from engage.report.content import AlertLine, Driver, Person, Quote, Report, ReportKind, Section, SourceLine, Voice
from engage.report.figures import GLYPHS, counted, day, figure, isolated, moment, number, share
from engage.report.labels import Labels, labels
from listener.networks import network_label

TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 600
"""Of the sheet, in CSS pixels."""
OPTIONAL = frozenset({Section.TEAM, Section.SOURCES, Section.ADVICE})
"""Left out where they are empty, as a share of voice is without others; the other sections say so in words."""
Medium = Literal["mail", "page", "pdf"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a report looks and where its links lead."""

    colour: str
    """The brand's, `#rrggbb`."""
    logo: bytes | None
    logo_type: str
    """`image/png` or `image/jpeg`."""
    base_url: str
    """Hearken's root, such as https://hearken.example; "" for no links."""
    unsubscribe_url: str
    """"" for no such link."""
    sections: Sequence[Section]

    def address(self, path: str) -> str:
        """Where a path of Hearken is; "" where it is none."""
        return self.base_url.rstrip("/") + path if self.base_url and path.startswith("/") else ""


def shown_sections(report: Report, chosen: Sequence[Section]) -> list[Section]:
    """What of the chosen is shown, in the order of the report."""
    return [section for section in Section if section in chosen and _is_shown(report, section)]


def _is_shown(report: Report, section: Section) -> bool:
    if section is Section.VOICE:
        return len(report.voices) > 1
    if _content(report, section):
        return True
    if section in OPTIONAL or report.kind is ReportKind.PERSONAL:
        return False
    return section in {Section.TREND, Section.ALERTS} or any(
        one.negative or one.neutral or one.positive for one in report.trend
    )


def _content(report: Report, section: Section) -> Sequence[Any]:
    return {
        Section.TREND: report.trend,
        Section.VOICE: report.voices,
        Section.DRIVERS: report.drivers,
        Section.PEOPLE: report.people,
        Section.ALERTS: report.alerts,
        Section.TEAM: report.team,
        Section.SOURCES: report.sources,
        Section.ADVICE: report.advice,
    }[section]


def render(report: Report, look: Look, images: Mapping[str, str], medium: Medium, attached: str = "") -> str:
    """The whole document. `images`: the addresses of `logo` and `trend` where there are any, cid: or data:.

    `attached` says what comes with a mail. The report must be tidied (report_figures).
    """
    import css_inline

    words = labels(report.language)
    html = _template().render(
        report=report,
        words=words,
        medium=medium,
        width=WIDTH,
        chart_width=CHART_WIDTH,
        images={"logo": "", "trend": ""} | dict(images),
        trend_words=trend_words(report) if has_trend(report) else "",
        styles=Markup(_styles(look.colour, medium)),  # noqa: S704 (ours; the colour is checked)
        adapting=Markup(_file("report_adapting.css") + _dark_brand(look.colour)),  # noqa: S704
        address=look.address,
        unsubscribe_url=look.unsubscribe_url,
        attached=attached,
        sections=shown_sections(report, look.sections),
        **contents(report, words),
    )
    inlined: str = css_inline.inline(html, load_remote_stylesheets=False, keep_style_tags=medium == "pdf")
    return inlined


def _styles(colour: str, medium: Medium) -> str:
    ours = readable(colour, LIGHT)
    brand = f".brand, .link {{ color: {ours}; }} .brandbar, .bar-ours {{ background-color: {ours}; }}"
    return _file("report.css") + brand + (_file("report_print.css") if medium == "pdf" else "")


def _dark_brand(colour: str) -> str:
    ours = readable(colour, DARK)
    return (
        f"@media (prefers-color-scheme: dark) {{ .brand, .link {{ color: {ours} !important; }}"
        f" .brandbar, .bar-ours {{ background-color: {ours} !important; }} }}"
    )


@cache
def _file(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["isolated"] = isolated
    return environment.get_template("report.html")


# --- what the sections hold, in words; the plain text and the page show the same ------------------------------------


def contents(report: Report, words: Labels) -> dict[str, Any]:
    """What the sections show, for a template."""
    return {
        "figures": [figure(one, words) for one in report.measures],
        "team": [figure(one, words) for one in report.team],
        "trend_sentence": trend_sentence(report, words),
        "voices": [voice(one, words) for one in report.voices],
        "driver_groups": driver_groups(report.drivers, words),
        "people": [person(one, words) for one in report.people],
        "alerts": [alert(one, report.zone, words) for one in report.alerts],
        "sources": [source(one, words) for one in report.sources],
        "advice": report.advice,
        "made": made(report, words),
    }


def trend_sentence(report: Report, words: Labels) -> str:
    """The trend where it is too little for a chart."""
    heard = sum(one.negative + one.neutral + one.positive for one in report.trend)
    before = sum(one.before for one in report.trend)
    if not heard and not before:
        return words.nothing_heard
    if len(report.trend) != 1:
        return words.few_heard.format(count=counted(heard, words), before=number(before, words))
    only = report.trend[0]
    return words.one_day.format(
        count=counted(heard, words),
        day=day(only.day, words),
        negative=number(only.negative, words),
        neutral=number(only.neutral, words),
        positive=number(only.positive, words),
        before=number(only.before, words),
    )


def voice(one: Voice, words: Labels) -> dict[str, Any]:
    """A bar of the share of voice; its width is in whole per cent."""
    return {
        "name": one.name,
        "ours": one.ours,
        "share": share(one.share, words),
        "interval": f"{one.low * 100:.0f}–{one.high * 100:.0f}",
        "count": number(one.count, words),
        "negative": "" if one.negative is None else words.voice_negative.format(share(one.negative, words)),
        "width": max(1, round(one.share * 100)),
    }


def driver_groups(drivers: Sequence[Driver], words: Labels) -> list[tuple[str, list[dict[str, Any]]]]:
    """What is said more, and what is said less."""
    groups = ((words.rising, True), (words.falling, False))
    return [
        (title, [_driver(one, words) for one in drivers if one.rising is rising])
        for title, rising in groups
        if any(one.rising is rising for one in drivers)
    ]


def _driver(one: Driver, words: Labels) -> dict[str, Any]:
    said = words.driver.format(now=share(one.now, words), before=share(one.before, words))
    negative = words.driver_negative.format(share(one.negative, words))
    quotes = [_quote(quote, words) for quote in one.quotes]
    return {"words": one.words, "said": f"{said}, {negative}", "quotes": quotes}


def _quote(one: Quote, words: Labels) -> dict[str, str]:
    return {
        "glyph": GLYPHS.get(one.sentiment, "●"),
        "sentiment": one.sentiment,
        "mood": str(getattr(words, one.sentiment, one.sentiment)),
        "text": one.text,
        "author": one.author,
        "network": network_label(one.network),
        "path": f"/c/{one.conversation_id}",
    }


def person(one: Person, words: Labels) -> dict[str, Any]:
    """Somebody, with what is known of them in one line."""
    about = [words.is_new if one.is_new else words.is_rising, network_label(one.network)]
    if one.followers is not None:
        about.append(words.followers.format(number(one.followers, words)))
    about.append(counted(one.mentions, words))
    return {"name": one.name, "score": one.score, "about": " · ".join(about), "why": one.why}


def alert(one: AlertLine, zone: str, words: Labels) -> dict[str, Any]:
    """An alert, with when it was."""
    began = moment(one.started_at, zone, words)
    if one.over_at is None:
        when = f"{words.since.format(began)}, {words.still_open}"
    else:
        when = words.lasted.format(began, moment(one.over_at, zone, words))
    return {"headline": one.headline, "when": when, "causes": one.causes, "path": paths.alert(one.alert_id)}


def source(one: SourceLine, words: Labels) -> dict[str, Any]:
    """A source with what it heard and missed."""
    return {
        "name": one.name,
        "network": network_label(one.network),
        "mentions": counted(one.mentions, words),
        "gaps": one.gaps,
    }


def made(report: Report, words: Labels) -> str:
    """What this is and when it was made."""
    about = words.made[report.kind].format(brand=isolated(report.brand))
    return f"{about}, {words.made_at.format(moment=moment(report.made_at, report.zone, words))} ({report.zone})."
