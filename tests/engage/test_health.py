from datetime import timedelta

import pytest

from config.database import Database
from engage.health import PATIENCE, reading_trouble
from tests.flow import NOON, add_brand, hear, post, read


@pytest.fixture(autouse=True)
def brand(database: Database) -> None:
    with database.write() as session:
        add_brand(session)


def told(database: Database, after: timedelta) -> str:
    """What is said so long after the posts were heard."""
    with database.read() as session:
        trouble = reading_trouble(session, NOON + after)
    return f"{trouble.message} {trouble.remedy}" if trouble else ""


def test_what_waits_for_long_is_told_with_what_to_do(database: Database) -> None:
    hear(database, post("p1"))
    assert told(database, PATIENCE / 2) == ""
    assert told(database, PATIENCE).startswith("A mention waits to be read, since 02 Nov 12:00 UTC.")
    hear(database, post("p2"))
    assert "2 mentions wait" in told(database, PATIENCE) and "hearken doctor" in told(database, PATIENCE)


def test_what_was_read_is_no_trouble(database: Database) -> None:
    assert told(database, PATIENCE) == ""
    hear(database, post("p1"))
    read(database)
    assert told(database, 10 * PATIENCE) == ""
