"""Posts in files: JSON lines or CSV, plain or gzipped, one post a row. Pure but for reading; streaming.

Fields of a row: id, text, created_at (ISO 8601; UTC where no zone is given) and author are required; author_name,
author_followers, author_website, author_bio, url, in_reply_to, conversation, lang, likes, shares, replies, network
and addressed are optional; others are ignored. A created_at of null in JSON means that the source does not know it
any more: such a post takes the moment of the row before it.
"""

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from config.errors import InvalidInputError
from listener.mention import Account, Post, storable

KINDS = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz")
REQUIRED = ("id", "text", "created_at", "author")
MAX_LINE = 1024 * 1024
MAX_NUMBER = 2**31 - 1
SHORT, TINY = 300, 20
NETWORK = 40
REJECTED = {"line", "reason", "row"}
"""The fields that the import writes around a row that it refused."""
TRUE, FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no", ""})


class RowError(InvalidInputError):
    """One row cannot be taken; `field` names the field that is wrong, if it is one."""

    raw = ""
    """The line as it stands in the file, where no row could be made of it."""


def parse_row(row: Mapping[str, object], network: str) -> Post:
    """The post of a row. `network` is that of rows which don't name one. Raises RowError."""
    handle = _required(row, "author", SHORT).lstrip("@")
    if not handle:
        raise _wrong("author", "is missing", "Give every row one.")
    return Post(
        external_id=_required(row, "id", SHORT),
        author=Account(
            external_id=handle,
            handle=handle,
            name=_text(row, "author_name", SHORT),
            followers=_number(row, "author_followers"),
            website=_text(row, "author_website"),
            bio=_text(row, "author_bio"),
        ),
        text=_required(row, "text"),
        created_at=_moment(row),
        network=_text(row, "network", NETWORK) or network,
        url=_address(row),
        thread=_text(row, "conversation", SHORT),
        in_reply_to=_text(row, "in_reply_to", SHORT),
        lang=_text(row, "lang", TINY),
        likes=_number(row, "likes") or 0,
        shares=_number(row, "shares") or 0,
        replies=_number(row, "replies") or 0,
        addressed=_truth(row, "addressed"),
    )


def _required(row: Mapping[str, object], name: str, max_length: int = 0) -> str:
    value = _text(row, name, max_length)
    if not value:
        raise _wrong(name, "is missing", "Give every row one.")
    return value


def _text(row: Mapping[str, object], name: str, max_length: int = 0) -> str:
    value = row.get(name)
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _wrong(name, f"is {_shown(value)}, not text", "Write it in quotation marks.")
        value = str(value)
    value = storable(value).strip()
    if max_length and len(value) > max_length:
        raise _wrong(name, f"has {len(value)} characters", f"Use at most {max_length}.")
    return value


def _moment(row: Mapping[str, object]) -> datetime:
    value = _required(row, "created_at")
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise _wrong(
            "created_at", f"is {_shown(value)}, which is no moment", "Write it like 2026-11-02T09:00:00Z."
        ) from None


def _number(row: Mapping[str, object], name: str) -> int | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    if type(value) is not int:
        value = _whole(name, value)
    if not 0 <= value <= MAX_NUMBER:
        raise _wrong(name, f"is {_shown(value)}", f"Use a whole number from 0 to {MAX_NUMBER}.")
    return value


def _whole(name: str, value: object) -> int:
    try:
        if isinstance(value, (str, float)) and not isinstance(value, bool) and float(value).is_integer():
            return int(float(value))
    except (ValueError, OverflowError):
        pass  # the same complaint as for any other thing that is no number
    raise _wrong(name, f"is {_shown(value)}, not a whole number", "Write digits only, or leave it empty.")


def _truth(row: Mapping[str, object], name: str) -> bool:
    value = row.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    word = str(value).strip().lower()
    if word not in TRUE | FALSE:
        raise _wrong(name, f"is {_shown(value)}", "Write true or false.")
    return word in TRUE


def _address(row: Mapping[str, object]) -> str:
    value = _text(row, "url")
    if value and not value.startswith(("https://", "http://")):
        raise _wrong("url", f"is {_shown(value)}", "Begin it with https:// or leave it empty.")
    return value


def _wrong(name: str, complaint: str, remedy: str) -> RowError:
    return RowError(f"{name} {complaint}.", remedy, field=name)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "…"


def read_rows(path: Path, after: int = 0, moment: str = "") -> Iterator[tuple[int, dict[str, object] | RowError]]:
    """Each row of a file with the number of its line (its last one, where a CSV row spans several).

    Lines up to `after` are passed over cheaply; `moment` is the created_at of that line. A line that is no row is
    yielded as the RowError that says why.
    Raises InvalidInputError where the file itself cannot be read.
    """
    if not path.name.lower().endswith(KINDS):
        raise InvalidInputError(f"{path.name} is of no kind known here.", f"Its name must end in {', '.join(KINDS)}.")
    is_csv = path.name.lower().removesuffix(".gz").endswith(".csv")
    with _opened(path) as file:
        yield from _csv_rows(file, path, after) if is_csv else _json_rows(file, path, after, moment)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as plain:
            is_gzip = path.name.lower().endswith(".gz")
            yield cast(BinaryIO, gzip.GzipFile(fileobj=plain)) if is_gzip else plain
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path} is not UTF-8 text.", "Save it as UTF-8 and try again.") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InvalidInputError(
            f"{path} is not a whole gzip file.", "Copy or download it again: the present one is damaged."
        ) from None
    except OSError as error:
        raise InvalidInputError(
            f"{path} cannot be read: {error.strerror or error}.", "Check the path and its rights."
        ) from None


def _json_rows(
    file: BinaryIO, path: Path, after: int, moment: str
) -> Iterator[tuple[int, dict[str, object] | RowError]]:
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise InvalidInputError(
                f"Line {number} of {path} is longer than {MAX_LINE:,} bytes.", "Put each post on a line of its own."
            )
        if number > after and line.strip():
            row = _decoded_row(line.removeprefix(codecs.BOM_UTF8))
            if isinstance(row, dict):
                moment = _fill_moment(row, moment)
            yield number, row


def _fill_moment(row: dict[str, object], before: str) -> str:
    """Give a row of unknown moment the one before it. Returns the moment for the next such row."""
    if before and "created_at" in row and row["created_at"] is None:
        row["created_at"] = before
    try:
        datetime.fromisoformat(str(row["created_at"]))
        return str(row["created_at"])
    except (KeyError, ValueError):
        return before


def _decoded_row(line: bytes) -> dict[str, object] | RowError:
    try:
        return _json_row(line.decode().strip())
    except UnicodeDecodeError:
        return _no_row(line.decode("utf-8", "replace").strip(), "This line is not UTF-8 text.", "Save it as UTF-8.")


def _json_row(text: str) -> dict[str, object] | RowError:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return _no_row(text, "This line is not JSON.", "Write one JSON object on each line.")
    if not isinstance(row, dict):
        return _no_row(text, "This line is no object.", "Write it as {…}.")
    return _unwrapped(row)


def _unwrapped(row: dict[str, object]) -> dict[str, object] | RowError:
    """The row within a line of a file of rejected rows, mended in its place; any other row as it is."""
    if set(row) != REJECTED:
        return row
    inner = row["row"]
    return inner if isinstance(inner, dict) else _json_row(str(inner))


def _no_row(text: str, message: str, remedy: str) -> RowError:
    error = RowError(message, remedy)
    error.raw = text
    return error


def _csv_rows(file: BinaryIO, path: Path, after: int) -> Iterator[tuple[int, dict[str, object] | RowError]]:
    with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        header = text.readline(MAX_LINE)
        delimiter = max(",;\t", key=header.count)
        names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])]
        if missing := [name for name in REQUIRED if name not in names]:
            raise InvalidInputError(
                f"{path} has no column {', '.join(missing)}.", "Name the columns in the first line of the file."
            )
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        while True:
            try:
                values = next(reader, None)
            except csv.Error as error:
                yield reader.line_num + 1, RowError(f"This row is no CSV: {error}.", "Check its quotation marks.")
                continue
            if values is None:
                return
            if values and reader.line_num + 1 > after:
                yield reader.line_num + 1, dict(zip(names, values, strict=False))
