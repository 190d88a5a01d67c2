"""A reading and what people say of it: looking at one, and correcting it.

Correcting changes no team and no priority. It runs in the caller's write transaction and raises NotFoundError,
NotAllowedError, ConflictError or InvalidInputError; nothing is half done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.errors import ConflictError, InvalidInputError, NotFoundError
from engage import conversations
from engage.permissions import Action, require
from engage.tables import Activity, ActivityKind, Conversation, User
from listener.tables import Mention
from nlp import corrections
from nlp.corrections import ANSWERS, answer_of
from nlp.reading import Question
from nlp.tables import Correction, ReadingRow


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction, and by whom."""

    correction: Correction
    by: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A mention's reading with all that is known of it."""

    mention: Mention
    reading: ReadingRow
    corrected: Mapping[Question, Corrected]


def look(session: Session, conversation_id: int, mention_id: int) -> Looked:
    """The reading of a mention in this conversation. Raises NotFoundError."""
    mention, reading = _reading(session, conversation_id, session.get(Mention, mention_id))
    rows = session.execute(
        select(Correction, User.name)
        .join(User, User.id == Correction.user_id)
        .where(Correction.mention_id == mention_id)
    )
    return Looked(mention, reading, {row.Correction.question: Corrected(*row) for row in rows})


def correct(
    session: Session,
    conversation_id: int,
    mention_id: int,
    question: Question,
    answer: str,
    *,
    seen: str,
    by: User,
    now: datetime,
) -> None:
    """Read a mention as `answer` from now on; as the model read it, if that is the answer.

    `seen` is what the person saw there: if somebody was faster, theirs stays.
    """
    require(by, Action.CORRECT)
    if answer not in list(ANSWERS[question]):
        raise InvalidInputError(f"{answer!r} is no {question}.", "Choose one from the menu.", field="answer")
    held = session.get(Mention, mention_id, with_for_update=True)  # the mention first, as where it is read again
    mention, reading = _reading(session, conversation_id, held)
    before = answer_of(reading, question)
    if before != seen:
        raise ConflictError(
            f"Somebody was faster: it is read as {_words(question, before)} now.",
            "Nothing was overwritten. Look at it again, then repeat your change if it still fits.",
        )
    if answer == before:
        return
    agrees = corrections.correct(session, reading, question, answer, user_id=by.id, now=now)
    conversation = conversations.get(session, conversation_id)
    conversation.changed_at = now
    if _shows(session, conversation, mention):
        setattr(conversation, question, getattr(reading, question))
    text = f"Read as {_words(question, answer)} {'again ' if agrees else ''}(was {before})"
    session.add(
        Activity(conversation_id=conversation_id, user_id=by.id, kind=ActivityKind.CORRECTED, text=text, at=now)
    )
    session.flush()


def _reading(session: Session, conversation_id: int, mention: Mention | None) -> tuple[Mention, ReadingRow]:
    reading = session.get(ReadingRow, mention.id) if mention else None
    if mention is None or reading is None or mention.conversation_id != conversation_id:
        raise NotFoundError("There is no such reading in this conversation.", "Reload the page.")
    if mention.deleted_at is not None:
        raise NotFoundError("The author removed this post.", "What Hearken read in it is gone too.")
    return mention, reading


def _words(question: Question, answer: str) -> str:
    return f"{answer} urgency" if question is Question.URGENCY else answer


def _shows(session: Session, conversation: Conversation, mention: Mention) -> bool:
    """Whether the list shows this mention's reading for the conversation: that of its author's latest mention."""
    latest = (
        select(Mention.id)
        .where(Mention.conversation_id == conversation.id, Mention.author_id == conversation.author_id)
        .order_by(Mention.created_at.desc(), Mention.id.desc())
        .limit(1)
    )
    return session.scalar(latest) == mention.id
