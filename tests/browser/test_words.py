"""Words at hand in the reply box: kept answers behind `/`, what the check finds, what was answered before."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from config.database import Database
from engage.answers import kept, macros
from engage.answers.kept import Fields
from engage.answers.tables import AnsweredWell
from engage.tables import Reply, ReplyState, User
from listener.tables import Brand, SourceState
from tests.browser.axe import faults
from tests.browser.conftest import Hearken, log_in
from tests.factories import make_source

pytestmark = pytest.mark.browser
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
POSTS = [
    {"id": "1", "text": "Where is my kestova parcel from Monday?", "author": "cem"},
    {"id": "2", "text": "Where is my kestova parcel? Order #A-10293", "author": "bea"},
]


def prepare(hearken: Hearken) -> None:
    """Two kept answers, a macro, and one parcel that was answered well."""
    database = Database(f"sqlite:///{hearken.data / 'hearken.db'}")
    with database.write() as session:
        ada = session.get_one(User, 1)
        brand = session.get_one(Brand, 1)
        make_source(session, brand, secrets_sealed=b"x", state=SourceState.PAUSED)  # nothing is called
        for name, text in (("Late parcel", "Sorry, {{contact.company}} knows more."), ("Thanks", "Thank you!")):
            kept.add(session, Fields(name, text, "Shipping", own=False), by=ada, now=NOW)
        macros.add(session, {"name": "Tag late", "tags": "late"}, by=ada, now=NOW)
        reply = Reply(
            conversation_id=1,
            mention_id=1,
            network="mastodon",
            text="It comes tomorrow.",
            state=ReplyState.SENT,
            key="k",
            user_id=1,
            created_at=NOW,
            sent_at=NOW,
        )
        session.add(reply)
        session.flush()
        session.add(
            AnsweredWell(reply_id=reply.id, brand_id=1, mention_id=1, sent_at=NOW, score=1.0, model="", meaning=b"")
        )
    database.engine.dispose()


@pytest.fixture
def talk(hearken: Hearken, new_page: Callable[..., Page], tmp_path: Path) -> Callable[..., Page]:
    """Opens a question about a parcel in a fresh browser."""
    (hearken.data / "hearken.toml").write_text('analyser = "lexicon"\n')
    posts = tmp_path / "posts.jsonl"
    at = [(NOW + timedelta(minutes=minute)).isoformat() for minute in range(len(POSTS))]
    posts.write_text("".join(json.dumps(post | {"created_at": at[i]}) + "\n" for i, post in enumerate(POSTS)))
    hearken.run("import", str(posts), "--brand", "Kestova", "--network", "mastodon")
    prepare(hearken)
    hearken.start()

    def open_it(**options: object) -> Page:
        page = new_page(**options)
        log_in(page)
        page.goto("/c/2")
        return page

    return open_it


def box(page: Page) -> Locator:
    return page.locator("#reply-text")


def options(page: Page) -> Locator:
    return page.locator("#answer-list [role=option]")


def test_a_kept_answer_is_found_by_typing_and_its_gap_stops_the_reply(talk: Callable[..., Page]) -> None:
    page = talk()
    box(page).click()
    page.keyboard.type("Hello /")
    expect(options(page)).to_have_count(3)
    page.keyboard.type("late p")
    expect(options(page)).to_have_count(1)
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("Hello Sorry, {{contact.company}} knows more.")
    expect(page.get_by_text("Fill in {{contact.company}} first.")).to_be_visible()
    expect(page.locator("#reply-foot .btn-primary")).to_have_attribute("aria-disabled", "true")
    page.keyboard.type("Olm")
    expect(box(page)).to_have_value("Hello Sorry, Olm knows more.")
    expect(page.get_by_text("Fill in")).to_have_count(0)


def test_the_list_is_moved_in_and_left_by_keyboard(talk: Callable[..., Page]) -> None:
    page = talk()
    box(page).click()
    page.keyboard.type("/thanks")
    expect(options(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("/thanks")
    box(page).fill("")
    page.keyboard.type("/")
    expect(options(page)).to_have_count(3)
    page.keyboard.press("ArrowUp")
    expect(options(page).last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Tag late: done.")).to_be_visible()
    expect(page.locator("#tags-menu")).to_contain_text("late")
    expect(box(page)).to_have_value("")


def test_a_macro_runs_from_the_menu_and_is_undone(talk: Callable[..., Page]) -> None:
    page = talk()
    page.locator("#more-menu > summary").click()
    page.get_by_text("Run a macro").click()
    page.get_by_role("button", name="Tag late").click()
    expect(page.locator("#tags-menu")).to_contain_text("late")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#tags-menu")).to_have_count(0)


def test_what_is_found_is_shown_live_and_put_right_with_a_button(talk: Callable[..., Page]) -> None:
    page = talk()
    box(page).click()
    page.keyboard.type("Write to bea@mail.example for a refund")
    finding = page.locator(".finding", has_text="Everybody can read this e-mail address")
    finding.get_by_role("button", name="Remove it").click()
    expect(box(page)).to_have_value("Write to … for a refund")
    expect(finding).to_have_count(0)
    hint = page.locator(".finding", has_text="direct message")  # the mention has an order number
    hint.get_by_role("button", name="Add that").click()
    expect(box(page)).to_have_value("Write to … for a refund Please send us the details in a direct message.")


def test_what_helped_before_is_one_key_away(talk: Callable[..., Page]) -> None:
    page = talk()
    expect(page.get_by_text("Answered before: 1 like this")).to_be_visible()
    page.keyboard.press("Alt+1")
    expect(box(page)).to_have_value("It comes tomorrow.")
    expect(box(page)).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(talk: Callable[..., Page], scheme: str) -> None:
    page = talk(bypass_csp=True, color_scheme=scheme)
    box(page).click()
    page.keyboard.type("A refund to bea@mail.example /")
    expect(options(page).first).to_be_visible()
    expect(page.locator(".finding").first).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.locator(".similar-box summary").click()
    assert faults(page) == []
    for path in ("/answers/", "/answers/1", "/answers/macros", "/answers/macros/1", "/brands/1/checks"):
        page.goto(path)
        assert faults(page) == [], path
