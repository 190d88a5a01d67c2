"""What became of each day's conversations, kept, so that the team's figures are answered without looking at them.

Triggers (config/migrations/versions/0015_team_rollups.py) note each brand's day that any change touches, in the
transaction of that change; `roll_waiting` makes the lines of those days anew, `rebuild` those of all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, delete, exists, func, literal, select
from sqlalchemy.orm import Session

from config.database import AnyRow, insert_rows, lock_stage
from engage.analytics import Slice
from engage.outcomes import is_closing
from engage.rollups import AT_ONCE, take_waiting
from engage.tables import Activity, Conversation
from engage.team_counts import NUMBERS, Line, begun_lines, closed_lines
from engage.team_tables import BegunCount, ClosedCount, DirtyTeamDay

COUNTED_AT_ONCE = 50_000
"""So many conversations are looked at in one piece."""
TABLES: Mapping[type[Any], Callable[[Session, Slice], Sequence[Line]]] = {
    BegunCount: begun_lines,
    ClosedCount: closed_lines,
}


def roll_waiting(session: Session, limit: int = AT_ONCE) -> int:
    """Make the lines of days that changed anew; the number of days done. A stage function: nothing is committed.

    A day that changes again meanwhile is noted again, and done with the next call.
    """
    lock_stage(session, "roll team")
    days = take_waiting(session, DirtyTeamDay, limit)
    for brand_id, day in days:
        for table in TABLES:
            session.execute(delete(table).where(table.brand_id == brand_id, table.day == day))
        _keep(session, Slice(brand_id, day, day))
    return len(days)


def rebuild(session: Session) -> None:
    """Make all lines anew, from nothing."""
    lock_stage(session, "roll team")
    session.execute(delete(DirtyTeamDay))
    for table in TABLES:
        session.execute(delete(table))
    for chosen in _spans(session):
        _keep(session, chosen)


def _keep(session: Session, chosen: Slice) -> None:
    for table, lines in TABLES.items():
        insert_rows(session, table, lines(session, chosen))


def _spans(session: Session) -> Iterator[Slice]:
    """Each brand's days, in pieces of about COUNTED_AT_ONCE conversations."""
    of_brands = select(
        Conversation.brand_id,
        func.count().label("size"),
        func.min(Conversation.first_at).label("start"),
        func.max(Conversation.first_at).label("end"),
    ).group_by(Conversation.brand_id)
    start, end = session.execute(select(func.min(Activity.at), func.max(Activity.at)).where(is_closing())).one()
    for row in session.execute(of_brands).all():
        first = min(row.start, start or row.start).date()
        days = (max(row.end, end or row.end).date() - first).days + 1
        step = max(1, days * COUNTED_AT_ONCE // max(row.size, COUNTED_AT_ONCE))
        for shift in range(0, days, step):
            since = first + timedelta(days=shift)
            yield Slice(row.brand_id, since, since + timedelta(days=step - 1))


def waiting(session: Session) -> bool:
    """Whether any day is still to be made anew."""
    return bool(session.scalar(select(exists().where(DirtyTeamDay.id > 0))))


# --- reading -----------------------------------------------------------------------------------------------------


def is_kept(chosen: Slice) -> bool:
    """Whether the lines can answer for a slice: they are of everybody, and of UTC days."""
    return not chosen.segment and chosen.days_in == "UTC"


def begun_days(session: Session, chosen: Slice) -> Sequence[AnyRow]:
    """The numbers of each day."""
    sums = [func.sum(getattr(BegunCount, name)).label(name) for name in NUMBERS]
    return session.execute(
        select(BegunCount.day, *sums).where(*_within(BegunCount, chosen)).group_by(BegunCount.day)
    ).all()


def days_with(session: Session, chosen: Slice, column: str) -> Sequence[date]:
    """On which conversations began that a column counts, or may: days that are to be made anew are among them."""
    counting = select(BegunCount.day).where(*_within(BegunCount, chosen), getattr(BegunCount, column) > 0)
    changed = select(DirtyTeamDay.day).where(
        DirtyTeamDay.brand_id == chosen.brand_id, DirtyTeamDay.day.between(chosen.first, chosen.last)
    )
    return session.scalars(counting.union(changed)).all()


def packs(session: Session, chosen: Slice) -> Sequence[AnyRow]:
    """Answers and resolutions; on PostgreSQL in one piece, which comes sooner than very many."""
    columns: Sequence[Any] = (BegunCount.answers, BegunCount.resolutions)
    if session.get_bind().dialect.name != "sqlite":
        nothing = literal(b"", LargeBinary)
        columns = [
            func.coalesce(func.string_agg(column, nothing, type_=LargeBinary), nothing).label(column.key)
            for column in columns
        ]
    return session.execute(select(*columns).where(*_within(BegunCount, chosen))).all()


def closed_days(session: Session, chosen: Slice) -> Sequence[AnyRow]:
    """How many conversations were closed on each day, by when they were closed again."""
    axes = (ClosedCount.day, ClosedCount.again_on)
    size = func.sum(ClosedCount.conversations).label("conversations")
    return session.execute(select(*axes, size).where(*_within(ClosedCount, chosen)).group_by(*axes)).all()


def begun_now(session: Session, chosen: Slice) -> Sequence[Any]:
    """Numbers, answers and resolutions of each day, for a slice that nothing is kept of."""
    return _rows(begun_lines(session, chosen))


def closed_now(session: Session, chosen: Slice) -> Sequence[Any]:
    """Its closings."""
    return _rows(closed_lines(session, chosen))


def _rows(lines: Sequence[Line]) -> Sequence[Any]:
    return [SimpleNamespace(**line) for line in lines]


def _within(table: Any, chosen: Slice) -> list[ColumnElement[bool]]:
    narrowed = {table.network: chosen.network, table.language: chosen.language}
    asked = [column == value for column, value in narrowed.items() if value]
    return [table.brand_id == chosen.brand_id, table.day.between(chosen.first, chosen.last), *asked]
