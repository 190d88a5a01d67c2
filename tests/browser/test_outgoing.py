"""Undo send, and an approval between two people at two browsers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import EMAIL, PASSWORD, Hearken

pytestmark = pytest.mark.browser
AGENT = "gwen@example.com"
PATIENCE_MS = 30_000
WORDS = "We look into it."


@pytest.fixture
def at_work(hearken: Hearken, new_page: Callable[..., Page], tmp_path: Path) -> Callable[..., Page]:
    """Opens the first conversation for somebody, in a browser of their own."""
    (hearken.data / "hearken.toml").write_text('analyser = "lexicon"\nundo_send_s = 8\n')
    hearken.run(
        "user", "add", AGENT, "--role", "agent", "--team", "support", "--password-stdin", stdin=PASSWORD + "\n"
    )
    post = {"id": "1", "text": "@acme my acme broke", "author": "bea", "created_at": "2026-11-02T09:00:00Z"}
    posts = tmp_path / "posts.jsonl"
    posts.write_text(json.dumps({**post, "network": "x", "addressed": True}) + "\n")
    hearken.run("brand", "add", "Acme", "--query", "acme")
    hearken.run("source", "add", "replay", "--brand", "Acme", "--option", f"path={posts}")
    hearken.run("listen", "--once")
    hearken.start()

    def open_it(email: str = AGENT, **options: object) -> Page:
        page = new_page(bypass_csp=True, **options)
        page.goto("/login")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/*")
        page.goto("/c/1")
        return page

    return open_it


def hand_in(page: Page, words: str = WORDS) -> None:
    page.get_by_role("textbox", name="Reply").fill(words)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#reply-text")).to_have_value("")


def outbox(hearken: Hearken) -> list[str]:
    path = hearken.data.parent / "outbox.jsonl"
    return [json.loads(line)["text"] for line in path.read_text().splitlines()] if path.exists() else []


def test_a_reply_is_pulled_back_by_key_and_sent_after_all(hearken: Hearken, at_work: Callable[..., Page]) -> None:
    page = at_work()
    hand_in(page)
    flash = page.locator("#flashes .flash")
    expect(flash).to_contain_text("Sends in")
    expect(page.locator(".entry-ours")).to_contain_text("Sends in")
    assert faults(page) == []
    page.get_by_role("textbox", name="Reply").fill("Begun meanwhile.")
    page.locator("#thread-scroll").focus()
    page.keyboard.press("z")
    expect(page.locator("#reply-text")).to_have_value(f"{WORDS}\n\nBegun meanwhile.")
    expect(page.locator(".entry-ours")).to_have_count(0)
    expect(flash).to_have_count(0)
    page.get_by_role("textbox", name="Reply").fill("We look into it now.")
    page.keyboard.press("Control+Enter")
    sent = page.locator(".entry-ours.is-sent")
    expect(sent).to_contain_text("We look into it now.", timeout=PATIENCE_MS)
    assert outbox(hearken) == ["We look into it now."]


def test_the_text_comes_back_from_wherever_one_has_gone(at_work: Callable[..., Page]) -> None:
    page = at_work()
    hand_in(page)
    page.locator("[data-back]").evaluate("link => link.click()")
    expect(page.locator("#reply-text")).to_have_count(0)
    page.locator("#flashes").get_by_role("button", name="Undo").click()
    expect(page.locator("#reply-text")).to_have_value(WORDS)
    page.reload()
    expect(page.locator("#reply-text")).to_have_value(WORDS)


def test_an_approval_between_two_browsers(hearken: Hearken, at_work: Callable[..., Page]) -> None:
    boss = at_work(EMAIL)
    boss.goto("/approvals/")
    boss.get_by_label("on", exact=True).select_option("x")
    boss.get_by_role("button", name="Add").click()
    expect(boss.get_by_text("Replies by agents on X for any brand need approval by a manager.")).to_be_visible()
    assert faults(boss) == []
    boss.goto("/c/1")

    gwen = at_work()
    expect(gwen.locator("#reply-foot")).to_contain_text("A manager approves it first")
    hand_in(gwen, "We look onto it.")
    draft = boss.locator(".entry-ours.is-draft")
    expect(draft).to_contain_text("We look onto it.", timeout=PATIENCE_MS)
    expect(draft.locator(".draft-check")).to_contain_text("left on X")
    expect(boss.locator("#queues")).to_contain_text("To approve")
    assert faults(boss) == []
    draft.locator("summary", has_text="Reject").click()
    draft.get_by_label("Reason, for the writer").fill("Say sorry first")
    draft.get_by_role("button", name="Reject").click()

    notice = gwen.get_by_text("rejected it: Say sorry first")
    expect(notice).to_be_visible(timeout=PATIENCE_MS)
    gwen.get_by_role("link", name="Edit and hand in again").click()
    expect(gwen.locator("#reply-text")).to_have_value("We look onto it.")
    hand_in(gwen, "Sorry. We look onto it.")

    expect(draft).to_contain_text("Sorry.", timeout=PATIENCE_MS)
    draft.locator("summary", has_text="Change").click()
    draft.get_by_label("Say it better").fill("Sorry. We look into it.")
    draft.get_by_role("button", name="Approve with these changes").click()
    sent = gwen.locator(".entry-ours.is-sent")
    expect(sent).to_contain_text("Sorry. We look into it.", timeout=PATIENCE_MS)
    expect(sent).to_contain_text("Changed by")
    assert outbox(hearken) == ["Sorry. We look into it."]
