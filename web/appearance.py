"""Light or dark, roomy or dense: kept in cookies, so that the first paint is right."""

from collections.abc import Sequence

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from config.errors import InvalidInputError
from web.context import settings

blueprint = Blueprint("appearance", __name__)

THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")
YEAR_S = 365 * 24 * 60 * 60


@blueprint.post("/appearance")
def change() -> Response:
    """Take the theme and the density asked for, the next theme where neither is, and go back to the page."""
    form = request.form
    theme, density = form.get("theme"), form.get("density")
    if not theme and not density:
        theme = THEMES[(THEMES.index(theme_of_request()) + 1) % len(THEMES)]
    answer = redirect(_page_before())
    if theme:
        _keep(answer, "theme", theme, THEMES, "Choose auto, light or dark.")
    if density:
        _keep(answer, "density", density, DENSITIES, "Choose comfortable or compact.")
    return answer


def _keep(answer: Response, name: str, value: str, known: Sequence[str], remedy: str) -> None:
    if value not in known:
        raise InvalidInputError("There is no such appearance.", remedy, field=name)
    answer.set_cookie(name, value, max_age=YEAR_S, samesite="Lax", httponly=True, secure=settings().secure_cookies)


def theme_of_request() -> str:
    """The theme that the cookie names; auto where there is none."""
    return _kept("theme", THEMES)


def density_of_request() -> str:
    """How close rows stand, by the cookie; comfortable where there is none."""
    return _kept("density", DENSITIES)


def _kept(name: str, known: Sequence[str]) -> str:
    value = request.cookies.get(name, "")
    return value if value in known else known[0]


def _page_before() -> str:
    """Only ever one of our own pages."""
    before = request.referrer or ""
    return before.removeprefix(request.host_url.rstrip("/")) if before.startswith(request.host_url) else "/"
