"""What becomes of conversations: the conditions by which the analytics count them and the inbox lists just those.

Nearly all is about the conversations that began on the days asked for; advertising and spam are left out.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from config.database import listed
from engage import conversations, linking, segments
from engage.analytics import Slice
from engage.rollups import start_of
from engage.tables import Activity, ActivityKind, Conversation, Reply, ReplyState, Status
from engage.times import BINS
from listener.tables import Brand, Mention
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow

EVER = (date(1990, 1, 1), date(8999, 12, 31))
"""Days that leave out nothing."""
ASKING = (Intent.COMPLAINT, Intent.QUESTION, Intent.PURCHASE)
"""Who says this waits for an answer."""


class Outcome(StrEnum):
    """What became of a conversation. Those about the goal are parts of what was due."""

    IN_TIME = "in-time"
    """The first answer came within the brand's goal."""
    LATE = "late"
    """It came later."""
    WAITING = "waiting"
    """It did not come, though the goal has passed, somebody asks for something, and nobody closed it."""
    CLOSED = "closed"
    """Somebody closed it, whatever happened then."""
    REOPENED = "reopened"
    """The person wrote again after that."""
    UNHAPPY = "unhappy"
    """Negative before our first answer, and wrote again after it."""
    RECOVERED = "recovered"
    """The same, and what was written last is not negative."""
    LEAD = "lead"
    """Somebody who wants to buy was answered."""


@dataclass(frozen=True, slots=True)
class Became:
    """Which of the conversations of some days; None leaves a question open."""

    outcome: Outcome | None = None
    since: datetime | None = None
    """With WAITING: begun before this moment."""
    first: int | None = None
    """The first answer took as long as this bar of the histogram says (BINS)."""
    again: int | None = None
    """A later answer did."""
    agent_id: int | None = None
    """This person sent an answer."""


# --- which conversations -----------------------------------------------------------------------------------------


def begun(session: Session, chosen: Slice) -> list[ColumnElement[bool]]:
    """The conversations of a brand that began on the slice's days and are no noise."""
    some = [] if chosen.among is None else [Conversation.id.in_(listed(session, chosen.among))]
    return [
        *some,
        *of_brand(session, chosen),
        Conversation.first_at >= start_of(chosen.first, chosen.days_in),
        Conversation.first_at < start_of(chosen.last + timedelta(days=1), chosen.days_in),
    ]


def closed_on(session: Session, chosen: Slice) -> list[ColumnElement[bool]]:
    """Those that somebody closed on these days, whenever they began."""
    in_time = (Activity.at >= start_of(chosen.first), Activity.at < start_of(chosen.last + timedelta(days=1)))
    some = [] if chosen.among is None else [Activity.conversation_id.in_(listed(session, chosen.among))]
    closing = closings().where(*in_time, *some)
    return [*of_brand(session, chosen), Conversation.id.in_(closing)]


def ever(chosen: Slice) -> Slice:
    """The same, whenever it was."""
    return replace(chosen, first=EVER[0], last=EVER[1])


def of_brand(session: Session, chosen: Slice) -> list[ColumnElement[bool]]:
    """All of the brand, network, language and segment that are no noise."""
    conditions = [Conversation.brand_id == chosen.brand_id, Conversation.noise.is_(False)]
    if chosen.network:
        conditions.append(Conversation.network == chosen.network)
    if chosen.language:
        conditions.append(Conversation.language == chosen.language)
    return conditions + segments.of_conversations(session, chosen.segment)


def became(session: Session, chosen: Slice, asked: Became) -> list[ColumnElement[bool]]:
    """Of the conversations that began on the slice's days, those of which this came."""
    conditions = []
    if asked.outcome is not None:
        conditions.append(_outcome(session, chosen, asked.outcome, asked.since))
    if {asked.first, asked.again, asked.agent_id} != {None}:
        sent = answers(session, chosen)
        for place, first in ((asked.first, True), (asked.again, False)):
            if place is not None:
                took = select(sent.c.conversation_id).where(sent.c.first.is_(first), _in_bin(sent, place))
                conditions.append(Conversation.id.in_(took))
        if asked.agent_id is not None:
            by_agent = select(sent.c.conversation_id).where(sent.c.user_id == asked.agent_id)
            conditions.append(Conversation.id.in_(by_agent))
    return conditions


def _outcome(session: Session, chosen: Slice, outcome: Outcome, since: datetime | None) -> ColumnElement[bool]:
    answered = Conversation.answered_at.is_not(None)
    match outcome:
        case Outcome.IN_TIME | Outcome.LATE:
            sent = answers(session, chosen)
            quick = sent.c.minutes <= goal_minutes(session, chosen)
            took = quick if outcome is Outcome.IN_TIME else ~quick
            return Conversation.id.in_(select(sent.c.conversation_id).where(sent.c.first, took))
        case Outcome.WAITING:
            old = Conversation.first_at < since if since else literal(True)
            return and_(~answered, Conversation.status != Status.CLOSED, Conversation.intent.in_(ASKING), old)
        case Outcome.CLOSED:
            return closings().where(Activity.conversation_id == Conversation.id).exists()
        case Outcome.REOPENED:
            return Conversation.id.in_(reopenings(session, chosen))
        case Outcome.UNHAPPY | Outcome.RECOVERED:
            felt = recovery(session, chosen)
            better = [felt.c.better == 1] if outcome is Outcome.RECOVERED else []
            return Conversation.id.in_(select(felt.c.conversation_id).where(felt.c.unhappy == 1, *better))
        case Outcome.LEAD:
            return Conversation.id.in_(_leads(session, chosen))


def _leads(session: Session, chosen: Slice) -> Select[*tuple[Any, ...]]:
    return (
        select(Mention.conversation_id)
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(*begun(session, chosen), Conversation.answered_at.is_not(None))
        .where(Mention.deleted_at.is_(None), ReadingRow.intent == Intent.PURCHASE)
    )


def goal_minutes(session: Session, chosen: Slice) -> int:
    """How soon the brand wants to answer."""
    return session.get_one(Brand, chosen.brand_id).answer_goal_minutes


def closings() -> Select[*tuple[Any, ...]]:
    """Ids of conversations that somebody closed, once for each time."""
    return select(Activity.conversation_id).where(is_closing())


def is_closing() -> ColumnElement[bool]:
    """Of what was done, that somebody closed the conversation, and not as noise."""
    return and_(Activity.kind == ActivityKind.STATUS, Activity.text == conversations.CLOSED)


def reopenings(session: Session, chosen: Slice) -> Select[*tuple[Any, ...]]:
    """Ids of those that a new mention opened again. What was done last must be to close, not to undo that."""
    before = func.lag(Activity.text).over(partition_by=Activity.conversation_id, order_by=Activity.id)
    woken = (
        select(Activity.conversation_id)
        .join(Conversation, Conversation.id == Activity.conversation_id)
        .where(*begun(session, chosen), Activity.kind == ActivityKind.REOPENED, Activity.text == linking.REOPENED)
    )
    steps = (
        select(Activity.conversation_id, Activity.text, before.label("before"))
        .where(Activity.kind.in_((ActivityKind.STATUS, ActivityKind.REOPENED)), Activity.conversation_id.in_(woken))
        .subquery()
    )
    again = and_(steps.c.text == linking.REOPENED, steps.c.before == conversations.CLOSED)
    return select(steps.c.conversation_id).where(again)


def answers(session: Session, chosen: Slice) -> Subquery:
    """Every answer that was sent: (conversation_id, user_id, first, minutes).

    The time is that from the first mention to the first answer, and from the first mention of the same person since
    our latest answer to the next; None where the person had not written since.
    """
    earlier = func.lag(Reply.sent_at).over(partition_by=Reply.conversation_id, order_by=(Reply.sent_at, Reply.id))
    sent = (
        select(
            Reply.conversation_id,
            Reply.user_id,
            Reply.sent_at,
            Conversation.first_at,
            Conversation.author_id,
            earlier.label("earlier"),
        )
        .join(Conversation, Conversation.id == Reply.conversation_id)
        .where(*begun(session, chosen), Conversation.answered_at.is_not(None))
        .where(Reply.state == ReplyState.SENT, Reply.sent_at.is_not(None))
        .subquery()
    )
    wrote = (
        select(func.min(Mention.created_at))
        .where(
            Mention.conversation_id == sent.c.conversation_id,
            Mention.author_id == sent.c.author_id,
            Mention.created_at > sent.c.earlier,
            Mention.created_at <= sent.c.sent_at,
            Mention.deleted_at.is_(None),
        )
        .scalar_subquery()
    )
    first = sent.c.earlier.is_(None)
    start = case((first, sent.c.first_at), else_=wrote)
    minutes = seconds_between(session, start, sent.c.sent_at) // 60
    return select(sent.c.conversation_id, sent.c.user_id, first.label("first"), minutes.label("minutes")).subquery()


def resolutions(session: Session, chosen: Slice) -> Subquery:
    """Of those that are closed now: (conversation_id, minutes), from the first mention to the latest closing."""
    closed = (
        select(Conversation.id, Conversation.first_at.label("start"), func.max(Activity.at).label("end"))
        .join(Activity, Activity.conversation_id == Conversation.id)
        .where(*begun(session, chosen), Conversation.status == Status.CLOSED, is_closing())
        .group_by(Conversation.id, Conversation.first_at)
        .subquery()
    )
    minutes = seconds_between(session, closed.c.start, closed.c.end) // 60
    return select(closed.c.id.label("conversation_id"), minutes.label("minutes")).subquery()


def seconds_between(session: Session, start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[int]:
    """From start to end; 0 where a mention that was heard late was posted after our answer."""
    if session.get_bind().dialect.name == "sqlite":
        moments = [cast(func.strftime("%s", type_coerce(moment, String)), Integer) for moment in (start, end)]
    else:
        moments = [cast(func.floor(func.extract("epoch", moment)), Integer) for moment in (start, end)]
    passed = moments[1] - moments[0]
    return case((passed < 0, 0), else_=passed)


def _in_bin(sent: Subquery, place: int) -> ColumnElement[bool]:
    from_, to = (0, *BINS)[place], (*BINS, None)[place]
    return and_(sent.c.minutes >= from_, sent.c.minutes < to if to is not None else literal(True))


def recovery(session: Session, chosen: Slice) -> Subquery:
    """Of answered conversations, by what their authors wrote last before our first answer, and last after it:
    (conversation_id, unhappy, better), for those where there is both."""
    first = (
        select(Reply.conversation_id, Conversation.author_id, func.min(Reply.sent_at).label("at"))
        .join(Conversation, Conversation.id == Reply.conversation_id)
        .where(*begun(session, chosen), Conversation.answered_at.is_not(None), Conversation.mention_count > 1)
        .where(Reply.state == ReplyState.SENT)
        .group_by(Reply.conversation_id, Conversation.author_id)
        .subquery()
    )
    after = (Mention.created_at > first.c.at).label("after")
    latest = func.row_number().over(
        partition_by=(Mention.conversation_id, after), order_by=(Mention.created_at.desc(), Mention.id.desc())
    )
    said = (
        select(Mention.conversation_id, after, ReadingRow.sentiment, latest.label("place"))
        .join(first, and_(first.c.conversation_id == Mention.conversation_id, first.c.author_id == Mention.author_id))
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(Mention.deleted_at.is_(None))
        .subquery()
    )
    negative = said.c.sentiment == Sentiment.NEGATIVE
    unhappy = func.max(case((~said.c.after, case((negative, 1), else_=0)))).label("unhappy")
    better = func.max(case((said.c.after, case((negative, 0), else_=1)))).label("better")
    return (
        select(said.c.conversation_id, unhappy, better)
        .where(said.c.place == 1)
        .group_by(said.c.conversation_id)
        .having(unhappy.is_not(None), better.is_not(None))
        .subquery()
    )
