"""What goes over the line is small, and is what was meant."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from tests.conftest import FakeClock
from tests.web.site import Browser, Site

PACKED = {"Accept-Encoding": "gzip, deflate, br"}
FILE = "/static/css/app.css"


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    yield site
    site.database.engine.dispose()


@pytest.fixture
def agent(site: Site) -> Browser:
    return site.browser()


def test_a_page_is_compressed_for_those_who_take_it(agent: Browser) -> None:
    plain, packed = agent.get("/contacts/"), agent.get("/contacts/", headers=PACKED)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert "<h1>Contacts</h1>" in gzip.decompress(packed.data).decode()
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_its_length_does_not_tell_what_is_in_it(agent: Browser) -> None:
    lengths = {len(agent.get("/contacts/", headers=PACKED).data) for _ in range(20)}
    assert max(lengths) - min(lengths) > 8


def test_a_file_is_compressed_and_not_sent_again(agent: Browser) -> None:
    packed = agent.get(FILE, headers=PACKED)
    assert packed.headers["Content-Encoding"] == "gzip"
    with agent.get(FILE) as plain:
        assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"].startswith("W/")
    with agent.get(FILE, headers=PACKED | {"If-None-Match": packed.headers["ETag"]}) as again:
        assert (again.status_code, again.data) == (304, b"")
    with agent.get(FILE, headers=PACKED | {"Range": "bytes=0-9"}) as part:
        assert (part.status_code, len(part.data), part.headers.get("Content-Encoding")) == (206, 10, None)


def test_a_file_that_changed_is_packed_anew(site: Site, agent: Browser, tmp_path: Path) -> None:
    site.app.static_folder = str(tmp_path)
    file = tmp_path / "some.css"
    for content in (b"a" * 2000, b"b" * 3000):
        file.write_bytes(content)
        assert gzip.decompress(agent.get("/static/some.css", headers=PACKED).data) == content


def test_little_is_left_as_it_is_and_so_is_what_is_not_there(agent: Browser, tmp_path: Path, site: Site) -> None:
    site.app.static_folder = str(tmp_path)
    (tmp_path / "little.css").write_bytes(b"a")
    with agent.get("/static/little.css", headers=PACKED) as answer:
        assert (answer.data, answer.headers.get("Content-Encoding")) == (b"a", None)
    assert agent.get("/static/none.css", headers=PACKED).status_code == 404


def test_a_stream_is_not_held_back(agent: Browser) -> None:
    answer = agent.get("/events", headers=PACKED, buffered=False)
    assert "Content-Encoding" not in answer.headers
    assert next(iter(answer.response)) == b"retry: 2000\n\n"
    answer.close()
