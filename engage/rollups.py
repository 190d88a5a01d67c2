"""Counts by day, from which analytics answers without looking at the mentions.

What is counted: routed mentions that were not deleted, each for every brand that heard it, on the UTC day it was
posted. Triggers (config/migrations/versions/0007_rollups.py) note each brand's day that any change touches, in the
transaction of that change; `roll_waiting` makes the counts of those days anew, `rebuild` those of all. Both run the
same statements, so that they agree; so does `counted_now`, for questions that the kept counts cannot answer.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    JSON,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    column,
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
from nlp.naming import MARKS, NONE
from nlp.reading import Sentiment
from nlp.tables import ReadingRow
from nlp.tags import tags_of

AT_ONCE = 64
"""So many brands' days are made anew in one transaction."""
TEXTS = 20_000
"""So many texts are looked into for tags at a time."""
COUNTED_AT_ONCE = 20_000
ROOM = "128MB"
"""For PostgreSQL to count in without its disk; what it has by default is meant for a page."""
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
        _count(session, _lines(_is_sqlite(session), heard).subquery("line"))
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
    if not _is_sqlite(session):
        session.execute(select(func.set_config("work_mem", ROOM, true())))
    session.execute(delete(DirtyDay))
    session.execute(delete(MentionTag))
    for table in COUNTS:
        session.execute(delete(table))
    _tag(session, true())
    with _without_indexes(session):
        for brand_id, first, last in _spans(session):
            with _written_down(session, heard_by(brand_id, first, last)) as lines:
                _count(session, lines)
    return session.scalar(select(func.coalesce(func.sum(DayCount.mentions), 0))) or 0


@contextmanager
def _without_indexes(session: Session) -> Iterator[None]:
    """Make the further indexes of the counts at the end, which is quicker; PostgreSQL would keep readers out."""
    connection = session.connection()
    tables: Iterator[Any] = (table.__table__ for table in COUNTS if _is_sqlite(session))
    indexes = [index for table in tables for index in table.indexes]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


@contextmanager
def _written_down(session: Session, heard: FromClause) -> Iterator[FromClause]:
    """The lines of these mentions in a table of their own, so that each table of counts need not look for them."""
    made = _lines(_is_sqlite(session), heard).into("counted_line", temporary=True)
    session.execute(made)
    yield made.table
    made.table.drop(session.connection())


def _spans(session: Session) -> Iterator[tuple[int, date, date]]:
    """Each brand's days; on SQLite in pieces of about COUNTED_AT_ONCE mentions, so that sorting is quick."""
    of_brand = (func.count(Mention.id), func.min(Mention.created_at), func.max(Mention.created_at))
    own = [select(each).where(Mention.brand_id == Brand.id).scalar_subquery() for each in of_brand]
    brands = session.execute(select(Brand.id, *own)).all()
    heard = [brand for brand in brands if brand[1]]
    if not heard:
        return
    start, end = min(first for *_, first, _ in heard).date(), max(last for *_, last in heard).date()
    days = (end - start).days + 1
    for brand_id, size, *_ in brands:
        at_once = COUNTED_AT_ONCE if _is_sqlite(session) else max(size, 1)
        step = max(1, days * at_once // max(size, at_once))
        for shift in range(0, days, step):
            first = start + timedelta(days=shift)
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
    columns = (Mention.id.label("mention_id"), *HEARD)
    own = select(Mention.brand_id, *columns).where(Mention.brand_id == brand_id, posted)
    also = (
        select(AlsoHeard.brand_id, *columns)
        .join(Mention, Mention.id == AlsoHeard.mention_id)
        .where(AlsoHeard.brand_id == brand_id, Mention.brand_id != brand_id, posted)
    )
    return union_all(own, also).subquery("heard")


HEARD = (Mention.created_at, Mention.network, Mention.reach, Mention.stage, Mention.deleted_at)
"""What counting asks of a mention."""


def counted(mention: Any = Mention) -> ColumnElement[bool]:
    """Of the mentions, those that are counted."""
    return and_(mention.stage == Stage.ROUTED, mention.deleted_at.is_(None))


def counted_now(session: Session, table: type[Any], heard: FromClause) -> AnySelect:
    """What a table of counts would hold if only these mentions had been heard."""
    is_sqlite = _is_sqlite(session)
    return COUNTS[table](is_sqlite, _lines(is_sqlite, heard).subquery("line"))


def _lines(is_sqlite: bool, heard: FromClause) -> AnySelect:
    """A line for each of these mentions that is counted, with all that any count asks for."""
    of = heard.c
    moment = (day_of(is_sqlite, of.created_at), hour_of(is_sqlite, of.created_at))
    read = [getattr(ReadingRow, name) for name in ("language", "sentiment", "intent", "model", "voices", "places")]
    return (
        select(of.brand_id, of.mention_id, *moment, of.network, of.reach, *read)
        .join_from(heard, ReadingRow, ReadingRow.mention_id == of.mention_id)
        .where(counted(of))
    )


def _count(session: Session, lines: FromClause) -> None:
    for table, counts in COUNTS.items():
        _fill(session, table, counts(_is_sqlite(session), lines))


SIZE = func.count().label("mentions")


def _by_day(_: bool, lines: FromClause) -> AnySelect:
    keys = _columns(lines, "brand_id", "day", "network", "language", "sentiment", "intent", "model")
    reach = cast(func.coalesce(func.sum(lines.c.reach), 0), DayCount.reach.type).label("reach")
    return select(*keys, SIZE, reach).group_by(*keys)


def _by_hour(_: bool, lines: FromClause) -> AnySelect:
    keys = _columns(lines, "brand_id", "day", "hour", "network", "language")
    return select(*keys, SIZE).group_by(*keys)


def _by_voice(is_sqlite: bool, lines: FromClause) -> AnySelect:
    said = _each(is_sqlite, lines, "voices", "marked")
    voice, sentiment = _voice_in(said.c.marked, said.c.sentiment)
    kept = _columns(said, "brand_id", "day", "network", "language", "model", "mentions")
    felt = select(*kept, voice.label("voice"), sentiment.label("sentiment")).subquery("felt")
    return _summed(felt, "brand_id", "day", "network", "language", "voice", "sentiment", "model")


def _by_place(is_sqlite: bool, lines: FromClause) -> AnySelect:
    named = _each(is_sqlite, lines, "places", "place")
    return _summed(named, "brand_id", "day", "network", "language", "place", "sentiment", "model")


def _by_tag(_: bool, lines: FromClause) -> AnySelect:
    felt = _columns(lines, "sentiment", "model")
    keys = (*_columns(lines, "brand_id", "day", "network", "language"), MentionTag.kind, MentionTag.name, *felt)
    carrying = select(*keys, SIZE).join_from(lines, MentionTag, MentionTag.mention_id == lines.c.mention_id)
    return carrying.group_by(*keys)


def _each(is_sqlite: bool, lines: FromClause, names: str, one: str) -> FromClause:
    """The mentions that name the same, taken together; of them a line for each of their names, as `one`."""
    keys = _columns(lines, "brand_id", "day", "network", "language", "sentiment", "model", names)
    alike = select(*keys, SIZE).where(lines.c[names] != NONE).group_by(*keys).subquery("alike")
    item = _items(is_sqlite, alike.c[names])
    return select(alike, item.c.value.label(one)).join_from(alike, item, true()).subquery("named")


def _summed(counts: FromClause, *names: str) -> AnySelect:
    keys = _columns(counts, *names)
    return select(*keys, cast(func.sum(counts.c.mentions), Integer).label("mentions")).group_by(*keys)


def _columns(lines: FromClause, *names: str) -> tuple[ColumnElement[Any], ...]:
    return tuple(lines.c[name] for name in names)


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
    """In the order of the table's key, in which PostgreSQL fills it quicker."""
    names = [column.name for column in table.__table__.columns]
    keys = list(counts.selected_columns)[: len(table.__table__.primary_key)]
    session.execute(insert(table).from_select(names, counts.order_by(*keys), include_defaults=False))


# --- parts of a moment, and names in a reading --------------------------------------------------------------------


def day_of(is_sqlite: bool, moment: Any = Mention.created_at) -> ColumnElement[Any]:
    """The UTC day of a moment; on which a mention was posted, unless another is asked for."""
    if is_sqlite:
        return type_coerce(func.substr(type_coerce(moment, String), 1, 10), Date).label("day")
    return cast(func.timezone("UTC", moment), Date).label("day")


def hour_of(is_sqlite: bool, moment: Any = Mention.created_at) -> ColumnElement[int]:
    """The hour of its UTC day, 0–23."""
    if is_sqlite:
        return cast(func.substr(type_coerce(moment, String), 12, 2), Integer).label("hour")
    return cast(func.extract("hour", func.timezone("UTC", moment)), Integer).label("hour")


def weekday_of(is_sqlite: bool) -> ColumnElement[int]:
    """The UTC weekday, Monday 0."""
    if is_sqlite:
        sunday_first = cast(func.strftime("%w", type_coerce(Mention.created_at, String)), Integer)
    else:
        sunday_first = cast(func.extract("dow", func.timezone("UTC", Mention.created_at)), Integer)
    return (sunday_first + 6) % 7


def naming_voice(is_sqlite: bool, voice: str, stance: Sentiment | None = None) -> ColumnElement[bool]:
    """Readings that found this voice: a competitor, or us (""); if given, with this sentiment towards it."""
    item = _items(is_sqlite, ReadingRow.voices)
    name, felt = _voice_in(item.c.value, ReadingRow.sentiment)
    wanted = name == voice if stance is None else and_(name == voice, felt == stance.value)
    return select(literal(1)).select_from(item).where(wanted).correlate(ReadingRow).exists()


def naming_place(is_sqlite: bool, place: str) -> ColumnElement[bool]:
    """Readings that found this place."""
    item = _items(is_sqlite, ReadingRow.places)
    return select(literal(1)).select_from(item).where(item.c.value == place).correlate(ReadingRow).exists()


def _voice_in(item: ColumnElement[str], own: Any) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """Who is named, and the sentiment towards them in a mention with such a sentiment (nlp/naming.py)."""
    place = case({sentiment.value: place for place, sentiment in enumerate(Sentiment, 1)}, value=own)
    felt = case({mark: sentiment.value for sentiment, mark in MARKS.items()}, value=func.substr(item, place, 1))
    return func.substr(item, len(MARKS) + 1), felt


def _items(is_sqlite: bool, names: Any) -> Any:
    """A line for each text in a list in JSON."""
    each = func.json_each(names) if is_sqlite else func.json_array_elements_text(cast(names, JSON))
    return each.table_valued(column("value", String), name="item")


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def brands_counted(session: Session) -> int:
    """How many brands there are: without any, there is nothing to show."""
    return session.scalar(select(func.count()).select_from(Brand)) or 0
