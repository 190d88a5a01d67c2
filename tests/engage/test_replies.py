import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from config.secrets import Vault
from config.settings import Settings
from engage import replies
from engage.channel import ChannelError, Found, NotFound, Sent, Unknowable
from engage.replies import CALL_LASTS, MOST_ATTEMPTS, Delivery
from engage.tables import Conversation, Reply, ReplyState, Role, Status, User
from listener.tables import Mention
from tests.conftest import FakeClock
from tests.flow import ADA, BOB, NOON, add_brand, add_source, add_user, flow, hear, post


@pytest.fixture
def clock(clock: FakeClock) -> FakeClock:
    clock.now = NOON + timedelta(hours=1)
    return clock


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox.jsonl"


@pytest.fixture
def gwen(database: Database, outbox: Path) -> User:
    """An agent, and a conversation on X that the replay source heard."""
    with database.write() as session:
        add_source(session, add_brand(session), options={"path": "unused", "outbox": str(outbox)})
        user = add_user(session)
    hear(database, post("1", addressed=True), source_id=1)
    flow(database)
    return user


@pytest.fixture
def boss(database: Database, gwen: User) -> User:
    with database.write() as session:
        return add_user(session, "Boss", Role.MANAGER)


def write(database: Database, by: User, text: str = "We are on it.", approval_required: bool = False) -> Reply:
    with database.write() as session:
        return replies.write(session, 1, text, by=by, now=NOON, approval_required=approval_required)


def stored(database: Database) -> Reply:
    with database.read() as session:
        return session.scalars(select(Reply)).one()


def conversation(database: Database) -> Conversation:
    with database.read() as session:
        return session.scalars(select(Conversation).limit(1)).one()


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


# --- approval ----------------------------------------------------------------------------------------------------


def test_an_agents_reply_waits_for_a_manager(database: Database, gwen: User, boss: User) -> None:
    draft = write(database, gwen, approval_required=True)
    assert draft.state is ReplyState.DRAFT
    with pytest.raises(NotAllowedError), database.write() as session:
        replies.approve(session, draft.id, by=gwen, now=NOON)
    with database.write() as session:
        replies.approve(session, draft.id, by=boss, now=NOON)
    assert (stored(database).state, stored(database).approved_by_id) == (ReplyState.APPROVED, boss.id)
    with pytest.raises(ConflictError), database.write() as session:
        replies.approve(session, draft.id, by=boss, now=NOON)


def test_a_manager_needs_no_approval(database: Database, boss: User) -> None:
    assert write(database, boss, approval_required=True).state is ReplyState.APPROVED


def test_a_draft_is_rejected_by_a_manager_or_withdrawn_by_its_writer(database: Database, gwen: User) -> None:
    draft = write(database, gwen, approval_required=True)
    with database.write() as session:
        other = add_user(session, "Other")
    with pytest.raises(NotAllowedError), database.write() as session:
        replies.reject(session, draft.id, "", by=other, now=NOON)
    with database.write() as session:
        replies.reject(session, draft.id, "better by phone", by=gwen, now=NOON)
    assert stored(database).state is ReplyState.REJECTED


def test_an_unknown_reply_is_not_found(database: Database, boss: User) -> None:
    with pytest.raises(NotFoundError), database.write() as session:
        replies.approve(session, 999, by=boss, now=NOON)


# --- delivering --------------------------------------------------------------------------------------------------


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return Vault.in_folder(settings.data)


@pytest.fixture
def claim(database: Database, vault: Vault, clock: FakeClock) -> Callable[[], Delivery | None]:
    def claim() -> Delivery | None:
        with database.write() as session:
            return replies.claim_next(session, vault, clock)

    return claim


Claim = Callable[[], Delivery | None]


def record(database: Database, delivery: Delivery | None, outcome: Found | ChannelError, clock: FakeClock) -> Reply:
    assert delivery is not None
    with database.write() as session:
        replies.record_outcome(session, delivery, outcome, clock(), 0.0)
    return stored(database)


def lines(outbox: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in outbox.read_text().splitlines()] if outbox.exists() else []


def test_a_sent_reply_leaves_the_conversation_waiting_for_them(
    database: Database, gwen: User, claim: Claim, clock: FakeClock, outbox: Path
) -> None:
    write(database, gwen)
    delivery = claim()
    assert delivery is not None and stored(database).state is ReplyState.SENDING
    assert claim() is None, "nobody else takes it meanwhile"
    reply = record(database, delivery, replies.send(delivery), clock)
    assert reply.state is ReplyState.SENT and reply.external_id == lines(outbox)[0]["external_id"]
    assert conversation(database).status is Status.PENDING and conversation(database).answered_at == clock()


def test_after_a_crash_it_is_looked_for_before_it_is_sent_again(
    database: Database, gwen: User, claim: Claim, clock: FakeClock, outbox: Path
) -> None:
    write(database, gwen)
    first = claim()
    assert first is not None
    replies.send(first)  # … and the process dies here, before it could write that down
    assert claim() is None, "it may still be under way"
    clock.advance(seconds=CALL_LASTS.total_seconds() + 1)
    second = claim()
    assert second is not None and second.recovering
    assert record(database, second, replies.send(second), clock).state is ReplyState.SENT
    assert len(lines(outbox)) == 1


def test_a_crash_before_the_call_sends_it_once(
    database: Database, gwen: User, claim: Claim, clock: FakeClock, outbox: Path
) -> None:
    write(database, gwen)
    claim()
    clock.advance(minutes=5)
    again = claim()
    assert again is not None
    record(database, again, replies.send(again), clock)
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
    delivery = claim()
    assert delivery is not None and not isinstance(replies.send(delivery), NotFound)
    assert delivery.target.author.handle == ADA.handle
