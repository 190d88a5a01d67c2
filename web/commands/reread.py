"""analyse --re-read: old mentions once more, by the engine in force."""

from datetime import UTC, datetime

import click

from config.clock import utc_now
from config.errors import InvalidInputError
from web.commands.parts import Parts
from web.commands.show import progress, show_table


def reread(parts: Parts, since: datetime | None, brand_name: str | None, *, all_: bool) -> None:
    """Read again what another model read, or everything; say how many answers changed."""
    from engage import brands
    from engage.rereading import read_again
    from nlp.by_language import models
    from nlp.layers import Learnt
    from nlp.load import load_analyser
    from nlp.store import read_before

    if since is None:
        raise InvalidInputError("It is not said which mentions to read again.", "Add --since with a day.")
    plain = load_analyser(parts.settings.analyser, parts.settings.analysers)
    with parts.database.read() as session:
        analyser = Learnt().over(session, plain)
        in_force = models(analyser.engine)
        brand_id = brands.named(session, brand_name).id if brand_name else None
        ids = read_before(session, None if all_ else in_force, since.replace(tzinfo=UTC), brand_id)
    with progress("Reading again", len(ids)) as step:
        again = read_again(parts.database, analyser, ids, utc_now, step)
    click.echo(f"{again.read:,} mentions read again by {', '.join(dict.fromkeys(in_force.values()))}.")
    if again.read:
        changed = {"sentiment": again.sentiment, "intent": again.intent}
        show_table([_line(name, count, again.read) for name, count in changed.items()], json_=False)


def _line(answer: str, changed: int, of: int) -> dict[str, str]:
    return {"answer": answer, "changed": f"{changed:,}", "share": f"{100 * changed / of:.1f} %"}
