"""Which pieces of a long work this process has in hand, so that others take the next ones.

A claim needs no row and no open write transaction, and dies with its process: nothing has to time out. It only saves
work; whoever stores a result checks whether it is still wanted.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy import Connection, Engine, func, select

from config.database import Database


class Claims(Protocol):
    """The claims of one run."""

    def take(self, piece: int) -> bool:
        """Whether nobody else has this piece; then it is ours."""
        ...

    def drop(self, piece: int) -> None:
        """Let others take it again."""
        ...


@contextmanager
def claims_on(database: Database, work: str) -> Iterator[Claims]:
    """Claims on the pieces of a work, seen by every process of this database, all dropped at the end."""
    claims = (
        _FileClaims(f"{database.engine.url.database}-{work}")
        if database.is_sqlite
        else _AdvisoryClaims(database.engine, work)
    )
    try:
        yield claims
    finally:
        claims.close()


class _FileClaims:
    """A piece is one locked byte of an empty file beside the database. Threads of one process are not kept apart."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self, piece: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, piece)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:
            return True  # this file system knows no locks: work may be done twice
        return True

    def drop(self, piece: int) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, piece)

    def close(self) -> None:
        os.close(self._file)


class _AdvisoryClaims:
    """A piece is an advisory lock of PostgreSQL, held by a transaction that does nothing else."""

    def __init__(self, engine: Engine, work: str) -> None:
        self._engine = engine
        self._work = work
        self._held: dict[int, Connection] = {}

    def take(self, piece: int) -> bool:
        connection = self._engine.connect()
        key = func.hashtext(f"{self._work} {piece}")
        ours = bool(connection.scalar(select(func.pg_try_advisory_xact_lock(func.hashtext("claims"), key))))
        if ours:
            self._held[piece] = connection
        else:
            connection.close()
        return ours

    def drop(self, piece: int) -> None:
        self._held.pop(piece).close()  # its transaction ends, and the lock with it

    def close(self) -> None:
        for piece in list(self._held):
            self.drop(piece)
