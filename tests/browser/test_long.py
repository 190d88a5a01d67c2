"""Long lists and long threads: the browser keeps little of them, and all of it can be reached."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hearken, log_in
from tests.browser.desk import FIRST_LOOK_MS, furnish, lengthen, shown

pytestmark = pytest.mark.browser
MOST = 200


def test_a_long_list_keeps_so_many_rows_and_shows_each_once(hearken: Hearken, new_page: Callable[..., Page]) -> None:
    furnish(hearken, 420)
    page = new_page()
    log_in(page)
    page.goto("/?queue=all")
    seen = dict.fromkeys(shown(page))
    for _ in range(40):
        page.locator("#lines > li").last.scroll_into_view_if_needed()
        page.wait_for_timeout(150)
        assert len(shown(page)) <= MOST
        seen |= dict.fromkeys(shown(page))
        if not page.locator("#more").count():
            break
    assert len(seen) == 420
    order = list(seen)
    for _ in range(80):
        page.evaluate("document.getElementById('list-scroll').scrollTop -= 2000")
        page.wait_for_timeout(100)
        assert len(shown(page)) <= MOST
        if (
            not page.locator("#above").count()
            and page.evaluate("document.getElementById('list-scroll').scrollTop") == 0
        ):
            break
    assert shown(page) == order[: len(shown(page))]
    assert len(shown(page)) == MOST


def test_a_long_thread_opens_at_its_end_and_goes_back_by_stretches(
    hearken: Hearken, new_page: Callable[..., Page]
) -> None:
    furnish(hearken, 5)
    lengthen(hearken, 1, 1000)
    page = new_page()
    log_in(page)
    page.goto("/c/1")
    entries = page.locator("#thread .entry")
    expect(entries).to_have_count(200)
    expect(entries.last).to_be_in_viewport()
    for count in (400, 600):
        top = entries.first
        text = top.text_content()
        page.get_by_role("link", name="Show what came before").click()
        expect(entries).to_have_count(count)
        assert entries.nth(200).text_content() == text
        expect(entries.nth(200)).to_be_in_viewport()
        page.wait_for_timeout(500)
    texts = page.locator("#thread .prose").all_text_contents()
    assert [int(text.split(".")[0].split()[-1]) for text in texts] == list(range(401, 1001))

    page.wait_for_timeout(FIRST_LOOK_MS)
    lengthen(hearken, 1, 3)
    expect(entries).to_have_count(603)
