"""What every test may ask for."""

import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import engage.alert_tables
import engage.analytics_tables
import engage.answers.tables
import engage.approvals.tables
import engage.influence_tables
import engage.list_tables
import engage.report.tables
import engage.storms.tables
import engage.tables
import engage.team_tables
import engage.together.tables  # noqa: F401 (the whole schema, whatever part a test is about)
from config.database import Database
from config.settings import Settings
from tests.servers import Postgres, find_postgres, find_redis, run_redis

SHARED = Path(__file__).resolve().parents[2] / "shared"
REAL_CONNECT = socket.socket.connect
REAL_CONNECT_EX = socket.socket.connect_ex
REAL_GETADDRINFO = socket.getaddrinfo

hypothesis.settings.register_profile(
    "hearken",
    deadline=None,
    derandomize=os.environ.get("HEARKEN_TEST_ALL") == "1",
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("hearken")


def skip_or_fail(reason: str) -> None:
    """Skip for want of a part; under HEARKEN_TEST_ALL=1 that is a failure."""
    if os.environ.get("HEARKEN_TEST_ALL") == "1":
        pytest.fail(f"HEARKEN_TEST_ALL=1, yet: {reason}")
    pytest.skip(reason)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        """Move on by a timedelta's arguments."""
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that only moves when told."""
    return FakeClock()


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of real data and recorded answers beside the project."""
    if not SHARED.is_dir():
        skip_or_fail("the folder ../shared with recorded answers is not here")
    return SHARED


# --- nothing from outside reaches a test ----------------------------------------------------------------------------


def _is_local(host: str) -> bool:
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse_far(sock: socket.socket, address: Any) -> None:
    """Let only loopback pass. Not an OSError, which the code under test might handle as a network trouble."""
    if sock.family in {socket.AF_INET, socket.AF_INET6} and not _is_local(str(address[0])):
        sock.close()
        raise RuntimeError(f"a test tried to reach {address[0]}; only loopback is open")


def _connect(sock: socket.socket, address: Any) -> None:
    _refuse_far(sock, address)
    REAL_CONNECT(sock, address)


def _connect_ex(sock: socket.socket, address: Any) -> int:
    _refuse_far(sock, address)
    return REAL_CONNECT_EX(sock, address)


def _getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    """Names of other machines cannot be found; addresses and names of this one are looked up as ever."""
    name = host.decode() if isinstance(host, bytes) else host or ""
    if _is_local(name) or _is_address(name):
        return REAL_GETADDRINFO(host, *args, **kwargs)
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known (tests look up no names)")


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def closed_off() -> Iterator[None]:
    """Only loopback can be reached, and the settings of whoever runs the tests do not count."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _connect)
        patch.setattr(socket.socket, "connect_ex", _connect_ex)
        patch.setattr(socket, "getaddrinfo", _getaddrinfo)
        for name in os.environ:
            if name.startswith("HEARKEN_") and name != "HEARKEN_TEST_ALL":
                patch.delenv(name)
        yield


# --- settings and databases -----------------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults, with a fresh data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return Settings(data=folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "hearken.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A throw-away PostgreSQL server with a migrated template, stopped and removed at the end."""
    programs = find_postgres()
    if programs is None:
        skip_or_fail("PostgreSQL is not installed")
        return
    with Postgres(programs) as server:
        _migrate(server.new_database(template="template0", name=Postgres.TEMPLATE))
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis server that keeps nothing on disk; shared by all tests, so use keys of your own."""
    program = find_redis()
    if program is None:
        skip_or_fail("Redis is not installed")
        return
    with run_redis(program) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh, migrated database: once SQLite, once PostgreSQL."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    path = request.getfixturevalue("tmp_path") / "hearken.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database: once SQLite, once PostgreSQL."""
    database = Database(database_url)
    yield database
    database.engine.dispose()


@pytest.fixture
def sqlite_database(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    """A fresh, migrated SQLite database, for what does not depend on which it is."""
    path = tmp_path / "hearken.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.engine.dispose()


def _migrate(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.engine.dispose()
