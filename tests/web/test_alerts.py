from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from engage import alerts, webhooks
from engage.alert_tables import Alert, AlertSettings, AlertState, SendState, WebhookCall
from engage.tables import Role
from listener.tables import Brand
from tests.conftest import FakeClock
from tests.factories import make_author, make_brand, make_conversation, make_mention
from tests.web.site import Site

GIVEN = {
    "alarms_a_week": "1.0",
    "topics": "battery OR charger",
    "recipients": "ada@norvik.example",
    "webhook_url": "",
}
NUMBERS = count(1)


def say(session: Session, brand: Brand, site: Site, minutes: float, text: str) -> None:
    number = next(NUMBERS)
    conversation = make_conversation(session, brand, make_author(session, f"who{number}"), excerpt=text)
    at = site.clock() - timedelta(minutes=minutes)
    make_mention(session, conversation, text, created_at=at, heard_at=at)


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    """A brand with a week of a mention every three hours, and a spike of twelve just now."""
    site = Site(settings, clock)
    with site.database.write() as session:
        brand = make_brand(session)
        for number in range(1, 56):
            say(session, brand, site, 180 * number, f"A usual day {number}")
        for number in range(12):
            say(session, brand, site, number / 2 + 0.1, f"<b>Error 4207</b> on bike {number}")
    assert alerts.watch(site.database, settings, clock) == 1
    yield site
    site.database.engine.dispose()


def only(site: Site) -> Alert:
    with site.database.read() as session:
        return session.get_one(Alert, 1)


def test_the_page_and_the_bell_show_what_goes_on(site: Site) -> None:
    page = site.browser(Role.AGENT).get("/alerts/").text
    for words in (
        "12 mentions in",
        "Norvik",
        "What is said: ",
        "4207",
        '<svg class="spike"',
        "I look after it",
        "Mute",
    ):
        assert words in page, words
    assert "<b>Error" not in page
    assert '<span class="rail-count">1<span class="sr-only"> open alerts</span>' in page
    assert "open alerts" in site.browser(Role.AGENT).get("/").text


def test_its_own_page_and_the_inbox_have_exactly_its_mentions(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    page = agent.get("/alerts/1").text
    assert "12 mentions</h2>" in page
    assert page.count("&lt;b&gt;Error 4207&lt;/b&gt; on bike") >= 12
    inbox = agent.get("/?queue=all&alert=1").text
    assert inbox.count('class="line-item') == 12
    assert "A usual day" not in inbox
    assert agent.get("/alerts/99").status_code == 404
    assert agent.get("/?queue=all&alert=99").text.count('class="line-item') == 0


def test_how_far_it_will_go_is_shown_while_it_lasts(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    with site.database.write() as session:
        row = session.get_one(Alert, 1)
        told = {"at": site.clock().isoformat(), "posts": [30, 70], "people": [40_000, 90_000]}
        row.figures = row.figures | {"outlook": told}
    for address in ("/alerts/", "/alerts/1"):
        assert "likely 40,000–90,000 more people, by 30–70 more posts." in agent.get(address).text
    with site.database.write() as session:
        session.get_one(Alert, 1).state = AlertState.OVER
    assert "more people" not in agent.get("/alerts/1").text


def test_an_open_page_hears_of_a_new_alert_once(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert 'id="queues" data-alert="1"' in agent.get("/contacts/").text
    news = agent.get("/refresh?told=0").text
    assert "See the alert" in news and 'href="/alerts/1"' in news
    assert '1<span class="sr-only"> open alerts' in news
    assert "See the alert" not in agent.get("/refresh?told=1").text
    assert "See the alert" not in agent.get("/refresh").text
    agent.post("/alerts/1/acknowledge")
    assert "See the alert" not in agent.get("/refresh?told=0").text


def test_who_was_told_and_what_went_wrong_is_shown(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert "Who was told" not in agent.get("/alerts/1").text
    with site.database.write() as session:
        webhooks.queue_call(session, 1, "opened", {}, site.clock())
        call = session.scalars(select(WebhookCall)).one()
        call.state, call.attempts, call.error_text = SendState.FAILED, 12, "The webhook answered with status 500."
    page = agent.get("/alerts/1").text
    for words in ("Who was told", "Failed", "12 attempts", "answered with status 500. Check the address"):
        assert words in page, words


def test_muted_until_is_told_in_the_readers_zone(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    agent.client.set_cookie("zone", "Asia/Kolkata")
    agent.post("/alerts/1/mute", {"until": "hour"})
    assert "Muted until 15:30" in agent.get("/alerts/1").text, "10:00 UTC"


def test_somebody_looks_after_it(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert agent.post("/alerts/1/acknowledge", {"from": "list"}).location == "/alerts/"
    assert only(site).state is AlertState.ACKNOWLEDGED
    page = agent.get("/alerts/").text
    assert "You look after this alert now." in page and "Looked after" in page
    assert "open alerts" not in page


def test_it_is_muted_for_a_while(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert agent.post("/alerts/1/mute", {"until": "hour"}).location == "/alerts/1"
    assert only(site).muted_until == site.clock() + timedelta(hours=1)
    agent.post("/alerts/1/mute", {"until": "never"})
    assert only(site).state is AlertState.MUTED
    assert "Snooze until when?" in agent.get("/alerts/").text


def test_nobody_acts_without_a_token_or_a_login(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert agent.client.post("/alerts/1/acknowledge").status_code == 400
    assert agent.client.post("/alerts/settings/1", data=GIVEN).status_code in {400, 403}
    assert site.stranger().get("/alerts/").status_code in {302, 303}
    assert only(site).state is AlertState.OPEN


def test_managers_set_it_up_and_agents_do_not(site: Site) -> None:
    assert site.browser(Role.AGENT).get("/alerts/settings/1").status_code == 403
    assert site.browser(Role.AGENT).post("/alerts/settings/1", GIVEN).status_code == 403
    manager = site.browser(Role.MANAGER)
    assert "set HEARKEN_SMTP_HOST" in manager.get("/alerts/settings/1").text
    assert manager.post("/alerts/settings/1", GIVEN).location == "/alerts/"
    with site.database.read() as session:
        stored = session.get_one(AlertSettings, 1)
    assert (stored.topics, stored.recipients) == (["battery OR charger"], ["ada@norvik.example"])
    wrong = manager.post("/alerts/settings/1", GIVEN | {"recipients": "ada"})
    assert wrong.status_code == 422 and 'id="f-recipients-about"' in wrong.text
    assert manager.get("/alerts/settings/7").status_code == 404


def test_a_secret_is_shown_once(site: Site) -> None:
    admin = site.browser(Role.ADMIN)
    shown = admin.post("/alerts/settings/1", GIVEN | {"webhook_url": "http://127.0.0.1:9/in"}).text
    assert "Secret of the webhook: " in shown
    assert "Secret of the webhook: " not in admin.get("/alerts/settings/1").text
    manager = site.browser(Role.MANAGER)
    assert manager.post("/alerts/settings/1", GIVEN | {"webhook_url": "http://localhost:9/x"}).status_code == 403


def test_looking_back_lists_what_would_have_been_said(site: Site) -> None:
    page = site.browser(Role.AGENT).get("/alerts/replay/1").text
    assert "12 mentions in" in page and "4207" in page


def test_without_anything_the_page_says_so(settings: Settings, clock: FakeClock) -> None:
    site = Site(settings, clock)
    assert "Nothing is being said more than usual." in site.browser(Role.AGENT).get("/alerts/").text
    site.database.engine.dispose()
