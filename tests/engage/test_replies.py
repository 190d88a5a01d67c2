from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import InvalidInputError
from engage import replies
from engage.tables import User
from listener.tables import Mention
from tests.conftest import FakeClock
from tests.flow import BOB, NOON, flow, hear, post
from tests.replying import begin, write


@pytest.fixture
def clock(clock: FakeClock) -> FakeClock:
    clock.now = NOON + timedelta(hours=1)
    return clock


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox.jsonl"


@pytest.fixture
def gwen(database: Database, outbox: Path) -> User:
    return begin(database, outbox)


# --- what may be sent --------------------------------------------------------------------------------------------


def check(database: Database, text: str = "hello") -> replies.ReplyCheck:
    with database.read() as session:
        return replies.check(session, 1, text)


def test_the_rules_are_those_of_the_network_shown(database: Database, gwen: User) -> None:
    found = check(database, "see https://example.org/a-very-long-address-that-counts-as-23")
    assert found.can_reply and (found.label, found.max_length, found.length) == ("X", 280, 27)


def test_x_takes_no_answer_to_who_did_not_address_us(database: Database, gwen: User) -> None:
    with database.write() as session:
        session.scalars(select(Mention)).one().addressed = False
    found = check(database)
    assert not found.can_reply and found.reason
    with pytest.raises(InvalidInputError):
        write(database, gwen)


def test_a_network_that_cannot_be_answered_says_so(database: Database, gwen: User) -> None:
    with database.write() as session:
        session.scalars(select(Mention)).one().network = "hackernews"
    assert "can only be read" in check(database).reason


def test_without_an_account_nothing_can_be_sent(database: Database, gwen: User) -> None:
    with database.write() as session:
        session.scalars(select(Mention)).one().source_id = None
    assert "No X account is connected" in check(database).reason


def test_a_removed_post_is_not_answered(database: Database, gwen: User) -> None:
    with database.write() as session:
        session.scalars(select(Mention)).one().deleted_at = NOON
    assert "removed" in check(database).reason


def test_the_latest_mention_of_the_author_is_answered(database: Database, gwen: User) -> None:
    hear(database, post("2", in_reply_to="1", minute=1, addressed=True), source_id=1)
    hear(database, post("3", author=BOB, in_reply_to="1", minute=2, addressed=True), source_id=1)
    flow(database)
    reply = write(database, gwen)
    with database.read() as session:
        assert session.get_one(Mention, reply.mention_id).external_id == "2"


def test_empty_and_too_long_replies_are_refused(database: Database, gwen: User) -> None:
    with pytest.raises(InvalidInputError, match="empty"):
        write(database, gwen, "   ")
    with pytest.raises(InvalidInputError, match=r"X takes 280\. Shorten it by 20"):
        write(database, gwen, "x" * 300)
