"""The inbox in each of its states, as axe sees it: light and dark, on a phone, a laptop and a wide screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import ROOT, Hearken, log_in
from tests.browser.desk import FIRST_LOOK_MS, arrive, close_elsewhere, furnish, shown

pytestmark = pytest.mark.browser
SHOTS = ROOT / "build" / "inbox"
VIEWS = [(360, 780, "light"), (360, 780, "dark"), (1280, 800, "light"), (1280, 800, "dark"), (2560, 1300, "dark")]


def looked_at(page: Page, name: str) -> list[str]:
    page.wait_for_timeout(200)
    page.screenshot(path=SHOTS / f"{name}.png")
    return [f"{name}: {fault}" for fault in faults(page)]


def test_no_state_has_a_fault(hearken: Hearken, new_page: Callable[..., Page]) -> None:
    furnish(hearken, 60)
    SHOTS.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    for width, height, scheme in VIEWS:
        page = new_page(viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True)
        log_in(page)
        found += states(page, hearken, f"{width}-{scheme}")
        page.context.close()
    assert not found, "\n".join(found)


def states(page: Page, hearken: Hearken, name: str) -> list[str]:
    page.wait_for_timeout(FIRST_LOOK_MS)
    close_elsewhere(hearken, shown(page)[2])
    arrive(hearken, 2)
    expect(page.locator("#waiting")).to_be_visible()
    found = looked_at(page, f"{name}-waiting")
    page.goto(f"/c/{shown(page)[0]}")
    found += looked_at(page, f"{name}-open")
    for key, what in (("s", "snooze"), ("t", "more"), ("Control+k", "palette"), ("?", "sheet")):
        page.keyboard.press(key)
        found += looked_at(page, f"{name}-{what}")
        page.keyboard.press("Escape")
    page.goto("/?q=nothinglikethis")
    found += looked_at(page, f"{name}-empty")
    page.goto("/?q=parcel")
    found += looked_at(page, f"{name}-search")
    page.evaluate("document.documentElement.dataset.density = 'compact'")
    return found + looked_at(page, f"{name}-compact")
