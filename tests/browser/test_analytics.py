"""Analytics in a browser: charts are drawn under our policy, a chart becomes a picture, and a click leads on."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hearken, log_in

pytestmark = [pytest.mark.browser]
SAID = ("The lock is broken, refund me", "Love this bike, thank you", "How do I order a battery?")


def write_posts(path: Path, now: datetime) -> None:
    """Forty posts of the last weeks."""
    rows = (
        {
            "id": f"p{number}",
            "author": f"user{number}",
            "text": f"Acme: {SAID[number % 3]} {number}",
            "created_at": (now - timedelta(hours=9 * number + 1)).isoformat(),
            "author_followers": 10 * number,
        }
        for number in range(40)
    )
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")


def test_charts_are_drawn_and_lead_to_mentions(
    hearken: Hearken, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    posts = tmp_path / "posts.jsonl"
    write_posts(posts, datetime.now(UTC))
    hearken.run("import", str(posts), "--brand", "Acme", "--network", "x")
    hearken.start()
    page = new_page(color_scheme="dark", viewport={"width": 390, "height": 844})
    log_in(page)
    page.goto("/analytics/")
    expect(page.get_by_role("heading", name="40 mentions, none in the period before")).to_be_visible()
    expect(page.locator(".chart canvas")).to_have_count(5)
    assert page.evaluate("document.querySelector('#main').scrollWidth <= innerWidth")

    with page.expect_download() as saving:
        page.locator("#figure-volume").get_by_role("button", name="PNG").click()
    assert saving.value.suggested_filename == "volume.png"
    assert saving.value.path().read_bytes().startswith(b"\x89PNG")

    networks = page.locator("#figure-networks")
    networks.get_by_text("Table").click()
    networks.get_by_role("link", name="40", exact=True).click()
    expect(page.locator("#mention-count")).to_have_text("40 mentions")

    for tab in ("topics", "voice", "where", "campaigns", "when", "team"):
        page.goto(f"/analytics/{tab}")
        expect(page.locator(".figure").first).to_be_visible()
    page.goto("/analytics/when")
    page.locator(".chart-heat canvas").first.wait_for()
    page.locator(".chart-heat").click(position={"x": 200, "y": 100})
    page.wait_for_url("**/?queue=all&**weekday=*")


def test_a_shared_view_opens_for_a_stranger(hearken: Hearken, new_page: Callable[..., Page], tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    write_posts(posts, datetime.now(UTC))
    hearken.run("import", str(posts), "--brand", "Acme", "--network", "x")
    hearken.start()
    page = new_page(timezone_id="Asia/Kolkata")
    log_in(page)
    page.goto("/analytics/when")
    expect(page.get_by_text("in the time of Asia/")).to_be_visible()
    page.get_by_text("Share", exact=True).click()
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#fresh-link").input_value()

    stranger = new_page(color_scheme="dark", viewport={"width": 390, "height": 844})
    stranger.goto(link)
    expect(stranger.get_by_text("in the time of Asia/")).to_be_visible()
    chart = stranger.locator(".chart-heat canvas")
    chart.first.wait_for()
    stranger.locator(".chart-heat").click(position={"x": 200, "y": 100})
    assert stranger.url == link
    assert stranger.evaluate("document.documentElement.scrollWidth <= innerWidth")
    leading_on = stranger.get_by_role("link").evaluate_all("links => links.map(link => link.pathname)")
    assert leading_on and all(path.startswith("/shared/") and path.endswith(".csv") for path in leading_on)

    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("cell", name="Taken back")).to_be_visible()
    assert stranger.request.get(link).status == 404
