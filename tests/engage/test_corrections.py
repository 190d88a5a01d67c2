from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from engage import inbox
from engage.corrections import correct, look
from engage.tables import Activity, Conversation, Team, User
from listener.tables import Mention
from nlp.reading import Intent, Question, Sentiment
from nlp.tables import Correction, ReadingRow
from tests.flow import BOB, NOON, add_brand, add_user, flow, post

LATER = NOON + timedelta(hours=1)
Correct = Callable[..., None]


@pytest.fixture
def gwen(database: Database) -> User:
    with database.write() as session:
        add_brand(session)
        return add_user(session)


@pytest.fixture
def say(database: Database, gwen: User) -> Correct:
    """Gwen reads the first mention otherwise; a mention by Ada that was read as a neutral question waits for her."""
    flow(database, post("1"))

    def say(question: Question, answer: str, seen: str, mention_id: int = 1, conversation_id: int = 1) -> None:
        with database.write() as session:
            correct(session, conversation_id, mention_id, question, answer, seen=seen, by=gwen, now=LATER)

    return say


def conversation(database: Database) -> Conversation:
    with database.read() as session:
        return session.get_one(Conversation, 1)


def history(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Activity.text).order_by(Activity.id)))


def test_lists_and_filters_show_it_at_once_and_nothing_is_routed(database: Database, say: Correct) -> None:
    before = conversation(database)
    say(Question.INTENT, "complaint", "question")
    say(Question.SENTIMENT, "negative", "neutral")
    say(Question.URGENCY, "high", "normal")
    after = conversation(database)
    assert (after.intent, after.sentiment, after.urgency) == (Intent.COMPLAINT, Sentiment.NEGATIVE, 1.0)
    assert (after.team, after.priority, after.status, after.version, after.hand_routed) == (
        before.team, before.priority, before.status, before.version, before.hand_routed,
    )  # fmt: skip
    assert after.changed_at == LATER
    with database.read() as session:
        assert [line.id for line in inbox.lines(session, inbox.Wanted(intent=Intent.COMPLAINT)).lines] == [1]
        assert not inbox.lines(session, inbox.Wanted(intent=Intent.QUESTION)).lines


def test_each_correction_leaves_a_trace(database: Database, say: Correct) -> None:
    say(Question.INTENT, "complaint", "question")
    say(Question.INTENT, "question", "complaint")
    say(Question.URGENCY, "high", "normal")
    say(Question.URGENCY, "high", "high")
    assert history(database) == [
        "Read as complaint (was question)",
        "Read as question again (was complaint)",
        "Read as high urgency (was normal)",
    ]


def test_only_its_authors_latest_mention_shows_in_the_list(database: Database, say: Correct) -> None:
    flow(database, post("2", in_reply_to="1", minute=3))
    flow(database, post("3", in_reply_to="1", minute=4, author=BOB))
    for mention_id in (1, 3):
        say(Question.INTENT, "complaint", "question", mention_id)
    assert conversation(database).intent is Intent.QUESTION
    say(Question.INTENT, "praise", "question", mention_id=2)
    assert conversation(database).intent is Intent.PRAISE


def test_who_was_slower_overwrites_nothing(database: Database, say: Correct) -> None:
    say(Question.INTENT, "complaint", "question")
    with pytest.raises(ConflictError, match="it is read as complaint now"):
        say(Question.INTENT, "praise", "question")
    assert conversation(database).intent is Intent.COMPLAINT
    assert len(history(database)) == 1


@pytest.mark.parametrize(("mention_id", "conversation_id"), [(1, 2), (9, 1), (2, 1), (1, 9)])
def test_a_mention_is_corrected_in_its_own_conversation_only(
    database: Database, say: Correct, mention_id: int, conversation_id: int
) -> None:
    flow(database, post("2", author=BOB))
    with pytest.raises(NotFoundError):
        say(Question.INTENT, "complaint", "question", mention_id, conversation_id)
    with database.read() as session, pytest.raises(NotFoundError):
        look(session, conversation_id, mention_id)


def test_a_removed_post_has_nothing_to_correct(database: Database, say: Correct) -> None:
    with database.write() as session:
        session.get_one(Mention, 1).deleted_at = NOON
    with pytest.raises(NotFoundError, match="removed this post"):
        say(Question.INTENT, "complaint", "question")


def test_an_unknown_answer_is_refused(say: Correct) -> None:
    with pytest.raises(InvalidInputError, match="'gossip' is no intent"):
        say(Question.INTENT, "gossip", "question")


def test_who_is_switched_off_corrects_nothing(database: Database, say: Correct, gwen: User) -> None:
    gwen.active = False
    with pytest.raises(NotAllowedError):
        say(Question.INTENT, "complaint", "question")
    assert history(database) == []


def test_a_look_tells_who_corrected_what(database: Database, say: Correct) -> None:
    say(Question.INTENT, "complaint", "question")
    with database.read() as session:
        looked = look(session, 1, 1)
    assert (looked.mention.id, looked.reading.intent) == (1, Intent.COMPLAINT)
    assert list(looked.corrected) == [Question.INTENT]
    found = looked.corrected[Question.INTENT]
    assert (found.by, found.correction.was, found.correction.at) == ("Gwen", "question", LATER)


def test_a_colleagues_change_of_team_does_not_stand_in_the_way(database: Database, say: Correct) -> None:
    with database.write() as session:
        row = session.get_one(Conversation, 1)
        row.team, row.version = Team.MARKETING, row.version + 1
    say(Question.INTENT, "complaint", "question")
    with database.read() as session:
        assert session.get_one(ReadingRow, 1).intent is Intent.COMPLAINT
        assert session.scalars(select(Correction.now)).all() == ["complaint"]
