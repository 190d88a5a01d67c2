"""Logging in and out. Every address needs a login, but for the few in OPEN.

Each request loads its user anew, so whoever is switched off or whose password changed is out at once.
"""

from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_limiter import RequestLimit
from flask_login import LoginManager, UserMixin, current_user, login_fresh, login_user, logout_user
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from config.database import Database
from engage import users
from engage.tables import User
from web.context import database
from web.security import limiter

blueprint = Blueprint("auth", __name__)

OPEN = frozenset(
    {"auth.login", "auth.log_in", "shares.download", "shares.show", "static", "unsubscribe.page", "unsubscribe.leave"}
)
OPEN_PATHS = frozenset({"/healthz"})
FOR_SCRIPTS = frozenset({"application/json", "text/event-stream"})
PER_ADDRESS = "20 per minute;200 per hour"
PER_EMAIL_HERE = "8 per 5 minutes"
"""For one account from one address, so that nobody elsewhere can lock its owner out."""
PER_EMAIL = "60 per hour"
"""For one account from anywhere: guessing with many machines stays hopeless."""
login_manager = LoginManager()
login_manager.session_protection = "basic"
"""A session that comes from another address or browser goes on, but is not `fresh` any more: ending it would throw
out whoever changes between networks."""
login_manager.refresh_view = "auth.login"
login_manager.needs_refresh_message = "You come from another network or browser: log in again to go on."


class Person(UserMixin):  # type: ignore[misc]
    """A user as Flask-Login wants one; everything else is the user's own."""

    def __init__(self, user: User) -> None:
        self.user = user

    def __getattr__(self, name: str) -> Any:
        return getattr(self.user, name)

    @property
    def is_active(self) -> bool:
        """False once the account was switched off."""
        return self.user.active

    def get_id(self) -> str:
        """What the session keeps: the id, and the epoch in which the session began."""
        return f"{self.user.id}.{self.user.session_epoch}"


def init_app(app: Flask) -> None:
    """Know who asks, on every request of `app`."""
    login_manager.init_app(app)
    app.context_processor(lambda: {"can_sign_out": True})


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_person(kept: str) -> Person | None:
    """The user of a session; None once it ended."""
    user_id, _, epoch = kept.partition(".")
    if not (user_id.isdigit() and epoch.isdigit()):
        return None
    store: Database = current_app.extensions["hearken"]
    with store.read() as transaction:
        user = users.load_for_session(transaction, int(user_id), int(epoch))
    return Person(user) if user else None


@blueprint.before_app_request
def require_login() -> AnyResponse | None:
    """Let nobody in who is not logged in: what is not said to be open is closed."""
    if request.endpoint in OPEN or request.path in OPEN_PATHS or current_user.is_authenticated:
        return None
    if request.method != "GET" or "HX-Request" in request.headers or request.accept_mimetypes.best in FOR_SCRIPTS:
        return _closed()
    here = request.full_path.rstrip("?")
    return redirect(url_for("auth.login", next=here if here != "/" else None))


def _closed() -> Response:
    """For scripts and htmx: the status says it, and htmx goes to the login page."""
    login = url_for("auth.login", next=own_path(urlsplit(request.headers.get("HX-Current-URL", "")).path) or None)
    answer = make_response("Log in first.\n", 401)
    answer.mimetype = "text/plain"
    if "HX-Request" in request.headers:
        answer.headers["HX-Redirect"] = login
    return answer


@blueprint.get("/login")
def login() -> AnyResponse | str:
    """The form; who is logged in already, in another tab perhaps, goes on to where they wanted."""
    if current_user.is_authenticated and login_fresh():
        return redirect(own_path(request.args.get("next", "")) or "/")
    return _form()


def _email_asked() -> str:
    return request.form.get("email", "").strip().lower()[: users.MAX_EMAIL]


def _email_asked_here() -> str:
    return f"{request.remote_addr} {_email_asked()}"


def _too_many(_: RequestLimit) -> Response:
    shown = _form("There were too many tries.", "Wait a few minutes, then try again.", field="")
    return make_response(shown, 429)


def _failed(response: AnyResponse) -> bool:
    """Only tries that went wrong count."""
    return response.status_code != 303


@blueprint.post("/login")
@limiter.limit(PER_ADDRESS, deduct_when=_failed, on_breach=_too_many)
@limiter.limit(PER_EMAIL_HERE, key_func=_email_asked_here, deduct_when=_failed, on_breach=_too_many)
@limiter.limit(PER_EMAIL, key_func=_email_asked, deduct_when=_failed, on_breach=_too_many)
def log_in() -> AnyResponse:
    """Let somebody in and go to the page that was asked for."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    if not email.strip():
        return make_response(_form("Enter your e-mail address.", field="email"), 422)
    if not password:
        return make_response(_form("Enter your password.", field="password"), 422)
    with database().read() as transaction:
        user = users.authenticate(transaction, email, password)
    if user is None:
        words = "The e-mail address or the password is wrong."
        return make_response(_form(words, "Check both; an admin can set a new password.", field="password"), 401)
    if users.has_old_hash(user):
        with database().write() as transaction:
            users.rehash(transaction, user.id, password)
    begin_session(user)
    return redirect(own_path(request.form.get("next", "")) or "/", 303)


def begin_session(user: User) -> None:
    """A fresh session, so that nothing of an earlier one, were it planted, is believed."""
    session.clear()
    session.permanent = True
    login_user(Person(user))


@blueprint.post("/logout")
def logout() -> AnyResponse:
    """End this browser's session."""
    logout_user()
    session.clear()
    flash("You are logged out.")
    return redirect(url_for("auth.login"), 303)


def own_path(asked: str) -> str:
    """`asked` if it is a path of ours, else empty: nobody is sent elsewhere from our login."""
    parts = urlsplit(asked)
    plain = asked.isprintable() and "\\" not in asked and not parts.scheme and not parts.netloc
    if not plain or not asked.startswith("/") or asked.startswith("//"):
        return ""
    return "" if parts.path in {"/login", "/logout"} else asked


def _form(message: str = "", remedy: str = "", field: str = "") -> str:
    generate_csrf()
    return render_template(
        "auth/login.html",
        email=request.form.get("email", "") or request.args.get("email", ""),
        next=own_path(request.values.get("next", "")),
        message=message,
        remedy=remedy,
        field=field,
    )
