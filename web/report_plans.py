"""Plans: which report goes to whom, when, and how it looks; with a preview and a test to oneself."""

from typing import Any

from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response as AnyResponse

from config.clock import Clock
from config.errors import InvalidInputError
from engage import brands
from engage.mail import can_send
from engage.permissions import Action, require
from engage.report import mail as report_mail
from engage.report import plans, sending
from engage.report.content import ReportKind
from engage.report.html import Look
from engage.report.labels import EN
from engage.report.plans import LARGEST_LOGO, Given
from engage.report.tables import ReportPlan
from engage.report.words import LANGUAGES
from web.context import database, me, now, settings
from web.reports import KINDS, WEEKDAYS, plan_words
from web.security import CONTENT_SECURITY_POLICY
from web.snooze import zone

blueprint = Blueprint("reports_plans", __name__, url_prefix="/reports/plans")

FRAMED = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)
"""For the preview, a mail: styles are inline there, nothing runs, nothing is fetched, no link leads anywhere."""
FIELDS = ("name", "kind", "weekday", "hour", "zone", "language", "sections", "colour", "logo", "recipients", "brand")
Answer = AnyResponse | str | tuple[str, int]


def init_app(app: Flask) -> None:
    """Give the templates the words for a plan."""
    app.jinja_env.filters["plan_words"] = plan_words


@blueprint.before_request
def managers_plan() -> None:
    """Recipients and settings are for those who may change them."""
    require(me(), Action.MANAGE_REPORTS)


# --- setting up --------------------------------------------------------------------------------------------------


@blueprint.get("/new")
def new() -> str:
    """An empty form, with what is usual."""
    usual = Given("", zone=zone().key, recipients=me().email)
    return _form_page(_stored(usual) | {"brand": request.args.get("brand", "")}, None)


@blueprint.post("/")
def add() -> Answer:
    """A new plan."""
    try:
        with database().write() as session:
            added = plans.add(session, request.form.get("brand", 0, type=int), given(), by=me(), now=now())
    except InvalidInputError as error:
        return _form_page(_typed(), None, error), 422
    flash(f"The plan {added.name} is made.")
    return redirect(url_for(".preview", plan_id=added.id), 303)


@blueprint.get("/<int:plan_id>")
def edit_form(plan_id: int) -> str:
    """The plan as it is."""
    with database().read() as session:
        plan = plans.get(session, plan_id)
    return _form_page(_stored(plan) | {"recipients": "\n".join(plan.recipients)}, plan)


@blueprint.post("/<int:plan_id>")
def edit(plan_id: int) -> Answer:
    """Change it."""
    try:
        with database().write() as session:
            changed = plans.change(session, plan_id, given(), by=me(), now=now())
    except InvalidInputError as error:
        with database().read() as session:
            plan = plans.get(session, plan_id)
        return _form_page(_typed(), plan, error), 422
    flash(f"The plan {changed.name} is changed.")
    return redirect(url_for("reports.index"), 303)


@blueprint.post("/<int:plan_id>/remove")
def remove(plan_id: int) -> AnyResponse:
    """Send it no more."""
    with database().write() as session:
        plans.remove(session, plan_id, by=me(), now=now())
    flash("The plan is removed; what was sent stays in the archive.")
    return redirect(url_for("reports.index"), 303)


@blueprint.post("/<int:plan_id>/resubscribe")
def resubscribe(plan_id: int) -> AnyResponse:
    """Send to an address again that had unsubscribed."""
    address = request.form.get("address", "")
    with database().write() as session:
        plans.resubscribe(session, plan_id, address, by=me())
    flash(f"{address} gets the report again.")
    return redirect(url_for(".edit_form", plan_id=plan_id), 303)


def given() -> Given:
    """The plan as typed. A logo is read no further than one may be long."""
    form, file = request.form, request.files.get("logo")
    return Given(
        name=form.get("name", ""),
        kind=form.get("kind", ""),
        weekday=form.get("weekday", -1, type=int),
        hour=form.get("hour", -1, type=int),
        zone=form.get("zone", ""),
        language=form.get("language", ""),
        sections=form.getlist("sections"),
        colour=form.get("colour", ""),
        recipients=form.get("recipients", ""),
        active="active" in form,
        logo=(file.read(LARGEST_LOGO + 1) or None) if file and file.filename else None,
        drop_logo="drop_logo" in form,
    )


def _stored(plan: Given | ReportPlan) -> dict[str, Any]:
    names = ("name", "kind", "weekday", "hour", "zone", "language", "sections", "colour", "recipients", "active")
    return {name: getattr(plan, name) for name in names}


def _typed() -> dict[str, Any]:
    form: ImmutableMultiDict[str, str] = request.form
    return form.to_dict() | {"sections": form.getlist("sections"), "active": "active" in form}


def _form_page(values: dict[str, Any], plan: ReportPlan | None, error: InvalidInputError | None = None) -> str:
    with database().read() as session:
        listened_for = brands.all_brands(session)
        gone = sorted(plans.unsubscribed(session, plan.id)) if plan else []
    return render_template(
        "reports/plan.html",
        values=values,
        plan=plan,
        error=error,
        gone=gone,
        fields=FIELDS,
        brand_options=[(brand.id, brand.name) for brand in listened_for],
        kinds=[(kind.value, KINDS[kind]) for kind in (ReportKind.WEEKLY, ReportKind.DAILY)],
        weekdays=list(enumerate(WEEKDAYS)),
        hours=[(hour, f"{hour:02}:00") for hour in range(24)],
        languages=list(LANGUAGES.items()),
        sections=EN.headings,
        can_mail=can_send(settings()),
    )


# --- trying it ---------------------------------------------------------------------------------------------------


@blueprint.get("/<int:plan_id>/preview")
def preview(plan_id: int) -> Response:
    """The mail as it would leave now, in a frame."""
    with database().read() as session:
        plan = plans.get(session, plan_id)
    page = make_response(render_template("reports/preview.html", plan=plan, can_mail=can_send(settings())))
    page.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return page


@blueprint.get("/<int:plan_id>/preview.html")
def previewed(plan_id: int) -> Response:
    """What the frame shows."""
    with database().read() as session:
        look: Look = sending.look_for(settings(), plans.get(session, plan_id))
    report = sending.preview(database(), plan_id, _clock())
    page = make_response(report_mail.page(report, look))
    page.headers["Content-Security-Policy"] = FRAMED
    page.headers["X-Frame-Options"] = "SAMEORIGIN"
    return page


@blueprint.post("/<int:plan_id>/test")
def send_test(plan_id: int) -> AnyResponse:
    """To whoever asks, and to nobody else."""
    with database().write() as session:
        sending.send_test(session, plan_id, by=me(), now=now())
    flash(f"A test is on its way to {me().email}.")
    return redirect(url_for(".preview", plan_id=plan_id), 303)


def _clock() -> Clock:
    return now
