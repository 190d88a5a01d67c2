"""Looking: the list of a queue, one conversation, and what changed since."""

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from config.errors import InvalidInputError, NotFoundError
from engage import alerts, corrections, inbox
from engage.inbox.asking import Known
from engage.permissions import Action, allowed
from engage.tables import Status, Team
from engage.together import notices
from listener.networks import NETWORK_LABELS
from nlp.reading import Intent, Sentiment
from web import readings, snooze
from web.context import database, me, now
from web.inbox import outgoing
from web.inbox.answer import blueprint, check_of, part
from web.inbox.hits import snippets
from web.inbox.query import Asked, asked, mention_words
from web.pages import queue_lines


@blueprint.get("/")
def index() -> Response:
    """The list of a queue, with nothing opened."""
    return _page(None)


@blueprint.get("/c/<int:conversation_id>")
def show(conversation_id: int) -> Response:
    """One conversation, beside the list it was opened from."""
    if request.headers.get("HX-Target") in {"conversation", "earlier"}:
        with database().read() as session:
            template = "inbox/_pane.html" if request.headers["HX-Target"] == "conversation" else "inbox/_earlier.html"
            choices = inbox.choices(session)
            pane = _pane(session, _opened(session, conversation_id), choices)
            return part(template, asked=asked_for(choices), **pane)
    return _page(conversation_id)


@blueprint.get("/c/<int:conversation_id>/m/<int:mention_id>/reading")
def look(conversation_id: int, mention_id: int) -> Response:
    """How sure Hearken is of what it read in a mention, and why; what opens at its chips."""
    with database().read() as session:
        looked = corrections.look(session, conversation_id, mention_id)
    context = {"answers": readings.answers(looked), "hints": readings.hints(looked.reading)}
    return part("inbox/_reading.html", conversation_id=conversation_id, looked=looked, **context)


@blueprint.get("/c/<int:conversation_id>/person")
def person(conversation_id: int) -> Response:
    """Whom a conversation is with; comes after the conversation itself, which does not wait for it."""
    with database().read() as session:
        return part("inbox/_person.html", person=inbox.person(session, conversation_id))


@blueprint.get("/count")
def count() -> Response:
    """How many mentions a list holds, as a link to it: for figures that would take long to count them all."""
    with database().read() as session:
        size = inbox.size(session, asked_for(inbox.choices(session)).wanted)
    if size is None or size.mentions is None:
        raise NotFoundError("There is nothing to count.", "Ask for a brand and days.")
    asked = {name: value for name, value in request.args.items() if name != "when"}
    when = request.args.get("when", "")
    return part("inbox/_count.html", size=size.mentions, asked=asked, when=when if when in {"now", "before"} else "")


@blueprint.get("/size")
def size() -> Response:
    """How much a list holds, all of it counted: for lists so long that nobody should wait for that."""
    with database().read() as session:
        found = asked_for(inbox.choices(session))
        return part("inbox/_size.html", size=inbox.size(session, found.wanted), asked=found)


@blueprint.get("/lines")
def lines() -> Response:
    """The next page of a list, or with `before` the one above."""
    with database().read() as session:
        if before := request.args.get("before", ""):
            return part("inbox/_above.html", open_id=None, **_list_above(session, before))
        return part("inbox/_lines.html", open_id=None, **_list(session, after=request.args.get("after", "")))


@blueprint.get("/refresh")
def refresh() -> Response:
    """What changed, as parts that find their own places: queues, and the list and conversation on show."""
    open_id = request.args.get("open", type=int)
    with database().read() as session:
        context: dict[str, Any] = {"open_id": open_id, "oob": True}
        if "list" in request.args:
            context |= _list_held(session) if request.args.get("rows") else _list(session)
        if open_id and (news := _news_of(session, open_id)):
            context |= _pane(session, news, context.get("choices"))
        context["queues"] = queue_lines(session, context["asked"].queue if "asked" in context else "")
        if "told" in request.args:
            context["alert_news"] = alerts.opened_after(session, request.args.get("told", 0, type=int))
        if "noticed" in request.args:
            context["fresh_notices"] = notices.fresh(session, me().id, request.args.get("noticed", 0, type=int))
        return part("inbox/_refresh.html", **context)


def _news_of(session: Session, conversation_id: int) -> inbox.Opened | None:
    args = request.args
    return inbox.news_of(
        session, conversation_id, args.get("stamp", ""), since=args.get("since", ""), reader_id=me().id
    )


def _page(conversation_id: int | None) -> Response:
    with database().read() as session:
        context = {"open_id": conversation_id} | _list(session)
        if conversation_id:
            context |= _pane(session, _opened(session, conversation_id), context["choices"])
        context["queues"] = queue_lines(session, context["asked"].queue)
        if "HX-Request" in request.headers:
            return part("inbox/_workspace.html", oob=True, **context)
        return make_response(render_template("inbox/index.html", oob=False, **context))


def asked_for(choices: inbox.Choices) -> Asked:
    """What the address asks for; a filter that means nothing, or that the person may not use, is left out."""
    args = request.args.to_dict()
    if args.get("agent") != str(me().id) and not allowed(me(), Action.SEE_AGENTS):
        args.pop("agent", None)
    while True:
        try:
            return asked(args, known(choices))
        except InvalidInputError as error:
            if error.field not in args:
                raise
            del args[error.field]


def known(choices: inbox.Choices) -> Known:
    """What names and days in a search refer to."""
    return Known(me().id, choices.people, choices.brands, tuple(choices.tags), now(), snooze.zone())


def _list(session: Session, after: str = "") -> dict[str, Any]:
    choices = inbox.choices(session)
    asked = asked_for(choices)
    size = request.args.get("shown", inbox.PAGE_SIZE, type=int)
    found = inbox.lines(session, asked.wanted, after=after, size=max(size, inbox.PAGE_SIZE), now=now())
    return _found(session, choices, asked, found)


def _list_above(session: Session, before: str) -> dict[str, Any]:
    choices = inbox.choices(session)
    asked = asked_for(choices)
    found = inbox.lines_above(session, asked.wanted, before, inbox.PAGE_SIZE, now=now())
    return _found(session, choices, asked, found)


def _list_held(session: Session) -> dict[str, Any]:
    """The rows that a page shows (`rows`, from `top` on, going on `after`), as they are now."""
    choices = inbox.choices(session)
    asked = asked_for(choices)
    ids = [int(number) for number in request.args["rows"].split(",") if number.isascii() and number.isdigit()]
    top = request.args.get("top", "")
    held = inbox.held(session, asked.wanted, ids, top, now=now())
    found = inbox.Lines(held.lines, request.args.get("after") or None)
    return _found(session, choices, asked, found) | {
        "gone": held.gone,
        "waiting": held.waiting,
        "top": top,
        "held_rows": request.args["rows"],
    }


def _found(session: Session, choices: inbox.Choices, asked: Asked, found: inbox.Lines) -> dict[str, Any]:
    return {
        "asked": asked,
        "found": found,
        "top": found.lines[0].place if found.lines else "",
        "snippets": snippets(session, found, asked.words),
        "choices": choices,
        "presets": snooze.PRESETS,
        "selects": _selects(choices),
        "marks": asked.words or _phrase(asked) or tuple(choices.brands.values()),
        "size": inbox.size_at_once(session, asked.wanted),
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
    return inbox.opened(session, conversation_id, before=request.args.get("before", ""), reader_id=me().id)


def _pane(session: Session, opened: inbox.Opened, choices: inbox.Choices | None = None) -> dict[str, Any]:
    of_replies = outgoing.context_of(session, opened)
    again = of_replies["again"]
    return of_replies | {
        "opened": opened,
        "choices": choices or inbox.choices(session),
        "check": check_of(session, opened.conversation.id, again.text if again else opened.beside.reply.text),
        "presets": snooze.PRESETS,
        "teams": list(Team),
        "beside": opened.beside,
    }


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
