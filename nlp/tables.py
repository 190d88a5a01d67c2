"""Readings, one for each mention (a new one replaces the old one), what people corrected, and what was learnt."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Base
from nlp.naming import NONE, places_text, voices_text
from nlp.reading import About, Intent, Question, Sentiment


def _voices(context: Any) -> str:
    row = context.get_current_parameters()
    return voices_text(row["entities"], (row.get("extra") or {}).get("towards", {}))


def _places(context: Any) -> str:
    return places_text(context.get_current_parameters()["entities"])


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
    voices: Mapped[str] = mapped_column(Text, server_default=NONE, default=_voices)
    """Whom of the vocabulary it names and how it feels towards them, to count by: made of `entities` and `extra`
    with each new row (nlp/naming.py)."""
    places: Mapped[str] = mapped_column(Text, server_default=NONE, default=_places)
    """The same of places."""
    about: Mapped[About]
    model: Mapped[str] = mapped_column(String(80))
    extra: Mapped[dict[str, Any]] = mapped_column(server_default="{}", default=dict)
    """What not every engine tells (nlp/reading.py Extra), and `towards`: sentiment by name. Only what is known."""
    meaning: Mapped[bytes] = mapped_column(server_default="", default=b"")
    """A direction (nlp/meaning.py); empty where the engine does not tell."""
    read_at: Mapped[datetime]


class Correction(Base):
    """A person's answer where the model's was wrong. It outlives the reading, and is an example to learn from."""

    __tablename__ = "correction"

    mention_id: Mapped[int] = mapped_column(
        ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    question: Mapped[Question] = mapped_column(primary_key=True)
    was: Mapped[str] = mapped_column(String(16))
    """What the model said."""
    sure: Mapped[float]
    """How sure of it the model was, 0 to 1; for urgency the number that it gave."""
    now: Mapped[str] = mapped_column(String(16))
    """What the person says."""
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    model: Mapped[str] = mapped_column(String(80))
    """The one that said `was`."""


class LayerState(StrEnum):
    """The verdict on a version of what was learnt."""

    KEPT = "kept"
    REFUSED = "refused"


class LearntLayer(Base):
    """A version of what was learnt from corrections (nlp/learning.py). It needs none of them any more."""

    __tablename__ = "learnt_layer"
    __table_args__ = (Index("ix_learnt_layer_model", "model", "version"),)

    version: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    model: Mapped[str] = mapped_column(String(80))
    """The one that it corrects; to others it is not applied."""
    state: Mapped[LayerState]
    in_force: Mapped[bool]
    """At most one of a model is."""
    figures: Mapped[dict[str, Any]]
    """By question, as in nlp/learning.py Figures."""
    weights: Mapped[bytes]
