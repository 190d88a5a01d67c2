"""A day at work: somebody posts, the mention appears by itself, is answered, and the answer stands on the network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hearken, log_in
from tests.snac import SnacServer, eventually, running_snac

pytestmark = [pytest.mark.browser, pytest.mark.snac]
PATIENCE_MS = 60_000


@pytest.fixture
def snac(tmp_path: Path) -> Iterator[SnacServer]:
    with running_snac(tmp_path) as server:
        yield server


def test_a_post_on_the_network_is_answered_from_the_browser(
    snac: SnacServer, hearken: Hearken, new_page: Callable[..., Page]
) -> None:
    hearken.run("brand", "add", "Acme", "--query", "acme")
    hearken.run(
        "source", "add", "mastodon", "--brand", "Acme", "--interval", "5", "--option", f"base_url={snac.base_url}",
        "--option", "mode=mentions", "--secret", "access_token=-", stdin=snac.token("acme") + "\n",
    )  # fmt: skip
    hearken.start()
    page = new_page()
    log_in(page)
    expect(page.locator(".line-item")).to_have_count(0)

    snac.post("bob", "@acme my order never came, what now?")

    row = page.locator(".line-item")
    expect(row).to_contain_text("my order never came", timeout=PATIENCE_MS)
    row.locator("a.row-link").click()
    pane = page.locator("#conversation")
    expect(pane).to_contain_text("my order never came")
    expect(pane.get_by_text("why support?")).to_be_visible()

    page.get_by_role("textbox", name="Reply").fill("Sorry about that. We are sending a new one today.")
    page.get_by_role("button", name="Reply on Mastodon").click()

    expect(pane.locator(".entry-ours.is-sent")).to_contain_text("sending a new one today", timeout=PATIENCE_MS)
    published = eventually(
        lambda: [s for s in snac.statuses("acme") if "sending a new one" in s["content"]], "the answer on the network"
    )
    assert len(published) == 1 and published[0]["in_reply_to_id"]
    expect(pane.get_by_text("Pending", exact=True)).to_be_visible(timeout=PATIENCE_MS)
