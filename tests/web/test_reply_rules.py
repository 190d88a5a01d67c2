from collections.abc import Iterator

import pytest

from config.settings import Settings
from engage.tables import Role
from tests.conftest import FakeClock
from tests.factories import make_author, make_brand, make_conversation, make_mention, make_source
from tests.web.site import Browser, Site

FORM = dict.fromkeys(("personal", "promise", "language", "repeated", "link", "cost", "message"), "warn") | {
    "promises": "we swear",
    "order_number": "",
    "most_same": "5",
}


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    with site.database.write() as session:
        brand = make_brand(session)
        make_source(session, brand, secrets_sealed=b"sealed")
        make_mention(session, make_conversation(session, brand, make_author(session)))
    yield site
    site.database.engine.dispose()


@pytest.fixture
def manager(site: Site) -> Browser:
    return site.browser(Role.MANAGER)


def check(browser: Browser, text: str) -> str:
    return browser.post("/c/1/check", {"text": text}, headers={"HX-Request": "true"}).text


def test_what_a_manager_sets_is_what_agents_see(site: Site, manager: Browser) -> None:
    agent = site.browser(Role.AGENT)
    assert "Needs approval" in check(agent, "You get a refund")
    assert manager.post("/brands/1/checks", FORM | {"personal": "block"}).status_code == 303
    assert "Everybody" not in check(agent, "You get a refund")
    stopped = check(agent, "Write to bea@mail.example")
    assert "Not yet:" in stopped and 'aria-disabled="true"' in stopped
    refused = agent.post("/c/1/reply", {"text": "Write to bea@mail.example"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422 and "Everybody can read this" in refused.text
    assert "we swear" in manager.get("/brands/1/checks").text


def test_what_was_typed_stays_where_something_is_wrong(manager: Browser) -> None:
    refused = manager.post("/brands/1/checks", FORM | {"most_same": "many", "promises": "by my beard"})
    assert refused.status_code == 422
    assert "How often is a number" in refused.text and "by my beard" in refused.text


def test_agents_have_no_say_in_it(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert agent.get("/brands/1/checks").status_code == 403
    assert agent.post("/brands/1/checks", FORM).status_code == 403
    assert "Reply check" not in agent.get("/brands/").text


def test_a_link_is_handed_to_the_listener_and_asked_for_meanwhile(site: Site, manager: Browser) -> None:
    first = check(manager, "See https://shop.example/x")
    assert 'hx-trigger="every 2s"' in first
    site.clock.advance(minutes=1)
    assert "every 2s" not in check(manager, "See https://shop.example/x")


def test_words_of_others_are_escaped(manager: Browser) -> None:
    assert "<script>" not in check(manager, "{{contact.name}} <script>alert(1)</script> bea@mail.example")


def test_there_is_no_check_of_a_brand_that_does_not_exist(manager: Browser) -> None:
    assert manager.get("/brands/9/checks").status_code == 404
    assert manager.post("/brands/9/checks", FORM).status_code == 404
