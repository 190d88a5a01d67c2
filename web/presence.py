"""Pages tell every few seconds that they are open, and hear who else is there and which version we are."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, jsonify, request

from engage.together import presence
from engage.together.tables import Doing
from web.context import database, me, now
from web.inbox.answer import one_of

blueprint = Blueprint("presence", __name__, url_prefix="/presence")
OF_OURS = ("css/**/*.css", "js/**/*.js")


def init_app(app: Flask) -> None:
    """Give the templates our version."""
    app.context_processor(lambda: {"our_version": our_version})


@blueprint.post("")
def beat() -> Response:
    """A page is open; `conversation` is in sight there, and its reader is `doing` that."""
    place = request.form.get("conversation", type=int)
    doing = one_of(Doing, request.form.get("doing", Doing.VIEWING), "doing")
    with database().write() as session:
        presence.beat(session, me().id, request.form.get("tab", ""), place, doing, now())
        there = presence.around(session, now())
    return jsonify(there=presence.as_told(there), version=our_version())


@blueprint.post("/leave")
def leave() -> Response:
    """A page is closed."""
    with database().write() as session:
        presence.leave(session, me().id, request.form.get("tab", ""))
    return Response(status=204)


def our_version() -> str:
    """Changes with every script and style sheet of ours: a page that knows another one is old."""
    return _fingerprint(Path(current_app.static_folder or ""))


@cache
def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for pattern in OF_OURS for path in folder.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
