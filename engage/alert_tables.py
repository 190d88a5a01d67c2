"""Alerts and what tells people of them: mails and calls to a webhook that wait to be sent."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base


class AlertState(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    """Somebody looks after it."""
    MUTED = "muted"
    """Quiet until a moment; open again if it lasts longer."""
    OVER = "over"


class SendState(StrEnum):
    """The way of something that is sent for us."""

    WAITING = "waiting"
    SENDING = "sending"
    """Handed over; stays so only while that lasts, or after a crash."""
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    """A crash hit while it was handed over: it may have arrived, so it is not sent again by itself."""


class Alert(Base):
    """An incident of a brand: it begins, is kept up to date, and ends."""

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("brand_id", "started_at"),
        Index("ix_alert_state", "state", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    running: Mapped[int | None] = mapped_column(unique=True)
    """The brand's id until the incident is over, then None: so a brand has one running incident, whoever looks."""
    series: Mapped[str] = mapped_column(String(220))
    """What is most unusual: volume, negative, share, reach, or `topic:` and its words."""
    state: Mapped[AlertState] = mapped_column(default=AlertState.OPEN)
    started_at: Mapped[datetime]
    last_at: Mapped[datetime]
    """The end of the last five minutes that were unusual."""
    over_at: Mapped[datetime | None]
    muted_until: Mapped[datetime | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """Who acknowledged or muted it last."""
    figures: Mapped[dict[str, Any]]
    """See engage/alerts.py `figures_of`."""
    causes: Mapped[list[Any]]
    """[kind, sentence] each, the strongest first."""
    examples: Mapped[list[Any]]
    """Ids of mentions."""
    created_at: Mapped[datetime]


class AlertSettings(Base):
    """What a brand's alerts are made of and who is told; a brand without a row has the defaults."""

    __tablename__ = "alert_settings"

    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"), primary_key=True, autoincrement=False)
    alarms_a_week: Mapped[float]
    """False alarms that are allowed; 0 switches alerts off."""
    topics: Mapped[list[str]]
    """Each a query (listener/query); its mentions are watched by themselves."""
    recipients: Mapped[list[str]]
    webhook_url: Mapped[str] = mapped_column(Text)
    webhook_secret_sealed: Mapped[bytes | None]


class AlertBaseline(Base):
    """What was usual for a brand before a day: learnt once, used all day."""

    __tablename__ = "alert_baseline"

    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date)
    model: Mapped[dict[str, Any]]


class WebhookCall(Base):
    """One event to tell a webhook; it carries an id, so that a receiver knows it again."""

    __tablename__ = "webhook_call"
    __table_args__ = (UniqueConstraint("alert_id", "event"), Index("ix_webhook_call_state", "state", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))
    event: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[SendState] = mapped_column(default=SendState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error_text: Mapped[str] = mapped_column(Text, default="")


class Letter(Base):
    """A mail as written, once for all who get it."""

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    """What it is about, such as `report 4 2026-W47`: the same key is never written twice."""
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    """The message without To."""
    created_at: Mapped[datetime]


class Mailing(Base):
    """A letter on its way to one address."""

    __tablename__ = "mailing"
    __table_args__ = (UniqueConstraint("letter_id", "recipient"), Index("ix_mailing_state", "state", "not_before"))

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"))
    recipient: Mapped[str] = mapped_column(String(254))
    headers: Mapped[dict[str, Any]]
    """Headers of this recipient's own, such as List-Unsubscribe."""
    state: Mapped[SendState] = mapped_column(default=SendState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error_text: Mapped[str] = mapped_column(Text, default="")
