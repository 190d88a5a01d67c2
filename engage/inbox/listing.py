"""Lists of conversations, page by page, and how many the queues hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, literal, null, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from config.database import AnyRow
from config.errors import InvalidInputError
from engage import alerts
from engage.inbox.asking import NOBODY
from engage.inbox.latest import latest
from engage.inbox.wanted import QUEUES, Wanted, queue
from engage.storms.reads import LATELY
from engage.storms.tables import Storm
from engage.tables import IN_TROUBLE, TO_APPROVE, Conversation, Priority, Reply, ReplyState, Status, Team, User
from engage.together import notices
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
    reply_mark: ReplyState | None
    """Of the replies that wait for somebody here, the most pressing: failed or unsure before waiting for approval."""
    storm_id: int | None
    alike: int | None
    """How many conversations say nearly the same, this one among them."""
    authors: int | None
    reach: int | None
    """People who follow one of those."""
    lately: int | None
    """How many of them came in the last hour."""

    @property
    def place(self) -> str:
        """Where the list goes on below this line; `lines(after=…)` takes it."""
        return f"{self.last_at.isoformat()}_{self.id}"


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of a list; `after` asks for the next one, None at the end."""

    lines: Sequence[Line]
    after: str | None


def lines(
    session: Session, wanted: Wanted, *, after: str = "", size: int = PAGE_SIZE, now: datetime | None = None
) -> Lines:
    """The latest conversations that are wanted, below the place `after`. Raises InvalidInputError on a bad place.

    `now`: what storms did in the hour before is told with it.
    """
    size = min(size, LONGEST_PAGE)
    if wanted.nothing:
        return Lines((), None)
    below = [tuple_(Conversation.last_at, Conversation.id) < place_of(after)] if after else []
    chosen = latest(session, wanted, below, size + 1).subquery()
    rows = session.execute(line_columns(now).join(chosen, chosen.c.id == Conversation.id)).all()
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


def line_columns(now: datetime | None = None) -> Select[*tuple[Any, ...]]:
    """What a Line is made of, latest first."""
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
            _reply_mark(),
            Conversation.storm_id,
            Storm.size,
            Storm.authors,
            Storm.reach,
            _lately(now),
        )
        .outerjoin(Storm, Storm.id == Conversation.storm_id)
        .join(Author, Author.id == Conversation.author_id)
        .outerjoin(User, User.id == Conversation.assignee_id)
        .order_by(Conversation.last_at.desc(), Conversation.id.desc())
    )


def _reply_mark() -> ScalarSelect[ReplyState]:
    """By its name, which happens to rise with how pressing it is: draft, failed, unsure."""
    waits = (Reply.conversation_id == Conversation.id, Reply.state.in_((*TO_APPROVE, *IN_TROUBLE)))
    return select(func.max(Reply.state)).where(*waits).correlate(Conversation).scalar_subquery()


def _lately(now: datetime | None) -> ColumnElement[Any]:
    """Conversations of the same storm that began in the last hour."""
    if now is None:
        return null()
    other = aliased(Conversation)
    begun = select(func.count()).where(other.storm_id == Conversation.storm_id, other.first_at >= now - LATELY)
    return begun.correlate(Conversation).scalar_subquery()


def place_of(after: str) -> Any:
    """What Line.place told, to compare with. Raises InvalidInputError."""
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
    """How many conversations each queue holds, how many `alerts` are open and how many `notices` unread, and the
    numbers of the `latest_alert` and the `latest_notice`.

    One statement, from indexes. Of closed ones, of which there are ever more, no more than MOST_COUNTED + 1 are
    counted, and as many of noise.
    """
    parts = (Conversation.status, Conversation.noise, Conversation.team, Conversation.assignee_id)
    waiting = select(func.count().label("size"), *_beside(user_id), *parts)
    waiting = waiting.where(Conversation.status.in_([status for status in Status if status is not Status.CLOSED]))
    closed = [_closed(noise, user_id) for noise in (False, True)]
    groups: Sequence[AnyRow] = session.execute(union_all(waiting.group_by(*parts), *closed)).all()
    sizes = {name: sum(group.size for group in groups if _holds(queue(name, user_id), group)) for name in QUEUES}
    return sizes | {name: max(getattr(group, name) for group in groups) for name in BESIDE}


BESIDE = ("alerts", "latest_alert", "approve", "failed", "notices", "latest_notice")
"""What is counted beside the groups of conversations, in the same statement."""


def _beside(user_id: int) -> tuple[ColumnElement[int], ...]:
    found = (
        alerts.open_count(),
        alerts.latest_id(),
        _with_reply(TO_APPROVE),
        _with_reply(IN_TROUBLE),
        notices.unread_count(user_id),
        notices.latest_unread(user_id),
    )
    return tuple(one.label(name) for one, name in zip(found, BESIDE, strict=True))


def _with_reply(states: Sequence[ReplyState]) -> ScalarSelect[int]:
    some = select(Reply.conversation_id).where(Reply.state.in_(states)).distinct().limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


def _closed(noise: bool, user_id: int) -> Select[*tuple[Any, ...]]:
    found = select(literal(1).label("one")).where(Conversation.status == Status.CLOSED, Conversation.noise.is_(noise))
    as_closed = literal(Status.CLOSED, Conversation.status.type)
    counted = select(func.count(), *_beside(user_id), as_closed, literal(noise), null(), null())
    return counted.select_from(found.limit(MOST_COUNTED + 1).subquery())


def _holds(wanted: Wanted, group: Any) -> bool:
    return (
        wanted.status in {None, group.status}
        and wanted.noise in {None, group.noise}
        and wanted.team in {None, group.team}
        and wanted.assignee_id in {None, group.assignee_id or NOBODY}
    )
