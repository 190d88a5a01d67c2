"""Lists of conversations, page by page, and how many the queues hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, null, select, tuple_, union_all
from sqlalchemy.orm import Session

from config.errors import InvalidInputError
from engage import alerts
from engage import said as mentions_said
from engage.inbox.asking import NOBODY
from engage.inbox.wanted import QUEUES, Wanted, conditions, queue
from engage.tables import Conversation, Priority, Status, Team, User
from listener.tables import Author, Mention
from nlp.reading import Intent, Sentiment

PAGE_SIZE = 50
LONGEST_PAGE = 200
MOST_COUNTED = 10_000
MOST_TEXTS = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One conversation in a list."""

    id: int
    network: str
    name: str
    handle: str
    followers: int | None
    excerpt: str
    sentiment: Sentiment
    intent: Intent
    urgency: float
    priority: Priority
    status: Status
    noise: bool
    team: Team | None
    assignee: str | None
    tags: Sequence[str]
    mention_count: int
    unread: bool
    last_at: datetime
    snoozed_until: datetime | None
    brand_id: int
    version: int

    @property
    def place(self) -> str:
        """Where the list goes on below this line; `lines(after=…)` takes it."""
        return f"{self.last_at.isoformat()}_{self.id}"


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of a list; `after` asks for the next one, None at the end."""

    lines: Sequence[Line]
    after: str | None


def lines(session: Session, wanted: Wanted, *, after: str = "", size: int = PAGE_SIZE) -> Lines:
    """The latest conversations that are wanted, below the place `after`. Raises InvalidInputError on a bad place."""
    size = min(size, LONGEST_PAGE)
    if wanted.nothing:
        return Lines((), None)
    chosen = _chosen(session, wanted, after).limit(size + 1).subquery()
    rows = session.execute(_line_columns().join(chosen, chosen.c.id == Conversation.id)).all()
    found = [Line(*row) for row in rows]
    return Lines(found[:size], found[size - 1].place if len(found) > size else None)


def texts(session: Session, conversation_ids: Sequence[int]) -> Sequence[tuple[int, str]]:
    """The latest texts in these conversations, as (conversation, text): what a search may have found there."""
    rows = session.execute(
        select(Mention.conversation_id, Mention.text)
        .where(Mention.conversation_id.in_(conversation_ids), Mention.deleted_at.is_(None))
        .order_by(Mention.created_at.desc())
        .limit(MOST_TEXTS)
    )
    return [(number, text) for number, text in rows if number]


@dataclass(frozen=True, slots=True)
class Size:
    """How much a list holds that was asked for by days: what analytics count."""

    mentions: int | None
    """None where conversations were asked for."""
    conversations: int


def size(session: Session, wanted: Wanted) -> Size | None:
    """How many mentions and conversations a list of certain days holds; None for other lists."""
    if wanted.said is None:
        if wanted.begun is None and wanted.closed is None:
            return None
        count = select(func.count()).select_from(Conversation).where(*conditions(session, wanted))
        return Size(None, session.scalar(count) or 0)
    found = mentions_said.mentions(session, wanted.said).subquery()
    mentions, conversations = session.execute(
        select(func.count(), func.count(found.c.conversation_id.distinct()))
        .select_from(found)
        .join(Conversation, Conversation.id == found.c.conversation_id)
        .where(*conditions(session, replace(wanted, said=None)))
    ).one()
    return Size(mentions, conversations)


def _chosen(session: Session, wanted: Wanted, after: str) -> Select[int]:
    """Ids only, so that one of the two list indexes answers alone."""
    statement = select(Conversation.id).where(*conditions(session, wanted))
    if after:
        statement = statement.where(tuple_(Conversation.last_at, Conversation.id) < _place(after))
    return statement.order_by(Conversation.last_at.desc(), Conversation.id.desc())


def _line_columns() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Conversation.id,
            Conversation.network,
            Author.name,
            Author.handle,
            Author.followers,
            Conversation.excerpt,
            Conversation.sentiment,
            Conversation.intent,
            Conversation.urgency,
            Conversation.priority,
            Conversation.status,
            Conversation.noise,
            Conversation.team,
            User.name,
            Conversation.tags,
            Conversation.mention_count,
            Conversation.unread,
            Conversation.last_at,
            Conversation.snoozed_until,
            Conversation.brand_id,
            Conversation.version,
        )
        .join(Author, Author.id == Conversation.author_id)
        .outerjoin(User, User.id == Conversation.assignee_id)
        .order_by(Conversation.last_at.desc(), Conversation.id.desc())
    )


def _place(after: str) -> Any:
    moment, _, number = after.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError
        return tuple_(literal(at, Conversation.last_at.type), literal(int(number)))
    except ValueError:
        raise InvalidInputError("This page of the list cannot be found.", "Go back to the top of the list.") from None


# --- the queues ---------------------------------------------------------------------------------------------------


def counts(session: Session, user_id: int) -> dict[str, int]:
    """How many conversations each queue holds, how many `alerts` are open, and the number of the `latest_alert`.

    One statement, from indexes. Of closed ones, of which there are ever more, no more than MOST_COUNTED + 1 are
    counted, and as many of noise.
    """
    parts = (Conversation.status, Conversation.noise, Conversation.team, Conversation.assignee_id)
    waiting = select(func.count().label("size"), *_of_alerts(), *parts)
    waiting = waiting.where(Conversation.status.in_([status for status in Status if status is not Status.CLOSED]))
    groups = session.execute(union_all(waiting.group_by(*parts), *map(_closed, (False, True)))).all()
    sizes = {name: sum(group.size for group in groups if _holds(queue(name, user_id), group)) for name in QUEUES}
    return sizes | {name: max(getattr(group, name) for group in groups) for name in ("alerts", "latest_alert")}


def _of_alerts() -> tuple[ColumnElement[int], ColumnElement[int]]:
    return alerts.open_count().label("alerts"), alerts.latest_id().label("latest_alert")


def _closed(noise: bool) -> Select[*tuple[Any, ...]]:
    found = select(literal(1).label("one")).where(Conversation.status == Status.CLOSED, Conversation.noise.is_(noise))
    as_closed = literal(Status.CLOSED, Conversation.status.type)
    counted = select(func.count(), *_of_alerts(), as_closed, literal(noise), null(), null())
    return counted.select_from(found.limit(MOST_COUNTED + 1).subquery())


def _holds(wanted: Wanted, group: Any) -> bool:
    return (
        wanted.status in {None, group.status}
        and wanted.noise in {None, group.noise}
        and wanted.team in {None, group.team}
        and wanted.assignee_id in {None, group.assignee_id or NOBODY}
    )
