"""The first start: one form from nothing to the first mentions."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from config.errors import InvalidInputError
from config.secrets import Vault
from engage import brands, sources
from engage.permissions import Action, allowed, require
from listener.networks import network_label
from listener.query import QueryError
from web.context import database, me, now, settings

blueprint = Blueprint("welcome", __name__, url_prefix="/welcome")

STARTERS = {"hackernews": (), "mastodon": ("base_url", "hashtags"), "feed": ("url",)}
"""Networks that need no account, with the options that are asked for."""
INSTANCE = "https://mastodon.social"
SEEN_BRAND = "hearken_seen_brand"
Answer = Response | str | tuple[str, int]


@blueprint.before_app_request
def greet() -> Response | None:
    """Who could set Hearken up is brought here from the inbox, as long as there is no brand."""
    if request.endpoint != "inbox.index" or SEEN_BRAND in current_app.extensions or not current_user.is_authenticated:
        return None
    if not allowed(current_user, Action.MANAGE_BRANDS):
        return None
    with database().read() as session:
        if not brands.any_brand(session):
            return redirect(url_for("welcome.index"))
    current_app.extensions[SEEN_BRAND] = True  # brands are never removed
    return None


@blueprint.get("/")
def index() -> str:
    """The form."""
    require(me(), Action.MANAGE_BRANDS)
    return _page({"network": "hackernews", "mastodon-base_url": INSTANCE})


@blueprint.post("/")
def start() -> Answer:
    """A brand and a source that runs at once, both or neither."""
    require(me(), Action.MANAGE_BRANDS)
    name, network = request.form.get("name", ""), request.form.get("network", "")
    options = {option: request.form.get(f"{network}-{option}", "") for option in STARTERS.get(network, ())}
    try:
        if network not in STARTERS:
            raise InvalidInputError("Choose where to listen first.", field="network")
        query = brands.checked_query(request.form.get("query", "") or brands.query_for(name))
        sources.check_options(network, options, me())
        vault, interval = Vault.in_folder(settings().data), settings().default_interval
        with database().write() as session:
            brand = brands.add(session, name, query, (), (), now())
            sources.add(session, vault, network, brand.id, options, {}, interval, by=me(), now=now())
    except InvalidInputError as error:
        return _page(request.form, error), 422
    flash(f"Listening to {network_label(network)} for {brand.name} … The first mentions appear here by themselves.")
    return redirect(url_for("inbox.index"), 303)


@blueprint.get("/query")
def suggested_query() -> Response:
    """The query that a name suggests."""
    return Response(brands.query_for(request.args.get("name", "")[: brands.MAX_NAME]), mimetype="text/plain")


def _page(values: object, error: InvalidInputError | None = None) -> str:
    return render_template(
        "welcome/index.html",
        values=values,
        error=error,
        query_error=error if isinstance(error, QueryError) else None,
    )
