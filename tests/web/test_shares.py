"""Shared views: whoever has the link sees one view and nothing else, until it ends."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from config.settings import Settings
from engage import rollups
from engage.analytics_tables import ShareLink
from engage.tables import Role, User
from nlp.tables import ReadingRow
from tests.conftest import FakeClock
from tests.factories import START, count_all, make_author, make_brand, make_conversation, make_mention, name_in
from tests.web.site import Browser, Site
from web.tabs import TABS

FRESH = re.compile(r'id="fresh-link" value="http://localhost(/shared/[\w-]+)"')
SECRET = "Nobody outside may read of the other brand."


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    """Two brands: forty mentions of one on two networks, three of the other."""
    site = Site(settings, clock)
    with site.database.write() as session:
        brands = make_brand(session), make_brand(session, "Secret brand")
        for number in range(43):
            author = make_author(session, f"author{number}", ("x", "mastodon")[number % 4 == 0])
            conversation = make_conversation(session, brands[number >= 40], author, thread=f"t{number}")
            text = SECRET if number >= 40 else "My #parcel to Berlin is late."
            mention = make_mention(session, conversation, text, created_at=START - timedelta(hours=number + 1))
            name_in(session.get_one(ReadingRow, mention.id), [["place", "Berlin", 14, 20]])
        count_all(session)
    yield site


@pytest.fixture
def manager(site: Site) -> Browser:
    """Somebody who may share."""
    return site.browser(Role.MANAGER)


def shared(browser: Browser, tab: str = "overview", query: str = "brand=1&range=28", days: Any = 7) -> str:
    answer = browser.post(f"/shares/{tab}?{query}", {"days": days})
    assert answer.status_code == 200, answer.text
    [path] = FRESH.findall(answer.text)
    return str(path)


def mentions_on(page: str) -> int:
    return int(re.findall(r"<dt>Mentions</dt><dd>([\d,]+)</dd>", page)[0])


@pytest.mark.parametrize("tab", TABS)
def test_a_stranger_sees_the_view_and_no_way_on(site: Site, manager: Browser, tab: str) -> None:
    path = shared(manager, tab, "brand=1&range=28&tag=hashtag:parcel")
    answer = site.stranger().get(path)
    assert answer.status_code == 200
    assert "Norvik" in answer.text
    assert 'class="card figure' in answer.text
    links = re.findall(r'(?:href|action|src)="([^"]*)"', answer.text)
    files = re.compile(rf"{path}/[\w-]+\.csv")
    assert [link for link in links if not link.startswith("/static/") and not files.fullmatch(link)] == []
    assert "/?queue" not in html.unescape(answer.text)
    assert "Secret brand" not in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_the_numbers_are_those_of_the_view(site: Site, manager: Browser) -> None:
    everything = site.stranger().get(shared(manager)).text
    narrowed = site.stranger().get(shared(manager, query="brand=1&range=28&network=mastodon")).text
    assert (mentions_on(everything), mentions_on(narrowed)) == (40, 10)


@pytest.mark.parametrize("tab", TABS)
def test_each_chart_has_its_table_as_the_file_that_the_maker_sees(site: Site, manager: Browser, tab: str) -> None:
    query = "brand=1&range=28&network=mastodon"
    path, stranger = shared(manager, tab, query), site.stranger()
    names = re.findall(rf'href="{path}/([\w-]+)\.csv"', stranger.get(path).text)
    assert names
    for name in names:
        file = stranger.get(f"{path}/{name}.csv?brand=2&network=x&range=365")
        own = manager.get(f"/analytics/{tab}/{name}.csv?{query}")
        assert file.status_code == 200
        if name == "load":  # strangers learn of teams, not of people
            assert file.text and set(file.text.splitlines()) < set(own.text.splitlines())
        else:
            assert file.text == own.text
        assert file.headers["Content-Disposition"] == own.headers["Content-Disposition"]
        assert file.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert file.headers["Cache-Control"] == "no-store"
        assert "Secret brand" not in file.text


def test_a_file_ends_with_its_link(site: Site, manager: Browser) -> None:
    path = shared(manager)
    assert site.stranger().get(f"{path}/nothing.csv").status_code == 404
    assert site.stranger().get(f"{path}/volume.csv").status_code == 200
    assert manager.post("/shares/1/revoke").status_code == 303
    assert site.stranger().get(f"{path}/volume.csv").status_code == 404
    assert site.stranger().get("/shared/forged/volume.csv").status_code == 404


def test_the_address_changes_nothing(site: Site, manager: Browser) -> None:
    path = shared(manager, "topics", "brand=1&range=7&network=mastodon&language=en&segment=contact:stranger")
    stranger = site.stranger()
    page = stranger.get(path).text
    other = stranger.get(
        f"{path}?brand=2&range=365&network=x&language=de&segment=contact:known&tab=voice&zone=Asia/Tokyo"
    )
    assert other.text == page
    assert SECRET not in page


@pytest.mark.parametrize(
    "path", ["/", "/analytics/", "/analytics/overview/volume.csv", "/shares/", "/c/1", "/contacts/", "/shared/"]
)
def test_nothing_else_opens_with_a_link(site: Site, manager: Browser, path: str) -> None:
    stranger = site.stranger()
    stranger.get(shared(manager))
    assert stranger.get(path).status_code in {302, 404}


def test_a_link_ends(site: Site, manager: Browser, clock: FakeClock) -> None:
    path = shared(manager, days=1)
    clock.advance(hours=23)
    assert site.stranger().get(path).status_code == 200
    clock.advance(hours=1)
    answer = site.stranger().get(path)
    assert answer.status_code == 404
    assert "Ask whoever sent it" in answer.text
    assert "Ended" in site.browser(Role.MANAGER).get("/shares/").text


def test_a_link_is_taken_back(site: Site, manager: Browser) -> None:
    path, other = shared(manager), shared(manager)
    assert manager.post("/shares/1/revoke").status_code == 303
    assert site.stranger().get(path).status_code == 404
    assert site.stranger().get(other).status_code == 200
    assert "Taken back" in manager.get("/shares/").text
    assert manager.post("/shares/77/revoke").status_code == 404


def test_links_die_with_their_makers_account(site: Site, manager: Browser) -> None:
    path = shared(manager)
    with site.database.write() as session:
        session.execute(update(User).where(User.role == Role.MANAGER).values(active=False))
    assert site.stranger().get(path).status_code == 404
    assert "switched off" in site.browser(Role.ADMIN).get("/shares/").text


def test_only_a_hash_is_kept(site: Site, manager: Browser) -> None:
    path = shared(manager)
    with site.database.read() as session:
        link = session.scalars(select(ShareLink)).one()
    token = path.rpartition("/")[2]
    assert len(token) >= 43
    assert token not in str(vars(link))
    assert token not in manager.get("/shares/").text


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "..%2f", "ä"])
def test_guesses_open_nothing(site: Site, manager: Browser, token: str) -> None:
    shared(manager)
    assert site.stranger().get(f"/shared/{token}").status_code in {302, 404}


def test_a_filter_that_is_no_more_known_widens_nothing(site: Site, manager: Browser) -> None:
    path = shared(manager, query="brand=1&range=28&segment=contact:stranger")
    with site.database.write() as session:
        link = session.scalars(select(ShareLink)).one()
        link.filters = {**link.filters, "segment": "size:gone"}
    assert site.stranger().get(path).status_code == 404


def test_a_network_that_fell_silent_stays_chosen(site: Site, manager: Browser) -> None:
    path = shared(manager, query="brand=1&range=28&network=mastodon")
    with site.database.write() as session:
        for table in rollups.COUNTS:
            session.execute(table.__table__.delete().where(table.__table__.c.network == "mastodon"))
    assert mentions_on(site.stranger().get(path).text) == 0


def test_agents_share_nothing(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert "Make a link" not in agent.get("/analytics/").text
    assert agent.post("/shares/overview?brand=1", {"days": 7}).status_code == 403
    assert agent.get("/shares/").status_code == 403
    assert agent.post("/shares/1/revoke").status_code == 403


@pytest.mark.parametrize(
    ("tab", "days", "status"), [("overview", "3000", 422), ("overview", "soon", 422), ("no", "7", 404)]
)
def test_what_cannot_be_shared(manager: Browser, tab: str, days: str, status: int) -> None:
    assert manager.post(f"/shares/{tab}?brand=1", {"days": days}).status_code == status


def test_whoever_looks_too_often_waits(site: Site, manager: Browser) -> None:
    path, stranger = shared(manager, "when"), site.stranger()
    answers = [stranger.get(path).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
