"""Server time and SQL statements of the inbox over many conversations. Prints one JSON object."""

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from config.database import Database
from config.settings import Settings
from engage.tables import Role
from tests.conftest import FakeClock
from tests.factories import START, WORDS, fill, make_brand, make_source, make_user
from tests.statements import statements
from tests.web.site import PASSWORD, Browser, hash_of_password
from web import create_app

ROUNDS = 60
FILTERS = (
    "team=support",
    "status=pending",
    "sentiment=negative",
    "intent=complaint",
    "network=x",
    "brand=1",
    "assignee=me",
)


def paths(count: int, dice: random.Random) -> dict[str, Callable[[], str]]:
    """A maker of addresses for each kind of page; the first is the baseline: a page that reads nothing."""
    return {
        "account page (baseline)": lambda: "/account/",
        "list": lambda: "/",
        "filter": lambda: f"/?queue=all&{'&'.join(dice.sample(FILTERS, 2))}",
        "open": lambda: f"/c/{dice.randrange(1, count + 1)}",
        "search": lambda: f"/?queue=all&q={dice.choice(WORDS)}+{dice.choice(WORDS)}",
    }


def prepared(folder: Path, count: int) -> tuple[Database, Browser]:
    """A database of `count` conversations, and somebody logged in."""
    settings = Settings(data=folder)
    database = Database(settings.url)
    database.migrate()
    with database.write() as session:
        people = [
            make_user(session, f"agent{number}", role=Role.AGENT, password_hash=hash_of_password())
            for number in range(5)
        ]
        brand = make_brand(session)
        make_source(session, brand)
        fill(session, count, users=people, brands=[brand])
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    clock = FakeClock()
    clock.now = START + timedelta(hours=1)
    browser = Browser(create_app(settings, database, clock).test_client())
    browser.log_in(people[0].email, PASSWORD)
    return database, browser


def timed(browser: Browser, path: str) -> float:
    """Milliseconds of server time for one request."""
    start = time.perf_counter()
    answer = browser.get(path)
    took = (time.perf_counter() - start) * 1000
    assert answer.status_code == 200, (path, answer.status_code)
    return took


def measured(database: Database, browser: Browser, count: int) -> Iterator[tuple[str, dict[str, float]]]:
    """p50, p95 and the most statements of each kind of page."""
    for name, path in paths(count, random.Random(7)).items():
        timed(browser, path())
        took = sorted(timed(browser, path()) for _ in range(ROUNDS))
        most = 0
        for _ in range(5):
            with statements(database) as said:
                browser.get(path())
            most = max(most, len(said))
        p95 = took[int(len(took) * 0.95) - 1]
        yield name, {"p50": statistics.median(took), "p95": p95, "statements": most}


def main(count: int) -> dict[str, dict[str, float]]:
    """All pages."""
    with tempfile.TemporaryDirectory() as name:
        database, browser = prepared(Path(name), count)
        found = dict(measured(database, browser, count))
        database.engine.dispose()
        return found


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
