"""Contacts from a CSV file: reading it is pure and lazy, storing goes in batches, and every row has its outcome.

Columns, in any order and case, are those of COLUMNS; others are ignored. A row whose e-mail (or handle) a contact has
already is joined to it: what is empty there is filled in, nothing is overwritten.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError
from engage.contacts import Details, add_points, checked, create, make_point, tidy_tags
from engage.identity import Kind, Point
from engage.tables import Contact, ContactPoint

MAX_BYTES = 10 * 1024 * 1024
BATCH = 500
"""Rows stored in one transaction: short enough that nobody waits for it."""
POINT_COLUMNS = (Kind.EMAIL, Kind.WEBSITE, Kind.PHONE)
HANDLE_COLUMNS = ("x", "reddit", "mastodon", "bluesky")
COLUMNS = ("name", *POINT_COLUMNS, "company", "place", "notes", "tags", *HANDLE_COLUMNS)
SEPARATORS = ",;\t"
BOM = b"\xef\xbb\xbf"
FOREIGN = {
    b"PK": "This is an Excel or other packed file.",
    b"\xff\xfe": "This file is in UTF-16.",
    b"\xfe\xff": "This file is in UTF-16.",
}


class Result(StrEnum):
    """What became of a row."""

    CREATED = "created"
    JOINED = "joined"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the row that begins in `line` (the header is line 1)."""

    line: int
    result: Result
    name: str
    reason: str = ""
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A good row."""

    line: int
    details: Details
    points: tuple[Point, ...]


def read_rows(stream: BinaryIO) -> Iterator[ContactRow | Outcome]:
    """The rows of a file, one at a time; bad ones come as refused outcomes.

    Raises InvalidInputError where the file as a whole cannot be taken.
    """
    lines = _lines(stream)
    header = next(lines, "")
    separator = max(SEPARATORS, key=header.count)
    names = _columns(next(csv.reader([header], delimiter=separator, skipinitialspace=True), []))
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
    while True:
        line = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Outcome(line, Result.REFUSED, "", f"The row cannot be read: {error}.")
            continue
        if any(cell.strip() for cell in cells):
            yield _row(line, names, cells)


def _lines(stream: BinaryIO) -> Iterator[str]:
    """Text lines; bytes that are not UTF-8 stay recognisable, so that only their row is refused."""
    size = 0
    while raw := stream.readline(MAX_BYTES + 1):
        if size == 0:
            _refuse_foreign(raw)
            raw = raw.removeprefix(BOM)
        size += len(raw)
        if size > MAX_BYTES:
            raise InvalidInputError(
                f"The file is larger than {MAX_BYTES // 1024**2} MB.", "Split it and import the parts.", field="file"
            )
        yield raw.decode("utf-8", "surrogateescape")


def _refuse_foreign(start: bytes) -> None:
    for sign, message in FOREIGN.items():
        if start.startswith(sign):
            raise InvalidInputError(message, "Save it as CSV with UTF-8 and import that.", field="file")


def _columns(header: Sequence[str]) -> list[str]:
    names = [name.strip().lower().replace("e-mail", "email") for name in header]
    known = [name for name in names if name in COLUMNS]
    if not known:
        raise InvalidInputError(
            "The first line names none of the columns.", f"It needs some of: {', '.join(COLUMNS)}.", field="file"
        )
    twice = next((name for name in known if known.count(name) > 1), None)
    if twice:
        raise InvalidInputError(f"The column {twice} is there twice.", "Remove or rename one.", field="file")
    return names


def _row(line: int, names: Sequence[str], cells: Sequence[str]) -> ContactRow | Outcome:
    values = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name in COLUMNS}
    try:
        if len(cells) > len(names):
            raise InvalidInputError("The row has more values than there are columns.")
        points = tuple(_points(values))
        shown = values.get("name") or (points[0].value if points else "")
        details = Details(
            name=shown,
            company=values.get("company", ""),
            place=values.get("place", ""),
            notes=values.get("notes", ""),
            tags=tidy_tags(values.get("tags", "").replace(";", ",").replace("|", ",").split(",")),
        )
        return ContactRow(line, checked(details), points)
    except InvalidInputError as error:
        name = values.get("name", "").encode("utf-8", "replace").decode()[:80]
        return Outcome(line, Result.REFUSED, name, error.message)


def _points(values: Mapping[str, str]) -> Iterator[Point]:
    for kind in POINT_COLUMNS:
        if values.get(kind):
            yield make_point(kind, values[kind], field=kind)
    for network in HANDLE_COLUMNS:
        if values.get(network):
            yield make_point(Kind.HANDLE, values[network], network, field=network)


# --- storing -----------------------------------------------------------------------------------------------------


def import_rows(session: Session, rows: Iterable[ContactRow], now: datetime) -> list[Outcome]:
    """Store some rows, in order; those that come twice meet in one contact."""
    batch = list(rows)
    owners = _owners(session, {point for row in batch for point in row.points if _joins(point)})
    return [_store(session, row, owners, now) for row in batch]


def _store(session: Session, row: ContactRow, owners: dict[Point, set[int]], now: datetime) -> Outcome:
    name = row.details.name
    deciding = [point for point in row.points if _joins(point) and owners.get(point)]
    found = {contact_id for point in deciding for contact_id in owners[point]}
    if len(found) > 1:
        reason = f"Several contacts have {' or '.join(point.value for point in deciding)}; join them first."
        return Outcome(row.line, Result.REFUSED, name, reason)
    if found:
        contact = session.get_one(Contact, found.pop())
        _fill_in(contact, row.details)
        result, reason = Result.JOINED, f"same {deciding[0].kind.replace('email', 'e-mail')} {deciding[0].value}"
    else:
        contact = create(session, row.details, now)
        result, reason = Result.CREATED, ""
    add_points(session, contact.id, row.points)
    for point in row.points:
        owners.setdefault(point, set()).add(contact.id)
    return Outcome(row.line, result, name, reason, contact.id)


def _fill_in(contact: Contact, details: Details) -> None:
    contact.company = contact.company or details.company
    contact.place = contact.place or details.place
    if details.notes and details.notes not in contact.notes:
        contact.notes = f"{contact.notes}\n\n{details.notes}".strip()
    tags = list(tidy_tags([*contact.tags, *details.tags]))
    if tags != contact.tags:
        contact.tags = tags


def _owners(session: Session, points: set[Point]) -> dict[Point, set[int]]:
    owners: dict[Point, set[int]] = {}
    rows = session.execute(
        select(ContactPoint.kind, ContactPoint.network, ContactPoint.value, ContactPoint.contact_id).where(
            ContactPoint.kind.in_([Kind.EMAIL, Kind.HANDLE]),
            ContactPoint.network.in_(["", *HANDLE_COLUMNS]),
            ContactPoint.value.in_({point.value for point in points}),
        )
    )
    for kind, network, value, contact_id in rows:
        owners.setdefault(Point(kind, network, value), set()).add(contact_id)
    return owners


def _joins(point: Point) -> bool:
    """An e-mail and a handle are one person's; websites and phone numbers are shared too often."""
    return point.kind in {Kind.EMAIL, Kind.HANDLE}
