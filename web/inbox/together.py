"""Working together on a conversation: drafts, following, a handover, the next one, names for notes."""

import json

from flask import Response, flash, jsonify, make_response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from engage import conversations, inbox
from engage.together import assigning, drafts, following, meanwhile, notices
from engage.together.drafts import DraftConflictError
from engage.together.tables import DraftKind
from web.context import database, me, now
from web.inbox.answer import blueprint, done, one_of, part

OPEN = "hearken:open"
"""Tells the page to open an address."""


@blueprint.post("/c/<int:conversation_id>/draft")
def save_draft(conversation_id: int) -> Response:
    """Keep what is being written; another page's newer text comes back with 409 and nothing is overwritten."""
    kind = one_of(DraftKind, request.form.get("kind", ""), "draft")
    seen = request.form.get("seen", 0, type=int)
    try:
        with database().write() as session:
            version = drafts.save(
                session, conversation_id, kind, request.form.get("text", ""), seen=seen, by=me(), now=now()
            )
    except DraftConflictError as error:
        return make_response(jsonify(text=error.text, version=error.version), 409)
    return jsonify(version=version)


@blueprint.post("/c/<int:conversation_id>/follow")
def follow(conversation_id: int) -> AnyResponse:
    """Hear what happens here, or (with `stop`) no more."""
    with database().write() as session:
        conversations.get(session, conversation_id)
        if "stop" in request.form:
            following.unfollow(session, conversation_id, me().id)
        else:
            following.follow(session, conversation_id, [me().id], now())
    if "HX-Request" not in request.headers:
        return done(conversation_id)
    return part("inbox/_follow.html", conversation_id=conversation_id, follows="stop" not in request.form)


@blueprint.post("/c/<int:conversation_id>/notices")
def read_notices(conversation_id: int) -> AnyResponse:
    """Whoever opens a conversation has read what they were told of it."""
    with database().write() as session:
        notices.mark_read(session, me().id, now(), conversation_id=conversation_id)
    return done(conversation_id)


@blueprint.post("/c/<int:conversation_id>/handover/<int:notice_id>")
def take_over(conversation_id: int, notice_id: int) -> AnyResponse:
    """The word that came with a handover was read."""
    with database().write() as session:
        notices.set_read(session, me().id, notice_id, read=True, now=now())
    return done(conversation_id)


@blueprint.post("/next")
def take_next() -> AnyResponse:
    """The most pressing conversation that waits for my team is mine now, and opens."""
    with database().write() as session:
        taken = assigning.next_for(session, me(), now())
    if taken is None:
        flash("Nothing waits for your team.")
        return part("_flashes.html", oob=True) if "HX-Request" in request.headers else redirect(url_for(".index"))
    address = url_for(".show", conversation_id=taken.id)
    if "HX-Request" not in request.headers:
        return redirect(address)
    answer = make_response("", 200)
    answer.headers["HX-Trigger"] = json.dumps({OPEN: {"address": address}})
    return answer


@blueprint.get("/names")
def names() -> Response:
    """Whom a note can call by @."""
    with database().read() as session:
        people = inbox.choices(session).people
    return jsonify([{"id": key, "name": name} for key, name in people.items() if key != me().id])


def unseen(session: Session, conversation_id: int) -> meanwhile.Missed | None:
    """What others did since the writer of the form began, unless they send it anyway."""
    mark = request.form.get("anyway") or request.form.get("seen", "")
    if not mark:
        return None
    conversations.get(session, conversation_id)  # its lock: nobody answers between this look and our answer
    return meanwhile.missed(session, conversation_id, meanwhile.read_seen(mark), me().id)
