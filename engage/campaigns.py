"""Hashtags and campaigns: how much is said under each, how it feels, and what changed when one appeared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from config.database import insert_rows
from config.errors import InvalidInputError
from engage import analytics
from engage.analytics import Point, Read, Slice, felt, tally
from engage.analytics_tables import Campaign, TagCount
from engage.permissions import Action, require
from engage.tables import DayCount, User
from nlp.tags import LONGEST, Tag, TagKind

MOST = 15
"""So many of the tags of a kind are shown."""
AROUND = 14
"""Days before and after a tag's first day, at most."""
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A tag, and how mentions with it feel."""

    tag: Tag
    now: Read
    before: Read


def lines(session: Session, chosen: Slice, kind: TagKind) -> list[Line]:
    """The tags of a kind that most mentions carry, with the period before."""
    line = tally(session, TagCount, chosen)
    size = func.sum(line.mentions)
    most = select(line.name).where(line.kind == kind).group_by(line.name).order_by(size.desc(), line.name).limit(MOST)
    names = list(session.scalars(most))
    now, before = (_felt(session, each, kind, names) for each in (chosen, chosen.before))
    return [Line(Tag(kind, name), now[name], before.get(name, {})) for name in names]


def _felt(session: Session, chosen: Slice, kind: TagKind, names: Sequence[str]) -> dict[str, Read]:
    line = tally(session, TagCount, chosen)
    return felt(session, line, line.name, line.kind == kind, line.name.in_(names))


@dataclass(frozen=True, slots=True)
class Effect:
    """What a brand heard in the days before and after a tag was first used, with the tag and without."""

    tag: Tag
    before: Slice
    after: Slice
    line: Sequence[Point]
    """Every day of both."""
    tagged: Mapping[date, int]
    """Mentions with the tag, by day."""
    heard_before: Read
    heard_after: Read
    heard_with: Read
    """Of those after, with the tag."""


def effect(session: Session, chosen: Slice, tag: Tag) -> Effect | None:
    """The same number of days before and after; None where the brand never heard the tag."""
    mine = (TagCount.brand_id == chosen.brand_id, TagCount.kind == tag.kind, TagCount.name == tag.name)
    first = session.scalar(select(func.min(TagCount.day)).where(*mine))
    if first is None:
        return None
    heard_until = select(func.max(DayCount.day)).where(DayCount.brand_id == chosen.brand_id)
    last = min(first + timedelta(days=AROUND - 1), session.scalar(heard_until) or first)
    after = replace(chosen, first=first, last=last)
    both = replace(after, first=after.before.first)
    line = tally(session, TagCount, after)
    is_it = (line.kind == tag.kind, line.name == tag.name)
    days = select(line.day, func.sum(line.mentions)).where(*is_it).group_by(line.day)
    return Effect(
        tag,
        after.before,
        after,
        analytics.trend(session, both),
        {day: int(size) for day, size in session.execute(days)},
        analytics.mix(session, after.before).read("sentiment"),
        analytics.mix(session, after).read("sentiment"),
        felt(session, line, line.name, *is_it).get(tag.name, {}),
    )


# --- names -------------------------------------------------------------------------------------------------------


def names(session: Session, brand_id: int) -> dict[Tag, str]:
    """What people call the tags of a brand."""
    rows = session.scalars(select(Campaign).where(Campaign.brand_id == brand_id).order_by(Campaign.name))
    return {Tag(row.kind, row.tag): row.name for row in rows}


def call(session: Session, brand_id: int, tag: Tag, name: str, *, by: User) -> None:
    """Give a tag a name; an empty one takes it away. Raises InvalidInputError."""
    require(by, Action.NAME_CAMPAIGNS)
    tidy = " ".join(name.split())
    if len(tidy) > LONGEST_NAME:
        raise InvalidInputError("The name is too long.", f"Use at most {LONGEST_NAME} characters.", field="name")
    is_it = (Campaign.brand_id == brand_id, Campaign.kind == tag.kind, Campaign.tag == tag.name)
    session.execute(delete(Campaign).where(*is_it))
    if tidy:
        insert_rows(session, Campaign, [{"brand_id": brand_id, "kind": tag.kind, "tag": tag.name, "name": tidy}])


def parse(code: str) -> Tag | None:
    """A tag as an address has it, `hashtag:ride2work`; None where it is none."""
    kind, _, name = code.partition(":")
    known = kind in list(TagKind) and 0 < len(name) <= LONGEST
    return Tag(TagKind(kind), name) if known else None


def code(tag: Tag) -> str:
    """The inverse of `parse`."""
    return f"{tag.kind}:{tag.name}"
