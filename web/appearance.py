"""Light or dark, kept in a cookie, so that the first paint is right."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from config.errors import InvalidInputError
from web.context import settings

blueprint = Blueprint("appearance", __name__)

THEMES = ("auto", "light", "dark")
YEAR_S = 365 * 24 * 60 * 60


@blueprint.post("/appearance")
def change() -> Response:
    """Take the theme asked for, or the next one, and go back to the page."""
    theme = request.form.get("theme") or THEMES[(THEMES.index(theme_of_request()) + 1) % len(THEMES)]
    if theme not in THEMES:
        raise InvalidInputError("There is no such appearance.", "Choose auto, light or dark.", field="theme")
    answer = redirect(_page_before())
    answer.set_cookie("theme", theme, max_age=YEAR_S, samesite="Lax", httponly=True, secure=settings().secure_cookies)
    return answer


def theme_of_request() -> str:
    """The theme that the cookie names; auto where there is none."""
    theme = request.cookies.get("theme", "")
    return theme if theme in THEMES else "auto"


def _page_before() -> str:
    """Only ever one of our own pages."""
    before = request.referrer or ""
    return before.removeprefix(request.host_url.rstrip("/")) if before.startswith(request.host_url) else "/"
