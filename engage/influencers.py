"""Who matters for a brand: the ranked list, one author with every part of the score and the evidence, two compared.

Only reads. What is shown as words is made here, so that page, comparison and export say the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from config.errors import NotFoundError
from engage import search
from engage.influence_tables import Influence, InfluenceRun, Size, of_brand
from engage.influencer_words import LABELS, Count, Evidence, Overlap, Part, evidence, explained
from engage.tables import Conversation, Identity
from listener.tables import Author, Mention

PAGE_SIZE = 50
WEEKS = 12
WEEK = timedelta(days=7)
LATEST = 5
THREADS = 500
"""Of so many of an author's latest threads the audience is compared."""
AUDIENCE, LEADING = 400, 50
"""So many of an audience are looked for, with so many of the authors who matter most."""
COUNTED = 1_000
CLEAN = 0.8
"""From this credit on nothing in the evidence weighs much."""
FOR, AGAINST = 0.2, -0.2
RISING = 0.25
"""Attention grew by more than a quarter."""


class Stance(StrEnum):
    """Where an author stands towards the brand."""

    FOR = "for"
    MIXED = "mixed"
    AGAINST = "against"


class Sort(StrEnum):
    """What a list is ordered by, the most first."""

    SCORE = "score"
    RISING = "rising"
    FOLLOWERS = "followers"
    MENTIONS = "mentions"
    LAST = "last"


ORDERS: Mapping[Sort, ColumnElement[Any]] = {
    Sort.SCORE: Influence.score.desc(),
    Sort.RISING: Influence.rising.desc(),
    Sort.FOLLOWERS: func.coalesce(Influence.followers, -1).desc(),
    Sort.MENTIONS: Influence.mentions.desc(),
    Sort.LAST: Influence.last_at.desc(),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which authors: None and "" leave a question open, and so does rising=False."""

    brand_id: int
    network: str = ""
    language: str = ""
    stance: Stance | None = None
    size: Size | None = None
    topic: str = ""
    """Words that one of the author's mentions has."""
    rising: bool = False
    clean: bool | None = None
    """Only where the evidence casts little doubt (True), or much (False)."""


@dataclass(frozen=True, slots=True)
class Line:
    """An author in a list."""

    rank: int
    """Place in this list, from 1."""
    influence: Influence
    author: Author
    weeks: Sequence[int]
    """Mentions in each of the last WEEKS weeks, the latest last."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of the list."""

    lines: Sequence[Line]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """One author with everything that made the score."""

    line: Line
    parts: Sequence[Part]
    evidence: Sequence[Evidence]
    latest: Sequence[Mention]
    contact_id: int | None
    rated_at: datetime


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to filter by, and how many authors are rated."""

    networks: Sequence[str]
    languages: Sequence[str]
    authors: int
    full_at: datetime | None


# --- the list ----------------------------------------------------------------------------------------------------


def ranked(
    session: Session, wanted: Wanted, now: datetime, sort: Sort = Sort.SCORE, page: int = 1, size: int = PAGE_SIZE
) -> Lines:
    """A page of the authors that are wanted, the most important first."""
    start = (max(page, 1) - 1) * size
    statement = (
        select(Influence, Author)
        .join(Author, Author.id == Influence.author_id)
        .where(*_conditions(session, wanted))
        .order_by(ORDERS[sort], Influence.author_id)
    )
    rows = session.execute(statement.offset(start).limit(size + 1)).all()
    weeks = _weeks(session, wanted.brand_id, [row.Author.id for row in rows[:size]], now)
    lines = [
        Line(start + place, row.Influence, row.Author, weeks[row.Author.id])
        for place, row in enumerate(rows[:size], start=1)
    ]
    return Lines(lines, len(rows) > size)


def _conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [Influence.brand_id == wanted.brand_id]
    if wanted.network:
        conditions.append(Influence.network == wanted.network)
    if wanted.language:
        conditions.append(Influence.language == wanted.language)
    if wanted.size is not None:
        conditions.append(Influence.size == wanted.size)
    if wanted.stance:
        conditions.append(_stands(wanted.stance))
    if wanted.rising:
        conditions.append(Influence.rising > RISING)
    if wanted.clean is not None:
        conditions.append(Influence.credit >= CLEAN if wanted.clean else Influence.credit < CLEAN)
    if wanted.topic:
        found = search.mentions_with(session, search.words_of(wanted.topic))
        conditions.append(Influence.author_id.in_(select(Mention.author_id).where(Mention.id.in_(found))))
    return conditions


def _stands(stance: Stance) -> ColumnElement[bool]:
    if stance is Stance.FOR:
        return Influence.stance >= FOR
    return Influence.stance <= AGAINST if stance is Stance.AGAINST else Influence.stance.between(AGAINST, FOR)


def stance_of(value: float) -> Stance:
    """The word for a stored stance."""
    return Stance.FOR if value >= FOR else Stance.AGAINST if value <= AGAINST else Stance.MIXED


def _weeks(session: Session, brand_id: int, authors: Sequence[int], now: datetime) -> dict[int, list[int]]:
    """Mentions of each author in the last weeks. One statement."""
    weeks = {author: [0] * WEEKS for author in authors}
    day = func.date(Mention.created_at)
    statement = (
        select(Mention.author_id, day, func.count())
        .where(Mention.author_id.in_(authors), Mention.created_at > now - WEEKS * WEEK)
        .where(of_brand(brand_id), Mention.deleted_at.is_(None))
        .group_by(Mention.author_id, day)
    )
    for author, date, count in session.execute(statement):
        age = (now.date() - datetime.fromisoformat(str(date)).date()).days
        weeks[author][max(WEEKS - 1 - age // 7, 0)] += count
    return weeks


def choices(session: Session, brand_id: int) -> Choices:
    """What the list of a brand can be narrowed to."""
    run = session.get(InfluenceRun, brand_id)
    if run is None:
        return Choices((), (), 0, None)
    return Choices(
        sorted(run.yardsticks.get("usual", ())), run.yardsticks.get("languages", ()), run.authors, run.full_at
    )


def export_rows(session: Session, wanted: Wanted, now: datetime, sort: Sort, most: int) -> list[dict[str, Any]]:
    """The list as rows for a file."""
    return [as_row(line) for line in ranked(session, wanted, now, sort, size=most).lines]


def as_row(line: Line) -> dict[str, Any]:
    """A line as a row for a file."""
    found = line.influence
    return {
        "rank": line.rank,
        "network": found.network,
        "handle": line.author.handle,
        "name": line.author.name,
        "url": line.author.url,
        "score": round(found.score, 1),
        **{name: round(getattr(found, name), 3) for name in LABELS},
        "credit": round(found.credit, 3),
        "followers": found.followers,
        "size": found.size.name.lower(),
        "language": found.language,
        "stance": stance_of(found.stance).value,
        "rising": round(found.rising, 3),
        "mentions": found.mentions,
        "likes": found.likes,
        "shares": found.shares,
        "replies": found.replies,
        "copied_share": round(found.copied, 3),
        "burst_share": round(found.burst, 3),
        "last_at": found.last_at.isoformat(),
    }


# --- one author, and two -----------------------------------------------------------------------------------------


def profile(session: Session, brand_id: int, author_id: int, brand_name: str, now: datetime) -> Profile:
    """An author with parts and evidence. Raises NotFoundError for one that is not rated."""
    found = session.get(Influence, (brand_id, author_id))
    run = session.get(InfluenceRun, brand_id)
    if found is None or run is None:
        raise NotFoundError("This author is not rated for the brand.", "Choose one in the list of influencers.")
    author = session.get_one(Author, author_id)
    rank = session.scalar(
        select(func.count()).where(
            Influence.brand_id == brand_id,
            tuple_(-Influence.score, Influence.author_id) < tuple_(-found.score, author_id),
        )
    )
    line = Line((rank or 0) + 1, found, author, _weeks(session, brand_id, [author_id], now)[author_id])
    latest = session.scalars(
        select(Mention)
        .where(Mention.author_id == author_id, of_brand(brand_id), Mention.deleted_at.is_(None))
        .order_by(Mention.created_at.desc())
        .limit(LATEST)
    ).all()
    contact_id = session.scalar(select(Identity.contact_id).where(Identity.author_id == author_id))
    parts = explained(found, author, run.yardsticks, brand_name, now)
    counts, overlap = follower_counts(session, author_id), closest_audience(session, brand_id, author_id)
    signs = evidence(found, author, run.yardsticks, now, counts, overlap)
    return Profile(line, parts, signs, latest, contact_id, found.rated_at)


def follower_counts(session: Session, author_id: int) -> list[Count]:
    """How many followers the network told with each of the latest mentions."""
    statement = (
        select(Mention.created_at, Mention.reach)
        .where(Mention.author_id == author_id, Mention.reach.is_not(None))
        .order_by(Mention.created_at.desc())
        .limit(COUNTED)
    )
    return [(at, reach) for at, reach in session.execute(statement) if reach is not None]


def shared_audience(session: Session, one: int, other: int) -> tuple[int, int, int]:
    """How many people speak in the threads of two authors: of the one, of the other, in both."""
    first, second = (set(session.scalars(_audience(author))) - {one, other} for author in (one, other))
    return len(first), len(second), len(first & second)


def closest_audience(session: Session, brand_id: int, author_id: int) -> Overlap | None:
    """The leading author whom most of this one's audience meets too, in threads that this one is not part of."""
    audience = set(session.scalars(_audience(author_id).limit(AUDIENCE))) - {author_id}
    leading = select(Influence.author_id).where(Influence.brand_id == brand_id, Influence.author_id != author_id)
    leading = leading.order_by(Influence.score.desc(), Influence.author_id).limit(LEADING)
    own, theirs = _threads(author_id), aliased(Conversation)
    statement = (
        select(theirs.author_id, func.count(Conversation.author_id.distinct()))
        .join(theirs, (theirs.thread == Conversation.thread) & (theirs.network == Conversation.network))
        .outerjoin(own, (own.c.thread == Conversation.thread) & (own.c.network == Conversation.network))
        .where(Conversation.author_id.in_(audience), theirs.author_id.in_(session.scalars(leading).all()))
        .where(theirs.author_id != Conversation.author_id, own.c.thread.is_(None))
        .group_by(theirs.author_id)
        .order_by(func.count(Conversation.author_id.distinct()).desc(), theirs.author_id)
    )
    found = session.execute(statement.limit(1)).first() if audience else None
    if found is None:
        return None
    return Overlap(session.get_one(Author, found[0]).handle, found[1], len(audience))


def _threads(author_id: int) -> Subquery:
    return (
        select(Conversation.thread, Conversation.network)
        .where(Conversation.author_id == author_id)
        .order_by(Conversation.last_at.desc())
        .limit(THREADS)
        .subquery()
    )


def _audience(author_id: int) -> Select[int]:
    threads = _threads(author_id)
    return (
        select(Conversation.author_id)
        .join(threads, (Conversation.thread == threads.c.thread) & (Conversation.network == threads.c.network))
        .distinct()
    )
