"""Stored reports, and what became of their mails: what the archive shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.errors import NotFoundError
from engage import mail
from engage.alert_tables import Letter, Mailing, SendState
from engage.permissions import Action, require
from engage.report.content import Report, ReportKind
from engage.report.tables import ReportPlan, ReportSending, StoredReport
from engage.tables import User
from listener.tables import Brand

MOST_LINES = 200
Which = tuple[int | None, date]
"""A plan and the first day of a period."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A stored report in a list, and what became of its mails."""

    id: int
    kind: ReportKind
    brand: str
    plan: str
    title: str
    first: date
    made_at: datetime
    mails: dict[SendState, int]


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail of a report to somebody."""

    mailing_id: int
    recipient: str
    state: SendState
    at: datetime | None
    """When it was sent, or is tried again."""
    reason: str
    """Why it was not sent (yet)."""
    is_test: bool


def stored(session: Session, report_id: int) -> StoredReport:
    """A stored report. Raises NotFoundError."""
    row = session.get(StoredReport, report_id)
    if row is None:
        raise NotFoundError("There is no such report.", "Choose one in the archive.")
    return row


def may_read(row: StoredReport, user: User) -> bool:
    """Somebody's own week is for them alone."""
    return row.user_id is None or row.user_id == user.id


def report_of(row: StoredReport) -> Report:
    """What a stored report said."""
    return Report.from_json(row.snapshot)


def plan_of(session: Session, row: StoredReport) -> ReportPlan | None:
    """The plan it was made for; None for somebody's own week."""
    return session.get(ReportPlan, row.plan_id) if row.plan_id else None


def archive(session: Session, brand_id: int | None = None, most: int = MOST_LINES) -> list[Archived]:
    """Stored reports of brands, the latest first."""
    statement = (
        select(StoredReport, Brand.name, ReportPlan.name)
        .join(Brand, Brand.id == StoredReport.brand_id)
        .join(ReportPlan, ReportPlan.id == StoredReport.plan_id)
        .order_by(StoredReport.made_at.desc(), StoredReport.id.desc())
        .limit(most)
    )
    if brand_id is not None:
        statement = statement.where(StoredReport.brand_id == brand_id)
    rows = session.execute(statement).all()
    mails = _mails(session, {(row.plan_id, row.first) for row, _, _ in rows})
    return [
        Archived(
            row.id,
            ReportKind(row.kind),
            brand,
            plan,
            row.title,
            row.first,
            row.made_at,
            mails.get((row.plan_id, row.first), {}),
        )
        for row, brand, plan in rows
    ]


def own_archive(session: Session, user_id: int, most: int = MOST_LINES) -> Sequence[StoredReport]:
    """A person's own weeks, the latest first."""
    return session.scalars(
        select(StoredReport).where(StoredReport.user_id == user_id).order_by(StoredReport.first.desc()).limit(most)
    ).all()


@dataclass(frozen=True, slots=True)
class Delayed:
    """A report that could not be made yet."""

    plan: str
    brand: str
    first: date
    attempts: int
    reason: str
    again_at: datetime | None


def delayed(session: Session, brand_id: int | None = None, most: int = MOST_LINES) -> list[Delayed]:
    """What could not be made yet for the plans, oldest first."""
    statement = (
        select(ReportSending, ReportPlan.name, Brand.name)
        .join(ReportPlan, ReportPlan.id == ReportSending.plan_id)
        .join(Brand, Brand.id == ReportPlan.brand_id)
        .where(ReportSending.queued_at.is_(None), ReportSending.attempts > 0)
        .order_by(ReportSending.id)
        .limit(most)
    )
    if brand_id is not None:
        statement = statement.where(ReportPlan.brand_id == brand_id)
    return [
        Delayed(plan, brand, row.first, row.attempts, row.error_text, row.not_before)
        for row, plan, brand in session.execute(statement)
    ]


def _mails(
    session: Session, wanted: set[tuple[int | None, date]]
) -> dict[tuple[int | None, date], dict[SendState, int]]:
    """How many mails of each report are in which state, tests left out."""
    found: dict[Which, dict[SendState, int]] = {}
    plans = {plan_id for plan_id, _ in wanted}
    rows = session.execute(
        select(ReportSending.plan_id, ReportSending.first, Mailing.state, func.count())
        .join(Letter, Letter.key == ReportSending.key)
        .join(Mailing, Mailing.letter_id == Letter.id)
        .where(ReportSending.plan_id.in_(plans), ReportSending.only_to == "")
        .group_by(ReportSending.plan_id, ReportSending.first, Mailing.state)
    )
    for plan_id, first, state, size in rows:
        found.setdefault((plan_id, first), {})[state] = size
    return found


def sendings(session: Session, row: StoredReport) -> Sequence[ReportSending]:
    """When it was asked to be sent, the latest first; one without `queued_at` still waits, `error_text` says why."""
    return session.scalars(select(ReportSending).where(_is_about(row)).order_by(ReportSending.id.desc())).all()


def outcome(session: Session, key: str) -> str:
    """What became of what was asked for by `key`, in a line for each mail that did not arrive."""
    row = session.scalars(select(ReportSending).where(ReportSending.key == key)).one()
    if row.queued_at is None:
        return row.error_text or "It waits to be made."
    mails = session.scalars(
        select(Mailing).join(Letter, Letter.id == Mailing.letter_id).where(Letter.key == key).order_by(Mailing.id)
    ).all()
    sent = sum(one.state is SendState.SENT for one in mails)
    troubles = [f"{one.recipient}: {one.error_text or one.state}" for one in mails if one.state is not SendState.SENT]
    return "\n".join([f"{sent:,} of {len(mails):,} mails sent.", *troubles])


def _is_about(row: StoredReport) -> Any:
    whose = ReportSending.user_id == row.user_id if row.user_id else ReportSending.plan_id == row.plan_id
    return whose & (ReportSending.first == row.first)


def mails_of(session: Session, row: StoredReport) -> list[Sent]:
    """What became of each mail of a report, failed ones first, then by address."""
    rows = session.execute(
        select(Mailing, ReportSending.only_to)
        .join(Letter, Letter.id == Mailing.letter_id)
        .join(ReportSending, ReportSending.key == Letter.key)
        .where(_is_about(row))
        .order_by(Mailing.recipient, Mailing.id)
    ).all()
    found = [_sent(one, only_to) for one, only_to in rows]
    return sorted(found, key=lambda one: (one.state is not SendState.FAILED, one.recipient.lower()))


def _sent(one: Mailing, only_to: str) -> Sent:
    at = one.not_before if one.state is SendState.WAITING else one.sent_at
    return Sent(one.id, one.recipient, one.state, at, one.error_text, bool(only_to))


def retry(session: Session, mailing_id: int, *, by: User, now: datetime) -> None:
    """Send a mail that failed once more."""
    require(by, Action.MANAGE_REPORTS)
    if session.get(Mailing, mailing_id) is None:
        raise NotFoundError("There is no such mail.", "Reload the page.")
    mail.again(session, mailing_id, now)
