"""Reports: what was mailed, as pages and files, and what became of each mail."""

from collections.abc import Callable
from email.policy import SMTP
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from config.errors import NotFoundError
from engage import brands
from engage.alert_tables import SendState
from engage.mail import can_send
from engage.permissions import Action, allowed, require
from engage.report import archive as report_archive
from engage.report import mail as report_mail
from engage.report import plans as report_plans
from engage.report import sending as reports
from engage.report.charts import has_trend
from engage.report.content import Report, ReportKind
from engage.report.figures import day, number, tidied
from engage.report.html import Look, contents, shown_sections
from engage.report.labels import Labels, labels
from engage.report.pdf import REMEDY, NoPdfError
from engage.report.tables import StoredReport
from web.charts import Figure, Table, words
from web.charts import number as counted_cell
from web.context import database, me, now, settings

blueprint = Blueprint("reports", __name__, url_prefix="/reports")

KINDS = {ReportKind.WEEKLY: "Weekly", ReportKind.DAILY: "Daily", ReportKind.PERSONAL: "Your week"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STATES = {
    SendState.WAITING: ("Waiting", ""),
    SendState.SENDING: ("On its way", "chip-accent"),
    SendState.SENT: ("Sent", ""),
    SendState.FAILED: ("Failed", "chip-danger"),
    SendState.UNSURE: ("Perhaps arrived", "chip-warning"),
}
MOODS = ("negative", "neutral", "positive")
AGAIN = frozenset({SendState.FAILED, SendState.UNSURE})
"""Mails that a person may send once more."""


@blueprint.get("/")
def index() -> str:
    """The archive, of all brands or one, and the plans."""
    require(me(), Action.READ)
    brand_id = request.args.get("brand", type=int)
    with database().read() as session:
        context = {
            "brands": brands.all_brands(session),
            "plans": report_plans.all_plans(session, brand_id),
            "archive": report_archive.archive(session, brand_id),
            "delayed": report_archive.delayed(session, brand_id),
            "own": report_archive.own_archive(session, me().id),
        }
    return render_template(
        "reports/index.html",
        brand_id=brand_id,
        can_mail=can_send(settings()),
        kinds=KINDS,
        weekdays=WEEKDAYS,
        states=STATES,
        **context,
    )


@blueprint.get("/<int:report_id>")
def show(report_id: int) -> str:
    """A report as a page, and whom it was sent to."""
    with database().read() as session:
        row, report, look = _read(session, report_id)
        sees_mails = row.user_id is not None or allowed(me(), Action.MANAGE_REPORTS)
        mails = report_archive.mails_of(session, row) if sees_mails else []
        waiting = [one for one in report_archive.sendings(session, row) if one.queued_at is None]
    shown = labels(report.language)
    return render_template(
        "reports/show.html",
        row=row,
        report=report,
        labels=shown,
        sections=shown_sections(report, look.sections),
        chart=_chart(report, shown),
        mails=mails,
        waiting=waiting,
        states=STATES,
        again=AGAIN,
        **contents(report, shown),
    )


def _read(session: Session, report_id: int) -> tuple[StoredReport, Report, Look]:
    """A stored report that this person may read, and how it looks."""
    require(me(), Action.READ)
    row = report_archive.stored(session, report_id)
    if not report_archive.may_read(row, me()):
        raise NotFoundError("There is no such report.", "Choose one in the archive.")
    plan = report_archive.plan_of(session, row)
    look: Look = reports.look_for(settings(), plan, row.user_id)
    return row, tidied(report_archive.report_of(row)), look


def _chart(report: Report, shown: Labels) -> Figure | None:
    """The trend as the analytics draw it, with all its numbers in the table."""
    if not has_trend(report):
        return None
    names = [day(one.day, shown) for one in report.trend]
    totals = [one.negative + one.neutral + one.positive for one in report.trend]
    drawing = {
        "kind": "days",
        "labels": names,
        "words": {mood: getattr(shown, mood) for mood in MOODS} | {"before": shown.mentions_before},
        **{of: [getattr(one, of) for one in report.trend] for of in (*MOODS, "before")},
    }
    head = ("", shown.all, shown.negative, shown.neutral, shown.positive, shown.mentions_before)
    rows = [
        [words(name), *map(counted_cell, (total, one.negative, one.neutral, one.positive, one.before))]
        for name, total, one in zip(names, totals, report.trend, strict=True)
    ]
    return Figure("trend", number(sum(totals), shown), shown.trend_caption, drawing, Table(head, rows))


# --- as files ----------------------------------------------------------------------------------------------------


@blueprint.get("/<int:report_id>/<any(pdf, csv, eml, html):kind>")
def download(report_id: int, kind: str) -> AnyResponse:
    """The same report as a file."""
    with database().read() as session:
        _, report, look = _read(session, report_id)
    make, media_type = FILES[kind]
    try:
        data = make(report, look)
    except NoPdfError as error:
        flash(f"{error} {REMEDY}", "error")
        return redirect(url_for(".show", report_id=report_id), 303)
    name = report_mail.file_name(report, kind)
    return Response(data, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


FILES: dict[str, tuple[Callable[[Report, Look], bytes], str]] = {
    "pdf": (report_mail.pdf, "application/pdf"),
    "csv": (report_mail.csv, "text/csv; charset=utf-8"),
    "eml": (lambda report, look: report_mail.build(report, look).as_bytes(policy=SMTP), "message/rfc822"),
    "html": (lambda report, look: report_mail.page(report, look).encode(), "text/html; charset=utf-8"),
}


# --- sending -----------------------------------------------------------------------------------------------------


@blueprint.post("/<int:report_id>/send")
def send_again(report_id: int) -> AnyResponse:
    """To everybody of its plan, the same figures."""
    with database().write() as session:
        reports.send_again(session, report_id, by=me(), now=now())
    flash("The report is on its way to everybody again.")
    return redirect(url_for(".show", report_id=report_id), 303)


@blueprint.post("/<int:report_id>/mails/<int:mailing_id>")
def retry(report_id: int, mailing_id: int) -> AnyResponse:
    """One mail that failed."""
    with database().write() as session:
        row = report_archive.stored(session, report_id)
        if mailing_id not in {one.mailing_id for one in report_archive.mails_of(session, row)}:
            raise NotFoundError("There is no such mail.", "Load the page again.")
        report_archive.retry(session, mailing_id, by=me(), now=now())
    flash("The mail is on its way again.")
    return redirect(url_for(".show", report_id=report_id), 303)


def plan_words(plan: Any) -> str:
    """When a plan's report leaves: `Every Monday at 08:00, Europe/Berlin`."""
    often = "Every day" if plan.kind == ReportKind.DAILY else f"Every {WEEKDAYS[plan.weekday]}"
    return f"{often} at {plan.hour:02}:00, {plan.zone}"
