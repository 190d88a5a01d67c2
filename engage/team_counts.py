"""Counts the conversations of a slice one by one, day by day: what engage/team_rollups.py keeps, made from the rows.

A conversation counts where the inbox lists it: both stand on the conditions in engage/outcomes.py.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Label, Select, func, literal, select, true
from sqlalchemy.orm import Session

from engage import times
from engage.analytics import Slice
from engage.outcomes import (
    Became,
    Outcome,
    answers,
    became,
    begun,
    closings,
    is_closing,
    of_brand,
    reopenings,
    resolutions,
)
from engage.rollups import day_of, start_of
from engage.tables import Activity, Conversation, Status

NEVER = date.max
"""As the day of the next closing, where there is none."""
Line = Mapping[str, Any]
Cell = tuple[date, str, str]
"""Day, network and language."""
OUTCOMES = {
    "due": Outcome.WAITING,
    "closed": Outcome.CLOSED,
    "reopened": Outcome.REOPENED,
    "unhappy": Outcome.UNHAPPY,
    "recovered": Outcome.RECOVERED,
    "leads": Outcome.LEAD,
}
"""Conversations by what came of them: the column, and the inbox's word for it."""
NUMBERS = ("begun", "answered", "settled", *OUTCOMES)


def begun_lines(session: Session, chosen: Slice) -> list[Line]:
    """What rollup_begun holds of a slice, as its columns by name."""
    taken, resolved = _answers(session, chosen), _resolutions(session, chosen)
    reopened = set(session.scalars(reopenings(session, chosen)))
    return [
        row._asdict()
        | {
            "brand_id": chosen.brand_id,
            "answers": times.pack(taken.get(row[:3], ()), reopened),
            "resolutions": times.pack_minutes(resolved.get(row[:3], ())),
        }
        for row in session.execute(_numbers(session, chosen))
    ]


def _numbers(session: Session, chosen: Slice) -> Select[*tuple[Any, ...]]:
    answered = Conversation.answered_at.is_not(None)
    counted: dict[str, Sequence[ColumnElement[bool]]] = {
        "begun": (),
        "answered": [answered],
        "settled": [answered, Conversation.status == Status.CLOSED],
    } | {name: became(session, chosen, Became(outcome)) for name, outcome in OUTCOMES.items()}
    sums = [func.count().filter(true(), *which).label(name) for name, which in counted.items()]
    axes = _axes(session)
    return select(*axes, *sums).where(*begun(session, chosen)).group_by(*axes)


def _axes(session: Session) -> tuple[Any, ...]:
    return (_day(session, Conversation.first_at), Conversation.network, Conversation.language)


def _day(session: Session, moment: Any) -> Label[date]:
    return day_of(session.get_bind().dialect.name == "sqlite", moment).label("day")


def _answers(session: Session, chosen: Slice) -> Mapping[Cell, list[times.Answer]]:
    sent = answers(session, chosen)
    told = (sent.c.conversation_id, sent.c.user_id, sent.c.first, sent.c.minutes)
    statement = select(*_axes(session), *told).join(Conversation, Conversation.id == sent.c.conversation_id)
    found = defaultdict(list)
    for row in session.execute(statement):
        answer = (row.conversation_id, row.user_id, bool(row.first), row.minutes)
        found[row.day, row.network, row.language].append(answer)
    return found


def _resolutions(session: Session, chosen: Slice) -> Mapping[Cell, list[int]]:
    took = resolutions(session, chosen)
    statement = select(*_axes(session), took.c.minutes).join(Conversation, Conversation.id == took.c.conversation_id)
    found = defaultdict(list)
    for row in session.execute(statement):
        found[row.day, row.network, row.language].append(row.minutes)
    return found


def closed_lines(session: Session, chosen: Slice) -> list[Line]:
    """What rollup_closed holds of a slice."""
    in_time = (Activity.at >= start_of(chosen.first), Activity.at < start_of(chosen.last + timedelta(days=1)))
    days = (
        select(Activity.conversation_id, Conversation.network, Conversation.language, _day(session, Activity.at))
        .join(Conversation, Conversation.id == Activity.conversation_id)
        .where(*of_brand(session, chosen), Activity.conversation_id.in_(closings().where(*in_time)))
        .where(is_closing())
        .distinct()
        .subquery()
    )
    following = func.lead(days.c.day).over(partition_by=days.c.conversation_id, order_by=days.c.day)
    again = func.coalesce(following, literal(NEVER, Date), type_=Date).label("again_on")
    pairs = select(days.c.day, days.c.network, days.c.language, again).subquery()
    axes = (pairs.c.day, pairs.c.network, pairs.c.language, pairs.c.again_on)
    found = select(*axes, func.count().label("conversations"))
    found = found.where(pairs.c.day.between(chosen.first, chosen.last)).group_by(*axes)
    return [row._asdict() | {"brand_id": chosen.brand_id} for row in session.execute(found)]
