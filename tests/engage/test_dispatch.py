import pytest
from sqlalchemy import select

from config.database import Database
from engage.tables import Activity, ActivityKind, Conversation, Priority, Status, Team
from tests.flow import BOB, NOON, add_brand, conversations, flow, post


@pytest.fixture(autouse=True)
def brand(database: Database) -> None:
    with database.write() as session:
        add_brand(session)


def test_a_first_mention_routes_and_says_why(database: Database) -> None:
    flow(database, post("1"), intent="complaint", sentiment="negative")
    (only,) = conversations(database)
    assert (only.team, only.status) == (Team.SUPPORT, Status.OPEN)
    assert (only.why["rule"], only.why["facts"]) == ("Complaint", {"intent": "complaint"})


def test_promotion_is_closed_as_noise(database: Database) -> None:
    flow(database, post("1"), intent="promotion")
    (only,) = conversations(database)
    assert (only.status, only.noise) == (Status.CLOSED, True)


def test_noise_that_turns_into_a_question_comes_back(database: Database) -> None:
    flow(database, post("1"), intent="promotion")
    flow(database, post("2", "why is it broken", in_reply_to="1", minute=5), intent="question")
    (only,) = conversations(database)
    assert (only.status, only.noise, only.team) == (Status.OPEN, False, Team.SUPPORT)


def test_thanks_does_not_move_a_conversation_to_another_team(database: Database) -> None:
    flow(database, post("1"), intent="complaint")
    flow(database, post("2", "thanks, great help", in_reply_to="1", minute=5), intent="praise", sentiment="positive")
    (only,) = conversations(database)
    assert (only.team, only.why["rule"]) == (Team.SUPPORT, "Complaint")


def test_a_later_mention_can_only_make_it_more_pressing(database: Database) -> None:
    flow(database, post("1"), intent="question")
    flow(database, post("2", "stranded at night", in_reply_to="1", minute=5), urgency=0.95)
    flow(database, post("3", "ok", in_reply_to="2", minute=9), intent="other")
    (only,) = conversations(database)
    assert only.priority is Priority.URGENT and "urgent" in only.tags


def test_what_became_more_pressing_says_from_what_to_what(database: Database) -> None:
    flow(database, post("1"), intent="question")
    with database.read() as session:
        assert session.scalars(select(Activity)).all() == []
    for number in (2, 3):
        flow(database, post(f"{number}", "stranded at night", in_reply_to="1", minute=number), urgency=0.95)
    with database.read() as session:
        (line,) = session.scalars(select(Activity))
        assert (line.kind, line.text, line.was) == (ActivityKind.PRIORITY, "Priority: urgent", "normal")
        assert line.user_id is None


def test_what_a_person_set_stays(database: Database) -> None:
    flow(database, post("1"), intent="complaint")
    with database.write() as session:
        conversation = session.scalars(select(Conversation)).one()
        conversation.team, conversation.hand_routed = Team.MARKETING, True
    flow(database, post("2", in_reply_to="1", minute=5), urgency=0.95)
    (only,) = conversations(database)
    assert (only.team, only.priority) == (Team.MARKETING, Priority.NORMAL)


def test_a_bystander_routes_nothing(database: Database) -> None:
    flow(database, post("1"), intent="question")
    flow(database, post("2", "buy followers", author=BOB, in_reply_to="1", minute=5), intent="promotion")
    (only,) = conversations(database)
    assert (only.status, only.why["rule"]) == (Status.OPEN, "Question")


def test_an_edit_of_the_only_mention_routes_again(database: Database) -> None:
    flow(database, post("1"), intent="question")
    flow(database, post("1", "I love it", edited_at=NOON.replace(hour=13)), intent="praise", sentiment="positive")
    (only,) = conversations(database)
    assert only.team is Team.MARKETING


def test_what_a_person_called_promotion_is_noise_however_unsure_the_model_was(database: Database) -> None:
    flow(database, post("1"), intent="promotion", p_intent={"promotion": 0.3, "complaint": 0.7})
    assert conversations(database)[0].noise
    flow(database, post("2", author=BOB), intent="promotion", p_intent={"promotion": 0.6, "complaint": 0.4})
    assert not conversations(database)[1].noise
