from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from config.database import Database
from config.errors import ConflictError, NotAllowedError
from config.secrets import Vault
from config.settings import Settings
from engage import delivery, undo
from engage.channel import ChannelError
from engage.tables import Reply, ReplyState, Role, User
from tests.conftest import FakeClock
from tests.flow import NOON, add_user
from tests.replying import Claim, begin, lines, record, stored, write
from tests.replying import claim as claim_next


@pytest.fixture
def clock(clock: FakeClock) -> FakeClock:
    clock.now = NOON
    return clock


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox.jsonl"


@pytest.fixture
def gwen(database: Database, outbox: Path) -> User:
    return begin(database, outbox)


@pytest.fixture
def claim(database: Database, settings: Settings, clock: FakeClock) -> Claim:
    return partial(claim_next, database, Vault.in_folder(settings.data), clock)


def pull_back(database: Database, reply: Reply, by: User) -> Reply:
    with database.write() as session:
        return undo.pull_back(session, reply.id, by=by, now=NOON)


def test_a_reply_waits_before_it_is_sent(database: Database, gwen: User, claim: Claim, clock: FakeClock) -> None:
    assert write(database, gwen, undo_s=10).not_before == NOON + timedelta(seconds=10)
    clock.advance(seconds=9)
    assert claim() is None
    clock.advance(seconds=1)
    assert claim() is not None


def test_what_is_pulled_back_is_never_sent(
    database: Database, gwen: User, claim: Claim, clock: FakeClock, outbox: Path
) -> None:
    assert pull_back(database, write(database, gwen, undo_s=10), gwen).state is ReplyState.PULLED
    clock.advance(hours=1)
    assert claim() is None and lines(outbox) == []
    again = write(database, gwen, undo_s=10)
    assert again.state is ReplyState.APPROVED, "the same words may be handed in again"


def test_who_is_too_late_is_told_so(database: Database, gwen: User, claim: Claim, clock: FakeClock) -> None:
    reply = write(database, gwen)
    claimed = claim()
    with pytest.raises(ConflictError, match="already being sent"):
        pull_back(database, reply, gwen)
    assert claimed is not None
    record(database, claimed, delivery.send(claimed), clock)
    with pytest.raises(ConflictError, match="sent already"):
        pull_back(database, reply, gwen)


def test_an_approver_sends_it_back_to_wait_for_approval(database: Database, gwen: User, claim: Claim) -> None:
    reply = write(database, gwen)
    with database.write() as session:
        boss, other = add_user(session, "Boss", Role.MANAGER), add_user(session, "Other")
    with pytest.raises(NotAllowedError):
        pull_back(database, reply, other)
    back = pull_back(database, reply, boss)
    assert (back.state, back.approved_by_id) == (ReplyState.DRAFT, None)
    assert claim() is None


def test_a_reply_that_waits_to_be_tried_again_can_be_pulled_back(
    database: Database, gwen: User, claim: Claim, clock: FakeClock
) -> None:
    reply = write(database, gwen)
    record(database, claim(), ChannelError("slow", code="rate_limited", retry_after=60), clock)
    assert pull_back(database, reply, gwen).state is ReplyState.PULLED
    assert stored(database).error_text == ""
