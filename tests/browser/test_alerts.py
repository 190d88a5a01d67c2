"""An alert from the moment it begins until it is over, as a person at the screen meets it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from config.database import Database
from config.settings import Settings
from engage import alerts
from tests.browser.axe import faults
from tests.browser.conftest import Hearken, log_in

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000


def write_posts(path: Path, now: datetime) -> None:
    """Two weeks of a post every three hours, and one that sixteen people pass on within minutes."""
    usual = [(f"day{n}", now - timedelta(hours=3 * n + 1), f"Acme: a usual day {n}") for n in range(110)]
    said = "the whole Acme fleet stands still tonight, error 4207"
    spike = [(f"fan{n}", now - timedelta(seconds=25 * n + 5), f"RT @rex: {said}") for n in range(16)]
    rows = [
        {"id": f"p{n}", "author": author, "text": text, "created_at": at.isoformat(), "author_followers": 500}
        for n, (author, at, text) in enumerate(usual + spike)
    ]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")


@pytest.fixture(autouse=True)
def words_only(hearken: Hearken) -> None:
    """Quicker than the small model."""
    (hearken.data / "hearken.toml").write_text('analyser = "lexicon"\n')


def hear(hearken: Hearken, folder: Path) -> datetime:
    """Have the posts heard; the moment. Nobody watches before the next five minutes."""
    posts, now = folder / "posts.jsonl", datetime.now(UTC)
    write_posts(posts, now)
    hearken.run("import", str(posts), "--brand", "Acme", "--network", "x")
    return now


@pytest.fixture
def began(hearken: Hearken, tmp_path: Path) -> datetime:
    """When the posts were heard; the alert is not raised before somebody watches."""
    return hear(hearken, tmp_path)


def watch(hearken: Hearken, now: datetime) -> None:
    """As the listener does every five minutes."""
    database = Database(f"sqlite:///{hearken.data / 'hearken.db'}")
    alerts.watch(database, Settings(data=hearken.data), lambda: now)
    database.engine.dispose()


def test_an_alert_begins_is_looked_after_muted_and_over(
    hearken: Hearken, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    hearken.start()
    page = new_page(timezone_id="Asia/Kolkata", color_scheme="dark")
    page.set_default_timeout(PATIENCE_MS)
    log_in(page)
    page.goto("/alerts/")
    began = hear(hearken, tmp_path)  # only now: the listener watches once when it starts
    watch(hearken, began)
    page.locator("#flashes").get_by_role("link", name="See the alert").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("16 mentions in")
    expect(page.locator(".alert")).to_contain_text("16 of 16 mentions repost what @rex said")
    expect(page.locator(".alert-outlook")).to_contain_text("24 hours")
    expect(page.locator("#rail")).to_contain_text("1 open alerts")
    expect(page.locator("#rail-alerts > .icon")).to_have_count(1)

    page.get_by_role("button", name="I look after it").click()
    expect(page.locator(".alert .chip")).to_have_text("Looked after")
    page.locator(".alert summary", has_text="Mute").click()
    page.get_by_role("button", name="For an hour").click()
    expect(page.locator(".alert .chip")).to_contain_text("Muted until")
    local = page.evaluate("new Date(Date.now() + 3600e3).toLocaleTimeString('en-GB', {hour: '2-digit'})")
    expect(page.locator(".alert .chip")).to_contain_text(f"{local}:")

    watch(hearken, began + timedelta(hours=7))
    page.reload()
    expect(page.locator(".alert .chip")).to_have_text("Over")
    expect(page.get_by_role("button", name="I look after it")).to_have_count(0)
    expect(page.locator(".alert-outlook")).to_have_count(0)

    page.goto("/alerts/replay/1")
    expect(page.get_by_role("heading", name="16 mentions in")).to_be_visible()


def test_settings_with_a_wrong_address_say_so_at_the_field(
    hearken: Hearken, new_page: Callable[..., Page], began: datetime
) -> None:
    hearken.start()
    page = new_page()
    page.set_default_timeout(PATIENCE_MS)
    log_in(page)
    page.goto("/alerts/settings/1")
    page.get_by_label("Topics").fill("(battery")
    page.get_by_label("Mail to").fill("ada@norvik.example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Topics")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#f-topics-about")).to_contain_text("(battery")
    expect(page.get_by_label("Mail to")).to_have_value("ada@norvik.example")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_can_be_used_by_everybody(
    hearken: Hearken, new_page: Callable[..., Page], began: datetime, scheme: str
) -> None:
    watch(hearken, began)
    hearken.run("influencers", "recompute")
    hearken.start()
    page = new_page(color_scheme=scheme, bypass_csp=True)
    page.set_default_timeout(PATIENCE_MS)
    log_in(page)
    broken = {}
    for address in PAGES:
        page.goto(address)
        broken[address] = faults(page)
    assert {where: found for where, found in broken.items() if found} == {}


PAGES = (
    "/alerts/", "/alerts/1", "/alerts/replay/1", "/alerts/settings/1", "/analytics/", "/analytics/topics",
    "/analytics/when", "/influencers/", "/influencers/1/1", "/influencers/lists/",
)  # fmt: skip
