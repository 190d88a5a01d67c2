"""Mentions, conversations, contacts, corrections as rows for a file, batch by batch: memory does not grow.

What a network calls a post is its `id` here, as in an import; conversations and contacts have ids of ours.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from itertools import chain
from typing import IO, Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.errors import InvalidInputError
from engage.answers.tables import Example
from engage.tables import Contact, ContactPoint, Conversation, Identity, User
from listener.tables import AlsoHeard, Author, Brand, Mention
from nlp.tables import Correction, ReadingRow

BATCH = 1000
FORMULA_START = re.compile(r"[=+\-@\t\r＝＋－＠]")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")

Rows = Iterator[dict[str, Any]]
AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]


def export(session: Session, what: str, brand_id: int | None = None, since: datetime | None = None) -> Rows:
    """Rows of `what` (mentions, conversations, contacts or corrections), oldest first, while the session is open.

    `brand_id`: only this brand's. `since`: only what was posted, heard of or corrected at or after this moment.
    Raises InvalidInputError for anything else.
    """
    if what not in EXPORTS:
        raise InvalidInputError(f"There is no export of {what!r}.", f"Known: {', '.join(EXPORTS)}.", field="what")
    return EXPORTS[what](session, brand_id, since)


def write_jsonl(rows: Iterable[Mapping[str, Any]], stream: IO[str]) -> None:
    """One JSON object a line."""
    for row in rows:
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_csv(rows: Iterable[Mapping[str, Any]], stream: IO[str]) -> None:
    """A header and a line for each row; lists and objects become JSON, and no cell is taken for a formula."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(first)
    writer.writerows([_cell(value) for value in row.values()] for row in chain([first], rows))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    risky = FORMULA_START.match(value) and not NUMBER.fullmatch(value)
    return f"'{value}" if risky else value


# --- the exports ---------------------------------------------------------------------------------------------------


def _mentions(session: Session, brand_id: int | None, since: datetime | None) -> Rows:
    statement = (
        select(Mention, Brand.name, Author.handle, Author.name.label("author_name"), Author.followers, *READING)
        .join(Brand, Brand.id == Mention.brand_id)
        .join(Author, Author.id == Mention.author_id)
        .outerjoin(ReadingRow, ReadingRow.mention_id == Mention.id)
        .order_by(Mention.id)
    )
    if brand_id is not None:
        statement = statement.where(_heard_for(brand_id))
    if since is not None:
        statement = statement.where(Mention.created_at >= since)
    for batch in _batches(session, statement):
        yield from (_mention_row(row) for row in batch)


READING = (
    ReadingRow.sentiment,
    ReadingRow.intent,
    ReadingRow.urgency,
    ReadingRow.language,
    ReadingRow.model,
)


def _mention_row(row: AnyRow) -> dict[str, Any]:
    mention: Mention = row.Mention
    return {
        "id": mention.external_id,
        "network": mention.network,
        "brand": row.name,
        "text": "" if mention.deleted_at else mention.text,
        "created_at": _iso(mention.created_at),
        "author": row.handle,
        "author_name": row.author_name,
        "author_followers": row.followers,
        "url": mention.url,
        "in_reply_to": mention.in_reply_to,
        "conversation": mention.thread,
        "lang": mention.lang,
        "likes": mention.likes,
        "shares": mention.shares,
        "replies": mention.replies,
        "heard_at": _iso(mention.heard_at),
        "edited_at": _iso(mention.edited_at),
        "deleted_at": _iso(mention.deleted_at),
        "stage": mention.stage,
        "conversation_id": mention.conversation_id,
        "sentiment": row.sentiment,
        "intent": row.intent,
        "urgency": row.urgency,
        "language": row.language,
        "model": row.model,
    }


def _conversations(session: Session, brand_id: int | None, since: datetime | None) -> Rows:
    statement = (
        select(
            Conversation,
            Author.handle.label("author"),
            Contact.name.label("contact"),
            User.email.label("assignee"),
        )
        .join(Author, Author.id == Conversation.author_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(User, User.id == Conversation.assignee_id)
        .where(*_about_conversations(brand_id, since))
        .order_by(Conversation.id)
    )
    for batch in _batches(session, statement):
        mentions = _grouped(
            session,
            select(Mention.conversation_id, Mention.external_id)
            .where(Mention.conversation_id.in_([row.Conversation.id for row in batch]))
            .order_by(Mention.created_at, Mention.id),
        )
        yield from (_conversation_row(row, mentions) for row in batch)


def _conversation_row(row: AnyRow, mentions: Mapping[int, list[Any]]) -> dict[str, Any]:
    conversation: Conversation = row.Conversation
    return {
        "id": conversation.id,
        "network": conversation.network,
        "author": row.author,
        "contact": row.contact,
        "team": conversation.team,
        "assignee": row.assignee,
        "status": conversation.status,
        "priority": conversation.priority.name.lower(),
        "sentiment": conversation.sentiment,
        "intent": conversation.intent,
        "urgency": conversation.urgency,
        "first_at": _iso(conversation.first_at),
        "last_at": _iso(conversation.last_at),
        "mention_ids": [mention.external_id for mention in mentions.get(conversation.id, ())],
        "why": {"rule": conversation.why.get("rule", ""), "facts": conversation.why.get("facts", {})},
    }


def _contacts(session: Session, brand_id: int | None, since: datetime | None) -> Rows:
    statement = select(Contact).order_by(Contact.id)
    if brand_id is not None or since is not None:
        heard = exists().where(Conversation.contact_id == Contact.id, *_about_conversations(brand_id, since))
        made = Contact.created_at >= since if since is not None and brand_id is None else None
        statement = statement.where(heard if made is None else or_(heard, made))
    for batch in _batches(session, statement):
        ids = [row.Contact.id for row in batch]
        accounts = _grouped(session, _accounts_of(ids))
        points = _grouped(session, _points_of(ids))
        heard_at = _grouped(session, _last_heard(ids))
        yield from (_contact_row(row.Contact, accounts, points, heard_at) for row in batch)


def _accounts_of(contact_ids: Sequence[int]) -> AnySelect:
    return (
        select(
            Identity.contact_id,
            Author.network,
            Author.handle,
            Author.name,
            Author.url,
            Author.followers,
            Identity.reason,
            Identity.score,
        )
        .join(Author, Author.id == Identity.author_id)
        .where(Identity.contact_id.in_(contact_ids))
        .order_by(Author.id)
    )


def _points_of(contact_ids: Sequence[int]) -> AnySelect:
    return (
        select(ContactPoint.contact_id, ContactPoint.kind, ContactPoint.network, ContactPoint.value)
        .where(ContactPoint.contact_id.in_(contact_ids))
        .order_by(ContactPoint.id)
    )


def _last_heard(contact_ids: Sequence[int]) -> AnySelect:
    return (
        select(Conversation.contact_id, func.max(Conversation.last_at).label("last_at"))
        .where(Conversation.contact_id.in_(contact_ids))
        .group_by(Conversation.contact_id)
    )


def _contact_row(
    contact: Contact,
    accounts: Mapping[int, list[Any]],
    points: Mapping[int, list[Any]],
    heard_at: Mapping[int, list[Any]],
) -> dict[str, Any]:
    known = points.get(contact.id, ())
    last_at = next((row.last_at for row in heard_at.get(contact.id, ())), None)
    return {
        "id": contact.id,
        "name": contact.name,
        "company": contact.company,
        "place": contact.place,
        "notes": contact.notes,
        "tags": contact.tags,
        "emails": [point.value for point in known if point.kind == "email"],
        "websites": [point.value for point in known if point.kind == "website"],
        "phones": [point.value for point in known if point.kind == "phone"],
        "handles": [{"network": point.network, "handle": point.value} for point in known if point.kind == "handle"],
        "accounts": [
            {name: value for name, value in account._mapping.items() if name != "contact_id"}
            for account in accounts.get(contact.id, ())
        ],
        "created_at": _iso(contact.created_at),
        "last_at": _iso(last_at),
    }


def _corrections(session: Session, brand_id: int | None, since: datetime | None) -> Rows:
    """Corrected readings, and decisions by hand; together in the order in which people made them."""
    kinds = (
        _corrected(Correction, Correction.model, brand_id, since),
        _corrected(Example, Example.rule, brand_id, since),
    )
    found = (chain.from_iterable(_batches(session, kind)) for kind in kinds)
    yield from (_correction_row(row) for row in merge(*found, key=lambda row: row.at))


def _corrected(
    kind: type[Correction] | type[Example],
    decided_by: InstrumentedAttribute[str],
    brand_id: int | None,
    since: datetime | None,
) -> AnySelect:
    statement = (
        select(
            *(kind.question, kind.was, kind.now, kind.at, decided_by.label("decided_by")),
            *(Mention.text, Mention.deleted_at, Mention.network, ReadingRow.language, User.email),
        )
        .join(Mention, Mention.id == kind.mention_id)
        .join(User, User.id == kind.user_id)
        .outerjoin(ReadingRow, ReadingRow.mention_id == kind.mention_id)
        .order_by(kind.at, kind.mention_id, kind.question)
    )
    if brand_id is not None:
        statement = statement.where(_heard_for(brand_id))
    return statement if since is None else statement.where(kind.at >= since)


def _correction_row(row: AnyRow) -> dict[str, Any]:
    return {
        "text": "" if row.deleted_at else row.text,
        "network": row.network,
        "language": row.language,
        "question": row.question,
        "was": row.was,
        "now": row.now,
        "by": row.email,
        "at": _iso(row.at),
        "model": row.decided_by,  # of a team: the rule that had chosen it
    }


EXPORTS: Mapping[str, Callable[[Session, int | None, datetime | None], Rows]] = {
    "mentions": _mentions,
    "conversations": _conversations,
    "contacts": _contacts,
    "corrections": _corrections,
}


# --- shared ---------------------------------------------------------------------------------------------------------


def _heard_for(brand_id: int) -> ColumnElement[bool]:
    also = exists().where(AlsoHeard.mention_id == Mention.id, AlsoHeard.brand_id == brand_id)
    return or_(Mention.brand_id == brand_id, also)


def _about_conversations(brand_id: int | None, since: datetime | None) -> list[ColumnElement[bool]]:
    conditions = []
    if brand_id is not None:
        also = select(Mention.conversation_id).join(AlsoHeard, AlsoHeard.mention_id == Mention.id)
        heard_too = Conversation.id.in_(also.where(AlsoHeard.brand_id == brand_id))
        conditions.append(or_(Conversation.brand_id == brand_id, heard_too))
    if since is not None:
        conditions.append(Conversation.last_at >= since)
    return conditions


def _batches(session: Session, statement: AnySelect) -> Iterator[Sequence[AnyRow]]:
    """The result in pieces, from a server-side cursor where the database has one."""
    yield from session.execute(statement, execution_options={"yield_per": BATCH}).partitions()


def _grouped(session: Session, statement: AnySelect) -> dict[int, list[Any]]:
    """Rows by their first column."""
    groups: dict[int, list[Any]] = {}
    for row in session.execute(statement):
        groups.setdefault(row[0], []).append(row)
    return groups


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
