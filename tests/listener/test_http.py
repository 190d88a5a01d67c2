from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from listener import http
from listener.connector import ConnectorError
from tests.conftest import FakeClock


@pytest.fixture
def server() -> Iterator[str]:
    """A server on loopback that answers `hello`, or redirects to where its path says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            target = self.path.partition("?to=")[2]
            self.send_response(302 if target else 200)
            if target:
                self.send_header("Location", target)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


# --- addresses ---------------------------------------------------------------------------------------------------


def test_loopback_may_be_plain() -> None:
    assert http.safe_base_url("http://127.0.0.1:8080/") == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "url", ["http://93.184.215.14", "https://10.0.0.1", "https://169.254.169.254/latest", "https://[fd00::1]/"]
)
def test_plain_and_private_addresses_need_insecure(url: str) -> None:
    with pytest.raises(ConnectorError, match="insecure=true") as caught:
        http.safe_base_url(url)
    assert caught.value.permanent
    assert http.safe_base_url(url, insecure=True)


@pytest.mark.parametrize("url", ["", "kestova", "ftp://example.org", "file:///etc/passwd", "https://"])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ConnectorError, match="not a web address"):
        http.safe_base_url(url, insecure=True)


def test_an_unknown_host_is_a_passing_trouble() -> None:
    with pytest.raises(ConnectorError) as caught:
        http.safe_base_url("https://no-such-host.invalid")
    assert (caught.value.code, caught.value.permanent) == ("unreachable", False)


def test_a_client_for_loopback_reaches_loopback(server: str) -> None:
    with http.client(server) as client:
        assert client.get(server).text == "hello"


def test_a_client_for_the_outside_never_reaches_inside(server: str) -> None:
    with http.client("https://93.184.215.14") as client, pytest.raises(ConnectorError) as caught:
        client.get(server)
    assert caught.value.code == "bad_address"


def test_a_redirect_does_not_lead_into_a_private_network(server: str) -> None:
    with http.client(server) as client, pytest.raises(ConnectorError) as caught:
        client.get(f"{server}/?to=http://169.254.169.254/")
    assert caught.value.code == "bad_address"


# --- waiting -----------------------------------------------------------------------------------------------------


def test_every_way_to_say_when(clock: FakeClock) -> None:
    later = clock() + timedelta(seconds=90)
    for said in ("90", str(int(later.timestamp())), later.isoformat(), format_datetime(later, usegmt=True)):
        assert http.wait_seconds({"Retry-After": said}, clock) == pytest.approx(90, abs=1), said
    for name in ("x-rate-limit-reset", "X-RateLimit-Reset", "ratelimit-reset"):
        assert http.wait_seconds({name: str(int(later.timestamp()))}, clock) == pytest.approx(90, abs=1), name
    assert http.wait_seconds({}, clock) is None
    assert http.wait_seconds({"Retry-After": "soon"}, clock) is None
    assert all(http.wait_seconds({"Retry-After": odd}, clock) is None for odd in ("nan", "inf", "1e20"))
    assert http.wait_seconds({"Retry-After": "Mon, 02 Nov 2026 08:00:00 GMT"}, clock) == 0, "in the past"


def test_an_allowance_in_any_spelling(clock: FakeClock) -> None:
    rate = http.rate_state({"X-RateLimit-Remaining": "298.0", "X-RateLimit-Limit": "300"}, clock)
    assert rate is not None and (rate.remaining, rate.limit, rate.reset_at) == (298, 300, None)
    assert http.rate_state({"content-type": "text/html"}, clock) is None
    odd = http.rate_state({"x-rate-limit-remaining": "many", "x-rate-limit-reset": "1780000000"}, clock)
    assert odd is not None and odd.remaining is None and odd.reset_at == datetime.fromtimestamp(1_780_000_000, UTC)


# --- what a status means -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True),
        (401, True),
        (403, True),
        (404, True),
        (410, True),
        (408, False),
        (429, False),
        (500, False),
        (503, False),
    ],
)
def test_the_status_alone_decides(clock: FakeClock, status: int, permanent: bool) -> None:
    error = http.status_error(status, {}, clock, label="X", detail="token expired, rate limit, try again")
    assert error.permanent is permanent and error.remedy
    assert error.code == ("rate_limited" if status == 429 else f"http_{status}")
