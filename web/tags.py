"""The page of tags: their colours, what they are for, how often they are used; renaming and merging."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engage import bulk, tags
from engage.list_tables import Colour
from web.context import database, me, now

blueprint = Blueprint("tags", __name__, url_prefix="/tags")


@blueprint.get("/")
def index() -> str:
    """The page."""
    with database().read() as session:
        jobs = [job for job in bulk.latest(session, me(), now()) if job.is_moving]
        return render_template("tags/index.html", tags=tags.every(session), colours=list(Colour), jobs=jobs)


@blueprint.post("/<int:tag_id>")
def change(tag_id: int) -> AnyResponse:
    """Another colour, description or name."""
    form = request.form
    with database().write() as session:
        job = tags.change(
            session,
            tag_id,
            form.get("name", ""),
            form.get("colour", ""),
            form.get("description", ""),
            by=me(),
            now=now(),
        )
        moving = job.total if job else 0
    flash(
        f"The name changes in {moving:,} conversations; this goes on by itself." if moving else "The tag is changed."
    )
    return _done()


@blueprint.post("/<int:tag_id>/remove")
def remove(tag_id: int) -> AnyResponse:
    """Out of the catalogue, where nobody uses it."""
    with database().write() as session:
        tags.remove(session, tag_id, by=me())
    flash("The tag is removed.")
    return _done()


def _done() -> AnyResponse:
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": url_for(".index")})
    return redirect(url_for(".index"), 303)
