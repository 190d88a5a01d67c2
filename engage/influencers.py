"""Who matters for a brand: the ranked list, one author with every part of the score and the evidence, two compared.

Only reads. What is shown as words is made here, so that page, comparison and export say the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from config.errors import NotFoundError
from engage import search
from engage.influence_tables import Influence, InfluenceRun, Size, of_brand
from engage.tables import Conversation, Identity
from listener.tables import Author, Mention

PAGE_SIZE = 50
WEEKS = 12
WEEK = timedelta(days=7)
LATEST = 5
THREADS = 500
"""Of so many of an author's latest threads the audience is compared."""
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
    """Which authors: None, "" and False leave a question open."""

    brand_id: int
    network: str = ""
    language: str = ""
    stance: Stance | None = None
    size: Size | None = None
    topic: str = ""
    """Words that one of the author's mentions has."""
    rising: bool = False
    clean: bool = False
    """Only where the evidence casts little doubt."""


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
class Part:
    """A part of the score: how full it is (0–1), what it adds, and why."""

    name: str
    label: str
    value: float
    points: float
    most: float
    """The points of a full part."""
    words: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sign for or against an account being what it seems; a person judges."""

    label: str
    words: str
    striking: bool = False


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
    if wanted.clean:
        conditions.append(Influence.credit >= CLEAN)
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
    return Profile(line, parts, evidence(found, author, run.yardsticks, now), latest, contact_id, found.rated_at)


def shared_audience(session: Session, one: int, other: int) -> tuple[int, int, int]:
    """How many people speak in the threads of two authors: of the one, of the other, in both."""
    first, second = (set(session.scalars(_audience(author))) - {one, other} for author in (one, other))
    return len(first), len(second), len(first & second)


def _audience(author_id: int) -> Select[int]:
    threads = (
        select(Conversation.thread, Conversation.network)
        .where(Conversation.author_id == author_id)
        .order_by(Conversation.last_at.desc())
        .limit(THREADS)
        .subquery()
    )
    return (
        select(Conversation.author_id)
        .join(threads, (Conversation.thread == threads.c.thread) & (Conversation.network == threads.c.network))
        .distinct()
    )


# --- in words ----------------------------------------------------------------------------------------------------

LABELS = {
    "reach": "Reach",
    "engagement": "Engagement",
    "resonance": "Resonance",
    "relevance": "Relevance",
    "recency": "Recency",
    "position": "Position",
}
CLAIMS = ("reach", "engagement", "resonance")


def explained(
    found: Influence, author: Author, yardsticks: Mapping[str, Any], brand: str, now: datetime
) -> list[Part]:
    """The parts of a score; their points add up to it."""
    weights: Mapping[str, float] = yardsticks["weights"]
    whole = sum(weights.values())
    words = {
        "reach": _reach_words(found, author),
        "engagement": _engagement_words(found),
        "resonance": f"Mentions of {brand} were shared {found.shares:,} times and answered {found.replies:,} times",
        "relevance": f"{found.about:,} of {_count(found.mentions, 'mention')} {'is' if found.about == 1 else 'are'} "
        f"about {brand}",
        "recency": f"Last heard {_ago(found.last_at, now)}",
        "position": _position_words(found),
    }
    parts = []
    for name, label in LABELS.items():
        most = 100 * weights.get(name, 0) / whole
        value = getattr(found, name)
        points = most * value * (found.credit if name in CLAIMS else 1)
        parts.append(Part(name, label, value, points, most, words[name]))
    return parts


def _engagement_words(found: Influence) -> str:
    peers = "those of its size" if found.followers is not None else "the others"
    more = _percent(min(found.engagement, 0.99))
    return f"{_number(_rate(found))} reactions to a mention on average, more than {more} of {peers} there"


def _reach_words(found: Influence, author: Author) -> str:
    if found.followers is not None:
        return f"{_count(found.followers, 'follower')}"
    return "This network counts no followers; measured by the reactions received, against others there"


def _position_words(found: Influence) -> str:
    if not found.audience:
        return "Nobody that we heard answered or named them"
    who = f"{_count(found.audience, 'other')} answered or named them"
    return f"{who}; {_number(found.standing)} times the standing of somebody to whom nobody turns"


def evidence(found: Influence, author: Author, yardsticks: Mapping[str, Any], now: datetime) -> list[Evidence]:
    """What speaks for or against the figures being real, each in a sentence."""
    return [
        _reactions(found, yardsticks),
        Evidence("Bursts", f"{_percent(found.burst)} of the mentions fell into one hour", found.burst >= 0.5),
        Evidence(
            "Copied text",
            f"{_percent(found.copied)} of the mentions say word for word what other accounts say"
            if found.copied
            else "Nothing that other accounts say word for word",
            found.copied >= 0.3,
        ),
        _answerers(found),
        _age(author, now),
        _jump(found, now),
    ]


def _reactions(found: Influence, yardsticks: Mapping[str, Any]) -> Evidence:
    words = f"{_number(_rate(found))} reactions to a mention"
    peers = yardsticks.get("rates", {})
    grid = peers.get(f"{found.network}/{found.size.name.lower()}") or peers.get(found.network)
    if grid:
        words += f"; half of its peers get fewer than {_number(grid[len(grid) // 2])}"
    if found.followers:
        words += f". That is {_percent(_rate(found) / found.followers, 2)} of its followers"
    few = found.size >= Size.MICRO and found.engagement < 0.05
    return Evidence("Reactions against followers", words, few)


def _answerers(found: Influence) -> Evidence:
    if not found.audience:
        return Evidence("Who answers", "Nobody that we heard")
    real = min(round(found.independent), found.audience)
    words = (
        f"{real:,} of {_count(found.audience, 'account')} that turn to it look like people independent of one another"
    )
    return Evidence("Who answers", words, found.audience >= 5 and found.independent < found.audience / 2)


def _age(author: Author, now: datetime) -> Evidence:
    if author.joined_at is None:
        return Evidence("Account age", f"The network does not tell; first heard {_ago(author.first_heard_at, now)}")
    days = (now - author.joined_at).days
    return Evidence("Account age", f"Made {_ago(author.joined_at, now)}", days < 60)


def _jump(found: Influence, now: datetime) -> Evidence:
    then, today = found.followers_then, found.followers
    if not then or today is None or found.then_at >= found.rated_at:
        return Evidence("Follower jumps", "No earlier count to compare with")
    striking = today >= 2 * then and today - then >= 1000
    return Evidence("Follower jumps", f"{then:,} followers {_ago(found.then_at, now)}, {today:,} now", striking)


def _rate(found: Influence) -> float:
    return (found.likes + found.shares + found.replies) / max(found.mentions, 1)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f}\u00a0%"


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def _ago(moment: datetime, now: datetime) -> str:
    days = max((now - moment).days, 0)
    if days < 1:
        return "today"
    if days < 60:
        return f"{_count(days, 'day')} ago"
    return f"{_count(days // 30, 'month')} ago" if days < 730 else f"{days // 365:,} years ago"
