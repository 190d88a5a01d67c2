"""A reply between the box and the network: told about, pulled back, approved, taken up again."""

import json
from typing import Any

from flask import Response, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from config.errors import NotFoundError
from engage import inbox, replies, undo
from engage.approvals import deciding, policies
from engage.permissions import Action, require
from engage.remedies import LOST_ACCESS
from engage.tables import Reply, ReplyState
from web.context import database, me, now, settings
from web.inbox.answer import CHANGED, blueprint, check_of, done, part


@blueprint.app_context_processor
def _for_replies() -> dict[str, Any]:
    return {"seconds_left": seconds_left, "lost_access": LOST_ACCESS, "may_approve": may_approve}


RETURNED = "hearken:returned"
"""Tells the page to put a text back into the box."""
TOLD = {
    ReplyState.DRAFT: "Handed in for approval.",
    ReplyState.DISCUSSED: "Saved as a draft for the team.",
}


def may_approve(reply: Reply) -> bool:
    """Whether the person may let a draft out."""
    return policies.may_approve(reply, me())


def tell(reply: Reply) -> None:
    """Say what happens with a reply now; while it can be pulled back, with a countdown."""
    if reply.state is ReplyState.APPROVED and reply.not_before is not None:
        address = url_for(".pull_back", conversation_id=reply.conversation_id, reply_id=reply.id)
        flash({"undo": address, "fields": {}, "left": seconds_left(reply)}, "undo")  # type: ignore[arg-type]
    elif words := TOLD.get(reply.state):
        flash(words)


def seconds_left(reply: Reply) -> float:
    """How long it can be pulled back."""
    return max(0.0, (reply.not_before - now()).total_seconds()) if reply.not_before else 0.0


def approve(session: Session, reply_id: int) -> Reply:
    """As the approver's form says: with changes or as it is, alone or instead of the others."""
    return deciding.approve(
        session,
        reply_id,
        by=me(),
        now=now(),
        undo_s=settings().undo_send_s,
        text=request.form.get("text"),
        edits=request.form.get("edits", type=int),
        reject_others=request.form.get("others") == "reject",
    )


@blueprint.post("/c/<int:conversation_id>/r/<int:reply_id>/pull")
def pull_back(conversation_id: int, reply_id: int) -> AnyResponse:
    """Undo send; its writer gets the text back."""
    with database().write() as session:
        reply = undo.pull_back(session, reply_id, by=me(), now=now())
    if reply.state is not ReplyState.PULLED:
        flash("It waits for approval again.")
        return done(conversation_id)
    if "HX-Request" not in request.headers:
        return redirect(url_for(".show", conversation_id=conversation_id, again=reply_id))
    answer = done(conversation_id)
    answer.headers["HX-Trigger"] = json.dumps({CHANGED: {}, RETURNED: _again(reply)})
    return answer


@blueprint.get("/c/<int:conversation_id>/r/<int:reply_id>/again")
def again(conversation_id: int, reply_id: int) -> Response:
    """The box with the words of an earlier reply in it."""
    with database().read() as session:
        earlier = earlier_of(session, conversation_id, reply_id)
        found = check_of(session, conversation_id, earlier.text)
    return part("inbox/_reply.html", check=found, conversation_id=conversation_id, again=earlier)


def earlier_of(session: Session, conversation_id: int, reply_id: int) -> Reply:
    """An earlier reply of this conversation. Raises NotFoundError."""
    require(me(), Action.ANSWER)
    reply = replies.get(session, reply_id)
    if reply.conversation_id != conversation_id:
        raise NotFoundError("This reply does not exist.", "Look at the conversation again.")
    return reply


def context_of(session: Session, opened: inbox.Opened) -> dict[str, Any]:
    """What a conversation shows beside its replies: words for the box, and its drafts."""
    found = [entry.reply for entry in opened.entries if entry.kind == "reply"]
    drafts = [reply for reply in found if reply.state in deciding.DRAFTS]
    return {"again": _asked_again(session, opened.conversation.id), "drafts": drafts}


def _asked_again(session: Session, conversation_id: int) -> Reply | None:
    """The reply whose words the address asks to be in the box."""
    reply_id = request.args.get("again", type=int)
    return earlier_of(session, conversation_id, reply_id) if reply_id else None


@blueprint.get("/c/<int:conversation_id>/r/<int:reply_id>/check")
def check_draft(conversation_id: int, reply_id: int) -> Response:
    """What its approver should know of a draft."""
    with database().read() as session:
        earlier_of(session, conversation_id, reply_id)
        found = replies.check_draft(session, reply_id, now())
    return part("inbox/_draft_check.html", check=found)


def _again(reply: Reply) -> dict[str, Any]:
    number = reply.conversation_id
    return {
        "id": number,
        "show": url_for(".show", conversation_id=number),
        "again": url_for(".again", conversation_id=number, reply_id=reply.id),
    }
