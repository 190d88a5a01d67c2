"""The page of a storm: what it shows, and who may do what there."""

from collections.abc import Iterator

import pytest

from config.settings import Settings
from engage.storms import answers
from engage.storms.gather import gather_waiting
from engage.storms.tables import AnswerState, StormAnswer
from engage.tables import Role
from tests.conftest import FakeClock
from tests.engage.storms.test_gather import COPIES
from tests.factories import make_author, make_brand, make_conversation, make_mention
from tests.web.site import Browser, Site


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    installation = Site(settings, clock)
    yield installation
    installation.database.engine.dispose()


@pytest.fixture
def agent(site: Site) -> Browser:
    return site.browser(Role.AGENT)


@pytest.fixture
def manager(site: Site) -> Browser:
    return site.browser(Role.MANAGER)


@pytest.fixture
def storm_id(site: Site) -> int:
    with site.database.write() as session:
        brand = make_brand(session)
        for number in range(7):
            author = make_author(session, f"p{number}", followers=1000 + number)
            text = COPIES[number % len(COPIES)]
            one = make_conversation(session, brand, author, excerpt=text, first_at=site.clock(), last_at=site.clock())
            make_mention(session, one, text)
        gather_waiting(session, site.clock)
    return 1


def test_a_row_of_the_inbox_tells_of_the_others(site: Site, agent: Browser, storm_id: int) -> None:
    page = agent.get("/").text
    assert page.count("line-item") == 1
    assert "7 conversations say nearly the same · 7 authors" in page
    assert "7 in the last hour" in page
    assert agent.get(f"/?queue=all&storm={storm_id}").text.count("line-item") == 7
    assert f"/storms/{storm_id}" in agent.get("/c/7").text


def test_what_is_wrong_is_said_and_what_was_typed_stays(agent: Browser, storm_id: int) -> None:
    refused = agent.post(f"/storms/{storm_id}/answer", {"texts": "Only <one> wording", "pace": "30"})
    assert refused.status_code == 422
    assert "second wording" in refused.text
    assert "Only &lt;one&gt; wording" in refused.text
    assert agent.get("/storms/99").status_code == 404


def test_an_agent_writes_and_a_manager_decides(site: Site, agent: Browser, manager: Browser, storm_id: int) -> None:
    wordings = {"texts": ["Hello {{contact.first_name}}", "Good day"], "pace": "30"}
    sent = agent.post(f"/storms/{storm_id}/answer", wordings)
    assert sent.status_code == 303
    assert "Waits for approval" in agent.get(f"/storms/{storm_id}").text
    assert agent.post("/storms/answers/1/approve").status_code == 403
    assert manager.post("/storms/answers/1/approve").status_code == 303
    with site.database.read() as session:
        answer = session.get_one(StormAnswer, 1)
        assert (answer.state, answer.decided_by_id) == (AnswerState.SENDING, site.people[Role.MANAGER].id)
    with site.database.write() as session:
        answers.answer_waiting(session, site.clock)
    assert manager.post("/storms/answers/1/reject").status_code == 409
