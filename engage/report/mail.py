"""A report as a mail, and as files: text, HTML with its chart, PDF and CSV, all from the same figures."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP

from engage.report import csv as report_csv
from engage.report import html as report_html
from engage.report import pdf as report_pdf
from engage.report import text as report_text
from engage.report.charts import has_trend, trend
from engage.report.content import Report
from engage.report.figures import tidied
from engage.report.html import Look
from engage.report.labels import labels

__all__ = ["LARGEST", "Look", "build", "csv", "file_name", "files", "page", "pdf"]

LARGEST = 1_000_000
"""Bytes of a whole mail; a PDF that would not fit stays behind."""
CID = "{name}.report@hearken.invalid"
ToPdf = Callable[[str], bytes]
Pictures = Mapping[str, tuple[bytes, str]]
"""Name to picture and its media type."""


def build(report: Report, look: Look, to_pdf: ToPdf = report_pdf.render) -> EmailMessage:
    """The mail, without From, To and Date. It goes without the PDF, and says so, where none can be made."""
    report = tidied(report)
    pictures = _pictures(report, look)
    return _fitting(report, look, pictures, _pdf_if_any(report, look, pictures, to_pdf))


def files(report: Report, look: Look, to_pdf: ToPdf = report_pdf.render) -> Mapping[str, bytes]:
    """The mail and its parts by file name; report.pdf only where one can be made."""
    report = tidied(report)
    pictures = _pictures(report, look)
    pdf = _pdf_if_any(report, look, pictures, to_pdf)
    made = {
        "report.html": report_html.render(report, look, _inside(pictures), "page").encode(),
        "report.txt": report_text.render(report, look).encode(),
        "report.pdf": pdf,
        "report.csv": report_csv.render(report, look.sections),
        "charts/trend.png": pictures["trend"][0] if "trend" in pictures else b"",
        "mail.eml": _fitting(report, look, pictures, pdf).as_bytes(policy=SMTP),
    }
    return {name: data for name, data in made.items() if data}


def page(report: Report, look: Look) -> str:
    """The report as one HTML file that needs nothing else."""
    report = tidied(report)
    return report_html.render(report, look, _inside(_pictures(report, look)), "page")


def pdf(report: Report, look: Look) -> bytes:
    """The report as PDF. Raises NoPdfError."""
    report = tidied(report)
    return report_pdf.render(report_html.render(report, look, _inside(_pictures(report, look)), "pdf"))


def csv(report: Report, look: Look) -> bytes:
    """The figures as a table."""
    return report_csv.render(tidied(report), look.sections)


def file_name(report: Report, ending: str) -> str:
    """`kestova-2026-11-16.pdf`; plain letters only, so that every mail program keeps it."""
    brand = "-".join(re.findall(r"[a-z0-9]+", report.brand.lower()))[:40].strip("-") or "report"
    return f"{brand}-{report.first.isoformat()}.{ending}"


def _pdf_if_any(report: Report, look: Look, pictures: Pictures, to_pdf: ToPdf) -> bytes:
    try:
        return to_pdf(report_html.render(report, look, _inside(pictures), "pdf"))
    except report_pdf.NoPdfError:
        return b""


def _pictures(report: Report, look: Look) -> Pictures:
    pictures = {"logo": (look.logo, look.logo_type)} if look.logo else {}
    return pictures | ({"trend": (trend(report), "image/png")} if has_trend(report) else {})


def _inside(pictures: Pictures) -> dict[str, str]:
    return {name: f"data:{kind};base64,{b64encode(data).decode()}" for name, (data, kind) in pictures.items()}


def _fitting(report: Report, look: Look, pictures: Pictures, pdf: bytes) -> EmailMessage:
    """With the PDF if there is one and the mail does not grow too large by it; else it says why it is not there."""
    words = labels(report.language)
    if not pdf:
        return _mail(report, look, pictures, b"", f"{words.attached_without_pdf} {words.no_pdf}")
    mail = _mail(report, look, pictures, pdf, words.attached)
    if len(mail.as_bytes(policy=SMTP)) <= LARGEST:
        return mail
    return _mail(report, look, pictures, b"", f"{words.attached_without_pdf} {words.pdf_too_large}")


def _mail(report: Report, look: Look, pictures: Pictures, pdf: bytes, attached: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = report.title
    mail.set_content(report_text.render(report, look, attached))
    addresses = {name: f"cid:{CID.format(name=name)}" for name in pictures}
    mail.add_alternative(report_html.render(report, look, addresses, "mail", attached), subtype="html")
    html = mail.get_body(("html",))
    assert isinstance(html, EmailMessage)
    for name, (data, kind) in pictures.items():
        main, _, sub = kind.partition("/")
        html.add_related(
            data, main, sub, cid=f"<{CID.format(name=name)}>", filename=f"{name}.{sub}", disposition="inline"
        )
    if pdf:
        mail.add_attachment(pdf, "application", "pdf", filename=file_name(report, "pdf"))
    table = report_csv.render(report, look.sections)
    mail.add_attachment(table, "text", "csv", filename=file_name(report, "csv"))
    return mail
