import subprocess
import sys
from pathlib import Path

from config.claims import claims_on
from config.database import Database

ROOT = Path(__file__).parents[2]
ELSEWHERE = """
import sys
from config.claims import claims_on
from config.database import Database
with claims_on(Database(sys.argv[1]), "reading") as claims:
    print([claims.take(int(piece)) for piece in sys.argv[2:]])
"""


def taken_elsewhere(url: str, *pieces: int) -> str:
    """What another process gets of these pieces, before it ends."""
    command = [sys.executable, "-c", ELSEWHERE, url, *map(str, pieces)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_a_piece_is_had_by_one_process_until_it_is_dropped(database: Database, database_url: str) -> None:
    with claims_on(database, "reading") as claims:
        assert claims.take(7) and claims.take(2_000_000_000)
        assert taken_elsewhere(database_url, 7, 8, 2_000_000_000) == "[False, True, False]"
        claims.drop(7)
        assert taken_elsewhere(database_url, 7, 2_000_000_000) == "[True, False]"
        assert claims.take(8), "a process that ended holds nothing"


def test_claims_end_with_their_run(database: Database, database_url: str) -> None:
    with claims_on(database, "reading") as claims:
        claims.take(7)
    assert taken_elsewhere(database_url, 7) == "[True]"


def test_different_works_do_not_meet(database: Database, database_url: str) -> None:
    with claims_on(database, "tidying") as claims:
        claims.take(7)
        assert taken_elsewhere(database_url, 7) == "[True]"
