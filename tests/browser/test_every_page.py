"""Every page, light and dark, can be used by everybody and fits a telephone: what axe-core and the browser find.

A page that is new fails `test_every_page_is_looked_at` until it has a line in PAGES, or is said to be none.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.database import Database
from config.settings import Settings
from engage import alerts, influencer_lists, share_links, views
from engage.alert_tables import Alert, AlertState
from engage.answers import kept, macros
from engage.report import plans, sending
from engage.report.content import ReportKind
from engage.report.plans import Given, Leaving
from engage.storms.tables import Storm
from engage.tables import Conversation, User
from listener.tables import Brand
from tests.browser.axe import faults
from tests.browser.conftest import EMAIL, PASSWORD, Hearken, log_in
from web import create_app
from web.tabs import TABS

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000
SHRINKING_MS = 8_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

PAGES: dict[str, tuple[str, ...]] = {
    "inbox.index": ("/", "/?queue=closed", "/?queue=mine", "/?queue=all&text=nothing+has+this"),
    "inbox.show": ("/c/1", "/c/40"),
    "account.index": ("/account/",),
    "alerts.index": ("/alerts/",),
    "alerts.show": ("/alerts/1",),
    "alerts.replay": ("/alerts/replay/1",),
    "alerts.settings_form": ("/alerts/settings/1",),
    "analytics.index": ("/analytics/", "/analytics/?range=7&network=reddit"),
    "analytics.show": tuple(f"/analytics/{tab}" for tab in TABS),
    "answers.index": ("/answers/",),
    "answers.new": ("/answers/new",),
    "answers.edit_form": ("/answers/1",),
    "answers.macro_list": ("/answers/macros",),
    "answers.new_macro": ("/answers/macros/new",),
    "answers.edit_macro_form": ("/answers/macros/1",),
    "approvals.index": ("/approvals/",),
    "auth.login": ("/login",),
    "brands.index": ("/brands/",),
    "brands.edit_form": ("/brands/1",),
    "brands.new": ("/brands/new",),
    "contacts.index": ("/contacts/", "/contacts/?q=nobody+has+this+name"),
    "contacts.show": ("/contacts/1",),
    "contacts.import_": ("/contacts/import",),
    "contacts.new": ("/contacts/new",),
    "influencers.index": ("/influencers/",),
    "influencers.show": ("/influencers/1/1",),
    "influencers.compare": ("/influencers/compare?brand=1&author=1&author=2",),
    "influencers.lists": ("/influencers/lists/",),
    "influencers.show_list": ("/influencers/lists/1",),
    "notices.index": ("/notices/",),
    "users.index": ("/people/",),
    "reply_rules.show": ("/brands/1/checks",),
    "reports.index": ("/reports/",),
    "reports.show": ("/reports/1", "/reports/2"),
    "reports_plans.edit_form": ("/reports/plans/1",),
    "reports_plans.new": ("/reports/plans/new",),
    "reports_plans.preview": ("/reports/plans/1/preview",),
    "unsubscribe.page": ("/reports/unsubscribe/{leaving}",),
    "shares.index": ("/shares/",),
    "shares.show": tuple(f"/shared/{{{tab}}}" for tab in TABS),
    "sources.index": ("/sources/",),
    "sources.edit_form": ("/sources/1/edit",),
    "sources.new": ("/sources/new", "/sources/new?network=mastodon"),
    "storms.show": ("/storms/{storm}",),
    "tags.index": ("/tags/",),
    "teams.index": ("/teams",),
    "teams.mine": ("/account/work",),
    "views.index": ("/views/",),
    "welcome.index": ("/welcome/",),
}
NO_PAGES = frozenset(
    {
        *("static", "events.stream"),
        *(
            "analytics.download",
            "answers.export",
            "influencers.export",
            "influencers.export_list",
            "reports.download",
            "shares.download",
        ),
        # parts of pages, which come when somebody does something there
        *("inbox.count", "inbox.lines", "inbox.refresh", "inbox.look", "brands.verdict", "contacts.find"),
        *("inbox.again", "inbox.bulk_count", "inbox.bulk_now", "inbox.check_draft", "inbox.names", "inbox.offer"),
        *("inbox.offer_macros", "inbox.person", "inbox.search_words", "inbox.show_similar", "inbox.size"),
        "views.rail",
        *("influencers.why", "sources.fresh_cards", "welcome.suggested_query"),
        "reports_plans.previewed",  # a mail, shown in the frame of reports_plans.preview
    }
)
ADDRESSES = [address for addresses in PAGES.values() for address in addresses]


def furnish(installation: Hearken) -> dict[str, str]:
    """The sample brand and one of everything that people make; the keys that stand in addresses."""
    installation.run("sample", "load")
    installation.run("influencers", "recompute")
    settings, now = Settings(data=installation.data), datetime.now(UTC)
    database = Database(settings.url)
    with database.write() as session:
        ada = session.scalars(select(User).where(User.email == EMAIL)).one()
        brand = session.scalars(select(Brand)).one()
        for said in alerts.look_back(session, brand.id, now - timedelta(weeks=8), now):
            session.add(alert_of(brand.id, said, now))
        spring = influencer_lists.create(session, brand.id, "Spring launch", ada, now)
        influencer_lists.add(session, spring.id, [1, 2, 3], ada, now)
        for language in ("en", "de"):
            given = Given(f"Management ({language})", language=language, recipients="lead@example.com")
            plans.add(session, brand.id, given, by=ada, now=now - timedelta(days=8))
        view = {"range": "28", "zone": "UTC"}
        kept.add(session, kept.Fields("Late parcel", "Hello {{contact.first_name}}"), by=ada, now=now)
        macros.add(session, {"name": "Thanks", "status": "closed"}, by=ada, now=now)
        views.save(session, ada, "Angry people", "sentiment=negative", shared=True, now=now)
        storm = storm_of(session, brand.id, now)
        shared = {tab: share_links.make(session, brand.id, tab, view, 7, by=ada, now=now) for tab in TABS}
    monday = now.date() - timedelta(days=now.weekday() + 7)
    for plan_id in (1, 2):
        sending.stored_or_made(database, sending.Whose(ReportKind.WEEKLY, monday, plan_id), lambda: now)
    database.engine.dispose()
    return {
        **shared,
        "storm": str(storm),
        "leaving": plans.leaving_token(settings, Leaving(1, None, "lead@example.com")),
    }


def storm_of(session: Session, brand_id: int, now: datetime) -> int:
    """Two conversations as if they said nearly the same."""
    times = {"first_at": now, "last_at": now}
    storm = Storm(brand_id=brand_id, conversation_id=1, signature=b"", size=2, authors=2, reach=900, **times)
    session.add(storm)
    session.flush()
    session.execute(update(Conversation).where(Conversation.id.in_((1, 2))).values(storm_id=storm.id))
    return storm.id


def alert_of(brand_id: int, said: alerts.Said, now: datetime) -> Alert:
    """What would have been raised, as if it had been."""
    return Alert(
        brand_id=brand_id,
        state=AlertState.OVER,
        series=said.series,
        figures=said.told.figures,
        causes=[cause.as_json() for cause in said.told.causes],
        examples=list(said.told.examples),
        started_at=said.started_at,
        last_at=said.last_at,
        over_at=now,
        created_at=said.started_at,
    )


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hearken, dict[str, str]]]:
    """A furnished one, which runs."""
    data: Path = tmp_path_factory.mktemp("every") / "data"
    installation = Hearken(data)
    installation.run(
        "user", "add", EMAIL, "--role", "admin", "--team", "support", "--password-stdin", stdin=PASSWORD + "\n"
    )
    keys = furnish(installation)
    installation.start()
    yield installation, keys
    installation.stop()


@pytest.fixture(scope="module")
def page(browser: Browser, installation: tuple[Hearken, dict[str, str]]) -> Iterator[Page]:
    """One page, logged in."""
    context = browser.new_context(
        base_url=installation[0].url,
        bypass_csp=True,
        viewport=DESK,  # type: ignore[arg-type]
        reduced_motion="reduce",  # colours on their way to others would be measured
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    log_in(page)
    yield page
    context.close()


def test_every_page_is_looked_at(installation: tuple[Hearken, dict[str, str]]) -> None:
    app = create_app(Settings(data=installation[0].data))
    shown = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert shown - NO_PAGES == set(PAGES), "give a new page an address in PAGES, or say in NO_PAGES that it is none"
    assert shown >= NO_PAGES


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_for_everybody(page: Page, installation: tuple[Hearken, dict[str, str]], address: str) -> None:
    if address == "/login":  # somebody logged in would be sent on
        page = page.context.browser.new_page(base_url=installation[0].url, bypass_csp=True)  # type: ignore[union-attr]
    broken: dict[str, list[str]] = {"script": []}
    page.once("pageerror", lambda error: broken["script"].append(str(error)))
    answer = page.goto(address.format(**installation[1]))
    assert answer is not None and answer.status == 200
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        broken[scheme] = faults(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    broken["wider than a telephone"] = wider(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    assert {where: found for where, found in broken.items() if found} == {}


def wider(page: Page) -> list[str]:
    """What makes the page wider than the window, once charts had time to shrink."""
    with suppress(TimeoutError):
        page.wait_for_function(FITS, timeout=SHRINKING_MS)
        return []
    found: list[str] = page.evaluate(WIDER)
    return found


FITS = """[document.documentElement, document.querySelector('#main')].every(
    one => !one || one.scrollWidth <= innerWidth)"""
WIDER = """[...document.querySelectorAll('main, main *')].filter(
    one => one.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map(one => one.outerHTML.slice(0, 150))"""
