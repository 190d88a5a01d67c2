"""An answer to all: approved before anything leaves, paced, varied, nobody twice, and it can be stopped."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import ConflictError, InvalidInputError, NotAllowedError
from engage.storms import answers, reads
from engage.storms.answers import NAME
from engage.storms.gather import gather_waiting
from engage.storms.tables import AnswerState, StormAnswer
from engage.tables import Conversation, Reply, ReplyState, Role, Status, User
from listener.tables import Brand, Mention
from tests.conftest import FakeClock
from tests.engage.storms.test_gather import CALL
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_source, make_user

TEXTS = [f"Hello {NAME}, this is not true: we sell nothing.", "Your address stays with us, we promise."]


class World:
    """A storm of `size` on a network that takes replies."""

    def __init__(self, database: Database, clock: FakeClock, size: int = 7) -> None:
        self.database, self.clock = database, clock
        with database.write() as session:
            self.agent = make_user(session)
            self.manager = make_user(session, "Bo Lind", role=Role.MANAGER)
            brand = make_brand(session)
            source = make_source(session, brand, network="replay")
            for number in range(size):
                author = make_author(session, f"p{number}", network="replay")
                one = make_conversation(session, brand, author, excerpt=CALL, first_at=START, last_at=START)
                make_mention(session, one, CALL, source_id=source.id)
            gather_waiting(session, clock)
            self.storm_id = session.scalars(select(Conversation.storm_id).limit(1)).one() or 0

    def write(self, texts: list[str] | None = None, by: User | None = None) -> int:
        with self.database.write() as session:
            texts = TEXTS if texts is None else texts
            return answers.write(session, self.storm_id, texts, 30, by=by or self.agent, now=self.clock()).id

    def approve(self, answer_id: int) -> None:
        with self.database.write() as session:
            answers.approve(session, answer_id, by=self.manager, now=self.clock())

    def step(self) -> int:
        with self.database.write() as session:
            return answers.answer_waiting(session, self.clock)

    def replies(self) -> list[Reply]:
        with self.database.read() as session:
            return list(session.scalars(select(Reply).order_by(Reply.id)))

    def state(self, answer_id: int) -> AnswerState:
        with self.database.read() as session:
            return session.get_one(StormAnswer, answer_id).state


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    return World(database, clock)


def test_nothing_leaves_before_somebody_approves(world: World) -> None:
    answer_id = world.write()
    assert world.step() == 0
    assert world.replies() == []
    with pytest.raises(NotAllowedError), world.database.write() as session:
        answers.approve(session, answer_id, by=world.agent, now=world.clock())
    world.approve(answer_id)
    while world.step():
        pass
    assert len(world.replies()) == 7
    assert world.state(answer_id) is AnswerState.DONE


def test_replies_are_paced_and_take_turns(world: World) -> None:
    world.approve(world.write())
    world.step()
    replies = world.replies()
    assert replies[0].text == "Hello P0, this is not true: we sell nothing."
    assert {reply.text for reply in replies[1::2]} == {TEXTS[1]}
    moments = [reply.not_before for reply in replies]
    assert None not in moments
    gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(moments)]  # type: ignore[operator]
    assert all(0.7 * 30 <= gap <= 1.3 * 30 for gap in gaps)
    assert len(set(gaps)) > 3, "not like a clock"
    assert all(reply.user_id == world.agent.id and reply.approved_by_id == world.manager.id for reply in replies)


def test_who_was_answered_already_or_came_later_gets_nothing(world: World) -> None:
    answer_id = world.write()
    with world.database.write() as session:
        session.get_one(Conversation, 1).answered_at = START
        session.get_one(Conversation, 2).status = Status.CLOSED
    world.approve(answer_id)
    with world.database.write() as session:
        late = make_author(session, "late", network="replay")
        make_conversation(session, session.get_one(Brand, 1), late, storm_id=world.storm_id)
    world.step()
    assert sorted(reply.conversation_id for reply in world.replies()) == [3, 4, 5, 6, 7]


def test_it_can_be_stopped(world: World) -> None:
    answer_id = world.write()
    world.approve(answer_id)
    world.step()
    with world.database.write() as session:
        session.get_one(StormAnswer, answer_id).state = AnswerState.SENDING
        left, *_ = session.scalars(select(Reply).order_by(Reply.id)).all()
        left.state = ReplyState.SENT
    with world.database.write() as session:
        answers.stop(session, answer_id, by=world.agent, now=world.clock())
    assert world.step() == 0
    states = [reply.state for reply in world.replies()]
    assert states == [ReplyState.SENT, *[ReplyState.REJECTED] * 6]
    with world.database.read() as session:
        progress = reads.opened(session, world.storm_id, START + timedelta(hours=1)).progress
    assert progress is not None
    assert (progress.answer.state, progress.writer) == (AnswerState.STOPPED, "Ada Moss")
    assert progress.replies == {ReplyState.SENT: 1, ReplyState.REJECTED: 6}


def test_a_crash_between_two_steps_answers_nobody_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "AT_ONCE", 2)
    world.approve(world.write())
    world.step()
    with pytest.raises(RuntimeError), world.database.write() as session:
        answers.answer_waiting(session, world.clock)
        raise RuntimeError
    while world.step():
        pass
    assert [reply.conversation_id for reply in world.replies()] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("texts", "says"),
    [([], "empty"), (["  "], "empty"), (["One for all"], "second wording"), (["x" * 5001, "y"], "At most")],
)
def test_what_cannot_be_taken_is_said(world: World, texts: list[str], says: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        world.write(texts)
    assert says in f"{raised.value.message} {raised.value.remedy}"


def test_one_answer_at_a_time(world: World) -> None:
    answer_id = world.write()
    with pytest.raises(ConflictError):
        world.write()
    with world.database.write() as session:
        answers.reject(session, answer_id, "too long", by=world.manager, now=world.clock())
    assert world.write() != answer_id
    with pytest.raises(ConflictError):
        world.approve(answer_id)


def test_what_cannot_be_answered_is_counted(world: World) -> None:
    answer_id = world.write()
    with world.database.write() as session:
        for mention in session.scalars(select(Mention).where(Mention.conversation_id.in_([3, 4]))):
            mention.deleted_at = START
    world.approve(answer_id)
    world.step()
    with world.database.read() as session:
        answer = session.get_one(StormAnswer, answer_id)
        assert (answer.handed_in, answer.left_out) == (5, 2)
