"""A list as somebody holds it: it stays as it was when it was taken up, while what it shows is kept true.

What is new waits above it until it is asked for, and what left it stays in its place until the next look, so that
nothing moves under anybody's pointer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlalchemy.orm import Session

from engage.inbox.latest import latest
from engage.inbox.listing import LONGEST_PAGE, Line, Lines, line_columns, place_of
from engage.inbox.wanted import Wanted, conditions
from engage.tables import Conversation

MOST_WAITING = 99


@dataclass(frozen=True, slots=True)
class Held:
    """What a list shows now."""

    lines: Sequence[Line]
    """In the order in which they stood; those that do not exist any more are left out."""
    gone: frozenset[int]
    """Of these, those that are wanted no more."""
    waiting: int
    """How many more are wanted that come above all of it; MOST_WAITING + 1 stands for more than that."""


def held(session: Session, wanted: Wanted, ids: Sequence[int], top: str, *, now: datetime | None = None) -> Held:
    """The conversations with these `ids`, and what came above the place `top` since. Raises InvalidInputError.

    `now`: what storms did in the hour before is told with them.
    """
    ids = list(ids)[:LONGEST_PAGE]
    each = replace(wanted, folded=False)  # what folds it away waits above, so it stays what it was
    still = select(Conversation.id).where(*conditions(session, each), Conversation.id.in_(ids))
    columns = line_columns(now).add_columns(Conversation.id.in_(still), _waiting(session, wanted, ids, top))
    rows = session.execute(columns.where(Conversation.id.in_(ids))).all()
    found = {row[0]: Line(*row[:-2]) for row in rows}
    return Held(
        lines=[found[number] for number in ids if number in found],
        gone=frozenset(row[0] for row in rows if not row[-2]),
        waiting=rows[0][-1] if rows else 0,
    )


def _waiting(session: Session, wanted: Wanted, ids: Sequence[int], top: str) -> ColumnElement[int]:
    """Counted once, beside the rows, so that it costs no statement of its own."""
    if wanted.nothing or not top:
        return literal(0)
    above = [tuple_(Conversation.last_at, Conversation.id) > place_of(top), Conversation.id.not_in(ids)]
    found = latest(session, wanted, above, MOST_WAITING + 1).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def lines_above(session: Session, wanted: Wanted, before: str, size: int, *, now: datetime | None = None) -> Lines:
    """The conversations next above the place `before`, in the order of the list; `after` then tells whether there
    are more above. Raises InvalidInputError."""
    size = min(size, LONGEST_PAGE)
    chosen = (
        select(Conversation.id)
        .where(*conditions(session, wanted), tuple_(Conversation.last_at, Conversation.id) > place_of(before))
        .order_by(Conversation.last_at, Conversation.id)
        .limit(size + 1)
        .subquery()
    )
    rows = session.execute(line_columns(now).join(chosen, chosen.c.id == Conversation.id)).all()
    found = [Line(*row) for row in rows]
    return Lines(found[-size:], found[-size].place if len(found) > size else None)
