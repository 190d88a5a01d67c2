"""How commands show things: values, tables, progress."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engage.pipeline import Pipeline


def show(values: dict[str, Any], json_: bool) -> None:
    if json_:
        click.echo(json.dumps(values, ensure_ascii=False))
        return
    for name, value in values.items():
        click.echo(f"{name.replace('_', ' ')}: {value:,}" if isinstance(value, int) else f"{name}: {value}")


def show_table(rows: list[dict[str, Any]], json_: bool) -> None:
    if json_:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        click.echo("None yet.")
        return
    cells = [[str(name) for name in rows[0]], *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(cells[0]))]
    for line in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(value) if isinstance(value, list) else str(value)


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


@contextlib.contextmanager
def progress(label: str, length: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing in a pipe; yields what is called with the number of things done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=length or 0, label=label, file=sys.stderr, show_pos=True) as bar:
        yield bar.update


def by_stage(step: Callable[[int], None]) -> Callable[[str], None]:
    """Progress of the last stage, told batch by batch."""
    from engage.pipeline import BATCH

    return lambda name: step(BATCH) if name == "route" else None


def tell_if_reading_waits(pipeline: "Pipeline") -> bool:
    """Say so where the reading engine could not be loaded."""
    if pipeline.reader.trouble:
        click.echo(f"Reading waits: {pipeline.reader.trouble}", err=True)
    return bool(pipeline.reader.trouble)
