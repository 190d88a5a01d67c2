"""One database, two sizes: SQLite (WAL) embedded, PostgreSQL grown.

`Database.write()` and `Database.read()` are the only ways to a session. A write transaction on SQLite takes the
write lock at its beginning, so that two processes queue instead of failing halfway.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Insert,
    Integer,
    Row,
    Select,
    SmallInteger,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    insert,
    inspect,
    literal,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator, TypeEngine

from config.errors import DatabaseVersionError, HearkenError, StorageError

AnyRow = Row[*tuple[Any, ...]]
"""A row of whatever was selected."""
MIGRATIONS = Path(__file__).parent / "migrations"
SQLITE_WAIT_S = 30
DISK_FULL_SIGNS = ("database or disk is full", "disk I/O error", "No space left", "could not extend file")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware and in UTC on our side, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments; the database only ever sees UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone; give it back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class IntEnumColumn(TypeDecorator[IntEnum]):
    """An IntEnum, kept as its number so that the database can order by it."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, kind: type[IntEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """The bare number."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> IntEnum | None:
        """The member."""
        return None if value is None else self.kind(value)


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


class Base(DeclarativeBase):
    """Base of every table; the tables themselves live in the `tables.py` of each folder."""

    type_annotation_map = {  # noqa: RUF012
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[Any]: JSON,
        StrEnum: Enum(StrEnum, native_enum=False, length=16, values_callable=_values),
    }


class Database:
    """An engine with its two kinds of transaction."""

    def __init__(self, url: str) -> None:
        self.engine = _make_engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded size."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that may write: committed at the end, rolled back on any error.

        Raises StorageError when the disk is full.
        """
        with self._sessions() as session:
            session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
            try:
                yield session
                session.commit()
            except OperationalError as error:
                session.rollback()
                if any(sign in str(error) for sign in DISK_FULL_SIGNS):
                    raise StorageError(
                        "The disk is full or cannot be written.",
                        "Make room and run the same command again; what was saved stays, nothing is doubled.",
                    ) from error
                raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads, and sees one moment of the database. What was read can be used after it."""
        with self._sessions() as session:  # closing rolls back, and unlike rollback() leaves the rows readable
            yield session

    def is_empty(self) -> bool:
        """Whether this is a brand-new database, without any schema. Raises HearkenError if it can't be reached."""
        return self._found_version() is None and not inspect(self.engine).get_table_names()

    def migrate(self, version: str = "head") -> None:
        """Bring the schema to what this code needs, or up to an older version; data is kept."""
        self._refuse_newer()
        with self.engine.connect() as connection:
            config = _alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, version)
            connection.commit()

    def check_version(self) -> None:
        """Raise DatabaseVersionError unless the schema is exactly the one this code was written for."""
        self._refuse_newer()
        found, wanted = self._found_version(), _scripts().get_current_head()
        if found != wanted:
            raise DatabaseVersionError(
                f"The database is older than this Hearken (it has {found or 'no schema'}, needed is {wanted}).",
                "Run 'hearken migrate'.",
            )

    def _refuse_newer(self) -> None:
        found = self._found_version()
        if found and found not in {script.revision for script in _scripts().walk_revisions()}:
            raise DatabaseVersionError(
                f"The database was made by a newer Hearken (its version {found} is unknown here).",
                "Update Hearken; going back would lose data.",
            )

    def _found_version(self) -> str | None:
        try:
            with self.engine.connect() as connection:
                return MigrationContext.configure(connection).get_current_revision()
        except OperationalError as error:
            raise HearkenError(
                f"The database cannot be reached: {error.orig}.",
                "Check HEARKEN_DATABASE_URL and that the server runs, or that the data folder can be written.",
            ) from error


def insert_ignoring(session: Session, table: type[Base]) -> Any:
    """INSERT … ON CONFLICT DO NOTHING for this database: what is already there stays as it is."""
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return make(table.__table__).on_conflict_do_nothing()  # type: ignore[arg-type]


def insert_rows(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Plain bulk INSERT, around the unit of work: many times quicker, and no object is made."""
    if rows:
        session.connection().execute(insert(table.__table__), rows)  # type: ignore[arg-type]


def insert_columns(session: Session, statement: Insert, columns: Mapping[str, Sequence[Any]]) -> None:
    """Run an INSERT for each place of the columns, whose names are those of the table.

    Columns that are left out must have a `constant` in the statement, or a default in the database. Values
    are made ready column by column: SQLAlchemy does it row by row, which takes longer than the database does.
    """
    connection = session.connection()
    dialect = connection.dialect
    compiled = statement.compile(dialect=dialect, column_keys=[*columns])
    names = compiled.positiontup or [*columns]
    rows = zip(*(_for_driver(statement, name, columns[name], dialect) for name in names), strict=True)
    given = list(rows) if compiled.positional else [dict(zip(names, row, strict=True)) for row in rows]
    if given:
        connection.exec_driver_sql(str(compiled), given)


def constant(session: Session, value: Any, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """A number or a moment that is the same in every row, as text of the statement."""
    words = literal(value, kind).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    return literal_column(str(words), kind)


def _for_driver(statement: Insert, name: str, values: Sequence[Any], dialect: Dialect) -> Sequence[Any]:
    """The values of a column as the driver takes them."""
    ready = statement.table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return [ready(value) for value in values] if ready else values


def update_rows(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Bulk UPDATE by id: every row names `id` and the same columns."""
    if rows:
        target = table.__table__
        names = {name: f"new_{name}" for name in rows[0]}
        values: dict[str, Any] = {name: bindparam(names[name]) for name in names if name != "id"}
        statement = update(target).where(target.c.id == bindparam("new_id")).values(values)  # type: ignore[arg-type]
        session.connection().execute(statement, [{names[key]: value for key, value in row.items()} for row in rows])


def listed(session: Session, ids: Sequence[int]) -> Select[int]:
    """These ids as a SELECT: one bound value, however many there are."""
    written = json.dumps(list(ids))
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(written)
    else:
        each = func.json_array_elements_text(cast(literal(written), JSON))
    return select(cast(each.table_valued("value").c.value, Integer))


def allocate_ids(session: Session, table: type[Base], count: int) -> Sequence[int]:
    """Ids for rows about to be inserted, so that rows which point at them can be built in the same breath."""
    name = table.__tablename__
    if session.get_bind().dialect.name == "sqlite":  # the write transaction keeps everybody else out
        first = (session.scalar(text(f"SELECT max(id) FROM {name}")) or 0) + 1  # noqa: S608 (our own table's name)
        return range(first, first + count)
    sequence = func.pg_get_serial_sequence(name, "id")
    return session.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count))).all()


def lock_stage(session: Session, name: str) -> None:
    """Let only one worker at a time run a stage whose rows depend on each other; held until the transaction ends."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_alembic_config())


def _make_engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=60)
    engine = create_engine(url, connect_args={"timeout": SQLITE_WAIT_S, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-32768",
            "wal_autocheckpoint=8000",  # pages: an import writes the same ones again and again
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine
