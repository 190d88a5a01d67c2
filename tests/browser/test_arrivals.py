"""The list while others are at work: what is on show stays where it is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hearken, log_in
from tests.browser.desk import FIRST_LOOK_MS, arrive, close_elsewhere, focused, furnish, shown

pytestmark = pytest.mark.browser
WATCH_SHIFTS = """() => { window.shifts = [];
  const isOurs = ({ node }) => node && document.getElementById("workspace").contains(node);
  const counts = entry => entry.value > 0.0001 || entry.sources.some(isOurs);
  new PerformanceObserver(list => window.shifts.push(...list.getEntries().filter(counts).map(entry => entry.value)))
    .observe({ type: "layout-shift" }); }"""
"""Anything in list and conversation, and more than a count in the rail that grows by a digit."""


@pytest.fixture
def desk(hearken: Hearken, new_page: Callable[..., Page]) -> Page:
    furnish(hearken, 120)
    page = new_page()
    log_in(page)
    page.wait_for_timeout(FIRST_LOOK_MS)
    return page


def test_new_rows_wait_and_nothing_moves(hearken: Hearken, desk: Page) -> None:
    before = shown(desk)
    for key in ("j", "j", "j"):
        desk.keyboard.press(key)
    assert focused(desk) == str(before[2])
    desk.evaluate(WATCH_SHIFTS)

    arrive(hearken, 4)
    expect(desk.locator("#waiting")).to_contain_text("4 new")
    newest = arrive(hearken, 8)[-1]
    expect(desk.locator("#waiting")).to_contain_text("12 new")
    assert shown(desk) == before
    assert focused(desk) == str(before[2])
    assert desk.evaluate("window.shifts") == []

    desk.keyboard.press(".")
    expect(desk.locator(f"#line-{newest}")).to_be_visible()
    expect(desk.locator("#waiting")).to_have_count(0)
    assert shown(desk)[0] == newest and shown(desk)[12] == before[0]
    assert focused(desk) == str(before[2])


def test_what_others_close_stays_marked_and_what_one_closes_oneself_goes(hearken: Hearken, desk: Page) -> None:
    before = shown(desk)
    close_elsewhere(hearken, before[3])
    expect(desk.locator(f"#line-{before[3]}.is-gone")).to_contain_text("Closed")
    assert shown(desk) == before

    desk.keyboard.press("j")
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    desk.keyboard.press("e")
    expect(desk.locator(f"#line-{before[2]}")).to_have_count(0)
    assert focused(desk) == str(before[4]), "past the one that is gone"
    expect(desk.locator(f"#line-{before[3]}.is-gone")).to_have_count(1)
    desk.keyboard.press("z")
    expect(desk.locator(f"#line-{before[2]} [aria-current]")).to_have_count(1)
    expect(desk.locator(f"#line-{before[3]}")).to_have_count(0)


def test_an_empty_list_fills_by_itself_and_says_so_when_it_is_empty_again(hearken: Hearken, desk: Page) -> None:
    desk.goto("/?q=just")
    expect(desk.locator(".list .empty")).to_contain_text("Nothing matches")
    desk.wait_for_timeout(FIRST_LOOK_MS)
    number = arrive(hearken, 1)[0]
    desk.goto("/?queue=support&network=mastodon&q=Just")
    expect(desk.locator(f"#line-{number}")).to_be_visible()
    desk.keyboard.press("j")
    desk.keyboard.press("a")
    expect(desk.locator(f"#line-{number}")).to_contain_text("assigned to ada")
    desk.keyboard.press("e")
    expect(desk.locator(".list .empty")).to_contain_text("Nothing matches")
