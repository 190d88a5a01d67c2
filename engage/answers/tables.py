"""What the writing of replies stands on: rules of the check, kept answers, macros, and what was answered well."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base


class ReplyRules(Base):
    """What the check of a brand's replies does, where a manager chose; without a row the defaults hold."""

    __tablename__ = "reply_rules"

    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"), primary_key=True, autoincrement=False)
    levels: Mapped[dict[str, Any]]
    """{rule: level}, in the words of engage/answers/check.py."""
    promises: Mapped[list[str]]
    order_number: Mapped[str] = mapped_column(String(40))
    """What an order number looks like: `#` a digit, `@` a letter, all else itself. Or empty."""
    most_same: Mapped[int]
    """The same text may go out so many times in an hour on a network."""


class SaidText(Base):
    """That a text was handed in as a reply: how often lately, without reading all replies."""

    __tablename__ = "said_text"
    __table_args__ = (Index("ix_said_text", "key", "network", "at"),)

    reply_id: Mapped[int] = mapped_column(
        ForeignKey("reply.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key: Mapped[str] = mapped_column(String(32))
    """Of the text without names, links and punctuation (engage/answers/said.py)."""
    network: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


class LinkCheck(Base):
    """What became of a link in a reply. The listener looks; a row without `checked_at` waits."""

    __tablename__ = "link_check"
    __table_args__ = (Index("ix_link_check_waiting", "checked_at", "asked_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the address."""
    url: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(String(200), default="")
    """Why it leads nowhere, in words; empty where it works."""


class Answer(Base):
    """An answer kept for reuse; `{{…}}` in it are variables (engage/answers/render.py)."""

    __tablename__ = "answer"
    __table_args__ = (Index("ix_answer_owner", "owner_id", "folder", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """Whose own it is; None: everybody's."""
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brand.id"))
    """The only brand that it is for; None: any."""
    folder: Mapped[str] = mapped_column(String(80), default="")
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(8), default="")
    """ISO 639-1; empty: any."""
    text: Mapped[str] = mapped_column(Text)
    used: Mapped[int] = mapped_column(default=0)
    """How often it was put into a reply."""
    used_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class Macro(Base):
    """Several actions under one name; each is done by the same functions as by hand (engage/answers/macros.py)."""

    __tablename__ = "macro"
    __table_args__ = (Index("ix_macro_owner", "owner_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """Whose own it is; None: everybody's."""
    name: Mapped[str] = mapped_column(String(120))
    steps: Mapped[dict[str, Any]]
    """See engage/answers/macros.py Steps."""
    used: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class AnsweredWell(Base):
    """How a reply turned out once the days in which people come back were over; the good ones are offered again."""

    __tablename__ = "answered_well"
    __table_args__ = (
        Index("ix_answered_well_brand", "brand_id", "sent_at"),
        Index("ix_answered_well_sent", "sent_at", "reply_id"),
    )

    reply_id: Mapped[int] = mapped_column(
        ForeignKey("reply.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"))
    sent_at: Mapped[datetime]
    score: Mapped[float]
    """0: it did not help; 1: they were content to leave it there; more: they came back happier."""
    model: Mapped[str] = mapped_column(String(80))
    """Whose directions `meaning` is one of."""
    meaning: Mapped[bytes]


class Example(Base):
    """A decision by hand that says what Hearken should have decided: an example to learn from."""

    __tablename__ = "decision_example"
    __table_args__ = (Index("ix_decision_example_at", "at"),)

    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    question: Mapped[str] = mapped_column(String(16), primary_key=True)
    """`noise` or `team`."""
    was: Mapped[str] = mapped_column(String(40))
    """What Hearken had decided."""
    now: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    rule: Mapped[str] = mapped_column(String(200))
    """The routing rule that had decided, where one had."""
