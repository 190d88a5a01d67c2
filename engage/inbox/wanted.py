"""Which conversations a list holds, and the condition that finds them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session

from config.errors import NotFoundError
from engage import alerts, outcomes, search
from engage import said as mentions_said
from engage.analytics import Slice
from engage.inbox.asking import NOBODY, Asking
from engage.inbox.picking import heard_for, picked
from engage.outcomes import Became
from engage.said import Said
from engage.tables import Conversation, Status, Team
from listener.tables import Mention
from nlp.reading import Intent, Sentiment


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
    "all": Wanted(),
}


def queue(name: str, user_id: int) -> Wanted:
    """What a queue holds for this person. Raises NotFoundError."""
    if name not in QUEUES:
        raise NotFoundError("There is no such queue.", "Choose one at the left.")
    return replace(QUEUES[name], assignee_id=user_id) if name == "mine" else QUEUES[name]


def conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    if wanted.nothing:
        return [false()]
    plain: tuple[tuple[ColumnElement[Any], object], ...] = (
        (Conversation.status.expression, wanted.status),
        (Conversation.noise.expression, wanted.noise),
        (Conversation.team.expression, wanted.team),
        (Conversation.assignee_id.expression, wanted.assignee_id or None),
        (Conversation.sentiment.expression, wanted.sentiment),
        (Conversation.intent.expression, wanted.intent),
        (Conversation.network.expression, wanted.network or None),
    )
    conditions = [column == value for column, value in plain if value is not None]
    if wanted.assignee_id == NOBODY:
        conditions.append(Conversation.assignee_id.is_(None))
    if wanted.brand_id is not None:
        conditions.append(heard_for(wanted.brand_id))
    if wanted.said is not None:
        found = mentions_said.mentions(session, wanted.said).subquery()
        conditions.append(Conversation.id.in_(select(found.c.conversation_id)))
    if wanted.begun is not None:
        conditions += outcomes.begun(session, wanted.begun)
        conditions += outcomes.became(session, wanted.begun, wanted.became) if wanted.became else []
    if wanted.closed is not None:
        conditions += outcomes.closed_on(session, wanted.closed)
    if wanted.alert_id is not None:
        ids = alerts.mention_ids(session, wanted.alert_id)
        conditions.append(Conversation.id.in_(select(Mention.conversation_id).where(Mention.id.in_(ids))))
    if wanted.answered is not None:
        answered = Conversation.answered_at
        conditions.append(answered.is_not(None) if wanted.answered else answered.is_(None))
    if wanted.words:
        phrases = wanted.asking.phrases if wanted.asking else ()
        conditions.append(search.matching(session, list(wanted.words), phrases))
    return conditions + (picked(session, wanted.asking) if wanted.asking else [])
