"""Where people know better than the model: the reading takes their answer at once, and a later reading keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from listener.tables import Mention
from nlp.reading import Intent, Question, Sentiment, Urgency
from nlp.tables import Correction, ReadingRow

ANSWERS: Mapping[Question, type[StrEnum]] = {
    Question.SENTIMENT: Sentiment,
    Question.INTENT: Intent,
    Question.URGENCY: Urgency,
}
URGENCY_OF: Mapping[Urgency, float] = {Urgency.LOW: 0.0, Urgency.NORMAL: 0.3, Urgency.HIGH: 1.0}
"""What a person's word is worth on the scale of readings: the same as in training."""
NORMAL_FROM, HIGH_FROM = 0.15, 0.5


@dataclass(frozen=True, slots=True)
class Said:
    """An answer of the model's. `sure` is its probability; for urgency the number that it gave."""

    answer: str
    sure: float
    model: str


def level(urgency: float) -> Urgency:
    """The word for a number from 0 to 1."""
    if urgency >= HIGH_FROM:
        return Urgency.HIGH
    return Urgency.NORMAL if urgency >= NORMAL_FROM else Urgency.LOW


def answer_of(reading: ReadingRow, question: Question) -> str:
    """What the reading answers now, be it the model's word or a person's."""
    return str(level(reading.urgency) if question is Question.URGENCY else getattr(reading, question))


def said_by_model(reading: ReadingRow, question: Question, known: Correction | None) -> Said:
    """What the model said, which the reading's own column no longer tells once it was corrected (`known`)."""
    if question is Question.URGENCY:
        return Said(known.was, known.sure, known.model) if known else _urgency_of(reading)
    chances = chances_of(reading, question)
    answer = max(chances, key=chances.__getitem__) if known else answer_of(reading, question)
    return Said(answer, chances.get(answer, 0.0), reading.model)


def _urgency_of(reading: ReadingRow) -> Said:
    return Said(str(level(reading.urgency)), reading.urgency, reading.model)


def chances_of(reading: ReadingRow, question: Question) -> dict[str, float]:
    """The model's probability of each answer; none for urgency, which is a number."""
    if question is Question.SENTIMENT:
        return {str(value): getattr(reading, f"p_{value}") for value in Sentiment}
    return {str(value): reading.p_intent.get(value, 0.0) for value in Intent if question is Question.INTENT}


def correct(
    session: Session, reading: ReadingRow, question: Question, answer: str, *, user_id: int, now: datetime
) -> bool:
    """Let a person's answer stand in the reading and remember it; the model's own word withdraws an earlier one.

    Returns whether the model's word stands again. The caller holds the mention's row, so that no reading crosses it.
    """
    known = session.get(Correction, (reading.mention_id, question))
    said = said_by_model(reading, question, known)
    agrees = answer == said.answer
    value = said.sure if agrees and question is Question.URGENCY else column_value(question, answer)
    setattr(reading, question, value)
    if not agrees:
        session.merge(
            Correction(
                mention_id=reading.mention_id,
                question=question,
                was=said.answer,
                sure=said.sure,
                now=answer,
                user_id=user_id,
                at=now,
                model=said.model,
            )
        )
    elif known:
        session.delete(known)
    session.flush()
    return agrees


def column_value(question: Question, answer: str) -> Any:
    """A person's answer as the reading's column keeps it. Raises ValueError for what is no answer."""
    value = ANSWERS[question](answer)
    return URGENCY_OF[Urgency(value)] if question is Question.URGENCY else value


def corrected(session: Session, mention_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """People's answers to these mentions: {mention id: {column of the reading: value}}, only of those that have any.

    Whoever stores a new reading lays them over the model's. A removed post is left out: it says nothing any more.
    """
    rows = session.execute(
        select(Correction.mention_id, Correction.question, Correction.now)
        .join(Mention, Mention.id == Correction.mention_id)
        .where(Correction.mention_id.in_(mention_ids), Mention.deleted_at.is_(None))
    )
    found: dict[int, dict[str, Any]] = {}
    for mention_id, question, answer in rows:
        found.setdefault(mention_id, {})[str(question)] = column_value(question, answer)
    return found
