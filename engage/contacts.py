"""The contacts of the CRM: making and changing them, and which accounts belong to whom.

What the pages show is read in contact_reads.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from config.database import insert_ignoring
from config.errors import ConflictError, InvalidInputError, NotFoundError
from engage.identity import MAX_VALUE, WORDS, Kind, Point, normalise, points_of, words
from engage.tables import Contact, ContactPoint, Conversation, Identity
from listener.tables import Author

MAX_LINE = 300
MAX_NOTES = 20_000
MAX_TAGS, MAX_TAG = 200, 50
NETWORKS_WITH_HANDLES = ("x", "reddit", "mastodon", "bluesky", "hackernews")


@dataclass(frozen=True, slots=True)
class Details:
    """What a person writes down of a contact."""

    name: str
    company: str = ""
    place: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()


def checked(details: Details) -> Details:
    """The same without stray space and double tags. Raises InvalidInputError naming the field."""
    tidy = replace(
        details,
        name=" ".join(details.name.split()),
        company=details.company.strip(),
        place=details.place.strip(),
        notes=details.notes.strip(),
        tags=tidy_tags(details.tags),
    )
    if not tidy.name:
        raise InvalidInputError("The name is missing.", "Enter what you call this contact.", field="name")
    for field in ("name", "company", "place", "notes"):
        value, most = getattr(tidy, field), MAX_NOTES if field == "notes" else MAX_LINE
        if len(value) > most:
            raise InvalidInputError(
                f"The {field} is too long ({len(value):,} characters).", f"Take at most {most:,}.", field=field
            )
        check_storable(value, field)
    if len(tidy.tags) > MAX_TAGS:
        raise InvalidInputError(f"There are {len(tidy.tags)} tags.", f"Keep at most {MAX_TAGS}.", field="tags")
    for tag in tidy.tags:
        check_storable(tag, "tags")
        if len(tag) > MAX_TAG:
            raise InvalidInputError(f"The tag {tag[:30]}… is too long.", f"Take at most {MAX_TAG}.", field="tags")
    return tidy


def tidy_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Each tag once, whatever its case, in the order given."""
    return tuple({tag.strip().lower(): tag.strip() for tag in reversed([*tags]) if tag.strip()}.values())[::-1]


def check_storable(value: str, field: str) -> None:
    """Raise InvalidInputError if no database could keep this text."""
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise InvalidInputError(
            f"The {field} has characters that are no text.",
            "Type them again, or save the file as UTF-8.",
            field=field,
        )


def make_point(kind: str, value: str, network: str = "", field: str = "value") -> Point:
    """A point from what a person typed. Raises InvalidInputError."""
    if kind not in set(Kind):
        raise InvalidInputError("This is no kind of contact detail.", f"Known: {', '.join(Kind)}.", field="kind")
    if kind == Kind.HANDLE and network not in NETWORKS_WITH_HANDLES:
        raise InvalidInputError("The network of the handle is missing.", "Choose it.", field="network")
    check_storable(value, field)
    found = normalise(kind, value)
    if not found or len(value) > MAX_VALUE:
        raise InvalidInputError(f"{value.strip()[:60]!r} is no {WORDS[Kind(kind)]}.", "Check it.", field=field)
    return Point(kind, network if kind == Kind.HANDLE else "", found)


# --- writing down ------------------------------------------------------------------------------------------------


def create(session: Session, details: Details, now: datetime) -> Contact:
    """A new contact. Raises InvalidInputError."""
    tidy = checked(details)
    contact = Contact(
        name=tidy.name,
        company=tidy.company,
        place=tidy.place,
        notes=tidy.notes,
        tags=list(tidy.tags),
        created_at=now,
    )
    session.add(contact)
    session.flush()
    return contact


def edit(session: Session, contact_id: int, version: int, details: Details) -> Contact:
    """Change a contact as it was at `version`. Raises ConflictError if it was changed since, InvalidInputError."""
    tidy = checked(details)
    contact = get(session, contact_id)
    if contact.version != version:
        raise _changed_meanwhile(contact.name)
    contact.name, contact.company, contact.place, contact.notes = tidy.name, tidy.company, tidy.place, tidy.notes
    contact.tags = list(tidy.tags)
    try:
        session.flush()
    except StaleDataError:
        raise _changed_meanwhile(tidy.name) from None
    return contact


def _changed_meanwhile(name: str) -> ConflictError:
    return ConflictError(
        f"Somebody else changed {name} meanwhile; your changes are not saved.",
        "Compare with what is stored now, then save again.",
    )


def add_point(session: Session, contact_id: int, point: Point) -> list[str]:
    """Note a way to know the contact again; the names of other contacts that have it too.

    Raises InvalidInputError if the contact has it already.
    """
    get(session, contact_id)
    rows = session.execute(
        select(ContactPoint.contact_id, Contact.name)
        .join(Contact, Contact.id == ContactPoint.contact_id)
        .where(_is(point))
    ).all()
    if any(row.contact_id == contact_id for row in rows):
        raise InvalidInputError(f"The {words(point)} is noted already.", field="value")
    session.add(ContactPoint(contact_id=contact_id, kind=point.kind, network=point.network, value=point.value))
    session.flush()
    return [row.name for row in rows]


def add_points(session: Session, contact_id: int, points: Iterable[Point]) -> None:
    """Note several, leaving out what is noted already."""
    values = [{"contact_id": contact_id, **point._asdict()} for point in points]
    if values:
        session.execute(insert_ignoring(session, ContactPoint), values)


def remove_point(session: Session, contact_id: int, point_id: int) -> Point:
    """Forget one; returns it, so that it can be put back."""
    row = session.get(ContactPoint, point_id)
    if row is None or row.contact_id != contact_id:
        raise NotFoundError("This detail is gone already.")
    session.delete(row)
    session.flush()
    return Point(row.kind, row.network, row.value)


# --- whose account -----------------------------------------------------------------------------------------------


def split_off(session: Session, author_id: int, by: str, now: datetime) -> Contact:
    """Give an account a contact of its own, with its conversations; `by` is the name of the person who says so.

    What the profile says is noted on both contacts, and thereby links nobody by itself any more; the handle moves.
    Raises InvalidInputError if the account is all that the contact has.
    """
    author, identity = _author(session, author_id)
    if _is_bare(session, identity.contact_id, author):
        raise InvalidInputError("This contact is nothing but this account.", "There is nothing to split off.")
    contact = create(session, Details((author.name or author.handle)[:MAX_LINE] or author.external_id), now)
    _move(session, author, identity, contact.id, f"split off by {by}", now)
    return contact


def link_by_hand(session: Session, author_id: int, contact_id: int, by: str, now: datetime) -> bool:
    """Move an account and its conversations to another contact.

    True if the old contact went away, because it was nothing but this account.
    """
    get(session, contact_id)
    author, identity = _author(session, author_id)
    old = identity.contact_id
    if old == contact_id:
        raise InvalidInputError("The account is with this contact already.", field="contact")
    bare = _is_bare(session, old, author)
    _move(session, author, identity, contact_id, f"linked by {by}", now)
    if bare:
        session.execute(delete(ContactPoint).where(ContactPoint.contact_id == old))
        session.execute(delete(Contact).where(Contact.id == old))
    return bare


def _move(session: Session, author: Author, identity: Identity, to: int, reason: str, now: datetime) -> None:
    points = _points(author)
    for point in points:
        if point.kind == Kind.HANDLE:
            session.execute(delete(ContactPoint).where(ContactPoint.contact_id == identity.contact_id, _is(point)))
    add_points(session, to, points)
    identity.contact_id, identity.reason, identity.score = to, reason[:MAX_LINE], 1.0
    identity.created_at = now
    session.flush()
    session.execute(
        update(Conversation).where(Conversation.author_id == author.id).values(contact_id=to, changed_at=now)
    )


def _is_bare(session: Session, contact_id: int, author: Author) -> bool:
    """Whether a contact is nothing but this one account: no other, and nothing that a person wrote down."""
    contact = get(session, contact_id)
    if contact.company or contact.place or contact.notes or contact.tags:
        return False
    accounts = session.scalar(select(func.count()).where(Identity.contact_id == contact_id))
    rows = session.execute(
        select(ContactPoint.kind, ContactPoint.network, ContactPoint.value).where(
            ContactPoint.contact_id == contact_id
        )
    )
    return accounts == 1 and {Point(*row) for row in rows} <= set(_points(author))


def _points(author: Author) -> tuple[Point, ...]:
    return points_of(network=author.network, handle=author.handle, website=author.website, bio=author.bio)


def _is(point: Point) -> ColumnElement[bool]:
    return and_(
        ContactPoint.kind == point.kind, ContactPoint.network == point.network, ContactPoint.value == point.value
    )


def _author(session: Session, author_id: int) -> tuple[Author, Identity]:
    author, identity = session.get(Author, author_id), session.get(Identity, author_id)
    if author is None or identity is None:
        raise NotFoundError("There is no such account.")
    return author, identity


def get(session: Session, contact_id: int) -> Contact:
    """A contact. Raises NotFoundError."""
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise NotFoundError("There is no such contact.", "It may have been joined with another one.")
    return contact
