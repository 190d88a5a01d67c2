"""sample: the invented brand."""

import click

from config.clock import utc_now
from config.errors import InvalidInputError
from listener.sample import FEWEST_LIVE, LIVE_POSTS
from web.commands.parts import Parts, pass_parts


@click.group()
def sample() -> None:
    """The sample brand.

    Example: hearken sample load
    """


@sample.command("load")
@click.option(
    "--live",
    type=click.IntRange(FEWEST_LIVE, 2000),
    default=LIVE_POSTS,
    show_default=True,
    help="Mentions that arrive in the day after; many more than usual raise an alert.",
)
@pass_parts
def sample_load(parts: Parts, live: int) -> None:
    """Load the invented brand Kestova: eight weeks of mentions, what its team did about them, and more that arrives.

    Example: hearken sample load
    """
    load_sample(parts, live)


def load_sample(parts: Parts, live: int = LIVE_POSTS) -> None:
    from engage import brands, sources, users
    from engage import sample as history
    from listener import sample as sample_brand

    path = parts.settings.data / "sample.jsonl"
    now = utc_now()
    with parts.database.write() as session:
        if any(brand.name == sample_brand.BRAND.name for brand in brands.all_brands(session)):
            raise InvalidInputError("The sample brand is loaded already.", "Open it in the inbox.")
        composed = sample_brand.compose(now, live)
        composed.write(path)
        brand = brands.add(
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
            15,
            by=users.command_line_user(),
            now=now,
        )
        brand_id, source_id = brand.id, added.id
    heard = parts.pipeline.collect(source_id)
    routed = parts.pipeline.process()
    with parts.database.write() as session:
        team = history.add_team(session, now)
        answers = history.work_off(session, brand_id, source_id, composed.deeds, team)
    parts.pipeline.roll()
    name = sample_brand.BRAND.name
    click.echo(
        f"{heard.added if heard else 0:,} mentions of {name} heard, {routed:,} routed, {answers:,} answers sent."
    )
