import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from listener.bluesky_session import BlueskyApi
from listener.connector import ConnectorError, Setup
from tests.conftest import FakeClock
from tests.listener.slamming import slamming_server
from tests.listener.standins.bluesky import DID, BlueskyStandIn

PROFILE = "app.bsky.actor.getProfile"


@pytest.fixture
def server(clock: FakeClock) -> Iterator[BlueskyStandIn]:
    server = BlueskyStandIn(clock)
    with server:
        yield server


def ask(setup: Setup) -> object:
    return BlueskyApi(setup).query(PROFILE, {"actor": DID})["did"]


def test_a_process_logs_in_once(server: BlueskyStandIn) -> None:
    assert [ask(server.setup()) for _ in range(3)] == [DID] * 3
    assert server.logins == 1


def test_two_sources_that_start_together_log_in_once(server: BlueskyStandIn) -> None:
    threads = [threading.Thread(target=ask, args=(server.setup(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.logins == 1


def test_a_session_about_to_end_is_refreshed(server: BlueskyStandIn) -> None:
    server.expires_at = int(time.time()) + 60
    ask(server.setup())
    ask(server.setup())
    assert (server.logins, server.refreshes >= 1) == (1, True)


def test_a_dead_session_is_replaced(server: BlueskyStandIn) -> None:
    ask(server.setup())
    server.kill_tokens()
    assert ask(server.setup()) == DID
    assert ask(server.setup()) == DID
    assert server.logins == 2


def test_a_new_password_is_not_served_by_the_old_session(server: BlueskyStandIn) -> None:
    ask(server.setup())
    wrong = replace(server.setup(), secrets={**server.setup().secrets, "app_password": "wrong"})
    with pytest.raises(ConnectorError) as caught:
        ask(wrong)
    assert caught.value.permanent
    assert "app password" in caught.value.remedy


def test_a_check_logs_in_anew_and_leaves_nothing_behind(server: BlueskyStandIn) -> None:
    ask(server.setup())
    api = BlueskyApi(server.setup())
    api.log_in_anew()
    api.query(PROFILE, {"actor": DID})
    ask(server.setup())
    assert server.logins == 2


def test_the_allowance_is_remembered(server: BlueskyStandIn) -> None:
    api = BlueskyApi(server.setup())
    api.query(PROFILE, {"actor": DID})
    assert api.rate
    assert (api.rate.limit, api.rate.remaining) == (3000, 2990)
    assert api.rate.reset_at
    assert api.rate.reset_at.timestamp() == 1793610300


@pytest.mark.parametrize("missing", ["handle", "app_password"])
def test_without_an_account_there_is_no_session(server: BlueskyStandIn, missing: str) -> None:
    setup = replace(server.setup(), secrets={**server.setup().secrets, missing: ""})
    with pytest.raises(ConnectorError) as caught:
        BlueskyApi(setup)
    assert caught.value.permanent


def test_a_lost_connection_passes(server: BlueskyStandIn) -> None:
    with slamming_server() as url, pytest.raises(ConnectorError) as caught:
        ask(replace(server.setup(), options={"base_url": url}))
    assert (caught.value.code, caught.value.permanent) == ("connection_lost", False)
