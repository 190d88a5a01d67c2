"""report: what the mails say, on the screen, as files, or on its way."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from config.clock import utc_now
from config.errors import InvalidInputError, NotFoundError
from web.commands.parts import Parts, pass_parts

if TYPE_CHECKING:
    from engage.report.content import ReportKind
    from engage.report.sending import Whose


@click.group()
def report() -> None:
    """The reports that are mailed.

    Example: hearken report weekly --brand Kestova
    """


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--send", "send_", is_flag=True, help="Mail it to the plan's recipients, once."),
        click.option(
            "--out",
            type=click.Path(path_type=Path, file_okay=False),
            help="Write mail, text, PDF, CSV and charts here.",
        ),
        click.option("--plan", "plan_name", help="Which plan of the brand, where it has several."),
        click.option("--brand", "brand_name", required=True, help="Whose report."),
    ):
        command = option(command)
    return command


@report.command()
@click.option("--week", help="Like 2026-W47; the last whole week unless given.")
@_options
@pass_parts
def weekly(
    parts: Parts, week: str | None, brand_name: str, plan_name: str | None, out: Path | None, send_: bool
) -> None:
    """Show the report of a week, Monday to Sunday.

    Example: hearken report weekly --brand Kestova --week 2026-W47 --out report
    """
    from engage.report.content import ReportKind

    _run(parts, ReportKind.WEEKLY, _monday(week) if week else None, brand_name, plan_name, out, send_)


@report.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Like 2026-11-16; yesterday unless given.")
@_options
@pass_parts
def daily(parts: Parts, day: Any, brand_name: str, plan_name: str | None, out: Path | None, send_: bool) -> None:
    """Show the report of a day.

    Example: hearken report daily --brand Kestova --day 2026-11-16
    """
    from engage.report.content import ReportKind

    _run(parts, ReportKind.DAILY, day.date() if day else None, brand_name, plan_name, out, send_)


@report.command()
@click.option("--user", "email", required=True, help="The e-mail address of the account.")
@click.option("--week", help="Like 2026-W47; the last whole week unless given.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write mail, text, PDF and CSV here.")
@pass_parts
def mine(parts: Parts, email: str, week: str | None, out: Path | None) -> None:
    """Show a person's own week.

    Example: hearken report mine --user ada@example.com
    """
    from engage import users
    from engage.report import sending
    from engage.report.content import ReportKind
    from engage.report.schedule import due
    from engage.report.sending import Whose

    with parts.database.read() as session:
        user = users.with_email(session, email)
    first = _monday(week) if week else due(sending.own_week(user), utc_now()).first
    _show(parts, Whose(ReportKind.PERSONAL, first, user_id=user.id), None, out)


def _monday(week: str) -> date:
    from engage.report.schedule import first_of

    try:
        return first_of(week)
    except ValueError:
        raise InvalidInputError(f"{week!r} is no week.", "Write it like 2026-W47.", field="week") from None


def _run(
    parts: Parts,
    kind: "ReportKind",
    first: date | None,
    brand_name: str,
    plan_name: str | None,
    out: Path | None,
    send_: bool,
) -> None:
    from engage import brands, users
    from engage.report import plans, sending
    from engage.report.schedule import due
    from engage.report.sending import Whose

    now = utc_now()
    with parts.database.read() as session:
        brand = brands.named(session, brand_name)
        plan = _plan(session, brand.id, brand.name, kind, plan_name)
    when = plans.when(plan) if plan else sending.usual(kind)
    whose = Whose(kind, first or due(when, now).first, plan.id if plan else None, brand_id=brand.id)
    if not sending.is_over(whose, when.zone, now):
        raise InvalidInputError("That time is not over yet.", "Choose an earlier one.", field="week")
    if not send_:
        _show(parts, whose, plan, out)
        return
    if plan is None:
        raise NotFoundError(
            f"Nobody is set down to get the {kind} report of {brand.name}.", "Make a plan on the page Reports."
        )
    with parts.database.write() as session:
        key = sending.send_now(session, whose, by=users.command_line_user(), now=now)
    click.echo(sending.told(parts.database, parts.settings, key, utc_now))


def _plan(session: Any, brand_id: int, brand: str, kind: "ReportKind", name: str | None) -> Any:
    """The plan that is meant; None where the brand has none of the kind."""
    from engage.report.plans import all_plans

    plans = [line.plan for line in all_plans(session, brand_id) if line.plan.kind == kind]
    if name is not None:
        plans = [plan for plan in plans if plan.name.casefold() == name.casefold()]
        if not plans:
            raise NotFoundError(f"{brand} has no {kind} plan {name!r}.", "The page Reports lists them.")
    if len(plans) > 1:
        known = ", ".join(plan.name for plan in plans)
        raise InvalidInputError(f"{brand} has several {kind} plans.", f"Choose one by --plan: {known}.", field="plan")
    return plans[0] if plans else None


def _show(parts: Parts, whose: "Whose", plan: Any, out: Path | None) -> None:
    from engage.report import sending
    from engage.report.mail import build, files

    found = sending.stored_or_made(parts.database, whose, utc_now, keep=False)
    look = sending.look_for(parts.settings, plan, whose.user_id)
    if out is None:
        text = build(found, look).get_body(("plain",))
        click.echo(text.get_content().rstrip() if text else found.headline)
        return
    for name, content in files(found, look).items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        click.echo(str(path))
