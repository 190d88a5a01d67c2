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
from engage.team_rollups import days_with, is_kept
from engage.team_sizes import COLUMNS

TRIES = (1_000, 8_000)
"""So many are looked into at first, and then."""


def latest(session: Session, wanted: Wanted, below: Sequence[ColumnElement[bool]], most: int) -> Select[int]:
    """Selects the ids of the latest that are wanted, and for which `below` holds too."""
    of_any_days = replace(wanted, said=None, begun=None, became=None, closed=None)
    if of_any_days == wanted:
        return _in_order(session, wanted).where(*below).limit(most)
    return select(Conversation.id).where(Conversation.id.in_(_looked_into(session, wanted, of_any_days, below, most)))


def _looked_into(
    session: Session, wanted: Wanted, of_any_days: Wanted, below: Sequence[ColumnElement[bool]], most: int
) -> Sequence[int]:
    for count in TRIES:
        some = _ids(session, of_any_days, below, count)
        found = _ids(session, _among(wanted, tuple(some)), (), most)
        if len(found) == most or len(some) < count:
            return found
    days = _rare_days(session, wanted)
    if days is None:
        return _ids(session, wanted, below, most)
    of_days = [id_ for day in days for id_ in _ids(session, _begun_on(wanted, day), below, most)]
    return _ids(session, Wanted(), [Conversation.id.in_(of_days)], most)


def _rare_days(session: Session, wanted: Wanted) -> Sequence[date] | None:
    """The only days on which what is asked for began, of what is so rare; None where they are not known."""
    outcome = wanted.became and wanted.became.outcome
    if wanted.begun is None or outcome not in COLUMNS or not is_kept(wanted.begun):
        return None
    return days_with(session, wanted.begun, COLUMNS[outcome])


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
