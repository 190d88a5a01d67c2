"""The inbox: queues, list, one conversation, and what a person does with it.

A page is one read transaction. For htmx the same addresses answer with just the part that was asked for, and an
action answers with a message only: what it changed is then fetched by /refresh, as after anybody else's change.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from config.errors import InvalidInputError, NotFoundError
from engage import alerts, conversations, corrections, inbox, replies
from engage.permissions import Action, allowed
from engage.tables import Conversation, Status, Team
from listener.networks import NETWORK_LABELS
from nlp.reading import Intent, Question, Sentiment
from web import readings, snooze
from web.context import database, me, now, settings
from web.inbox_query import Asked, asked, mention_words
from web.pages import queue_lines

blueprint = Blueprint("inbox", __name__)

CHANGED = "hearken:changed"
"""Tells the page to fetch what is new at once."""


# --- looking -----------------------------------------------------------------------------------------------------


@blueprint.get("/")
def index() -> Response:
    """The list of a queue, with nothing opened."""
    return _page(None)


@blueprint.get("/c/<int:conversation_id>")
def show(conversation_id: int) -> Response:
    """One conversation, beside the list it was opened from."""
    if request.headers.get("HX-Target") == "conversation":
        with database().read() as session:
            return _part("inbox/_pane.html", asked=_asked(), **_pane(session, _opened(session, conversation_id)))
    return _page(conversation_id)


@blueprint.get("/c/<int:conversation_id>/m/<int:mention_id>/reading")
def look(conversation_id: int, mention_id: int) -> Response:
    """How sure Hearken is of what it read in a mention, and why; what opens at its chips."""
    with database().read() as session:
        looked = corrections.look(session, conversation_id, mention_id)
    context = {"answers": readings.answers(looked), "hints": readings.hints(looked.reading)}
    return _part("inbox/_reading.html", conversation_id=conversation_id, looked=looked, **context)


@blueprint.get("/count")
def count() -> Response:
    """How many mentions a list holds, as a link to it: for figures that would take long to count them all."""
    with database().read() as session:
        size = inbox.size(session, _asked().wanted)
    if size is None or size.mentions is None:
        raise NotFoundError("There is nothing to count.", "Ask for a brand and days.")
    asked = {name: value for name, value in request.args.items() if name != "when"}
    when = request.args.get("when", "")
    return _part("inbox/_count.html", size=size.mentions, asked=asked, when=when if when in {"now", "before"} else "")


@blueprint.get("/lines")
def lines() -> Response:
    """The next page of a list."""
    with database().read() as session:
        return _part(
            "inbox/_lines.html", open_id=None, **_list(session, _asked(), after=request.args.get("after", ""))
        )


@blueprint.get("/refresh")
def refresh() -> Response:
    """What changed, as parts that find their own places: queues, and the list and conversation on show."""
    open_id = request.args.get("open", type=int)
    with database().read() as session:
        context: dict[str, Any] = {"open_id": open_id, "oob": True}
        if "list" in request.args:
            context |= _list(session, _asked())
        if open_id and (news := inbox.news_of(session, open_id, request.args.get("stamp", ""))):
            context |= _pane(session, news, context.get("choices"))
        context["queues"] = queue_lines(session, context.get("asked"))
        if "told" in request.args:
            context["alert_news"] = alerts.opened_after(session, request.args.get("told", 0, type=int))
        return _part("inbox/_refresh.html", **context)


def _page(conversation_id: int | None) -> Response:
    with database().read() as session:
        context = {"open_id": conversation_id} | _list(session, _asked())
        if conversation_id:
            context |= _pane(session, _opened(session, conversation_id), context["choices"])
        context["queues"] = queue_lines(session, context["asked"])
        if "HX-Request" in request.headers:
            return _part("inbox/_workspace.html", oob=True, **context)
        return make_response(render_template("inbox/index.html", oob=False, **context))


def _part(template: str, **context: Any) -> Response:
    return make_response(render_template(template, **context))


def _asked() -> Asked:
    """What the address asks for; a filter that means nothing, or that the person may not use, is left out."""
    args = request.args.to_dict()
    if args.get("agent") != str(me().id) and not allowed(me(), Action.SEE_AGENTS):
        args.pop("agent", None)
    while True:
        try:
            return asked(args, me().id)
        except InvalidInputError as error:
            if error.field not in args:
                raise
            del args[error.field]


def _list(session: Session, asked: Asked, after: str = "") -> dict[str, Any]:
    size = request.args.get("shown", inbox.PAGE_SIZE, type=int)
    found = inbox.lines(session, asked.wanted, after=after, size=max(size, inbox.PAGE_SIZE))
    choices = inbox.choices(session)
    return {
        "asked": asked,
        "found": found,
        "choices": choices,
        "selects": _selects(choices),
        "marks": asked.words or _phrase(asked) or tuple(choices.brands.values()),
        "size": inbox.size(session, asked.wanted),
        "mention_words": mention_words(asked),
        "conversation_url": _conversation_url(asked),
    }


def _phrase(asked: Asked) -> tuple[str, ...]:
    return (asked.filters["phrase"],) if "phrase" in asked.filters else ()


def _conversation_url(asked: Asked) -> Callable[[int], str]:
    """Makes the address of a conversation opened from this list; a list has many, so what they share is made once."""
    before, after = url_for(".show", conversation_id=0, **asked.params).split("/c/0", 1)
    return lambda conversation_id: f"{before}/c/{conversation_id}{after}"


def _opened(session: Session, conversation_id: int) -> inbox.Opened:
    return inbox.opened(session, conversation_id, whole="whole" in request.args)


def _pane(session: Session, opened: inbox.Opened, choices: inbox.Choices | None = None) -> dict[str, Any]:
    return {
        "opened": opened,
        "choices": choices or inbox.choices(session),
        "check": _check(session, opened.conversation.id, ""),
        "presets": snooze.PRESETS,
        "teams": list(Team),
    }


def _check(session: Session, conversation_id: int, text: str) -> replies.ReplyCheck:
    return replies.check(session, conversation_id, text, by=me(), approval_required=settings().approval_required)


def _selects(choices: inbox.Choices) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The filters as (field, label, choices)."""
    people = [("me", "Me"), ("nobody", "Nobody"), *((str(key), name) for key, name in choices.people.items())]
    return [
        ("status", "Status", [*((str(status), status.capitalize()) for status in Status), ("noise", "Noise")]),
        ("team", "Team", [(str(team), team.capitalize()) for team in Team]),
        ("assignee", "Assignee", people),
        ("sentiment", "Sentiment", [(str(value), value.capitalize()) for value in Sentiment]),
        ("intent", "Intent", [(str(value), value.capitalize()) for value in Intent]),
        ("network", "Network", list(NETWORK_LABELS.items())),
        ("brand", "Brand", [(str(key), name) for key, name in choices.brands.items()]),
    ]


# --- doing -------------------------------------------------------------------------------------------------------


@blueprint.post("/c/<int:conversation_id>/read")
def mark_read(conversation_id: int) -> AnyResponse:
    """Somebody looks at it."""
    with database().write() as session:
        conversations.mark_read(session, conversation_id)
    return Response(status=204)


@blueprint.post("/c/<int:conversation_id>/assign")
def assign(conversation_id: int) -> AnyResponse:
    """Give it to somebody: `assignee` is a user's id, `me`, or empty for nobody."""
    chosen = request.form.get("assignee", "")
    user_id = me().id if chosen == "me" else int(chosen) if chosen.isdigit() else None
    with database().write() as session:
        changed = conversations.assign(session, conversation_id, user_id, by=me(), now=now(), version=_version())
    return _done(conversation_id, changed)


@blueprint.post("/c/<int:conversation_id>/team")
def set_team(conversation_id: int) -> AnyResponse:
    """Move it to another team."""
    team = _one_of(Team, request.form.get("team", ""), "team")
    with database().write() as session:
        changed = conversations.set_team(session, conversation_id, team, by=me(), now=now(), version=_version())
    return _done(conversation_id, changed)


@blueprint.post("/c/<int:conversation_id>/status")
def set_status(conversation_id: int) -> AnyResponse:
    """Open, wait, snooze, close; with an undo that brings the state before back."""
    status = _one_of(Status, request.form.get("status", ""), "status")
    noise = request.form.get("noise") == "1"
    until = _snoozed_until() if status is Status.SNOOZED else None
    with database().write() as session:
        before = _state_of(conversations.get(session, conversation_id))
        changed = conversations.set_status(
            session, conversation_id, status, by=me(), now=now(), version=_version(), snoozed_until=until, noise=noise
        )
        undo = before | {"version": changed.version, "undoing": "1"}
    if "undoing" not in request.form:
        _offer_undo(_said(status, noise), url_for(".set_status", conversation_id=conversation_id), undo)
    return _done(conversation_id, changed)


@blueprint.post("/c/<int:conversation_id>/tags")
def set_tags(conversation_id: int) -> AnyResponse:
    """Replace the tags; they are written one beside the other with commas."""
    tags = request.form.get("tags", "").split(",")
    with database().write() as session:
        changed = conversations.set_tags(session, conversation_id, tags, by=me(), now=now(), version=_version())
    return _done(conversation_id, changed)


@blueprint.post("/c/<int:conversation_id>/note")
def add_note(conversation_id: int) -> AnyResponse:
    """A word to colleagues."""
    with database().write() as session:
        conversations.add_note(session, conversation_id, request.form.get("note", ""), by=me(), now=now())
    return _done(conversation_id, template="inbox/_note.html")


@blueprint.post("/c/<int:conversation_id>/check")
def check(conversation_id: int) -> Response:
    """What the network says to the text so far."""
    with database().read() as session:
        found = _check(session, conversation_id, request.form.get("text", ""))
    return _part("inbox/_check.html", check=found, conversation_id=conversation_id)


@blueprint.post("/c/<int:conversation_id>/reply")
def reply(conversation_id: int) -> AnyResponse:
    """Hand in a reply; the box is empty only once it is safe."""
    approval = settings().approval_required
    with database().write() as session:
        replies.write(
            session, conversation_id, request.form.get("text", ""), by=me(), now=now(), approval_required=approval
        )
        found = _check(session, conversation_id, "")
    return _done(conversation_id, template="inbox/_reply.html", check=found)


@blueprint.post("/c/<int:conversation_id>/r/<int:reply_id>/<any(approve, reject, retry, arrived, lost):verb>")
def decide(conversation_id: int, reply_id: int, verb: str) -> AnyResponse:
    """A person's word on a reply: let it go, stop it, try again, say whether it arrived."""
    by, at = me(), now()
    with database().write() as session:
        match verb:
            case "approve":
                replies.approve(session, reply_id, by=by, now=at)
            case "reject":
                replies.reject(session, reply_id, request.form.get("reason", ""), by=by, now=at)
            case "retry":
                replies.retry(session, reply_id, by=by, now=at)
            case _:
                replies.settle(session, reply_id, verb == "arrived", by=by, now=at)
    return _done(conversation_id)


@blueprint.post("/c/<int:conversation_id>/m/<int:mention_id>/reading")
def correct(conversation_id: int, mention_id: int) -> AnyResponse:
    """A person reads a mention otherwise; with an undo."""
    question = _one_of(Question, request.form.get("question", ""), "question")
    answer, seen = request.form.get("answer", ""), request.form.get("seen", "")
    with database().write() as session:
        corrections.correct(session, conversation_id, mention_id, question, answer, seen=seen, by=me(), now=now())
    if "undoing" not in request.form and answer != seen:
        words = f"Read as {answer}{' urgency' if question is Question.URGENCY else ''}."
        undo = {"question": str(question), "answer": seen, "seen": answer, "undoing": "1"}
        _offer_undo(words, url_for(".correct", conversation_id=conversation_id, mention_id=mention_id), undo)
    return _done(conversation_id)


def _done(
    conversation_id: int, changed: Conversation | None = None, *, template: str = "", **context: Any
) -> AnyResponse:
    """After a change: for htmx the fresh form and messages, else the page it came from.

    Who acts twice in a row must not conflict with themselves, so the page learns its new version at once.
    """
    if "HX-Request" not in request.headers:
        return redirect(url_for(".show", conversation_id=conversation_id))
    part = render_template(template, conversation_id=conversation_id, **context) if template else ""
    news = {"id": conversation_id, "version": changed.version} if changed else {}
    headers = {"HX-Trigger": json.dumps({CHANGED: news})}
    return make_response(part + render_template("_flashes.html", oob=True), 200, headers)


def _version() -> int:
    try:
        return int(request.form.get("version", ""))
    except ValueError:
        raise InvalidInputError("This page is too old to be sent.", "Reload it and send it again.") from None


def _one_of(kind: type[Any], value: str, field: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise InvalidInputError(f"There is no {field} {value!r}.", "Choose one from the menu.", field=field) from None


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


def _offer_undo(text: str, address: str, fields: dict[str, Any]) -> None:
    flash({"text": text, "undo": address, "fields": fields}, "undo")  # type: ignore[arg-type]
