"""Makes a person's "your week": what they answered, how quickly, and what waits for them. Only reads."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.errors import NotFoundError
from engage.report import paths, words
from engage.report.content import Advice, Measure, Report, ReportKind, Unit
from engage.report.schedule import last_of
from engage.rollups import start_of
from engage.tables import Conversation, Reply, ReplyState, Status, User
from nlp.tables import Correction

DAY = timedelta(days=1)
WEEK = 7 * DAY
SHOWN_AS = "Hearken"
"""Whom the report is about, where others name the brand."""
LONG = 24 * 60
"""Minutes; who waits longer is named."""


@dataclass(frozen=True, slots=True)
class Own:
    """What a person did in a week."""

    answers: int
    first_answer: float | None
    """Median of the minutes from the first mention to their answer, where theirs was the first."""
    corrections: int


def make(session: Session, user_id: int, first: date, now: datetime) -> Report:
    """The week of a person that begins on `first`. Raises NotFoundError."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError("There is no such user.")
    language, zone = user.own_week_language, user.own_week_zone
    last = last_of(ReportKind.PERSONAL, first)
    did, before = (_did(session, user_id, start, zone) for start in (first, first - WEEK))
    assigned, oldest = _assigned(session, user_id)
    waits = (now - oldest.last_at).total_seconds() / 60 if oldest else None
    measures = [
        _measure("answers", language, Unit.COUNT, did.answers, before.answers),
        _measure("own_first_answer", language, Unit.MINUTES, did.first_answer, before.first_answer),
        _measure("assigned", language, Unit.COUNT, assigned, None, paths.MINE),
        _measure("oldest", language, Unit.MINUTES, waits, None),
        _measure("corrections", language, Unit.COUNT, did.corrections, before.corrections),
    ]
    advice = Advice(words.say(language, "do_nothing"))
    if oldest and waits is not None and waits >= LONG:
        advice = Advice(
            words.say(language, "do_own_oldest", span=words.span(language, waits)),
            paths.conversation(oldest.id),
        )
    return Report(
        kind=ReportKind.PERSONAL,
        brand=SHOWN_AS,
        language=language,
        zone=zone,
        first=first,
        last=last,
        made_at=now,
        title=words.say(
            language, "title_personal", week=first.isocalendar().week, days=words.days(language, first, last)
        ),
        headline=_headline(did.answers, assigned, language),
        measures=measures,
        advice=[advice],
        notes=[words.say(language, "note_days", zone=zone)],
    )


def _headline(answers: int, assigned: int, language: str) -> str:
    shown = {"answers": words.count(language, "answers", answers), "assigned": words.number(language, assigned)}
    return words.say(language, "own_answers" if answers else "own_nothing", **shown)


def _measure(key: str, language: str, unit: Unit, now: float | None, before: float | None, path: str = "") -> Measure:
    return Measure(key, words.say(language, key), unit, now, before, path=path)


def _did(session: Session, user_id: int, first: date, zone: str) -> Own:
    start, end = start_of(first, zone), start_of(first + WEEK, zone)
    sent = (Reply.state == ReplyState.SENT, Reply.sent_at >= start, Reply.sent_at < end, Reply.user_id == user_id)
    answers = session.scalar(select(func.count(Reply.id)).where(*sent)) or 0
    corrections = session.scalar(
        select(func.count())
        .select_from(Correction)
        .where(Correction.user_id == user_id, Correction.at >= start, Correction.at < end)
    )
    return Own(answers, _first_answer(session, sent), corrections or 0)


def _first_answer(session: Session, sent: tuple[object, ...]) -> float | None:
    earliest = (
        select(Reply.conversation_id, func.min(Reply.sent_at).label("at"))
        .where(Reply.state == ReplyState.SENT)
        .where(Reply.conversation_id.in_(select(Reply.conversation_id).where(*sent)))  # type: ignore[arg-type]
        .group_by(Reply.conversation_id)
        .subquery()
    )
    rows = session.execute(
        select(Conversation.first_at, Reply.sent_at)
        .join(Reply, Reply.conversation_id == Conversation.id)
        .join(earliest, (earliest.c.conversation_id == Conversation.id) & (earliest.c.at == Reply.sent_at))
        .where(*sent)  # type: ignore[arg-type]
    )
    took = [max(0.0, (at - began).total_seconds() / 60) for began, at in rows if at]
    return round(median(took)) if took else None


def _assigned(session: Session, user_id: int) -> tuple[int, Conversation | None]:
    """How many open conversations are theirs, and the one that waits the longest."""
    mine = (Conversation.assignee_id == user_id, Conversation.status == Status.OPEN)
    size = session.scalar(select(func.count(Conversation.id)).where(*mine)) or 0
    oldest = session.scalars(select(Conversation).where(*mine).order_by(Conversation.last_at).limit(1)).first()
    return size, oldest
