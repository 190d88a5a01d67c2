"""Which answers helped, and which are offered again."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.database import Database
from engage.answers import outcome
from engage.answers.outcome import score
from engage.answers.similar import Similar, adapted, similar
from engage.answers.tables import AnsweredWell
from engage.tables import Conversation, Reply, ReplyState, User
from listener.tables import Brand
from nlp.meaning import as_bytes
from nlp.reading import Sentiment
from nlp.tables import ReadingRow
from tests.conftest import FakeClock
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_source, make_user

EAST, NORTH = (1.0, 0.0, 0.0, 0.1), (0.0, 1.0, 0.1, 0.0)


@pytest.fixture
def agent(database: Database) -> User:
    with database.write() as session:
        make_source(session, make_brand(session), secrets_sealed=b"x")
        return make_user(session)


def talk(database: Database, handle: str, text: str, meaning: tuple[float, ...] = (), **values: Any) -> int:
    with database.write() as session:
        author = make_author(session, handle, name=f"{handle.capitalize()} Olm")
        conversation = make_conversation(session, session.get_one(Brand, 1), author, **values)
        mention = make_mention(session, conversation, text)
        if meaning:
            reading = session.get_one(ReadingRow, mention.id)
            (reading.meaning,) = as_bytes(np.array([meaning], np.float32))
        return conversation.id


def answer(database: Database, agent: User, number: int, text: str, state: ReplyState = ReplyState.SENT) -> None:
    with database.write() as session:
        at = START + timedelta(hours=1)
        session.add(
            Reply(
                conversation_id=number,
                mention_id=number,
                source_id=1,
                network="mastodon",
                text=text,
                state=state,
                key=f"k{number}",
                user_id=agent.id,
                created_at=at,
                sent_at=at,
            )
        )


def judge(database: Database, clock: FakeClock) -> int:
    with database.write() as session:
        return outcome.judge_waiting(session, clock)


def found(database: Database, number: int) -> list[Similar]:
    with database.read() as session:
        return similar(session, number)


def later(clock: FakeClock) -> FakeClock:
    clock.now = START + timedelta(days=4)
    return clock


def test_the_nearest_in_meaning_is_offered_with_its_answer(database: Database, agent: User, clock: FakeClock) -> None:
    talk(database, "bea", "Where is my parcel?", EAST)
    talk(database, "cem", "The app crashes", NORTH)
    open_one = talk(database, "dan", "my delivery has not come", EAST)
    answer(database, agent, 1, "Hi Bea, @bea, it comes tomorrow. Mail bea@mail.example")
    answer(database, agent, 2, "Please update the app.")
    assert judge(database, later(clock)) == 2
    (one,) = found(database, open_one)
    assert (one.mention, one.conversation_id, one.happier) == ("Where is my parcel?", 1, False)
    assert one.adapted == "Hi Dan, @dan, it comes tomorrow. Mail {{fill.in}}"


def test_without_a_direction_shared_words_decide(database: Database, agent: User, clock: FakeClock) -> None:
    talk(database, "bea", "Where is my parcel from Monday?")
    open_one = talk(database, "dan", "Where is my parcel?")
    other = talk(database, "eva", "Great kettle!")
    answer(database, agent, 1, "It comes tomorrow.")
    judge(database, later(clock))
    assert [one.answer for one in found(database, open_one)] == ["It comes tomorrow."]
    assert found(database, other) == []


def test_an_answer_is_judged_once_and_only_after_its_days(database: Database, agent: User, clock: FakeClock) -> None:
    talk(database, "bea", "Where is my parcel?", EAST)
    talk(database, "cem", "Where is it?", EAST)
    answer(database, agent, 1, "Soon.")
    answer(database, agent, 2, "Not sent.", ReplyState.FAILED)
    clock.now = START + timedelta(days=3)
    assert judge(database, clock) == 0
    assert judge(database, later(clock)) == 1
    assert judge(database, clock) == 0


@pytest.mark.parametrize(("came_back", "offered"), [("negative", 0), ("neutral", 1), ("positive", 1)])
def test_who_came_back_unhappy_was_not_helped(
    database: Database, agent: User, clock: FakeClock, came_back: str, offered: int
) -> None:
    talk(database, "bea", "Where is my parcel?", EAST)
    answer(database, agent, 1, "Soon.")
    with database.write() as session:
        after = make_mention(session, session.get_one(Conversation, 1), "again", number=120)
        session.get_one(ReadingRow, after.id).sentiment = Sentiment(came_back)
    judge(database, later(clock))
    open_one = talk(database, "dan", "my delivery", EAST)
    assert [one.happier for one in found(database, open_one)] == [True] * offered


def test_directions_of_another_engine_are_not_compared(database: Database, agent: User, clock: FakeClock) -> None:
    talk(database, "bea", "Where is my parcel?", EAST)
    answer(database, agent, 1, "Soon.")
    judge(database, later(clock))
    open_one = talk(database, "dan", "my delivery", EAST)
    with database.write() as session:
        session.get_one(AnsweredWell, 1).model = "another/1"
    assert found(database, open_one) == []


def test_moods() -> None:
    negative, neutral, positive = Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE
    assert score(negative, []) == 1
    assert score(negative, [neutral]) > 1
    assert score(positive, [positive]) > 1
    assert score(neutral, [positive, negative]) == 0


@given(st.text(max_size=100), st.text(max_size=20), st.text(max_size=20))
def test_any_names_can_be_changed(text: str, old: str, new: str) -> None:
    assert isinstance(adapted(text, (old, old), (new, new)), str)


def test_a_name_within_a_word_or_a_gap_is_left_alone() -> None:
    told = adapted("Hi Al, also {{Al.x}} @al", ("Al Olm", "al"), ("xx77", "xx77"))
    assert told == "Hi {{contact.first_name}}, also {{Al.x}} @xx77"
