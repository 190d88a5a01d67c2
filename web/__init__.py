"""Shows: conversations -> a person, and the person's decisions back."""

from importlib import import_module
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config.clock import Clock, utc_now
from config.database import Database
from config.secrets import read_or_create
from config.settings import Settings
from web import compress, errors, pages, places, security, shortcuts, words

MODULES = (
    "auth",
    "account",
    "users",
    "approvals",
    "appearance",
    "inbox",
    "views",
    "tags",
    "storms",
    "events",
    "presence",
    "notices",
    "teams",
    "analytics",
    "shares",
    "influencers",
    "contacts",
    "sources",
    "brands",
    "reply_rules",
    "answers",
    "welcome",
    "alerts",
    "reports",
    "report_plans",
    "unsubscribe",
)
"""Each offers a `blueprint`; one that needs more of the app has an `init_app(app)` too."""
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 (known, not bound)
DAY_S = 24 * 60 * 60
LARGEST_REQUEST = 16 * 1024 * 1024


def create_app(settings: Settings, database: Database | None = None, clock: Clock = utc_now) -> Flask:
    """The web application. Raises DatabaseVersionError where the schema is not the one this code needs.

    A `database` that is handed in is taken as it is; so tests need no migration.
    """
    if database is None:
        database = Database(settings.url)
        database.check_version()
    app = Flask(__name__)
    app.config.update(_flask_settings(settings))
    app.extensions.update(hearken=database, hearken_settings=settings, hearken_clock=clock)
    if settings.public_url:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    compress.init_app(app)
    security.protect(app)
    errors.register(app)
    pages.register(app)
    shortcuts.register(app)
    places.register(app)
    words.register(app)
    for name in MODULES:
        _add(app, name)
    return app


def _flask_settings(settings: Settings) -> dict[str, object]:
    return {
        "TRUSTED_HOSTS": _trusted_hosts(settings),
        "SECRET_KEY": read_or_create(settings.data / "session.key"),
        "SESSION_COOKIE_NAME": "hearken",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "PERMANENT_SESSION_LIFETIME": 14 * DAY_S,
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "SEND_FILE_MAX_AGE_DEFAULT": DAY_S,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a reply written over lunch must not be refused
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _trusted_hosts(settings: Settings) -> list[str] | None:
    """The names that we may be called by, so that no page elsewhere can rebind its own to us; None: any."""
    if settings.public_url:
        return [urlsplit(settings.public_url).hostname or "", *LOOPBACK]
    return None if settings.host in EVERYWHERE else [settings.host, *LOOPBACK]


def _add(app: Flask, name: str) -> None:
    module = import_module(f"web.{name}")
    app.register_blueprint(module.blueprint)
    if hasattr(module, "init_app"):
        module.init_app(app)
