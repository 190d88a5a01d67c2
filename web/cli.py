"""The command line, and the composition root: the one place that knows which concrete parts make up Hearken."""

import contextlib
import gzip
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

import click

from config.clock import utc_now
from config.database import Database
from config.errors import HearkenError, InvalidInputError
from config.logs import set_up_logs
from config.secrets import Vault
from config.settings import Settings, load_settings
from engage.tables import Role, Team

READ_AT_ONCE = 512
PARTLY_REJECTED = 3
ADMIN_EMAIL = "admin@hearken.local"
PASSWORD_FILE = "admin-password"  # noqa: S105 (a file's name)


class Hearken(click.Group):
    """Shows our errors as a sentence and a remedy, not as a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HearkenError as error:
            click.echo(f"hearken: {error}", err=True)
            if place := getattr(error, "marked", ""):  # a query, with the place that is wrong
                click.echo(place, err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(0)


class Parts:
    """Settings, database, vault and flow, each made when a command first asks for it."""

    def __init__(self, data: Path | None) -> None:
        self.data = data

    def __getattr__(self, name: str) -> Any:
        makers: dict[str, Callable[[], Any]] = {
            "settings": lambda: _prepared_settings(self.data),
            "database": lambda: _ready_database(self.settings),
            "vault": lambda: Vault.in_folder(self.settings.data),
            "pipeline": lambda: _make_pipeline(self),
        }
        if name not in makers:
            raise AttributeError(name)
        value = makers[name]()
        setattr(self, name, value)
        return value


def _prepared_settings(data: Path | None) -> Settings:
    settings = load_settings(data)
    set_up_logs(settings.log_level)
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HearkenError(
            f"The data folder {settings.data} cannot be made: {error.strerror}.", "Choose another with --data."
        ) from None
    return settings


def _ready_database(settings: Settings) -> Database:
    """The database; a brand-new one gets its schema, an old or newer one is refused."""
    database = Database(settings.url)
    if database.is_empty():
        database.migrate()
    database.check_version()
    return database


def _make_pipeline(parts: Parts) -> Any:
    from engage.pipeline import Pipeline

    return Pipeline(parts.database, parts.settings, parts.vault)


pass_parts = click.make_pass_decorator(Parts)
as_json = click.option("--json", "json_", is_flag=True, help="One JSON value instead of text.")


@click.group(cls=Hearken, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder (or HEARKEN_DATA).")
@click.version_option(package_name="hearken")
@click.pass_context
def main(ctx: click.Context, data: Path | None) -> None:
    """Hearken listens to what people say about a brand and helps a team answer.

    Example: hearken run
    """
    ctx.obj = Parts(data)


# --- running -----------------------------------------------------------------------------------------------------


@main.command()
@click.option("--host", help="Address to listen on (default 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (default 8470).")
@pass_parts
def run(parts: Parts, host: str | None, port: int | None) -> None:
    """Start everything: web and listener, with the sample brand in an empty database.

    Example: hearken run --port 9000
    """
    from web import running

    settings = _override(parts, host, port)
    running.refuse_taken_address(settings)
    database = Database(settings.url)
    database.migrate()
    parts.database = database
    _first_admin(parts)
    _first_brand(parts)
    url = settings.public_url or f"http://{settings.host}:{settings.port}"
    click.echo(f"\n  Hearken is at      {url}\n  Log in as          {ADMIN_EMAIL}\n  {_password_line(parts)}")
    click.echo(f"  The data lies in   {settings.data.resolve()}\n  Ctrl-C stops it.\n")
    address = ["--data", str(settings.data)]
    web = [*address, "serve", "--host", settings.host, "--port", str(settings.port), "--with-parent"]
    with running.stop_signals() as stop:
        code = running.run_together([web, [*address, "listen", "--with-parent"]], stop)
    click.echo("Stopped.")
    sys.exit(code)


@main.command()
@click.option("--host", help="Address to listen on (default 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (default 8470).")
@click.option("--with-parent", is_flag=True, hidden=True)
@pass_parts
def serve(parts: Parts, host: str | None, port: int | None, with_parent: bool) -> None:
    """Start the web only.

    Example: hearken serve --host 0.0.0.0
    """
    from web import running

    settings = _override(parts, host, port)
    _ready_database(settings)
    if with_parent:
        running.stop_with_parent()
    running.serve(settings)


@main.command()
@click.option("--once", is_flag=True, help="Run what is due through every stage, then end.")
@click.option("--with-parent", is_flag=True, hidden=True)
@as_json
@pass_parts
def listen(parts: Parts, once: bool, with_parent: bool, json_: bool) -> None:
    """Hear, understand, route and deliver, until stopped.

    Example: hearken listen --once
    """
    from web import running

    with running.stop_signals() as stop:
        if with_parent:
            running.stop_with_parent()
        if not once:
            from engage.listening import listen as listen_on

            listen_on(parts.pipeline, stop)
            return
        parts.pipeline.stopping = stop.is_set
        counts = asdict(parts.pipeline.run_once())
    heard = counts.pop("heard")
    flat = {"sources": counts.pop("sources"), "failed_sources": counts.pop("failed_sources")}
    flat |= {
        "heard": heard["added"],
        "updated": heard["updated"],
        "known": heard["known"],
        "dropped": heard["dropped"],
    }
    _show({**flat, **counts}, json_)


@main.command()
@pass_parts
def migrate(parts: Parts) -> None:
    """Bring the database to what this version needs; data is kept.

    Example: hearken migrate
    """
    Database(parts.settings.url).migrate()
    click.echo("The database is up to date.")


@main.command()
@as_json
@pass_parts
def doctor(parts: Parts, json_: bool) -> None:
    """Check settings, database and every source's credentials; say what to do.

    Example: hearken doctor
    """
    from web.doctor import examine

    findings = []
    for finding in examine(parts.settings):
        findings.append(finding)
        if not json_:
            click.echo(
                f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.message} {finding.remedy}".rstrip()
            )
    if json_:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    if not all(finding.ok for finding in findings):
        sys.exit(1)


def _override(parts: Parts, host: str | None, port: int | None) -> Settings:
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings: Settings = parts.settings.model_copy(update=given)
    return settings


def _first_admin(parts: Parts) -> None:
    """An installation without people gets an admin, whose password waits in a file only its owner can read."""
    from engage import users

    with parts.database.write() as session:
        if users.count_admins(session):
            return
        _, password = users.add_user(session, ADMIN_EMAIL, None, Role.ADMIN, Team.SUPPORT, utc_now())
        path = parts.settings.data / PASSWORD_FILE
        path.touch(mode=0o600)
        path.write_text(password + "\n")


def _password_line(parts: Parts) -> str:
    path = parts.settings.data / PASSWORD_FILE
    if not path.exists():
        return "Password           the one you set"
    return f"Password           {path.read_text().strip()}   (from {path}, unless you changed it)"


def _first_brand(parts: Parts) -> None:
    from engage import sources

    with parts.database.read() as session:
        empty = not sources.brands(session)
    if empty:
        click.echo("The database is empty: loading the sample brand …")
        _load_sample(parts)


# --- people, brands, sources -------------------------------------------------------------------------------------


@main.group()
def user() -> None:
    """People who may log in.

    Example: hearken user list
    """


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.AGENT.value, show_default=True)
@click.option(
    "--team", type=click.Choice([team.value for team in Team]), default=Team.SUPPORT.value, show_default=True
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@pass_parts
def user_add(parts: Parts, email: str, role: str, team: str, password_stdin: bool) -> None:
    """Add a person; without --password-stdin a password is made and printed.

    Example: hearken user add ada@example.com --role agent --team support
    """
    from engage import users

    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with parts.database.write() as session:
        added, password = users.add_user(session, email, given, Role(role), Team(team), utc_now())
    click.echo(f"{added.email} can log in." + ("" if given else f" Password: {password}"))


@user.command("list")
@as_json
@pass_parts
def user_list(parts: Parts, json_: bool) -> None:
    """List the people.

    Example: hearken user list --json
    """
    from engage import users

    with parts.database.read() as session:
        found = users.list_users(session)
    columns = ("id", "email", "name", "role", "team", "active")
    _show_table([{name: getattr(user, name) for name in columns} for user in found], json_)


@main.group()
def brand() -> None:
    """Brands: what Hearken listens for.

    Example: hearken brand list
    """


@brand.command("add")
@click.argument("name")
@click.option("--query", required=True, help="Boolean search, such as 'kestova -giveaway'.")
@click.option("--competitor", "competitors", multiple=True, metavar="NAME", help="Also hear this name; repeatable.")
@click.option("--product", "products", multiple=True, metavar="NAME", help="A product's name; repeatable.")
@pass_parts
def brand_add(parts: Parts, name: str, query: str, competitors: tuple[str, ...], products: tuple[str, ...]) -> None:
    """Add a brand.

    Example: hearken brand add Kestova --query 'kestova -giveaway' --competitor Pedalune
    """
    from engage import sources

    with parts.database.write() as session:
        added = sources.add_brand(session, name, query, products, competitors, utc_now())
        click.echo(f"Brand {added.id}: {added.name}")


@brand.command("list")
@as_json
@pass_parts
def brand_list(parts: Parts, json_: bool) -> None:
    """List the brands.

    Example: hearken brand list
    """
    from engage import sources

    with parts.database.read() as session:
        found = sources.brands(session)
    _show_table(
        [
            {"id": b.id, "name": b.name, "query": b.query, "competitors": b.competitors, "products": b.products}
            for b in found
        ],
        json_,
    )


@main.group()
def source() -> None:
    """Sources: where Hearken listens.

    Example: hearken source list
    """


@source.command("add")
@click.argument("network")
@click.option("--brand", "brand_name", required=True, help="Whose mentions it hears.")
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="A setting of the network; repeatable.")
@click.option(
    "--secret", "secrets", multiple=True, metavar="KEY=VALUE|KEY=-", help="A credential; - asks for it; repeatable."
)
@click.option("--interval", type=click.IntRange(5, 86400), help="Seconds between two looks.")
@pass_parts
def source_add(
    parts: Parts,
    network: str,
    brand_name: str,
    options: tuple[str, ...],
    secrets: tuple[str, ...],
    interval: int | None,
) -> None:
    """Listen on a network: x, reddit, mastodon, bluesky, feed, hackernews or replay.

    Example: hearken source add mastodon --brand Kestova --option base_url=https://mastodon.example --option hashtags=ebike
    """
    from engage import sources, users

    credentials = {key: _ask(key) if value == "-" else value for key, value in map(_pair, secrets)}
    with parts.database.write() as session:
        added = sources.add(
            session,
            parts.vault,
            network,
            sources.brand_named(session, brand_name).id,
            dict(map(_pair, options)),
            credentials,
            interval or parts.settings.default_interval,
            by=users.command_line_user(),
            now=utc_now(),
        )
        click.echo(f"Source {added.id}: {added.network} for {brand_name}")


@source.command("list")
@as_json
@pass_parts
def source_list(parts: Parts, json_: bool) -> None:
    """List the sources with their health.

    Example: hearken source list --json
    """
    from engage import sources

    with parts.database.read() as session:
        found = sources.all_sources(session)
    _show_table(
        [
            {
                "id": s.id,
                "network": s.network,
                "brand": s.brand.name,
                "state": s.state.value,
                "heard": s.heard,
                "last_run": _iso(s.last_run_at),
                "next_run": _iso(s.next_run_at),
                "error": f"{s.error_text} {s.remedy}".strip(),
            }
            for s in found
        ],
        json_,
    )


@source.command("check")
@click.argument("source_id", type=int)
@as_json
@pass_parts
def source_check(parts: Parts, source_id: int, json_: bool) -> None:
    """Ask the network whether a source's options and credentials work.

    Example: hearken source check 1
    """
    from engage import sources

    with parts.database.read() as session:
        found = sources.get(session, source_id)
    health = sources.check(found, parts.vault, utc_now)
    if json_:
        account = health.account.handle if health.account else None
        click.echo(
            json.dumps({"ok": True, "account": account, "message": health.message, "warnings": health.warnings})
        )
        return
    click.echo("\n".join([health.message, *health.warnings]))


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InvalidInputError(f"{text!r} is not of the form key=value.", "Write it as key=value.")
    return key, value


def _ask(key: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(key, hide_input=True))
    return sys.stdin.readline().rstrip("\r\n")


# --- data in and out ---------------------------------------------------------------------------------------------


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--brand", "brand_name", required=True, help="Whose mentions they are; made if it does not exist.")
@click.option("--network", required=True, help="Where they were posted.")
@pass_parts
def import_(parts: Parts, file: Path, brand_name: str, network: str) -> None:
    """Take posts from a file (JSONL, also .gz, or CSV), read and route them. Exit code 3: some rows were refused.

    Example: hearken import posts.jsonl.gz --brand Kestova --network x
    """
    from engage import sources
    from listener.connectors import connector_class
    from listener.importer import import_file

    connector_class(network)
    with parts.database.write() as session:
        target, made = sources.brand_for_import(session, brand_name, utc_now())
    if made:
        click.echo(f"Brand {brand_name} did not exist and was made; it listens for {target.query}.", err=True)
    with _progress("Reading the file") as step:
        result = import_file(parts.database, file, target.id, network, utc_now, step, parts.settings.data)
    with _progress("Reading and routing", result.added) as step:
        parts.pipeline.after_step = _by_stage(step)
        parts.pipeline.process()
    click.echo(f"{result.added:,} added, {result.known:,} known already, {result.rejected:,} refused.")
    if result.rejected:
        for line, reason in result.reasons:
            click.echo(f"line {line}: {reason}", err=True)
        click.echo(f"The refused rows are in {result.rejected_path}", err=True)
        sys.exit(PARTLY_REJECTED)


@main.command()
@click.argument("file", type=click.File("rb"))
@pass_parts
def analyse(parts: Parts, file: IO[bytes]) -> None:
    """Read texts: one JSON object out for each line in. Lines are JSON objects with `text` (and `id`), or plain text.

    Example: hearken analyse posts.jsonl.gz
    """
    from nlp.load import load_analyser

    analyser = load_analyser(parts.settings.analyser)
    lines = enumerate(_lines(file), 1)
    with _progress("Analysing") as step:
        while batch := list(islice(lines, READ_AT_ONCE)):
            texts = [_text_of(number, line) for number, line in batch]
            for (id_, _), reading in zip(texts, analyser.read([text for _, text in texts]), strict=True):
                click.echo(json.dumps(_reading_json(id_, reading), ensure_ascii=False))
            step(len(batch))


def _lines(file: IO[bytes]) -> Iterable[str]:
    """Decoded lines of a plain or gzipped file; bytes that are not UTF-8 become the replacement character."""
    head = file.peek(2)[:2] if hasattr(file, "peek") else b""
    stream: Iterable[bytes] = gzip.open(file) if head == b"\x1f\x8b" else file
    for line in stream:
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _text_of(number: int, line: str) -> tuple[Any, Any]:
    """The id and the text of an input line; a line that is no JSON object is the text itself."""
    from nlp.reading import Text

    try:
        row = json.loads(line) if line.lstrip().startswith("{") else None
    except ValueError:
        row = None
    if not isinstance(row, dict):
        return number, Text(line)
    return row.get("id", number), Text(str(row.get("text") or ""), str(row.get("lang") or ""))


def _reading_json(id_: Any, reading: Any) -> dict[str, Any]:
    def rounded(p: dict[Any, float]) -> dict[str, float]:
        return {str(label): round(value, 4) for label, value in p.items()}

    return {
        "id": id_,
        "sentiment": {"label": reading.sentiment, "p": rounded(reading.p_sentiment)},
        "intent": {"label": reading.intent, "p": rounded(reading.p_intent)},
        "urgency": round(reading.urgency, 3),
        "language": reading.language,
        "model": reading.model,
    }


@main.command()
@click.argument("conversation", type=int)
@click.argument("text")
@as_json
@pass_parts
def reply(parts: Parts, conversation: int, text: str, json_: bool) -> None:
    """Answer a conversation and wait for the network's word.

    Example: hearken reply 12 "Thank you, we are looking into it."
    """
    from engage import replies, users

    with parts.database.write() as session:
        written = replies.write(
            session, conversation, text, by=users.command_line_user(), now=utc_now(), approval_required=False
        )
        reply_id = written.id
    parts.pipeline.deliver()
    with parts.database.read() as session:
        done = replies.get(session, reply_id)
    shown = {
        "id": done.id,
        "state": done.state.value,
        "url": done.url,
        "error": f"{done.error_text} {done.remedy}".strip(),
    }
    _show({key: value for key, value in shown.items() if value or json_}, json_)
    if done.state not in {"sent", "sending", "approved"}:
        sys.exit(1)


@main.command()
@click.argument("what", type=click.Choice(["mentions", "conversations", "contacts"]))
@click.option("--format", "format_", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--brand", "brand_name", help="Only this brand's.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Only since this day (UTC).")
@pass_parts
def export(parts: Parts, what: str, format_: str, brand_name: str | None, since: datetime | None) -> None:
    """Write mentions, conversations or contacts to standard output.

    Example: hearken export conversations --format csv --since 2026-11-01 > conversations.csv
    """
    from engage import sources
    from engage.export import export as rows_of
    from engage.export import write_csv, write_jsonl

    with parts.database.read() as session:
        brand_id = sources.brand_named(session, brand_name).id if brand_name else None
        rows = rows_of(session, what, brand_id, since.replace(tzinfo=UTC) if since else None)
        (write_csv if format_ == "csv" else write_jsonl)(rows, sys.stdout)


@main.group()
def sample() -> None:
    """The sample brand.

    Example: hearken sample load
    """


@sample.command("load")
@pass_parts
def sample_load(parts: Parts) -> None:
    """Load the invented brand Kestova with eight weeks of mentions, and more arriving while you watch.

    Example: hearken sample load
    """
    _load_sample(parts)


def _load_sample(parts: Parts) -> None:
    from engage import sources, users
    from listener import sample as sample_brand

    path = parts.settings.data / "sample.jsonl"
    now = utc_now()
    with parts.database.write() as session:
        if any(brand.name == sample_brand.BRAND.name for brand in sources.brands(session)):
            raise InvalidInputError("The sample brand is loaded already.", "Open it in the inbox.")
        sample_brand.write(path, now)
        brand = sources.add_brand(
            session,
            sample_brand.BRAND.name,
            sample_brand.BRAND.query,
            sample_brand.BRAND.products,
            sample_brand.BRAND.competitors,
            now,
        )
        added = sources.add(
            session,
            parts.vault,
            "replay",
            brand.id,
            {"path": str(path.resolve())},
            {},
            5,
            by=users.command_line_user(),
            now=now,
        )
        source_id = added.id
    heard = parts.pipeline.collect(source_id)
    routed = parts.pipeline.process()
    click.echo(f"{heard.added if heard else 0:,} mentions of {sample_brand.BRAND.name} heard, {routed:,} routed.")


# --- showing -----------------------------------------------------------------------------------------------------


def _show(values: dict[str, Any], json_: bool) -> None:
    if json_:
        click.echo(json.dumps(values, ensure_ascii=False))
        return
    for name, value in values.items():
        click.echo(f"{name.replace('_', ' ')}: {value:,}" if isinstance(value, int) else f"{name}: {value}")


def _show_table(rows: list[dict[str, Any]], json_: bool) -> None:
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


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


@contextlib.contextmanager
def _progress(label: str, length: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing in a pipe; yields what is called with the number of things done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=length or 0, label=label, file=sys.stderr, show_pos=True) as bar:
        yield bar.update


def _by_stage(step: Callable[[int], None]) -> Callable[[str], None]:
    """Progress of the last stage, told batch by batch."""
    from engage.pipeline import BATCH

    return lambda name: step(BATCH) if name == "route" else None


if __name__ == "__main__":
    main()
