"""What `hearken doctor` looks at: each check is one line that says what is wrong and what to do."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config.clock import utc_now
from config.database import Database
from config.errors import HearkenError
from config.secrets import Vault
from config.settings import Settings
from engage import sources, users
from engage.health import reading_trouble
from engage.report import pdf
from engage.routing import load_rules
from nlp.load import load_analyser

LOW_DISK_BYTES = 500 * 1024 * 1024
VENDOR = Path(__file__).parent / "static" / "vendor"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    what: str
    ok: bool
    message: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """All findings, in the order in which they build on each other."""
    yield Finding("settings", True, f"data folder {settings.data.resolve()}, {_size(settings)}")
    yield _data_folder(settings)
    yield _attempt("routing rules", lambda: f"{len(load_rules(settings.rules_file).rules)} rules")
    yield _attempt("reading engine", lambda: load_analyser(settings.analyser, settings.analysers).engine.name)
    yield _browser_parts()
    yield _pdf()
    database = Database(settings.url)
    schema = _attempt("database", lambda: _version(database))
    yield schema
    if schema.ok:
        yield _people(database)
        yield _reading(database)
        yield from _sources(database, settings)


def _size(settings: Settings) -> str:
    return "PostgreSQL" if settings.database_url else "embedded database (SQLite)"


def _attempt(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, check())
    except HearkenError as error:
        return Finding(what, False, error.message, error.remedy)


def _data_folder(settings: Settings) -> Finding:
    folder = settings.data
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return Finding("data folder", False, f"{folder} cannot be written.", "Create it, or set HEARKEN_DATA.")
    free = shutil.disk_usage(folder).free
    readable = f"{free / 1024**3:,.1f} GiB free"
    if free < LOW_DISK_BYTES:
        return Finding("data folder", False, f"Only {readable}.", "Make room before the disk is full.")
    open_secrets = [path.name for path in folder.glob("*.key") if path.stat().st_mode & 0o077]
    if open_secrets:
        names = ", ".join(open_secrets)
        return Finding("data folder", False, f"Others can read {names}.", f"Run: chmod 600 {folder}/*.key")
    return Finding("data folder", True, readable)


def _browser_parts() -> Finding:
    if (VENDOR / "icons.svg").exists():
        return Finding("browser parts", True, "in place")
    return Finding("browser parts", False, "The browser-side parts are missing.", "Run 'make setup'.")


def _pdf() -> Finding:
    try:
        pdf.check()
    except pdf.NoPdfError as error:
        return Finding("PDF of reports", False, f"{error} Reports are mailed without a PDF.", pdf.REMEDY)
    return Finding("PDF of reports", True, "can be made")


def _version(database: Database) -> str:
    database.check_version()
    return "schema is up to date"


def _people(database: Database) -> Finding:
    with database.read() as session:
        admins = users.count_admins(session)
    if admins:
        return Finding("people", True, f"{admins} active admin" + ("s" if admins > 1 else ""))
    return Finding(
        "people", False, "Nobody can administer.", "Run: hearken user add EMAIL --role admin --team support"
    )


def _reading(database: Database) -> Finding:
    with database.read() as session:
        trouble = reading_trouble(session, utc_now())
    if trouble:
        return Finding("reading", False, trouble.message, trouble.remedy)
    return Finding("reading", True, "no mention waits for long")


def _sources(database: Database, settings: Settings) -> Iterator[Finding]:
    vault = Vault.in_folder(settings.data)
    with database.read() as session:
        found = sources.all_sources(session)
    for source in found:
        name = f"source {source.id} ({source.network}, {source.brand.name})"
        yield _attempt(name, lambda source=source: sources.check(source, vault, utc_now).message)  # type: ignore[misc]
    if not found:
        yield Finding("sources", True, "none yet: add one with 'hearken source add', or in the browser")
