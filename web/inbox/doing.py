"""Doing: what a person decides about a conversation."""

from datetime import datetime
from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engage import conversations, corrections, replies
from engage.answers import links
from engage.approvals import deciding
from engage.tables import Conversation, Status, Team
from engage.together import drafts
from engage.together.tables import DraftKind
from nlp.reading import Question
from web import snooze
from web.context import database, me, now, settings
from web.inbox import outgoing
from web.inbox.answer import blueprint, check_of, done, offer_undo, one_of, part, version
from web.inbox.outgoing import tell
from web.inbox.together import unseen


@blueprint.post("/c/<int:conversation_id>/read")
def mark_read(conversation_id: int) -> AnyResponse:
    """Somebody looks at it."""
    with database().write() as session:
        conversations.mark_read(session, conversation_id)
    return Response(status=204)


@blueprint.post("/c/<int:conversation_id>/assign")
def assign(conversation_id: int) -> AnyResponse:
    """Give it to somebody: `assignee` is a user's id, `me`, or empty for nobody; `handover` is a note for them."""
    chosen = request.form.get("assignee", "")
    user_id = me().id if chosen == "me" else int(chosen) if chosen.isdigit() else None
    with database().write() as session:
        changed = conversations.assign(
            session,
            conversation_id,
            user_id,
            by=me(),
            now=now(),
            version=version(),
            handover=request.form.get("handover", ""),
        )
    return done(conversation_id, changed)


@blueprint.post("/c/<int:conversation_id>/team")
def set_team(conversation_id: int) -> AnyResponse:
    """Move it to another team."""
    team = one_of(Team, request.form.get("team", ""), "team")
    with database().write() as session:
        changed = conversations.set_team(session, conversation_id, team, by=me(), now=now(), version=version())
    return done(conversation_id, changed)


@blueprint.post("/c/<int:conversation_id>/status")
def set_status(conversation_id: int) -> AnyResponse:
    """Open, wait, snooze, close; with an undo that brings the state before back."""
    status = one_of(Status, request.form.get("status", ""), "status")
    noise = request.form.get("noise") == "1"
    until = _snoozed_until() if status is Status.SNOOZED else None
    with database().write() as session:
        before = _state_of(conversations.get(session, conversation_id))
        changed = conversations.set_status(
            session, conversation_id, status, by=me(), now=now(), version=version(), snoozed_until=until, noise=noise
        )
        undo = before | {"version": changed.version, "undoing": "1"}
    if "undoing" not in request.form:
        offer_undo(_said(status, noise), url_for(".set_status", conversation_id=conversation_id), undo)
    return done(conversation_id, changed)


@blueprint.post("/c/<int:conversation_id>/tags")
def set_tags(conversation_id: int) -> AnyResponse:
    """Replace the tags; they are written one beside the other with commas."""
    tags = request.form.get("tags", "").split(",")
    with database().write() as session:
        changed = conversations.set_tags(session, conversation_id, tags, by=me(), now=now(), version=version())
    return done(conversation_id, changed)


@blueprint.post("/c/<int:conversation_id>/note")
def add_note(conversation_id: int) -> AnyResponse:
    """A word to colleagues."""
    with database().write() as session:
        conversations.add_note(session, conversation_id, request.form.get("note", ""), by=me(), now=now())
        drafts.clear(session, conversation_id, DraftKind.NOTE, me().id)
    return done(conversation_id, template="inbox/_note.html")


@blueprint.post("/c/<int:conversation_id>/check")
def check(conversation_id: int) -> Response:
    """What the network and the brand's rules say to the text so far; links in it are looked at meanwhile."""
    with database().read() as session:
        found = check_of(session, conversation_id, request.form.get("text", ""))
    if found.judged.new_links:
        with database().write() as session:
            links.ask(session, found.judged.new_links, now())
    return part("inbox/_check.html", check=found, conversation_id=conversation_id)


@blueprint.post("/c/<int:conversation_id>/reply")
def reply(conversation_id: int) -> AnyResponse | tuple[Response, int]:
    """Hand in a reply; the box is empty only once it is safe."""
    with database().write() as session:
        if missed := unseen(session, conversation_id):
            return part("inbox/_meanwhile.html", missed=missed), 409
        written = replies.write(
            session,
            conversation_id,
            request.form.get("text", ""),
            by=me(),
            now=now(),
            approval_required=settings().approval_required,
            undo_s=settings().undo_send_s,
            form_key=request.form.get("form_key", "")[:40],
            after=request.form.get("after", type=int),
            for_discussion=request.form.get("as") == "draft",
        )
        drafts.clear(session, conversation_id, DraftKind.REPLY, me().id)
        found = check_of(session, conversation_id, "")
    tell(written)
    return done(conversation_id, template="inbox/_reply.html", check=found)


@blueprint.post("/c/<int:conversation_id>/r/<int:reply_id>/<any(approve, reject, retry, arrived, lost):verb>")
def decide(conversation_id: int, reply_id: int, verb: str) -> AnyResponse:
    """A person's word on a reply: let it go, stop it, try again, say whether it arrived."""
    by, at = me(), now()
    with database().write() as session:
        match verb:
            case "approve":
                tell(outgoing.approve(session, reply_id))
            case "reject":
                deciding.reject(session, reply_id, request.form.get("reason", ""), by=by, now=at)
            case "retry":
                replies.retry(session, reply_id, by=by, now=at)
            case _:
                replies.settle(session, reply_id, verb == "arrived", by=by, now=at)
    return done(conversation_id)


@blueprint.post("/c/<int:conversation_id>/m/<int:mention_id>/reading")
def correct(conversation_id: int, mention_id: int) -> AnyResponse:
    """A person reads a mention otherwise; with an undo."""
    question = one_of(Question, request.form.get("question", ""), "question")
    answer, seen = request.form.get("answer", ""), request.form.get("seen", "")
    with database().write() as session:
        corrections.correct(session, conversation_id, mention_id, question, answer, seen=seen, by=me(), now=now())
    if "undoing" not in request.form and answer != seen:
        words = f"Read as {answer}{' urgency' if question is Question.URGENCY else ''}."
        undo = {"question": str(question), "answer": seen, "seen": answer, "undoing": "1"}
        offer_undo(words, url_for(".correct", conversation_id=conversation_id, mention_id=mention_id), undo)
    return done(conversation_id)


def _snoozed_until() -> datetime:
    return snooze.moment(request.form.get("preset", ""), request.form.get("until", ""), now(), snooze.zone())


def _state_of(conversation: Conversation) -> dict[str, Any]:
    """The fields of a form that brings this state back."""
    until = conversation.snoozed_until
    return {
        "status": str(conversation.status),
        "noise": "1" if conversation.noise else "",
        "until": until.isoformat() if until else "",
    }


def _said(status: Status, noise: bool) -> str:
    words = {Status.OPEN: "Reopened.", Status.PENDING: "Waiting for their answer.", Status.SNOOZED: "Snoozed."}
    return words.get(status, "Closed as noise." if noise else "Closed.")
