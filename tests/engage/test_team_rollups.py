"""What is kept of each day's conversations is what a full recount finds, whatever happened in between."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from config.database import Database
from engage import conversations, linking, team_rollups
from engage.analytics import Slice
from engage.tables import Activity, ActivityKind, Conversation, Reply, ReplyState, Status, User
from engage.team_tables import BegunCount, ClosedCount, DirtyTeamDay
from listener.tables import Brand, Mention
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_user

Lines = list[tuple[Any, ...]]
Dice = Callable[[int], int]
DONE = (
    (ActivityKind.STATUS, conversations.CLOSED),
    (ActivityKind.STATUS, conversations.CLOSED),
    (ActivityKind.STATUS, "Opened"),
    (ActivityKind.REOPENED, linking.REOPENED),
    (ActivityKind.NOTE, conversations.CLOSED),
)
WHOLE = (START.date() - timedelta(days=9), START.date() + timedelta(days=99))


def prepared(session: Session) -> None:
    """Two brands, an agent, and two conversations of each brand."""
    make_user(session)
    for name in ("Norvik", "Other"):
        brand = make_brand(session, name)
        for number in range(2):
            author = make_author(session, f"{name}{number}")
            make_conversation(session, brand, author, first_at=START + timedelta(hours=20 * number))


def stored(session: Session) -> dict[str, Lines]:
    """What the tables say."""
    return {
        table.__tablename__: sorted(tuple(row) for row in session.execute(select(*table.__table__.columns)))
        for table in (BegunCount, ClosedCount)
    }


def counted_now(session: Session) -> dict[str, Lines]:
    """What they would hold, were all counted in one piece."""
    found: dict[str, Lines] = {}
    for table, lines in team_rollups.TABLES.items():
        names = [column.name for column in table.__table__.columns]
        brands = session.scalars(select(Brand.id))
        rows = [line for brand_id in brands for line in lines(session, Slice(brand_id, *WHOLE))]
        found[table.__tablename__] = sorted(tuple(line[name] for name in names) for line in rows)
    return found


def roll_all(session: Session) -> None:
    """Until nothing is waiting."""
    while team_rollups.roll_waiting(session, limit=2):
        pass


def one_of(session: Session, dice: Dice, table: Any) -> Any:
    found = session.scalars(select(table).order_by(table.id)).all()
    return found[dice(len(found))] if found else None


def moment(dice: Dice) -> Any:
    return START + timedelta(hours=dice(80), minutes=59 * dice(2))


def hear(session: Session, dice: Dice) -> None:
    """A mention, by the conversation's author or somebody else."""
    conversation = one_of(session, dice, Conversation)
    number = (session.scalar(select(func.max(Mention.id))) or 0) + 1
    author_id = (conversation.author_id, one_of(session, dice, Conversation).author_id)[dice(2)]
    mention = make_mention(session, conversation, number=number, created_at=moment(dice), author_id=author_id)
    reading = session.get_one(ReadingRow, mention.id)
    reading.sentiment, reading.intent = list(Sentiment)[dice(3)], list(Intent)[dice(7)]
    conversation.mention_count += 1


def answer(session: Session, dice: Dice) -> None:
    """A reply to some mention, sent or on its way."""
    mention = one_of(session, dice, Mention)
    if mention is None:
        return
    conversation = session.get_one(Conversation, mention.conversation_id)
    at = moment(dice)
    sent = dice(3) > 0
    reply = Reply(
        conversation_id=conversation.id,
        mention_id=mention.id,
        network=conversation.network,
        text="Thank you.",
        state=ReplyState.SENT if sent else ReplyState.APPROVED,
        key=str(1 + (session.scalar(select(func.max(Reply.id))) or 0)),
        user_id=(None, one_of(session, dice, User).id)[dice(2)],
        created_at=at,
        sent_at=at if sent else None,
    )
    session.add(reply)
    if sent and dice(4):
        conversation.answered_at = max(conversation.answered_at or at, at)


def act(session: Session, dice: Dice) -> None:
    """Somebody closes, opens or notes something, or a mention opens it again."""
    conversation = one_of(session, dice, Conversation)
    kind, text = DONE[dice(len(DONE))]
    session.add(Activity(conversation_id=conversation.id, kind=kind, text=text, at=moment(dice)))
    if text == conversations.CLOSED and kind is ActivityKind.STATUS:
        conversation.status = Status.CLOSED


def change_conversation(session: Session, dice: Dice) -> None:
    conversation = one_of(session, dice, Conversation)
    match dice(8):
        case 0:
            conversation.status, conversation.noise = Status.CLOSED, not conversation.noise
        case 1:
            conversation.status = list(Status)[dice(4)]
        case 2:
            conversation.language = ("en", "de")[dice(2)]
        case 3:
            conversation.intent = list(Intent)[dice(7)]
        case 4:
            conversation.first_at = moment(dice)
        case 5:
            conversation.brand_id = one_of(session, dice, Brand).id
        case 6:
            conversation.answered_at = (None, START)[dice(2)]
        case 7:
            conversation.network = ("mastodon", "x")[dice(2)]


def change_rest(session: Session, dice: Dice) -> None:
    """Something in a conversation changes, moves to another, or goes."""
    table = (Mention, Reply, Activity)[dice(3)]
    row = one_of(session, dice, table)
    if row is None:
        return
    match (table, dice(4)):
        case (_, 0):
            row.conversation_id = one_of(session, dice, Conversation).id
        case (kind, 1) if kind is Mention:
            reading = session.get(ReadingRow, row.id)
            if reading:
                reading.sentiment, reading.intent = list(Sentiment)[dice(3)], list(Intent)[dice(7)]
        case (kind, 2) if kind is Mention:
            row.deleted_at = (None, START)[dice(2)]
        case (kind, 3) if kind is Mention:
            row.created_at = moment(dice)
        case (kind, 1) if kind is Reply:
            row.state, row.sent_at = ReplyState.SENT, moment(dice)
        case (kind, 2) if kind is Reply:
            row.state = ReplyState.FAILED
        case (kind, 1) if kind is Activity:
            row.at = moment(dice)
        case (kind, 2 | 3) if kind in {Reply, Activity}:
            session.execute(delete(kind).where(kind.id == row.id))


def drop_mention(session: Session, dice: Dice) -> None:
    """A mention that is not answered goes, with its reading."""
    mention = one_of(session, dice, Mention)
    if mention is None or session.scalar(select(Reply.id).where(Reply.mention_id == mention.id).limit(1)):
        return
    session.execute(delete(ReadingRow).where(ReadingRow.mention_id == mention.id))
    session.execute(delete(Mention).where(Mention.id == mention.id))


STEPS = (hear, hear, answer, answer, act, act, change_conversation, change_rest, drop_mention)


@settings(max_examples=25)
@given(steps=st.lists(st.sampled_from([*STEPS, roll_all]), max_size=20), data=st.data())
def check(database: Database, steps: list[Any], data: st.DataObject) -> None:
    def dice(sides: int) -> int:
        return data.draw(st.integers(0, sides - 1))

    with database.write() as session:
        prepared(session)
        for step in steps:
            step(session) if step is roll_all else step(session, dice)
            session.flush()
            session.expire_all()
        roll_all(session)
        wanted = counted_now(session)
        assert stored(session) == wanted
        team_rollups.rebuild(session)
        assert stored(session) == wanted
        assert not team_rollups.waiting(session)
        session.rollback()


def test_kept_lines_are_those_of_a_recount(database: Database) -> None:
    check(database)


def test_a_day_that_changes_is_noted_and_others_are_left(database: Database) -> None:
    with database.write() as session:
        prepared(session)
        roll_all(session)
    with database.write() as session:
        session.get_one(Conversation, 1).excerpt = "Other words."
        session.get_one(Conversation, 2).status = Status.OPEN
    with database.read() as session:
        assert not team_rollups.waiting(session)
    with database.write() as session:
        session.get_one(Conversation, 1).status = Status.CLOSED
        session.add(
            Activity(
                conversation_id=1, kind=ActivityKind.STATUS, text=conversations.CLOSED, at=START + timedelta(days=4)
            )
        )
    with database.read() as session:
        noted = set(session.execute(select(DirtyTeamDay.brand_id, DirtyTeamDay.day)))
        assert noted == {(1, START.date()), (1, START.date() + timedelta(days=4))}


def test_closings_are_counted_once_in_days_that_hold_several(database: Database) -> None:
    with database.write() as session:
        prepared(session)
        for day in (0, 0, 3, 9):
            at = START + timedelta(days=day)
            session.add(Activity(conversation_id=1, kind=ActivityKind.STATUS, text=conversations.CLOSED, at=at))
        session.flush()
        roll_all(session)
        days = team_rollups.closed_days(session, Slice(1, *WHOLE))
        first = START.date()
        assert {((row.day - first).days, row.conversations) for row in days} == {(0, 1), (3, 1), (9, 1)}
        assert sum(row.again_on > first + timedelta(days=5) for row in days if (row.day - first).days <= 5) == 1


def test_nothing_is_rebuilt_of_nothing(database: Database) -> None:
    with database.write() as session:
        team_rollups.rebuild(session)
        assert not stored(session)["rollup_begun"]
