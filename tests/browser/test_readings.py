"""What Hearken understood, looked at and put right: by mouse, by keyboard, on a phone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from config.database import Database
from engage.tables import Conversation
from listener.tables import Mention
from nlp.tables import ReadingRow
from tests.browser.conftest import Hearken, log_in

pytestmark = pytest.mark.browser
POST = {
    "id": "1",
    "text": "My kestova broke again, this is terrible. " + "Nobody answers. " * 200,
    "author": "bea",
    "created_at": "2026-11-02T09:00:00Z",
}
LIT = "[...(CSS.highlights.get('because') ?? [])].map(String)"


def give_reasons(hearken: Hearken) -> None:
    """As the small model would."""
    database = Database(f"sqlite:///{hearken.data / 'hearken.db'}")
    with database.write() as session:
        reading = session.get_one(ReadingRow, 1)
        reading.sentiment, reading.p_negative, reading.p_neutral, reading.p_positive = "negative", 0.9, 0.08, 0.02
        reading.intent, reading.p_intent, reading.model = "complaint", {"complaint": 0.8, "question": 0.2}, "small/1"
        reading.extra = {"because": {"sentiment": ["terrible"], "intent": ["broke", "again"]}, "churn": 0.7}
        conversation = session.get_one(Conversation, session.get_one(Mention, 1).conversation_id)
        conversation.sentiment, conversation.intent = reading.sentiment, reading.intent
    database.engine.dispose()


@pytest.fixture
def talk(hearken: Hearken, new_page: Callable[..., Page], tmp_path: Path) -> Callable[..., Page]:
    """Opens a long complaint, read with reasons, in a fresh browser."""
    (hearken.data / "hearken.toml").write_text('analyser = "lexicon"\n')
    posts = tmp_path / "posts.jsonl"
    posts.write_text(json.dumps(POST) + "\n")
    hearken.run("import", str(posts), "--brand", "Kestova", "--network", "mastodon")
    give_reasons(hearken)
    hearken.start()

    def open_it(**options: object) -> Page:
        page = new_page(**options)
        log_in(page)
        page.goto("/c/1")
        return page

    return open_it


def chips(page: Page) -> Locator:
    return page.locator(".reading-chips")


def panel(page: Page) -> Locator:
    return page.locator(".reading-panel")


def scrolled(page: Page) -> object:
    return page.evaluate("document.getElementById('thread-scroll').scrollTop")


def test_pointing_shows_the_reasons_and_a_choice_puts_it_right(talk: Callable[..., Page]) -> None:
    page = talk()
    page.get_by_text("Show all").click()
    chips(page).scroll_into_view_if_needed()
    before = scrolled(page)
    chips(page).hover()
    expect(panel(page)).to_contain_text("Read by small/1")
    expect(panel(page)).to_contain_text("may leave 70%")
    assert sorted(page.evaluate(LIT)) == ["again", "broke", "terrible"]
    assert scrolled(page) == before
    box = panel(page).bounding_box()
    assert box and box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]  # type: ignore[index]

    panel(page).get_by_text("Read intent as …").click()
    panel(page).get_by_role("button", name="suggestion").click()
    expect(panel(page)).to_be_hidden()
    expect(chips(page)).to_contain_text("suggestion")
    expect(page.locator("#line-1")).to_contain_text("suggestion")
    expect(page.locator(".entry-event")).to_contain_text("Read as suggestion (was complaint) by ada")
    assert page.evaluate(LIT) == []
    assert page.evaluate("document.activeElement.className") == "reading-chips"

    page.get_by_role("button", name="Undo").click()
    expect(chips(page)).to_contain_text("complaint")
    expect(page.locator("#line-1")).to_contain_text("complaint")


def test_it_is_all_there_for_the_keyboard(talk: Callable[..., Page]) -> None:
    page = talk()
    page.locator("#thread-scroll").focus()
    for _ in range(2):  # past "Show all"
        page.keyboard.press("Tab")
    expect(chips(page)).to_be_focused()
    expect(panel(page)).to_contain_text("Sentiment")
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(chips(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel(page)).to_be_visible()
    for key in ("Tab", "Enter", "Tab", "Tab"):
        page.keyboard.press(key)
    expect(panel(page).get_by_role("button", name="positive")).to_be_focused()
    page.keyboard.press("Enter")
    expect(chips(page)).to_contain_text("positive")
    expect(chips(page)).to_be_focused()
    expect(panel(page)).to_be_hidden()


def test_what_is_only_shown_goes_and_what_was_clicked_stays(talk: Callable[..., Page]) -> None:
    page = talk()
    chips(page).hover()
    expect(panel(page)).to_be_visible()
    page.mouse.move(5, 5)
    expect(panel(page)).to_be_hidden()
    chips(page).hover()
    expect(panel(page)).to_be_visible()
    chips(page).click()
    page.locator("#composer").hover()
    page.locator("#pane-title").hover()
    expect(panel(page)).to_be_visible()
    page.locator(".prose").first.click(position={"x": 5, "y": 5})
    expect(panel(page)).to_be_hidden()


def test_on_a_phone_a_tap_opens_it_at_the_foot(talk: Callable[..., Page]) -> None:
    page = talk(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    chips(page).tap()
    expect(panel(page)).to_contain_text("Sentiment")
    box = panel(page).bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844
    panel(page).get_by_text("Read sentiment as …").tap()
    choice = panel(page).get_by_role("button", name="positive")
    size = choice.bounding_box()
    assert size and size["height"] >= 44
    choice.tap()
    expect(page.locator(".flash")).to_contain_text("Read as positive.")
    expect(chips(page)).to_contain_text("positive")
