"""Saved views: in the rail with their counts, and a page to order, rename, share and remove them."""

from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from config.errors import HearkenError
from engage import inbox, views
from engage.inbox import Wanted
from engage.views import View
from web.context import database, me, now
from web.inbox.looking import known
from web.inbox.query import asked

blueprint = Blueprint("views", __name__, url_prefix="/views")
BROKEN = Wanted(nothing=True)


@blueprint.get("/")
def index() -> str:
    """The page."""
    with database().read() as session:
        return render_template("views/index.html", views=views.views_for(session, me()))


@blueprint.get("/rail")
def rail() -> Response:
    """The views with their counts, as the rail shows them once the page is there."""
    with database().read() as session:
        found = views.views_for(session, me())
        counts = views.counts(session, _wanted(session, found)) if found else []
    shown = dict(parse_qsl(request.args.get("at", "")[:2000]))
    lines = [(view, count, dict(parse_qsl(view.address)) == shown) for view, count in zip(found, counts, strict=True)]
    return make_response(render_template("views/_rail.html", lines=lines, most=views.MOST_COUNTED))


@blueprint.post("/")
def save() -> AnyResponse:
    """Keep the list on show."""
    fields = {name: value for name, value in parse_qsl(request.form.get("address", "")) if name != "shown"}
    with database().write() as session:
        view = views.save(
            session, me(), request.form.get("name", ""), urlencode(fields), "shared" in request.form, now()
        )
    flash(f"Saved as “{view.name}”.")
    return _done(f"{url_for('inbox.index')}?{view.address}")


@blueprint.post("/<int:view_id>")
def change(view_id: int) -> AnyResponse:
    """Rename it, share it or not."""
    with database().write() as session:
        views.change(session, me(), view_id, request.form.get("name", ""), "shared" in request.form)
    flash("The view is changed.")
    return _done(url_for(".index"))


@blueprint.post("/<int:view_id>/<any(up, down):way>")
def move(view_id: int, way: str) -> AnyResponse:
    """One place up or down."""
    with database().write() as session:
        views.move(session, me(), view_id, way == "up")
    return _done(url_for(".index"))


@blueprint.post("/<int:view_id>/remove")
def remove(view_id: int) -> AnyResponse:
    """It goes."""
    with database().write() as session:
        views.remove(session, me(), view_id)
    flash("The view is removed; its conversations stay.")
    return _done(url_for(".index"))


def _done(address: str) -> AnyResponse:
    """On to a page, whether htmx or the browser asked."""
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def _wanted(session: Session, found: list[View]) -> list[Wanted]:
    """What each view asks for; one that asks for what is gone holds nothing."""
    names = known(inbox.choices(session))

    def one(view: View) -> Wanted:
        try:
            return asked(dict(parse_qsl(view.address)), names).wanted
        except HearkenError:
            return BROKEN

    return [one(view) for view in found]
