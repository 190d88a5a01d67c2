"""What the contact pages show. Every function costs a fixed number of statements, however many rows it shows."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union
from sqlalchemy.orm import Session

from config.errors import InvalidInputError
from engage.contacts import Details, get
from engage.tables import Contact, ContactPoint, Conversation, Identity, Reply, ReplyState, User
from listener.tables import Author, Mention
from nlp.tables import ReadingRow

LIST_SIZE = 50
TIMELINE_SIZE = 30
SEARCH_SIZE = 8


class Order(StrEnum):
    """Ways to sort the list."""

    NEWEST = "newest"
    NAME = "name"


class Account(NamedTuple):
    """Where a contact can be met."""

    network: str
    handle: str


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One row of the list."""

    id: int
    name: str
    company: str
    place: str
    tags: Sequence[str]
    accounts: Sequence[Account]
    last_at: datetime | None
    """When we last heard of the contact; None for one that never said anything."""


@dataclass(frozen=True, slots=True)
class ContactList:
    """A page of the list; `after` asks for the next one."""

    lines: Sequence[ContactLine]
    after: int | None


@dataclass(frozen=True, slots=True)
class PointLine:
    """A way to know the contact again."""

    id: int
    kind: str
    network: str
    value: str


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """An account of the contact, and why we think so."""

    author_id: int
    network: str
    handle: str
    name: str
    url: str
    followers: int | None
    bio: str
    reason: str
    score: float
    since: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """The head of a contact's page."""

    id: int
    version: int
    created_at: datetime
    details: Details
    points: Sequence[PointLine]
    identities: Sequence[IdentityLine]


class Place(NamedTuple):
    """Where a timeline goes on: below the item with this moment, rank (1 reply, 0 mention) and id."""

    at: datetime
    rank: int
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.rank}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """The inverse of str(). Raises InvalidInputError."""
        try:
            at, rank, id_ = text.split("~")
            place = cls(datetime.fromisoformat(at), int(rank), int(id_))
            place.at.astimezone()
        except (ValueError, OverflowError):
            place = None
        if place is None or place.at.tzinfo is None:
            raise InvalidInputError("This is no place in a timeline.", "Open the contact's page again.")
        return place


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """A mention by the contact, or a reply of ours."""

    place: Place
    network: str
    who: str
    """The author's handle, or the name of our colleague."""
    text: str
    url: str
    conversation_id: int | None
    sentiment: str = ""
    intent: str = ""
    state: str = ""
    """Of a reply."""
    error: str = ""
    deleted: bool = False

    @property
    def ours(self) -> bool:
        """Whether we wrote it."""
        return self.place.rank == 1

    @property
    def at(self) -> datetime:
        """When it was posted; of a reply that is not out yet, when it was written."""
        return self.place.at


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of a timeline, newest first; `before` asks for the next one."""

    items: Sequence[TimelineItem]
    before: Place | None


# --- the list ----------------------------------------------------------------------------------------------------


def list_contacts(
    session: Session, search: str = "", after: int | None = None, order: Order = Order.NEWEST
) -> ContactList:
    """Contacts that have every word of `search` in name, company or details; `after` is the last id of a page."""
    statement = _matching(search).limit(LIST_SIZE + 1)
    if order is Order.NAME:
        statement = statement.order_by(Contact.name, Contact.id)
        last = session.scalar(select(Contact.name).where(Contact.id == after))
        if last is not None:
            statement = statement.where(Contact.name >= last, or_(Contact.name > last, Contact.id > after))
    else:
        statement = statement.order_by(Contact.id.desc())
        if after is not None:
            statement = statement.where(Contact.id < after)
    found = session.scalars(statement).all()
    shown = found[:LIST_SIZE]
    return ContactList(_lines(session, shown), shown[-1].id if len(found) > LIST_SIZE else None)


def _matching(search: str) -> Select[Contact]:
    statement = select(Contact)
    for word in search.split():
        statement = statement.where(_has(word))
    return statement


def _has(word: str) -> ColumnElement[bool]:
    """Named first, joined second: the ids are few, whichever way they were found."""
    named = select(Contact.id).where(
        or_(Contact.name.icontains(word, autoescape=True), Contact.company.icontains(word, autoescape=True))
    )
    pointed = select(ContactPoint.contact_id).where(
        ContactPoint.value.contains(word.lower().lstrip("@"), autoescape=True)
    )
    return Contact.id.in_(union(named, pointed))


def _lines(session: Session, contacts: Sequence[Contact]) -> list[ContactLine]:
    ids = [contact.id for contact in contacts]
    accounts: dict[int, list[Account]] = {}
    for contact_id, network, handle in session.execute(
        select(Identity.contact_id, Author.network, Author.handle)
        .join(Author, Author.id == Identity.author_id)
        .where(Identity.contact_id.in_(ids))
        .order_by(Author.id)
    ):
        accounts.setdefault(contact_id, []).append(Account(network, handle))
    heard = dict(
        session.execute(
            select(Identity.contact_id, func.max(Mention.created_at))
            .join(Mention, Mention.author_id == Identity.author_id)
            .where(Identity.contact_id.in_(ids))
            .group_by(Identity.contact_id)
        ).all()
    )
    return [
        ContactLine(
            contact.id,
            contact.name,
            contact.company,
            contact.place,
            contact.tags,
            accounts.get(contact.id, []),
            heard.get(contact.id),
        )
        for contact in contacts
    ]


def count_contacts(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(Contact)) or 0


def find_contacts(session: Session, search: str, without: int) -> Sequence[ContactLine]:
    """The first few that match, for choosing one; not the one with the id `without`."""
    if not search.strip():
        return []
    found = _matching(search).where(Contact.id != without).order_by(Contact.name, Contact.id).limit(SEARCH_SIZE)
    return _lines(session, session.scalars(found).all())


# --- one contact -------------------------------------------------------------------------------------------------


def profile(session: Session, contact_id: int) -> Profile:
    """Everything at the head of a contact's page. Raises NotFoundError."""
    contact = get(session, contact_id)
    points = session.execute(
        select(ContactPoint.id, ContactPoint.kind, ContactPoint.network, ContactPoint.value)
        .where(ContactPoint.contact_id == contact_id)
        .order_by(ContactPoint.kind, ContactPoint.network, ContactPoint.value)
    )
    identities = session.execute(
        select(
            Author.id,
            Author.network,
            Author.handle,
            Author.name,
            Author.url,
            Author.followers,
            Author.bio,
            Identity.reason,
            Identity.score,
            Identity.created_at,
        )
        .join(Identity, Identity.author_id == Author.id)
        .where(Identity.contact_id == contact_id)
        .order_by(Author.network, Author.handle)
    )
    return Profile(
        contact.id,
        contact.version,
        contact.created_at,
        Details(contact.name, contact.company, contact.place, contact.notes, tuple(contact.tags)),
        [PointLine(*row) for row in points],
        [IdentityLine(*tuple(row)) for row in identities],
    )


def timeline(session: Session, contact_id: int, before: Place | None = None) -> Timeline:
    """Every mention by the contact's accounts and every reply of ours, newest first."""
    authors = select(Identity.author_id).where(Identity.contact_id == contact_id)
    mentions = [_mention_item(row) for row in session.execute(_mentions(authors, before))]
    replies = [_reply_item(row) for row in session.execute(_replies(contact_id, before))]
    merged = heapq.merge(mentions, replies, key=lambda item: item.place, reverse=True)
    items = [item for item, _ in zip(merged, range(TIMELINE_SIZE + 1), strict=False)]
    shown = items[:TIMELINE_SIZE]
    return Timeline(shown, shown[-1].place if len(items) > TIMELINE_SIZE else None)


def _mentions(authors: Select[int], before: Place | None) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Mention.id,
            Mention.created_at,
            Mention.network,
            Author.handle,
            Mention.text,
            Mention.url,
            Mention.conversation_id,
            Mention.deleted_at,
            ReadingRow.sentiment,
            ReadingRow.intent,
        )
        .join(Author, Author.id == Mention.author_id)
        .outerjoin(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(Mention.author_id.in_(authors), _below(Mention.created_at, 0, Mention.id, before))
        .order_by(Mention.created_at.desc(), Mention.id.desc())
        .limit(TIMELINE_SIZE + 1)
    )


def _replies(contact_id: int, before: Place | None) -> Select[*tuple[Any, ...]]:
    at = func.coalesce(Reply.sent_at, Reply.created_at, type_=Reply.created_at.type)
    return (
        select(
            Reply.id,
            at.label("at"),
            Reply.network,
            User.name,
            Reply.text,
            Reply.url,
            Reply.conversation_id,
            Reply.state,
            Reply.error_text,
        )
        .join(Conversation, Conversation.id == Reply.conversation_id)
        .outerjoin(User, User.id == Reply.user_id)
        .where(
            Conversation.contact_id == contact_id,
            Reply.state.not_in((ReplyState.REJECTED, ReplyState.PULLED, ReplyState.REPLACED, ReplyState.DISCUSSED)),
            _below(at, 1, Reply.id, before),
        )
        .order_by(at.desc(), Reply.id.desc())
        .limit(TIMELINE_SIZE + 1)
    )


def _below(at: Any, rank: int, id_: Any, before: Place | None) -> ColumnElement[bool]:
    """(at, rank, id) < before, in a form that indexes serve."""
    if before is None:
        return id_.is_not(None)  # type: ignore[no-any-return]
    if rank > before.rank:
        return at < before.at  # type: ignore[no-any-return]
    if rank < before.rank:
        return at <= before.at  # type: ignore[no-any-return]
    return and_(at <= before.at, or_(at < before.at, id_ < before.id))


def _mention_item(row: Any) -> TimelineItem:
    return TimelineItem(
        Place(row.created_at, 0, row.id),
        row.network,
        row.handle,
        row.text,
        row.url,
        row.conversation_id,
        sentiment=row.sentiment or "",
        intent=row.intent or "",
        deleted=row.deleted_at is not None,
    )


def _reply_item(row: Any) -> TimelineItem:
    return TimelineItem(
        Place(row.at, 1, row.id),
        row.network,
        row.name or "Hearken",
        row.text,
        row.url,
        row.conversation_id,
        state=row.state,
        error=row.error_text,
    )
