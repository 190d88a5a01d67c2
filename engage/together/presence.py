"""Who is here, who looks at what, who writes. Only the server's clock counts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, String, cast, delete, exists, literal, select, union_all, update
from sqlalchemy.orm import Session

from config.database import insert_ignoring
from config.errors import InvalidInputError
from engage.tables import User
from engage.together.tables import Doing, Draft, DraftKind, Presence

GONE = timedelta(seconds=12)
"""A page in sight that was not heard of for so long is closed. Pages tell every four seconds."""
ONLINE = timedelta(seconds=150)
"""The same for a person: browsers let a hidden page speak but once a minute."""
OLD = timedelta(hours=1)
MOST_SHOWN = 1000
DRAFT = "draft"
STRENGTH = (Doing.REPLYING, Doing.NOTING, DRAFT, Doing.VIEWING)
"""Of what somebody does in several windows, the first of these is told."""
TAB = re.compile(r"[A-Za-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class There:
    """Somebody in a conversation."""

    user_id: int
    name: str
    doing: str
    """A Doing, or `draft` for who has begun a reply and is not writing on it."""


def beat(session: Session, user_id: int, tab: str, conversation_id: int | None, doing: Doing, now: datetime) -> None:
    """A page of theirs is open. Raises InvalidInputError."""
    if not TAB.fullmatch(tab):
        raise InvalidInputError("This page has no proper name.", "Reload it.")
    values = {"conversation_id": conversation_id, "doing": doing, "at": now}
    mine = (Presence.user_id == user_id, Presence.tab == tab)
    if session.scalars(update(Presence).where(*mine).values(**values).returning(Presence.user_id)).first() is None:
        session.execute(delete(Presence).where(Presence.at < now - OLD))
        session.execute(insert_ignoring(session, Presence).values(user_id=user_id, tab=tab, **values))


def leave(session: Session, user_id: int, tab: str) -> None:
    """The page was closed."""
    session.execute(delete(Presence).where(Presence.user_id == user_id, Presence.tab == tab))


def around(session: Session, now: datetime) -> dict[int, list[There]]:
    """Who is in which conversation, and who has a draft in one that somebody looks at. One statement."""
    in_sight = (Presence.conversation_id.is_not(None), Presence.at > now - GONE)
    looked_at = select(Presence.conversation_id).where(*in_sight)
    people = select(Presence.conversation_id, User.id, User.name, cast(Presence.doing, String))
    drafts = select(Draft.conversation_id, User.id, User.name, literal(DRAFT))
    both: CompoundSelect[*tuple[Any, ...]] = union_all(
        people.join(User, User.id == Presence.user_id).where(*in_sight),
        drafts.join(User, User.id == Draft.user_id).where(
            Draft.kind == DraftKind.REPLY, Draft.conversation_id.in_(looked_at)
        ),
    ).limit(MOST_SHOWN)
    rows = session.execute(both).all()
    return _strongest([(row[0], There(*row[1:])) for row in rows])


def _strongest(found: Sequence[tuple[int, There]]) -> dict[int, list[There]]:
    """Each person once a conversation, by name."""
    told: dict[tuple[int, int], There] = {}
    for place, there in sorted(found, key=lambda one: STRENGTH.index(one[1].doing), reverse=True):
        told[place, there.user_id] = there
    result: dict[int, list[There]] = {}
    for (place, _), there in sorted(told.items(), key=lambda item: (item[1].name, item[1].user_id)):
        result.setdefault(place, []).append(there)
    return result


def is_online(now: datetime) -> ColumnElement[bool]:
    """The condition on User."""
    return exists().where(Presence.user_id == User.id, Presence.at > now - ONLINE)


def as_told(there: Mapping[int, Sequence[There]]) -> dict[str, list[list[object]]]:
    """As pages get it: conversation -> [user id, name, doing] each."""
    return {str(place): [[one.user_id, one.name, one.doing] for one in people] for place, people in there.items()}
