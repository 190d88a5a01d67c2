from collections.abc import Iterator

import pytest
from sqlalchemy import select

from config.settings import Settings
from engage.tables import Role
from listener.tables import Brand, Source
from tests.conftest import FakeClock
from tests.web.site import Site


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    yield site
    site.database.engine.dispose()


def brands(site: Site) -> list[tuple[str, str]]:
    with site.database.read() as session:
        return [(brand.name, brand.query) for brand in session.scalars(select(Brand))]


def found(site: Site) -> list[Source]:
    with site.database.read() as session:
        return list(session.scalars(select(Source)))


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN])
def test_who_can_set_up_is_brought_here_until_there_is_a_brand(site: Site, role: Role) -> None:
    browser = site.browser(role)
    assert browser.get("/").location == "/welcome/"
    assert browser.get("/contacts/").status_code == 200
    answer = browser.post("/welcome/", {"name": "Norvik", "query": "norvik", "network": "hackernews"})
    assert (answer.status_code, answer.location) == (303, "/")
    page = browser.get("/")
    assert page.status_code == 200
    assert "Listening to Hacker News for Norvik …" in page.text


def test_an_agent_is_left_alone(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert agent.get("/").status_code == 200
    assert agent.get("/welcome/").status_code == 403
    assert agent.post("/welcome/", {"name": "Norvik", "network": "hackernews"}).status_code == 403


def test_a_keyless_source_is_due_at_once(site: Site) -> None:
    form = {"name": "Norvik Bikes", "query": "", "network": "hackernews"}
    site.browser(Role.MANAGER).post("/welcome/", form)
    assert brands(site) == [("Norvik Bikes", '"Norvik Bikes"')]
    (source,) = found(site)
    assert (source.network, source.next_run_at, source.interval_s) == (
        "hackernews", site.clock(), site.settings.default_interval,
    )  # fmt: skip


def test_mastodon_and_a_feed_take_their_options(site: Site) -> None:
    admin = site.browser(Role.ADMIN)
    form = {"network": "mastodon", "mastodon-base_url": "https://93.184.216.34", "mastodon-hashtags": "norvik, ebike"}
    assert admin.post("/welcome/", {"name": "Norvik", **form}).status_code == 303
    feed = {"network": "feed", "feed-url": "http://127.0.0.1:9/feed.xml", "mastodon-hashtags": "left over"}
    assert admin.post("/welcome/", {"name": "Second", **feed}).status_code == 303
    first, second = found(site)
    assert (first.options["base_url"], first.options["hashtags"]) == ("https://93.184.216.34", "norvik, ebike")
    assert second.options["url"] == "http://127.0.0.1:9/feed.xml"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " ", "query": "norvik"}, "The name is missing."),
        ({"query": "(norvik"}, '<pre class="marked">(norvik'),
        ({"network": "x"}, "Choose where to listen first."),
        ({"network": "feed", "feed-url": ""}, "Address of the feed is missing."),
        ({"network": "feed", "feed-url": "https://no-such-host.example/feed"}, "cannot be found"),
        ({"network": "mastodon", "mastodon-base_url": "nonsense"}, ""),
    ],
)
def test_brand_and_source_are_made_together_or_not_at_all(site: Site, change: dict[str, str], words: str) -> None:
    form = {"name": "Norvik", "query": "norvik bikes", "network": "hackernews"} | change
    answer = site.browser(Role.MANAGER).post("/welcome/", form)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'role="alert"' in answer.text
    assert f"{form['query']}</textarea>" in answer.text
    assert brands(site) == []
    assert found(site) == []


def test_a_manager_cannot_reach_inside_from_here_either(site: Site) -> None:
    form = {"name": "Norvik", "network": "feed", "feed-url": "http://127.0.0.1:9/feed.xml"}
    assert site.browser(Role.MANAGER).post("/welcome/", form).status_code == 403
    assert brands(site) == []


def test_the_query_is_suggested_from_the_name(site: Site) -> None:
    manager = site.browser(Role.MANAGER)
    answer = manager.get("/welcome/query?name=Norvik+Bikes")
    assert (answer.text, answer.mimetype) == ('"Norvik Bikes"', "text/plain")


def test_the_form_needs_its_token(site: Site) -> None:
    form = {"name": "Norvik", "network": "hackernews"}
    assert site.browser(Role.ADMIN).client.post("/welcome/", data=form).status_code == 400
