"""Counts by day, from which analytics answers without looking at the mentions.

What is counted: routed mentions that were not deleted, each for every brand that heard it, on the UTC day it was
posted. Triggers (config/migrations/versions/0007_rollups.py) note each brand's day that any change touches, in the
transaction of that change; `roll_waiting` makes the counts of those days anew, `rebuild` those of all. Both run the
same statements, so that they agree; so does `counted_now`, for questions that the kept counts cannot answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    Float,
    FromClause,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from config.database import insert_rows, lock_stage
from engage.analytics_tables import MentionTag, PlaceCount, TagCount
from engage.tables import DayCount, DirtyDay, HourCount, VoiceCount
from listener.tables import AlsoHeard, Brand, Mention, Stage
from nlp.reading import PLACE, Sentiment
from nlp.tables import ReadingRow
from nlp.tags import tags_of

AT_ONCE = 64
"""So many brands' days are made anew in one transaction."""
TEXTS = 20_000
"""So many texts are looked into for tags at a time."""
COUNTED_AT_ONCE = 200_000
BrandDay = tuple[int, date]
AnySelect = Select[*tuple[Any, ...]]


def roll_waiting(session: Session, limit: int = AT_ONCE) -> int:
    """Make the counts of days that changed anew; the number of days done. A stage function: nothing is committed.

    A day that changes again meanwhile is noted again, and done with the next call.
    """
    lock_stage(session, "roll")
    days = take_waiting(session, DirtyDay, limit)
    for brand_id, day in days:
        for table in COUNTS:
            session.execute(delete(table).where(table.brand_id == brand_id, table.day == day))
        heard = heard_by(brand_id, day, day)
        session.execute(delete(MentionTag).where(MentionTag.mention_id.in_(select(heard.c.mention_id))))
        _tag(session, Mention.id.in_(select(heard.c.mention_id)))
        _count(session, heard)
    return len(days)


def take_waiting(session: Session, table: type[Any], limit: int) -> list[BrandDay]:
    """The latest brands' days noted in a table; they are noted no more."""
    noted = select(table.brand_id, table.day).distinct().order_by(table.day.desc()).limit(limit)
    days: list[BrandDay] = [(brand_id, day) for brand_id, day in session.execute(noted)]
    if days:
        # Before counting: what this deletes was committed, so the counting sees the change that it stands for.
        session.execute(delete(table).where(tuple_(table.brand_id, table.day).in_(days)))
    return days


def rebuild(session: Session) -> int:
    """Make all counts anew, from nothing; the number of mentions counted, each for every brand that heard it."""
    lock_stage(session, "roll")
    session.execute(delete(DirtyDay))
    session.execute(delete(MentionTag))
    for table in COUNTS:
        session.execute(delete(table))
    _tag(session, true())
    for brand_id, first, last in _spans(session):
        _count(session, heard_by(brand_id, first, last))
    return session.scalar(select(func.coalesce(func.sum(DayCount.mentions), 0))) or 0


def _spans(session: Session) -> Iterator[tuple[int, date, date]]:
    """Each brand's days; on SQLite in pieces of about COUNTED_AT_ONCE mentions, so that they are sorted in memory."""
    start, end = session.execute(select(func.min(Mention.created_at), func.max(Mention.created_at))).one()
    if start is None:
        return
    own = select(func.count()).where(Mention.brand_id == Brand.id).scalar_subquery()
    for brand_id, size in session.execute(select(Brand.id, own)).all():
        days = (end.date() - start.date()).days + 1
        at_once = COUNTED_AT_ONCE if session.get_bind().dialect.name == "sqlite" else max(size, 1)
        step = max(1, days * at_once // max(size, at_once))
        for shift in range(0, days, step):
            first = start.date() + timedelta(days=shift)
            yield brand_id, first, first + timedelta(days=step - 1)


def waiting(session: Session) -> bool:
    """Whether any day is still to be made anew."""
    return bool(session.scalar(select(exists().where(DirtyDay.id > 0))))


# --- what is counted ---------------------------------------------------------------------------------------------


def start_of(day: date, zone: str = "UTC") -> datetime:
    """Its first moment in the zone, in UTC."""
    return datetime.combine(day, time(), UTC if zone == "UTC" else ZoneInfo(zone)).astimezone(UTC)


def heard_by(brand_id: int, first: date, last: date, *which: ColumnElement[bool], zone: str = "UTC") -> FromClause:
    """Ids of a brand's mentions on these days, as (brand_id, mention_id); deleted and unfinished ones too.

    `which`: what else holds of the mention.
    """
    return heard_between(brand_id, start_of(first, zone), start_of(last + timedelta(days=1), zone), *which)


def heard_between(brand_id: int, start: datetime, end: datetime, *which: ColumnElement[bool]) -> FromClause:
    """The same from a moment on, until just before another."""
    posted = and_(Mention.created_at >= start, Mention.created_at < end, *which)
    own = select(Mention.brand_id, Mention.id.label("mention_id")).where(Mention.brand_id == brand_id, posted)
    also = (
        select(AlsoHeard.brand_id, AlsoHeard.mention_id)
        .join(Mention, Mention.id == AlsoHeard.mention_id)
        .where(AlsoHeard.brand_id == brand_id, Mention.brand_id != brand_id, posted)
    )
    return union_all(own, also).subquery("heard")


def counted() -> ColumnElement[bool]:
    """Of the mentions, those that are counted."""
    return and_(Mention.stage == Stage.ROUTED, Mention.deleted_at.is_(None))


def _joined(columns: Sequence[Any], heard: FromClause) -> AnySelect:
    return (
        select(heard.c.brand_id, *columns)
        .join_from(heard, Mention, Mention.id == heard.c.mention_id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(counted())
    )


def counted_now(session: Session, table: type[Any], heard: FromClause) -> AnySelect:
    """What a table of counts would hold if only these mentions had been heard."""
    return COUNTS[table](session.get_bind().dialect.name == "sqlite", heard)


def _count(session: Session, heard: FromClause) -> None:
    for table in COUNTS:
        _fill(session, table, counted_now(session, table, heard))


SIZE = func.count().label("mentions")
AXES = (Mention.network, ReadingRow.language)


def _by_day(is_sqlite: bool, heard: FromClause) -> AnySelect:
    keys = (day_of(is_sqlite), *AXES, ReadingRow.sentiment, ReadingRow.intent, ReadingRow.model)
    reach = cast(func.coalesce(func.sum(func.coalesce(Mention.reach, 0)), 0), DayCount.reach.type).label("reach")
    return _joined((*keys, SIZE, reach), heard).group_by(heard.c.brand_id, *keys)


def _by_hour(is_sqlite: bool, heard: FromClause) -> AnySelect:
    keys = (day_of(is_sqlite), hour_of(is_sqlite), *AXES)
    return _joined((*keys, SIZE), heard).group_by(heard.c.brand_id, *keys)


def _by_voice(is_sqlite: bool, heard: FromClause) -> AnySelect:
    named = voices(is_sqlite, heard)
    keys = (day_of(is_sqlite), *AXES, named.c.voice, named.c.sentiment, ReadingRow.model)
    of_voices = _joined((*keys, SIZE), heard).join(named, named.c.mention_id == Mention.id)
    return of_voices.group_by(heard.c.brand_id, *keys)


def _by_place(is_sqlite: bool, heard: FromClause) -> AnySelect:
    entity, inside = _entities(is_sqlite)
    named = (
        select(heard.c.brand_id, Mention.id, *_shown(is_sqlite), inside(entity.c.value, "1").label("place"))
        .select_from(heard)
        .join(Mention, Mention.id == heard.c.mention_id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .join(entity, true())
        .where(counted(), inside(entity.c.value, "0") == PLACE)
        .distinct()
        .subquery("places")
    )
    columns = [named.c[name] for name in ("brand_id", "day", "network", "language", "place", "sentiment", "model")]
    return select(*columns, SIZE).group_by(*columns)


def _by_tag(is_sqlite: bool, heard: FromClause) -> AnySelect:
    keys = (day_of(is_sqlite), *AXES, MentionTag.kind, MentionTag.name, ReadingRow.sentiment, ReadingRow.model)
    carrying = _joined((*keys, SIZE), heard).join(MentionTag, MentionTag.mention_id == Mention.id)
    return carrying.group_by(heard.c.brand_id, *keys)


def _shown(is_sqlite: bool) -> tuple[Any, ...]:
    return (day_of(is_sqlite), *AXES, ReadingRow.sentiment, ReadingRow.model)


COUNTS: Mapping[type[Any], Callable[[bool, FromClause], AnySelect]] = {
    DayCount: _by_day,
    HourCount: _by_hour,
    VoiceCount: _by_voice,
    PlaceCount: _by_place,
    TagCount: _by_tag,
}
"""The tables of counts, and what fills them: columns in the order of the table's own."""


def _tag(session: Session, which: ColumnElement[bool]) -> None:
    """Look into the texts of these mentions for hashtags and campaigns."""
    signs = or_(*(Mention.text.like(f"%{sign}%") for sign in ("#", "＃", "utm_")))
    last = 0
    while True:
        found = select(Mention.id, Mention.text).where(which, signs, Mention.id > last).order_by(Mention.id)
        texts = session.execute(found.limit(TEXTS)).all()
        rows = [
            {"mention_id": row.id, "kind": tag.kind, "name": tag.name} for row in texts for tag in tags_of(row.text)
        ]
        insert_rows(session, MentionTag, rows)
        if len(texts) < TEXTS:
            return
        last = texts[-1].id


def _fill(session: Session, table: type[Any], counts: AnySelect) -> None:
    names = [column.name for column in table.__table__.columns]
    session.execute(insert(table).from_select(names, counts, include_defaults=False))


# --- parts of a moment, and names in a reading --------------------------------------------------------------------


def day_of(is_sqlite: bool, moment: Any = Mention.created_at) -> ColumnElement[Any]:
    """The UTC day of a moment; on which a mention was posted, unless another is asked for."""
    if is_sqlite:
        return type_coerce(func.substr(type_coerce(moment, String), 1, 10), Date).label("day")
    return cast(func.timezone("UTC", moment), Date).label("day")


def hour_of(is_sqlite: bool) -> ColumnElement[int]:
    """The hour of the UTC day, 0–23."""
    if is_sqlite:
        return cast(func.substr(type_coerce(Mention.created_at, String), 12, 2), Integer).label("hour")
    return cast(func.extract("hour", func.timezone("UTC", Mention.created_at)), Integer).label("hour")


def weekday_of(is_sqlite: bool) -> ColumnElement[int]:
    """The UTC weekday, Monday 0."""
    if is_sqlite:
        sunday_first = cast(func.strftime("%w", type_coerce(Mention.created_at, String)), Integer)
    else:
        sunday_first = cast(func.extract("dow", func.timezone("UTC", Mention.created_at)), Integer)
    return (sunday_first + 6) % 7


def voices(is_sqlite: bool, heard: FromClause) -> Subquery:
    """A line for each mention and voice in it: a competitor that is named, or us ("", the brand or a product).

    `sentiment` is that towards the voice where the engine tells, the mention's own where it does not.
    """
    named = _names(is_sqlite, heard)
    whose = (named.c.mention_id, named.c.voice)
    negative, neutral, positive = (func.avg(named.c[feeling]) for feeling in Sentiment)
    felt = case(
        (and_(negative >= neutral, negative >= positive), Sentiment.NEGATIVE.value),
        (neutral >= positive, Sentiment.NEUTRAL.value),
        else_=Sentiment.POSITIVE.value,
    )
    return select(*whose, felt.label("sentiment")).group_by(*whose).subquery("voices")


def _names(is_sqlite: bool, heard: FromClause) -> Subquery:
    """A line for each name in a mention, with the chance of each feeling towards it."""
    entity, inside = _entities(is_sqlite)
    name = inside(entity.c.value, "1")
    chances = [
        func.coalesce(
            cast(inside(ReadingRow.extra, "towards", name, feeling.value), Float),
            case((ReadingRow.sentiment == feeling, 1.0), else_=0.0),
        ).label(feeling.value)
        for feeling in Sentiment
    ]
    voice = case((inside(entity.c.value, "0") == "competitor", name), else_="").label("voice")
    return (
        select(Mention.id.label("mention_id"), voice, *chances)
        .select_from(heard)
        .join(Mention, Mention.id == heard.c.mention_id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .join(entity, true())
        .where(counted(), inside(entity.c.value, "0") != PLACE)
        .subquery("named")
    )


def _entities(is_sqlite: bool) -> tuple[Any, Callable[..., Any]]:
    """A line for each entity of a reading, and what takes the text at a path out of it."""
    each = func.json_each if is_sqlite else func.json_array_elements
    entity = each(ReadingRow.entities).table_valued("value", name="entity")
    return entity, _sqlite_inside if is_sqlite else func.json_extract_path_text


def naming_place(is_sqlite: bool, place: str) -> ColumnElement[bool]:
    """Readings that found this place."""
    entity, inside = _entities(is_sqlite)
    is_it = and_(inside(entity.c.value, "0") == PLACE, inside(entity.c.value, "1") == place)
    return select(literal(1)).select_from(entity).where(is_it).correlate(ReadingRow).exists()


def _sqlite_inside(document: Any, *path: str | ColumnElement[str]) -> ColumnElement[str]:
    """What stands at a path in JSON; PostgreSQL has a function for just that."""
    first, *names = path
    if not names:
        return func.json_extract(type_coerce(document, String), f"$[{first}]", type_=String)
    address: ColumnElement[str] = literal(f"$.{first}")
    for name in names:
        address = address + literal('."') + name + literal('"')
    return func.json_extract(type_coerce(document, String), address, type_=String)


def brands_counted(session: Session) -> int:
    """How many brands there are: without any, there is nothing to show."""
    return session.scalar(select(func.count()).select_from(Brand)) or 0
