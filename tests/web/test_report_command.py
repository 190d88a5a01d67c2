"""`hearken report`: on the screen, as files, and on its way."""

import csv
import email
import email.policy
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from config.database import Database
from engage import users
from engage.report import plans
from engage.report.plans import Given
from engage.report.tables import StoredReport
from tests.engage.post_office import Post, post
from tests.factories import make_author, make_brand, make_conversation, make_mention, make_user
from web.cli import main

__all__ = ["post"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd")
LONG_AGO = datetime(2020, 1, 6, 9, 0, tzinfo=UTC)
"""A Monday; commands have the real clock."""
WEEK = ("--brand", "Norvik", "--week", "2020-W02")
Run = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path) -> Path:
    """A data folder with a brand and 40 mentions of one week."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "hearken.db").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{folder / 'hearken.db'}")
    with database.write() as session:
        conversation = make_conversation(session, make_brand(session), make_author(session), first_at=LONG_AGO)
        for number in range(40):
            make_mention(session, conversation, number=number, created_at=LONG_AGO + timedelta(hours=number), reach=9)
        make_user(session)
    database.engine.dispose()
    return folder


@pytest.fixture
def database(data: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{data / 'hearken.db'}")
    yield found
    found.engine.dispose()


@pytest.fixture
def run(data: Path) -> Run:
    def run(*args: object, expect: int = 0) -> Result:
        result = CliRunner().invoke(main, ["--data", str(data), "report", *map(str, args)])
        assert result.exit_code == expect, result.output + repr(result.exception)
        return result

    return run


def add_plan(database: Database, name: str = "Management", **given: object) -> None:
    with database.write() as session:
        values = {"name": name, "recipients": "ada@norvik.example\nbea@norvik.example"} | given
        plans.add(session, 1, Given(**values), by=users.command_line_user(), now=LONG_AGO)  # type: ignore[arg-type]


def test_a_week_is_shown_as_text(run: Run, database: Database) -> None:
    said = run("weekly", *WEEK).output
    assert said.startswith("Norvik, week 2 (6–12 January 2020)")
    assert "Mentions: 40" in said
    with database.read() as session:
        assert session.scalars(select(StoredReport)).all() == [], "looking stores nothing"


def test_a_day_and_a_persons_week_are_shown(run: Run) -> None:
    assert "Norvik, Monday, 6 January 2020" in run("daily", "--brand", "norvik", "--day", "2020-01-06").output
    assert run("mine", "--user", "Ada@example.com", "--week", "2020-W02").output.startswith("Your week 2")


def test_files_are_written(run: Run, tmp_path: Path) -> None:
    run("weekly", *WEEK, "--out", tmp_path / "out")
    mail = email.message_from_bytes((tmp_path / "out" / "mail.eml").read_bytes(), policy=email.policy.default)
    assert mail["Subject"] == "Norvik, week 2 (6–12 January 2020)"
    rows = list(csv.reader(io.StringIO((tmp_path / "out" / "report.csv").read_text("utf-8-sig"))))
    assert any("40" in row for row in rows)
    assert {"report.html", "report.txt"} <= {path.name for path in (tmp_path / "out").iterdir()}


def test_it_is_sent_to_the_plans_recipients_once(
    run: Run, data: Path, database: Database, post: tuple[Post, int]
) -> None:
    server, port = post
    (data / "hearken.toml").write_text(f'smtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_security = "none"\n')
    add_plan(database)
    server.refused = {"bea@norvik.example"}
    assert run("weekly", *WEEK, "--send").output.splitlines() == [
        "1 of 2 mails sent.",
        "bea@norvik.example: The mail server said: 550 no such mailbox",
    ]
    assert run("weekly", *WEEK, "--send").output.startswith("1 of 2 mails sent.")
    assert [to for to, _ in server.arrived] == ["ada@norvik.example"]


def test_without_a_mail_server_it_says_what_to_set(run: Run, database: Database) -> None:
    add_plan(database)
    assert "Set HEARKEN_SMTP_HOST" in run("weekly", *WEEK, "--send").output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("weekly", "--brand", "Nobody"), "There is no brand 'Nobody'"),
        (("weekly", "--brand", "Norvik", "--week", "2020-W60"), "'2020-W60' is no week. Write it like 2026-W47."),
        (("weekly", "--brand", "Norvik", "--week", "2999-W01"), "That time is not over yet."),
        (("weekly", *WEEK, "--send"), "Nobody is set down to get the weekly report of Norvik."),
        (("weekly", *WEEK, "--plan", "Board"), "Norvik has no weekly plan 'Board'"),
        (("mine", "--user", "nobody@example.com"), "There is no account 'nobody@example.com'."),
    ],
)
def test_what_cannot_be_done_says_why(run: Run, args: tuple[str, ...], said: str) -> None:
    assert said in run(*args, expect=2).output


def test_of_several_plans_one_is_chosen(run: Run, database: Database) -> None:
    add_plan(database)
    add_plan(database, "Board", language="de")
    assert "Choose one by --plan: Board, Management." in run("weekly", *WEEK, expect=2).output
    assert run("weekly", *WEEK, "--plan", "board").output.startswith("Norvik, Woche 2")
