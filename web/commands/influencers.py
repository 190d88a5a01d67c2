"""influencers: who matters."""

import click

from config.clock import utc_now
from config.errors import ConflictError
from web.commands.parts import Parts, pass_parts


@click.group()
def influencers() -> None:
    """Who matters for a brand.

    Example: hearken influencers recompute
    """


@influencers.command()
@click.option("--brand", "brand_name", help="Only this brand's.")
@pass_parts
def recompute(parts: Parts, brand_name: str | None) -> None:
    """Rate every author anew, as happens each night by itself.

    Example: hearken influencers recompute --brand Kestova
    """
    from engage import brands, influence

    with parts.database.read() as session:
        chosen = [brands.named(session, brand_name)] if brand_name else brands.all_brands(session)
    for brand in chosen:
        rated = influence.rate_all(parts.database, brand.id, parts.settings.influence_weights, utc_now)
        if rated is None:
            raise ConflictError(
                f"The authors of {brand.name} are being rated at this moment.", "Wait for it, then look at the list."
            )
        click.echo(f"{brand.name}: {rated:,} authors rated.")
