"""run, serve, listen, migrate, doctor."""

import json
import sys
from dataclasses import asdict

import click

from config.clock import utc_now
from config.database import Database
from config.settings import Settings
from engage.tables import Role, Team
from web.commands.parts import Parts, as_json, pass_parts
from web.commands.sample import load_sample
from web.commands.show import show, tell_if_reading_waits

ADMIN_EMAIL = "admin@hearken.local"
PASSWORD_FILE = "admin-password"  # noqa: S105 (a file's name)


@click.command()
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
    Database(settings.url).migrate()
    fresh = _first_admin(parts)
    _first_brand(parts)
    url = settings.public_url or f"http://{settings.host}:{settings.port}"
    click.echo(
        f"\n  Hearken is at      {url}\n  Log in as          {ADMIN_EMAIL}\n  {_password_line(parts, fresh=fresh)}"
    )
    click.echo(f"  The data lies in   {settings.data.resolve()}\n  Ctrl-C stops it.\n")
    address = ["--data", str(settings.data)]
    web = [*address, "serve", "--host", settings.host, "--port", str(settings.port), "--with-parent"]
    with running.stop_signals() as stop:
        code = running.run_together([web, [*address, "listen", "--with-parent"]], stop)
    click.echo("Stopped.")
    sys.exit(code)


@click.command()
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
    _ = parts.database
    if with_parent:
        running.stop_with_parent()
    running.serve(settings)


@click.command()
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
    show({**flat, **counts}, json_)
    waits = tell_if_reading_waits(parts.pipeline)
    if flat["failed_sources"]:
        click.echo("Some sources failed; 'hearken source list' says why.", err=True)
    if waits or flat["failed_sources"]:
        sys.exit(1)


@click.command()
@pass_parts
def migrate(parts: Parts) -> None:
    """Bring the database to what this version needs; data is kept.

    Example: hearken migrate
    """
    Database(parts.settings.url).migrate()
    click.echo("The database is up to date.")


@click.command()
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
    return parts.settings.model_copy(update=given)


def _first_admin(parts: Parts) -> bool:
    """An installation without people gets an admin, whose password waits in a file only its owner can read."""
    from engage import users

    with parts.database.write() as session:
        if users.count_admins(session):
            return False
        _, password = users.add_user(session, ADMIN_EMAIL, None, Role.ADMIN, Team.SUPPORT, utc_now())
        path = parts.settings.data / PASSWORD_FILE
        path.touch(mode=0o600)
        path.write_text(password + "\n")
    return True


def _password_line(parts: Parts, *, fresh: bool) -> str:
    path = parts.settings.data / PASSWORD_FILE
    if not path.exists():
        return "Password           the one you set"
    if not fresh:
        return f"Password           in {path}, unless you changed it"
    return f"Password           {path.read_text().strip()}   (kept in {path})"


def _first_brand(parts: Parts) -> None:
    from engage import brands

    with parts.database.read() as session:
        empty = not brands.all_brands(session)
    if empty:
        click.echo("The database is empty: loading the sample brand …")
        load_sample(parts)
