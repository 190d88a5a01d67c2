"""The replay connector beyond the contract."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from listener.connector import ConnectorError, Page, Setup
from listener.connectors.replay import ReplayConnector
from tests.conftest import FakeClock


def row(number: int, moment: str, **fields: str) -> str:
    return json.dumps({"id": str(number), "text": "kestova", "created_at": moment, "author": "ada", **fields}) + "\n"


def moments(clock: FakeClock, *minutes: int) -> str:
    return "".join(row(n, (clock.now + timedelta(minutes=m)).isoformat()) for n, m in enumerate(minutes, 1))


def connect(path: Path, clock: FakeClock, **options: str) -> ReplayConnector:
    return ReplayConnector(Setup(options={"path": str(path), **options}, secrets={}, query=None, clock=clock))


def ids(pages: list[Page]) -> list[str]:
    return [post.external_id for page in pages for post in page.posts]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posts.jsonl"


def test_the_future_waits(path: Path, clock: FakeClock) -> None:
    path.write_text(moments(clock, -5, 0, 1, 1, 60))
    first = list(connect(path, clock).fetch({}))
    assert ids(first) == ["1", "2"]
    clock.advance(minutes=1)
    second = list(connect(path, clock).fetch(first[-1].cursor))
    assert ids(second) == ["3", "4"]
    assert ids(list(connect(path, clock).fetch(second[-1].cursor))) == []


def test_a_file_may_grow(path: Path, clock: FakeClock) -> None:
    path.write_text(moments(clock, -5))
    cursor = list(connect(path, clock).fetch({}))[-1].cursor
    with path.open("a") as file:
        file.write(row(9, clock.now.isoformat()))
    assert ids(list(connect(path, clock).fetch(cursor))) == ["9"]


def test_networks(path: Path, clock: FakeClock) -> None:
    path.write_text(row(1, "2026-11-01", network="reddit") + row(2, "2026-11-01"))
    (page,) = connect(path, clock).fetch({})
    assert [post.network for post in page.posts] == ["reddit", "replay"]
    (page,) = connect(path, clock, network="x").fetch({})
    assert [post.network for post in page.posts] == ["reddit", "x"]


@pytest.mark.parametrize(
    ("lines", "code", "kept"),
    [
        (row(1, "2026-11-01") + row(2, "2026-10-31"), "unsorted", ["1"]),
        (row(1, "2026-11-01") + "{broken\n", "bad_row", ["1"]),
        (row(1, "2026-11-01") + row(2, "yesterday"), "bad_row", ["1"]),
        (row(1, "2026-11-01") + "\udcff", "bad_row", ["1"]),
    ],
)
def test_a_bad_file_stops_behind_the_good_rows(
    path: Path, clock: FakeClock, lines: str, code: str, kept: list[str]
) -> None:
    path.write_text(lines, errors="surrogateescape")
    found: list[Page] = []
    with pytest.raises(ConnectorError) as caught:
        for page in connect(path, clock).fetch({}):
            found.append(page)  # noqa: PERF402 - what came before the error counts
    assert (caught.value.code, caught.value.permanent) == (code, True)
    assert caught.value.remedy
    assert ids(found) == kept
    with pytest.raises(ConnectorError, match=caught.value.message.split(":")[0]):
        list(connect(path, clock).fetch(found[-1].cursor))


def test_order_is_checked_across_a_restart(path: Path, clock: FakeClock) -> None:
    path.write_text(row(1, "2026-11-01"))
    cursor = list(connect(path, clock).fetch({}))[-1].cursor
    path.write_text(row(1, "2026-11-01") + row(2, "2026-10-31"))
    with pytest.raises(ConnectorError, match=r"Line 2 of .* is older"):
        list(connect(path, clock).fetch(cursor))


def test_batches(path: Path, clock: FakeClock) -> None:
    path.write_text(moments(clock, *range(-9, 0)))
    assert [len(page.posts) for page in connect(path, clock, batch="4").fetch({})] == [4, 4, 1]
    with pytest.raises(ConnectorError, match="batch"):
        connect(path, clock, batch="none")


def test_check(path: Path, clock: FakeClock) -> None:
    with pytest.raises(ConnectorError) as caught:
        connect(path, clock).check()
    assert (caught.value.code, caught.value.permanent) == ("unreadable", True)
    path.write_text("")
    assert connect(path, clock).check().warnings
    path.write_text(moments(clock, 5))
    assert not connect(path, clock).check().warnings
