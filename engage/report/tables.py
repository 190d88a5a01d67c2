"""Reports by mail as stored: who gets which, what was said, and what is on its way."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base
from engage.report.content import ReportKind


class ReportPlan(Base):
    """A report that is sent again and again: of which brand, to whom, when, and how it looks.

    A plan that is removed keeps its row, so that its number names nothing else later.
    """

    __tablename__ = "report_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[ReportKind]
    """Weekly or daily."""
    weekday: Mapped[int] = mapped_column(SmallInteger)
    """Monday 0; a daily report does not look at it."""
    hour: Mapped[int] = mapped_column(SmallInteger)
    zone: Mapped[str] = mapped_column(String(64))
    """As in the IANA database; the report's days are days there."""
    language: Mapped[str] = mapped_column(String(8))
    sections: Mapped[list[str]]
    """Values of engage/report/content.py Section."""
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    logo_type: Mapped[str] = mapped_column(String(20), default="")
    """Its media type, such as image/png."""
    colour: Mapped[str] = mapped_column(String(7))
    """`#rrggbb`."""
    recipients: Mapped[list[str]]
    active: Mapped[bool] = mapped_column(default=True)
    since: Mapped[datetime]
    """What was due before was not missed: when the plan was made, or switched on again."""
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class StoredReport(Base):
    """A report as it was said, once for a plan (or a person) and a period."""

    __tablename__ = "stored_report"
    __table_args__ = (Index("ix_stored_report_brand", "brand_id", "first"), Index("ix_stored_report_user", "user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    """Whose and which period: `4 2026-W47`, `mine 3 2026-W47`."""
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("report_plan.id"))
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brand.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """Whose own week it is."""
    kind: Mapped[ReportKind]
    first: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(String(400))
    snapshot: Mapped[dict[str, Any]]
    """engage/report/content.py Report.as_json()."""
    made_at: Mapped[datetime]


class ReportSending(Base):
    """A wish to have a report sent: by the schedule, again by a person, or as a test to one address.

    Whoever asks only writes this row; the scheduler makes the report and queues the mails.
    """

    __tablename__ = "report_sending"
    __table_args__ = (Index("ix_report_sending_queued", "queued_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    """The letter's key: `report 4 2026-W47`, `report 4 2026-W47 again 2`, `report 4 2026-W47 test 9`."""
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("report_plan.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """Whose own week it is."""
    first: Mapped[date] = mapped_column(Date)
    only_to: Mapped[str] = mapped_column(String(254), default="")
    """One address, for a test; empty for all recipients of the plan."""
    due_at: Mapped[datetime]
    """When it should have left."""
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """None for the schedule."""
    queued_at: Mapped[datetime | None]
    """When the mails were queued; None while it waits."""
    error_text: Mapped[str] = mapped_column(Text, default="")
    """Why it could not be made yet."""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it could not be made."""
    not_before: Mapped[datetime | None]
    """When it is tried again; None for at once."""


class Unsubscribed(Base):
    """An address that wants a plan's mails no more."""

    __tablename__ = "report_unsubscribed"

    plan_id: Mapped[int] = mapped_column(ForeignKey("report_plan.id"), primary_key=True, autoincrement=False)
    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    """In lower case."""
    at: Mapped[datetime]
