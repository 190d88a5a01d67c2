"""One polite GET: what can go wrong on the way."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from listener.connector import ConnectorError, Setup
from listener.fetch import as_json, fetch
from listener.http import client
from tests.conftest import FakeClock
from tests.listener.standins import Answer, Request, StandIn


class Site(StandIn):
    """Answers whatever it is told."""

    network = "site"

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.next = Answer(200, b"hello")

    def setup(self) -> Setup:
        return self.make_setup()

    def answer(self, request: Request) -> Answer:
        return self.next


@pytest.fixture
def site(clock: FakeClock) -> Iterator[Site]:
    with Site(clock) as stand_in:
        yield stand_in


def get(site: Site, **options: int) -> bytes:
    with client(site.url, timeout_s=0.4) as http:
        return fetch(http, site.url + "/a", label="The site", clock=site.clock, **options).body


def code(site: Site, **options: int) -> str:
    with pytest.raises(ConnectorError) as caught:
        get(site, **options)
    assert "The site" in caught.value.message
    return caught.value.code


def test_a_body_arrives(site: Site) -> None:
    assert get(site) == b"hello"
    assert site.requests[0].headers["user-agent"].startswith("Hearken")


def test_size_is_bounded(site: Site) -> None:
    assert get(site, max_bytes=5) == b"hello"
    assert code(site, max_bytes=4) == "too_large"


def test_endless_redirects(site: Site) -> None:
    site.next = Answer(302, headers={"Location": "/again"})
    assert code(site) == "bad_redirect"


def test_a_redirect_to_what_is_no_web_address(site: Site) -> None:
    site.next = Answer(302, headers={"Location": "ftp://127.0.0.1/"})
    assert code(site) == "bad_redirect"


def test_a_body_that_is_not_as_encoded_as_it_says(site: Site) -> None:
    site.next = Answer(200, b"hello", {"Content-Encoding": "gzip"})
    assert code(site) == "malformed"


def test_no_json(site: Site) -> None:
    with client(site.url) as http, pytest.raises(ConnectorError, match="cannot be understood"):
        as_json(fetch(http, site.url, label="The site", clock=site.clock), "The site")
