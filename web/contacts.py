"""Contacts: the list, a contact with its timeline, whose account is whose, and the import."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from config.errors import ConflictError, InvalidInputError
from engage import contact_reads, contacts, contacts_csv
from engage.contact_reads import Order, Place
from engage.contacts import Details
from engage.contacts_csv import ContactRow, Outcome, Result
from engage.permissions import Action, require
from web.context import database, me, now

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")

REPORTED = 500
"""Lines of an import report that are shown; the counts are of all."""
Answer = Response | str | tuple[str, int]


@blueprint.before_request
def check_role() -> None:
    """Looking takes one right, changing another."""
    require(me(), Action.READ if request.method == "GET" else Action.EDIT_CONTACT)


# --- the list ----------------------------------------------------------------------------------------------------


@blueprint.get("/")
def index() -> str:
    """The list, with search."""
    search = request.args.get("q", "").strip()[:200]
    asked = request.args.get("sort", "")
    order = Order(asked) if asked in set(Order) else Order.NEWEST
    with database().read() as session:
        found = contact_reads.list_contacts(session, search, request.args.get("after", type=int), order)
        total = contact_reads.count_contacts(session)
    return render_template("contacts/index.html", found=found, total=total, search=search, order=order)


@blueprint.get("/new")
def new() -> str:
    """An empty form."""
    return render_template("contacts/new.html", details=Details(""), error=None)


@blueprint.post("/")
def create() -> Answer:
    """A contact made by hand."""
    details = _details()
    try:
        with database().write() as session:
            made = contacts.create(session, details, now())
    except InvalidInputError as error:
        return render_template("contacts/new.html", details=details, error=error), 422
    return redirect(url_for("contacts.show", contact_id=made.id), 303)


def _details() -> Details:
    form = request.form
    return Details(
        name=form.get("name", ""),
        company=form.get("company", ""),
        place=form.get("place", ""),
        notes=form.get("notes", "").replace("\r\n", "\n"),
        tags=tuple(form.get("tags", "").split(",")),
    )


# --- one contact -------------------------------------------------------------------------------------------------


@blueprint.get("/<int:contact_id>")
def show(contact_id: int) -> str:
    """The contact with everything said by it and to it."""
    return _page(contact_id, editing="edit" in request.args)


def _page(contact_id: int, *, editing: bool = False, error: Exception | None = None, **form: object) -> str:
    before = Place.parse(request.args["before"]) if request.args.get("before") else None
    with database().read() as session:
        profile = contact_reads.profile(session, contact_id)
        timeline = contact_reads.timeline(session, contact_id, before)
    return render_template(
        "contacts/show.html",
        contact=profile,
        timeline=timeline,
        editing=editing,
        error=error,
        networks=contacts.NETWORKS_WITH_HANDLES,
        **{"form": None, "point": {}} | form,
    )


@blueprint.post("/<int:contact_id>")
def edit(contact_id: int) -> Answer:
    """Change what is written down, unless somebody else did meanwhile."""
    details = _details()
    try:
        with database().write() as session:
            contacts.edit(session, contact_id, request.form.get("version", 0, type=int), details)
    except InvalidInputError as error:
        return _page(contact_id, editing=True, error=error, form=details), 422
    except ConflictError as error:
        return _page(contact_id, editing=True, error=error, form=details), 409
    return _back(contact_id)


@blueprint.post("/<int:contact_id>/points")
def add_point(contact_id: int) -> Answer:
    """Note an e-mail, website, phone number or handle."""
    kind, network = request.form.get("kind", ""), request.form.get("network", "")
    if kind in contacts.NETWORKS_WITH_HANDLES:
        kind, network = "handle", kind
    value = request.form.get("value", "")
    try:
        with database().write() as session:
            others = contacts.add_point(session, contact_id, contacts.make_point(kind, value, network))
    except InvalidInputError as error:
        return _page(contact_id, error=error, point={"kind": request.form.get("kind"), "value": value}), 422
    if others:
        flash(f"Noted. {', '.join(others[:3])} has it too, so accounts that show it will not be linked by it.")
    return _back(contact_id)


@blueprint.post("/<int:contact_id>/points/<int:point_id>/remove")
def remove_point(contact_id: int, point_id: int) -> Answer:
    """Forget one; it can be put back."""
    with database().write() as session:
        gone = contacts.remove_point(session, contact_id, point_id)
    undo = url_for("contacts.add_point", contact_id=contact_id)
    flash({"text": f"{gone.value} is removed.", "undo": undo, "fields": gone._asdict()})  # type: ignore[arg-type]
    return _back(contact_id)


@blueprint.post("/accounts/<int:author_id>/split")
def split_off(author_id: int) -> Answer:
    """Give an account a contact of its own."""
    with database().write() as session:
        made = contacts.split_off(session, author_id, me().name, now())
    flash(f"{made.name} is a contact of its own now.")
    return _back(made.id)


@blueprint.post("/accounts/<int:author_id>/link")
def link(author_id: int) -> Answer:
    """Move an account to another contact."""
    contact_id = request.form.get("contact", 0, type=int)
    with database().write() as session:
        contacts.link_by_hand(session, author_id, contact_id, me().name, now())
    flash("The account belongs to this contact now.")
    return _back(contact_id)


@blueprint.get("/find")
def find() -> str:
    """Contacts to choose from, for moving an account."""
    with database().read() as session:
        without = request.args.get("without", 0, type=int)
        found = contact_reads.find_contacts(session, request.args.get("q", "")[:200], without)
    return render_template("contacts/_choices.html", found=found, author_id=request.args.get("author", 0, type=int))


def _back(contact_id: int) -> Response:
    """To the contact; an undo by htmx goes there by a whole page."""
    address = url_for("contacts.show", contact_id=contact_id)
    if "HX-Request" in request.headers:
        return Response("", 200, {"HX-Redirect": address})
    return redirect(address, 303)


# --- import ------------------------------------------------------------------------------------------------------


@blueprint.route("/import", methods=["GET", "POST"])
def import_() -> Answer:
    """Contacts from a CSV file, with a report of every row."""
    require(me(), Action.IMPORT_CONTACTS)
    file = request.files.get("file")
    if request.method == "GET":
        return _import_page()
    if file is None or not file.filename:
        error = InvalidInputError("No file is chosen.", "Choose a CSV file.", field="file")
        return _import_page(error=error), 422
    outcomes: list[Outcome] = []
    try:
        with closing(file):
            for batch in _batches(file):
                outcomes += batch
    except InvalidInputError as error:
        return _import_page(error=error, outcomes=outcomes, name=file.filename), 422
    return _import_page(outcomes=outcomes, name=file.filename)


def _batches(file: FileStorage) -> Iterator[list[Outcome]]:
    """Store batch by batch: what was stored stays, whatever comes after it in the file."""
    rows = contacts_csv.read_rows(file.stream)  # type: ignore[arg-type]
    while batch := list(islice(rows, contacts_csv.BATCH)):
        good = [row for row in batch if isinstance(row, ContactRow)]
        with database().write() as session:
            stored = contacts_csv.import_rows(session, good, now())
        yield sorted([row for row in batch if isinstance(row, Outcome)] + stored, key=lambda outcome: outcome.line)


def _import_page(
    error: InvalidInputError | None = None, outcomes: list[Outcome] | None = None, name: str = ""
) -> str:
    found = outcomes or []
    counts = {result: sum(outcome.result is result for outcome in found) for result in Result}
    refused_first = sorted(found, key=lambda outcome: outcome.result is not Result.REFUSED)
    return render_template(
        "contacts/import.html",
        error=error,
        reported=outcomes is not None,
        counts=counts,
        shown=refused_first[:REPORTED],
        more=max(0, len(found) - REPORTED),
        name=name,
        columns=contacts_csv.COLUMNS,
    )
