from collections.abc import Iterator

import pytest

from config.settings import Settings
from engage.tables import Role
from listener.tables import Brand
from tests.conftest import FakeClock
from tests.factories import make_author, make_brand, make_conversation, make_mention
from tests.statements import statements
from tests.web.site import Site


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    with site.database.write() as session:
        make_brand(session)
        for number in range(3):
            talk = make_conversation(session, session.get_one(Brand, 1), make_author(session, f"a{number}"))
            make_mention(session, talk, "My parcel is late" if number else "Hello")
    yield site
    site.database.engine.dispose()


def test_a_list_is_saved_and_comes_back_with_its_count(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert "Save as a view" in agent.get("/?q=parcel").text
    saved = agent.post("/views/", {"name": "<Late>", "address": "q=parcel+intent:complaint", "shared": "on"})
    assert saved.headers["Location"].endswith("/?q=parcel+intent%3Acomplaint")
    rail = agent.get("/views/rail?at=q%3Dparcel%2Bintent%253Acomplaint").text
    assert "&lt;Late&gt;" in rail
    assert '<span class="rail-count">2<' in rail
    assert 'aria-current="page"' in rail
    assert "&lt;Late&gt;" in site.browser(Role.MANAGER).get("/views/").text


def test_a_view_of_what_is_gone_breaks_nothing(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    for address in ("queue=gone", "brand=99", "q=before:never", "intent=zzz"):
        agent.post("/views/", {"name": address, "address": address})
    rail = agent.get("/views/rail")
    assert rail.status_code == 200
    assert rail.text.count('<span class="rail-count">0<') == 4


def test_a_bad_name_is_told_in_place(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    answer = agent.post("/views/", {"name": " ", "address": ""}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "1 to 60 characters" in answer.text


def test_many_views_cost_few_statements(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    for number in range(20):
        agent.post("/views/", {"name": f"v{number}", "address": f"queue=open&team=support&brand={number}"})
    with statements(site.database) as said:
        agent.get("/views/rail")
    assert len(said) <= 12
