"""Lists that people come back to: their own in their own order, then those that others share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError, NotAllowedError, NotFoundError
from engage.inbox.wanted import Wanted, conditions
from engage.list_tables import SavedView
from engage.permissions import Action, allowed
from engage.tables import Conversation, User

LONGEST_NAME, LONGEST_ADDRESS = 60, 2000
MOST_OWN, MOST_SHOWN = 50, 80
MOST_COUNTED = 99
"""A view that holds more shows `99+`."""


@dataclass(frozen=True, slots=True)
class View:
    """A saved view as somebody sees it."""

    id: int
    name: str
    address: str
    shared: bool
    owner_id: int
    owner: str


def views_for(session: Session, user: User) -> list[View]:
    """Those that the person has, then those that others share."""
    rows = session.execute(
        select(SavedView, User.name)
        .join(User, User.id == SavedView.user_id)
        .where(or_(SavedView.user_id == user.id, SavedView.shared))
        .order_by((SavedView.user_id == user.id).desc(), SavedView.user_id, SavedView.place, SavedView.id)
        .limit(MOST_SHOWN)
    )
    return [View(view.id, view.name, view.address, view.shared, view.user_id, owner) for view, owner in rows]


def save(session: Session, user: User, name: str, address: str, shared: bool, now: datetime) -> SavedView:
    """Keep a list under a name, below the person's other views."""
    name = _checked(name)
    if len(address) > LONGEST_ADDRESS:
        raise InvalidInputError("This list asks for too much to be kept.", "Leave some filters out.", field="name")
    count, last = session.execute(
        select(func.count(), func.max(SavedView.place)).where(SavedView.user_id == user.id)
    ).one()
    if count >= MOST_OWN:
        raise InvalidInputError(f"You have {MOST_OWN} views already.", "Remove one first.", field="name")
    view = SavedView(
        user_id=user.id, name=name, address=address, shared=shared, place=(last or 0) + 1, created_at=now
    )
    session.add(view)
    session.flush()
    return view


def change(session: Session, user: User, view_id: int, name: str, shared: bool) -> None:
    """Rename it, share it or keep it to oneself."""
    view = _theirs(session, user, view_id)
    view.name, view.shared = _checked(name), shared
    session.flush()


def remove(session: Session, user: User, view_id: int) -> None:
    """The view goes; its conversations stay."""
    session.delete(_theirs(session, user, view_id))
    session.flush()


def move(session: Session, user: User, view_id: int, up: bool) -> None:
    """One place up or down among one's own views."""
    view = _theirs(session, user, view_id)
    own = session.scalars(
        select(SavedView).where(SavedView.user_id == view.user_id).order_by(SavedView.place, SavedView.id)
    ).all()
    ids = [one.id for one in own]
    here = ids.index(view.id)
    there = max(0, min(len(ids) - 1, here + (-1 if up else 1)))
    ids[here], ids[there] = ids[there], ids[here]
    for one in own:
        one.place = ids.index(one.id)
    session.flush()


def counts(session: Session, wanted: Sequence[Wanted]) -> list[int]:
    """How many conversations each list holds, no more than one beyond MOST_COUNTED, together in one statement."""
    parts = [
        select(func.count()).select_from(
            select(Conversation.id)
            .where(*conditions(session, replace(one, folded=False)))
            .limit(MOST_COUNTED + 1)
            .subquery()
        )
        for one in wanted
    ]
    columns = [part.scalar_subquery() for part in parts]
    return list(session.execute(select(*columns)).one()) if columns else []


def _theirs(session: Session, user: User, view_id: int) -> SavedView:
    """The view, if this person may change it. Raises NotFoundError, NotAllowedError."""
    view = session.get(SavedView, view_id)
    if view is None or not (view.shared or view.user_id == user.id):
        raise NotFoundError("This view does not exist.", "Somebody may have removed it.")
    if view.user_id != user.id and not allowed(user, Action.MANAGE_LISTS):
        raise NotAllowedError("This view is somebody else's.", "Ask its owner or a manager, or save one of your own.")
    return view


def _checked(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME:
        raise InvalidInputError(f"A name has 1 to {LONGEST_NAME} characters.", "Change it.", field="name")
    return clean
