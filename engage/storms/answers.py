"""An answer to everybody of a storm: written in several wordings, approved, then sent one by one at a human pace.

Networks take the same text to many people for spam, so wordings take turns, and replies leave some seconds apart.
Each is a reply like any other (engage/replies.py): with its own state, check, trace and remedy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from config.clock import Clock
from config.errors import ConflictError, HearkenError, InvalidInputError, NotFoundError
from engage import replies
from engage.permissions import Action, require
from engage.storms.tables import AnswerState, Storm, StormAnswer
from engage.tables import Contact, Conversation, Reply, ReplyState, Status, User

MOST_WORDINGS = 8
LONGEST_WORDING = 5_000
FEW = 5
"""Up to so many may get the same words."""
FASTEST_S, SLOWEST_S = 5, 3600
AT_ONCE = 50
"""So many replies are handed in by one step."""
NAME = "{{contact.first_name}}"
ON_THEIR_WAY = (ReplyState.DRAFT, ReplyState.APPROVED, ReplyState.SENDING, ReplyState.UNSURE)


def write(
    session: Session, storm_id: int, texts: Sequence[str], pace_s: int, *, by: User, now: datetime
) -> StormAnswer:
    """Hand in an answer to all, for approval. Raises InvalidInputError, NotFoundError, ConflictError."""
    require(by, Action.ANSWER)
    storm = _storm(session, storm_id)
    if _in_hand(session, storm_id):
        raise ConflictError("An answer to all of these is in hand already.", "Decide about that one first.")
    answer = StormAnswer(
        storm_id=storm_id,
        texts=_wordings(texts, storm.size),
        pace_s=_pace(pace_s),
        state=AnswerState.DRAFT,
        user_id=by.id,
        created_at=now,
    )
    session.add(answer)
    session.flush()
    return answer


def _wordings(texts: Sequence[str], size: int) -> list[str]:
    found = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if not found:
        raise InvalidInputError("The answer is empty.", "Write at least one wording.", field="texts")
    if len(found) > MOST_WORDINGS or any(len(text) > LONGEST_WORDING for text in found):
        raise InvalidInputError(
            f"At most {MOST_WORDINGS} wordings of {LONGEST_WORDING:,} characters.", "Shorten them.", field="texts"
        )
    if len(found) == 1 and size > FEW:
        raise InvalidInputError(
            f"The same words to {size:,} people look like spam to a network.",
            "Write a second wording; the wordings take turns.",
            field="texts",
        )
    return found


def _pace(seconds: int) -> int:
    if not FASTEST_S <= seconds <= SLOWEST_S:
        raise InvalidInputError(
            f"Between two replies {FASTEST_S} to {SLOWEST_S:,} seconds can lie.", "Choose another pace.", field="pace"
        )
    return seconds


def approve(session: Session, answer_id: int, *, by: User, now: datetime) -> StormAnswer:
    """Let it go out to all who are part of the storm by now."""
    require(by, Action.APPROVE)
    answer = _in_state(session, answer_id, AnswerState.DRAFT)
    latest = select(func.max(Conversation.id)).where(Conversation.storm_id == answer.storm_id)
    answer.state, answer.decided_by_id, answer.decided_at = AnswerState.SENDING, by.id, now
    answer.next_at, answer.until_id = now, session.scalar(latest) or 0
    return answer


def reject(session: Session, answer_id: int, reason: str, *, by: User, now: datetime) -> StormAnswer:
    """Refuse it, for a reason; its writer may always withdraw it."""
    answer = _in_state(session, answer_id, AnswerState.DRAFT)
    if answer.user_id != by.id:
        require(by, Action.APPROVE)
    answer.state, answer.decided_by_id, answer.decided_at = AnswerState.REJECTED, by.id, now
    answer.reason = reason.strip()[:300]
    return answer


def stop(session: Session, answer_id: int, *, by: User, now: datetime) -> StormAnswer:
    """Hand in no more, and pull back what did not leave yet."""
    require(by, Action.ANSWER)
    answer = _in_state(session, answer_id, AnswerState.SENDING)
    answer.state, answer.decided_by_id, answer.decided_at = AnswerState.STOPPED, by.id, now
    waiting = (Reply.storm_answer_id == answer_id) & Reply.state.in_((ReplyState.DRAFT, ReplyState.APPROVED))
    touched = select(Reply.conversation_id).where(waiting)
    session.execute(update(Conversation).where(Conversation.id.in_(touched)).values(changed_at=now))
    session.execute(update(Reply).where(waiting, Reply.claimed_at.is_(None)).values(state=ReplyState.REJECTED))
    return answer


# --- sending -----------------------------------------------------------------------------------------------------


def answer_waiting(session: Session, clock: Clock) -> int:
    """Hand in the next replies of an approved answer; how many conversations were served. A stage function."""
    answer = session.scalars(
        select(StormAnswer)
        .where(StormAnswer.state == AnswerState.SENDING)
        .order_by(StormAnswer.next_at, StormAnswer.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if answer is None:
        return 0
    rows = _next(session, answer)
    for conversation_id, name in rows:
        _serve(session, answer, conversation_id, name, clock())
    if len(rows) < AT_ONCE:
        answer.state = AnswerState.DONE
    return max(len(rows), 1)


def _next(session: Session, answer: StormAnswer) -> Sequence[tuple[int, str]]:
    """Who is still to be answered: nobody of us did, and none is on its way."""
    written = select(Reply.id).where(Reply.conversation_id == Conversation.id, Reply.state.in_(ON_THEIR_WAY)).exists()
    found = session.execute(
        select(Conversation.id, Contact.name)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(
            Conversation.storm_id == answer.storm_id,
            Conversation.id > answer.reached_id,
            Conversation.id <= answer.until_id,
            Conversation.status != Status.CLOSED,
            Conversation.answered_at.is_(None),
            ~written,
        )
        .order_by(Conversation.id)
        .limit(AT_ONCE)
    ).all()
    return [(row.id, row.name) for row in found]


def _serve(session: Session, answer: StormAnswer, conversation_id: int, name: str, now: datetime) -> None:
    writer = session.get_one(User, answer.user_id)
    turn = answer.handed_in + answer.left_out
    text = wording(answer.texts, turn, name)
    answer.reached_id = conversation_id
    try:
        reply = replies.write(
            session,
            conversation_id,
            text,
            by=writer,
            now=now,
            approval_required=False,
            approved_by_id=answer.decided_by_id,
        )
    except HearkenError:
        answer.left_out += 1
        return
    due = max(answer.next_at or now, now)
    reply.storm_answer_id, reply.not_before = answer.id, due
    answer.next_at = due + timedelta(seconds=answer.pace_s * uneven(turn))
    answer.handed_in += 1


def wording(texts: Sequence[str], turn: int, name: str) -> str:
    """The words of a turn, to somebody of this name."""
    first_name = name.split()[0] if name.split() else ""
    return texts[turn % len(texts)].replace(NAME, first_name)


def uneven(turn: int) -> float:
    """How much longer or shorter than the pace a wait is, 0.7 to 1.3: nobody answers like a clock."""
    return 0.7 + 0.6 * ((turn * 0.618034) % 1.0)


# --- looking -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """An answer with who wrote and decided, and what became of its replies."""

    answer: StormAnswer
    writer: str
    decider: str | None
    replies: dict[ReplyState, int]


def latest(session: Session, storm_id: int) -> Progress | None:
    """The latest answer to a storm, as it stands."""
    answer = session.scalars(
        select(StormAnswer).where(StormAnswer.storm_id == storm_id).order_by(StormAnswer.id.desc()).limit(1)
    ).first()
    if answer is None:
        return None
    people = [answer.user_id, answer.decided_by_id or answer.user_id]
    known = session.execute(select(User.id, User.name).where(User.id.in_(people)))
    names = {row.id: row.name for row in known}
    of_answer = Reply.storm_answer_id == answer.id
    counted = session.execute(select(Reply.state, func.count().label("size")).where(of_answer).group_by(Reply.state))
    states = {row.state: row.size for row in counted}
    return Progress(answer, names[answer.user_id], names.get(answer.decided_by_id or 0), states)


def _storm(session: Session, storm_id: int) -> Storm:
    storm = session.get(Storm, storm_id)
    if storm is None or storm.size < 2:
        raise NotFoundError("There is no such storm.", "Go back to the inbox.")
    return storm


def _in_hand(session: Session, storm_id: int) -> bool:
    found = select(StormAnswer.id).where(
        StormAnswer.storm_id == storm_id, StormAnswer.state.in_((AnswerState.DRAFT, AnswerState.SENDING))
    )
    return session.scalar(found.limit(1)) is not None


def _in_state(session: Session, answer_id: int, state: AnswerState) -> StormAnswer:
    answer = session.get(StormAnswer, answer_id, with_for_update=True)
    if answer is None:
        raise NotFoundError("This answer does not exist.", "Look at the storm again.")
    if answer.state is not state:
        raise ConflictError(f"This answer is {answer.state} by now.", "Look at the storm again.")
    return answer
