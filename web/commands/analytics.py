"""analytics: the counts behind the analytics."""

import time

import click

from web.commands.parts import Parts, pass_parts


@click.group()
def analytics() -> None:
    """The counts behind the analytics.

    Example: hearken analytics rebuild
    """


@analytics.command()
@pass_parts
def rebuild(parts: Parts) -> None:
    """Count all mentions anew. They are kept up to date by themselves; this is for after a repair by hand.

    Example: hearken analytics rebuild
    """
    from engage import rollups, team_rollups

    start = time.perf_counter()
    with parts.database.write() as session:
        counted = rollups.rebuild(session)
        team_rollups.rebuild(session)
    took = time.perf_counter() - start
    click.echo(f"{counted:,} mentions counted in {took:.1f} s.")
