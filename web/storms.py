"""Storms: what many people say in nearly the same words, and an answer to all of them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.errors import InvalidInputError
from engage.permissions import Action, require
from engage.storms import answers, reads
from engage.storms.tables import AnswerState, StormAnswer
from web.context import database, me, now

blueprint = Blueprint("storms", __name__, url_prefix="/storms")

PACES = {15: "15 seconds", 30: "30 seconds", 60: "A minute", 180: "3 minutes", 600: "10 minutes"}
BOXES = 3
"""Boxes for wordings that the form shows at first."""
STATES = {
    AnswerState.DRAFT: ("Waits for approval", "chip-warning"),
    AnswerState.SENDING: ("Going out", "chip-accent"),
    AnswerState.DONE: ("Handed in", "chip-accent"),
    AnswerState.STOPPED: ("Stopped", ""),
    AnswerState.REJECTED: ("Rejected", "chip-danger"),
}


@blueprint.get("/<int:storm_id>")
def show(storm_id: int) -> str:
    """One storm."""
    return _page(storm_id, [], 30)


def _page(storm_id: int, texts: list[str], pace: int, error: InvalidInputError | None = None) -> str:
    require(me(), Action.READ)
    with database().read() as session:
        opened = reads.opened(session, storm_id, now())
    boxes = [*texts, *[""] * (BOXES - len(texts))]
    context = {"boxes": boxes, "pace": pace, "paces": PACES, "states": STATES, "error": error, "name": answers.NAME}
    return render_template("storms/show.html", opened=opened, wording=answers.wording, **context)


@blueprint.post("/<int:storm_id>/answer")
def answer(storm_id: int) -> Response | tuple[str, int]:
    """Hand in an answer to all; what was typed comes back where it cannot be taken."""
    texts = request.form.getlist("texts")[: answers.MOST_WORDINGS + 1]
    pace = request.form.get("pace", 0, type=int)
    try:
        with database().write() as session:
            answers.write(session, storm_id, texts, pace, by=me(), now=now())
    except InvalidInputError as error:
        return _page(storm_id, texts, pace, error), 422
    flash("Handed in. It goes out once somebody approves it.", "done")
    return redirect(url_for(".show", storm_id=storm_id), 303)


@blueprint.post("/answers/<int:answer_id>/<any(approve, reject, stop):verb>")
def decide(answer_id: int, verb: str) -> Response:
    """A person's word on an answer to all."""
    with database().write() as session:
        decided = _decide(session, answer_id, verb)
        storm_id = decided.storm_id
    return redirect(url_for(".show", storm_id=storm_id), 303)


def _decide(session: Session, answer_id: int, verb: str) -> StormAnswer:
    if verb == "approve":
        return answers.approve(session, answer_id, by=me(), now=now())
    if verb == "stop":
        return answers.stop(session, answer_id, by=me(), now=now())
    return answers.reject(session, answer_id, request.form.get("reason", ""), by=me(), now=now())
