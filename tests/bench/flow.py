"""Rates of the flow's stages over a replay file, and the process's peak memory. Prints one JSON object."""

import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.database import Database
from config.process import set_up_process
from config.secrets import Vault
from config.settings import Settings
from engage import brands
from engage.pipeline import Pipeline
from listener.sample import BRAND
from listener.tables import Source, SourceState
from tests.bench.posts import NOW, write_posts


def prepare(folder: Path, count: int, analyser: str = "lexicon") -> Pipeline:
    """A fresh database with the sample brand, listening to a file of `count` posts."""
    posts = folder / "posts.jsonl"
    write_posts(posts, count)
    settings = Settings(data=folder, analyser=analyser)
    database = Database(settings.url)
    database.migrate()
    with database.write() as session:
        brand = brands.add(session, BRAND.name, BRAND.query, BRAND.products, BRAND.competitors, NOW)
        session.add(
            Source(
                brand_id=brand.id,
                network="replay",
                options={"path": str(posts)},
                interval_s=60,
                cursor={},
                state=SourceState.NEW,
                next_run_at=NOW,
                created_at=NOW,
            )
        )
    return Pipeline(database, settings, Vault.in_folder(folder), lambda: NOW)


def seconds(work: Callable[[], Any]) -> float:
    """How long `work` takes, on the wall clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def plain_rate(folder: Path) -> float:
    """Baseline: the same rows of the mention table into a bare table, by plain sqlite3."""
    source = sqlite3.connect(folder / "hearken.db")
    rows = source.execute("SELECT * FROM mention LIMIT 20000").fetchall()
    target = sqlite3.connect(folder / "plain.db")
    target.execute("PRAGMA journal_mode=WAL")
    columns = ", ".join(f"c{index}" for index in range(len(rows[0])))
    target.execute(f"CREATE TABLE mention ({columns})")
    insertion = f"INSERT INTO mention VALUES ({', '.join('?' * len(rows[0]))})"  # noqa: S608 (only question marks)

    def insert() -> None:
        for start in range(0, len(rows), 1000):
            target.executemany(insertion, rows[start : start + 1000])
            target.commit()

    took = seconds(insert)
    source.close()
    target.close()
    return len(rows) / took


def main(count: int) -> dict[str, float]:
    """All figures for `count` mentions; rates in mentions a second."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pipeline = prepare(folder, count)
        _ = pipeline.reader.analyser(), pipeline.rules  # loading is not part of the rates
        stages = {"collect": lambda: pipeline.collect(1), "reading (lexicon)": pipeline.analyse}
        stages |= {"link": pipeline.link, "route": pipeline.route}
        took = {stage: seconds(work) for stage, work in stages.items()}
        without_reading = took["collect"] + took["link"] + took["route"]
        return {
            "plain": plain_rate(folder),
            **{stage: count / spent for stage, spent in took.items()},
            "collect + link + route": count / without_reading,
            "whole import": count / sum(took.values()),
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


if __name__ == "__main__":
    set_up_process()  # as in every command
    print(json.dumps(main(int(sys.argv[1]))))
