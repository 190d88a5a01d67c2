"""Kept answers as a CSV file and back: folder, name, language, brand, text, shared."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.errors import HearkenError, InvalidInputError
from engage.answers import kept
from engage.answers.kept import Fields
from engage.answers.tables import Answer
from engage.permissions import Action, allowed
from engage.tables import User
from listener.tables import Brand

COLUMNS = ("folder", "name", "language", "brand", "shared", "text")
MAX_BYTES = 2 * 1024 * 1024
MOST_ROWS = 2000
SEPARATORS = ",;\t"
YES = {"yes", "true", "1", "y", "shared"}
TOLD = 50
"""Refused rows that are told one by one."""


@dataclass(slots=True)
class Imported:
    """What became of the rows of a file."""

    added: int = 0
    changed: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    """(line, why) of each."""


def export_rows(session: Session, by: User) -> list[dict[str, Any]]:
    """All that the person may use, as rows."""
    brands = {row.id: row.name for row in session.execute(select(Brand.id, Brand.name))}
    return [
        {
            "folder": answer.folder,
            "name": answer.name,
            "language": answer.language,
            "brand": brands.get(answer.brand_id, "") if answer.brand_id else "",
            "shared": "no" if answer.owner_id else "yes",
            "text": answer.text,
            "used": answer.used,
        }
        for answer in kept.all_answers(session, by)
    ]


def import_file(session: Session, content: bytes, *, by: User, now: datetime) -> Imported:
    """Keep the answers of a file; one of the same folder, name and language is written anew. Bad rows are told.

    Raises InvalidInputError where the file as a whole cannot be taken; then nothing is changed.
    """
    brands = {name.lower(): number for number, name in session.execute(select(Brand.id, Brand.name))}
    result = Imported()
    for line, row in _rows(content):
        try:
            with session.begin_nested():
                _keep(session, _fields(row, brands, by), result, by, now)
        except HearkenError as error:
            result.refused.append((line, f"{error.message} {error.remedy}".strip()))
    return result


def _keep(session: Session, given: Fields, result: Imported, by: User, now: datetime) -> None:
    given = kept.checked(given)
    same = session.scalars(
        select(Answer).where(
            Answer.owner_id == by.id if given.own else Answer.owner_id.is_(None),
            func.lower(Answer.folder) == given.folder.lower(),
            func.lower(Answer.name) == given.name.lower(),
            Answer.language == given.language,
        )
    ).first()
    if same:
        kept.change(session, same.id, given, by=by, now=now)
        result.changed += 1
    else:
        kept.add(session, given, by=by, now=now)
        result.added += 1


def _fields(row: Mapping[str, str], brands: Mapping[str, int], by: User) -> Fields:
    brand = row.get("brand", "").strip()
    if brand and brand.lower() not in brands:
        raise InvalidInputError(f"There is no brand {brand!r}.", "Add it first, or leave the column empty.")
    shared = row.get("shared", "").strip().lower() in YES
    return Fields(
        name=_plain(row.get("name", "")),
        text=_plain(row.get("text", "")),
        folder=_plain(row.get("folder", "")),
        language=row.get("language", ""),
        brand_id=brands.get(brand.lower()) if brand else None,
        own=not (shared and allowed(by, Action.MANAGE_ANSWERS)),
    )


def _plain(value: str) -> str:
    """Without the mark that keeps a spreadsheet from taking a text for a formula."""
    return value[1:] if value[:1] == "'" and value[1:2] in set("=+-@\t\r") else value


def _rows(content: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    lines = _text(content).splitlines(keepends=True)
    separator = max(SEPARATORS, key=(lines or [""])[0].count)
    reader = csv.DictReader(io.StringIO("".join(lines)), delimiter=separator, skipinitialspace=True)
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    _require_columns(names)
    reader.fieldnames = names
    try:
        for count, row in enumerate(reader, 1):
            if count > MOST_ROWS:
                raise InvalidInputError(
                    f"The file has more than {MOST_ROWS:,} rows.", "Split it into several files.", field="file"
                )
            yield reader.line_num, {name: value or "" for name, value in row.items() if name in COLUMNS}
    except csv.Error as error:
        raise InvalidInputError(f"Line {reader.line_num} cannot be read: {error}.", field="file") from None


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise InvalidInputError("The file is too large.", "Take at most 2 MB.", field="file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInputError(
            "This file is not UTF-8 text.", "Save it as CSV in UTF-8 and choose it again.", field="file"
        ) from None


def _require_columns(names: Sequence[str]) -> None:
    missing = [name for name in ("name", "text") if name not in names]
    if missing:
        raise InvalidInputError(
            f"The first line has no column {missing[0]!r}.", f"Columns: {', '.join(COLUMNS)}.", field="file"
        )
