"""Who matters, from the ranking to a list: everything that a marketer does with it in one go."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hearken, log_in

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000


def test_from_the_ranking_to_a_list(hearken: Hearken, new_page: Callable[..., Page]) -> None:
    hearken.run("sample", "load")
    assert "authors rated" in hearken.run("influencers", "recompute")
    hearken.start()
    page = new_page()
    page.set_default_timeout(PATIENCE_MS)
    log_in(page)
    page.get_by_role("link", name="Influencers").click()
    rows = page.locator(".ranking .person")
    expect(rows).to_have_count(50)

    page.locator("a.score").first.click()
    expect(page.locator(".why-panel .part")).to_have_count(6)

    page.get_by_label("Network").select_option("bluesky")
    expect(page.locator('.ranking .network svg[aria-label="X"]')).to_have_count(0)
    page.get_by_role("link", name="Growth").click()
    page.wait_for_url("**sort=rising**")
    assert "network=bluesky" in page.url

    for place in (0, 1):
        page.locator("input[name=author]").nth(place).check()
    page.get_by_role("button", name="Compare two").click()
    expect(page.locator(".compared")).to_contain_text("Overlap")
    page.go_back()

    page.locator("input[name=author]").first.check()
    page.get_by_label("Name of a new list").fill("Spring launch")
    page.get_by_role("button", name="Save to list").click()
    member = page.locator(".member").first
    expect(member).to_contain_text("Found")
    member.get_by_text("Stage and notes").click()
    member.get_by_label("Stage").select_option("contacted")
    member.get_by_label("Notes").fill("Wrote on Monday.")
    member.get_by_role("button", name="Save").click()
    expect(page.locator(".member").first).to_contain_text("Contacted")
    expect(page.locator(".member").first).to_contain_text("Wrote on Monday.")
