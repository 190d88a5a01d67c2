from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import Database
from config.errors import InvalidInputError, NotAllowedError, NotFoundError
from config.secrets import Vault
from engage import brands, sources
from engage.tables import Reply, ReplyState, Role, User
from listener.connector import ConnectorError
from listener.connectors import CONNECTORS
from listener.tables import Mention, Source, SourceState
from tests.conftest import FakeClock
from tests.engage.standin import ENTRY
from tests.factories import make_author, make_brand, make_conversation, make_mention, make_source, make_user

PUBLIC = "https://93.184.216.34"
LOOPBACK = "http://127.0.0.1:8080"
PRIVATE = "https://10.0.0.7"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as session:
        yield session


@pytest.fixture(autouse=True)
def standin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONNECTORS, "standin", ENTRY)


@pytest.fixture
def vault() -> Vault:
    return Vault(Fernet.generate_key())


def person(role: Role) -> User:
    return User(name=role.value, role=role, active=True)


ADMIN, MANAGER, AGENT = (person(role) for role in (Role.ADMIN, Role.MANAGER, Role.AGENT))


def add(session: Session, vault: Vault, clock: FakeClock, **changes: Any) -> Source:
    given = {
        "options": {"base_url": PUBLIC},
        "secrets": {"token": "norvik"},
        "interval": 120,
        "by": MANAGER,
    } | changes
    brand_id = given.pop("brand_id", None) or brands.add(session, "Norvik", "norvik", (), (), clock()).id
    options, secrets, interval, by = (given.pop(name) for name in ("options", "secrets", "interval", "by"))
    network = given.pop("network", "standin")
    return sources.add(session, vault, network, brand_id, options, secrets, interval, by=by, now=clock())


# --- adding ------------------------------------------------------------------------------------------------------


def test_a_source_is_stored_sealed_with_its_defaults_and_due_at_once(
    database: Database, session: Session, vault: Vault, clock: FakeClock
) -> None:
    added = add(session, vault, clock)
    assert added.options == {"base_url": PUBLIC, "mode": "search", "insecure": "false"}
    assert (added.state, added.next_run_at, added.interval_s) == (SourceState.NEW, clock(), 120)
    assert added.secrets_sealed is not None
    assert b"norvik" not in added.secrets_sealed
    assert vault.open(added.secrets_sealed) == {"token": "norvik"}
    card = sources.card(added, clock())
    assert card.has_secrets
    assert "norvik" not in str(card).replace("Norvik", "")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"options": {}}, "base_url"),
        ({"options": {"base_url": "  "}}, "base_url"),
        ({"options": {"base_url": PUBLIC, "colour": "red"}}, "colour"),
        ({"options": {"base_url": "ftp://93.184.216.34"}}, "base_url"),
        ({"options": {"base_url": "http://93.184.216.34"}}, "base_url"),
        ({"options": {"base_url": "https://no-such-host.example"}}, "base_url"),
        ({"options": {"base_url": PRIVATE}}, "base_url"),
        ({"options": {"base_url": PUBLIC + "x" * 2000}}, "base_url"),
        ({"options": {"base_url": PUBLIC, "mode": "impossible"}}, "options"),
        ({"secrets": {}}, "token"),
        ({"secrets": {"token": "x", "key": "y"}}, "key"),
        ({"interval": 4}, "interval"),
        ({"interval": 86_401}, "interval"),
        ({"network": "nowhere"}, "network"),
    ],
)
def test_what_cannot_work_is_refused_at_its_field(
    session: Session, vault: Vault, clock: FakeClock, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        add(session, vault, clock, **changes)
    assert caught.value.field == field
    assert sources.all_sources(session) == []


def test_a_host_that_is_down_for_the_moment_is_no_reason_to_refuse(
    session: Session, vault: Vault, clock: FakeClock
) -> None:
    assert add(session, vault, clock, options={"base_url": PUBLIC, "mode": "far"}).id


@pytest.mark.parametrize(
    "options",
    [{"base_url": LOOPBACK}, {"base_url": PRIVATE, "insecure": "true"}, {"base_url": PUBLIC, "insecure": "true"}],
)
def test_only_an_admin_points_a_source_inside(
    session: Session, vault: Vault, clock: FakeClock, options: dict[str, str]
) -> None:
    with pytest.raises(NotAllowedError, match="Ask an admin"):
        add(session, vault, clock, options=options, by=MANAGER)
    assert sources.check_options("standin", options, ADMIN)["base_url"] == options["base_url"]


def test_only_an_admin_lets_hearken_read_a_file_of_the_machine() -> None:
    with pytest.raises(NotAllowedError, match="Ask an admin"):
        sources.check_options("replay", {"path": "/etc/hostname"}, MANAGER)


def test_an_agent_adds_nothing(session: Session, vault: Vault, clock: FakeClock) -> None:
    with pytest.raises(NotAllowedError, match="Ask a manager"):
        add(session, vault, clock, by=AGENT)


def test_a_source_needs_a_brand(session: Session, vault: Vault, clock: FakeClock) -> None:
    with pytest.raises(NotFoundError):
        add(session, vault, clock, brand_id=99)


# --- editing -----------------------------------------------------------------------------------------------------


def edit(session: Session, vault: Vault, clock: FakeClock, source: Source, **changes: Any) -> Source:
    given: dict[str, Any] = {"options": {"base_url": PUBLIC}, "secrets": {}, "interval": 60} | changes
    return sources.edit(
        session, vault, source.id, given["options"], given["secrets"], given["interval"], by=MANAGER, now=clock()
    )


def test_new_credentials_start_a_stopped_source_again(session: Session, vault: Vault, clock: FakeClock) -> None:
    source = add(session, vault, clock, secrets={"token": "old", "extra": "kept"})
    source.state, source.error_text, source.account_id = SourceState.STOPPED, "refused", "1"
    source.cursor = {"since": "7"}
    clock.advance(hours=1)
    edit(session, vault, clock, source, secrets={"token": "new", "extra": ""})
    assert vault.open(source.secrets_sealed) == {"token": "new", "extra": "kept"}
    assert (source.state, source.error_text, source.next_run_at) == (SourceState.NEW, "", clock())
    assert source.account_id == "", "the new credentials may be another account's"
    assert source.cursor == {"since": "7"}


def test_other_options_begin_from_the_start(session: Session, vault: Vault, clock: FakeClock) -> None:
    source = add(session, vault, clock)
    source.cursor = {"since": "7"}
    edit(session, vault, clock, source, options={"base_url": PUBLIC, "mode": "mentions"})
    assert source.cursor == {}
    assert vault.open(source.secrets_sealed) == {"token": "norvik"}


def test_stored_credentials_are_not_sent_to_a_new_address(session: Session, vault: Vault, clock: FakeClock) -> None:
    source = add(session, vault, clock, secrets={"token": "old", "extra": "kept"})
    elsewhere = {"base_url": "https://93.184.216.35"}
    with pytest.raises(InvalidInputError, match="Enter the credentials again"):
        edit(session, vault, clock, source, options=elsewhere)
    edit(session, vault, clock, source, options=elsewhere, secrets={"token": "new"})
    assert vault.open(source.secrets_sealed) == {"token": "new"}


def test_a_lost_vault_key_is_got_over_by_entering_everything_anew(
    session: Session, vault: Vault, clock: FakeClock
) -> None:
    source = add(session, Vault(Fernet.generate_key()), clock)
    edit(session, vault, clock, source, secrets={"token": "new", "extra": "too"})
    assert vault.open(source.secrets_sealed) == {"token": "new", "extra": "too"}


def test_editing_does_not_wake_a_paused_source(session: Session, vault: Vault, clock: FakeClock) -> None:
    source = add(session, vault, clock)
    sources.pause(session, source.id)
    assert edit(session, vault, clock, source).state == SourceState.PAUSED


# --- the buttons -------------------------------------------------------------------------------------------------


def test_run_now_makes_it_due_and_starts_what_had_stopped(session: Session, clock: FakeClock) -> None:
    later = clock() + timedelta(hours=1)
    source = make_source(session, make_brand(session), next_run_at=later, state=SourceState.STOPPED, error_text="x")
    sources.run_now(session, source.id, clock())
    assert (source.state, source.next_run_at, source.error_text) == (SourceState.NEW, clock(), "")


def test_run_now_is_refused_where_the_network_asked_to_wait_and_while_paused(
    session: Session, clock: FakeClock
) -> None:
    later = clock() + timedelta(hours=1)
    source = make_source(
        session, make_brand(session), next_run_at=later, state=SourceState.WAITING, error_code="rate_limited"
    )
    assert not sources.card(source, clock()).can_run_now
    with pytest.raises(InvalidInputError, match="asked us to wait"):
        sources.run_now(session, source.id, clock())
    sources.pause(session, source.id)
    with pytest.raises(InvalidInputError, match="paused"):
        sources.run_now(session, source.id, clock())


def test_pausing_takes_the_lease_from_a_run_in_hand_and_resuming_is_due_at_once(
    session: Session, clock: FakeClock
) -> None:
    source = make_source(session, make_brand(session), running_until=clock() + timedelta(minutes=5))
    sources.pause(session, source.id)
    assert (source.state, source.running_until) == (SourceState.PAUSED, None)
    clock.advance(days=1)
    sources.resume(session, source.id, clock())
    assert (source.state, source.next_run_at) == (SourceState.NEW, clock())


def test_a_removed_source_leaves_its_mentions_and_sent_replies(session: Session, clock: FakeClock) -> None:
    brand = make_brand(session)
    source = make_source(session, brand)
    conversation = make_conversation(session, brand, make_author(session))
    mention = make_mention(session, conversation, source_id=source.id)
    reply = Reply(
        conversation_id=conversation.id,
        mention_id=mention.id,
        source_id=source.id,
        network="mastodon",
        text="Hello",
        state=ReplyState.APPROVED,
        key="k",
        user_id=make_user(session).id,
        created_at=clock(),
    )
    session.add(reply)
    session.flush()
    with pytest.raises(InvalidInputError, match="1 reply is still to be sent"):
        sources.remove(session, source.id)
    reply.state = ReplyState.SENT
    session.flush()
    sources.remove(session, source.id)
    session.expire_all()
    assert session.scalars(select(Mention.source_id)).all() == [None]
    assert session.scalars(select(Reply.source_id)).all() == [None]
    with pytest.raises(NotFoundError):
        sources.get(session, source.id)


def test_check_tells_who_we_are_or_what_to_do(session: Session, vault: Vault, clock: FakeClock) -> None:
    source = add(session, vault, clock)
    health = sources.check(source, vault, clock)
    assert health.account is not None
    assert (health.account.handle, health.message, health.warnings) == (
        "norvik", "Stand-in answers.", ("It is slow today.",),
    )  # fmt: skip
    edit(session, vault, clock, source, secrets={"token": "revoked"})
    with pytest.raises(ConnectorError, match="Enter new credentials"):
        sources.check(source, vault, clock)


# --- cards -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "words", "overdue", "shows_next"),
    [
        ({"state": SourceState.NEW}, "Starts in a moment", False, True),
        ({"state": SourceState.OK, "next": 60}, "Listening", False, True),
        ({"state": SourceState.OK, "next": -60}, "Listening", False, True),
        ({"state": SourceState.OK, "next": -600}, "Overdue", True, True),
        ({"state": SourceState.OK, "next": -600, "lease": 60}, "Listening now", False, False),
        ({"state": SourceState.OK, "next": -600, "lease": -60}, "Overdue", True, True),
        ({"state": SourceState.WAITING, "next": 600}, "Waiting, then tries again", False, True),
        ({"state": SourceState.STOPPED, "next": -600}, "Stopped, needs you", False, False),
        ({"state": SourceState.PAUSED, "next": -600}, "Paused", False, False),
    ],
)
def test_a_card_says_how_the_source_is(
    session: Session, clock: FakeClock, values: dict[str, Any], words: str, overdue: bool, shows_next: bool
) -> None:
    lease = clock() + timedelta(seconds=values["lease"]) if "lease" in values else None
    next_run = clock() + timedelta(seconds=values.get("next", 0))
    source = make_source(
        session, make_brand(session), state=values["state"], next_run_at=next_run, running_until=lease
    )
    card = sources.card(source, clock())
    assert (card.words, card.overdue, card.next_run_at is not None) == (words, overdue, shows_next)


def test_what_needs_a_person_comes_first(session: Session, clock: FakeClock) -> None:
    brand = make_brand(session)
    make_source(session, brand, "feed")
    make_source(session, brand, "x", state=SourceState.STOPPED)
    assert [card.network for card in sources.cards(session, clock())] == ["x", "feed"]
