import re
from collections.abc import Iterator

import pytest

from config.settings import Settings
from engage.tables import Role, User
from tests.conftest import FakeClock
from tests.web.site import Site


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    yield site
    site.database.engine.dispose()


def test_an_admin_sees_everybody(site: Site) -> None:
    page = site.browser().get("/people/").text
    assert all(user.email in page for user in site.people.values())


@pytest.mark.parametrize("role", [Role.AGENT, Role.MANAGER])
@pytest.mark.parametrize(
    "path", ["/people/", "/people/1", "/people/1/deactivate", "/people/1/activate", "/people/1/password"]
)
def test_others_do_not_come_near(site: Site, role: Role, path: str) -> None:
    answer = site.browser(role).post(path, {"role": "admin", "team": "support"})
    assert answer.status_code == 403
    assert "may not manage users" in answer.text
    assert site.browser(role).get("/people/").status_code == 403


def test_a_person_is_added_with_a_made_up_password_that_works(site: Site) -> None:
    form = {"email": "New@Example.com", "name": "Nea", "role": "agent", "team": "marketing"}
    answer = site.browser().post("/people/", form)
    found = re.search(r'<code class="password">([^<]+)</code>', answer.text)
    assert found
    assert site.stranger().log_in("new@example.com", found[1]).status_code == 303
    assert found[1] not in site.browser().get("/people/").text


def test_a_person_is_added_with_a_given_password(site: Site) -> None:
    form = {"email": "new@example.com", "role": "agent", "team": "support", "password": "a given password"}
    assert site.browser().post("/people/", form).status_code == 303
    assert site.stranger().log_in("new@example.com", "a given password").status_code == 303


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "agent@example.com"}, "email"),
        ({"password": "short"}, "password"),
        ({"role": "king"}, "role"),
        ({"team": "sales"}, "team"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    site: Site, change: dict[str, str], field: str
) -> None:
    form = {"email": "new@example.com", "name": "Nea", "role": "agent", "team": "support"} | change
    answer = site.browser().post("/people/", form)
    assert answer.status_code == 422
    assert f'aria-describedby="f-{field}-about"' in answer.text
    assert 'value="Nea"' in answer.text


def test_role_and_team_are_changed(site: Site) -> None:
    agent_id = site.people[Role.AGENT].id
    assert site.browser().post(f"/people/{agent_id}", {"role": "manager", "team": "marketing"}).status_code == 303
    with site.database.read() as session:
        user = session.get_one(User, agent_id)
        assert (user.role, user.team) == ("manager", "marketing")
    assert site.browser().post("/people/99", {"role": "agent", "team": "support"}).status_code == 404


def test_a_person_is_switched_off_and_on_again(site: Site) -> None:
    admin, agent_id = site.browser(), site.people[Role.AGENT].id
    admin.post(f"/people/{agent_id}/deactivate")
    page = admin.get("/people/").text
    assert "agent cannot log in any more." in page
    assert f'action="/people/{agent_id}/activate"' in page
    assert site.stranger().log_in("agent@example.com").status_code == 401
    undone = admin.post(f"/people/{agent_id}/activate", headers={"HX-Request": "true"})
    assert undone.headers["HX-Redirect"] == "/people/"
    assert site.stranger().log_in("agent@example.com").status_code == 303


def test_the_last_admin_cannot_leave(site: Site) -> None:
    admin = site.browser()
    answer = admin.post(f"/people/{site.people[Role.ADMIN].id}/deactivate")
    assert answer.status_code == 422
    row = answer.text.split('class="row-error"')[1].split("</tr>")[0]
    assert "only active admin" in row
    assert 'id="rail"' in answer.text
    changed = admin.post(f"/people/{site.people[Role.ADMIN].id}", {"role": "agent", "team": "support"})
    assert changed.status_code == 422
    assert "only active admin" in changed.text.split('class="row-error"')[1].split("</tr>")[0]
    assert changed.text.count("only active admin") == 1
    assert admin.get("/people/").status_code == 200


def test_an_admin_sets_a_new_password_for_somebody(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    answer = site.browser().post(f"/people/{site.people[Role.AGENT].id}/password")
    found = re.search(r'<code class="password">([^<]+)</code>', answer.text)
    assert found
    assert agent.get("/account/").status_code == 302, "the old session is over"
    assert site.stranger().log_in("agent@example.com", found[1]).status_code == 303


def test_who_comes_from_another_network_logs_in_again_before_managing_people(site: Site) -> None:
    admin = site.browser()
    other = {"REMOTE_ADDR": "203.0.113.9"}
    assert admin.get("/sources/", environ_base=other).status_code == 200
    answer = admin.get("/people/", environ_base=other)
    assert answer.status_code == 302
    assert answer.location.startswith("/login")
    assert "log in again" in admin.get(answer.location, environ_base=other).text
