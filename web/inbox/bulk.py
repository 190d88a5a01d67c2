"""Doing one thing to many conversations: a few at once, a whole list by the listener, with what became of it."""

import json
from datetime import datetime

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from config.errors import InvalidInputError
from engage import bulk, inbox
from engage.bulk import Deed, Told
from engage.list_tables import BulkJob, JobState
from web import snooze
from web.context import database, me, now
from web.inbox.answer import CHANGED, blueprint, offer_undo, part
from web.inbox.looking import asked_for


@blueprint.get("/bulk/count")
def bulk_count() -> Response:
    """How many the list holds, for `all that match`."""
    with database().read() as session:
        count = bulk.matching(session, asked_for(inbox.choices(session)).wanted)
    return part("inbox/_all.html", count=count, most=bulk.MOST)


@blueprint.post("/bulk")
def do_bulk() -> AnyResponse:
    """`kind` and `value` say what; `c` (number.version, as often as wanted) or `all` says to which."""
    by, at = me(), now()
    with database().write() as session:
        deed = bulk.of_form(session, request.form.get("kind", ""), _value(at), by=by, now=at)
        job = _started(session, deed, at)
        if job.total <= bulk.MOST_AT_ONCE:
            while bulk.work_on(session, job, at):
                pass
        told = bulk.told(job, at)
    _tell(told)
    return _done()


@blueprint.post("/bulk/<int:job_id>/undo")
def undo_bulk(job_id: int) -> AnyResponse:
    """Take the whole of it back."""
    at = now()
    with database().write() as session:
        job = bulk.undo(session, job_id, by=me(), now=at)
        if job.total <= bulk.MOST_AT_ONCE:
            while bulk.work_on(session, job, at):
                pass
        told = bulk.told(job, at)
    _tell(told)
    return _done()


@blueprint.get("/bulk/now")
def bulk_now() -> Response:
    """What the person has going."""
    with database().read() as session:
        jobs = bulk.latest(session, me(), now())
        left = {job.id: bulk.refusals(session, job.id) for job in jobs if job.refused and not job.is_moving}
    return part("inbox/_jobs.html", jobs=jobs, left=left)


def _value(at: datetime) -> str:
    if request.form.get("kind") == "snooze":
        until = snooze.moment(request.form.get("value", ""), request.form.get("until", ""), at, snooze.zone())
        return until.isoformat()
    return str(me().id) if request.form.get("value") == "me" else request.form.get("value", "")


def _started(session: Session, deed: Deed, at: datetime) -> BulkJob:
    if "all" in request.form:
        wanted = asked_for(inbox.choices(session)).wanted
        return bulk.start(session, deed, me(), at, wanted=wanted)
    return bulk.start(session, deed, me(), at, versions=_versions())


def _versions() -> dict[int, int]:
    try:
        pairs = [one.split(".") for one in request.form.getlist("c")]
        return {int(number): int(version) for number, version in pairs}
    except ValueError:
        raise InvalidInputError("This page is too old to be sent.", "Reload it and select again.") from None


def _tell(job: Told) -> None:
    """A message with the undo for what is done; what goes on is told above the list."""
    if job.is_moving:
        return
    left = f" {job.refused:,} left alone: they changed meanwhile." if job.refused else ""
    if job.state is JobState.UNDONE:
        flash(f"Undone: {job.done:,} are as they were.{left}")
    elif job.done:
        offer_undo(f"{job.words}: {job.done:,} done.{left}", url_for("inbox.undo_bulk", job_id=job.id), {})
    else:
        flash(f"{job.words}: nothing was changed.{left}")


def _done() -> AnyResponse:
    if "HX-Request" not in request.headers:
        return redirect(f"{url_for('inbox.index')}?{request.query_string.decode()}", 303)
    headers = {"HX-Trigger": json.dumps({CHANGED: {}, "hearken:bulk": {}})}
    return make_response(render_template("_flashes.html", oob=True), 200, headers)
