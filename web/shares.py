"""Shared views: making and taking back links, and the one page that is open to whoever has its address."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config.errors import NotFoundError
from engage import analytics, segments, share_links
from engage.analytics import Choices
from engage.permissions import Action, require
from engage.share_links import View
from listener.networks import network_label
from web.analytics_query import RANGES, Asked, asked
from web.context import database, me, now
from web.figure_files import csv_file
from web.figure_parts import Shown, language_label, span
from web.security import limiter
from web.snooze import zone
from web.tabs import TABS

blueprint = Blueprint("shares", __name__)

PER_ADDRESS = "30 per minute;600 per hour"
"""Each opening counts mentions."""
OUTSIDE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
"""Nobody on the way and no search engine keeps it, and no other page learns its address."""


@blueprint.get("/shares/")
def index() -> str:
    """All links."""
    require(me(), Action.SHARE)
    return _list()


@blueprint.post("/shares/<tab>")
def make(tab: str) -> Response:
    """A link to the view that the address describes, with what it narrows to fixed for good. It is shown once."""
    require(me(), Action.SHARE)
    if tab not in TABS:
        abort(404)
    days = request.form.get("days", "")
    with database().write() as session:
        choices = analytics.choices(session, request.args.get("brand", type=int))
        if not choices.brands:
            abort(404)
        found = asked(request.args, choices, now().date())
        filters = {name: str(value) for name, value in found.params.items() if name != "brand"}
        lifetime = int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0
        token = share_links.make(
            session, found.slice.brand_id, tab, filters | {"zone": zone().key}, lifetime, by=me(), now=now()
        )
    return make_response(_list(url_for(".show", token=token, _external=True)))


@blueprint.post("/shares/<int:link_id>/revoke")
def revoke(link_id: int) -> AnyResponse:
    """Take a link back."""
    with database().write() as session:
        share_links.revoke(session, link_id, by=me(), now=now())
    flash("The link is taken back.")
    return redirect(url_for(".index"), 303)


def _list(fresh: str = "") -> str:
    with database().read() as session:
        lines = share_links.lines(session)
    shown = [(line, line.state(now()), _words(line.link.tab, line.link.filters)) for line in lines]
    return render_template("shares/index.html", lines=shown, fresh=fresh)


@blueprint.get("/shared/<token>")
@limiter.limit(PER_ADDRESS)
def show(token: str) -> Response:
    """The shared view and nothing around it: no menu, no way on, nothing that the address could change."""
    with database().read() as session:
        view = share_links.opened(session, token, now())
        found = _pinned(view)
        shown = TABS[view.tab][1](session, found.slice, view.brand)
    page = render_template(
        "shares/shared.html",
        view=view,
        title=TABS[view.tab][0],
        narrowed=[span(found.slice), *_narrowed(view.filters)],
        shown=_unlinked(shown),
        tab=view.tab,
        shared=True,
        token=token,
    )
    return _outside(make_response(page))


@blueprint.get("/shared/<token>/<name>.csv")
@limiter.limit(PER_ADDRESS)
def download(token: str, name: str) -> Response:
    """The table behind one of its charts."""
    with database().read() as session:
        view = share_links.opened(session, token, now())
        found = _pinned(view)
        shown = TABS[view.tab][1](session, found.slice, view.brand)
    return _outside(csv_file(_unlinked(shown).figures, name, found.slice))


def _outside(answer: Response) -> Response:
    answer.headers.update(OUTSIDE)
    return answer


def _pinned(view: View) -> Asked:
    """The view as it was shared. One that can't be shown just so any more is not shown at all."""
    filters = {name: str(value) for name, value in view.filters.items()}
    only = Choices({view.brand_id: view.brand}, [filters.get("network", "")], [filters.get("language", "")], ())
    found = asked({**filters, "brand": str(view.brand_id)}, only, now().date(), filters.get("zone", "UTC"))
    kept = {**found.params, "zone": found.slice.zone}
    if view.tab not in TABS or any(str(kept.get(name)) != value for name, value in filters.items()):
        raise NotFoundError("This view is not there any more.", "Ask whoever sent the link for a new one.")
    return found


def _unlinked(shown: Shown) -> Shown:
    return replace(
        shown,
        figures=[figure.unlinked for figure in shown.figures],
        keys=[replace(key, href="") for key in shown.keys],
    )


def _words(tab: str, filters: Mapping[str, Any]) -> list[str]:
    """What a link shows, in the words of the page."""
    title = TABS[tab][0] if tab in TABS else tab
    days = RANGES.get(filters.get("range", ""))
    when = f"latest {days}" if days else f"{filters.get('from')} to {filters.get('to')}"
    return [title, when, *_narrowed(filters)]


def _narrowed(filters: Mapping[str, Any]) -> list[str]:
    labels = (("network", network_label), ("language", language_label), ("segment", segments.label))
    return [label(str(filters[name])) for name, label in labels if filters.get(name)]
