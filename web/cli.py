"""The command line, and the composition root: what makes up Hearken is put together from here."""

import sys
from pathlib import Path
from typing import Any

import click

from config.errors import HearkenError
from config.process import set_up_process
from web.commands import alerts, analytics, configure, data, influencers, learn, report, sample, start, train
from web.commands.parts import Parts


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


@click.group(cls=Hearken, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder (or HEARKEN_DATA).")
@click.version_option(package_name="hearken")
@click.pass_context
def main(ctx: click.Context, data: Path | None) -> None:
    """Hearken listens to what people say about a brand and helps a team answer.

    Example: hearken run
    """
    set_up_process()
    ctx.obj = Parts(data)


for command in (
    start.run,
    start.serve,
    start.listen,
    start.migrate,
    start.doctor,
    configure.user,
    configure.brand,
    configure.source,
    data.import_,
    data.analyse,
    data.reply,
    data.export,
    learn.learn,
    analytics.analytics,
    train.train,
    train.evaluate,
    sample.sample,
    influencers.influencers,
    alerts.alerts,
    report.report,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
