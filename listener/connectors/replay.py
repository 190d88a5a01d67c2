"""Replay: a file of posts, each released when its time has come. For the sample brand, demos and tests."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from config.errors import InvalidInputError
from listener.connector import ConnectorError, Cursor, Field, Health, Page, Setup
from listener.mention import Post
from listener.rows import RowError, parse_row, read_rows

BATCH = 1000


class ReplayConnector:
    """The posts of a file that are not in the future. The file must be sorted by created_at and may grow at its end.

    The cursor holds the last line that was released, and its moment.
    """

    network: ClassVar[str] = "replay"
    label: ClassVar[str] = "Replay"
    options: ClassVar[tuple[Field, ...]] = (
        Field("path", "File of posts", "JSONL or CSV, also .gz, sorted by created_at", required=True),
        Field("batch", "Posts in a page", default=str(BATCH)),
        Field("network", "Network that they show", "for posts that do not name one"),
    )
    secrets: ClassVar[tuple[Field, ...]] = ()
    keyless: ClassVar[bool] = True

    def __init__(self, setup: Setup) -> None:
        self._clock = setup.clock
        self._path = Path(setup.options["path"]).expanduser()
        self._batch = _batch(setup.options.get("batch") or str(BATCH))
        self._network = setup.options.get("network") or self.network

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """Whole batches, and then what is left: perhaps nothing."""
        posts: list[Post] = []
        state = dict(cursor)
        try:
            for line, post in self._released(cursor):
                posts.append(post)
                state = {"line": line, "at": post.created_at.isoformat()}
                if len(posts) == self._batch:
                    yield Page(tuple(posts), state)
                    posts = []
        except ConnectorError:
            yield Page(tuple(posts), state)
            raise
        yield Page(tuple(posts), state)

    def check(self) -> Health:
        """Read the first row."""
        try:
            first = next(read_rows(self._path), None)
        except InvalidInputError as error:
            raise _unreadable(error) from error
        if first is None:
            return Health(None, f"{self._path.name} is empty.", ("There is nothing to replay yet.",))
        self._post(*first)
        return Health(None, f"{self._path.name} can be read.")

    def _released(self, cursor: Cursor) -> Iterator[tuple[int, Post]]:
        """Posts behind the cursor whose time has come, with their lines."""
        now = self._clock()
        before = datetime.fromisoformat(cursor["at"]) if cursor else None
        try:
            for line, row in read_rows(self._path, cursor.get("line", 0), cursor.get("at", "")):
                post = self._post(line, row)
                if before and post.created_at < before:
                    raise self._unsorted(line)
                if post.created_at > now:
                    return
                before = post.created_at
                yield line, post
        except InvalidInputError as error:
            raise _unreadable(error) from error

    def _post(self, line: int, row: dict[str, object] | RowError) -> Post:
        try:
            if isinstance(row, RowError):
                raise row
            return parse_row(row, self._network)
        except RowError as error:
            raise ConnectorError(
                f"Line {line} of {self._path.name}: {error.message}",
                code="bad_row",
                permanent=True,
                remedy=error.remedy,
            ) from error

    def _unsorted(self, line: int) -> ConnectorError:
        return ConnectorError(
            f"Line {line} of {self._path.name} is older than the line before it.",
            code="unsorted",
            permanent=True,
            remedy="Sort the file by created_at, or load it at once with 'hearken import'.",
        )


def _batch(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ConnectorError(
            f"The option batch is {value!r}.", code="bad_option", permanent=True, remedy="Write a number above 0."
        )
    return int(value)


def _unreadable(error: InvalidInputError) -> ConnectorError:
    return ConnectorError(error.message, code="unreadable", permanent=True, remedy=error.remedy)
