from collections.abc import Iterator

import pytest

from config.settings import Settings
from engage.approvals import policies
from engage.tables import Role
from tests.conftest import FakeClock
from tests.factories import make_brand
from tests.web.site import Browser, Site

FORM = {"role": "agent", "team": "support", "network": "x", "brand": "", "approver": "manager"}
SENTENCE = "Replies by agents of Support on X for any brand need approval by a manager."


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    with site.database.write() as session:
        make_brand(session, "Norvik & <Sons>")
    yield site
    site.database.engine.dispose()


@pytest.fixture
def manager(site: Site) -> Browser:
    return site.browser(Role.MANAGER)


def test_agents_have_no_business_here(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    assert agent.get("/approvals/").status_code == 403
    assert agent.post("/approvals/", FORM).status_code == 403
    assert 'href="/approvals/"' not in agent.get("/").text


def test_a_policy_reads_as_a_sentence(manager: Browser) -> None:
    assert "Nothing yet" in manager.get("/approvals/").text
    assert SENTENCE in manager.post("/approvals/", FORM, follow_redirects=True).text
    of_brand = FORM | {"brand": "1", "team": "", "role": "", "network": "", "approver": "admin"}
    page = manager.post("/approvals/", of_brand, follow_redirects=True).text
    assert "Replies by everybody on any network for Norvik &amp; &lt;Sons&gt; need approval by an admin." in page


def test_what_is_removed_can_be_brought_back(site: Site, manager: Browser) -> None:
    manager.post("/approvals/", FORM)
    page = manager.post("/approvals/1/remove", follow_redirects=True).text
    assert "Removed." in page and 'name="team" value="support"' in page and f'<span dir="auto">{SENTENCE}' not in page
    answer = manager.post("/approvals/", FORM, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/approvals/"
    with site.database.read() as session:
        assert len(policies.all_policies(session)) == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"network": "fax"}, "no such network"),
        ({"brand": "99"}, "no such brand"),
        ({"brand": "x"}, "no such brand"),
        ({"team": "legal"}, "no such choice"),
        ({"approver": "agent"}, "Agents cannot approve"),
        ({"role": "admin"}, "A manager cannot approve"),
    ],
)
def test_what_is_wrong_is_said_and_the_form_stays(manager: Browser, wrong: dict[str, str], says: str) -> None:
    answer = manager.post("/approvals/", FORM | wrong)
    assert answer.status_code == 422 and says in answer.text
    assert '<option value="support" selected>' in answer.text or "team" in wrong


def test_the_same_twice_is_refused(manager: Browser) -> None:
    manager.post("/approvals/", FORM)
    assert "already" in manager.post("/approvals/", FORM).text


def test_the_setting_is_told(settings: Settings, clock: FakeClock) -> None:
    site = Site(settings.model_copy(update={"approval_required": True}), clock)
    assert "the setting <code>approval_required</code>" in site.browser(Role.MANAGER).get("/approvals/").text
    site.database.engine.dispose()
