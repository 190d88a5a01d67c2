"""How long the weekly report of a brand with very many mentions takes, and its memory. Prints one JSON object.

`python -m tests.bench.report 1000000`: so many mentions in the week, and as many in the week before.
"""

import json
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from config.database import Database
from config.settings import Settings
from engage import rollups, users
from engage.influence import rate_all
from engage.report import plans, sending
from engage.report.plans import Given
from tests.bench.history import fill
from tests.factories import START

RECIPIENTS = 500
MONDAY = START + timedelta(hours=-1)
"""When the report is due."""


def prepare(database: Database, settings: Settings, count: int) -> None:
    """Two weeks and nine hours, counted and rated, and a plan; in a process of its own, for its memory."""
    database.migrate()
    days = 14 + 9 / 24
    fill(database, round(count * days / 7), days)
    with database.write() as session:
        rollups.rebuild(session)
    rate_all(database, 1, settings.influence_weights, lambda: MONDAY)
    with database.write() as session:
        people = "\n".join(f"p{number}@norvik.example" for number in range(RECIPIENTS))
        given = Given("Management", recipients=people, zone="Europe/Berlin")
        plan = plans.add(session, 1, given, by=users.command_line_user(), now=MONDAY)
        plan.since = MONDAY - timedelta(days=1)


def main(folder: Path) -> dict[str, float]:
    """Make the report, build its mail and queue it for everybody."""
    settings = Settings(data=folder, smtp_host="localhost")
    database = Database(settings.url)
    start, work = time.perf_counter(), time.process_time()
    assert sending.send_due(database, settings, lambda: MONDAY) == 1
    took, worked = time.perf_counter() - start, time.process_time() - work
    database.engine.dispose()
    return {"s": took, "cpu_s": worked, "peak_mib": _peak_mib()}


def _peak_mib() -> float:
    """Of this process alone: what getrusage tells begins with the peak of the process that started it."""
    (peak,) = (line for line in Path("/proc/self/status").read_text("utf-8").splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        import subprocess

        with tempfile.TemporaryDirectory() as name:
            found = Settings(data=Path(name))
            prepare(Database(found.url), found, int(sys.argv[1]))
            subprocess.run([sys.executable, "-m", "tests.bench.report", name], check=True)
    else:
        print(json.dumps(main(Path(sys.argv[1]))))
