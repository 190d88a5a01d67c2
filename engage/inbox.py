"""What the inbox shows. Only reads; every function costs a fixed number of statements, however many rows it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, exists, func, literal, null, or_, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from config.errors import InvalidInputError, NotFoundError
from engage import alerts, outcomes, search
from engage import said as mentions_said
from engage.analytics import Slice
from engage.outcomes import Became
from engage.said import Said
from engage.tables import (
    Activity,
    ActivityKind,
    Contact,
    ContactPoint,
    Conversation,
    Identity,
    Priority,
    Reply,
    Status,
    Team,
    User,
)
from listener.tables import AlsoHeard, Author, Brand, Mention
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow

PAGE_SIZE = 50
LONGEST_PAGE = 200
LATEST = 200
"""So many entries of each kind a conversation shows at first."""
OTHER_CONVERSATIONS = 8
MOST_COUNTED = 10_000
NOBODY = 0
"""As an assignee: those that nobody has."""


# --- what a list shows -------------------------------------------------------------------------------------------


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


def lines(session: Session, wanted: Wanted, *, after: str = "", size: int = PAGE_SIZE) -> Lines:
    """The latest conversations that are wanted, below the place `after`. Raises InvalidInputError on a bad place."""
    size = min(size, LONGEST_PAGE)
    if wanted.nothing:
        return Lines((), None)
    chosen = _chosen(session, wanted, after).limit(size + 1).subquery()
    rows = session.execute(_line_columns().join(chosen, chosen.c.id == Conversation.id)).all()
    found = [Line(*row) for row in rows]
    return Lines(found[:size], found[size - 1].place if len(found) > size else None)


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
        count = select(func.count()).select_from(Conversation).where(*_conditions(session, wanted))
        return Size(None, session.scalar(count) or 0)
    found = mentions_said.mentions(session, wanted.said).subquery()
    mentions, conversations = session.execute(
        select(func.count(), func.count(found.c.conversation_id.distinct()))
        .select_from(found)
        .join(Conversation, Conversation.id == found.c.conversation_id)
        .where(*_conditions(session, replace(wanted, said=None)))
    ).one()
    return Size(mentions, conversations)


def _chosen(session: Session, wanted: Wanted, after: str) -> Select[int]:
    """Ids only, so that one of the two list indexes answers alone."""
    statement = select(Conversation.id).where(*_conditions(session, wanted))
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


def _conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
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
        conditions.append(_heard_for(wanted.brand_id))
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
        conditions.append(search.matching(session, list(wanted.words)))
    return conditions


def _heard_for(brand_id: int) -> ColumnElement[bool]:
    """Of the brand, or with a mention that was heard for it too."""
    also = (
        select(Mention.conversation_id)
        .join(AlsoHeard, AlsoHeard.mention_id == Mention.id)
        .where(AlsoHeard.brand_id == brand_id)
    )
    return or_(Conversation.brand_id == brand_id, Conversation.id.in_(also))


def _place(after: str) -> Any:
    moment, _, number = after.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError
        return tuple_(literal(at, Conversation.last_at.type), literal(int(number)))
    except ValueError:
        raise InvalidInputError("This page of the list cannot be found.", "Go back to the top of the list.") from None


# --- one conversation --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heard:
    """A mention in a conversation."""

    at: datetime
    mention: Mention
    author: Author
    reading: ReadingRow | None
    kind: Literal["mention"] = "mention"


@dataclass(frozen=True, slots=True)
class Written:
    """A reply of ours, in whatever state."""

    at: datetime
    reply: Reply
    writer: str | None
    approver: str | None
    kind: Literal["reply"] = "reply"


@dataclass(frozen=True, slots=True)
class Happened:
    """A note, or something that was done."""

    at: datetime
    activity: Activity
    by: str | None
    """None for Hearken itself."""
    kind: Literal["activity"] = "activity"


Entry = Heard | Written | Happened


@dataclass(frozen=True, slots=True)
class Point:
    """A way to reach the contact: an account on a network (with its address), an e-mail, a website."""

    kind: str
    network: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another conversation of the same contact."""

    id: int
    network: str
    excerpt: str
    status: Status
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation with all that stands beside it."""

    conversation: Conversation
    author: Author
    contact: Contact
    entries: Sequence[Entry]
    """Oldest first."""
    shortened: bool
    """Older entries were left out."""
    points: Sequence[Point]
    others: Sequence[Other]

    @property
    def stamp(self) -> str:
        """Changes whenever what is shown does."""
        return _stamp(self.conversation)


def _stamp(conversation: Conversation) -> str:
    return f"{conversation.version}.{conversation.changed_at.timestamp():.6f}"


def opened(session: Session, conversation_id: int, *, whole: bool = False) -> Opened:
    """The conversation, its entries (the latest, or all with `whole`) and its contact. Raises NotFoundError."""
    return _opened(session, *_with_author(session, conversation_id), whole)


def news_of(session: Session, conversation_id: int, stamp: str) -> Opened | None:
    """The conversation if it is not as it was at `stamp`. Raises NotFoundError."""
    conversation, author, contact = _with_author(session, conversation_id)
    return None if _stamp(conversation) == stamp else _opened(session, conversation, author, contact, whole=False)


def _with_author(session: Session, conversation_id: int) -> tuple[Conversation, Author, Contact]:
    row = session.execute(
        select(Conversation, Author, Contact)
        .join(Author, Author.id == Conversation.author_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Conversation.id == conversation_id)
    ).first()
    if row is None:
        raise NotFoundError("This conversation does not exist.", "It may have been removed; go back to the inbox.")
    conversation, author, contact = row
    return conversation, author, contact


def _opened(session: Session, conversation: Conversation, author: Author, contact: Contact, whole: bool) -> Opened:
    kinds = [part(conversation.id) for part in (_heard, _written, _happened)]
    found = [session.execute(kind if whole else kind.limit(LATEST + 1)).all() for kind in kinds]
    points, others = _around(session, conversation)
    return Opened(
        conversation=conversation,
        author=author,
        contact=contact,
        entries=_merged(*found, whole=whole),
        shortened=not whole and any(len(rows) > LATEST for rows in found),
        points=points,
        others=others,
    )


def _heard(conversation_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(Mention.created_at, Mention, Author, ReadingRow)
        .join(Author, Author.id == Mention.author_id)
        .outerjoin(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(Mention.conversation_id == conversation_id)
        .order_by(Mention.created_at.desc(), Mention.id.desc())
    )


def _written(conversation_id: int) -> Select[*tuple[Any, ...]]:
    writer, approver = aliased(User), aliased(User)
    return (
        select(Reply.created_at, Reply, writer.name, approver.name)
        .outerjoin(writer, writer.id == Reply.user_id)
        .outerjoin(approver, approver.id == Reply.approved_by_id)
        .where(Reply.conversation_id == conversation_id)
        .order_by(Reply.created_at.desc(), Reply.id.desc())
    )


def _happened(conversation_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(Activity.at, Activity, User.name)
        .outerjoin(User, User.id == Activity.user_id)
        .where(Activity.conversation_id == conversation_id)
        .order_by(Activity.at.desc(), Activity.id.desc())
    )


def _merged(heard: Sequence[Any], written: Sequence[Any], happened: Sequence[Any], *, whole: bool) -> list[Entry]:
    """Oldest first. That a reply was handed in is seen by the reply itself."""
    handed_in = {at for at, *_ in written}
    entries: list[Entry] = [
        *(Heard(*row) for row in reversed(heard)),
        *(Written(*row) for row in reversed(written)),
        *(Happened(*row) for row in reversed(happened) if not _says_handed_in(row, handed_in)),
    ]
    entries.sort(key=lambda entry: entry.at)
    return entries if whole else entries[-LATEST:]


def _says_handed_in(row: Any, handed_in: set[datetime]) -> bool:
    at, activity, _ = row
    return activity.kind == ActivityKind.REPLY and at in handed_in


def _around(session: Session, conversation: Conversation) -> tuple[list[Point], list[Other]]:
    """How the contact can be reached and what else we talk about, in one statement."""
    contact_id = conversation.contact_id
    others = (
        select(Conversation.id, Conversation.network, Conversation.excerpt, Conversation.status, Conversation.last_at)
        .where(Conversation.contact_id == contact_id, Conversation.id != conversation.id)
        .order_by(Conversation.last_at.desc(), Conversation.id.desc())
        .limit(OTHER_CONVERSATIONS)
        .subquery()
    )
    rows = session.execute(
        union_all(
            select(
                literal("account").label("kind"),
                Author.id.label("number"),
                Author.network,
                Author.handle.label("value"),
                Author.url.label("more"),
                null().label("at"),
            )
            .join(Identity, Identity.author_id == Author.id)
            .where(Identity.contact_id == contact_id),
            select(
                ContactPoint.kind, ContactPoint.id, ContactPoint.network, ContactPoint.value, literal(""), null()
            ).where(ContactPoint.contact_id == contact_id, ContactPoint.kind != "handle"),
            select(literal("conversation"), *others.c),
        )
    ).all()
    points = [Point(row.kind, row.network, row.value, row.more) for row in rows if row.kind != "conversation"]
    return points, [_other(row) for row in rows if row.kind == "conversation"]


def _other(row: Any) -> Other:
    _, number, network, excerpt, status, at = row
    return Other(number, network, excerpt, Status(status), _moment(at))


def _moment(value: datetime | str) -> datetime:
    """A union forgets the type of a moment on SQLite, which then hands out its text."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    result: datetime = Conversation.last_at.type.process_result_value(value, None)
    return result


# --- what can be chosen, and whether anything is new --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choices:
    """Names for the filters and menus, by id."""

    brands: Mapping[int, str]
    people: Mapping[int, str]
    """Those who can take conversations."""


def choices(session: Session) -> Choices:
    """Every brand and every active person, in one statement."""
    rows = session.execute(
        union_all(
            select(literal("brand").label("kind"), Brand.id, Brand.name),
            select(literal("person"), User.id, User.name).where(User.active),
        ).order_by("name")
    ).all()
    return Choices(
        brands={number: name for kind, number, name in rows if kind == "brand"},
        people={number: name for kind, number, name in rows if kind == "person"},
    )


@dataclass(frozen=True, slots=True)
class Pulse:
    """The latest change, how many conversations changed since some moment, and where the alerts stand."""

    latest: datetime | None
    count: int
    latest_alert: int
    open_alerts: int


def pulse(session: Session, since: datetime) -> Pulse:
    """Two of these differ if anything changed in between, as long as `since` is the same.

    The number is there for changes that were dated before the latest one and saved after it.
    """
    beside = (alerts.latest_id(), alerts.open_count())
    found = session.execute(
        select(func.max(Conversation.changed_at), func.count(), *beside).where(Conversation.changed_at >= since)
    ).one()
    return Pulse(*found)


def is_empty(session: Session) -> bool:
    """Whether no conversation was ever heard: the page then says what to do first."""
    return not session.scalar(select(exists().where(Conversation.id > 0)))
