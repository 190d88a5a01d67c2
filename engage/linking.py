"""Read mentions -> contacts and conversations. A stage function in bulk: a session and a clock in, nothing committed.

The author gets an identity and a contact; the mention joins the conversation it belongs to, or begins one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from config.clock import Clock
from config.database import AnyRow, allocate_ids, insert_rows, lock_stage, update_rows
from engage.identity import Link, Point, decide, points_of
from engage.tables import Activity, ActivityKind, Contact, ContactPoint, Conversation, Identity, Reply, Status
from engage.together import notices
from listener.tables import Author, Mention, Stage, waits_for
from nlp.tables import ReadingRow

EXCERPT_LENGTH = 280
ALIVE = (Status.OPEN, Status.PENDING, Status.SNOOZED)
REOPENED = "Reopened by a new mention"
"""What the trace of that says."""
Key = tuple[str, str, int]
"""(network, thread, author id): what makes a conversation."""
PostKey = tuple[str, str]
"""(network, external id)"""


@dataclass(slots=True)
class Thread:
    """A conversation while mentions are being put into it. `id` 0: not stored yet."""

    key: Key
    status: Status
    id: int = 0
    mentions: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    latest: AnyRow | None = None
    """The mention of this batch that the conversation now shows; None if a stored one is newer."""
    news: bool = False
    """A mention joined it (as against one that was read again)."""
    reopened: bool = False
    was: str = ""
    """How it stood before it was reopened."""
    opener: AnyRow | None = None


def link_waiting(session: Session, clock: Clock, limit: int = 1000) -> int:
    """Link the mentions that were read and not linked yet; the number done."""
    lock_stage(session, "link")
    rows = _waiting(session, limit)
    if not rows:
        return 0
    now = clock()
    contacts = _link_authors(session, rows, now)
    threads = _place(rows, *_known_threads(session, rows))
    _store_threads(session, threads.values(), contacts, now)
    update_rows(
        session,
        Mention,
        [{"id": id_, "conversation_id": thread.id, "stage": Stage.LINKED} for id_, thread in threads.items()],
    )
    return len(rows)


def _waiting(session: Session, limit: int) -> Sequence[AnyRow]:
    """Oldest first, so that an answer finds the post that it answers."""
    waiting = (
        select(Mention.id)
        .where(waits_for(Stage.READ))
        .order_by(Mention.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(waiting))
    rows = session.execute(
        select(
            Mention.id,
            Mention.brand_id,
            Mention.network,
            Mention.external_id,
            Mention.author_id,
            Mention.text,
            Mention.thread,
            Mention.in_reply_to,
            Mention.created_at,
            Mention.conversation_id,
            ReadingRow.sentiment,
            ReadingRow.intent,
            ReadingRow.urgency,
            ReadingRow.language,
            Author.handle,
            Author.name,
            Author.website,
            Author.bio,
            Identity.contact_id,
        )
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .join(Author, Author.id == Mention.author_id)
        .outerjoin(Identity, Identity.author_id == Author.id)
        .where(Mention.id.in_(ids))
    ).all()
    return sorted(rows, key=lambda row: (row.created_at, row.id))


# --- authors -> contacts -----------------------------------------------------------------------------------------


def _link_authors(session: Session, rows: Iterable[AnyRow], now: datetime) -> dict[int, int]:
    """Contact ids by author id; strangers get a contact of their own unless something known says who they are."""
    contacts = {row.author_id: row.contact_id for row in rows if row.contact_id}
    strangers = {row.author_id: row for row in rows if not row.contact_id}
    if not strangers:
        return contacts
    points = {
        author_id: points_of(network=row.network, handle=row.handle, website=row.website, bio=row.bio)
        for author_id, row in strangers.items()
    }
    known = _known_points(session, {point for found in points.values() for point in found})
    links, new = _decide_links(points, known)
    ids = _add_contacts(session, [strangers[author_id] for author_id in new], now)
    placeholder = {-(index + 1): contact_id for index, contact_id in enumerate(ids)}
    links = {
        a: replace(link, contact_id=placeholder.get(link.contact_id, link.contact_id)) for a, link in links.items()
    }
    insert_rows(
        session,
        Identity,
        [
            {
                "author_id": author_id,
                "contact_id": link.contact_id,
                "reason": link.reason,
                "score": link.score,
                "created_at": now,
            }
            for author_id, link in links.items()
        ],
    )
    _add_points(session, [(links[author_id].contact_id, points[author_id]) for author_id in points], known)
    return contacts | {author_id: link.contact_id for author_id, link in links.items()}


def _decide_links(
    points: Mapping[int, Sequence[Point]], known: Mapping[Point, set[int]]
) -> tuple[dict[int, Link], list[int]]:
    """One link per stranger, and the strangers that need a new contact, whose ids are -1, -2 … until stored."""
    seen = {point: set(ids) for point, ids in known.items()}
    links: dict[int, Link] = {}
    new: list[int] = []
    for author_id, found in points.items():
        link = decide(found, seen)
        if link is None:
            new.append(author_id)
            link = Link(-len(new), "new contact", 1.0)
        links[author_id] = link
        for point in found:
            seen.setdefault(point, set()).add(link.contact_id)
    return links, new


def _known_points(session: Session, points: set[Point]) -> dict[Point, set[int]]:
    known: dict[Point, set[int]] = {}
    rows = session.execute(
        select(ContactPoint.kind, ContactPoint.network, ContactPoint.value, ContactPoint.contact_id).where(
            ContactPoint.kind.in_({point.kind for point in points}),  # kind and network lead the index
            ContactPoint.network.in_({point.network for point in points}),
            ContactPoint.value.in_({point.value for point in points}),
        )
    )
    for kind, network, value, contact_id in rows:
        point = Point(kind, network, value)
        if point in points:
            known.setdefault(point, set()).add(contact_id)
    return known


def _add_contacts(session: Session, authors: Sequence[AnyRow], now: datetime) -> Sequence[int]:
    if not authors:
        return []
    ids = allocate_ids(session, Contact, len(authors))
    insert_rows(
        session,
        Contact,
        [
            {"id": id_, "name": row.name or row.handle, "tags": [], "created_at": now}
            for id_, row in zip(ids, authors, strict=True)
        ],
    )
    return ids


def _add_points(
    session: Session, found: Iterable[tuple[int, Sequence[Point]]], known: Mapping[Point, set[int]]
) -> None:
    wanted = {(contact_id, point) for contact_id, points in found for point in points}
    values = [
        {"contact_id": contact_id, "kind": point.kind, "network": point.network, "value": point.value}
        for contact_id, point in sorted(wanted)
        if contact_id not in known.get(point, ())
    ]
    insert_rows(session, ContactPoint, values)


# --- mentions -> conversations -----------------------------------------------------------------------------------


def _known_threads(
    session: Session, rows: Sequence[AnyRow]
) -> tuple[dict[Key, Thread], dict[int, Thread], dict[PostKey, int]]:
    """Stored conversations these mentions may belong to: by key, by id, and ids by the posts in them."""
    parents = _parents(session, {(row.network, row.in_reply_to) for row in rows if row.in_reply_to})
    ids = {*parents.values(), *(row.conversation_id for row in rows if row.conversation_id)}
    roots = {(row.network, row.thread or row.in_reply_to or row.external_id, row.author_id) for row in rows}
    columns = (
        Conversation.id,
        Conversation.network,
        Conversation.thread,
        Conversation.author_id,
        Conversation.status,
        Conversation.mention_count,
        Conversation.first_at,
        Conversation.last_at,
    )
    known = select(*columns).with_for_update()  # a person may be deciding about one at this moment
    found = session.execute(known.where(tuple_(*columns[1:4]).in_(roots))).all()
    more = ids - {row.id for row in found}
    if more:
        found = [*found, *session.execute(known.where(Conversation.id.in_(more)))]
    by_id = {
        row.id: Thread(
            (row.network, row.thread, row.author_id), row.status, row.id, row.mention_count, row.first_at, row.last_at
        )
        for row in found
    }
    return {thread.key: thread for thread in by_id.values()}, by_id, parents


def _parents(session: Session, keys: set[PostKey]) -> dict[PostKey, int]:
    """Conversation ids by post, where the post is a mention that we know or a reply that we sent."""
    found: dict[PostKey, int] = {}
    by_network: dict[str, list[str]] = {}
    for network, external_id in keys:
        by_network.setdefault(network, []).append(external_id)
    for network, external_ids in by_network.items():
        for table in (Mention, Reply):
            rows = session.execute(
                select(table.external_id, table.conversation_id).where(
                    table.network == network, table.external_id.in_(external_ids)
                )
            )
            found.update({(network, post): conversation for post, conversation in rows if conversation})
    return found


def _place(
    rows: Sequence[AnyRow],
    by_key: dict[Key, Thread],
    by_id: Mapping[int, Thread],
    parents: Mapping[PostKey, int],
) -> dict[int, Thread]:
    """The conversation of each mention, by mention id; pure but for the threads, which learn of their mentions."""
    placed: dict[int, Thread] = {}
    by_post = {post: by_id[conversation_id] for post, conversation_id in parents.items()}
    for row in rows:
        known = by_id.get(row.conversation_id)
        thread = known or choose_thread(row, by_post.get((row.network, row.in_reply_to)), by_key)
        _add(thread, row, again=known is not None)
        by_key[thread.key] = thread
        by_post[row.network, row.external_id] = thread
        placed[row.id] = thread
    return placed


def choose_thread(row: AnyRow, parent: Thread | None, by_key: Mapping[Key, Thread]) -> Thread:
    """Where a mention belongs: with the post that it answers if that is the same author's conversation or one that is
    still alive, else to the author's conversation in this thread, else to a new one."""
    if parent and (parent.key[2] == row.author_id or parent.status in ALIVE):
        return parent
    root = row.thread or (parent.key[1] if parent else "") or row.in_reply_to or row.external_id
    key = (row.network, root, row.author_id)
    return by_key.get(key) or Thread(key, Status.OPEN, opener=row)


def _add(thread: Thread, row: AnyRow, *, again: bool) -> None:
    """Let the conversation know of a mention; `again`: one that it has already and that was read anew."""
    thread.first_at = min(thread.first_at or row.created_at, row.created_at)
    if not again:
        thread.mentions += 1
        thread.news = True
        if thread.status is not Status.OPEN:
            thread.reopened, thread.was = True, str(thread.status)
            thread.status = Status.OPEN
    newest = thread.last_at is None or row.created_at >= thread.last_at
    thread.last_at = max(thread.last_at or row.created_at, row.created_at)
    if newest and row.author_id == thread.key[2]:
        thread.latest = row


def _store_threads(session: Session, threads: Iterable[Thread], contacts: Mapping[int, int], now: datetime) -> None:
    distinct = list({id(thread): thread for thread in threads}.values())
    new = [thread for thread in distinct if not thread.id]
    old = [thread for thread in distinct if thread.id]
    for thread, id_ in zip(new, allocate_ids(session, Conversation, len(new)), strict=True):
        thread.id = id_
    insert_rows(session, Conversation, [_new_values(thread, contacts, now) for thread in new])
    _update_threads(session, [thread for thread in old if thread.latest is None], now)
    _update_threads(session, [thread for thread in old if thread.latest is not None], now)
    insert_rows(
        session,
        Activity,
        [
            {"conversation_id": t.id, "kind": ActivityKind.REOPENED, "text": REOPENED, "was": t.was, "at": now}
            for t in old
            if t.reopened
        ],
    )
    notices.tell_of_mentions(session, {t.id: _shown(t.latest)["excerpt"] for t in old if t.news and t.latest}, now)


def _new_values(thread: Thread, contacts: Mapping[int, int], now: datetime) -> dict[str, Any]:
    assert thread.opener is not None
    network, root, author_id = thread.key
    return {
        "id": thread.id,
        "brand_id": thread.opener.brand_id,
        "network": network,
        "thread": root,
        "author_id": author_id,
        "contact_id": contacts[author_id],
        "status": Status.OPEN,
        "tags": [],
        "why": {},
        "mention_count": thread.mentions,
        "first_at": thread.first_at,
        "last_at": thread.last_at,
        "changed_at": now,
        **_shown(thread.latest or thread.opener),
    }


def _update_threads(session: Session, threads: Sequence[Thread], now: datetime) -> None:
    """One statement for threads that all have a newer latest mention, or all have not."""
    if not threads:
        return
    values = [
        {
            "id": thread.id,
            "status": thread.status,
            "mention_count": thread.mentions,
            "first_at": thread.first_at,
            "last_at": thread.last_at,
            "changed_at": now,
            **(_shown(thread.latest) if thread.latest else {}),
        }
        for thread in threads
    ]
    update_rows(session, Conversation, values)
    news = [thread.id for thread in threads if thread.news]
    session.execute(
        update(Conversation)
        .where(Conversation.id.in_(news))
        .values(unread=True, snoozed_until=None, version=Conversation.version + 1)
    )


def _shown(row: AnyRow) -> dict[str, Any]:
    """What a list row shows of the latest mention."""
    return {
        "sentiment": row.sentiment,
        "intent": row.intent,
        "urgency": row.urgency,
        "language": row.language,
        "excerpt": " ".join(row.text[: 2 * EXCERPT_LENGTH].split())[:EXCERPT_LENGTH],
    }
