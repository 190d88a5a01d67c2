"""One conversation: what was heard, written and done in it, and who it is with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, cast, literal, null, select, union_all
from sqlalchemy.orm import Session, aliased

from config.errors import NotFoundError
from engage.approvals.tables import ReplyEdit
from engage.inbox.window import Place, Window, parse
from engage.storms.tables import Storm
from engage.tables import (
    Activity,
    ActivityKind,
    Contact,
    ContactPoint,
    Conversation,
    Identity,
    Reply,
    ReplyState,
    Status,
    User,
)
from engage.together import beside
from engage.together.beside import Beside
from engage.together.meanwhile import Seen
from listener.tables import Author, Mention
from nlp.tables import ReadingRow

LATEST = 200
"""So many entries a conversation shows at first, and so many more each time."""
LONGEST = 3 * LATEST
"""So many it shows at most of those that came since it was opened."""
OTHER_CONVERSATIONS = 8


@dataclass(frozen=True, slots=True)
class Heard:
    """A mention in a conversation."""

    at: datetime
    mention: Mention
    author: Author
    reading: ReadingRow | None
    kind: Literal["mention"] = "mention"

    @property
    def id(self) -> int:
        """Unique among those of its kind."""
        return self.mention.id


@dataclass(frozen=True, slots=True)
class Edit:
    """An approver changed a draft."""

    before: str
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """A reply of ours, in whatever state; those pulled back are in their writer's hands and not shown."""

    at: datetime
    reply: Reply
    writer: str | None
    approver: str | None
    rejecter: str | None
    replaced: bool
    """It was handed in again."""
    edits: Sequence[Edit]
    """Oldest first."""
    kind: Literal["reply"] = "reply"

    @property
    def id(self) -> int:
        """Unique among those of its kind."""
        return self.reply.id


@dataclass(frozen=True, slots=True)
class Happened:
    """A note, or something that was done."""

    at: datetime
    activity: Activity
    by: str | None
    """None for Hearken itself."""
    kind: Literal["activity"] = "activity"

    @property
    def id(self) -> int:
        """Unique among those of its kind."""
        return self.activity.id


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
    storm: Storm | None
    """Others say nearly the same."""
    beside: Beside
    """What only the reader sees."""

    @property
    def first(self) -> str:
        """The place of the first entry shown; `before` it there may be more."""
        if not self.entries:
            return ""
        entry = self.entries[0]
        return str(Place(entry.at, entry.kind, entry.id))

    @property
    def stamp(self) -> str:
        """Changes whenever what is shown does."""
        return _stamp(self.conversation)

    @property
    def seen(self) -> Seen:
        """The latest reply and mention that it shows."""
        replies = (entry.reply.id for entry in self.entries if entry.kind == "reply")
        mentions = (entry.mention.id for entry in self.entries if entry.kind == "mention")
        return Seen(max(replies, default=0), max(mentions, default=0))


def _stamp(conversation: Conversation) -> str:
    return f"{conversation.version}.{conversation.changed_at.timestamp():.6f}"


def opened(session: Session, conversation_id: int, *, before: str = "", reader_id: int = 0) -> Opened:
    """The conversation, its contact and its latest entries, or those `before` a place. Raises NotFoundError."""
    window = Window(before=parse(before) if before else None)
    return _opened(session, *_with_author(session, conversation_id, reader_id), window)


def news_of(
    session: Session, conversation_id: int, stamp: str, *, since: str = "", reader_id: int = 0
) -> Opened | None:
    """The conversation, with its entries from the place `since` on, if it is not as it was at `stamp`.

    Raises NotFoundError.
    """
    found = _with_author(session, conversation_id, reader_id)
    window = Window(since=parse(since) if since else None)
    return None if _stamp(found[0]) == stamp else _opened(session, *found, window)


def _with_author(
    session: Session, conversation_id: int, reader_id: int
) -> tuple[Conversation, Author, Contact, Beside]:
    statement = (
        select(Conversation, Author, Contact)
        .join(Author, Author.id == Conversation.author_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Conversation.id == conversation_id)
    )
    row = session.execute(beside.with_beside(statement, reader_id)).first()
    if row is None:
        raise NotFoundError("This conversation does not exist.", "It may have been removed; go back to the inbox.")
    conversation, author, contact, *columns = row
    return conversation, author, contact, beside.read(columns)


def _opened(
    session: Session, conversation: Conversation, author: Author, contact: Contact, own: Beside, window: Window
) -> Opened:
    most = LONGEST if window.since else LATEST
    found = [
        session.execute(part(conversation.id, window).limit(most + 1)).all() for part in (_heard, _written, _happened)
    ]
    entries = _merged(found[0], _with_edits(session, found[1]), found[2])
    points, others = _around(session, conversation)
    return Opened(
        conversation=conversation,
        author=author,
        contact=contact,
        entries=entries[-most:],
        shortened=any(len(rows) > most for rows in found) or len(entries) > most,
        points=points,
        others=others,
        storm=session.get(Storm, conversation.storm_id) if conversation.storm_id else None,
        beside=own,
    )


def _heard(conversation_id: int, window: Window) -> Select[*tuple[Any, ...]]:
    return (
        select(Mention.created_at, Mention, Author, ReadingRow)
        .join(Author, Author.id == Mention.author_id)
        .outerjoin(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(Mention.conversation_id == conversation_id, *window.holds("mention", Mention.created_at, Mention.id))
        .order_by(Mention.created_at.desc(), Mention.id.desc())
    )


def _written(conversation_id: int, window: Window) -> Select[*tuple[Any, ...]]:
    writer, approver, rejecter = aliased(User), aliased(User), aliased(User)
    return (
        select(Reply.created_at, Reply, writer.name, approver.name, rejecter.name)
        .outerjoin(writer, writer.id == Reply.user_id)
        .outerjoin(approver, approver.id == Reply.approved_by_id)
        .outerjoin(rejecter, rejecter.id == Reply.rejected_by_id)
        .where(
            Reply.conversation_id == conversation_id,
            Reply.state != ReplyState.PULLED,
            *window.holds("reply", Reply.created_at, Reply.id),
        )
        .order_by(Reply.created_at.desc(), Reply.id.desc())
    )


def _happened(conversation_id: int, window: Window) -> Select[*tuple[Any, ...]]:
    return (
        select(Activity.at, Activity, User.name)
        .outerjoin(User, User.id == Activity.user_id)
        .where(Activity.conversation_id == conversation_id, *window.holds("activity", Activity.at, Activity.id))
        .order_by(Activity.at.desc(), Activity.id.desc())
    )


def _with_edits(session: Session, rows: Sequence[Any]) -> list[Written]:
    """With what approvers changed; one statement more only where they did."""
    replaced = {reply.before_id for _, reply, *_ in rows}
    edits = _edits(session, [reply.id for _, reply, *_ in rows if reply.edits])
    return [
        Written(at, reply, writer, approver, rejecter, reply.id in replaced, edits.get(reply.id, ()))
        for at, reply, writer, approver, rejecter in rows
    ]


def _edits(session: Session, reply_ids: Sequence[int]) -> Mapping[int, Sequence[Edit]]:
    found: dict[int, list[Edit]] = {}
    if reply_ids:
        rows = session.execute(
            select(ReplyEdit.reply_id, ReplyEdit.before, User.name, ReplyEdit.at)
            .outerjoin(User, User.id == ReplyEdit.user_id)
            .where(ReplyEdit.reply_id.in_(reply_ids))
            .order_by(ReplyEdit.id)
        )
        for reply_id, before, by, at in rows:
            found.setdefault(reply_id, []).append(Edit(before, by, at))
    return found


def _merged(heard: Sequence[Any], written: Sequence[Written], happened: Sequence[Any]) -> list[Entry]:
    """Oldest first. That a reply was handed in is seen by the reply itself."""
    handed_in = {one.at for one in written}
    entries: list[Entry] = [
        *(Heard(*row) for row in reversed(heard)),
        *reversed(written),
        *(Happened(*row) for row in reversed(happened) if not _says_handed_in(row, handed_in)),
    ]
    entries.sort(key=lambda entry: entry.at)
    return entries


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
    no_moment = cast(null(), Conversation.last_at.type)  # PostgreSQL takes a bare NULL for text
    rows = session.execute(
        union_all(
            select(
                literal("account").label("kind"),
                Author.id.label("number"),
                Author.network,
                Author.handle.label("value"),
                Author.url.label("more"),
                no_moment.label("at"),
            )
            .join(Identity, Identity.author_id == Author.id)
            .where(Identity.contact_id == contact_id),
            select(
                ContactPoint.kind, ContactPoint.id, ContactPoint.network, ContactPoint.value, literal(""), no_moment
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
