from collections.abc import Iterator

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from config.database import Database
from engage.tables import User
from listener.tables import Mention
from nlp.corrections import answer_of, correct, corrected, level
from nlp.reading import Intent, Question, Sentiment, Urgency
from nlp.tables import Correction, ReadingRow
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_user


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Two mentions, both read as a negative complaint with an urgency of 0.4, and somebody to correct them."""
    with database.write() as session:
        conversation = make_conversation(session, make_brand(session), make_author(session))
        for number in (1, 2):
            make_mention(session, conversation, number=number)
        make_user(session)
        yield session


def put_right(session: Session, question: Question, answer: str, mention_id: int = 1) -> bool:
    user_id = session.scalars(select(User.id)).one()
    return correct(session, reading(session, mention_id), question, answer, user_id=user_id, now=START)


def reading(session: Session, mention_id: int = 1) -> ReadingRow:
    return session.get_one(ReadingRow, mention_id)


def kept(session: Session) -> list[tuple[str, str, float, str, str]]:
    return [(row.question, row.was, row.sure, row.now, row.model) for row in session.scalars(select(Correction))]


@pytest.mark.parametrize(
    ("number", "word"),
    [(0, Urgency.LOW), (0.14, Urgency.LOW), (0.15, Urgency.NORMAL), (0.49, Urgency.NORMAL), (0.5, Urgency.HIGH)],
)
def test_a_number_has_a_word(number: float, word: Urgency) -> None:
    assert level(number) is word


def test_a_persons_answer_stands_at_once_and_is_remembered(session: Session) -> None:
    assert not put_right(session, Question.INTENT, "praise")
    assert not put_right(session, Question.SENTIMENT, "positive")
    assert not put_right(session, Question.URGENCY, "high")
    found = reading(session)
    assert (found.intent, found.sentiment, found.urgency) == (Intent.PRAISE, Sentiment.POSITIVE, 1.0)
    assert answer_of(found, Question.URGENCY) == "high"
    assert sorted(kept(session)) == [
        ("intent", "complaint", 0.9, "praise", "vader-rules/1"),
        ("sentiment", "negative", 0.8, "positive", "vader-rules/1"),
        ("urgency", "normal", 0.4, "high", "vader-rules/1"),
    ]


def test_correcting_again_replaces_and_the_models_word_stays_known(session: Session) -> None:
    put_right(session, Question.INTENT, "praise")
    assert not put_right(session, Question.INTENT, "other")
    put_right(session, Question.URGENCY, "high")
    put_right(session, Question.URGENCY, "low")
    assert sorted(kept(session)) == [
        ("intent", "complaint", 0.9, "other", "vader-rules/1"),
        ("urgency", "normal", 0.4, "low", "vader-rules/1"),
    ]


@pytest.mark.parametrize(
    ("question", "wrong", "right"),
    [
        (Question.SENTIMENT, "positive", "negative"),
        (Question.INTENT, "praise", "complaint"),
        (Question.URGENCY, "high", "normal"),
    ],
)
def test_the_models_own_word_withdraws_a_correction(
    session: Session, question: Question, wrong: str, right: str
) -> None:
    before = getattr(reading(session), question)
    put_right(session, question, wrong)
    assert put_right(session, question, right)
    assert getattr(reading(session), question) == before
    assert kept(session) == []


def test_after_another_model_has_read_it_that_ones_word_withdraws(session: Session) -> None:
    put_right(session, Question.INTENT, "praise")
    again = reading(session)
    again.model, again.p_intent = "better/2", {"question": 0.7, "complaint": 0.3}
    assert put_right(session, Question.INTENT, "question")
    assert kept(session) == []


def test_no_other_word_is_taken(session: Session) -> None:
    with pytest.raises(ValueError, match="gossip"):
        put_right(session, Question.INTENT, "gossip")


def test_a_later_reading_is_told_what_people_said(session: Session) -> None:
    put_right(session, Question.INTENT, "praise")
    put_right(session, Question.URGENCY, "high")
    put_right(session, Question.SENTIMENT, "neutral", mention_id=2)
    assert corrected(session, [1, 2, 3]) == {
        1: {"intent": Intent.PRAISE, "urgency": 1.0},
        2: {"sentiment": Sentiment.NEUTRAL},
    }
    assert corrected(session, [2]) == {2: {"sentiment": Sentiment.NEUTRAL}}
    assert corrected(session, []) == {}


def test_of_a_removed_post_nothing_is_known_any_more(session: Session) -> None:
    put_right(session, Question.INTENT, "praise")
    session.get_one(Mention, 1).deleted_at = START
    session.flush()
    assert corrected(session, [1]) == {}


def test_what_is_erased_takes_its_corrections_along(session: Session) -> None:
    put_right(session, Question.INTENT, "praise")
    session.execute(delete(ReadingRow).where(ReadingRow.mention_id == 1))
    session.execute(delete(Mention).where(Mention.id == 1))
    assert session.scalar(select(func.count()).select_from(Correction)) == 0
