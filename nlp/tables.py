"""Readings, one for each mention; a new reading of the same mention replaces the old one."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base
from nlp.reading import About, Intent, Sentiment


class ReadingRow(Base):
    """A reading as stored; the words are those of nlp/reading.py."""

    __tablename__ = "reading"

    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id"), primary_key=True, autoincrement=False)
    sentiment: Mapped[Sentiment]
    p_negative: Mapped[float]
    p_neutral: Mapped[float]
    p_positive: Mapped[float]
    intent: Mapped[Intent]
    p_intent: Mapped[dict[str, Any]]
    urgency: Mapped[float]
    language: Mapped[str] = mapped_column(String(8))
    entities: Mapped[list[Any]]
    """Lists of [kind, name, start, end]."""
    about: Mapped[About]
    model: Mapped[str] = mapped_column(String(80))
    extra: Mapped[dict[str, Any]] = mapped_column(server_default="{}", default=dict)
    """What not every engine tells (nlp/reading.py Extra), and `towards`: sentiment by name. Only what is known."""
    read_at: Mapped[datetime]
