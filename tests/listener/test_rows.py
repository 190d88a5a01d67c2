"""Rows of files: what is taken, what is refused and how it is said."""

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InvalidInputError
from listener.rows import RowError, parse_row, read_rows

ROW: Mapping[str, object] = {
    "id": "7",
    "text": "kestova squeaks",
    "created_at": "2026-11-02T09:00:00+01:00",
    "author": "@ada",
}
CSV_HEAD = "id,text,created_at,author,likes\n"
CSV_ROW = "7,kestova squeaks,2026-11-02T08:00:00Z,ada,3\n"


def test_a_short_row() -> None:
    post = parse_row(ROW, "x")
    assert (post.external_id, post.text, post.network) == ("7", "kestova squeaks", "x")
    assert post.created_at == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert (post.author.handle, post.author.external_id, post.author.followers) == ("ada", "ada", None)
    assert (post.likes, post.shares, post.replies, post.addressed) == (0, 0, 0, False)


def test_a_full_row() -> None:
    extra = {
        "author_name": "Ada",
        "author_followers": "120",
        "author_website": "https://ada.example",
        "author_bio": "Rides",
        "url": "https://x.example/7",
        "in_reply_to": 6,
        "conversation": "5",
        "lang": "en",
        "likes": 3,
        "shares": 2.0,
        "replies": "",
        "network": "reddit",
        "addressed": "true",
        "unknown": ["ignored"],
    }
    post = parse_row({**ROW, **extra}, "x")
    assert (post.network, post.in_reply_to, post.thread, post.lang) == ("reddit", "6", "5", "en")
    assert (post.likes, post.shares, post.replies, post.addressed) == (3, 2, 0, True)
    assert post.url == "https://x.example/7"
    author = post.author
    assert (author.name, author.followers, author.website, author.bio) == ("Ada", 120, "https://ada.example", "Rides")


@pytest.mark.parametrize("name", ["id", "text", "created_at", "author"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_required_fields(name: str, value: str | None) -> None:
    with pytest.raises(RowError, match=f"{name} is missing") as caught:
        parse_row({**ROW, name: value}, "x")
    assert caught.value.field == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "x" * 301),
        ("id", {"a": 1}),
        ("id", True),
        ("text", ["a"]),
        ("author", "@"),
        ("created_at", "yesterday"),
        ("created_at", "2026-13-01"),
        ("created_at", "0001-01-01T00:00:00+14:00"),
        ("author_followers", -1),
        ("author_followers", "many"),
        ("likes", 2**31),
        ("likes", 1.5),
        ("likes", True),
        ("likes", float("inf")),
        ("likes", "nan"),
        ("shares", [1]),
        ("url", "javascript:alert(1)"),
        ("lang", "x" * 21),
        ("network", "x" * 41),
        ("addressed", "perhaps"),
    ],
)
def test_a_wrong_field_is_named(name: str, value: object) -> None:
    with pytest.raises(RowError) as caught:
        parse_row({**ROW, name: value}, "x")
    assert caught.value.field == name
    assert caught.value.message.startswith(name)
    assert caught.value.remedy


def test_a_moment_without_zone_is_utc() -> None:
    assert parse_row({**ROW, "created_at": "2026-11-02"}, "x").created_at == datetime(2026, 11, 2, tzinfo=UTC)


def test_what_databases_refuse_is_mended() -> None:
    post = parse_row({**ROW, "text": "a\0b \ud83d\ude00 \ud800"}, "x")
    assert post.text == "ab 😀 \ufffd"


@given(
    st.dictionaries(
        st.sampled_from([*ROW, "likes", "url", "addressed"]), st.none() | st.text() | st.integers() | st.floats()
    )
)
def test_any_row_is_taken_or_refused(row: dict[str, object]) -> None:
    try:
        assert parse_row(row, "x").external_id
    except RowError as error:
        assert error.field


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "A.JSONL"])
def test_json_lines(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, b'\xef\xbb\xbf{"id": 1}\n\n{"id": 2}')
    assert list(read_rows(path)) == [(1, {"id": 1}), (3, {"id": 2})]
    assert list(read_rows(path, after=1)) == [(3, {"id": 2})]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv(tmp_path: Path, name: str, delimiter: str) -> None:
    content = ("\ufeff" + CSV_HEAD + CSV_ROW + CSV_ROW).replace(",", delimiter)
    path = write(tmp_path / name, content.encode())
    rows = list(read_rows(path))
    assert [line for line, _ in rows] == [2, 3]
    assert rows[0][1] == {
        "id": "7",
        "text": "kestova squeaks",
        "created_at": "2026-11-02T08:00:00Z",
        "author": "ada",
        "likes": "3",
    }
    assert list(read_rows(path, after=2)) == rows[1:]


def test_a_csv_row_may_span_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", (CSV_HEAD + '1,"two\nlines",2026-11-02,ada,\n' + CSV_ROW).encode())
    assert [line for line, _ in read_rows(path)] == [3, 4]
    assert [line for line, _ in read_rows(path, after=3)] == [4]


def test_a_broken_line_is_one_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", b'{"id": 1}\n{"id":\n[1]\n' + b"[" * 100_000 + b'\n{"id": 2}\n')
    rows = list(read_rows(path))
    assert [line for line, _ in rows] == [1, 2, 3, 4, 5]
    assert [isinstance(row, RowError) for _, row in rows] == [False, True, True, True, False]


def test_a_broken_csv_row_is_one_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", (CSV_HEAD + '1,"a"b,2026-11-02,ada,\n' + CSV_ROW).encode())
    rows = list(read_rows(path))
    assert [isinstance(row, RowError) for _, row in rows] == [True, False]


def test_an_unknown_moment_is_that_of_the_row_before(tmp_path: Path) -> None:
    moments = [None, "2026-11-01", "nonsense", None, None, "2026-11-02"]
    path = write(tmp_path / "a.jsonl", b"".join(json.dumps({"created_at": m}).encode() + b"\n" for m in moments))
    found = [row["created_at"] for _, row in read_rows(path) if isinstance(row, dict)]
    assert found == [None, "2026-11-01", "nonsense", "2026-11-01", "2026-11-01", "2026-11-02"]
    assert next(row for _, row in read_rows(path, 3, "2026-10-31")) == {"created_at": "2026-10-31"}


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.txt", b"", "kind"),
        ("a.csv", b"", "no column id, text"),
        ("a.csv", b"id,text\n", "no column created_at, author"),
        ("a.csv", CSV_HEAD.encode() + b"\xff", "not UTF-8"),
        ("a.jsonl", b'"' + b"x" * 1_100_000, "longer than"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    with pytest.raises(InvalidInputError, match=word) as caught:
        list(read_rows(write(tmp_path / name, content)))
    assert not isinstance(caught.value, RowError)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "damage", [b"not gzip", gzip.compress((CSV_HEAD + CSV_ROW * 999).encode())[:-20], b"\x1f\x8b\x08" + b"\xff" * 30]
)
@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv.gz"])
def test_a_damaged_gzip_is_refused(tmp_path: Path, name: str, damage: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(damage)
    with pytest.raises(InvalidInputError, match="not a whole gzip file"):
        list(read_rows(path))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="No such file"):
        list(read_rows(tmp_path / "a.jsonl"))


def test_the_airline_posts_can_all_be_taken(shared_folder: Path) -> None:
    rows = read_rows(shared_folder / "data" / "airline_train.jsonl.gz")
    assert sum(bool(parse_row(row, "x").text) for _, row in rows if isinstance(row, dict)) == 10_111


def test_one_line_of_odd_bytes_is_one_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"id": "\xff"}\n{"id": "7"}\n')
    (first, bad), (second, good) = read_rows(path)
    assert (first, second) == (1, 2) and good == {"id": "7"}
    assert isinstance(bad, RowError) and "not UTF-8" in bad.message


def test_a_file_of_rejected_rows_can_be_read_again_once_mended(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.rejected.jsonl"
    mended = [{"line": 3, "reason": "id is missing", "row": ROW}, {"line": 4, "reason": "no", "row": json.dumps(ROW)}]
    path.write_text("".join(json.dumps(line) + "\n" for line in mended))
    assert [row for _, row in read_rows(path)] == [ROW, ROW]
