"""Reports by mail: what is due is made once, stored, and queued for everybody who wants it.

`send_due` is run again and again. Everything that is to be sent is a row first (ReportSending), written by the
schedule or by a person; making a report and its mail takes seconds, so it is done outside of any transaction, and who
comes second finds the snapshot, and the mails queued. `mail.send_waiting_mails` then sends them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from config.clock import Clock
from config.database import Database, insert_ignoring, lock_stage
from config.errors import HearkenError, InvalidInputError, NotFoundError
from config.settings import Settings
from engage import mail, rollups, team_rollups
from engage.permissions import Action, require
from engage.report import archive, facts, plans
from engage.report import own_week as report_own
from engage.report.content import Report, ReportKind, Section
from engage.report.found import Asked
from engage.report.plans import Leaving, leaving_token
from engage.report.schedule import LATE, When, due, last_of, period
from engage.report.tables import ReportPlan, ReportSending, StoredReport
from engage.tables import User

OWN_WEEK_HOUR = 7
PATIENCE = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""After so long a report that could not be made is tried again; the last one counts from then on."""
NO_SERVER = "No mail server is named, so the mails wait. Set HEARKEN_SMTP_HOST."


@dataclass(frozen=True, slots=True)
class Whose:
    """A report by what it is about: a plan's, a person's own week, or a brand's that nobody gets."""

    kind: ReportKind
    first: date
    plan_id: int | None = None
    user_id: int | None = None
    brand_id: int | None = None
    """Asked only where there is no plan."""

    @property
    def key(self) -> str:
        """`4 2026-W47`, `mine 3 2026-W47`; nothing is stored for a brand that has no plan."""
        name = f"mine {self.user_id}" if self.user_id is not None else str(self.plan_id or f"brand {self.brand_id}")
        return f"{name} {period(self.kind, self.first)}"


# --- the schedule ------------------------------------------------------------------------------------------------


def send_due(
    database: Database, settings: Settings, clock: Clock, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Make and queue what is due or was asked for; the number of reports whose mails were queued.

    Raises the error of the first report that could not be made, once the others are done; it is tried again, after
    longer and longer waits.
    """
    with database.write() as session:
        lock_stage(session, "reports")
        trouble = note_due(session, clock())
    done = 0
    for sending_id in waiting(database, clock()):
        if stopping():
            break
        try:
            done += send(database, settings, sending_id, clock)
        except Exception as error:
            trouble = trouble or error
            _tell_failure(database, sending_id, _said(error), clock())
    if trouble:
        raise trouble
    return done


def note_due(session: Session, now: datetime) -> Exception | None:
    """Write down what should have left by now. What was due before a plan was made was not missed.

    A schedule that cannot be read, as of a zone that this machine does not know, stops no other; it is returned.
    """
    trouble: Exception | None = None
    for when, since, whose in _schedules(session):
        try:
            _note(session, when, since, now, **whose)
        except (KeyError, ValueError, OSError) as error:
            trouble = trouble or error
    return trouble


def _schedules(session: Session) -> Iterator[tuple[When, datetime, dict[str, int]]]:
    for plan in session.scalars(select(ReportPlan).where(ReportPlan.active, ReportPlan.removed_at.is_(None))).all():
        if plan.recipients:
            yield plans.when(plan), plan.since, {"plan_id": plan.id}
    for user in session.scalars(select(User).where(User.own_week, User.active)).all():
        yield own_week(user), user.own_week_since or user.created_at, {"user_id": user.id}


def own_week(user: User) -> When:
    """When a person's own week is mailed: Monday morning where they are."""
    return When(ReportKind.PERSONAL, 0, OWN_WEEK_HOUR, user.own_week_zone)


def _note(
    session: Session,
    when: When,
    since: datetime,
    now: datetime,
    plan_id: int | None = None,
    user_id: int | None = None,
) -> None:
    found = due(when, now)
    if found.moment < since:
        return
    key = f"report {Whose(when.kind, found.first, plan_id, user_id).key}"
    if session.scalar(select(ReportSending.id).where(ReportSending.key == key)) is None:
        _drop_older(session, plan_id, user_id)
        _ask(session, key, plan_id, user_id, found.first, found.moment)


def _drop_older(session: Session, plan_id: int | None, user_id: int | None) -> None:
    """What the schedule could not have sent until the next one was due is not sent any more."""
    session.execute(
        delete(ReportSending).where(
            ReportSending.plan_id == plan_id if user_id is None else ReportSending.user_id == user_id,
            ReportSending.queued_at.is_(None),
            ReportSending.asked_by_id.is_(None),
        )
    )


def _ask(
    session: Session,
    key: str,
    plan_id: int | None,
    user_id: int | None,
    first: date,
    due_at: datetime,
    **more: Any,
) -> None:
    session.execute(
        insert_ignoring(session, ReportSending).values(
            key=key,
            plan_id=plan_id,
            user_id=user_id,
            first=first,
            due_at=due_at,
            **{"only_to": "", "error_text": "", **more},
        )
    )


def waiting(database: Database, now: datetime) -> Sequence[int]:
    """What is to be sent by now, in the order in which it was asked for."""
    ready = or_(ReportSending.not_before.is_(None), ReportSending.not_before <= now)
    with database.read() as session:
        return session.scalars(
            select(ReportSending.id).where(ReportSending.queued_at.is_(None), ready).order_by(ReportSending.id)
        ).all()


def _tell(database: Database, sending_id: int, why: str) -> bool:
    """Keep why it was not sent yet; False, so that it does not count as sent."""
    with database.write() as session:
        row = session.get(ReportSending, sending_id)
        if row is not None:
            row.error_text = why[:1000]
    return False


def _tell_failure(database: Database, sending_id: int, why: str, now: datetime) -> None:
    """The same of one that could not be made: it gives way to others for a while."""
    with database.write() as session:
        row = session.get(ReportSending, sending_id)
        if row is not None:
            row.error_text = why[:1000]
            row.not_before = now + PATIENCE[min(row.attempts, len(PATIENCE) - 1)]
            row.attempts += 1


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, HearkenError) else f"{type(error).__name__}: {error}"


# --- making and queueing -----------------------------------------------------------------------------------------


def send(database: Database, settings: Settings, sending_id: int, clock: Clock) -> bool:
    """Make one report, unless it is stored, and queue its mails; False where somebody else did."""
    from engage.report.mail import build

    with database.read() as session:
        row = session.get(ReportSending, sending_id)
        plan = session.get(ReportPlan, row.plan_id) if row and row.plan_id else None
    if row is None:  # dropped meanwhile, for a newer one
        return False
    kind = ReportKind(plan.kind) if plan else ReportKind.PERSONAL
    whose = Whose(kind, row.first, row.plan_id, row.user_id)
    late = row.due_at if clock() - row.due_at > LATE else None
    if not mail.can_send(settings) and row.only_to:
        return _tell(database, sending_id, NO_SERVER)
    report = stored_or_made(database, whose, clock, late_since=late, keep=not row.only_to)
    if not mail.can_send(settings):
        return _tell(database, sending_id, NO_SERVER)
    message = build(report, look_for(settings, plan, row.user_id))
    with database.write() as session:
        lock_stage(session, "reports")
        row = session.get(ReportSending, sending_id)
        if row is None or row.queued_at is not None:
            return False
        mail.queue_mail(session, recipients(session, settings, row), message, row.key, clock())
        row.queued_at, row.error_text = clock(), ""
    return True


def stored_or_made(
    database: Database, whose: Whose, clock: Clock, late_since: datetime | None = None, *, keep: bool = True
) -> Report:
    """The report as it was said; where it was not yet, it is made, and stored if it is to be kept."""
    with database.read() as session:
        known = session.scalars(select(StoredReport).where(StoredReport.key == whose.key)).first()
    if known is not None:
        return archive.report_of(known)
    bring_up_to_date(database)
    with database.read() as session:
        report = make(session, whose, clock(), late_since)
    return _keep(database, whose, report) if keep else report


def bring_up_to_date(database: Database) -> None:
    """Count what changed, so that a report counts what is stored."""
    while True:
        with database.write() as session:
            if not rollups.roll_waiting(session) + team_rollups.roll_waiting(session):
                return


def make(session: Session, whose: Whose, now: datetime, late_since: datetime | None = None) -> Report:
    """A report from what is stored now. Raises NotFoundError."""
    if whose.user_id is not None:
        return report_own.make(session, whose.user_id, whose.first, now)
    if whose.plan_id is None and whose.brand_id is not None:
        return facts.make(session, Asked(whose.kind, whose.brand_id, whose.first), now)
    plan = session.get(ReportPlan, whose.plan_id)
    if plan is None:
        raise NotFoundError("There is no such plan.")
    asked = Asked(whose.kind, plan.brand_id, whose.first, plan.zone, plan.language, late_since)
    return facts.make(session, asked, now)


def _keep(database: Database, whose: Whose, report: Report) -> Report:
    """Store it, unless another worker was faster; what is stored counts."""
    with database.write() as session:
        plan = session.get(ReportPlan, whose.plan_id) if whose.plan_id else None
        session.execute(
            insert_ignoring(session, StoredReport).values(
                key=whose.key,
                plan_id=whose.plan_id,
                user_id=whose.user_id,
                brand_id=plan.brand_id if plan else None,
                kind=whose.kind,
                first=whose.first,
                title=report.title[:400],
                snapshot=report.as_json(),
                made_at=report.made_at,
            )
        )
        return archive.report_of(session.scalars(select(StoredReport).where(StoredReport.key == whose.key)).one())


def recipients(session: Session, settings: Settings, row: ReportSending) -> dict[str, dict[str, str]]:
    """Who gets it, each with a way to get no more."""
    if row.user_id is not None:
        user = session.get_one(User, row.user_id)
        found = [user.email] if user.own_week and user.active else []
    elif row.only_to:
        found = [row.only_to]
    else:
        plan, gone = session.get_one(ReportPlan, row.plan_id), plans.unsubscribed(session, row.plan_id or 0)
        found = [address for address in plan.recipients if address.lower() not in gone]
    return {address: leaving_headers(settings, Leaving(row.plan_id, row.user_id, address)) for address in found}


def leaving_headers(settings: Settings, leaving: Leaving) -> dict[str, str]:
    """How a mail program lets its reader leave with one click (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{leaving_address(settings, leaving)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def leaving_address(settings: Settings, leaving: Leaving) -> str:
    """Where to say that no more is wanted."""
    return f"{settings.address}/reports/unsubscribe/{leaving_token(settings, leaving)}"


def look_for(settings: Settings, plan: ReportPlan | None, user_id: int | None = None) -> Any:
    """How a plan's report looks; without a plan, as usual. An engage.report_mail.Look."""
    from engage.report.mail import Look

    leaving = Leaving(plan.id if plan else None, user_id, "")
    is_sent = plan is not None or user_id is not None
    return Look(
        colour=plan.colour if plan else plans.USUAL_COLOUR,
        logo=plan.logo if plan else None,
        logo_type=plan.logo_type if plan else "",
        base_url=settings.address,
        unsubscribe_url=leaving_address(settings, leaving) if is_sent else "",
        sections=[Section(name) for name in plan.sections] if plan else list(Section),
    )


def usual(kind: ReportKind) -> When:
    """The schedule that a report without a plan is read by."""
    return When(kind, 0, 0, "UTC")


def is_over(whose: Whose, zone: str, now: datetime) -> bool:
    """Whether all its days are over."""
    return rollups.start_of(last_of(whose.kind, whose.first) + timedelta(days=1), zone) <= now


# --- what people ask for -----------------------------------------------------------------------------------------


def send_again(session: Session, report_id: int, *, by: User, now: datetime) -> str:
    """Have a stored report sent again to everybody; the key of the wish. Raises NotFoundError."""
    require(by, Action.MANAGE_REPORTS)
    row = archive.stored(session, report_id)
    if row.plan_id is None:
        raise InvalidInputError("Somebody's own week goes to them alone.", "They can read it here.")
    before = session.scalar(
        select(func.count(ReportSending.id)).where(
            ReportSending.plan_id == row.plan_id, ReportSending.first == row.first
        )
    )
    key = f"report {row.key} again {before}"
    _ask(session, key, row.plan_id, None, row.first, now, asked_by_id=by.id)
    return key


def send_test(session: Session, plan_id: int, *, by: User, now: datetime) -> str:
    """Have the newest report of a plan sent to whoever asks; the key of the wish."""
    require(by, Action.MANAGE_REPORTS)
    plan = plans.get(session, plan_id)
    first = due(plans.when(plan), now).first
    whose = Whose(ReportKind(plan.kind), first, plan.id)
    key = f"report {whose.key} test {by.id} {now:%Y%m%dT%H%M%S%f}"
    only_to = mail.checked_address(by.email)
    _ask(session, key, plan.id, None, first, now, asked_by_id=by.id, only_to=only_to)
    return key


def send_now(session: Session, whose: Whose, *, by: User, now: datetime) -> str:
    """Have a plan's report of a period sent now, unless it was; the key of the wish."""
    require(by, Action.MANAGE_REPORTS)
    key = f"report {whose.key}"
    _ask(session, key, whose.plan_id, None, whose.first, now)
    return key


def told(database: Database, settings: Settings, key: str, clock: Clock) -> str:
    """Make and queue what was asked for by `key`, send what can be sent, and say what became of it."""
    with database.read() as session:
        row = session.scalars(select(ReportSending).where(ReportSending.key == key)).one()
    if row.queued_at is None:
        send(database, settings, row.id, clock)
    mail.send_waiting_mails(database, settings, clock)
    with database.read() as session:
        return archive.outcome(session, key)


def preview(database: Database, plan_id: int, clock: Clock) -> Report:
    """The newest report of a plan: as it was said, or as it would be said now. Nothing is stored or sent."""
    with database.read() as session:
        plan = plans.get(session, plan_id)
    first = due(plans.when(plan), clock()).first
    return stored_or_made(database, Whose(ReportKind(plan.kind), first, plan.id), clock, keep=False)
