"""Our errors -> HTTP: a calm page, for htmx a message where the problem is, for scripts JSON."""

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_limiter.errors import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from config.errors import (
    ConflictError,
    DatabaseVersionError,
    HearkenError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    StorageError,
)

STATUSES: dict[type[HearkenError], int] = {
    InvalidInputError: 422,
    NotFoundError: 404,
    NotAllowedError: 403,
    ConflictError: 409,
    StorageError: 507,
    DatabaseVersionError: 503,
}
OTHER_STATUS = 502
"""An edge of ours failed: a network, a mail server."""

WORDS = {
    400: ("This request cannot be understood.", "Go back and try it again."),
    403: ("You may not do this.", "Ask a manager."),
    404: ("There is nothing at this address.", "Go back to the inbox."),
    405: ("This address does not take that.", "Go back and try it again."),
    413: ("This is too large.", "Send less at once."),
    429: ("Too many tries.", "Wait a minute and try again."),
    500: ("Something went wrong on our side.", "Try again; if it happens again, tell whoever runs Hearken."),
    503: ("The database is busy.", "Wait a moment and try again; nothing was changed."),
}


def register(app: Flask) -> None:
    """Map every error that can reach a person."""
    app.register_error_handler(HearkenError, show_ours)
    app.register_error_handler(CSRFError, show_expired_form)
    app.register_error_handler(HTTPException, show_http)
    app.register_error_handler(OperationalError, show_busy)
    app.register_error_handler(Exception, show_unexpected)


def status_of(error: HearkenError) -> int:
    """The HTTP status of one of our errors."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), OTHER_STATUS)


def show_ours(error: HearkenError) -> Response:
    """An error that says itself what to do."""
    return answer(status_of(error), error.message, error.remedy, field=getattr(error, "field", ""))


def show_expired_form(_: CSRFError) -> Response:
    """The form's token does not belong to this session."""
    return answer(400, "This page is too old to be sent.", "Reload it and send it again.")


def show_http(error: HTTPException) -> Response:
    """An error that Flask raised; its own answer where it carries one."""
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    message, remedy = WORDS.get(status, (f"{error.name}.", ""))
    shown = answer(status, message, remedy)
    if isinstance(error, RateLimitExceeded):
        shown.headers["Retry-After"] = "60"
    return shown


def show_busy(error: OperationalError) -> Response:
    """The database would not answer in time."""
    current_app.logger.error("database: %s", error)
    return answer(503, *WORDS[503])


def show_unexpected(error: Exception) -> Response:
    """A fault of ours: logged in full, shown in a sentence."""
    if current_app.testing:
        raise error
    current_app.logger.exception("unexpected error at %s", request.path)
    return answer(500, *WORDS[500])


def answer(status: int, message: str, remedy: str, field: str = "") -> Response:
    """The same words in the form that the asker can show. static/js/app.js puts an htmx answer in its place."""
    if request.accept_mimetypes.best == "application/json":
        return make_response({"error": message, "remedy": remedy, "field": field}, status)
    words = {"message": message, "remedy": remedy, "field": field}
    if "HX-Request" in request.headers:
        return make_response(render_template("_error.html", **words), status)
    return make_response(render_template("error.html", framed=_has_menu(status), **words), status)


def _has_menu(status: int) -> bool:
    """The menu costs a look into the database: not where that is in trouble, nor for who asks too often."""
    return status < 500 and status != 429 and current_user.is_authenticated
