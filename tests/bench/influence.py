"""Rating authors in a made world: time, memory, and whether planted hubs come first and planted bots do not.

`python -m tests.bench.influence 1000000` prints one JSON object. The world lies in SQLite: a million authors, five
million mentions that each answer somebody's mention, a hundred hubs whom many strangers answer, and rings of 200 bots
with bought followers and made-up reactions who answer one another and, to look busy, the hubs. One ring in three
copies its texts, one posts within two hours, one does neither.
"""

import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from config.database import Database
from config.settings import INFLUENCE_WEIGHTS, Settings
from engage.influence import rate_all, rate_new
from engage.influence_tables import Influence
from tests.factories import WORDS, make_brand

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
YEAR_S = 365 * 86_400
NETWORKS = ("x", "mastodon", "reddit")
HUBS, RING, TIES_IN_RING, TIES_TO_HUBS = 100, 200, 30, 5
TIES_EACH = 5
SAYINGS = 500
TOP, FORBIDDEN = 50, 500
BITE = 50_000


@dataclass(frozen=True)
class World:
    """Who is what: hubs have the first ids, bots the last."""

    authors: int

    @property
    def bots(self) -> int:
        """Three rings at least, one for each kind."""
        return max(3, self.authors // 50_000) * RING

    @property
    def first_bot(self) -> int:
        """From this id on they are bots."""
        return self.authors - self.bots + 1


def made(world: World, dice: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    """Who answers whom, TIES_EACH times the authors."""
    people = np.arange(1, world.first_bot)
    pull = dice.lognormal(0, 1, people.size)
    pull[:HUBS] = pull[HUBS:].sum() / 3 * dice.dirichlet(np.full(HUBS, 3.0))
    rest = TIES_EACH * world.authors - world.bots * (TIES_IN_RING + TIES_TO_HUBS) - people.size
    sources = np.concatenate([people, dice.choice(people, rest)])
    targets = dice.choice(people, sources.size, p=pull / pull.sum())
    bots = np.arange(world.first_bot, world.authors + 1)
    rings = (bots - world.first_bot) // RING * RING + world.first_bot
    inside = np.repeat(rings, TIES_IN_RING) + dice.integers(RING, size=bots.size * TIES_IN_RING)
    loud = np.repeat(bots, TIES_TO_HUBS)
    sources = np.concatenate([sources, np.repeat(bots, TIES_IN_RING), loud])
    targets = np.concatenate([targets, inside, dice.integers(1, HUBS + 1, size=loud.size)])
    order = dice.permutation(sources.size)
    return sources[order], targets[order]


def fill(path: Path, world: World) -> None:
    """The world in a migrated database. Triggers and two indexes wait until it is there."""
    dice = np.random.default_rng(7)
    database = sqlite3.connect(path)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
        database.execute(f"PRAGMA {pragma}")
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    for (name,) in database.execute(triggers).fetchall():
        database.execute(f"DROP TRIGGER {name}")
    waiting = "SELECT name, sql FROM sqlite_master WHERE name IN ('ix_mention_author', 'ix_mention_brand')"
    indexes = database.execute(waiting).fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    sources, targets = made(world, dice)
    _insert(database, "author", AUTHOR, AUTHOR_ALIKE, author_rows(world, dice))
    _insert(database, "mention", MENTION, MENTION_ALIKE, mention_rows(world, sources, targets, 1, dice))
    for _, sql in indexes:
        database.execute(sql)
    _read(database, 0)
    database.commit()
    database.execute("PRAGMA journal_mode=WAL")
    database.close()


def author_rows(world: World, dice: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Followers: few for people, many for hubs, bought for bots, none known on the last network."""
    followers = dice.lognormal(5.5, 1.8, world.authors)
    followers[:HUBS] = dice.lognormal(11, 1, HUBS)
    followers[world.first_bot - 1 :] = dice.uniform(20_000, 500_000, world.bots)
    for number, count in enumerate(followers.astype(int).tolist(), start=1):
        network = network_of(world, number)
        known = None if network == "reddit" else count
        yield number, network, f"a{number}", f"user{number}", f"User {number}", known


def network_of(world: World, author: int) -> str:
    """All bots are on X, and the hubs on the first two networks."""
    if author >= world.first_bot:
        return "x"
    return NETWORKS[author % 2] if author <= HUBS else NETWORKS[author % 3]


def mention_rows(
    world: World, sources: NDArray[Any], targets: NDArray[Any], first_id: int, dice: np.random.Generator
) -> Iterator[tuple[Any, ...]]:
    """One mention a tie, which answers the target's first mention. All on one network, as answers are."""
    size = sources.size
    opening = np.zeros(world.authors + 1, np.int64)
    opening[sources[::-1]] = np.arange(first_id + size - 1, first_id - 1, -1)
    is_bot, is_hub = sources >= world.first_bot, sources <= HUBS
    ring = (sources - world.first_bot) // RING
    likes = dice.lognormal(0.5, 1.2, size) * np.where(is_hub, 40, 1) + is_bot * dice.uniform(200, 2_000, size)
    shares = dice.lognormal(-1, 1, size) * np.where(is_hub, 40, 1) + is_bot * dice.uniform(50, 500, size)
    age = dice.uniform(0, YEAR_S, size)
    age = np.where(is_bot & (ring % 3 == 1), ring * 50_000 % YEAR_S + age % 7_200, age)
    said = dice.integers(SAYINGS, size=(size, 3))
    said[is_bot & (ring % 3 == 0)] %= 2
    sayings = [" ".join(dice.choice(WORDS, 6)) for _ in range(SAYINGS)]
    columns = (sources, opening[targets], likes.astype(int), shares.astype(int), moments(age), *said.T)
    number = first_id
    for place in range(0, size, BITE):
        lists = [column[place : place + BITE].tolist() for column in columns]
        for author, answered, liked, shared, at, one, two, three in zip(*lists, strict=True):
            text = f"{sayings[one]} {sayings[two]}, {sayings[three]}"
            parent = f"{answered:09}" if answered else ""
            yield number, f"{number:09}", author, text, parent, liked, shared, shared, at.replace("T", " ")
            number += 1


MENTION = ("id", "external_id", "author_id", "text", "in_reply_to", "likes", "shares", "replies", "created_at")
MENTION_ALIKE = {
    "brand_id": 1,
    "network": "x",
    "url": "",
    "thread": "",
    "lang": "en",
    "addressed": 0,
    "reply_ref": "{}",
    "heard_at": "2026-11-02 09:00:00.000000",
    "stage": "routed",
}
AUTHOR = ("id", "network", "external_id", "handle", "name", "followers")
AUTHOR_ALIKE = {"url": "", "website": "", "bio": "", "avatar_url": "", "first_heard_at": "2025-11-02 09:00:00.000000"}


def moments(ages: NDArray[Any]) -> NDArray[Any]:
    """So many seconds ago, in ISO 8601."""
    now = np.datetime64(NOW.replace(tzinfo=None), "us")
    return np.datetime_as_string(now - (ages * 1e6).astype("timedelta64[us]"))


def _insert(
    database: sqlite3.Connection,
    table: str,
    names: tuple[str, ...],
    alike: dict[str, Any],
    rows: Iterator[tuple[Any, ...]],
) -> None:
    marks = ", ".join([*"?" * len(names), *(repr(value) for value in alike.values())])
    statement = f"INSERT INTO {table} ({', '.join([*names, *alike])}) VALUES ({marks})"  # noqa: S608 (our own)
    database.executemany(statement, rows)


def _read(database: sqlite3.Connection, after: int) -> None:
    database.execute(
        """INSERT INTO reading (mention_id, sentiment, p_negative, p_neutral, p_positive, intent, p_intent, urgency,
             language, entities, about, model, read_at)
           SELECT id, iif(id % 3, 'neutral', 'negative'), 0.3, 0.4, 0.3, 'other', '{}', 0.1,
             iif(id % 5, 'en', 'de'), '[]', iif(id % 4, 'brand', 'nobody'), 'made/1', heard_at
           FROM mention WHERE id > ?""",
        (after,),
    )


def add_a_day(path: Path, world: World) -> int:
    """The mentions of one more day; their number."""
    dice = np.random.default_rng(8)
    count = TIES_EACH * world.authors // 365
    database = sqlite3.connect(path)
    last = int(database.execute("SELECT max(id) FROM mention").fetchone()[0])
    sources = dice.integers(1, world.authors + 1, count)
    rows = mention_rows(world, sources, np.zeros(count, int), last + 1, dice)
    _insert(database, "mention", MENTION, MENTION_ALIKE, rows)
    database.execute(
        "UPDATE mention SET in_reply_to = printf('%09d', 1 + abs(random()) % ?) WHERE id > ?", (last, last)
    )
    _read(database, last)
    database.commit()
    database.close()
    return count


def measured(folder: Path, world: World) -> dict[str, float]:
    """Seconds (on the wall, and of work) and MiB of a full run and a day, and how the planted ones came out."""
    database = Database(Settings(data=folder).url)
    start, work = time.perf_counter(), time.process_time()
    rate_all(database, 1, INFLUENCE_WEIGHTS, lambda: NOW)
    full, full_work = time.perf_counter() - start, time.process_time() - work
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ranks = planted(database, world)
    count = add_a_day(folder / "hearken.db", world)
    start, work = time.perf_counter(), time.process_time()
    rate_new(database, 1, INFLUENCE_WEIGHTS, lambda: NOW)
    day, day_work = time.perf_counter() - start, time.process_time() - work
    return {
        "full_s": full,
        "full_cpu_s": full_work,
        "peak_mib": peak,
        "day_s": day,
        "day_cpu_s": day_work,
        "day_mentions": count,
        **ranks,
    }


def planted(database: Database, world: World) -> dict[str, float]:
    """The share of hubs among the first TOP, and the rank of the first bot."""
    with database.read() as session:
        top = session.scalars(select(Influence.author_id).order_by(Influence.score.desc()).limit(TOP)).all()
        best = select(func.max(Influence.score)).where(Influence.author_id >= world.first_bot).scalar_subquery()
        before = session.scalar(select(func.count()).where(Influence.score > best)) or 0
    return {"precision": sum(author <= HUBS for author in top) / TOP, "first_bot": before + 1}


def main(count: int) -> dict[str, float]:
    """All figures for `count` authors; another process makes the world, so that its memory does not count."""
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([sys.executable, "-m", "tests.bench.influence", str(count), name], check=True)
        return measured(Path(name), World(count))


def make(folder: Path, world: World) -> None:
    """A database with the world in it."""
    database = Database(Settings(data=folder).url)
    database.migrate()
    with database.write() as session:
        make_brand(session)
    database.engine.dispose()
    fill(folder / "hearken.db", world)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        make(Path(sys.argv[2]), World(int(sys.argv[1])))
    else:
        print(json.dumps(main(int(sys.argv[1]))))
