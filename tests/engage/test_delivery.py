from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from config.database import Database
from config.errors import InvalidInputError
from config.secrets import Vault
from config.settings import Settings
from engage import delivery, replies
from engage.channel import ChannelError, NotFound, Sent, Unknowable
from engage.delivery import CALL_LASTS, MOST_ATTEMPTS
from engage.tables import Reply, ReplyState, Status, User
from listener.tables import Mention
from tests.conftest import FakeClock
from tests.flow import ADA, NOON, add_source
from tests.replying import Claim, begin, conversation, lines, record, stored, write
from tests.replying import claim as claim_next


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


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return Vault.in_folder(settings.data)


@pytest.fixture
def claim(database: Database, vault: Vault, clock: FakeClock) -> Claim:
    return partial(claim_next, database, vault, clock)


def test_a_sent_reply_leaves_the_conversation_waiting_for_them(
    database: Database, gwen: User, claim: Claim, clock: FakeClock, outbox: Path
) -> None:
    write(database, gwen)
    claimed = claim()
    assert claimed is not None and stored(database).state is ReplyState.SENDING
    assert claim() is None, "nobody else takes it meanwhile"
    reply = record(database, claimed, delivery.send(claimed), clock)
    assert reply.state is ReplyState.SENT and reply.external_id == lines(outbox)[0]["external_id"]
    assert conversation(database).status is Status.PENDING and conversation(database).answered_at == clock()


def test_after_a_crash_it_is_looked_for_before_it_is_sent_again(
    database: Database, gwen: User, claim: Claim, clock: FakeClock, outbox: Path
) -> None:
    write(database, gwen)
    first = claim()
    assert first is not None
    delivery.send(first)  # … and the process dies here, before it could write that down
    assert claim() is None, "it may still be under way"
    clock.advance(seconds=CALL_LASTS.total_seconds() + 1)
    second = claim()
    assert second is not None and second.recovering
    assert record(database, second, delivery.send(second), clock).state is ReplyState.SENT
    assert len(lines(outbox)) == 1


def test_a_crash_before_the_call_sends_it_once(
    database: Database, gwen: User, claim: Claim, clock: FakeClock, outbox: Path
) -> None:
    write(database, gwen)
    claim()
    clock.advance(minutes=5)
    again = claim()
    assert again is not None
    record(database, again, delivery.send(again), clock)
    assert len(lines(outbox)) == 1


def test_who_was_overtaken_writes_nothing_down(
    database: Database, gwen: User, claim: Claim, clock: FakeClock
) -> None:
    write(database, gwen)
    slow = claim()
    clock.advance(minutes=5)
    quick = claim()
    record(database, quick, Sent("real"), clock)
    assert record(database, slow, ChannelError("late", code="timeout"), clock).external_id == "real"


def test_where_the_network_cannot_tell_a_person_is_asked(
    database: Database, gwen: User, claim: Claim, clock: FakeClock
) -> None:
    reply = write(database, gwen)
    record(database, claim(), Unknowable("no search here"), clock)
    assert stored(database).state is ReplyState.UNSURE
    with database.write() as session:
        replies.settle(session, reply.id, True, by=gwen, now=NOON)
    assert stored(database).state is ReplyState.SENT


def test_a_person_who_did_not_find_it_sends_it_again_without_another_look(
    database: Database, gwen: User, claim: Claim, clock: FakeClock
) -> None:
    reply = write(database, gwen)
    record(database, claim(), Unknowable("no search here"), clock)
    with database.write() as session:
        replies.settle(session, reply.id, False, by=gwen, now=NOON)
    again = claim()
    assert again is not None and not again.recovering


def test_a_passing_error_waits_and_a_permanent_one_fails_with_its_remedy(
    database: Database, gwen: User, claim: Claim, clock: FakeClock
) -> None:
    reply = write(database, gwen)
    waiting = record(database, claim(), ChannelError("slow", code="rate_limited", retry_after=60), clock)
    assert waiting.state is ReplyState.APPROVED and claim() is None
    clock.advance(seconds=61)
    again = claim()
    assert again is not None and not again.recovering, "the network said no: there is nothing to look for"
    refused = ChannelError("forbidden", code="http_403", permanent=True, remedy="Give the app the right to write.")
    failed = record(database, again, refused, clock)
    assert (failed.state, failed.remedy) == (ReplyState.FAILED, "Give the app the right to write.")
    assert conversation(database).unread
    with database.write() as session:
        replies.retry(session, reply.id, by=gwen, now=NOON)
    assert claim() is not None


def test_a_failed_reply_whose_source_is_gone_needs_another_one(
    database: Database, gwen: User, claim: Claim, clock: FakeClock, outbox: Path
) -> None:
    reply = write(database, gwen)
    record(database, claim(), ChannelError("forbidden", code="http_403", permanent=True), clock)
    with database.write() as session:
        session.get_one(Mention, reply.mention_id).source_id = None
        session.get_one(Reply, reply.id).source_id = None
    with pytest.raises(InvalidInputError, match="removed"), database.write() as session:
        replies.retry(session, reply.id, by=gwen, now=NOON)
    with database.write() as session:
        session.get_one(Mention, reply.mention_id).source_id = add_source(session, 1, options={"outbox": str(outbox)})
    with database.write() as session:
        replies.retry(session, reply.id, by=gwen, now=NOON)
    assert claim() is not None


def test_an_uncertain_error_is_looked_into_until_a_person_must(
    database: Database, gwen: User, claim: Claim, clock: FakeClock
) -> None:
    write(database, gwen)
    lost = ChannelError("no answer", code="timeout", uncertain=True)
    for _ in range(MOST_ATTEMPTS - 1):
        assert record(database, claim(), lost, clock).state is ReplyState.SENDING
        assert claim() is None
        clock.advance(minutes=2)
    last = claim()
    assert last is not None and last.recovering
    assert record(database, last, lost, clock).state is ReplyState.UNSURE


def test_a_network_that_stays_down_ends_in_failed(
    database: Database, gwen: User, claim: Claim, clock: FakeClock
) -> None:
    write(database, gwen)
    for _ in range(MOST_ATTEMPTS):
        reply = record(database, claim(), ChannelError("down", code="http_500"), clock)
        clock.advance(hours=2)
    assert reply.state is ReplyState.FAILED


def test_not_found_is_never_an_outcome_of_sending(database: Database, gwen: User, claim: Claim) -> None:
    write(database, gwen)
    claimed = claim()
    assert claimed is not None and not isinstance(delivery.send(claimed), NotFound)
    assert claimed.target.author.handle == ADA.handle
