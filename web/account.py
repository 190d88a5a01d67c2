"""One's own account: the name that colleagues see, the password, light or dark."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import InvalidInputError
from engage import users
from engage.report import plans
from engage.report.words import LANGUAGES
from web.appearance import DENSITIES, THEMES
from web.auth import begin_session
from web.context import database, me, now
from web.security import limiter
from web.snooze import zone

blueprint = Blueprint("account", __name__, url_prefix="/account")

Answer = str | tuple[str, int]


@blueprint.get("/")
def index() -> str:
    """The page."""
    return _page()


@blueprint.post("/name")
def rename() -> Response | Answer:
    """Change the name."""
    name = request.form.get("name", "")
    try:
        with database().write() as session:
            users.rename(session, me().id, name)
    except InvalidInputError as error:
        return _page(error, name=name), 422
    flash("Your name is changed.")
    return redirect(url_for("account.index"), 303)


@blueprint.post("/password")
@limiter.limit("10 per 5 minutes", key_func=lambda: f"user {me().id}")
def change_password() -> Response | Answer:
    """Change the password, which ends every other session of the account."""
    user = me()
    try:
        if not users.is_password(user, request.form.get("current", "")):
            raise InvalidInputError("This is not your present password.", "Try again.", field="current")
        users.check_password(request.form.get("fresh", ""), field="fresh")
        with database().write() as session:
            changed = users.set_password(session, user.id, request.form["fresh"], field="fresh")
    except InvalidInputError as error:
        return _page(error), 422
    begin_session(changed)
    flash("Your password is changed; other browsers are logged out.")
    return redirect(url_for("account.index"), 303)


@blueprint.post("/week")
def own_week() -> Response | Answer:
    """Want the mail about one's own week, or no more."""
    wanted, form = "wanted" in request.form, request.form
    try:
        with database().write() as session:
            plans.want_own_week(
                session, me().id, form.get("zone", ""), form.get("language", ""), wanted=wanted, now=now()
            )
    except InvalidInputError as error:
        return _page(error), 422
    flash("Your week comes by mail each Monday morning." if wanted else "Your week comes by mail no more.")
    return redirect(url_for("account.index"), 303)


def _page(error: InvalidInputError | None = None, name: str | None = None) -> str:
    user = me()
    return render_template(
        "account/index.html",
        error=error,
        name=user.name if name is None else name,
        themes=THEMES,
        densities=DENSITIES,
        shortest=users.MIN_PASSWORD,
        week_zone=user.own_week_zone if user.own_week else zone().key,
        languages=list(LANGUAGES.items()),
    )
