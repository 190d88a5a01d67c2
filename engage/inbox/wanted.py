"""Which conversations a list holds, and the condition that finds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session, aliased

from config.errors import NotFoundError
from engage import alerts, outcomes, search
from engage import said as mentions_said
from engage.analytics import Slice
from engage.inbox.asking import NOBODY, Asking
from engage.inbox.picking import heard_for, picked
from engage.outcomes import Became
from engage.said import Said
from engage.tables import IN_TROUBLE, TO_APPROVE, Conversation, Reply, ReplyState, Status, Team
from listener.tables import Mention
from nlp.reading import Intent, Sentiment

MOST_WITH_REPLIES = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations: None, "" and () leave a question open."""

    status: Status | None = None
    noise: bool | None = None
    team: Team | None = None
    assignee_id: int | None = None
    sentiment: Sentiment | None = None
    intent: Intent | None = None
    network: str = ""
    brand_id: int | None = None
    words: tuple[str, ...] = ()
    """Each must stand in a mention, or all must name the author."""
    asking: Asking | None = None
    """What was typed into the search box besides words."""
    said: Said | None = None
    """Those with such a mention."""
    begun: Slice | None = None
    """Those that analytics count as begun there."""
    became: Became | None = None
    """What came of those that began there."""
    closed: Slice | None = None
    """Those that analytics count as closed there."""
    answered: bool | None = None
    alert_id: int | None = None
    """Those with a mention that this alert is about."""
    replies: tuple[ReplyState, ...] = ()
    """Those with a reply of ours in one of these states."""
    storm_id: int | None = None
    """Those of this storm, each for itself."""
    folded: bool = False
    """Of those that say nearly the same, only the latest."""
    nothing: bool = False
    """True where somebody searched for no words at all, only signs."""


QUEUES: Mapping[str, Wanted] = {
    "open": Wanted(status=Status.OPEN),
    "mine": Wanted(status=Status.OPEN),
    "unassigned": Wanted(status=Status.OPEN, assignee_id=NOBODY),
    "support": Wanted(status=Status.OPEN, team=Team.SUPPORT),
    "marketing": Wanted(status=Status.OPEN, team=Team.MARKETING),
    "pending": Wanted(status=Status.PENDING),
    "snoozed": Wanted(status=Status.SNOOZED),
    "closed": Wanted(status=Status.CLOSED, noise=False),
    "noise": Wanted(status=Status.CLOSED, noise=True),
    "approve": Wanted(replies=TO_APPROVE),
    "failed": Wanted(replies=IN_TROUBLE),
    "all": Wanted(),
}


def queue(name: str, user_id: int) -> Wanted:
    """What a queue holds for this person. Raises NotFoundError."""
    if name not in QUEUES:
        raise NotFoundError("There is no such queue.", "Choose one at the left.")
    return replace(QUEUES[name], assignee_id=user_id) if name == "mine" else QUEUES[name]


def conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What holds of the conversations that are wanted."""
    if wanted.nothing:
        return [false()]
    found = _plain(wanted, Conversation)
    if wanted.brand_id is not None:
        found.append(heard_for(wanted.brand_id))
    if wanted.said is not None:
        mentions = mentions_said.mentions(session, wanted.said).subquery()
        found.append(Conversation.id.in_(select(mentions.c.conversation_id)))
    if wanted.begun is not None:
        found += outcomes.begun(session, wanted.begun)
        found += outcomes.became(session, wanted.begun, wanted.became) if wanted.became else []
    if wanted.closed is not None:
        found += outcomes.closed_on(session, wanted.closed)
    if wanted.alert_id is not None:
        ids = alerts.mention_ids(session, wanted.alert_id)
        found.append(Conversation.id.in_(select(Mention.conversation_id).where(Mention.id.in_(ids))))
    if wanted.replies:
        found.append(Conversation.id.in_(_with_replies(session, wanted.replies)))
    if wanted.words:
        phrases = wanted.asking.phrases if wanted.asking else ()
        found.append(search.matching(session, list(wanted.words), phrases))
    if wanted.asking:
        found += picked(session, wanted.asking)
    if wanted.folded:
        found.append(_latest_of_storm(wanted))
    return found


def _plain(wanted: Wanted, table: type[Conversation]) -> list[ColumnElement[bool]]:
    """What the conversation's own columns tell."""
    values: tuple[tuple[ColumnElement[Any], object], ...] = (
        (table.status.expression, wanted.status),
        (table.noise.expression, wanted.noise),
        (table.team.expression, wanted.team),
        (table.assignee_id.expression, wanted.assignee_id or None),
        (table.sentiment.expression, wanted.sentiment),
        (table.intent.expression, wanted.intent),
        (table.network.expression, wanted.network or None),
        (table.storm_id.expression, wanted.storm_id),
    )
    found = [column == value for column, value in values if value is not None]
    if wanted.assignee_id == NOBODY:
        found.append(table.assignee_id.is_(None))
    if wanted.answered is not None:
        found.append(table.answered_at.is_not(None) if wanted.answered else table.answered_at.is_(None))
    return found


def _latest_of_storm(wanted: Wanted) -> ColumnElement[bool]:
    """Of no storm, or the latest of those of its storm that the list would hold.

    Looked up row by row while the list is walked, so that nothing needs to be kept right when somebody closes one.
    """
    other = aliased(Conversation)
    statuses = [wanted.status] if wanted.status else list(Status)
    latest = (
        select(other.id)
        .where(other.storm_id == Conversation.storm_id, other.status.in_(statuses), *_plain(wanted, other))
        .order_by(other.last_at.desc(), other.id.desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )
    return or_(Conversation.storm_id.is_(None), Conversation.id == latest)


def _with_replies(session: Session, states: Sequence[ReplyState]) -> Sequence[int]:
    """Asked for first: so few that the list is found from them, where a walk down the whole list would take long."""
    found = select(Reply.conversation_id).where(Reply.state.in_(states)).distinct()
    return session.scalars(found.order_by(Reply.conversation_id.desc()).limit(MOST_WITH_REPLIES)).all()
