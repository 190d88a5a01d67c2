"""Counting the SQL statements that something costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from config.database import Database


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Every statement with its values, as they are sent; BEGIN is none."""
    said: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, sql: str, values: Any, *more: Any) -> None:
        if not sql.startswith("BEGIN"):
            said.append((sql, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
