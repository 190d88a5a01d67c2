import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from config.database import Base, Database, constant, insert_columns
from config.errors import DatabaseVersionError, HearkenError, StorageError
from engage.tables import Identity
from listener.tables import Author, Brand
from nlp.tables import ReadingRow
from tests.servers import Postgres

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def brand(name: str = "Kestrel", created_at: datetime = NOON, query: str = "kestrel") -> Brand:
    return Brand(name=name, query=query, products=[], competitors=[], created_at=created_at)


def count_brands(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Brand)) or 0


# --- transactions ---------------------------------------------------------------------------------------------------


def test_what_is_written_stays(database: Database) -> None:
    with database.write() as session:
        session.add(brand())
    assert count_brands(database) == 1


def test_an_error_rolls_everything_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:
        session.add(brand())
        session.flush()
        _ = 1 / 0
    assert count_brands(database) == 0


def test_reading_never_writes(database: Database) -> None:
    with database.read() as session:
        session.add(brand())
        session.flush()
    assert count_brands(database) == 0


def test_objects_stay_usable_after_the_transaction(database: Database) -> None:
    with database.write() as session:
        made = brand()
        session.add(made)
    assert made.name == "Kestrel"


def test_references_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), database.write() as session:
        session.add(Identity(author_id=77, contact_id=88, reason="", score=1.0, created_at=NOON))


# --- moments --------------------------------------------------------------------------------------------------------


def test_moments_come_back_aware_and_in_utc(database: Database) -> None:
    with database.write() as session:
        session.add(brand(created_at=NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))))
    with database.read() as session:
        found = session.scalars(select(Brand.created_at)).one()
    assert found == NOON
    assert found.utcoffset() == timedelta(0)


def test_moments_of_any_zone_compare_in_the_database(database: Database) -> None:
    with database.write() as session:
        session.add(brand("early", NOON.astimezone(timezone(timedelta(hours=14)))))
        session.add(brand("late", (NOON + timedelta(minutes=1)).astimezone(timezone(-timedelta(hours=12)))))
    with database.read() as session:
        assert session.scalars(select(Brand.name).order_by(Brand.created_at)).all() == ["early", "late"]
        assert session.scalars(select(Brand.name).where(Brand.created_at > NOON)).all() == ["late"]


def test_a_moment_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"), database.write() as session:
        session.add(brand(created_at=NOON.replace(tzinfo=None)))


def test_columns_become_rows_beside_constants(database: Database) -> None:
    columns = {
        "name": ["It's 100% :ours", "B"],
        "query": ["", "b"],
        "products": [["P"], []],
        "competitors": [[], []],
    }
    with database.write() as session:
        alike = {
            "created_at": constant(session, NOON.astimezone(timezone(timedelta(hours=2))), Brand.created_at.type),
            "answer_goal_minutes": constant(session, 77, Brand.answer_goal_minutes.type),
        }
        insert_columns(session, insert(Brand.__table__).values(**alike), columns)  # type: ignore[arg-type]
        nothing: dict[str, list[str]] = {name: [] for name in columns}
        insert_columns(session, insert(Brand.__table__).values(**alike), nothing)  # type: ignore[arg-type]
    with database.read() as session:
        found = session.scalars(select(Brand).order_by(Brand.id)).all()
    assert [(one.name, one.products, one.created_at, one.answer_goal_minutes) for one in found] == [
        ("It's 100% :ours", ["P"], NOON, 77),
        ("B", [], NOON, 77),
    ]


# --- schema versions ------------------------------------------------------------------------------------------------


def is_ordinary(name: str | None, *_: object) -> bool:
    """Not of the full-text search, which each database does in its own way and engage/search.py asks in SQL."""
    return not any(part in (name or "") for part in ("_fts", "_words", "_gram"))


def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ordinary})
        assert ReadingRow.metadata is Base.metadata
        assert compare_metadata(context, Base.metadata) == []


def test_a_current_schema_passes_and_migrating_again_changes_nothing(database: Database) -> None:
    with database.write() as session:
        session.add(brand())
    database.migrate()
    database.check_version()
    assert count_brands(database) == 1


def test_no_schema_is_told_to_migrate(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(DatabaseVersionError, match="older") as caught:
        database.check_version()
    assert "hearken migrate" in caught.value.remedy
    database.engine.dispose()


def test_no_schema_is_told_to_migrate_on_postgres(postgres_server: Postgres) -> None:
    url = postgres_server.new_database(template="template0")
    database = Database(url)
    with pytest.raises(DatabaseVersionError, match="older"):
        database.check_version()
    database.engine.dispose()
    postgres_server.drop(url)


def test_a_newer_schema_is_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (database.check_version, database.migrate):
        with pytest.raises(DatabaseVersionError, match="newer Hearken") as caught:
            attempt()
        assert "Update Hearken" in caught.value.remedy
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


@pytest.mark.parametrize(
    "url", ["sqlite:////not/a/folder/hearken.db", "postgresql+psycopg://hearken@/x?host=/not/a/folder"]
)
def test_a_database_out_of_reach_says_what_to_check(url: str) -> None:
    with pytest.raises(HearkenError, match="cannot be reached") as caught:
        Database(url).check_version()
    assert "HEARKEN_DATABASE_URL" in caught.value.remedy


# --- two processes, one database ------------------------------------------------------------------------------------

ADD_HUNDRED = """
import sys
from sqlalchemy import update
from config.database import Database
from listener.tables import Author

database = Database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(100):
    with database.write() as session:
        followers = session.get_one(Author, 1, with_for_update=True).followers
        session.execute(update(Author).where(Author.id == 1).values(followers=followers + 1))
"""


def author() -> Author:
    return Author(
        id=1,
        network="x",
        external_id="1",
        handle="ada",
        name="Ada",
        followers=0,
        url="",
        website="",
        bio="",
        avatar_url="",
        first_heard_at=NOON,
    )


def test_two_processes_that_write_queue_up(database: Database, database_url: str) -> None:
    """Read, then write: without the write lock at the beginning one of them would fail or overwrite the other."""
    with database.write() as session:
        session.add(author())
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", ADD_HUNDRED, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.communicate("go\n", timeout=60)
    assert [writer.returncode for writer in writers] == [0, 0]
    with database.read() as session:
        assert session.get_one(Author, 1).followers == 200


def test_a_reader_is_not_held_up_and_sees_one_moment(database: Database) -> None:
    with database.write() as session:
        session.add(brand("one"))
        session.flush()
        assert count_brands(database) == 0
    assert count_brands(database) == 1


# --- a full disk ----------------------------------------------------------------------------------------------------


def test_a_full_disk_is_a_storage_error_and_keeps_what_was_saved(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "hearken.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.write() as session:
        session.add(brand("kept"))
    pages = path.stat().st_size // 4096

    @event.listens_for(database.engine, "checkout")
    def fill_disk(connection: object, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 5}")  # type: ignore[attr-defined]

    with pytest.raises(StorageError, match="disk is full") as caught, database.write() as session:
        session.add(brand("lost", query="kestrel " * 100_000))
    assert "run the same command again" in caught.value.remedy
    with database.read() as session:
        assert session.scalars(select(Brand.name)).all() == ["kept"]
    database.engine.dispose()
