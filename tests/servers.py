"""Throw-away servers for tests: their own folder, their own socket or free port, gone at the end.

Each runs in a session of its own, so that a Ctrl-C reaches the tests only, which then stop it in order.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Self

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

START_WAIT_S = 60.0


def free_port() -> int:
    """A TCP port of loopback that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], what: str) -> None:
    """Return as soon as `ready`; fail the test after START_WAIT_S."""
    deadline = time.monotonic() + START_WAIT_S
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come about in {START_WAIT_S:.0f} s")
        time.sleep(0.02)


def find_postgres() -> Path | None:
    """The folder of the newest PostgreSQL server's programs, if there is one."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    config = shutil.which("pg_config")
    if config:
        folders.insert(0, Path(subprocess.check_output([config, "--bindir"], text=True).strip()))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


class Postgres:
    """A PostgreSQL server that listens on a Unix socket only, and forgets everything."""

    TEMPLATE: ClassVar[str] = "hearken_template"

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._names = count()
        self._server: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root; Debian's package brings a user for it.
        self._as: dict[str, Any] = (
            {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        )

    def __enter__(self) -> Self:
        # Not pytest's folder: that one is closed to other users, and socket paths must be short.
        self._folder = Path(tempfile.mkdtemp(prefix="hearken-pg-"))
        try:
            self._start()
            wait_until(self._answers, "a PostgreSQL server")
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        if self._as:
            shutil.chown(self._folder, "postgres", "postgres")
        data = self._folder / "data"
        options = ["--username=hearken", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run(
            [self._programs / "initdb", f"--pgdata={data}", *options],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            **self._as,
        )
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "200",
        }
        with (self._folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
                **self._as,
            )

    def _answers(self) -> bool:
        if self._server and self._server.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start: {(self._folder / 'log').read_text()}")
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def __exit__(self, *_: object) -> None:
        try:
            if self._server:
                self._server.send_signal(signal.SIGINT)  # "fast": open connections are cut
                self._server.wait(START_WAIT_S)
        finally:
            shutil.rmtree(self._folder)

    def _connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(host=str(self._folder), user="hearken", dbname="postgres", autocommit=True)

    def new_database(self, template: str = TEMPLATE, name: str = "") -> str:
        """The URL of a fresh database: a copy of `template`, by default the migrated one (template0: empty)."""
        name = name or f"test_{next(self._names)}"
        with self._connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )
        return f"postgresql+psycopg://hearken@/{name}?host={self._folder}"

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = make_url(url).database or ""
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def find_redis() -> str | None:
    """The Redis server program, if there is one."""
    return shutil.which("redis-server")


@contextmanager
def run_redis(program: str, port: int = 0) -> Iterator[str]:
    """A Redis server on a (free) port of loopback that keeps nothing on disk; yields its URL."""
    port = port or free_port()
    server = subprocess.Popen(
        [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
        start_new_session=True,
    )
    try:
        wait_until(lambda: _listens(port), "a Redis server")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(START_WAIT_S)


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
