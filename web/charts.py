"""A figure of the analytics: what is drawn, the table behind it, and where each number leads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Cell:
    """A number in a table, or words; with an address it leads to the mentions or conversations that it counts."""

    text: str
    count: int | None = None
    href: str = ""
    focus: str = ""
    """The same page looks closely at this when it is chosen; as the field `tag` of its address."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is behind a chart; its rows are what the CSV holds."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def as_rows(self) -> list[dict[str, Any]]:
        """For the CSV: plain numbers where there are any."""
        return [
            {name: cell.text if cell.count is None else cell.count for name, cell in zip(self.head, row, strict=True)}
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its finding. `drawing` is what static/js/charts.js draws; it names no colours, only meanings."""

    name: str
    finding: str
    measure: str
    """What is measured, over what range, and how sure it is."""
    drawing: dict[str, Any]
    table: Table
    wide: bool = False

    @property
    def unlinked(self) -> "Figure":
        """The same for somebody who may see nothing but this."""
        drawing = {name: value for name, value in self.drawing.items() if not name.endswith("links")}
        rows = [[Cell(cell.text, cell.count) for cell in row] for row in self.table.rows]
        return replace(self, drawing=drawing, table=Table(self.table.head, rows))

    @property
    def drawn(self) -> bool:
        """Whether there is anything to draw."""
        drawing = self.drawing
        if "median" in drawing:
            return any(value is not None for value in drawing["median"])
        return bool(drawing.get("labels", drawing.get("rows")))


@dataclass(frozen=True, slots=True)
class Key:
    """A key figure over the charts."""

    label: str
    value: str
    change: str
    href: str = ""


def number(count: int, href: str = "") -> Cell:
    """A counted number."""
    return Cell(f"{count:,}", count, href)


def words(text: str, href: str = "") -> Cell:
    """A name, or a share in words."""
    return Cell(text, None, href)
