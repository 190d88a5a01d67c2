"""The commands as scripts use them: names, outputs, exit codes."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from config.clock import utc_now
from config.database import Database
from engage.tables import Conversation, User
from listener.tables import Brand, Mention, Source
from nlp.tables import ReadingRow
from web.cli import main

Run = Callable[..., Result]
ROW = {
    "id": "1",
    "text": "my kestova bike is broken, please help",
    "created_at": "2026-11-01T10:00:00Z",
    "author": "ada",
}


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path) -> Path:
    """A data folder with an empty, migrated database."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "hearken.db").write_bytes(sqlite_template.read_bytes())
    return folder


@pytest.fixture
def database(data: Path) -> Iterator[Database]:
    """The database that the commands work on."""
    found = Database(f"sqlite:///{data / 'hearken.db'}")
    yield found
    found.engine.dispose()


@pytest.fixture
def run(data: Path) -> Run:
    def run(*args: object, stdin: str | bytes | None = None, expect: int = 0) -> Result:
        result = CliRunner().invoke(main, ["--data", str(data), *map(str, args)], input=stdin)
        assert result.exit_code == expect, result.output + repr(result.exception)
        return result

    return run


def posts_file(folder: Path, *rows: dict[str, Any] | str, name: str = "posts.jsonl") -> Path:
    path = folder / name
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    text = "".join(f"{line}\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def commands(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{prefix}{name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")


@pytest.mark.parametrize("name", [name for name, _ in commands(main)])
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = CliRunner().invoke(main, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert "Example: hearken " in result.output


# --- people, brands, sources -------------------------------------------------------------------------------------


def test_a_person_is_added_with_a_given_or_a_made_password(run: Run, database: Database) -> None:
    given = run(
        "user",
        "add",
        "Ada@Example.com",
        "--role",
        "manager",
        "--team",
        "marketing",
        "--password-stdin",
        stdin="a long password\n",
    )
    assert "a long password" not in given.output
    assert "Password: " in run("user", "add", "bob@example.com").output
    with database.read() as session:
        ada, bob = session.scalars(select(User).order_by(User.id))
        assert (ada.email, ada.role, ada.team, bob.role) == ("ada@example.com", "manager", "marketing", "agent")
        assert "a long password" not in ada.password_hash
    assert [user["email"] for user in json.loads(run("user", "list", "--json").output)] == [
        "ada@example.com",
        "bob@example.com",
    ]


def test_a_short_password_is_refused(run: Run) -> None:
    assert "10" in run("user", "add", "ada@example.com", "--password-stdin", stdin="short\n", expect=2).output


def test_a_query_that_does_not_parse_is_shown_with_the_place(run: Run) -> None:
    output = run("brand", "add", "Kestova", "--query", "kestova AND (bike", expect=2).output
    assert "kestova AND (bike" in output and "^" in output


def test_a_brand_and_a_source_are_added_and_listed(run: Run, database: Database, data: Path) -> None:
    run(
        "brand",
        "add",
        "Kestova",
        "--query",
        "kestova -giveaway",
        "--competitor",
        "Pedalune",
        "--competitor",
        "Brontide",
    )
    path = posts_file(data, ROW)
    run("source", "add", "replay", "--brand", "kestova", "--option", f"path={path}", "--interval", 30)
    (listed,) = json.loads(run("source", "list", "--json").output)
    assert (listed["network"], listed["brand"], listed["state"]) == ("replay", "Kestova", "new")
    assert "can be read" in run("source", "check", listed["id"]).output
    with database.read() as session:
        assert session.scalars(select(Brand)).one().competitors == ["Pedalune", "Brontide"]


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (("telegram", "--brand", "Kestova"), "no network 'telegram'"),
        (("replay", "--brand", "Other", "--option", "path=x"), "no brand 'Other'"),
        (("replay", "--brand", "Kestova"), "missing"),
        (("replay", "--brand", "Kestova", "--option", "path=x", "--option", "colour=red"), "'colour'"),
        (("replay", "--brand", "Kestova", "--option", "path"), "key=value"),
    ],
)
def test_a_wrong_source_is_refused_in_words(run: Run, args: tuple[str, ...], complaint: str) -> None:
    run("brand", "add", "Kestova", "--query", "kestova")
    assert complaint in run("source", "add", *args, expect=2).output


def test_secrets_are_sealed_and_can_come_from_standard_input(run: Run, database: Database, data: Path) -> None:
    run("brand", "add", "Kestova", "--query", "kestova")
    options = ("--option", "base_url=http://127.0.0.1:9", "--secret", "access_token=-")
    run(
        "source",
        "add",
        "mastodon",
        "--brand",
        "Kestova",
        *options,
        "--option",
        "hashtags=kestova",
        stdin="tok-en-123\n",
    )
    with database.read() as session:
        assert session.scalars(select(Source)).one().secrets_sealed
    assert b"tok-en-123" not in (data / "hearken.db").read_bytes()


# --- data in and out ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.jsonl.gz"])
def test_an_import_lands_as_routed_conversations_and_a_second_adds_nothing(
    run: Run, database: Database, data: Path, name: str
) -> None:
    path = posts_file(data, ROW, {**ROW, "id": "2", "author": "bob"}, name=name)
    assert "2 added" in run("import", path, "--brand", "Kestova", "--network", "x").output
    assert "0 added, 2 known" in run("import", path, "--brand", "Kestova", "--network", "x").output
    with database.read() as session:
        assert {c.team for c in session.scalars(select(Conversation))} == {"support"}


def test_bad_rows_are_reported_kept_apart_and_the_good_ones_stay(run: Run, database: Database, data: Path) -> None:
    path = posts_file(data, ROW, "{not json", {**ROW, "id": ""}, {**ROW, "id": "4", "created_at": "yesterday"})
    output = run("import", path, "--brand", "Kestova", "--network", "x", expect=3).output
    for line in (
        "line 2:",
        "line 3:",
        "line 4:",
        "1 added, 0 known already, 3 refused",
        "posts.jsonl.rejected.jsonl",
    ):
        assert line in output
    rejected = [json.loads(line) for line in (data / "posts.jsonl.rejected.jsonl").read_text().splitlines()]
    assert [row["line"] for row in rejected] == [2, 3, 4]
    with database.read() as session:
        assert [mention.external_id for mention in session.scalars(select(Mention))] == ["1"]


def test_an_unknown_network_is_refused_before_anything_is_made(run: Run, database: Database, data: Path) -> None:
    run("import", posts_file(data, ROW), "--brand", "Kestova", "--network", "myspace", expect=2)
    with database.read() as session:
        assert session.scalars(select(Brand)).all() == []


def test_analyse_prints_one_object_a_line_in_order(run: Run) -> None:
    lines = [
        json.dumps({"id": "a", "text": "I love it, thank you"}),
        "",
        "plain text, why is it broken?",
        json.dumps({"id": 7}),
    ]
    out = [json.loads(line) for line in run("analyse", "-", stdin="\n".join(lines) + "\n").stdout.splitlines()]
    assert [row["id"] for row in out] == ["a", 2, 3, 7]
    for row in out:
        assert set(row) >= {"id", "sentiment", "intent", "urgency", "language", "model"}
        assert set(row["sentiment"]["p"]) >= {"negative", "neutral", "positive"}
        assert set(row["intent"]["p"]) >= {
            "complaint",
            "question",
            "praise",
            "purchase",
            "suggestion",
            "promotion",
            "other",
        }
        assert 0 <= row["urgency"] <= 1 and row["model"]
    assert out[0]["sentiment"]["label"] == "positive"


def test_mentions_are_read_again_where_another_model_read_them(run: Run, data: Path, database: Database) -> None:
    (data / "hearken.toml").write_text('analyser = "lexicon"')
    rows = [{**ROW, "id": str(number), "created_at": f"2026-11-0{number}T10:00:00Z"} for number in (1, 2, 3)]
    run("import", posts_file(data, *rows), "--brand", "Kestova", "--network", "x")
    again = ("analyse", "--re-read", "--since", "2026-11-02")
    assert "0 mentions read again" in run(*again).output
    assert "2 mentions read again" in run(*again, "--all").output
    with database.write() as session:
        session.execute(update(ReadingRow).values(model="older/1", sentiment="positive"))
    output = run(*again, "--brand", "Kestova").output
    assert "2 mentions read again by vader-rules/1." in output
    lines = [line.split() for line in output.splitlines()]
    assert ["sentiment", "2", "100.0", "%"] in lines and ["intent", "0", "0.0", "%"] in lines
    assert "0 mentions read again" in run(*again).output
    with database.read() as session:
        models = session.scalars(select(ReadingRow.model).order_by(ReadingRow.mention_id)).all()
    assert models == ["older/1", "vader-rules/1", "vader-rules/1"]


@pytest.mark.parametrize(
    "arguments",
    [[], ["--re-read"], ["-", "--re-read", "--since", "2026-11-01"], ["-", "--all"], ["-", "--since", "2026-11-01"]],
    ids=" ".join,
)
def test_analyse_takes_either_a_file_or_what_was_read_before(run: Run, arguments: list[str]) -> None:
    assert "--since" in run("analyse", *arguments, expect=2).output


def test_analyse_reads_gzip(run: Run, data: Path) -> None:
    path = posts_file(data, ROW, name="posts.jsonl.gz")
    assert json.loads(run("analyse", path).stdout)["id"] == "1"


def test_export_gives_the_fields_that_scripts_rely_on(run: Run, data: Path) -> None:
    run("import", posts_file(data, ROW), "--brand", "Kestova", "--network", "x")
    (row,) = [json.loads(line) for line in run("export", "conversations").stdout.splitlines()]
    assert list(row) == [
        "id", "network", "author", "contact", "team", "assignee", "status", "priority", "sentiment", "intent",
        "urgency", "first_at", "last_at", "mention_ids", "why",
    ]  # fmt: skip
    assert row["mention_ids"] and set(row["why"]) >= {"rule", "facts"}
    (as_csv,) = csv.DictReader(io.StringIO(run("export", "mentions", "--format", "csv", "--brand", "Kestova").stdout))
    assert as_csv["text"] == ROW["text"]
    assert run("export", "contacts", "--since", "2030-01-01").stdout == ""
    assert run("export", "corrections").stdout == ""


def test_listen_once_prints_counts_per_stage(run: Run, data: Path) -> None:
    run("brand", "add", "Kestova", "--query", "kestova")
    run("source", "add", "replay", "--brand", "Kestova", "--option", f"path={posts_file(data, ROW)}")
    counts = json.loads(run("listen", "--once", "--json").stdout)
    expected = {
        "sources": 1,
        "heard": 1,
        "analysed": 1,
        "linked": 1,
        "routed": 1,
        "delivered": 0,
        "failed_sources": 0,
    }
    assert expected.items() <= counts.items()


def test_a_reply_from_the_command_line_is_delivered(run: Run, data: Path) -> None:
    run("brand", "add", "Kestova", "--query", "kestova")
    path = posts_file(data, {**ROW, "network": "mastodon"})
    run("source", "add", "replay", "--brand", "Kestova", "--option", f"path={path}")
    run("listen", "--once")
    assert json.loads(run("reply", 1, "We are on it.", "--json").stdout)["state"] == "sent"
    assert "We are on it." in (data / "outbox.jsonl").read_text()
    assert "does not exist" in run("reply", 99, "hello", expect=2).output


def test_doctor_says_what_is_wrong_and_what_to_do(run: Run, data: Path) -> None:
    run("brand", "add", "Kestova", "--query", "kestova")
    run("source", "add", "replay", "--brand", "Kestova", "--option", f"path={data / 'missing.jsonl'}")
    findings = json.loads(run("doctor", "--json", expect=1).stdout)
    bad = {finding["what"]: finding for finding in findings if not finding["ok"]}
    assert "user add" in bad["people"]["remedy"]
    assert any(what.startswith("source 1") and finding["remedy"] for what, finding in bad.items())


def test_without_a_reading_engine_mentions_are_kept_and_people_told(run: Run, data: Path) -> None:
    (data / "hearken.toml").write_text('analyser = "transformers:/nowhere"')
    run("brand", "add", "Kestova", "--query", "kestova")
    run("source", "add", "replay", "--brand", "Kestova", "--option", f"path={posts_file(data, ROW)}")
    heard = run("listen", "--once", "--json", expect=1)
    assert json.loads(heard.stdout)["heard"] == 1 and "Reading waits: " in heard.stderr
    imported = run("import", posts_file(data, {**ROW, "id": "2"}), "--brand", "Kestova", "--network", "x", expect=1)
    assert "1 added" in imported.stdout and "Reading waits: " in imported.stderr
    findings = {found["what"]: found for found in json.loads(run("doctor", "--json", expect=1).stdout)}
    assert not findings["reading engine"]["ok"] and findings["reading engine"]["remedy"]
    (data / "hearken.toml").unlink()
    assert json.loads(run("listen", "--once", "--json").stdout)["routed"] == 2


def test_doctor_says_that_mentions_wait_to_be_read(run: Run, data: Path, database: Database) -> None:
    def reading() -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(run("doctor", "--json", expect=1).stdout)
        return next(one for one in found if one["what"] == "reading")

    run("import", posts_file(data, ROW), "--brand", "Kestova", "--network", "x")
    assert reading()["ok"]
    with database.write() as session:
        session.execute(update(Mention).values(stage="heard", heard_at=utc_now() - timedelta(hours=1)))
    assert not reading()["ok"] and "A mention waits" in reading()["message"] and "listen" in reading()["remedy"]


def test_the_sample_brand_loads_once(run: Run, database: Database) -> None:
    assert "mentions of Kestova heard" in run("sample", "load").output
    assert "loaded already" in run("sample", "load", expect=2).output


# --- troubles ----------------------------------------------------------------------------------------------------


def test_an_old_database_is_refused_with_the_command_that_helps(run: Run, data: Path) -> None:
    (data / "hearken.db").unlink()
    Database(f"sqlite:///{data / 'hearken.db'}").migrate("0001")
    assert "hearken migrate" in run("brand", "list", expect=2).output
    run("migrate")
    run("brand", "list")


def test_a_newer_database_is_refused(run: Run, database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "newer" in run("brand", "list", expect=2).output
    assert "newer" in run("migrate", expect=2).output


def test_a_wrong_setting_names_its_key(data: Path) -> None:
    (data / "hearken.toml").write_text('port = "many"\n')
    result = CliRunner().invoke(main, ["--data", str(data), "brand", "list"])
    assert result.exit_code == 2 and "HEARKEN_PORT" in result.output


def test_a_fresh_folder_is_made_ready_by_the_first_command(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--data", str(tmp_path / "new"), "brand", "list"])
    assert result.exit_code == 0 and "None yet" in result.output
