"""Brands: what Hearken listens for."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import InvalidInputError
from engage import brands
from engage.permissions import Action, require
from listener.query import QueryError, parse
from web.context import database, me, now

blueprint = Blueprint("brands", __name__, url_prefix="/brands")

SHOWN_WORDS = 6
Answer = Response | str | tuple[str, int]


@blueprint.before_request
def managers_change() -> None:
    """Everybody may look."""
    require(me(), Action.READ if request.method == "GET" else Action.MANAGE_BRANDS)


@blueprint.get("/")
def index() -> str:
    """All brands."""
    with database().read() as session:
        return render_template("brands/index.html", brands=brands.all_brands(session))


@blueprint.get("/new")
def new() -> str:
    """An empty form."""
    require(me(), Action.MANAGE_BRANDS)
    return _form_page({}, None)


@blueprint.post("/")
def add() -> Answer:
    """A new brand."""
    try:
        with database().write() as session:
            added = brands.add(session, *given(), now(), request.form.get("answer_goal", ""))
    except InvalidInputError as error:
        return _form_page(request.form, None, error), 422
    flash(f"{added.name} is added. Give it a source, so that it is heard.")
    return redirect(url_for("sources.new"), 303)


@blueprint.get("/<int:brand_id>")
def edit_form(brand_id: int) -> str:
    """The brand as it is."""
    require(me(), Action.MANAGE_BRANDS)
    with database().read() as session:
        brand = brands.get(session, brand_id)
    stored = {
        "name": brand.name,
        "query": brand.query,
        "products": ", ".join(brand.products),
        "competitors": ", ".join(brand.competitors),
        "answer_goal": brand.answer_goal_minutes,
    }
    return _form_page(stored, brand_id)


@blueprint.post("/<int:brand_id>")
def edit(brand_id: int) -> Answer:
    """Change it."""
    try:
        with database().write() as session:
            changed = brands.edit(session, brand_id, *given(), request.form.get("answer_goal", ""))
    except InvalidInputError as error:
        return _form_page(request.form, brand_id, error), 422
    flash(f"{changed.name} is changed. What is heard from now on matches the new query.")
    return redirect(url_for("brands.index"), 303)


@blueprint.get("/verdict")
def verdict() -> str:
    """What a query that is being typed would listen for, or where it is wrong."""
    text = request.args.get("query", "")
    return render_template("brands/_verdict.html", **judged(text))


def judged(text: str) -> dict[str, object]:
    """The error of a query, or what it says in words."""
    if not text.strip():
        return {"error": None, "said": ""}
    try:
        brands.checked_query(text)
        words = parse(text).words
    except InvalidInputError as error:
        return {"error": error, "said": ""}
    shown = ", ".join(words[:SHOWN_WORDS]) + (" …" if len(words) > SHOWN_WORDS else "")
    return {"error": None, "said": f"Looks for {shown}."}


def given() -> tuple[str, str, list[str], list[str]]:
    """Name, query, products and competitors as typed."""
    form = request.form
    products, competitors = (form.get(name, "").replace("\n", ",").split(",") for name in ("products", "competitors"))
    return form.get("name", ""), form.get("query", ""), products, competitors


def _form_page(values: object, brand_id: int | None, error: InvalidInputError | None = None) -> str:
    return render_template(
        "brands/form.html",
        values=values,
        brand_id=brand_id,
        error=error,
        query_error=error if isinstance(error, QueryError) else None,
    )
