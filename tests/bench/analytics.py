"""How fast the counts are made anew, and the server time of each page of the analytics. Prints one JSON object.

`python -m tests.bench.analytics 1000000 sqlite` or `… postgres`: so many mentions over two years.
Beside the time on the wall stands the processor's time, ours and that of PostgreSQL's backends: on a machine that
others use too it is what a page would take alone.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from config.database import Database
from config.settings import INFLUENCE_WEIGHTS, Settings
from engage import alerts, rollups, team_rollups
from engage.influence import rate_all
from listener.tables import Mention
from nlp.reading import Sentiment
from nlp.tables import ReadingRow
from tests.bench.history import DAYS, fill
from tests.bench.inbox import timed
from tests.conftest import FakeClock
from tests.factories import START
from tests.servers import Postgres, find_postgres
from tests.web.site import PASSWORD, Browser
from web import create_app
from web.tabs import TABS

ROUNDS = 5
TICK = os.sysconf("SC_CLK_TCK")


def meter(database: Database) -> Callable[[], float]:
    """Reads the seconds of processor time that we and the database's server have used."""
    if database.is_sqlite:
        return time.process_time
    with database.read() as session:
        backend = session.connection().connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
    server = _stat(backend)[1]
    return lambda: time.process_time() + _work_of(server)


def _stat(pid: int) -> list[int]:
    """The numbers of /proc/PID/stat from the state on: [0] its letter left out, [1] the parent, [11] ticks used …"""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    return [0, *map(int, fields[1:])]


def _work_of(server: int) -> float:
    """Of its backends, those that ended included."""
    ticks = sum(_stat(server)[13:15])
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            numbers = _stat(int(folder.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += sum(numbers[11:13]) if numbers[1] == server else 0
    return ticks / TICK


@contextmanager
def _taking(work: Callable[[], float], into: dict[str, Any], name: str) -> Iterator[None]:
    start, used = time.perf_counter(), work()
    yield
    into[name] = {"wall": time.perf_counter() - start, "work": work() - used}


def paths(database: Database, count: int) -> Iterator[tuple[str, str]]:
    """Each screen: the tabs over four weeks and over two years, influencers, alerts, and the way into the inbox."""
    since = (START - timedelta(days=DAYS)).date()
    for name, query in (("4 weeks", "range=28"), ("2 years", f"from={since}")):
        for tab in TABS:
            yield f"{tab}, {name}", f"/analytics/{tab}?{query}"
    yield "overview of one network, 2 years", f"/analytics/overview?from={since}&network=x"
    with database.read() as session:
        author = session.get_one(Mention, count).author_id
    yield "influencers", "/influencers/"
    yield "influencers, rising, of one language", "/influencers/?sort=rising&language=en"
    yield "one influencer", f"/influencers/1/{author}"
    yield "alerts", "/alerts/"
    until = f"/?queue=all&brand=1&to={START.date()}"
    yield "inbox: a day's mentions", f"{until}&from={START.date()}"
    yield "inbox: two years' negative ones", f"{until}&from={since}&sentiment=negative"
    yield "inbox: answered late, two years", f"{until}&from={since}&begun=1&outcome=late"
    yield "inbox: four weeks' negative ones", f"{until}&from={(START - timedelta(days=27)).date()}&sentiment=negative"


def pages(database: Database, settings: Settings, count: int) -> dict[str, Any]:
    """The shortest of ROUNDS for each screen, after one to warm up, in milliseconds."""
    work = meter(database)
    clock = FakeClock()
    clock.now = START + timedelta(minutes=1)
    browser = Browser(create_app(settings, database, clock).test_client())
    browser.log_in("agent@example.com", PASSWORD)
    found = {}
    for name, path in paths(database, count):
        timed(browser, path)
        used = work()
        walls = [timed(browser, path) for _ in range(ROUNDS)]
        found[name] = {"wall": min(walls), "work": 1000 * (work() - used) / ROUNDS}
    return found


def measured(database: Database, settings: Settings, count: int) -> dict[str, Any]:
    """Everything, of a database that is filled."""
    work = meter(database)
    found: dict[str, Any] = {}
    with _taking(work, found, "rebuild"), database.write() as session:
        counted = rollups.rebuild(session)
    assert counted == count
    with _taking(work, found, "team"), database.write() as session:
        team_rollups.rebuild(session)
    with database.write() as session:
        session.get_one(ReadingRow, count).sentiment = Sentiment.POSITIVE
    with _taking(work, found, "day"), database.write() as session:
        assert rollups.roll_waiting(session) == 1
    rate_all(database, 1, INFLUENCE_WEIGHTS, lambda: START)
    with _taking(work, found, "watch"):
        alerts.watch_brand(database, settings, 1, START)
    return found | {"pages": pages(database, settings, count)}


@contextmanager
def filled(kind: str, count: int) -> Iterator[tuple[Database, Settings]]:
    """A database of that kind with so many mentions, gone at the end."""
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(data=Path(name))
        if kind == "sqlite":
            database = Database(settings.url)
            yield from _filled(database, settings, count)
            return
        programs = find_postgres()
        if programs is None:
            sys.exit("PostgreSQL is not installed")
        with Postgres(programs) as server:
            yield from _filled(Database(server.new_database("template0")), settings, count)


def _filled(database: Database, settings: Settings, count: int) -> Iterator[tuple[Database, Settings]]:
    database.migrate()
    fill(database, count)
    yield database, settings
    database.engine.dispose()


if __name__ == "__main__":
    with filled(sys.argv[2], int(sys.argv[1])) as (database_, settings_):
        print(json.dumps(measured(database_, settings_, int(sys.argv[1]))))
