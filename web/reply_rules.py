"""What is checked before a reply goes out: a page for each brand."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import InvalidInputError
from engage import brands
from engage.answers import rules
from engage.answers.check import CHOSEN, Level, Rule
from engage.permissions import Action, require
from web.context import database, me

blueprint = Blueprint("reply_rules", __name__, url_prefix="/brands")

RULES = {
    Rule.PERSONAL: ("Personal data in public", "Card numbers, IBANs, e-mail addresses, phone and order numbers."),
    Rule.PROMISE: ("Promises", "The words below."),
    Rule.LANGUAGE: ("Another language", "The reply is surely in another language than the mention."),
    Rule.REPEATED: ("The same text too often", "Networks take that for spam."),
    Rule.LINK: ("Dead links", "The page does not exist, or its host cannot be reached."),
    Rule.COST: ("Cost", "The network charges more for this text; X does for links."),
    Rule.MESSAGE: ("Better in a direct message", "The mention or the reply holds personal data."),
}
LEVELS = {
    Level.OFF: "Is not checked",
    Level.WARN: "Warns",
    Level.APPROVE: "Needs approval",
    Level.BLOCK: "Stops the reply",
}
Answer = Response | str | tuple[str, int]


@blueprint.get("/<int:brand_id>/checks")
def show(brand_id: int) -> Answer:
    """The rules in force."""
    require(me(), Action.MANAGE_BRANDS)
    with database().read() as session:
        found = rules.rules_of(session, brand_id)
    stored = {str(rule): str(found.level(rule)) for rule in CHOSEN} | {
        "promises": "\n".join(found.promises),
        "order_number": found.order_number,
        "most_same": str(found.most_same),
    }
    return _page(brand_id, stored)


@blueprint.post("/<int:brand_id>/checks")
def change(brand_id: int) -> Answer:
    """Set them."""
    try:
        with database().write() as session:
            rules.change(session, brand_id, request.form, by=me())
    except InvalidInputError as error:
        return _page(brand_id, request.form.to_dict(), error), 422
    flash("Saved. Replies are checked by this from now on.")
    return redirect(url_for(".show", brand_id=brand_id), 303)


def _page(brand_id: int, values: dict[str, str], error: InvalidInputError | None = None) -> str:
    with database().read() as session:
        brand = brands.get(session, brand_id)
    return render_template(
        "answers/rules.html", brand=brand, values=values, error=error, rules=RULES, levels=list(LEVELS.items())
    )
