import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest

from config.settings import INFLUENCE_WEIGHTS, Settings
from engage.influence import rate_all
from engage.influence_tables import InfluencerMember
from engage.tables import Role
from listener.tables import Author
from tests.conftest import FakeClock
from tests.engage.test_influence import answer, say
from tests.factories import make_author, make_brand
from tests.web.site import Browser, Site
from web.influencers import spark


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    """Three authors, heard and rated."""
    site = Site(settings, clock)
    with site.database.write() as session:
        ada = make_author(session, "ada", "x", followers=700_000, name="=cmd|' /C calc'!A0")
        post = say(session, ada, "The charger is superb.", likes=400, shares=90, url="javascript:alert(1)")
        answer(
            session, make_author(session, "bea", "x", name="<script>alert(1)</script>"), post, text="My battery died."
        )
        say(session, make_author(session, "cy", "reddit", followers=None), "Battery fine.")
    clock.advance(hours=3)
    rate_all(site.database, 1, INFLUENCE_WEIGHTS, clock)
    yield site
    site.database.engine.dispose()


@pytest.fixture
def agent(site: Site) -> Browser:
    return site.browser(Role.AGENT)


def saved(agent: Browser, *authors: int, name: str = "Spring launch") -> str:
    answer = agent.post("/influencers/save", {"brand": "1", "name": name, "author": [str(id_) for id_ in authors]})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_without_a_brand_the_page_says_what_to_do(settings: Settings, clock: FakeClock) -> None:
    site = Site(settings, clock)
    assert "Set up the first brand" in site.browser(Role.MANAGER).get("/influencers/").text
    assert "Set up the first brand" not in site.browser(Role.AGENT).get("/influencers/").text
    site.database.engine.dispose()


def test_a_brand_that_nobody_is_rated_for_yet_says_when(site: Site, agent: Browser) -> None:
    with site.database.write() as session:
        other = make_brand(session, "Other").id
    assert "Nobody is rated yet" in agent.get(f"/influencers/?brand={other}").text


def test_the_list_is_ranked_and_stands_in_the_rail(agent: Browser) -> None:
    page = agent.get("/influencers/").text
    assert page.index("@ada") < page.index("@bea")
    assert 'href="/influencers/" aria-current="page"' in page
    assert "Mentions a week, the latest last: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1" in page
    assert "3 heard" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("network=reddit", {"cy"}),
        ("size=macro", {"ada"}),
        ("stance=against", {"ada", "bea", "cy"}),
        ("stance=for", set()),
        ("topic=batt", {"bea", "cy"}),
        ("topic=batt&network=x", {"bea"}),
        ("language=en", {"ada", "bea", "cy"}),
        ("rising=1&clean=1", {"ada", "bea", "cy"}),
        ("page=2", set()),
        ("page=nonsense", {"ada", "bea", "cy"}),
    ],
)
def test_filters_are_in_the_address(agent: Browser, query: str, found: set[str]) -> None:
    page = agent.get(f"/influencers/?{query}").text
    assert {handle for handle in ("ada", "bea", "cy") if f"@{handle}<" in page} == found


@pytest.mark.parametrize("query", ["size=huge", "stance=angry", "sort=luck"])
def test_an_unknown_value_is_refused_in_words(agent: Browser, query: str) -> None:
    answer = agent.get(f"/influencers/?{query}")
    assert answer.status_code == 422
    assert "Choose one in the list." in answer.text


def test_the_order_is_kept_by_filters_and_pages(agent: Browser) -> None:
    page = agent.get("/influencers/?sort=followers&network=x").text
    assert 'aria-sort="descending"' in page
    assert '<input type="hidden" name="sort" value="followers">' in page
    assert "sort=rising" in page


def test_what_people_wrote_is_shown_as_text(agent: Browser) -> None:
    for path in (
        "/influencers/",
        "/influencers/1/2",
        "/influencers/1/1",
        "/influencers/compare?brand=1&author=1&author=2",
    ):
        page = agent.get(path).text
        assert "<script>alert" not in page
        assert "javascript:" not in page


def test_why_shows_every_part_as_a_bar_with_words(agent: Browser) -> None:
    whole, panel = agent.get("/influencers/1/1").text, agent.get("/influencers/1/1/why").text
    for page in (whole, panel):
        assert page.count('class="bar"') == 6
        assert "700,000 followers" in page
        assert "Bursts" in page
    assert "<html" not in panel
    assert "number 1 for" in whole
    assert 'href="/contacts/' in whole


def test_who_is_not_rated_is_a_404(agent: Browser) -> None:
    assert agent.get("/influencers/1/99").status_code == 404
    assert agent.get("/influencers/99/1/why").status_code == 404
    assert agent.get("/influencers/?brand=99").status_code == 404


def test_two_are_compared(agent: Browser) -> None:
    page = agent.get("/influencers/compare?brand=1&author=1&author=2").text
    assert page.count('class="bar"') == 12
    assert "Nobody that we heard speaks in threads of both" in page


@pytest.mark.parametrize("chosen", ["", "&author=1", "&author=1&author=1", "&author=1&author=2&author=3"])
def test_neither_fewer_nor_more_than_two_are_compared(agent: Browser, chosen: str) -> None:
    answer = agent.get(f"/influencers/compare?brand=1{chosen}")
    assert answer.status_code == 422
    assert "Go back and tick two." in answer.text


def test_a_row_of_a_file_is_no_formula(agent: Browser) -> None:
    answer = agent.get("/influencers/export.csv?brand=1&network=x")
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="influencers.csv"'
    assert [row["handle"] for row in rows] == ["ada", "bea"]
    assert rows[0]["name"].startswith("'=cmd")
    assert float(rows[0]["score"]) > float(rows[1]["score"])
    of_list = agent.get(saved(agent, 1).replace("?", "") + ".csv")
    assert next(csv.DictReader(StringIO(of_list.text)))["name"].startswith("'=cmd")


def test_ticked_authors_are_saved_to_a_new_list_and_to_it_again(agent: Browser) -> None:
    address = saved(agent, 1, 2)
    page = agent.get(address).text
    assert "2 put on Spring launch." in page
    assert page.count('class="card member"') == 2
    list_id = address.rsplit("/", 1)[1]
    again = agent.post("/influencers/save", {"brand": "1", "list": list_id, "author": "1"})
    assert "On Spring launch already." in agent.get(again.location).text
    assert "2 found" in agent.get("/influencers/lists/").text
    refused = agent.post("/influencers/save", {"brand": "1", "author": "1"})
    assert refused.status_code == 422
    assert "No list is chosen." in refused.text


def test_an_empty_list_is_made_and_its_name_is_needed(agent: Browser) -> None:
    assert "No list yet" in agent.get("/influencers/lists/").text
    made = agent.post("/influencers/lists/", {"brand": "1", "name": "Press"})
    assert "Nobody is on this list yet." in agent.get(made.location).text
    refused = agent.post("/influencers/lists/", {"brand": "1", "name": "Press"})
    assert refused.status_code == 422
    assert "There is a list Press for this brand already." in refused.text


def test_stage_and_notes_are_written_down_unless_somebody_was_quicker(site: Site, agent: Browser) -> None:
    address = saved(agent, 1)
    given = {"version": "1", "stage": "contacted", "tags": "vip, press", "notes": "wrote\r\ntwice", "owner": "2"}
    assert agent.post("/influencers/members/1", given).status_code == 303
    page = agent.get(address).text
    assert '<span class="chip stage-contacted">Contacted</span>' in page
    assert "wrote\ntwice" in page
    late = agent.post("/influencers/members/1", given | {"notes": "mine, written long"})
    assert late.status_code == 409
    assert "mine, written long" in late.text
    wrong = agent.post("/influencers/members/1", given | {"version": "2", "stage": "x"})
    assert wrong.status_code == 422
    assert "There is no such stage." in wrong.text
    assert agent.post("/influencers/members/99", given).status_code == 404


def test_taking_off_has_an_undo(site: Site, agent: Browser) -> None:
    address = saved(agent, 1)
    assert agent.post("/influencers/members/1/remove").status_code == 303
    page = agent.get(address).text
    assert "Taken off the list." in page
    undo = address + "/put-back"
    assert f'action="{undo}"' in page
    fields = {
        "author": "1",
        "stage": "found",
        "tags": "",
        "notes": "",
        "owner": "",
        "added_at": site.clock().isoformat(),
    }
    answer = agent.post(undo, fields, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == address
    with site.database.read() as session:
        assert session.get_one(InfluencerMember, 1).author_id == 1


def test_what_followed_is_summed_up(site: Site, agent: Browser) -> None:
    address = saved(agent, 1)
    assert "No mention followed yet." in agent.get(address).text
    with site.database.write() as session:
        say(session, session.get_one(Author, 1), created_at=site.clock() + timedelta(days=1), likes=7)
    assert "1 mention followed, seen up to 700k times, with 7 reactions." in agent.get(address).text


def test_only_the_owner_or_a_manager_renames_and_removes(site: Site, agent: Browser) -> None:
    address = saved(site.browser(Role.MANAGER), 1)
    assert "Remove for good" not in agent.get(address).text
    assert agent.post(address + "/rename", {"name": "Mine"}).status_code == 403
    assert agent.post(address + "/remove").status_code == 403
    manager = site.browser(Role.MANAGER)
    assert manager.post(address + "/rename", {"name": " "}).status_code == 422
    assert manager.post(address + "/rename", {"name": "Summer"}).status_code == 303
    gone = manager.post(address + "/remove")
    assert "The list Summer is removed." in manager.get(gone.location).text
    assert manager.get(address).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["save", "lists/", "lists/1/rename", "lists/1/remove", "lists/1/put-back", "members/1", "members/1/remove"],
)
def test_every_form_needs_its_token(site: Site, path: str) -> None:
    assert site.browser(Role.ADMIN).client.post(f"/influencers/{path}", data={"name": "x"}).status_code == 400


@pytest.mark.parametrize("path", ["", "1/1", "1/1/why", "lists/", "export.csv?brand=1", "compare?brand=1"])
def test_strangers_see_nothing(site: Site, path: str) -> None:
    answer = site.stranger().get(f"/influencers/{path}")
    assert answer.status_code == 302
    assert "/login" in answer.location


def test_a_line_of_counts_stays_in_its_field() -> None:
    points = [point.split(",") for point in spark([0, 0, 4, 1]).split()]
    assert [float(x) for x, _ in points] == [0, 32, 64, 96]
    assert [float(y) for _, y in points] == [22, 22, 2, 17]
    assert spark([0, 0]) == "0.0,22.0 96.0,22.0"
