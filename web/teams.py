"""Teams: how each shares its work, and who is here. And how one works oneself."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import InvalidInputError
from engage.permissions import Action, require
from engage.tables import Team
from engage.together import work
from engage.together.tables import MailWish, Sharing
from web.context import database, me, now, settings
from web.inbox.answer import one_of

blueprint = Blueprint("teams", __name__)
WAYS = {
    Sharing.OFF: "Nobody is given anything; people take it",
    Sharing.TURNS: "In turns, one after the other",
    Sharing.LEAST: "To whoever has the fewest open",
}
MAILS = {
    MailWish.NONE: "No mails",
    MailWish.TO_ME: "When I am named, or given a conversation",
    MailWish.ALL: "Everything I am told of",
}


@blueprint.get("/teams")
def index() -> str:
    """Both teams and their people."""
    require(me(), Action.MANAGE_TEAMS)
    with database().read() as session:
        ways, people = work.sharing(session), work.colleagues(session, now())
    return render_template("teams/index.html", ways=ways, people=people, labels=WAYS)


@blueprint.post("/teams/<team>")
def change(team: str) -> Response:
    """Share otherwise."""
    how = one_of(Sharing, request.form.get("sharing", ""), "way of sharing")
    with database().write() as session:
        work.set_sharing(session, one_of(Team, team, "team"), how, by=me())
    flash("The team shares its work this way now.")
    return redirect(url_for(".index"), 303)


@blueprint.post("/teams/people/<int:user_id>")
def change_person(user_id: int) -> Response:
    """A manager says for somebody how many they take, and whether they are away."""
    require(me(), Action.MANAGE_TEAMS)
    with database().write() as session:
        work.set_person(session, user_id, most_open=_number("most_open"), away="away" in request.form)
    flash("Saved.")
    return redirect(url_for(".index"), 303)


@blueprint.get("/account/work")
def mine() -> str:
    """How one works oneself."""
    return _mine()


@blueprint.post("/account/work")
def change_mine() -> Response | tuple[str, int]:
    """Another limit, away or back, which notices come by mail."""
    try:
        mails = one_of(MailWish, request.form.get("mails", ""), "choice of mails")
        with database().write() as session:
            work.set_person(
                session, me().id, most_open=_number("most_open"), away="away" in request.form, mails=mails
            )
    except InvalidInputError as error:
        return _mine(error), 422
    flash("Saved.")
    return redirect(url_for(".mine"), 303)


def _number(field: str) -> int:
    text = request.form.get(field, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise InvalidInputError(f"{text[:20]!r} is no number.", f"Take 0 to {work.MOST_ALLOWED}.", field=field)
    return int(text)


def _mine(error: InvalidInputError | None = None) -> str:
    with database().read() as session:
        person = work.person(session, me().id)
    form = request.form if error else {}
    return render_template(
        "teams/mine.html",
        person=person,
        most_open=form.get("most_open", person.most_open),
        error=error,
        mails=list(MAILS.items()),
        can_mail=bool(settings().smtp_host),
    )
