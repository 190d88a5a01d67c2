"""The conditions that a search's filters and excluded words make."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from engage import search
from engage.inbox.asking import NOBODY, Asking, Pick
from engage.list_tables import ConversationTag
from engage.tables import Conversation
from listener.tables import AlsoHeard, Mention


def picked(session: Session, asking: Asking) -> list[ColumnElement[bool]]:
    """What conversations must fulfil besides having the words."""
    return [
        *(_of_pick(session, pick) for pick in asking.picks),
        *(search.lacking(session, phrase) for phrase in asking.without),
        *_between(asking),
    ]


def _between(asking: Asking) -> Iterator[ColumnElement[bool]]:
    if asking.since:
        yield Conversation.last_at >= asking.since
    if asking.until:
        yield Conversation.last_at < asking.until


def _of_pick(session: Session, pick: Pick) -> ColumnElement[bool]:
    condition = _holds(session, pick)
    return ~condition if pick.negated else condition


def _holds(session: Session, pick: Pick) -> ColumnElement[bool]:
    match pick.field:
        case "author":
            return search.by_author(session, [str(value) for value in pick.values])
        case "tag":
            return _tagged(session, pick)
        case "brand_id":
            return or_(*(heard_for(int(value)) for value in pick.values))
        case "answered_at":
            return Conversation.answered_at.is_not(None)
        case "assignee_id":
            return or_(*(_assigned(int(value)) for value in pick.values))
        case _:
            column: ColumnElement[Any] = getattr(Conversation, pick.field)
            known = column.in_(pick.values)
            return known & column.is_not(None) if pick.field == "team" else known


def _assigned(user_id: int) -> ColumnElement[bool]:
    assignee = Conversation.assignee_id
    return assignee.is_(None) if user_id == NOBODY else (assignee == user_id) & assignee.is_not(None)


def heard_for(brand_id: int) -> ColumnElement[bool]:
    """Of the brand, or with a mention that was heard for it too."""
    also = (
        select(Mention.conversation_id)
        .join(AlsoHeard, AlsoHeard.mention_id == Mention.id)
        .where(AlsoHeard.brand_id == brand_id)
    )
    return or_(Conversation.brand_id == brand_id, Conversation.id.in_(also))


def _tagged(session: Session, pick: Pick) -> ColumnElement[bool]:
    """A rare tag's conversations are looked up, a common one is checked while the list is walked."""
    ids = select(ConversationTag.conversation_id).where(ConversationTag.name.in_(pick.values))
    few = (session.scalar(select(func.count()).select_from(ids.limit(search.MANY).subquery())) or 0) < search.MANY
    if few:
        return Conversation.id.in_(ids)
    return exists().where(ConversationTag.name.in_(pick.values), ConversationTag.conversation_id == Conversation.id)
