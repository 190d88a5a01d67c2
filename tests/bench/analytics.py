"""How fast the counts are made anew, and the server time of each analytics page. Prints one JSON object.

`python -m tests.bench.analytics 1000000 [postgresql://…]`: mentions over two years, in an empty database.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from config.database import Database
from config.settings import Settings
from engage import rollups
from engage.tables import Contact, Conversation, Role, Status, Team
from listener.tables import Author, Brand, Mention, Stage
from nlp.reading import About, Intent, Sentiment
from nlp.tables import ReadingRow
from tests.bench.inbox import timed
from tests.conftest import FakeClock
from tests.factories import NETWORKS, START, WORDS, make_brand, make_user
from tests.web.site import PASSWORD, Browser, hash_of_password
from web import create_app
from web.figures import TABS

ROUNDS = 7
BATCH = 20_000
AUTHORS = 20_000
DAYS = 730
LANGUAGES = ("en", "de", "fr", "es")
ENTITIES: tuple[list[Any], ...] = (
    [],
    [["brand", "Norvik", 0, 6]],
    [["brand", "Norvik", 0, 6], ["competitor", "Ost", 9, 12]],
    [["competitor", "West", 0, 4]],
)


def fill(database: Database, count: int, days: float = DAYS) -> None:
    """One brand, its mentions evenly over so many days, each in a conversation of its own."""
    dice = random.Random(7)
    with database.write() as session:
        make_user(session, "agent", role=Role.AGENT, password_hash=hash_of_password())
        brand = make_brand(session)
        brand_id = brand.id
        people = range(1, min(AUTHORS, count) + 1)
        moment = START - timedelta(days=days)
        account = {"url": "", "website": "", "bio": "", "avatar_url": "", "first_heard_at": moment, "network": "x"}
        names = [{"id": n, "name": f"user {n}"} for n in people]
        session.execute(
            insert(Author),
            [{**name, **account, "external_id": f"a{name['id']}", "handle": f"u{name['id']}"} for name in names],
        )
        session.execute(insert(Contact), [{**name, "tags": [], "created_at": moment} for name in names])
    for start in range(1, count + 1, BATCH):
        rows = [_row(n, count, days, brand_id, dice) for n in range(start, min(start + BATCH, count + 1))]
        with database.write() as session:
            for table, part in ((Conversation, 0), (Mention, 1), (ReadingRow, 2)):
                session.execute(insert(table), [row[part] for row in rows])


def _row(number: int, count: int, days: float, brand_id: int, dice: random.Random) -> tuple[dict[str, Any], ...]:
    at = START - timedelta(days=days) * (1 - number / count)
    network, language = dice.choice(NETWORKS), dice.choices(LANGUAGES, (85, 5, 5, 5))[0]
    sentiment, intent = dice.choice(list(Sentiment)), dice.choice(list(Intent))
    author_id = dice.randrange(1, min(AUTHORS, count) + 1)
    text = " ".join(dice.choices(WORDS, k=dice.randrange(6, 30)))
    shared = {"network": network, "thread": f"t{number}", "author_id": author_id, "brand_id": brand_id}
    read = {"sentiment": sentiment, "intent": intent, "urgency": 0.2, "language": language}
    conversation = {
        "id": number, **shared, **read, "contact_id": author_id, "status": dice.choice(list(Status)),
        "team": Team.SUPPORT, "tags": [], "excerpt": text[:280], "mention_count": 1, "why": {}, "first_at": at,
        "last_at": at, "changed_at": at, "answered_at": at if dice.random() < 0.4 else None,
    }  # fmt: skip
    mention = {
        "id": number, **shared, "external_id": f"m{number}", "text": text, "url": "", "in_reply_to": "",
        "lang": language, "likes": 0, "shares": 0, "replies": 0, "reach": dice.randrange(9000), "addressed": True,
        "reply_ref": {}, "created_at": at, "heard_at": at, "stage": Stage.ROUTED, "conversation_id": number,
    }  # fmt: skip
    reading = {
        "mention_id": number, **read, "p_negative": 0.3, "p_neutral": 0.3, "p_positive": 0.4, "p_intent": {},
        "entities": dice.choice(ENTITIES), "about": About.BRAND, "model": "vader-rules/1", "read_at": at,
    }  # fmt: skip
    return conversation, mention, reading


def pages(browser: Browser) -> Iterator[tuple[str, float]]:
    """The slower half's bound of each tab, over four weeks and over all two years."""
    for name, query in (("4 weeks", "range=28"), ("2 years", f"from={(START - timedelta(days=DAYS)).date()}")):
        for tab in TABS:
            path = f"/analytics/{tab}?{query}"
            timed(browser, path)
            yield f"{tab}, {name}", statistics.median(timed(browser, path) for _ in range(ROUNDS))


def main(count: int, url: str = "") -> dict[str, Any]:
    """All of it, on SQLite unless an address is given."""
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(data=Path(name))
        database = Database(url or settings.url)
        database.migrate()
        fill(database, count)
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
        start = time.perf_counter()
        with database.write() as session:
            counted = rollups.rebuild(session)
        took = time.perf_counter() - start
        assert counted == count
        with database.write() as session:
            session.get_one(ReadingRow, count).sentiment = Sentiment.POSITIVE
            session.get_one(Brand, 1).products = ["Nor One"]
        start = time.perf_counter()
        with database.write() as session:
            rollups.roll_waiting(session)
        day = time.perf_counter() - start
        clock = FakeClock()
        browser = Browser(create_app(settings, database, clock).test_client())
        browser.log_in("agent@example.com", PASSWORD)
        found = {"rebuild": count / took, "one day ms": day * 1000, "pages": dict(pages(browser))}
        database.engine.dispose()
        return found


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), *sys.argv[2:3])))
