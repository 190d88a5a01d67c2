import re
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from config.settings import Settings
from engage import users
from engage.tables import Role, User
from tests.conftest import FakeClock
from tests.web.site import PASSWORD, Site
from web.auth import own_path


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    yield site
    site.database.engine.dispose()


def test_nothing_is_open_but_the_login_static_files_and_signed_links(site: Site) -> None:
    stranger = site.stranger().client
    for rule in site.app.url_map.iter_rules():
        if rule.endpoint in {"static", "auth.login", "auth.log_in"} or rule.rule == "/healthz":
            continue
        if rule.endpoint.startswith(
            ("unsubscribe.", "shares.show", "shares.download")
        ):  # test_reports.py, test_shares.py
            continue
        path = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
        path = re.sub(r"<[^>]*>", "1", path)
        if "GET" in (rule.methods or set()):
            answer = stranger.get(path)
            assert answer.status_code == 302, path
            assert answer.location.startswith("/login")
        else:
            assert stranger.post(path).status_code in {400, 401}, path
    assert stranger.get("/login").status_code == 200
    with stranger.get("/static/css/tokens.css") as file:
        assert file.status_code == 200
    assert stranger.get("/no/such/page").status_code == 302


def test_scripts_and_htmx_get_a_401(site: Site) -> None:
    stranger = site.stranger().client
    assert stranger.get("/sources/", headers={"Accept": "application/json"}).status_code == 401
    answer = stranger.get(
        "/sources/cards", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/sources/"}
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login?next=/sources/")


def test_logging_in_leads_to_the_page_that_was_asked_for(site: Site) -> None:
    stranger = site.stranger()
    asked = stranger.get("/sources/?a=1&b=2")
    assert asked.location == "/login?next=/sources/?a%3D1%26b%3D2"
    assert 'value="/sources/?a=1&amp;b=2"' in stranger.get(asked.location).text
    answer = stranger.log_in("agent@example.com", next="/sources/?a=1&b=2")
    assert (answer.status_code, answer.location) == (303, "/sources/?a=1&b=2")
    assert stranger.get("/sources/").status_code == 200
    assert stranger.get("/login").location == "/"
    assert stranger.get("/login?next=/contacts/").location == "/contacts/"
    assert stranger.get("/login?next=//evil.example/").location == "/"


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/a\r\nb",
        "javascript:alert(1)",
        "evil",
        "",
        "/login",
        "/logout",
    ],
)
def test_only_own_paths_come_next(asked: str) -> None:
    assert own_path(asked) == ""


def test_own_paths_may_come_next() -> None:
    assert own_path("/c/7?queue=mine") == "/c/7?queue=mine"


@pytest.mark.parametrize(
    ("email", "password", "status", "field", "words"),
    [
        ("", PASSWORD, 422, "email", "Enter your e-mail address."),
        ("agent@example.com", "", 422, "password", "Enter your password."),
        ("agent@example.com", "wrong", 401, "password", "or the password is wrong."),
        ("nobody@example.com", PASSWORD, 401, "password", "or the password is wrong."),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    site: Site, email: str, password: str, status: int, field: str, words: str
) -> None:
    answer = site.stranger().log_in(email, password)
    assert answer.status_code == status
    assert words in answer.text
    assert f'aria-describedby="f-{field}-about"' in answer.text
    assert f'value="{email}"' in answer.text
    assert PASSWORD not in answer.text


def test_a_form_without_the_token_is_refused(site: Site) -> None:
    answer = site.stranger().client.post("/login", data={"email": "agent@example.com", "password": PASSWORD})
    assert answer.status_code == 400
    assert "too old to be sent" in answer.text


def test_tries_for_one_address_are_throttled_and_good_ones_do_not_count(site: Site) -> None:
    for _ in range(10):
        assert site.stranger().log_in("manager@example.com").status_code == 303
    stranger = site.stranger()
    for _ in range(8):
        assert stranger.log_in("agent@example.com", "wrong").status_code == 401
    answer = stranger.log_in(" AGENT@example.com", PASSWORD)
    assert answer.status_code == 429
    assert "There were too many tries." in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert stranger.log_in("manager@example.com").status_code == 303, "others get in"


def test_tries_from_one_machine_are_throttled(site: Site) -> None:
    stranger = site.stranger()
    statuses = [stranger.log_in(f"{number}@example.com", "").status_code for number in range(22)]
    assert statuses == [422] * 20 + [429] * 2


def test_logging_out_ends_the_session(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert agent.client.post("/logout").status_code == 400
    assert agent.post("/logout").location == "/login"
    assert agent.get("/sources/").status_code == 302


def test_a_session_planted_before_the_login_is_not_kept(site: Site) -> None:
    stranger = site.stranger()
    with stranger.client.session_transaction() as session:
        session["planted"] = "yes"
    stranger.log_in("agent@example.com")
    with stranger.client.session_transaction() as session:
        assert "planted" not in session


def test_whoever_is_switched_off_is_out_at_once(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert agent.get("/sources/").status_code == 200
    with site.database.write() as session:
        users.deactivate(session, site.people[Role.AGENT].id)
    assert agent.get("/sources/").status_code == 302


@pytest.mark.parametrize("kept", ["1", "x.0", "1.x", "99.0", "1.0.0", ""])
def test_a_session_that_names_nobody_is_nobodys(site: Site, kept: str) -> None:
    stranger = site.stranger()
    with stranger.client.session_transaction() as session:
        session["_user_id"] = kept
    assert stranger.get("/sources/").status_code == 302


def test_an_old_hash_is_renewed_at_the_login(site: Site) -> None:
    agent_id = site.people[Role.AGENT].id
    with site.database.write() as session:
        weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        session.get_one(User, agent_id).password_hash = weak
    site.browser(Role.AGENT)
    with site.database.read() as session:
        assert not users.has_old_hash(session.get_one(User, agent_id))


# --- one's own account -------------------------------------------------------------------------------------------


def test_a_new_password_keeps_this_browser_and_ends_the_others(site: Site) -> None:
    here, there = site.browser(Role.AGENT), site.browser(Role.AGENT)
    answer = here.post("/account/password", {"current": PASSWORD, "fresh": "another long one"})
    assert answer.status_code == 303
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert site.stranger().log_in("agent@example.com", "another long one").status_code == 303


@pytest.mark.parametrize(
    ("current", "fresh", "field"),
    [("wrong", "another long one", "current"), (PASSWORD, "short", "fresh"), ("", "", "current")],
)
def test_a_password_is_not_changed_without_the_present_one(site: Site, current: str, fresh: str, field: str) -> None:
    agent = site.browser(Role.AGENT)
    answer = agent.post("/account/password", {"current": current, "fresh": fresh})
    assert answer.status_code == 422
    assert f'aria-describedby="f-{field}-about"' in answer.text
    assert site.stranger().log_in("agent@example.com").status_code == 303


def test_the_name_is_changed(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert agent.post("/account/name", {"name": "Ada Moss"}).status_code == 303
    assert 'value="Ada Moss"' in agent.get("/account/").text
    assert agent.post("/account/name", {"name": "  "}).status_code == 422
