"""A report as a mail of plain text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from engage import report_words as words
from engage.report import Measure, Report, Section, Unit


@dataclass(frozen=True, slots=True)
class Look:
    """How a report looks, and where its links lead."""

    colour: str
    logo: bytes | None
    logo_type: str
    base_url: str
    unsubscribe_url: str
    sections: Sequence[Section]


def build(report: Report, look: Look) -> EmailMessage:
    """The mail."""
    message = EmailMessage()
    message["Subject"] = report.title
    message.set_content(text(report, look))
    return message


def files(report: Report, look: Look) -> Mapping[str, bytes]:
    """The report as files, by name."""
    return {"report.txt": text(report, look).encode(), "mail.eml": build(report, look).as_bytes()}


def text(report: Report, look: Look) -> str:
    """The report in plain text."""
    lines = [report.title, "", report.headline, ""]
    lines += [f"{one.label}: {_figure(one, report.language)}" for one in (*report.measures, *report.team)]
    lines += ["", *(one.words for one in report.advice), "", *report.notes]
    return "\n".join([*lines, "", look.unsubscribe_url]) + "\n"


def _figure(measure: Measure, language: str) -> str:
    if measure.now is None or measure.few:
        return "–"
    if measure.unit is Unit.SHARE:
        return words.percent(language, measure.now)
    return words.span(language, measure.now) if measure.unit is Unit.MINUTES else words.number(language, measure.now)
