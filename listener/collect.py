"""From pages to mentions: drop what is known, ours or beside the point, save the rest, move the cursor.

Nothing here commits and nothing here calls a network: engage/pipeline.py fetches a page, then opens a transaction for
`save_page`, which saves the page's posts and its cursor together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from config.clock import Clock
from config.database import AnyRow, insert_ignoring, update_rows
from config.secrets import Vault
from listener.connector import ConnectorError, Page, Setup
from listener.mention import Account, Post, storable
from listener.query import Query, parse
from listener.tables import AlsoHeard, Author, Brand, Mention, Source, SourceState, Stage

LEASE = timedelta(minutes=5)
"""A run that shows no life for so long was killed; another may take its source."""
FIRST_WAIT_S, LONGEST_WAIT_S = 15.0, 3600.0
LOOKUP_SIZE = 1000
AUTHOR_FACTS = ("handle", "name", "followers", "url", "website", "bio", "avatar_url", "joined_at")
Key = tuple[str, str]
"""(network, external id)"""


@dataclass(frozen=True, slots=True)
class SaveCount:
    """What became of some posts."""

    added: int = 0
    updated: int = 0
    known: int = 0
    dropped: int = 0
    """Ours, or not matching the query."""

    def __add__(self, other: "SaveCount") -> "SaveCount":
        return SaveCount(
            self.added + other.added,
            self.updated + other.updated,
            self.known + other.known,
            self.dropped + other.dropped,
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A source claimed for one run."""

    source_id: int
    brand_id: int
    network: str
    query: Query
    setup: Setup
    cursor: Mapping[str, Any]
    own: frozenset[Key]
    """Accounts of ours, by external id and by handle."""
    lease: datetime
    interval: timedelta = field(default=timedelta(minutes=2))


class LeaseLostError(Exception):
    """The run outlived its lease and another one has taken the source: nothing of this page was saved."""


def brand_query(brand: Brand) -> Query:
    """What a brand listens for: its query, or the name of a competitor."""
    competitors = "".join(f' OR "{name}"' for name in brand.competitors)
    return parse(f"({brand.query}){competitors}" if competitors else brand.query)


def setup_of(source: Source, vault: Vault, clock: Clock) -> Setup:
    """All that the connector and the channel of a source are given."""
    own = Account(source.account_id, source.account_handle) if source.account_id else None
    return Setup(
        options=source.options,
        secrets=vault.open(source.secrets_sealed),
        query=brand_query(source.brand),
        clock=clock,
        own_account=own,
    )


# --- the life of a run -------------------------------------------------------------------------------------------


def due_sources(session: Session, now: datetime) -> list[int]:
    """Ids of the sources whose time has come and that no run holds."""
    return list(
        session.scalars(
            select(Source.id)
            .where(
                Source.state.not_in([SourceState.STOPPED, SourceState.PAUSED]),
                Source.next_run_at <= now,
                or_(Source.running_until.is_(None), Source.running_until < now),
            )
            .order_by(Source.next_run_at)
        )
    )


def claim(session: Session, source_id: int, vault: Vault, clock: Clock) -> Run | None:
    """Take a source for one run; None if another run holds it or a person has stopped it."""
    now = clock()
    free = or_(Source.running_until.is_(None), Source.running_until < now)
    resting = [SourceState.STOPPED, SourceState.PAUSED]
    taken = session.execute(
        update(Source)
        .where(Source.id == source_id, free, Source.state.not_in(resting))
        .values(running_until=now + LEASE, last_run_at=now)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        return None
    source = session.get_one(Source, source_id, populate_existing=True)
    setup = setup_of(source, vault, clock)
    return Run(
        source_id=source.id,
        brand_id=source.brand_id,
        network=source.network,
        query=setup.query or brand_query(source.brand),
        setup=setup,
        cursor=source.cursor,
        own=_own_accounts(session),
        lease=now + LEASE,
        interval=timedelta(seconds=source.interval_s),
    )


def _own_accounts(session: Session) -> frozenset[Key]:
    rows = session.execute(
        select(Source.network, Source.account_id, Source.account_handle).where(Source.account_id != "")
    )
    return frozenset(key for network, id_, handle in rows for key in ((network, id_), (network, handle.lower())))


def remember_account(session: Session, run: Run, account: Account) -> Run:
    """Store which account we listen with, so that its posts are known as ours."""
    session.execute(
        update(Source)
        .where(Source.id == run.source_id)
        .values(account_id=account.external_id, account_handle=account.handle)
    )
    ours = {(run.network, account.external_id), (run.network, account.handle.lower())}
    return replace(run, own=run.own | ours, setup=replace(run.setup, own_account=account))


def save_page(session: Session, run: Run, page: Page, now: datetime) -> tuple[Run, SaveCount]:
    """Save a page and its cursor. Raises LeaseLostError."""
    kept = choose(page.posts, run, known_parents(session, page.posts, run.network))
    count = save_posts(session, kept, brand_id=run.brand_id, source_id=run.source_id, network=run.network, now=now)
    facts: dict[str, Any] = {
        "cursor": dict(page.cursor),
        "running_until": now + LEASE,
        "heard": Source.heard + count.added,
        "cost_usd": Source.cost_usd + page.cost_usd,
    }
    if page.rate:
        facts |= {"rate_remaining": page.rate.remaining, "rate_reset_at": page.rate.reset_at}
    if page.gap:
        facts |= {"gap": page.gap, "gap_at": now}
    moved = session.execute(
        update(Source).where(Source.id == run.source_id, Source.running_until == run.lease).values(facts)
    )
    if not moved.rowcount:  # type: ignore[attr-defined]
        raise LeaseLostError
    return replace(run, lease=now + LEASE), replace(count, dropped=len(page.posts) - len(kept))


def finish(session: Session, run: Run, now: datetime) -> None:
    """The run heard everything there is for now."""
    _end_run(
        session,
        run,
        state=SourceState.OK,
        last_ok_at=now,
        failures=0,
        error_code="",
        error_text="",
        remedy="",
        next_run_at=now + run.interval,
    )


def fail(session: Session, run: Run, error: ConnectorError, now: datetime, jitter: float) -> None:
    """The run met an error: a permanent one stops the source, a passing one is tried again later.

    `jitter` lies in 0–1, from a random generator.
    """
    failures = session.scalar(select(Source.failures).where(Source.id == run.source_id)) or 0
    _end_run(
        session,
        run,
        state=SourceState.STOPPED if error.permanent else SourceState.WAITING,
        failures=failures + 1,
        error_code=error.code,
        error_text=error.message,
        remedy=error.remedy,
        next_run_at=now + timedelta(seconds=wait_s(failures, error.retry_after, jitter)),
    )


def release(session: Session, run: Run) -> None:
    """The run was interrupted: the source is due at once, and goes on from its cursor."""
    _end_run(session, run)


def _end_run(session: Session, run: Run, **facts: Any) -> None:
    session.execute(
        update(Source)
        .where(Source.id == run.source_id, Source.running_until == run.lease)
        .values(running_until=None, **facts)
    )


def wait_s(failures: int, retry_after: float | None, jitter: float) -> float:
    """Seconds until the next try: what the network asked for, else 15 s doubling up to an hour, spread by jitter."""
    if retry_after is not None:
        return retry_after + 2 * jitter
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures, 10)) * (0.5 + jitter / 2)


# --- deciding what to keep ---------------------------------------------------------------------------------------


def choose(posts: Iterable[Post], run: Run, parents: set[Key]) -> list[Post]:
    """The posts that are mentions: not ours, and addressed to us, matching, or answering a known mention.

    `parents` are the keys of posts already known; it grows by what is kept, so that a thread holds together.
    """
    kept = []
    for post in sorted(posts, key=lambda post: post.created_at):
        network = post.network or run.network
        if (network, post.author.external_id) in run.own or (network, post.author.handle.lower()) in run.own:
            continue
        key = (network, post.external_id)
        wanted = post.addressed or key in parents or (network, post.in_reply_to) in parents
        if wanted or (not post.deleted and run.query.matches(post.text)):
            parents.add(key)
            kept.append(post)
    return kept


def known_parents(session: Session, posts: Iterable[Post], network: str) -> set[Key]:
    """Keys of the stored mentions that these posts are, or answer."""
    wanted = {(post.network or network, id_) for post in posts for id_ in (post.external_id, post.in_reply_to) if id_}
    return set(_stored(session, wanted, Mention.network, Mention.external_id))


def _stored(session: Session, keys: Iterable[Key], *columns: Any) -> dict[Key, AnyRow]:
    """Rows of mentions by key; the first two columns are the key's."""
    by_network: dict[str, list[str]] = {}
    for network, external_id in keys:
        by_network.setdefault(network, []).append(external_id)
    found: dict[Key, AnyRow] = {}
    for network, ids in by_network.items():
        for start in range(0, len(ids), LOOKUP_SIZE):
            rows = session.execute(
                select(*columns).where(
                    Mention.network == network, Mention.external_id.in_(ids[start : start + LOOKUP_SIZE])
                )
            )
            found.update(((row[0], row[1]), row) for row in rows)
    return found


# --- saving ------------------------------------------------------------------------------------------------------


def save_posts(
    session: Session, posts: Sequence[Post], *, brand_id: int, source_id: int | None, network: str, now: datetime
) -> SaveCount:
    """Store posts: new ones as mentions, known ones brought up to date; never one twice.

    `network` is that of posts which don't name one. A post that was edited or deleted since is read again.
    """
    by_key = {(post.network or network, post.external_id): post for post in posts}
    stored = _stored(
        session,
        by_key,
        Mention.network,
        Mention.external_id,
        Mention.id,
        Mention.text,
        Mention.edited_at,
        Mention.deleted_at,
        Mention.brand_id,
        Mention.likes,
        Mention.shares,
        Mention.replies,
        Mention.addressed,
    )
    new = {key: post for key, post in by_key.items() if key not in stored and not post.deleted}
    author_ids = _save_authors(
        session, {(key[0], post.author.external_id): post.author for key, post in new.items()}, now
    )
    if new:
        session.connection().execute(
            insert_ignoring(session, Mention),
            [
                _mention_values(key, post, author_ids[key[0], post.author.external_id], brand_id, source_id, now)
                for key, post in new.items()
            ],
        )
    updated = _update_known(session, [(row, by_key[key]) for key, row in stored.items()], brand_id, now)
    return SaveCount(added=len(new), updated=updated, known=len(posts) - len(new) - updated)


def _mention_values(
    key: Key, post: Post, author_id: int, brand_id: int, source_id: int | None, now: datetime
) -> dict[str, Any]:
    return {
        "brand_id": brand_id,
        "source_id": source_id,
        "network": key[0],
        "external_id": key[1],
        "author_id": author_id,
        "text": storable(post.text),
        "url": post.url,
        "thread": post.thread,
        "in_reply_to": post.in_reply_to,
        "lang": post.lang,
        "likes": post.likes,
        "shares": post.shares,
        "replies": post.replies,
        "reach": post.author.followers,
        "addressed": post.addressed,
        "reply_ref": dict(post.reply_ref),
        "created_at": post.created_at,
        "heard_at": now,
        "edited_at": post.edited_at,
        "stage": Stage.HEARD,
    }


def _save_authors(session: Session, accounts: Mapping[Key, Account], now: datetime) -> dict[Key, int]:
    """Ids of the authors by key; unknown ones are added, known ones brought up to date."""
    known = _known_authors(session, accounts)
    missing = [key for key in accounts if key not in known]
    if missing:
        session.connection().execute(
            insert_ignoring(session, Author),
            [_author_values(key, accounts[key]) | {"first_heard_at": now} for key in missing],
        )
    changed = []
    for key, row in known.items():
        fresh = {name: value for name, value in _author_values(key, accounts[key]).items() if name in AUTHOR_FACTS}
        merged = {name: value if value not in ("", None) else getattr(row, name) for name, value in fresh.items()}
        if any(getattr(row, name) != value for name, value in merged.items()):
            changed.append({"id": row.id, **merged})
    update_rows(session, Author, changed)
    if missing:
        known |= _known_authors(session, missing)
    return {key: row.id for key, row in known.items()}


def _known_authors(session: Session, keys: Iterable[Key]) -> dict[Key, AnyRow]:
    by_network: dict[str, list[str]] = {}
    for network, external_id in keys:
        by_network.setdefault(network, []).append(external_id)
    columns = [getattr(Author, name) for name in AUTHOR_FACTS]
    return {
        (row.network, row.external_id): row
        for network, ids in by_network.items()
        for start in range(0, len(ids), LOOKUP_SIZE)
        for row in session.execute(
            select(Author.network, Author.external_id, Author.id, *columns).where(
                Author.network == network, Author.external_id.in_(ids[start : start + LOOKUP_SIZE])
            )
        )
    }


def _author_values(key: Key, account: Account) -> dict[str, Any]:
    return {
        "network": key[0],
        "external_id": key[1],
        "handle": storable(account.handle),
        "name": storable(account.name) or storable(account.handle),
        "followers": account.followers,
        "url": account.url,
        "website": storable(account.website),
        "bio": storable(account.bio),
        "avatar_url": account.avatar_url,
        "joined_at": account.created_at,
    }


def _update_known(session: Session, pairs: Sequence[tuple[AnyRow, Post]], brand_id: int, now: datetime) -> int:
    """Bring stored mentions up to date; the number of those whose content changed."""
    counters, contents, brands = [], [], []
    for row, post in pairs:
        if row.brand_id != brand_id:
            brands.append({"mention_id": row.id, "brand_id": brand_id})
        if row.deleted_at:
            continue
        if post.deleted:
            contents.append({"id": row.id, "text": "", "edited_at": row.edited_at, "deleted_at": now})
        elif _was_edited(row, post):
            edited = {"text": storable(post.text), "edited_at": post.edited_at, "deleted_at": None}
            contents.append({"id": row.id, **edited})
        figures = (post.likes, post.shares, post.replies, post.addressed or row.addressed)
        if not post.deleted and figures != (row.likes, row.shares, row.replies, row.addressed):
            names = ("likes", "shares", "replies", "addressed")
            counters.append({"id": row.id, **dict(zip(names, figures, strict=True))})
    update_rows(session, Mention, counters)
    update_rows(session, Mention, [content | {"stage": Stage.HEARD} for content in contents])
    if brands:
        session.connection().execute(insert_ignoring(session, AlsoHeard), brands)
    return len(contents)


def _was_edited(row: AnyRow, post: Post) -> bool:
    newer = post.edited_at is not None and (row.edited_at is None or post.edited_at > row.edited_at)
    return newer and storable(post.text) != row.text
