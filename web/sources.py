"""Sources: where Hearken listens, how each of them does, and the buttons that mend it."""

from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.clock import utc_now
from config.errors import HearkenError, InvalidInputError, NotAllowedError
from config.secrets import Vault
from engage import brands, sources
from engage.health import reading_trouble
from engage.permissions import Action, allowed, require
from listener.connector import Field
from listener.connectors import CONNECTORS
from listener.networks import network_label
from listener.tables import Source
from web.context import database, me, now, settings
from web.errors import status_of

blueprint = Blueprint("sources", __name__, url_prefix="/sources")

NETWORKS = {
    "hackernews": "Stories and comments. Needs no account.",
    "mastodon": "Hashtags on an instance without an account; mentions and answers with one.",
    "feed": "News sites, blogs and forums with an RSS or Atom feed. Needs no account.",
    "bluesky": "Posts that match the query; answers with an app password.",
    "reddit": "Submissions and comments. Needs an app of your own at Reddit.",
    "x": "Posts that match the query. Needs keys from X, which charges for each post read.",
}
"""The networks that can be added here, with what each hears, those without an account first."""
INTERVALS = {
    30: "30 seconds",
    60: "Minute",
    120: "2 minutes",
    300: "5 minutes",
    900: "15 minutes",
    3600: "Hour",
    86_400: "Day",
}
Answer = Response | str | tuple[str, int]
Refusal = InvalidInputError | NotAllowedError
"""What stands in the form: the input is wrong, or is not this person's to give."""


@blueprint.before_request
def managers_change() -> None:
    """Everybody may look."""
    require(me(), Action.READ if request.method == "GET" else Action.MANAGE_SOURCES)


@blueprint.get("/")
def index() -> str:
    """A card for each source."""
    with database().read() as session:
        cards = sources.cards(session, now())
        listened_for = brands.all_brands(session)
        trouble = reading_trouble(session, now())
    return render_template("sources/index.html", cards=cards, brands=listened_for, trouble=trouble)


@blueprint.get("/cards")
def fresh_cards() -> str:
    """The changing parts of all cards, for a page that is open."""
    with database().read() as session:
        cards = sources.cards(session, now())
    return render_template("sources/_cards.html", cards=cards)


# --- adding and changing -----------------------------------------------------------------------------------------


@blueprint.get("/new")
def new() -> Answer:
    """The form for the network asked for."""
    require(me(), Action.MANAGE_SOURCES)
    network = request.args.get("network", "hackernews")
    barred = _barred(network)
    return _with_status(_new_page(network, barred), barred)


def _new_page(network: str, error: Refusal | None) -> Answer:
    with database().read() as session:
        listened_for = brands.all_brands(session)
    if not listened_for:
        return redirect(url_for("welcome.index"))
    choices = [(brand.id, brand.name) for brand in listened_for]
    return render_template(
        "sources/new.html", network=network, networks=NETWORKS, brand_choices=choices, **_form(network, error)
    )


@blueprint.post("/")
def add() -> Answer:
    """A new source, which runs at once."""
    network = request.form.get("network", "")
    try:
        options, secrets, interval = _given(network)
        sources.check_options(network, options, me())
        vault = _vault()
        with database().write() as session:
            brand_id = request.form.get("brand", 0, type=int)
            added = sources.add(session, vault, network, brand_id, options, secrets, interval, by=me(), now=now())
            words = f"Listening for {added.brand.name} …"
    except (InvalidInputError, NotAllowedError) as error:
        if network not in CONNECTORS:
            raise
        return _with_status(_new_page(network, error), error)
    flash(words)
    return redirect(url_for("sources.index"), 303)


@blueprint.get("/<int:source_id>/edit")
def edit_form(source_id: int) -> Answer:
    """Options and credentials; what is stored of these is never shown."""
    require(me(), Action.MANAGE_SOURCES)
    with database().read() as session:
        barred = _barred(sources.get(session, source_id).network)
    return _with_status(_edit_page(source_id, barred), barred)


def _edit_page(source_id: int, error: Refusal | None) -> Answer:
    with database().read() as session:
        source = sources.get(session, source_id)
        card = sources.card(source, now())
    return render_template("sources/edit.html", source=card, **_form(source.network, error, source))


@blueprint.post("/<int:source_id>")
def edit(source_id: int) -> Answer:
    """Change a source, which then runs at once."""
    with database().read() as session:
        network = sources.get(session, source_id).network
    try:
        options, secrets, interval = _given(network)
        sources.check_options(network, options, me())
        vault = _vault()
        with database().write() as session:
            sources.edit(session, vault, source_id, options, secrets, interval, by=me(), now=now())
    except (InvalidInputError, NotAllowedError) as error:
        return _with_status(_edit_page(source_id, error), error)
    flash("The source is changed.")
    return redirect(url_for("sources.index"), 303)


def _form(network: str, error: Refusal | None, source: Source | None = None) -> dict[str, object]:
    """What both forms show: the connector's own fields, filled with what was typed, stored or is usual."""
    options, secrets, keyless = sources.fields_of(network)
    stored = {str(name): str(value) for name, value in source.options.items()} if source else {}
    values = {field.name: stored.get(field.name, field.default if source is None else "") for field in options}
    was_sent = request.method == "POST"
    typed = {field.name: request.form.get(f"option-{field.name}", "") for field in options} if was_sent else {}
    interval = source.interval_s if source else settings().default_interval
    return {
        "options": _for_person(options),
        "secrets": secrets,
        "keyless": keyless,
        "values": values | typed,
        "error": _at_its_field(error, values | typed) if error else None,
        "barred": _barred(network),
        "interval": request.form.get("interval", interval, type=int) if was_sent else interval,
        "intervals": dict(sorted({interval: f"{interval} seconds", **INTERVALS}.items())),
        "known_fields": {field.name for field in (*options, *secrets)} | {"interval", "brand"},
    }


def _for_person(options: Sequence[Field]) -> list[Field]:
    """Who may not listen to private networks is not asked about them."""
    return [field for field in options if field.name != "insecure" or allowed(me(), Action.USE_LOCAL_ADDRESS)]


def _given(network: str) -> tuple[dict[str, str], dict[str, str], int]:
    """Options, secrets and interval as typed; the connector's declared fields decide which is which."""
    options, secrets, _ = sources.fields_of(network)
    return (
        {field.name: request.form.get(f"option-{field.name}", "") for field in options},
        {field.name: request.form.get(f"secret-{field.name}", "") for field in secrets},
        request.form.get("interval", 0, type=int),
    )


def _barred(network: str) -> NotAllowedError | None:
    """Why this person gets no form for the network at all."""
    if network not in sources.READS_FILES or allowed(me(), Action.USE_LOCAL_ADDRESS):
        return None
    label = network_label(network)
    return NotAllowedError(f"{label} reads files of this machine, so only admins set it up.", "Ask an admin.")


def _at_its_field(error: Refusal, options: Mapping[str, str]) -> InvalidInputError:
    """What is refused to this person is the address, where there is just one."""
    if isinstance(error, InvalidInputError):
        return error
    addresses = [name for name, value in options.items() if value and name in sources.ADDRESSES]
    return InvalidInputError(error.message, error.remedy, field=addresses[0] if len(addresses) == 1 else "")


def _with_status(answer: Answer, error: Refusal | None) -> Answer:
    return (answer, status_of(error)) if error and isinstance(answer, str) else answer


def _vault() -> Vault:
    return Vault.in_folder(settings().data)


# --- the buttons -------------------------------------------------------------------------------------------------


@blueprint.post("/<int:source_id>/run")
def run_now(source_id: int) -> Answer:
    """Listen at once."""
    return _press(lambda session: sources.run_now(session, source_id, now()), "{} runs in a moment.")


@blueprint.post("/<int:source_id>/pause")
def pause(source_id: int) -> Answer:
    """Stop listening."""
    return _press(lambda session: sources.pause(session, source_id), "{} is paused.")


@blueprint.post("/<int:source_id>/resume")
def resume(source_id: int) -> Answer:
    """Listen again."""
    return _press(lambda session: sources.resume(session, source_id, now()), "{} listens again.")


@blueprint.post("/<int:source_id>/remove")
def remove(source_id: int) -> Answer:
    """Forget the source."""
    return _press(
        lambda session: sources.remove(session, source_id), "{} is removed; what it heard stays.", gone=True
    )


@blueprint.post("/<int:source_id>/check")
def check(source_id: int) -> Answer:
    """Ask the network whether options and credentials work."""
    with database().read() as session:
        source = sources.get(session, source_id)
    try:
        health = sources.check(source, _vault(), utc_now)
    except HearkenError as error:
        flash(f"{_name(source)}: {error.message} {error.remedy}", "error")
    else:
        flash(" ".join((f"{_name(source)}: {health.message}", *health.warnings)))
    return _answer()


def _press(change: Callable[[Session], Source], words: str, *, gone: bool = False) -> Answer:
    try:
        with database().write() as session:
            name = _name(change(session))
    except InvalidInputError as error:
        flash(f"{error.message} {error.remedy}", "error")
        return _answer()
    flash(words.format(name))
    return _answer(whole=gone)


def _name(source: Source) -> str:
    return f"{network_label(source.network)} for {source.brand.name}"


def _answer(*, whole: bool = False) -> Answer:
    """For htmx the fresh cards and the message; otherwise, or where a card goes away, the whole page."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("sources.index"), 303)
    if whole:
        return Response("", 200, {"HX-Redirect": url_for("sources.index")})
    with database().read() as session:
        cards = sources.cards(session, now())
    return render_template("sources/_cards.html", cards=cards, oob=True, flashes=True)
