import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config.secrets import Vault
from config.settings import Settings
from engage import brands
from engage.tables import Role
from listener.collect import save_posts
from listener.connectors import CONNECTORS
from listener.tables import Brand, Source, SourceState
from tests.conftest import FakeClock
from tests.engage.standin import ENTRY
from tests.factories import make_brand, make_source
from tests.flow import post
from tests.web.site import Browser, Site

PUBLIC = "https://93.184.216.34"
DEEDS = ("run", "pause", "resume", "check", "remove")
GIVEN = {"network": "standin", "brand": "1", "interval": "300", "option-base_url": PUBLIC, "secret-token": "norvik"}


@pytest.fixture
def site(settings: Settings, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setitem(CONNECTORS, "standin", ENTRY)
    site = Site(settings, clock)
    with site.database.write() as session:
        make_brand(session)
    yield site
    site.database.engine.dispose()


def make(site: Site, **values: Any) -> int:
    with site.database.write() as session:
        return make_source(session, session.get_one(Brand, 1), **values).id


def only(site: Site) -> Source:
    with site.database.read() as session:
        return session.scalars(select(Source)).one()


def add(browser: Browser, **changes: str) -> Any:
    return browser.post("/sources/", GIVEN | {key.replace("__", "-"): value for key, value in changes.items()})


def test_a_card_shows_how_a_source_does(site: Site) -> None:
    now = site.clock()
    make(
        site,
        state=SourceState.STOPPED,
        heard=31_742,
        cost_usd=45.6,
        error_text="X refused the request.",
        remedy="Enter new credentials.",
        gap="Older posts are missing.",
        gap_at=now - timedelta(days=1),
        last_run_at=now - timedelta(minutes=5),
        rate_remaining=271,
        account_handle="norvik",
    )
    page = site.browser(Role.AGENT).get("/sources/").text
    state = ("Stopped, needs you", "X refused the request.", "Enter new credentials.", "Older posts are missing.")
    for words in ("Norvik", "as @norvik", "31,742", "$45.60", "5 min</time>", "271", *state):
        assert words in page, words


def test_the_cards_refresh_themselves(site: Site) -> None:
    source_id = make(site)
    agent = site.browser(Role.AGENT)
    assert 'hx-trigger="every 5s"' in agent.get("/sources/").text
    with site.database.write() as session:
        session.get_one(Source, source_id).heard = 4321
    parts = agent.get("/sources/cards").text
    assert f'id="source-{source_id}-facts" hx-swap-oob="morph"' in parts
    assert "4,321" in parts
    assert "Run now" not in parts, "agents look only"


def test_the_page_says_that_mentions_wait_to_be_read(site: Site) -> None:
    browser = site.browser()
    assert "wait to be read" not in browser.get("/sources/").text
    with site.database.write() as session:
        save_posts(session, [post("1"), post("2")], brand_id=1, source_id=None, network="x", now=site.clock())
    site.clock.advance(minutes=6)
    assert "2 mentions wait to be read" in browser.get("/sources/").text


def test_with_no_brand_or_no_source_the_page_says_what_to_do(site: Site) -> None:
    assert "Nothing is listened to yet." in site.browser(Role.MANAGER).get("/sources/").text
    with site.database.write() as session:
        session.delete(session.get_one(Brand, 1))
    assert "Set up the first brand" in site.browser(Role.MANAGER).get("/sources/").text
    assert site.browser(Role.MANAGER).get("/sources/new").location == "/welcome/"


def test_the_form_has_the_fields_that_the_connector_declares(site: Site) -> None:
    page = site.browser(Role.ADMIN).get("/sources/new?network=standin").text
    assert 'name="option-base_url"' in page
    assert 'name="secret-token" type="password"' in page
    assert 'name="option-insecure"' in page
    assert 'name="option-insecure"' not in site.browser(Role.MANAGER).get("/sources/new?network=standin").text
    assert 'name="option-url"' in site.browser(Role.MANAGER).get("/sources/new?network=feed").text
    assert site.browser(Role.MANAGER).get("/sources/new?network=nowhere").status_code == 422


def test_a_source_is_added_and_its_secret_never_shown(site: Site) -> None:
    manager = site.browser(Role.MANAGER)
    answer = add(manager)
    assert (answer.status_code, answer.location) == (303, "/sources/")
    source = only(site)
    assert (source.interval_s, source.next_run_at, source.state) == (300, site.clock(), SourceState.NEW)
    assert Vault.in_folder(site.settings.data).open(source.secrets_sealed) == {"token": "norvik"}
    assert "Listening for Norvik …" in manager.get("/sources/").text
    form = manager.get(f"/sources/{source.id}/edit").text
    assert 'placeholder="stored"' in form
    assert 'value="norvik"' not in form


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"option__base_url": ""}, "option-base_url"),
        ({"option__base_url": "nonsense://x"}, "option-base_url"),
        ({"secret__token": ""}, "secret-token"),
        ({"interval": "1"}, "interval"),
    ],
)
def test_what_is_wrong_stands_at_its_field(site: Site, changes: dict[str, str], field: str) -> None:
    answer = add(site.browser(Role.MANAGER), option__mode="mentions", **changes)
    assert answer.status_code == 422
    assert f'id="f-{field}-about"' in answer.text
    assert 'role="alert"' in answer.text
    assert 'value="mentions"' in answer.text, "what was typed stays"
    assert 'value="norvik"' not in answer.text, "but secrets are not sent back"


def test_what_the_connector_says_of_the_whole_stands_on_top(site: Site) -> None:
    answer = add(site.browser(Role.MANAGER), option__mode="impossible")
    assert answer.status_code == 422
    assert "There is no such mode. Choose search." in answer.text


def test_only_an_admin_points_a_source_inside(site: Site) -> None:
    inside = {"option__base_url": "http://127.0.0.1:9"}
    refused = add(site.browser(Role.MANAGER), **inside)
    assert refused.status_code == 403
    about = refused.text.split('id="f-option-base_url-about"')[1].split("</div>")[0]
    assert "Managers may not let a source read this machine" in about
    assert 'value="http://127.0.0.1:9"' in refused.text, "what was typed stays"
    assert add(site.browser(Role.ADMIN), **inside).status_code == 303


def test_who_may_not_use_a_network_gets_a_sentence_and_no_form(site: Site) -> None:
    source_id = make(site, network="replay", options={"path": "sample.jsonl"})
    manager, admin = site.browser(Role.MANAGER), site.browser(Role.ADMIN)
    for path in ("/sources/new?network=replay", f"/sources/{source_id}/edit"):
        barred = manager.get(path)
        assert barred.status_code == 403
        assert "only admins set it up" in barred.text
        assert "option-path" not in barred.text
        assert 'name="option-path"' in admin.get(path).text
    assert manager.post(f"/sources/{source_id}", {"option-path": "/etc/passwd", "interval": "60"}).status_code == 403
    assert only(site).options == {"path": "sample.jsonl"}


def test_cards_tell_sources_of_one_network_apart_and_when_a_waiting_one_tries_again(site: Site) -> None:
    for host in ("one", "two"):
        make(site, network="feed", options={"url": f"https://{host}.example/feed.xml"})
    soon = site.clock() + timedelta(seconds=20)
    make(site, state=SourceState.WAITING, next_run_at=soon)
    page = site.browser(Role.AGENT).get("/sources/").text
    for host in ("one", "two"):
        assert f'<p class="source-options" dir="auto">https://{host}.example/feed.xml</p>' in page
    assert re.search(rf"<dt>Next try</dt><dd><time[^>]*>{soon:%H:%M}</time>", page)


def test_an_agent_changes_nothing(site: Site) -> None:
    source_id = make(site)
    agent = site.browser(Role.AGENT)
    for path in (
        "",
        f"{source_id}",
        *(f"{source_id}/{deed}" for deed in DEEDS),
    ):
        assert agent.post(f"/sources/{path}", GIVEN).status_code == 403, path
    for path in ("new", f"{source_id}/edit"):
        assert agent.get(f"/sources/{path}").status_code == 403, path
    page = agent.get("/sources/").text
    assert "Run now" not in page
    assert "Add a source" not in page


def test_every_button_needs_its_token(site: Site) -> None:
    source_id = make(site)
    admin = site.browser(Role.ADMIN)
    for path in (
        "",
        f"{source_id}",
        *(f"{source_id}/{deed}" for deed in DEEDS),
    ):
        assert admin.client.post(f"/sources/{path}", data=GIVEN).status_code == 400, path


def test_credentials_are_edited_and_the_source_runs_again(site: Site) -> None:
    manager = site.browser(Role.MANAGER)
    add(manager)
    with site.database.write() as session:
        session.scalars(select(Source)).one().state = SourceState.STOPPED
    form = {"option-base_url": PUBLIC, "interval": "60", "secret-token": "new"}
    assert manager.post(f"/sources/{only(site).id}", form).status_code == 303
    assert only(site).state == SourceState.NEW
    assert Vault.in_folder(site.settings.data).open(only(site).secrets_sealed) == {"token": "new"}
    wrong = manager.post(f"/sources/{only(site).id}", form | {"option-base_url": ""})
    assert wrong.status_code == 422
    assert "Server is missing." in wrong.text
    assert manager.get("/sources/99/edit").status_code == 404


def test_run_now_pause_and_resume(site: Site) -> None:
    source_id = make(site, next_run_at=site.clock() + timedelta(hours=1))
    manager = site.browser(Role.MANAGER)
    parts = manager.post(f"/sources/{source_id}/run", headers={"HX-Request": "true"}).text
    assert only(site).next_run_at == site.clock()
    assert "Mastodon for Norvik runs in a moment." in parts
    assert 'hx-swap-oob="beforeend:#flashes"' in parts
    manager.post(f"/sources/{source_id}/pause")
    assert only(site).state == SourceState.PAUSED
    assert "Resume" in manager.get("/sources/").text
    refused = manager.post(f"/sources/{source_id}/run", headers={"HX-Request": "true"})
    assert "This source is paused. Resume it first." in refused.text
    manager.post(f"/sources/{source_id}/resume")
    assert only(site).state == SourceState.NEW


def test_check_says_what_the_network_says(site: Site) -> None:
    manager = site.browser(Role.MANAGER)
    add(manager)
    to = f"/sources/{only(site).id}/check"
    good = manager.post(to, headers={"HX-Request": "true"})
    assert "Standin for Norvik: Stand-in answers. It is slow today." in good.text
    manager.post(
        f"/sources/{only(site).id}", {"option-base_url": PUBLIC, "interval": "60", "secret-token": "revoked"}
    )
    bad = manager.post(to, headers={"HX-Request": "true"})
    assert "Enter new credentials for this source." in bad.text
    assert "flash-error" in bad.text


def test_a_source_is_removed(site: Site) -> None:
    source_id = make(site)
    manager = site.browser(Role.MANAGER)
    assert manager.post(f"/sources/{source_id}/remove").status_code == 303
    assert "is removed; what it heard stays." in manager.get("/sources/").text
    assert manager.post(f"/sources/{source_id}/remove").status_code == 404


# --- brands ------------------------------------------------------------------------------------------------------


def test_a_brand_is_added_and_leads_to_its_first_source(site: Site) -> None:
    manager = site.browser(Role.MANAGER)
    form = {"name": "Pedalune", "query": "pedalune OR #pedalune", "products": "Luna, Sole", "competitors": "Norvik"}
    assert manager.post("/brands/", form).location == "/sources/new"
    page = manager.get("/brands/").text
    assert "pedalune OR #pedalune" in page
    assert "Sole" in page
    with site.database.read() as session:
        assert brands.named(session, "pedalune").products == ["Luna", "Sole"]


def test_the_wrong_place_in_a_query_is_marked(site: Site) -> None:
    manager = site.browser(Role.MANAGER)
    answer = manager.post("/brands/1", {"name": "Norvik", "query": "norvik OR (bikes"})
    assert answer.status_code == 422
    assert '<pre class="marked">norvik OR (bikes' in answer.text
    assert "norvik OR (bikes</textarea>" in answer.text
    live = manager.get("/brands/verdict?query=norvik+OR+(bikes").text
    assert '<pre class="marked">' in live
    assert "Looks for norvik, bikes." in manager.get("/brands/verdict?query=norvik+bikes+-sale").text
    assert manager.get("/brands/verdict?query=").text.strip() == ""


def test_a_brand_is_edited(site: Site) -> None:
    manager = site.browser(Role.MANAGER)
    assert 'value="Norvik"' in manager.get("/brands/1").text
    assert manager.post("/brands/1", {"name": "Norvik AB", "query": "norvik"}).location == "/brands/"
    assert "Norvik AB" in manager.get("/brands/").text
    assert manager.get("/brands/99").status_code == 404


def test_the_answer_goal_of_a_brand_is_set(site: Site) -> None:
    manager = site.browser(Role.MANAGER)
    assert 'value="240"' in manager.get("/brands/1").text
    form = {"name": "Norvik", "query": "norvik", "answer_goal": "90"}
    assert manager.post("/brands/1", form).location == "/brands/"
    assert 'value="90"' in manager.get("/brands/1").text
    answer = manager.post("/brands/1", form | {"answer_goal": "soon"})
    assert answer.status_code == 422 and "Enter minutes" in answer.text and 'value="soon"' in answer.text


def test_an_agent_only_looks_at_brands(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert agent.get("/brands/").status_code == 200
    for path in ("/brands/new", "/brands/1"):
        assert agent.get(path).status_code == 403
    for path in ("/brands/", "/brands/1"):
        assert agent.post(path, {"name": "x", "query": "x"}).status_code == 403
