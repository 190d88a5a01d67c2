"""Light or dark, roomy or dense: kept for this browser."""

from collections.abc import Iterator

import pytest

from config.settings import Settings
from tests.conftest import FakeClock
from tests.web.site import Browser, Site


@pytest.fixture
def agent(settings: Settings, clock: FakeClock) -> Iterator[Browser]:
    site = Site(settings, clock)
    yield site.browser()
    site.database.engine.dispose()


def test_one_is_kept_without_the_other(agent: Browser) -> None:
    assert 'data-theme="auto" data-density="comfortable"' in agent.get("/account/").text
    agent.post("/appearance", {"density": "compact"})
    assert 'data-theme="auto" data-density="compact"' in agent.get("/account/").text
    agent.post("/appearance", {"theme": "dark"})
    assert 'data-theme="dark" data-density="compact"' in agent.get("/account/").text
    agent.post("/appearance", {"theme": "light", "density": "comfortable"})
    assert 'data-theme="light" data-density="comfortable"' in agent.get("/account/").text


def test_without_a_choice_the_next_theme_comes(agent: Browser) -> None:
    agent.post("/appearance")
    assert 'data-theme="light"' in agent.get("/account/").text


@pytest.mark.parametrize("form", [{"theme": "pink"}, {"density": "huge"}])
def test_an_unknown_one_is_refused(agent: Browser, form: dict[str, str]) -> None:
    answer = agent.post("/appearance", form)
    assert answer.status_code == 422
    assert "There is no such appearance." in answer.text
    assert "Choose" in answer.text


def test_the_account_page_offers_both(agent: Browser) -> None:
    agent.post("/appearance", {"density": "compact"})
    assert '<input type="radio" name="density" value="compact" checked>' in agent.get("/account/").text
