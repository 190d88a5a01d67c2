import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from config.database import Database
from config.errors import InvalidInputError, StorageError
from listener.importer import BATCH, REASONS_KEPT, import_file
from listener.tables import Author, Brand, Mention
from tests.conftest import FakeClock


def row(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": f"p{number}",
        "text": f"Kestova squeaks, take {number} ⏰",
        "created_at": "2026-11-01T10:00:00+02:00",
        "author": f"ada{number % 7}",
    } | values


def write(path: Path, rows: list[Any]) -> Path:
    lines = "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in rows)
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())
    return path


@pytest.fixture
def brand_id(database: Database, clock: FakeClock) -> int:
    with database.write() as session:
        brand = Brand(name="Kestova", query="kestova", products=[], competitors=[], created_at=clock())
        session.add(brand)
        session.flush()
        return brand.id


def stored(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Mention.external_id).order_by(Mention.id)))


def test_rows_become_mentions_of_the_brand(
    database: Database, brand_id: int, clock: FakeClock, tmp_path: Path
) -> None:
    path = write(tmp_path / "posts.jsonl", [row(1), row(2, author_followers=12, unknown="ignored")])
    result = import_file(database, path, brand_id, "x", clock)
    assert (result.added, result.known, result.rejected) == (2, 0, 0)
    assert (result.reasons, result.rejected_path) == ((), None)
    with database.read() as session:
        mention, handle = (
            session.execute(select(Mention, Author.handle).join(Author).order_by(Mention.id)).first() or ()
        )
    assert (mention.network, mention.external_id, mention.brand_id, handle) == ("x", "p1", brand_id, "ada1")
    assert mention.created_at.isoformat() == "2026-11-01T08:00:00+00:00"
    assert mention.heard_at == clock()
    assert list(tmp_path.glob("*.rejected.jsonl")) == []


def test_a_second_import_adds_nothing(database: Database, brand_id: int, clock: FakeClock, tmp_path: Path) -> None:
    path = write(tmp_path / "posts.jsonl.gz", [row(1), row(2), row(1), "no row"])
    first = import_file(database, path, brand_id, "x", clock)
    second = import_file(database, path, brand_id, "x", clock)
    assert (first.added, first.known, first.rejected) == (2, 1, 1)
    assert (second.added, second.known, second.rejected) == (0, 3, 1)
    assert stored(database) == ["p1", "p2"]


def test_bad_rows_are_put_aside_with_line_and_reason_and_good_ones_kept(
    database: Database, brand_id: int, clock: FakeClock, tmp_path: Path
) -> None:
    bad = row(2, created_at="yesterday")
    path = write(tmp_path / "posts.jsonl", [row(1), bad, "not JSON", row(4), row(5, id="")])
    result = import_file(database, path, brand_id, "x", clock)
    assert (result.added, result.rejected) == (2, 3)
    assert [line for line, _ in result.reasons] == [2, 3, 5]
    assert "created_at" in result.reasons[0][1]
    assert result.rejected_path == tmp_path / "posts.jsonl.rejected.jsonl"
    entries = [json.loads(line) for line in result.rejected_path.read_text().splitlines()]
    assert [(entry["line"], entry["reason"]) for entry in entries] == list(result.reasons)
    assert entries[0] == {"line": 2, "reason": result.reasons[0][1], "row": bad}
    assert entries[1]["row"] == "not JSON"
    assert stored(database) == ["p1", "p4"]


def test_rejected_rows_can_be_mended_and_imported(
    database: Database, brand_id: int, clock: FakeClock, tmp_path: Path
) -> None:
    path = write(tmp_path / "posts.jsonl", [row(1), row(2, author=""), row(3)])
    result = import_file(database, path, brand_id, "x", clock)
    assert result.rejected_path is not None
    mended = [json.loads(line)["row"] | {"author": "bo"} for line in result.rejected_path.read_text().splitlines()]
    again = import_file(database, write(tmp_path / "mended.jsonl", mended), brand_id, "x", clock)
    assert (again.added, again.rejected) == (1, 0)
    assert stored(database) == ["p1", "p3", "p2"]


def test_a_csv_file_with_a_bad_row(database: Database, brand_id: int, clock: FakeClock, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text('id,text,created_at,author\n1,"two\nlines",2026-11-01,ada\n2,late,2026-13-01,ada\n')
    result = import_file(database, path, brand_id, "x", clock)
    assert (result.added, result.rejected) == (1, 1)
    assert result.rejected_path is not None
    assert json.loads(result.rejected_path.read_text())["row"]["created_at"] == "2026-13-01"


def test_where_the_folder_cannot_be_written_the_spare_one_is_used(
    database: Database, brand_id: int, clock: FakeClock, tmp_path: Path
) -> None:
    path = write(tmp_path / "posts.jsonl", [row(1), "no row"])
    (tmp_path / "posts.jsonl.rejected.jsonl").mkdir()  # in the way, for root as well
    spare = tmp_path / "spare"
    spare.mkdir()
    result = import_file(database, path, brand_id, "x", clock, spare_folder=spare)
    assert result.rejected_path == spare / "posts.jsonl.rejected.jsonl"
    assert len(result.rejected_path.read_text().splitlines()) == 1


def test_progress_tells_every_row_batch_by_batch(
    database: Database, brand_id: int, clock: FakeClock, tmp_path: Path
) -> None:
    path = write(tmp_path / "posts.jsonl", [row(number) for number in range(BATCH)] + ["no row", row(BATCH)])
    told: list[int] = []
    import_file(database, path, brand_id, "x", clock, told.append)
    assert told == [BATCH, 2]


def test_only_the_first_reasons_are_handed_back(
    database: Database, brand_id: int, clock: FakeClock, tmp_path: Path
) -> None:
    path = write(tmp_path / "posts.jsonl", ["no row"] * (REASONS_KEPT + 5))
    result = import_file(database, path, brand_id, "x", clock)
    assert (len(result.reasons), result.rejected) == (REASONS_KEPT, REASONS_KEPT + 5)
    assert result.rejected_path is not None
    assert len(result.rejected_path.read_text().splitlines()) == REASONS_KEPT + 5


def test_a_file_that_breaks_off_keeps_the_rows_before_the_break(
    database: Database, brand_id: int, clock: FakeClock, tmp_path: Path
) -> None:
    path = write(tmp_path / "posts.jsonl.gz", [row(number) for number in range(BATCH + 500)])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InvalidInputError, match="not a whole gzip file"):
        import_file(database, path, brand_id, "x", clock)
    kept = stored(database)
    assert BATCH < len(kept) < BATCH + 500
    write(path, [row(number) for number in range(BATCH + 500)])
    import_file(database, path, brand_id, "x", clock)
    assert len(stored(database)) == BATCH + 500


# --- a full disk -------------------------------------------------------------------------------------------------


def test_a_full_disk_keeps_the_batches_before_and_the_next_import_goes_on(
    sqlite_template: Path, clock: FakeClock, tmp_path: Path
) -> None:
    source = write(tmp_path / "posts.jsonl", [row(number, text="long " * 100) for number in range(4 * BATCH)])
    target = tmp_path / "hearken.db"
    target.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{target}")
    with database.write() as session:
        session.add(Brand(id=1, name="Kestova", query="kestova", products=[], competitors=[], created_at=clock()))

    def shrink_disk(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=500")

    event.listen(database.engine, "checkout", shrink_disk)
    told: list[int] = []
    with pytest.raises(StorageError, match="disk is full"):
        import_file(database, source, 1, "x", clock, told.append)
    assert len(stored(database)) == sum(told) > 0

    event.remove(database.engine, "checkout", shrink_disk)
    database.engine.dispose()
    result = import_file(database, source, 1, "x", clock)
    assert (result.added, result.known) == (4 * BATCH - sum(told), sum(told))
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Mention)) == 4 * BATCH
    database.engine.dispose()


def test_a_disk_too_full_for_the_rejected_rows_is_a_storage_error(
    database: Database, brand_id: int, clock: FakeClock, tmp_path: Path
) -> None:
    path = write(tmp_path / "posts.jsonl", [row(number) for number in range(BATCH)] + ["no row"])
    (tmp_path / "posts.jsonl.rejected.jsonl").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="the disk is full"):
        import_file(database, path, brand_id, "x", clock)
    assert len(stored(database)) == BATCH
