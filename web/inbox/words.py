"""Words at hand beside the reply box: kept answers behind `/`, macros, and what was answered before."""

import json
from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engage import inbox
from engage.answers import kept, macros, render, similar
from engage.answers.steps import Steps
from engage.permissions import Action, require
from web.context import database, me, now, settings
from web.inbox.answer import CHANGED, blueprint, done, part, version

LONGEST_TYPED = 60


@blueprint.get("/c/<int:conversation_id>/answers")
def offer(conversation_id: int) -> Response:
    """Kept answers, then macros, that fit what is typed behind the slash."""
    typed = request.args.get("q", "")[:LONGEST_TYPED]
    with database().read() as session:
        answers = kept.offered(session, conversation_id, typed, me())
        runnable = macros.all_macros(session, me(), typed, limit=4)
        people = inbox.choices(session).people if runnable else {}
    told = {macro.id: ", ".join(Steps.of(macro.steps).told(people)) for macro in runnable}
    return part("inbox/_answers.html", answers=answers, macros=runnable, told=told, conversation_id=conversation_id)


@blueprint.post("/c/<int:conversation_id>/answers/<int:answer_id>")
def use_answer(conversation_id: int, answer_id: int) -> AnyResponse:
    """The answer with this conversation's values, to be put into the box."""
    with database().write() as session:
        rendered = kept.use(session, answer_id, conversation_id, by=me(), now=now())
    return make_response({"text": rendered.text, "gaps": list(rendered.gaps)})


@blueprint.get("/c/<int:conversation_id>/macros")
def offer_macros(conversation_id: int) -> Response:
    """What opens at the menu of macros."""
    with database().read() as session:
        found = macros.all_macros(session, me(), limit=50)
        people = inbox.choices(session).people if found else {}
        conversation = kept.conversation(session, conversation_id)
    told = {macro.id: ", ".join(Steps.of(macro.steps).told(people)) for macro in found}
    return part("inbox/_macro_menu.html", macros=found, told=told, conversation=conversation)


@blueprint.post("/c/<int:conversation_id>/macros/<int:macro_id>")
def run_macro(conversation_id: int, macro_id: int) -> AnyResponse:
    """Do all its steps, or none; with one undo for what can be undone."""
    approval = settings().approval_required
    with database().write() as session:
        ran = macros.run(
            session,
            macro_id,
            conversation_id,
            by=me(),
            now=now(),
            version=version(),
            approval_required=approval,
            undo_s=settings().undo_send_s,
        )
    if ran.conversation.version > version():
        fields: dict[str, Any] = {**ran.before, "version": ran.conversation.version}
        undo = {"text": f"{ran.name}: done.", "undo": url_for(".undo_macro", conversation_id=conversation_id)}
        flash({**undo, "fields": fields}, "undo")  # type: ignore[arg-type]
    else:
        flash(f"{ran.name}: done.")
    answer = done(conversation_id, ran.conversation)
    if ran.text and "HX-Request" in request.headers:
        news = {"id": conversation_id, "version": ran.conversation.version}
        insert = {"text": ran.text, "gaps": render.gaps(ran.text)}
        answer.headers["HX-Trigger"] = json.dumps({CHANGED: news, "hearken:insert": insert})
    return answer


@blueprint.post("/c/<int:conversation_id>/macros/undo")
def undo_macro(conversation_id: int) -> AnyResponse:
    """Bring back status, team, assignee and tags."""
    with database().write() as session:
        changed = macros.undo(session, conversation_id, request.form, by=me(), now=now(), version=version())
    return done(conversation_id, changed)


@blueprint.get("/c/<int:conversation_id>/similar")
def show_similar(conversation_id: int) -> Response:
    """Up to three mentions like the one on show, with the answers that helped."""
    require(me(), Action.ANSWER)
    with database().read() as session:
        found = similar.similar(session, conversation_id)
    return make_response(render_template("inbox/_similar.html", found=found, conversation_id=conversation_id))
