"""Analytics: one page of tabs, each answering a question, with its filters in the address."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engage import analytics, campaigns, rollups, segments, share_links, team_rollups
from engage.permissions import Action, require
from web.analytics_query import RANGES, Asked, asked
from web.context import database, me, now
from web.figure_files import csv_file
from web.figure_parts import language_label
from web.snooze import zone
from web.tabs import TABS

blueprint = Blueprint("analytics", __name__, url_prefix="/analytics")


@blueprint.before_request
def check_role() -> None:
    """Who sees the inbox sees what it adds up to."""
    require(me(), Action.READ)


@blueprint.get("/")
def index() -> str:
    """How much was said, and how it feels."""
    return show("overview")


@blueprint.get("/<tab>")
def show(tab: str) -> str:
    """A tab."""
    if tab not in TABS:
        abort(404)
    with database().read() as session:
        choices = analytics.choices(session, request.args.get("brand", type=int))
        if not choices.brands:
            return render_template(
                "analytics/index.html", tab=tab, tabs=TABS, choices=choices, shown=None, asked=None
            )
        found = _asked(choices)
        shown = TABS[tab][1](session, found.slice, choices.brands[found.slice.brand_id])
        counting = rollups.waiting(session) or team_rollups.waiting(session)
    return render_template(
        "analytics/index.html",
        tab=tab,
        tabs=TABS,
        choices=choices,
        asked=found,
        shown=shown,
        ranges=RANGES,
        counting=counting,
        language_label=language_label,
        segment_label=segments.label,
        lifetimes=share_links.LIFETIMES,
    )


@blueprint.post("/campaigns/name")
def call() -> Response:
    """Give the hashtag or campaign that is looked at a name of people's own."""
    with database().write() as session:
        choices = analytics.choices(session, request.args.get("brand", type=int))
        found = _asked(choices) if choices.brands else abort(404)
        tag = found.slice.tag or abort(404)
        campaigns.call(session, found.slice.brand_id, tag, request.form.get("name", ""), by=me())
    return redirect(url_for(".show", tab="campaigns", **found.params), 303)


@blueprint.get("/<tab>/<name>.csv")
def download(tab: str, name: str) -> Response:
    """The table behind a chart."""
    if tab not in TABS:
        abort(404)
    with database().read() as session:
        choices = analytics.choices(session, request.args.get("brand", type=int))
        if not choices.brands:
            abort(404)
        found = _asked(choices)
        brand = choices.brands[found.slice.brand_id]
        return csv_file(TABS[tab][1](session, found.slice, brand).figures, name, found.slice)


def _asked(choices: analytics.Choices) -> Asked:
    return asked(request.args, choices, now().date(), zone().key)
