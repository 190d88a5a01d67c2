"""A session that neither follows, nor tries again, nor raises what is not ours."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest
import requests

from listener.connector import ConnectorError, Setup
from listener.http import status_error
from listener.sessions import NetworkSession, may_have_arrived
from tests.conftest import FakeClock
from tests.listener.standins import Answer, Request, StandIn


class Echo(StandIn):
    """Answers 200 with a word."""

    network = "echo"

    def setup(self) -> Setup:
        return self.make_setup()

    def answer(self, request: Request) -> Answer:
        return Answer(200, b"echo", {"x-ratelimit-remaining": "7", "x-ratelimit-reset": "60"})


@pytest.fixture
def echo(clock: FakeClock) -> Iterator[Echo]:
    with Echo(clock) as server:
        yield server


def session(clock: FakeClock, base_url: str = "", hidden_headers: tuple[str, ...] = ()) -> NetworkSession:
    def refusal(response: requests.Response) -> ConnectorError:
        return status_error(response.status_code, response.headers, clock, label="Echo")

    return NetworkSession("Echo", clock, refusal, timeout_s=0.4, base_url=base_url, hidden_headers=hidden_headers)


def error_of(made: NetworkSession, method: str, url: str) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        made.request(method, url)
    return caught.value


def test_the_host_is_replaced_and_path_and_query_kept(echo: Echo, clock: FakeClock) -> None:
    session(clock, f"{echo.url}/api").get("https://far.example/2/posts?a=1", params={"b": "2"})
    (request,) = echo.requests
    assert (request.path, dict(request.query)) == ("/api/2/posts", {"a": "1", "b": "2"})


def test_hidden_headers_are_read_and_not_passed_on(echo: Echo, clock: FakeClock) -> None:
    made = session(clock, hidden_headers=("X-RateLimit-Remaining",))
    answer = made.get(echo.url)
    assert "x-ratelimit-remaining" not in answer.headers
    assert "x-ratelimit-reset" in answer.headers
    assert made.rate is not None
    assert made.rate.remaining == 7


def test_a_redirect_is_a_refusal(echo: Echo, clock: FakeClock) -> None:
    echo.fail_next(302, {"Location": f"{echo.url}/elsewhere"})
    assert error_of(session(clock), "GET", echo.url).code == "http_302"
    assert len(echo.requests) == 1


def test_proxies_and_netrc_of_the_environment_are_left_alone(
    echo: Echo, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("default login someone password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    session(clock).get(echo.url, headers={"Authorization": "Bearer ours"})
    assert echo.requests[0].headers["authorization"] == "Bearer ours"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_there_is_one_try(echo: Echo, clock: FakeClock, method: str, status: int) -> None:
    echo.fail_next(status)
    error_of(session(clock), method, echo.url)
    assert len(echo.requests) == 1


def test_nobody_listening_means_that_nothing_arrived(echo: Echo, clock: FakeClock) -> None:
    echo.close()
    error = error_of(session(clock), "POST", echo.url)
    assert error.code == "unreachable"
    assert not may_have_arrived(error)


def test_a_wrong_certificate_means_that_nothing_arrived(echo: Echo, clock: FakeClock) -> None:
    error = error_of(session(clock), "POST", echo.url.replace("http://", "https://"))
    assert error.code == "unreachable"
    assert not may_have_arrived(error)


def test_silence_may_mean_that_it_arrived(echo: Echo, clock: FakeClock) -> None:
    echo.slow = True
    error = error_of(session(clock), "POST", echo.url)
    assert error.code == "timeout"
    assert may_have_arrived(error)


def test_a_connection_that_breaks_may_mean_that_it_arrived(clock: FakeClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        made = session(clock)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        error = _broken_off(made, server, address)
    assert error.code == "connection_lost"
    assert may_have_arrived(error)


def _broken_off(made: NetworkSession, server: socket.socket, address: str) -> ConnectorError:
    """The error of a request whose connection is closed once it was read."""

    def hang_up() -> None:
        connection, _ = server.accept()
        connection.recv(65536)
        connection.close()

    thread = Thread(target=hang_up)
    thread.start()
    try:
        return error_of(made, "POST", address)
    finally:
        thread.join()


@pytest.mark.parametrize(
    ("status", "maybe"),
    [(400, False), (401, False), (403, False), (408, True), (429, False), (500, True), (503, True)],
)
def test_only_a_clear_refusal_means_that_nothing_was_done(clock: FakeClock, status: int, maybe: bool) -> None:
    assert may_have_arrived(status_error(status, {}, clock, label="Echo")) is maybe
