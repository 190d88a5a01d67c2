"""Kept answers and macros: finding, writing, and CSV in and out."""

from io import StringIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from config.errors import InvalidInputError
from engage import inbox
from engage.answers import csv_file, kept, macros, render
from engage.answers.kept import Fields
from engage.answers.steps import Steps
from engage.answers.values import SAMPLE
from engage.export import write_csv
from engage.permissions import Action, require
from engage.tables import Team
from web.context import database, me, now

blueprint = Blueprint("answers", __name__, url_prefix="/answers")

Answer = AnyResponse | str | tuple[str, int]
STATUS_WORDS = (
    ("", "Leave it"),
    ("open", "Open"),
    ("pending", "Wait for their answer"),
    ("snoozed", "Snooze"),
    ("closed", "Close"),
    ("noise", "Close as noise"),
)


@blueprint.get("/")
def index() -> str:
    """All answers that the person may use, by folder."""
    return _index()


@blueprint.get("/new")
def new() -> str:
    """An empty form; with `text` what was just written."""
    return _form({"text": request.args.get("text", "")[: kept.LONGEST_TEXT], "own": "1"}, None)


@blueprint.post("/")
def add() -> Answer:
    """Keep a new one."""
    try:
        with database().write() as session:
            added = kept.add(session, _fields(), by=me(), now=now())
    except InvalidInputError as error:
        return _form(request.form.to_dict(), None, error), 422
    flash(f"{added.name} is kept. Type / in a reply to find it.")
    return redirect(url_for(".index"), 303)


@blueprint.get("/<int:answer_id>")
def edit_form(answer_id: int) -> str:
    """An answer as it is."""
    with database().read() as session:
        answer = kept.get(session, answer_id, me())
    stored = {name: getattr(answer, name) for name in ("folder", "name", "language", "text")}
    own, brand = "1" if answer.owner_id else "0", str(answer.brand_id or "")
    return _form(stored | {"own": own, "brand": brand}, answer_id, may=kept.may_change(answer, me()))


@blueprint.post("/<int:answer_id>")
def edit(answer_id: int) -> Answer:
    """Write it anew."""
    try:
        with database().write() as session:
            changed = kept.change(session, answer_id, _fields(), by=me(), now=now())
    except InvalidInputError as error:
        return _form(request.form.to_dict(), answer_id, error), 422
    flash(f"{changed.name} is changed.")
    return redirect(url_for(".index"), 303)


@blueprint.post("/<int:answer_id>/remove")
def remove(answer_id: int) -> AnyResponse:
    """Forget it."""
    with database().write() as session:
        removed = kept.remove(session, answer_id, by=me())
    flash(f"{removed.name} is removed.")
    return redirect(url_for(".index"), 303)


@blueprint.post("/preview")
def preview() -> str:
    """How a text reads with its variables put in, for an invented person."""
    text = request.form.get("text", "")[: kept.LONGEST_TEXT]
    return render_template("answers/_preview.html", rendered=render.render(text, SAMPLE))


@blueprint.get("/answers.csv")
def export() -> Response:
    """All of them as a file."""
    stream = StringIO()
    with database().read() as session:
        write_csv(csv_file.export_rows(session, me()), stream)
    headers = {"Content-Disposition": 'attachment; filename="answers.csv"'}
    return Response(stream.getvalue(), mimetype="text/csv", headers=headers)


@blueprint.post("/import")
def import_() -> Answer:
    """Answers from a file; refused rows are told."""
    require(me(), Action.ANSWER)
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise InvalidInputError("No file is chosen.", "Choose a CSV file.", field="file")
        content = file.read(csv_file.MAX_BYTES + 1)
        with database().write() as session:
            imported = csv_file.import_file(session, content, by=me(), now=now())
    except InvalidInputError as error:
        return _index(error=error), 422
    return _index(imported=imported)


def _fields() -> Fields:
    form = request.form
    return Fields(
        name=form.get("name", ""),
        text=form.get("text", ""),
        folder=form.get("folder", ""),
        language=form.get("language", ""),
        brand_id=form.get("brand", type=int),
        own=form.get("own", "1") == "1",
    )


def _index(error: InvalidInputError | None = None, imported: csv_file.Imported | None = None) -> str:
    with database().read() as session:
        found = kept.all_answers(session, me())
        brands = inbox.choices(session).brands
    folders: dict[str, list[Any]] = {}
    for answer in found:
        folders.setdefault(answer.folder, []).append(answer)
    return render_template(
        "answers/index.html",
        folders=folders,
        brands=brands,
        error=error,
        imported=imported,
        told=csv_file.TOLD,
        columns=csv_file.COLUMNS,
    )


def _form(
    values: dict[str, Any], answer_id: int | None, error: InvalidInputError | None = None, *, may: bool = True
) -> str:
    with database().read() as session:
        brands = inbox.choices(session).brands
    return render_template(
        "answers/form.html",
        values=values,
        answer_id=answer_id,
        error=error,
        may_change=may,
        brands=[("", "Any"), *brands.items()],
        variables=render.VARIABLES,
        rendered=render.render(values.get("text", ""), SAMPLE),
    )


# --- macros --------------------------------------------------------------------------------------------------------


@blueprint.get("/macros")
def macro_list() -> str:
    """All macros that the person may run."""
    with database().read() as session:
        found = macros.all_macros(session, me())
        people = inbox.choices(session).people
    told = {macro.id: ", ".join(Steps.of(macro.steps).told(people)) for macro in found}
    return render_template("answers/macros.html", macros=found, told=told)


@blueprint.get("/macros/new")
def new_macro() -> str:
    """An empty form."""
    return _macro_form({"own": "1"}, None)


@blueprint.post("/macros")
def add_macro() -> Answer:
    """Keep a new one."""
    try:
        with database().write() as session:
            added = macros.add(session, request.form, by=me(), now=now())
    except InvalidInputError as error:
        return _macro_form(request.form.to_dict(), None, error), 422
    flash(f"{added.name} is kept. Run it from the menu of a conversation, or type / in a reply.")
    return redirect(url_for(".macro_list"), 303)


@blueprint.get("/macros/<int:macro_id>")
def edit_macro_form(macro_id: int) -> str:
    """A macro as it is."""
    with database().read() as session:
        macro = macros.get(session, macro_id, me())
    steps = macro.steps | {"tags": ", ".join(macro.steps["tags"]), "send": "1" if macro.steps["send"] else ""}
    stored = {"name": macro.name, "own": "1" if macro.owner_id else "0", **steps}
    return _macro_form(stored, macro_id, may=macros.may_change(macro, me()))


@blueprint.post("/macros/<int:macro_id>")
def edit_macro(macro_id: int) -> Answer:
    """Write it anew."""
    try:
        with database().write() as session:
            changed = macros.change(session, macro_id, request.form, by=me(), now=now())
    except InvalidInputError as error:
        return _macro_form(request.form.to_dict(), macro_id, error), 422
    flash(f"{changed.name} is changed.")
    return redirect(url_for(".macro_list"), 303)


@blueprint.post("/macros/<int:macro_id>/remove")
def remove_macro(macro_id: int) -> AnyResponse:
    """Forget it."""
    with database().write() as session:
        removed = macros.remove(session, macro_id, by=me())
    flash(f"{removed.name} is removed.")
    return redirect(url_for(".macro_list"), 303)


def _macro_form(
    values: dict[str, Any], macro_id: int | None, error: InvalidInputError | None = None, *, may: bool = True
) -> str:
    with database().read() as session:
        people = inbox.choices(session).people
    return render_template(
        "answers/macro_form.html",
        values=values,
        macro_id=macro_id,
        error=error,
        may_change=may,
        teams=[("", "Leave it"), *((team, str(team).capitalize()) for team in Team)],
        people=[("", "Leave it"), ("me", "Whoever runs it"), ("nobody", "Nobody"), *people.items()],
        statuses=STATUS_WORDS,
        variables=render.VARIABLES,
    )
