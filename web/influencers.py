"""Influencers: the ranked list, one author and why, two compared, lists with outreach, and CSV of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.errors import ConflictError, InvalidInputError
from engage import brands, influencer_lists, influencers, users
from engage.export import write_csv
from engage.influence_tables import Outreach, Size
from engage.influencer_lists import Change
from engage.influencers import Choices, Sort, Stance, Wanted
from engage.permissions import Action, require
from listener.tables import Brand
from web.context import database, me, now

blueprint = Blueprint("influencers", __name__, url_prefix="/influencers")

EXPORTED = 5_000
"""Lines of an exported ranking."""
MOST_PAGES = 200
CLEAN = {"1": True, "0": False}
SIZE_WORDS = {
    "nano": "Nano, below 10k",
    "micro": "Micro, 10k to 50k",
    "mid": "Mid, 50k to 500k",
    "macro": "Macro, 500k to 1M",
    "mega": "Mega, from 1M",
}
FILTERS = ("network", "language", "stance", "size", "topic", "rising", "clean")
Answer = Response | str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    wanted: Wanted
    sort: Sort
    page: int
    params: Mapping[str, str]
    """The same as a query string's fields, without the page."""


@blueprint.before_request
def check_role() -> None:
    """Looking takes one right, changing and taking away another."""
    require(me(), Action.READ if request.method == "GET" else Action.KEEP_LISTS)


@blueprint.app_template_filter()
def spark(counts: list[int]) -> str:
    """The points of a line through the counts, in a field of 96 by 24."""
    most = max(*counts, 1)
    step = 96 / (len(counts) - 1)
    return " ".join(f"{place * step:.1f},{22 - 20 * count / most:.1f}" for place, count in enumerate(counts))


@blueprint.app_template_filter()
def stance_word(value: float) -> str:
    """Where a stored stance stands."""
    return influencers.stance_of(value).value


# --- the list ----------------------------------------------------------------------------------------------------


@blueprint.get("/")
def index() -> Answer:
    """The ranking of a brand."""
    with database().read() as session:
        listened_for = brands.all_brands(session)
        if not listened_for:
            return render_template("influencers/nothing.html")
        brand = _brand(session, request.args.get("brand", listened_for[0].id, type=int))
        choices = influencers.choices(session, brand.id)
        asked = _asked(request.args, brand.id)
        found = influencers.ranked(session, asked.wanted, now(), asked.sort, asked.page)
        saved = influencer_lists.all_lists(session, brand.id)
    return render_template(
        "influencers/index.html", brand=brand, brands=listened_for, found=found, lists=saved, **_shown(asked, choices)
    )


def _shown(asked: Asked, choices: Choices) -> dict[str, Any]:
    return {
        "asked": asked,
        "choices": choices,
        "sizes": list(Size),
        "stances": list(Stance),
        "size_words": SIZE_WORDS,
    }


@blueprint.get("/export.csv")
def export() -> Response:
    """The ranking as it is filtered and sorted."""
    require(me(), Action.KEEP_LISTS)
    with database().read() as session:
        brand = _brand(session, request.args.get("brand", 0, type=int))
        asked = _asked(request.args, brand.id)
        rows = influencers.export_rows(session, asked.wanted, now(), asked.sort, EXPORTED)
    return _csv(rows, "influencers")


def _brand(session: Session, brand_id: int) -> Brand:
    return brands.get(session, brand_id)


def _asked(args: Mapping[str, str], brand_id: int) -> Asked:
    """Read a query string. Raises InvalidInputError on an unknown value."""
    params = {name: " ".join(args[name].split())[:200] for name in FILTERS if args.get(name, "").strip()}
    wanted = Wanted(
        brand_id=brand_id,
        network=params.get("network", ""),
        language=params.get("language", ""),
        stance=_choice(Stance, "stance", params["stance"]) if "stance" in params else None,
        size=_size(params["size"]) if "size" in params else None,
        topic=params.get("topic", ""),
        rising="rising" in params,
        clean=CLEAN[params["clean"]] if params.get("clean") in CLEAN else None,
    )
    sort = _choice(Sort, "sort", args["sort"]) if args.get("sort") else Sort.SCORE
    typed = args.get("page", "1")
    page = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    named = {"brand": str(brand_id)} | params | ({} if sort is Sort.SCORE else {"sort": sort.value})
    return Asked(wanted, sort, min(max(page, 1), MOST_PAGES), named)


def _choice(kind: Any, field: str, value: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise InvalidInputError(f"There is no {field} {value!r}.", "Choose one in the list.", field=field) from None


def _size(value: str) -> Size:
    if value.upper() not in Size.__members__:
        raise InvalidInputError(f"There is no size {value!r}.", "Choose one in the list.", field="size")
    return Size[value.upper()]


# --- one author, and two -----------------------------------------------------------------------------------------


@blueprint.get("/<int:brand_id>/<int:author_id>")
def show(brand_id: int, author_id: int) -> str:
    """Everything that made the score."""
    with database().read() as session:
        brand = _brand(session, brand_id)
        profile = influencers.profile(session, brand_id, author_id, brand.name, now())
        saved = influencer_lists.all_lists(session, brand_id)
    return render_template("influencers/show.html", brand=brand, profile=profile, lists=saved)


@blueprint.get("/<int:brand_id>/<int:author_id>/why")
def why(brand_id: int, author_id: int) -> str:
    """The parts and the evidence alone, to open below a row."""
    with database().read() as session:
        profile = influencers.profile(session, brand_id, author_id, _brand(session, brand_id).name, now())
    return render_template("influencers/_why.html", profile=profile)


@blueprint.get("/compare")
def compare() -> Answer:
    """Two authors side by side."""
    brand_id = request.args.get("brand", 0, type=int)
    chosen = list(dict.fromkeys(request.args.getlist("author", type=int)))
    if len(chosen) != 2:
        raise InvalidInputError(
            f"{len(chosen) or 'No'} authors are chosen." if len(chosen) != 1 else "One author is chosen.",
            "Go back and tick two.",
        )
    with database().read() as session:
        brand = _brand(session, brand_id)
        both = [influencers.profile(session, brand_id, author_id, brand.name, now()) for author_id in chosen]
        audiences = influencers.shared_audience(session, *chosen)
    return render_template("influencers/compare.html", brand=brand, both=both, audiences=audiences)


# --- lists -------------------------------------------------------------------------------------------------------


@blueprint.get("/lists/")
def lists() -> str:
    """All lists."""
    return _lists_page()


def _lists_page(error: InvalidInputError | None = None) -> str:
    with database().read() as session:
        saved = influencer_lists.all_lists(session)
        listened_for = brands.all_brands(session)
    return render_template(
        "influencers/lists.html",
        lists=saved,
        brands=listened_for,
        brand_options=[(brand.id, brand.name) for brand in listened_for],
        stages=list(Outreach),
        error=error,
    )


@blueprint.post("/lists/")
def create() -> Answer:
    """A new, empty list."""
    try:
        with database().write() as session:
            brand_id = request.form.get("brand", 0, type=int)
            made = influencer_lists.create(session, brand_id, request.form.get("name", ""), me(), now())
            list_id = made.id
    except InvalidInputError as error:
        return _lists_page(error), 422
    return redirect(url_for("influencers.show_list", list_id=list_id), 303)


@blueprint.post("/save")
def save() -> Answer:
    """Put the ticked authors on a list; a new one where a name is typed."""
    form = request.form
    with database().write() as session:
        list_id = form.get("list", 0, type=int)
        if name := form.get("name", "").strip():
            list_id = influencer_lists.create(session, form.get("brand", 0, type=int), name, me(), now()).id
        if not list_id:
            raise InvalidInputError("No list is chosen.", "Choose one, or type a name for a new one.", field="list")
        added = influencer_lists.add(session, list_id, form.getlist("author", type=int), me(), now())
        words = influencer_lists.get(session, list_id).name
    flash(f"{added:,} put on {words}." if added else f"On {words} already.")
    return redirect(url_for("influencers.show_list", list_id=list_id), 303)


@blueprint.get("/lists/<int:list_id>")
def show_list(list_id: int) -> str:
    """Who is on it, how far we are, and what followed."""
    return _list_page(list_id)


def _list_page(list_id: int, error: Exception | None = None, at: int | None = None) -> str:
    with database().read() as session:
        found = influencer_lists.page(session, list_id)
        people = [person for person in users.list_users(session) if person.active]
    return render_template(
        "influencers/list.html",
        page=found,
        people=people,
        stages=list(Outreach),
        error=error,
        at=at,
        may_hand_over=influencer_lists.may_hand_over(found.list, me()),
    )


@blueprint.get("/lists/<int:list_id>.csv")
def export_list(list_id: int) -> Response:
    """The list for a spreadsheet."""
    require(me(), Action.KEEP_LISTS)
    with database().read() as session:
        found = influencer_lists.page(session, list_id)
    return _csv(influencer_lists.export_rows(found), f"list-{list_id}")


@blueprint.post("/lists/<int:list_id>/rename")
def rename(list_id: int) -> Answer:
    """Another name."""
    try:
        with database().write() as session:
            influencer_lists.rename(session, list_id, request.form.get("name", ""), me())
    except InvalidInputError as error:
        return _list_page(list_id, error), 422
    return _to_list(list_id)


@blueprint.post("/lists/<int:list_id>/remove")
def remove(list_id: int) -> Answer:
    """Forget the list."""
    with database().write() as session:
        name = influencer_lists.remove(session, list_id, me())
    flash(f"The list {name} is removed.")
    return redirect(url_for("influencers.lists"), 303)


@blueprint.post("/members/<int:member_id>")
def change(member_id: int) -> Answer:
    """Stage, tags, notes and owner of somebody on a list."""
    with database().read() as session:
        list_id = influencer_lists.member_of(session, member_id).list_id
    version = request.form.get("version", 0, type=int)
    try:
        with database().write() as session:
            influencer_lists.change(session, member_id, version, _given(), me(), now())
    except InvalidInputError as error:
        return _list_page(list_id, error, member_id), 422
    except ConflictError as error:
        return _list_page(list_id, error, member_id), 409
    return _to_list(list_id)


@blueprint.post("/members/<int:member_id>/remove")
def take_off(member_id: int) -> Answer:
    """Take somebody off a list; it can be undone."""
    with database().write() as session:
        list_id = influencer_lists.member_of(session, member_id).list_id
        kept = influencer_lists.take_off(session, member_id, me())
    undo = url_for("influencers.put_back", list_id=list_id)
    flash({"text": "Taken off the list.", "undo": undo, "fields": kept})  # type: ignore[arg-type]
    return _to_list(list_id)


@blueprint.post("/lists/<int:list_id>/put-back")
def put_back(list_id: int) -> Answer:
    """Undo taking off."""
    author_id = request.form.get("author", 0, type=int)
    with database().write() as session:
        moments = (request.form.get("added_at", ""), request.form.get("stage_at", ""))
        influencer_lists.put_back(session, list_id, author_id, _given(), moments, me(), now())
    return _to_list(list_id)


def _given() -> Change:
    form = request.form
    return Change(
        stage=form.get("stage", ""),
        tags=form.get("tags", "").split(","),
        notes=form.get("notes", "").replace("\r\n", "\n"),
        owner_id=form.get("owner", None, type=int),
    )


def _to_list(list_id: int) -> Response:
    """To the list; an undo by htmx goes there by a whole page."""
    address = url_for("influencers.show_list", list_id=list_id)
    if "HX-Request" in request.headers:
        return Response("", 200, {"HX-Redirect": address})
    return redirect(address, 303)


def _csv(rows: list[dict[str, Any]], name: str) -> Response:
    stream = StringIO()
    write_csv(rows, stream)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(stream.getvalue(), mimetype="text/csv", headers=headers)
