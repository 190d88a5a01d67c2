"""What every answer of the inbox is made with."""

import json
import secrets
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from config.errors import InvalidInputError
from engage import replies
from engage.tables import Conversation
from web.context import me, now, settings

blueprint = Blueprint("inbox", __name__)

CHANGED = "hearken:changed"
"""Tells the page to fetch what is new at once."""


@blueprint.app_context_processor
def _for_forms() -> dict[str, Any]:
    return {"new_form_key": lambda: secrets.token_hex(16)}


def part(template: str, **context: Any) -> Response:
    """A template as an answer."""
    return make_response(render_template(template, **context))


def done(
    conversation_id: int, changed: Conversation | None = None, *, template: str = "", **context: Any
) -> AnyResponse:
    """After a change: for htmx the fresh form and messages, else the page it came from.

    Who acts twice in a row must not conflict with themselves, so the page learns its new version at once.
    """
    if "HX-Request" not in request.headers:
        return redirect(url_for("inbox.show", conversation_id=conversation_id))
    part = render_template(template, conversation_id=conversation_id, **context) if template else ""
    news = {"id": conversation_id, "version": changed.version} if changed else {}
    headers = {"HX-Trigger": json.dumps({CHANGED: news})}
    return make_response(part + render_template("_flashes.html", oob=True), 200, headers)


def version() -> int:
    """The version of the conversation that the page shows. Raises InvalidInputError."""
    try:
        return int(request.form.get("version", ""))
    except ValueError:
        raise InvalidInputError("This page is too old to be sent.", "Reload it and send it again.") from None


def one_of(kind: type[Any], value: str, field: str) -> Any:
    """The value as one of its kind. Raises InvalidInputError."""
    try:
        return kind(value)
    except ValueError:
        raise InvalidInputError(f"There is no {field} {value!r}.", "Choose one from the menu.", field=field) from None


def check_of(session: Session, conversation_id: int, text: str) -> replies.ReplyCheck:
    """What is to be said to a text before it is sent."""
    approval = settings().approval_required
    return replies.check(session, conversation_id, text, by=me(), approval_required=approval, now=now())


def offer_undo(text: str, address: str, fields: dict[str, Any]) -> None:
    """A message with a button that brings back what was."""
    flash({"text": text, "undo": address, "fields": fields}, "undo")  # type: ignore[arg-type]
