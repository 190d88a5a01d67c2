"""Everywhere one can go, for those who go by keyboard: the queues, the pages, and what lies within the pages."""

from dataclasses import dataclass

from flask import Flask, current_app, url_for
from flask_login import current_user

from engage.permissions import Action, allowed
from web.pages import QUEUES, Page, pages
from web.shortcuts import PLACES

WITHIN = (
    Page("account.index", "Your account, appearance and density", "settings"),
    Page("brands.index", "Brands", "settings"),
    Page("brands.new", "New brand", "settings", Action.MANAGE_BRANDS),
    Page("sources.new", "New source", "settings", Action.MANAGE_SOURCES),
    Page("influencers.lists", "Lists of influencers", "settings"),
    Page("reports_plans.new", "New report plan", "settings", Action.MANAGE_REPORTS),
    Page("shares.index", "Shared views", "settings", Action.SHARE),
    Page("welcome.index", "Set up listening", "settings", Action.MANAGE_BRANDS),
)
"""Pages that the rail does not name."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address with its name; `nav` where only the workspace of the inbox changes."""

    href: str
    label: str
    group: str
    keys: str
    nav: bool = False


def register(app: Flask) -> None:
    """Give them to the templates."""
    app.jinja_env.globals["places"] = places


def places() -> list[Place]:
    """Those that this person may see."""
    queues = [
        Place(url_for("inbox.index", queue=name), label, "Queue", PLACES.get(name, ""), nav=True)
        for name, (label, _) in QUEUES.items()
    ]
    return [*queues, *map(_page, pages()), *(_page(page) for page in WITHIN if _is_open(page))]


def _page(page: Page) -> Place:
    return Place(url_for(page.endpoint), page.label, "Page", PLACES.get(page.endpoint, ""))


def _is_open(page: Page) -> bool:
    return page.endpoint in current_app.view_functions and allowed(current_user, page.needs)
