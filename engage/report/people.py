"""Who a report names: people whose word carries far and who are new, or get more attention than before."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from engage.analytics import Slice
from engage.influence_tables import Influence, InfluenceRun
from engage.influencer_words import explained
from engage.influencers import RISING, Stance, stance_of
from engage.report import words
from engage.report.content import Person
from engage.rollups import counted, start_of
from listener.tables import AlsoHeard, Author, Mention

LOOKED_AT = 200
"""So many authors, the most important first, are looked through."""
MOST = 4
"""New ones, and as many rising ones."""
LEAST_SCORE = 20
REASONS = 2
SEVERAL = 3
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """A person, and where they stand towards the brand."""

    person: Person
    stance: Stance


def people(session: Session, chosen: Slice, brand: str, language: str, now: datetime) -> list[Known]:
    """New ones, then rising ones, the most important first."""
    run = session.get(InfluenceRun, chosen.brand_id)
    if run is None:
        return []
    start, end = start_of(chosen.first, chosen.days_in), start_of(chosen.last + DAY, chosen.days_in)
    rows = session.execute(
        select(Influence, Author)
        .join(Author, Author.id == Influence.author_id)
        .where(Influence.brand_id == chosen.brand_id, Influence.last_at >= start, Influence.score >= LEAST_SCORE)
        .order_by(Influence.score.desc(), Influence.author_id)
        .limit(LOOKED_AT)
    ).all()
    spoke = _spoke(session, chosen.brand_id, [author.id for _, author in rows], start, end)
    known = [
        _known(found, author, spoke[author.id], run.yardsticks, brand, language, now)
        for found, author in rows
        if spoke.get(author.id, (0, False))[0]
    ]
    rising = {found.author_id for found, _ in rows if found.rising > RISING}
    new = [one for one in known if one.person.is_new]
    old = [one for one in known if not one.person.is_new and one.person.author_id in rising]
    return new[:MOST] + old[:MOST]


def _spoke(
    session: Session, brand_id: int, authors: Sequence[int], start: datetime, end: datetime
) -> dict[int, tuple[int, bool]]:
    """How many mentions of the brand each author made in this time, and whether there was none before."""
    also = exists().where(AlsoHeard.mention_id == Mention.id, AlsoHeard.brand_id == brand_id)
    within = func.count().filter(Mention.created_at >= start)
    rows = session.execute(
        select(Mention.author_id, within, func.min(Mention.created_at))
        .where(Mention.author_id.in_(authors), Mention.created_at < end, counted())
        .where(or_(Mention.brand_id + 0 == brand_id, also))
        .group_by(Mention.author_id)
    )
    return {author: (size, first >= start) for author, size, first in rows}


def _known(
    found: Influence,
    author: Author,
    spoke: tuple[int, bool],
    yardsticks: Mapping[str, Any],
    brand: str,
    language: str,
    now: datetime,
) -> Known:
    size, is_new = spoke
    parts = sorted(explained(found, author, yardsticks, brand, now), key=lambda part: -part.points)
    reasons = [_reason(part.name, found, brand, language) for part in parts]
    told = [reason for reason in reasons if reason][:REASONS]
    if not is_new and found.rising > RISING:
        grown = words.percent(language, math.expm1(found.rising))
        told = [words.say(language, "why_rising", share=grown), *told]
    person = Person(
        author.id,
        author.name or f"@{author.handle}",
        author.network,
        round(found.score),
        author.followers,
        size,
        is_new,
        words.sentence("; ".join(told)),
    )
    return Known(person, stance_of(found.stance))


def _reason(part: str, found: Influence, brand: str, language: str) -> str:
    """A part of the score as words; empty where it says nothing that the line does not show anyway."""
    if part == "engagement":
        rate = (found.likes + found.shares + found.replies) / max(found.mentions, 1)
        shown = words.number(language, rate, 0 if rate >= 10 else 1)
        return words.say(language, "why_engagement", rate=shown) if rate >= 1 else ""
    if part == "resonance" and found.shares + found.replies:
        counts = (("why_shared", found.shares), ("why_answered", found.replies))
        told = [words.say(language, key, number=words.number(language, size)) for key, size in counts if size > 1]
        return words.listed(language, told)
    if part == "relevance" and found.mentions >= SEVERAL:
        mentions = words.count(language, "mentions", found.mentions)
        about = words.number(language, found.about)
        return words.say(language, "why_relevance", about=about, mentions=mentions, brand=brand)
    if part == "position" and found.audience:
        return words.say(language, "why_position", people=words.count(language, "people", found.audience))
    return ""
