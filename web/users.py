"""People: who may log in, as what. For admins."""

from typing import cast

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_login import login_fresh
from werkzeug.wrappers import Response

from config.errors import InvalidInputError
from engage import users
from engage.permissions import Action, require
from engage.tables import Role, Team
from web.auth import begin_session, login_manager
from web.context import database, me, now

blueprint = Blueprint("users", __name__, url_prefix="/people")

Answer = Response | str | tuple[str, int]


@blueprint.before_request
def admins_only() -> Response | None:
    """Everything here; and whoever came back from another network shows first that it is still them."""
    require(me(), Action.MANAGE_USERS)
    return None if login_fresh() else cast(Response, login_manager.needs_refresh())


@blueprint.get("/")
def index() -> str:
    """Everybody."""
    return _page()


@blueprint.post("/")
def add() -> Answer:
    """A new account; a made-up password is shown once."""
    given = request.form.get("password") or None
    try:
        with database().write() as session:
            added, password = users.add_user(
                session, request.form.get("email", ""), given, *_role_and_team(), now(), request.form.get("name", "")
            )
    except InvalidInputError as error:
        return _page(error), 422
    if given is None:
        return _page(fresh=(added.email, password))
    flash(f"{added.name} can log in now.")
    return _back()


@blueprint.post("/<int:user_id>")
def change(user_id: int) -> Answer:
    """Another role or team."""
    try:
        with database().write() as session:
            changed = users.change_user(session, user_id, *_role_and_team())
    except InvalidInputError as error:
        return _page(error, at=user_id), 422
    flash(f"{changed.name} is {changed.role} of {changed.team} now.")
    return _back()


@blueprint.post("/<int:user_id>/deactivate")
def deactivate(user_id: int) -> Answer:
    """Switch an account off."""
    try:
        with database().write() as session:
            changed = users.deactivate(session, user_id)
    except InvalidInputError as error:
        return _page(error, at=user_id), 422
    undo = url_for("users.activate", user_id=user_id)
    flash({"text": f"{changed.name} cannot log in any more.", "undo": undo, "fields": {}})  # type: ignore[arg-type]
    return _back()


@blueprint.post("/<int:user_id>/activate")
def activate(user_id: int) -> Answer:
    """Switch an account on again."""
    with database().write() as session:
        changed = users.activate(session, user_id)
    flash(f"{changed.name} can log in again.")
    return _back()


@blueprint.post("/<int:user_id>/password")
def new_password(user_id: int) -> Answer:
    """Set a made-up password, shown once; every session of the account ends."""
    password = users.make_password()
    with database().write() as session:
        changed = users.set_password(session, user_id, password)
    if user_id == me().id:
        begin_session(changed)
    return _page(fresh=(changed.email, password))


def _role_and_team() -> tuple[Role, Team]:
    role, team = request.form.get("role", ""), request.form.get("team", "")
    if role not in set(Role):
        raise InvalidInputError("There is no such role.", "Choose one.", field="role")
    if team not in set(Team):
        raise InvalidInputError("There is no such team.", "Choose one.", field="team")
    return Role(role), Team(team)


def _back() -> Response:
    """To the list; by a whole page also where htmx asked (an undo)."""
    answer = redirect(url_for("users.index"), 303)
    if "HX-Request" in request.headers:
        answer = make_response("", 200)
        answer.headers["HX-Redirect"] = url_for("users.index")
    return answer


def _page(error: InvalidInputError | None = None, fresh: tuple[str, str] | None = None, at: int | None = None) -> str:
    """Everybody; an error stands at the person `at`, else in the form for a new one."""
    with database().read() as session:
        people = users.list_users(session)
    return render_template(
        "users/index.html",
        people=people,
        error=None if at else error,
        row_error=error if at else None,
        at=at,
        fresh=fresh,
        roles=list(Role),
        teams=list(Team),
        form=request.form if error and not at else {},
        shortest=users.MIN_PASSWORD,
    )
