"""Searching with filters, and doing one thing to many conversations: by keyboard and mouse, with the undo."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import Hearken, log_in

pytestmark = pytest.mark.browser
COUNT = 60


@pytest.fixture
def inbox(hearken: Hearken, new_page: Callable[..., Page], tmp_path: Path) -> Callable[..., Page]:
    """Sixty short posts about a brand, in a fresh browser."""
    (hearken.data / "hearken.toml").write_text('analyser = "lexicon"\n')
    posts = tmp_path / "posts.jsonl"
    rows = (
        {
            "id": str(number),
            "text": f"My kestova bike number {number} is broken, please help" if number % 3 else f"Kettle {number}",
            "author": f"user{number}",
            "created_at": f"2026-11-02T09:{number % 60:02}:00Z",
        }
        for number in range(COUNT)
    )
    posts.write_text("\n".join(map(json.dumps, rows)) + "\n")
    hearken.run("import", str(posts), "--brand", "Kestova", "--network", "mastodon")
    hearken.start()

    def open_it(**options: object) -> Page:
        page = new_page(**options)
        log_in(page)
        page.goto("/?queue=all")
        return page

    return open_it


def test_filters_are_offered_and_mistakes_told(inbox: Callable[..., Page]) -> None:
    page = inbox(bypass_csp=True)
    page.keyboard.press("/")
    offers = page.get_by_role("listbox", name="Filters")
    expect(offers).to_be_visible()
    page.keyboard.type("net")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#search")).to_have_value("network:")
    page.keyboard.type("mas")
    page.keyboard.press("ArrowDown")
    assert faults(page) == []
    page.keyboard.press("Tab")
    expect(page.locator("#search")).to_have_value("network:mastodon ")
    page.keyboard.type("kettle -bike")
    page.keyboard.press("Enter")
    expect(page.locator(".line-item")).to_have_count(20)
    expect(page.locator(".row-excerpt mark").first).to_have_text("Kettle")
    page.locator(".row-link").first.click()
    expect(page.locator(".prose mark").first).to_have_text("Kettle")

    page.keyboard.press("/")
    page.locator("#search").fill("before:soon")
    page.keyboard.press("Enter")
    expect(page.locator("#search-problems")).to_contain_text("a date such as 2026-11-02")
    expect(page.locator("#search")).to_have_value("before:soon")
    assert faults(page) == []


def test_a_range_is_closed_by_keyboard_and_brought_back(inbox: Callable[..., Page]) -> None:
    page = inbox(bypass_csp=True)
    page.keyboard.press("j")
    page.keyboard.press("Shift+J")
    page.keyboard.press("Shift+J")
    expect(page.locator("#bulk-count")).to_have_text("3 selected")
    assert faults(page) == []
    page.keyboard.press("e")
    expect(page.locator("#flashes")).to_contain_text("Close: 3 done.")
    expect(page.locator("#bulk-bar")).to_be_hidden()
    expect(page.locator(".row-state")).to_have_count(3)
    page.keyboard.press("z")
    expect(page.locator("#flashes")).to_contain_text("Undone: 3 are as they were.")
    expect(page.locator(".row-state")).to_have_count(0)


def test_all_that_match_are_changed_by_the_listener_and_brought_back(inbox: Callable[..., Page]) -> None:
    page = inbox()
    page.locator(".row-link").first.focus()
    page.keyboard.press("*")
    page.get_by_role("button", name="Select all 60 that match").click()
    expect(page.locator("#bulk-count")).to_have_text("All 60 selected")
    page.locator("#bulk-bar").get_by_role("button", name="Close").click()
    expect(page.locator("#jobs")).to_contain_text("60 done", timeout=20_000)
    expect(page.locator(".row-state")).to_have_count(50)
    page.get_by_role("button", name="Undo all").click()
    expect(page.locator("#jobs")).to_contain_text("Undone", timeout=20_000)
    expect(page.locator(".row-state")).to_have_count(0)


def test_a_list_is_saved_as_a_view(inbox: Callable[..., Page]) -> None:
    page = inbox(bypass_csp=True, viewport={"width": 1280, "height": 800})
    page.goto("/?q=kettle")
    page.locator("#save-view > summary").click()
    page.get_by_label("Save this list as").fill("Kettles")
    page.get_by_label("Share it with the team").check()
    page.locator("#save-view").get_by_role("button", name="Save").click()
    expect(page.locator("#views .rail-link").first).to_contain_text("Kettles")
    expect(page.locator("#views .rail-count").first).to_contain_text("20")
    page.goto("/views/")
    assert faults(page) == []
