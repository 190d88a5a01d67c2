"""Answers kept for reuse: shared ones that managers write, and everybody's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError, NotFoundError
from engage.answers import render, values
from engage.answers.render import Rendered
from engage.answers.tables import Answer
from engage.brands import get as brand
from engage.permissions import Action, allowed, require
from engage.tables import Conversation, User

LONGEST_FOLDER, LONGEST_NAME, LONGEST_TEXT = 80, 120, 5000
MOST = 5000
"""Answers in all: more than anybody finds again."""
OFFERED = 8
SHOWN = 500


@dataclass(frozen=True, slots=True)
class Fields:
    """An answer as it is written."""

    name: str
    text: str
    folder: str = ""
    language: str = ""
    brand_id: int | None = None
    own: bool = True


def checked(given: Fields) -> Fields:
    """Without stray space. Raises InvalidInputError that names the field."""
    folder = "/".join(part for part in (" ".join(p.split()) for p in given.folder.split("/")) if part)
    name, text = " ".join(given.name.split()), given.text.replace("\r\n", "\n").replace("\0", "").strip()
    language = given.language.strip().lower()
    if not name:
        raise InvalidInputError("The name is missing.", "Say in a few words what the answer is about.", field="name")
    if not text:
        raise InvalidInputError("The answer is empty.", "Write what is to be sent.", field="text")
    for field, value, most in (
        ("folder", folder, LONGEST_FOLDER),
        ("name", name, LONGEST_NAME),
        ("text", text, LONGEST_TEXT),
    ):
        if len(value) > most:
            raise InvalidInputError(f"The {field} is too long.", f"Take at most {most:,} characters.", field=field)
    if language and not (len(language) == 2 and language.isascii() and language.isalpha()):
        raise InvalidInputError("A language is two letters.", "Write en, de, fr …, or nothing.", field="language")
    render.check_variables(text)
    return Fields(name, text, folder, language, given.brand_id, given.own)


def visible(by: User) -> ColumnElement[bool]:
    """Everybody's, and the person's own."""
    return or_(Answer.owner_id.is_(None), Answer.owner_id == by.id)


def all_answers(session: Session, by: User) -> Sequence[Answer]:
    """All that the person may use, by folder."""
    order = (func.lower(Answer.folder), func.lower(Answer.name), Answer.id)
    return session.scalars(select(Answer).where(visible(by)).order_by(*order).limit(MOST)).all()


def get(session: Session, answer_id: int, by: User) -> Answer:
    """An answer that the person may use. Raises NotFoundError."""
    found = session.scalars(select(Answer).where(Answer.id == answer_id, visible(by))).one_or_none()
    if found is None:
        raise NotFoundError("There is no such answer.", "Somebody may have removed it.")
    return found


def may_change(answer: Answer, by: User) -> bool:
    """Their own, or a shared one where they may change those."""
    return answer.owner_id == by.id or (answer.owner_id is None and allowed(by, Action.MANAGE_ANSWERS))


def add(session: Session, given: Fields, *, by: User, now: datetime) -> Answer:
    """Keep a new one. Raises NotAllowedError or InvalidInputError."""
    require(by, Action.ANSWER if given.own else Action.MANAGE_ANSWERS)
    if (session.scalar(select(func.count()).select_from(Answer)) or 0) >= MOST:
        raise InvalidInputError(f"There are {MOST:,} answers already.", "Remove some first.", field="name")
    answer = Answer(owner_id=by.id if given.own else None)
    _fill(session, answer, checked(given), now)
    session.add(answer)
    session.flush()
    return answer


def change(session: Session, answer_id: int, given: Fields, *, by: User, now: datetime) -> Answer:
    """Write it anew. Raises NotFoundError, NotAllowedError or InvalidInputError."""
    answer = get(session, answer_id, by)
    _require_change(answer, by)
    if given.own != (answer.owner_id is not None):
        require(by, Action.MANAGE_ANSWERS)
        answer.owner_id = by.id if given.own else None
    _fill(session, answer, checked(given), now)
    session.flush()
    return answer


def remove(session: Session, answer_id: int, *, by: User) -> Answer:
    """Forget it. Raises NotFoundError or NotAllowedError."""
    answer = get(session, answer_id, by)
    _require_change(answer, by)
    session.delete(answer)
    session.flush()
    return answer


def _require_change(answer: Answer, by: User) -> None:
    require(by, Action.ANSWER if may_change(answer, by) else Action.MANAGE_ANSWERS)


def _fill(session: Session, answer: Answer, given: Fields, now: datetime) -> None:
    if given.brand_id is not None:
        brand(session, given.brand_id)
    answer.name, answer.text, answer.folder = given.name, given.text, given.folder
    answer.language, answer.brand_id, answer.changed_at = given.language, given.brand_id, now


# --- using them ----------------------------------------------------------------------------------------------------


def offered(session: Session, conversation_id: int, typed: str, by: User) -> Sequence[Answer]:
    """Those that fit what was typed behind the slash and the conversation's brand, the likeliest first."""
    here = conversation(session, conversation_id)
    words = typed.lower().split()[:5]
    name = func.lower(Answer.folder + " " + Answer.name)
    statement = select(Answer).where(visible(by), or_(Answer.brand_id.is_(None), Answer.brand_id == here.brand_id))
    for word in words:
        statement = statement.where(or_(name.contains(word, autoescape=True), _in_text(word)))
    in_name = [case((name.contains(word, autoescape=True), 0), else_=1) for word in words]
    fits = case((Answer.language == here.language, 0), (Answer.language == "", 1), else_=2)
    order = (*in_name, fits, Answer.used.desc(), func.lower(Answer.name), Answer.id)
    return session.scalars(statement.order_by(*order).limit(OFFERED)).all()


def _in_text(word: str) -> ColumnElement[bool]:
    return func.lower(Answer.text).contains(word, autoescape=True)


def use(session: Session, answer_id: int, conversation_id: int, *, by: User, now: datetime) -> Rendered:
    """The answer for this conversation; it counts as used. Raises NotFoundError or NotAllowedError."""
    require(by, Action.ANSWER)
    answer = get(session, answer_id, by)
    rendered = render.render(answer.text, values.values_of(session, conversation_id, by))
    answer.used, answer.used_at = Answer.used + 1, now
    session.flush()
    return rendered


def conversation(session: Session, conversation_id: int) -> Conversation:
    """To look at. Raises NotFoundError."""
    found = session.get(Conversation, conversation_id)
    if found is None:
        raise NotFoundError("This conversation does not exist.", "Go back to the inbox.")
    return found
