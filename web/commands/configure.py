"""user, brand, source: what Hearken listens for, where, and who may log in."""

import json
import sys

import click

from config.clock import utc_now
from config.errors import InvalidInputError
from engage.tables import Role, Team
from web.commands.parts import Parts, as_json, pass_parts
from web.commands.show import iso, show_table


@click.group()
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
    show_table([{name: getattr(user, name) for name in columns} for user in found], json_)


@click.group()
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
    from engage import brands

    with parts.database.write() as session:
        added = brands.add(session, name, query, products, competitors, utc_now())
        click.echo(f"Brand {added.id}: {added.name}")


@brand.command("list")
@as_json
@pass_parts
def brand_list(parts: Parts, json_: bool) -> None:
    """List the brands.

    Example: hearken brand list
    """
    from engage import brands

    with parts.database.read() as session:
        found = brands.all_brands(session)
    show_table(
        [
            {"id": b.id, "name": b.name, "query": b.query, "competitors": b.competitors, "products": b.products}
            for b in found
        ],
        json_,
    )


@click.group()
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

    Example: hearken source add mastodon --brand Kestova --option hashtags=ebike
    """
    from engage import brands, sources, users

    credentials = {key: _ask(key) if value == "-" else value for key, value in map(_pair, secrets)}
    with parts.database.write() as session:
        added = sources.add(
            session,
            parts.vault,
            network,
            brands.named(session, brand_name).id,
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
    show_table(
        [
            {
                "id": s.id,
                "network": s.network,
                "brand": s.brand.name,
                "state": s.state.value,
                "heard": s.heard,
                "last_run": iso(s.last_run_at),
                "next_run": iso(s.next_run_at),
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
