"""Finds the latest conversations of a list.

Whether a conversation belongs to what a figure of the analytics counts takes a look at its mentions and answers. A
list shows fifty, and where months are asked for these are among the latest; so a few of the latest are looked into
first, and all of those days only where these do not suffice.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from engage.inbox.wanted import Wanted, conditions
from engage.tables import Conversation
from engage.team_counts import OUTCOMES
from engage.team_rollups import days_with, is_kept

TRIES = (400, 8_000)
"""So many are looked into at first, and then."""
MOST_DAYS = 28
"""On so many days at most is looked into one by one."""
COLUMNS = {outcome: name for name, outcome in OUTCOMES.items()}


def latest(session: Session, wanted: Wanted, below: Sequence[ColumnElement[bool]], most: int) -> Sequence[int]:
    """Ids of the latest that are wanted, and for which `below` holds too."""
    of_any_days = replace(wanted, said=None, begun=None, became=None, closed=None)
    if of_any_days != wanted:
        for count in TRIES:
            some = _ids(session, of_any_days, below, count)
            found = _ids(session, _among(wanted, tuple(some)), (), most)
            if len(found) == most or len(some) < count:
                return found
    days = _rare_days(session, wanted)
    if days is None:
        return _ids(session, wanted, below, most)
    found = [id_ for day in days for id_ in _ids(session, _begun_on(wanted, day), below, most)]
    return _ids(session, Wanted(), [Conversation.id.in_(found)], most)


def _rare_days(session: Session, wanted: Wanted) -> Sequence[date] | None:
    """The only days on which what is asked for began; None where these are many, or not known."""
    outcome = wanted.became and wanted.became.outcome
    if wanted.begun is None or outcome not in COLUMNS or not is_kept(wanted.begun):
        return None
    days = days_with(session, wanted.begun, COLUMNS[outcome])
    return days if len(days) <= MOST_DAYS else None


def _begun_on(wanted: Wanted, day: date) -> Wanted:
    return replace(wanted, begun=wanted.begun and replace(wanted.begun, first=day, last=day))


def _ids(session: Session, wanted: Wanted, below: Sequence[ColumnElement[bool]], most: int) -> Sequence[int]:
    return session.scalars(_in_order(session, wanted).where(*below).limit(most)).all()


def _in_order(session: Session, wanted: Wanted) -> Select[int]:
    """Ids only, so that one of the two list indexes answers alone."""
    statement = select(Conversation.id).where(*conditions(session, wanted))
    return statement.order_by(Conversation.last_at.desc(), Conversation.id.desc())


def _among(wanted: Wanted, ids: tuple[int, ...]) -> Wanted:
    return replace(
        wanted,
        said=wanted.said and replace(wanted.said, among=ids),
        begun=wanted.begun and replace(wanted.begun, among=ids),
        closed=wanted.closed and replace(wanted.closed, among=ids),
    )
