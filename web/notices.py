"""Notices: what colleagues and authors did that somebody should know."""

from typing import Any

from flask import Blueprint, Flask, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage.together import notices
from engage.together.notice_mail import headline
from engage.together.notices import Told
from web.context import database, me, now

blueprint = Blueprint("notices", __name__, url_prefix="/notices")
ICONS = {
    "named": "at",
    "handover": "user-check",
    "rejected": "arrow-back-up",
    "assigned": "user-plus",
    "note": "note",
    "reply": "send",
    "mention": "message-circle",
}


def init_app(app: Flask) -> None:
    """Give the templates of every page the count at the bell, and ours their words."""
    app.context_processor(
        lambda: {"unread_notices": unread_notices, "latest_notice": lambda: int(g.get("latest_notice", 0))}
    )
    app.jinja_env.filters.update(notice_headline=notice_headline, notice_icon=lambda kind: ICONS[kind])


def unread_notices() -> int:
    """How many wait for the person, as counted together with the queues of the rail."""
    return int(g.get("unread_notices", 0))


def notice_headline(told: Told) -> str:
    """`Bo named you in a note on Bea`."""
    return headline(told.notice.kind, told.by, told.author)


@blueprint.get("/")
def index() -> str:
    """The latest, unread ones marked."""
    before = request.args.get("before", type=int)
    with database().read() as session:
        found, more = notices.page(session, me().id, before=before)
    return render_template("notices/index.html", found=found, more=more, before=before)


@blueprint.post("/read")
def read_all() -> Response:
    """Nothing is new any more."""
    with database().write() as session:
        notices.mark_read(session, me().id, now())
    flash("All notices are read.")
    return redirect(url_for(".index"), 303)


@blueprint.post("/<int:notice_id>/read")
def set_read(notice_id: int) -> Any:
    """One is read, or (with `unread`) is to be read again."""
    with database().write() as session:
        notices.set_read(session, me().id, notice_id, read="unread" not in request.form, now=now())
    return make_response(redirect(url_for(".index"), 303))
