"""Posts from a file into the database: good rows are kept batch by batch, bad ones are put aside with their reason.

Every batch is a transaction of its own and a post is stored once, so an import that broke off is simply run again.
"""

import errno
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from config.clock import Clock
from config.database import Database
from config.errors import InvalidInputError, StorageError
from listener.collect import SaveCount, save_posts
from listener.mention import Post
from listener.rows import RowError, parse_row, read_rows

BATCH = 1000
REASONS_KEPT = 100
"""How many reasons are handed back to be shown; all of them stand in the file of rejected rows."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of the rows of a file."""

    added: int
    known: int
    """Stored already, or twice in the file."""
    rejected: int
    reasons: tuple[tuple[int, str], ...] = ()
    """Line and reason of the first rejected rows."""
    rejected_path: Path | None = None
    """Where the rejected rows were written; None without any."""


def import_file(
    database: Database,
    path: Path,
    brand_id: int,
    network: str,
    clock: Clock,
    progress: Callable[[int], None] = lambda _: None,
    spare_folder: Path = Path(),
) -> ImportResult:
    """Store the posts of a file as mentions of a brand.

    `progress` is told the number of rows done, batch by batch. Bad rows go to FILE.rejected.jsonl beside the file, or
    into `spare_folder` where that cannot be written. Raises InvalidInputError where the file cannot be read (to its
    end), StorageError where the disk is full; what was stored before stays.
    """
    count = SaveCount()
    with Rejects(path, spare_folder) as rejects:
        for batch in _batches(path, network, rejects):
            with database.write() as session:
                count += save_posts(
                    session, batch.posts, brand_id=brand_id, source_id=None, network=network, now=clock()
                )
            progress(batch.rows)
    return ImportResult(
        added=count.added,
        known=count.known + count.updated,
        rejected=rejects.count,
        reasons=tuple(rejects.first),
        rejected_path=rejects.path if rejects.count else None,
    )


@dataclass(slots=True)
class _Batch:
    rows: int = 0
    """Good and bad ones."""
    posts: list[Post] = field(default_factory=list)


def _batches(path: Path, network: str, rejects: "Rejects") -> Iterator[_Batch]:
    """Posts in portions; where the file breaks off, those before the break come first."""
    batch = _Batch()
    try:
        for line, row in read_rows(path):
            batch.rows += 1
            try:
                if isinstance(row, RowError):
                    raise row
                batch.posts.append(parse_row(row, network))
            except RowError as error:
                rejects.add(line, error, row)
            if batch.rows == BATCH:
                yield batch
                batch = _Batch()
    except InvalidInputError:
        yield batch
        raise
    yield batch


class Rejects:
    """The file of rejected rows; made with the first one."""

    def __init__(self, path: Path, spare_folder: Path) -> None:
        self.path = path
        self.count = 0
        self.first: list[tuple[int, str]] = []
        name = f"{path.name}.rejected.jsonl"
        self._places = (path.parent / name, spare_folder / name)
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # every row was flushed as it came; what failed then is raised already
            if self._file:
                self._file.close()

    def add(self, line: int, error: RowError, row: object) -> None:
        """Put a row aside. Raises StorageError where it can be written nowhere."""
        self.count += 1
        if len(self.first) < REASONS_KEPT:
            self.first.append((line, str(error)))
        self._write({"line": line, "reason": str(error), "row": error.raw if row is error else row})

    def _write(self, entry: dict[str, Any]) -> None:
        try:
            self._file = self._file or self._open()
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
        except OSError as error:
            full = error.errno == errno.ENOSPC
            raise StorageError(
                f"{self.path} cannot be written: {'the disk is full' if full else error.strerror}.",
                "Make room, or copy the file to where you can write, and import it again: nothing is doubled.",
            ) from None

    def _open(self) -> IO[str]:
        beside, spare = self._places
        self.path = beside
        try:
            return beside.open("w", encoding="utf-8")
        except OSError:
            self.path = spare
            return spare.open("w", encoding="utf-8")
