"""alerts: what the detector says, or would have said."""

from datetime import UTC, datetime, timedelta

import click

from config.clock import utc_now
from web.commands.parts import Parts, as_json, pass_parts
from web.commands.show import iso, show_table

EIGHT_WEEKS = timedelta(weeks=8)


@click.group()
def alerts() -> None:
    """Alerts: what is being said of a brand more than usual.

    Example: hearken alerts replay --brand Kestova
    """


@alerts.command("list")
@as_json
@pass_parts
def alerts_list(parts: Parts, json_: bool) -> None:
    """All alerts, running ones first.

    Example: hearken alerts list
    """
    from engage import alerts as found
    from engage.alert_words import headline

    with parts.database.read() as session:
        rows = [
            {
                "id": line.alert.id,
                "brand": line.brand,
                "state": line.alert.state.value,
                "since": iso(line.alert.started_at),
                "what": headline(line.alert.series, line.alert.figures),
                "why": [sentence for _, sentence, *_ in line.alert.causes],
            }
            for line in found.lines(session)
        ]
    show_table(rows, json_)


@alerts.command("replay")
@click.option("--brand", "brand_name", required=True, help="Whose history.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="From this day (UTC) on.")
@as_json
@pass_parts
def alerts_replay(parts: Parts, brand_name: str, since: datetime | None, json_: bool) -> None:
    """Run the detector over history (eight weeks, or since a day) and list what it would have said, and why.

    Example: hearken alerts replay --brand Kestova --since 2026-11-01
    """
    from engage import alerts as found
    from engage import brands
    from engage.alert_words import headline

    now = utc_now()
    start = since.replace(tzinfo=UTC) if since else now - EIGHT_WEEKS
    with parts.database.read() as session:
        brand = brands.named(session, brand_name)
        said = found.look_back(session, brand.id, start, now)
    if json_:
        show_table(
            [
                {
                    "from": iso(one.started_at),
                    "to": iso(one.last_at),
                    "what": headline(one.series, one.told.figures),
                    "why": [cause.sentence for cause in one.told.causes],
                }
                for one in said
            ],
            json_,
        )
        return
    for one in said:
        click.echo(f"{one.started_at:%Y-%m-%d %H:%M} to {one.last_at:%Y-%m-%d %H:%M} UTC")
        click.echo(f"  {headline(one.series, one.told.figures)}")
        for cause in one.told.causes:
            click.echo(f"  {cause.sentence}")
    click.echo(f"{len(said):,} alerts since {start:%Y-%m-%d}." if said else f"Nothing since {start:%Y-%m-%d}.")
