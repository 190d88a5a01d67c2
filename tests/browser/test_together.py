"""Two people, two browsers, one inbox: presence, conflicts, answers meanwhile, drafts, names in notes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import EMAIL, PASSWORD, Hearken

pytestmark = pytest.mark.browser
BO = "bo@example.com"
POSTS = ("My kestova broke again, please help.", "Where is my kestova order?", "The kestova app is so slow today.")
AT_ONCE_MS, GONE_MS = 5_000, 20_000
SENT = ".entry-ours"


@pytest.fixture
def inbox(hearken: Hearken, tmp_path: Path) -> Iterator[Hearken]:
    """Three conversations, and Bo beside Ada."""
    (hearken.data / "hearken.toml").write_text('analyser = "lexicon"\n')
    posts = tmp_path / "posts.jsonl"
    rows = [
        {"id": str(number), "text": text, "author": f"bea{number}", "created_at": f"2026-11-02T09:0{number}:00Z"}
        for number, text in enumerate(POSTS)
    ]
    posts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    hearken.run("import", str(posts), "--brand", "Kestova", "--network", "replay")
    options = ("--option", f"path={tmp_path / 'none.jsonl'}")
    (tmp_path / "none.jsonl").write_text("")
    hearken.run("source", "add", "replay", "--brand", "Kestova", "--interval", "86400", *options)
    hearken.run("user", "add", BO, "--role", "agent", "--team", "support", "--password-stdin", stdin=PASSWORD + "\n")
    hearken.start()
    yield hearken


@pytest.fixture
def as_one(inbox: Hearken, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a page for somebody."""

    def open_page(email: str, address: str, **options: object) -> Page:
        page = new_page(bypass_csp=True, **options)
        page.goto("/login")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/*")
        page.goto(address)
        return page

    return open_page


def write(page: Page, text: str) -> None:
    page.locator("#reply-text").click()
    page.keyboard.type(text)


def send(page: Page) -> None:
    page.locator("#reply-box .btn-primary").click()


def test_colleagues_see_who_looks_who_writes_and_who_left(as_one: Callable[..., Page]) -> None:
    ada, bo = as_one(EMAIL, "/c/1"), as_one(BO, "/c/1")
    expect(ada.locator("#pane-there")).to_have_text("bo is looking at this", timeout=AT_ONCE_MS)
    expect(bo.locator("#pane-there")).to_have_text("ada is looking at this", timeout=AT_ONCE_MS)
    write(bo, "Hello Bea, ")
    expect(ada.locator("#box-there")).to_have_text("bo is writing a reply", timeout=AT_ONCE_MS)
    expect(ada.locator("#line-1 .row-there .sr-only")).to_have_text("bo is writing a reply")
    expect(ada.locator("#line-2 .row-there")).to_have_count(0)
    assert faults(ada) == []
    expect(ada.locator("#box-there")).to_have_text("bo has a draft", timeout=GONE_MS)
    bo.close()
    expect(ada.locator("#line-1 .row-there")).to_have_count(0, timeout=GONE_MS)


def test_an_answer_of_a_colleague_meanwhile_is_shown_first(as_one: Callable[..., Page]) -> None:
    ada, bo = as_one(EMAIL, "/c/1"), as_one(BO, "/c/1")
    write(ada, "We send you a new one.")
    write(bo, "Please tell us your order number.")
    send(bo)
    expect(bo.locator(SENT)).to_contain_text("order number")
    expect(bo.locator("#reply-text")).to_have_value("")
    expect(ada.locator(SENT)).to_contain_text("order number", timeout=AT_ONCE_MS)

    send(ada)
    asked = ada.locator("#reply-box .meanwhile")
    expect(asked).to_contain_text("bo answered")
    expect(asked).to_contain_text("Please tell us your order number.")
    expect(ada.locator("#reply-text")).to_have_value("We send you a new one.")
    expect(ada.locator(SENT)).to_have_count(1)
    assert faults(ada) == []
    asked.get_by_role("button", name="Send anyway").click()
    expect(ada.locator(SENT)).to_have_count(2)
    expect(ada.locator("#reply-text")).to_have_value("")


def test_the_later_of_two_changes_sees_the_earlier_one(as_one: Callable[..., Page]) -> None:
    ada, bo = as_one(EMAIL, "/c/2"), as_one(BO, "/c/2")
    ada.context.route("**/refresh*", lambda route: route.abort())
    bo.keyboard.press("a")
    expect(bo.locator("#assign-menu summary")).to_contain_text("bo")
    ada.keyboard.press("e")
    told = ada.locator(".pane-head .error-slot")
    expect(told).to_contain_text("assigned to bo (was nobody) by bo")
    expect(told).to_contain_text("Nothing was overwritten.")


def test_a_draft_waits_on_any_device_and_two_windows_overwrite_nothing(as_one: Callable[..., Page]) -> None:
    desk = as_one(EMAIL, "/c/1")
    with desk.expect_response("**/draft") as kept:
        write(desk, "From my desk.")
    assert kept.value.ok
    phone = as_one(EMAIL, "/c/1", viewport={"width": 390, "height": 844})
    expect(phone.locator("#reply-text")).to_have_value("From my desk.")
    with phone.expect_response("**/draft"):
        write(phone, " And my phone.")
    write(desk, " Or not.")
    conflict = desk.locator(".draft-conflict")
    expect(conflict).to_contain_text("in another window", timeout=AT_ONCE_MS)
    assert faults(desk) == []
    conflict.get_by_role("button", name="Show the other text").click()
    expect(desk.locator("#reply-text")).to_have_value("From my desk. And my phone.")
    with desk.expect_response("**/draft") as kept:
        conflict.get_by_role("button", name="Keep this text").click()
    assert kept.value.ok
    send(desk)
    expect(desk.locator(SENT)).to_contain_text("And my phone.")
    phone.reload()
    expect(phone.locator("#reply-text")).to_have_value("")


def test_offline_says_so_and_keeps_what_is_written(as_one: Callable[..., Page], inbox: Hearken) -> None:
    page = as_one(EMAIL, "/c/1")
    inbox.stop()
    write(page, "Written in a tunnel.")
    expect(page.locator("#connection")).to_contain_text("cannot be reached", timeout=GONE_MS)
    assert faults(page) == []
    inbox.start()
    with page.expect_response("**/draft", timeout=GONE_MS) as kept:
        pass
    assert kept.value.ok
    expect(page.locator("#connection [data-when=offline]")).to_be_hidden(timeout=GONE_MS)
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("Written in a tunnel.")


def test_a_web_killed_while_it_saves_a_draft_loses_nothing(as_one: Callable[..., Page], inbox: Hearken) -> None:
    page = as_one(EMAIL, "/c/1")
    with page.expect_request("**/draft"):
        write(page, "Typed as it crashed.")
    inbox.kill_web()
    page.keyboard.type(" And after.")
    inbox.start_web()
    expect(page.locator("#connection [data-when=offline]")).to_be_hidden(timeout=GONE_MS)
    page.wait_for_function("Object.keys(localStorage).every((key) => !key.startsWith('draft:'))", timeout=GONE_MS)
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("Typed as it crashed. And after.")


def test_a_name_in_a_note_reaches_the_colleague(as_one: Callable[..., Page]) -> None:
    bo, ada = as_one(BO, "/"), as_one(EMAIL, "/c/3")
    ada.keyboard.press("n")
    ada.keyboard.type("Can you look, @b")
    expect(ada.locator("#names [role=option]")).to_have_text(["bo"])
    assert faults(ada) == []
    ada.keyboard.press("Enter")
    expect(ada.locator("#note-text")).to_have_value("Can you look, @bo ")
    ada.keyboard.press("Control+Enter")
    expect(ada.locator(".entry-note")).to_contain_text("Can you look, @bo")

    expect(bo.locator(".flash")).to_contain_text("ada named you in a note", timeout=AT_ONCE_MS)
    notices = bo.get_by_role("link", name="Notices")
    expect(notices).to_contain_text("1")
    notices.click()
    expect(bo.locator(".notice-row.is-unread")).to_contain_text("Can you look, @bo")
    assert faults(bo) == []
    bo.locator(".notice-link").click()
    expect(bo.locator("#follow button")).to_have_attribute("aria-pressed", "true")
    expect(bo.get_by_role("link", name="Notices")).not_to_contain_text("1", timeout=AT_ONCE_MS)


def test_next_for_me_and_a_handover(as_one: Callable[..., Page]) -> None:
    ada, bo = as_one(EMAIL, "/"), as_one(BO, "/")
    taken = []
    for page in (ada, bo):
        page.keyboard.press("x")
        expect(page.locator("#conversation[data-id]")).to_be_visible()
        taken.append(page.locator("#conversation").get_attribute("data-id"))
    assert taken[0] != taken[1]

    ada.locator("#assign-menu > summary").click()
    ada.get_by_label("Hand over to").select_option(label="bo")
    ada.get_by_label("With a note").fill("She waits since Monday.")
    assert faults(ada) == []
    ada.get_by_role("button", name="Hand over").click()
    expect(ada.locator("#assign-menu summary")).to_contain_text("bo")
    bo.goto(f"/c/{taken[0]}")
    banner = bo.locator("#handover")
    expect(banner).to_contain_text("She waits since Monday.")
    assert faults(bo) == []
    banner.get_by_role("button", name="Got it").click()
    expect(banner).to_have_count(0)


def test_an_old_page_offers_the_new_version(as_one: Callable[..., Page]) -> None:
    page = as_one(EMAIL, "/c/1")
    page.evaluate("document.body.dataset.version = 'older'")
    offer = page.get_by_role("button", name="Reload to get it")
    expect(offer).to_be_visible(timeout=GONE_MS)
    write(page, "Half a sentence")
    offer.click()
    page.wait_for_load_state()
    expect(page.locator("#reply-text")).to_have_value("Half a sentence")
    expect(offer).to_be_hidden()
