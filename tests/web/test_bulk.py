from collections.abc import Iterator

import pytest

from config.settings import Settings
from engage import bulk
from engage.tables import Conversation, Role, Status
from listener.tables import Brand
from tests.conftest import FakeClock
from tests.factories import make_author, make_brand, make_conversation
from tests.web.site import Site

HTMX = {"HX-Request": "true"}


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    with site.database.write() as session:
        make_brand(session)
        for number in range(60):
            network = "x" if number < 55 else "mastodon"
            author = make_author(session, f"a{number}", network)
            make_conversation(session, session.get_one(Brand, 1), author)
    yield site
    site.database.engine.dispose()


def closed(site: Site) -> int:
    with site.database.read() as session:
        return session.query(Conversation).filter_by(status=Status.CLOSED).count()


def test_a_few_are_done_at_once_and_undone(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    answer = agent.post("/bulk", {"kind": "status", "value": "closed", "c": ["1.1", "2.1", "3.9"]}, headers=HTMX)
    assert answer.status_code == 200
    assert "Close: 2 done. 1 left alone" in answer.text
    assert closed(site) == 2
    assert "What was left alone" in agent.get("/bulk/now").text
    undone = agent.post("/bulk/1/undo", headers=HTMX)
    assert "Undone: 2 are as they were." in undone.text
    assert closed(site) == 0


def test_all_that_match_are_left_to_the_listener_with_progress(site: Site, clock: FakeClock) -> None:
    agent = site.browser(Role.AGENT)
    assert "Select all 55 that match" in agent.get("/bulk/count?network=x").text
    agent.post("/bulk?network=x", {"kind": "status", "value": "closed", "all": "1"}, headers=HTMX)
    assert closed(site) == 0
    now = agent.get("/bulk/now").text
    assert "0 of 55" in now and "data-moving" in now
    with site.database.write() as session:
        bulk.work_waiting(session, clock(), 20)
    assert "20 of 55" in agent.get("/bulk/now").text
    agent.post("/bulk/1/undo", headers=HTMX)
    for _ in range(5):
        with site.database.write() as session:
            bulk.work_waiting(session, clock(), 20)
    assert "Undone" in agent.get("/bulk/now").text
    assert closed(site) == 0


def test_a_search_that_makes_no_sense_changes_nothing(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    answer = agent.post("/bulk?q=before:never", {"kind": "noise", "all": "1"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Nothing is selected." in answer.text
    assert closed(site) == 0


@pytest.mark.parametrize(
    "form",
    [{"kind": "zzz", "c": "1.1"}, {"kind": "noise"}, {"kind": "noise", "c": "x"}, {"kind": "snooze", "c": "1.1"}],
)
def test_bad_forms_are_refused_in_words(site: Site, form: dict[str, str]) -> None:
    answer = site.browser(Role.AGENT).post("/bulk", form, headers=HTMX)
    assert answer.status_code == 422
    assert closed(site) == 0


def test_the_page_has_a_box_for_each_row(site: Site) -> None:
    page = site.browser(Role.AGENT).get("/").text
    assert page.count('name="pick"') == 50
    assert 'id="bulk-bar"' in page
