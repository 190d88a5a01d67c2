"""Leaving a report: a page for people, one click for mail programs (RFC 8058). No login: the link is the proof."""

from flask import Blueprint, render_template, request

from config.errors import InvalidInputError
from engage.report import plans
from web.context import database, now, settings
from web.security import csrf, limiter

blueprint = Blueprint("unsubscribe", __name__, url_prefix="/reports/unsubscribe")

PER_ADDRESS = "60 per minute"
Answer = str | tuple[str, int]


@blueprint.get("/<token>")
@limiter.limit(PER_ADDRESS)
def page(token: str) -> str:
    """Asks, because programs that look at mails open every link in them."""
    return _page(token)


@blueprint.post("/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]
@limiter.limit(PER_ADDRESS)
def leave(token: str) -> Answer:
    """No more mails. Mail programs send no token of ours, so the signed link alone counts."""
    leaving = plans.read_token(settings(), token)
    address = request.form.get("address", "")
    try:
        with database().write() as session:
            left = plans.unsubscribe(session, leaving, now(), address)
    except InvalidInputError as error:
        return _page(token, address, error), 422
    return render_template("reports/unsubscribe.html", left=left, error=None, asks=False, address="")


def _page(token: str, address: str = "", error: InvalidInputError | None = None) -> str:
    leaving = plans.read_token(settings(), token)
    asks = leaving.user_id is None and not leaving.address
    return render_template(
        "reports/unsubscribe.html", left="", error=error, asks=asks, address=address or leaving.address
    )
