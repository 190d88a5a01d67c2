from dataclasses import replace

import pytest
from sqlalchemy import select

from config.database import Database
from engage.linking import link_waiting
from engage.tables import Activity, Contact, ContactPoint, Conversation, Identity, Reply, ReplyState, Status
from listener.tables import Author, Mention
from tests.flow import ADA, BOB, NOON, add_brand, add_source, conversations, flow, hear, post, read


@pytest.fixture(autouse=True)
def brand(database: Database) -> None:
    with database.write() as session:
        add_brand(session)


def contact_of(database: Database, handle: str) -> tuple[int, str]:
    with database.read() as session:
        row = session.execute(
            select(Identity.contact_id, Identity.reason).join(Author).where(Author.handle == handle)
        ).one()
        return row.contact_id, row.reason


def set_status(database: Database, status: Status) -> None:
    with database.write() as session:
        for conversation in session.scalars(select(Conversation)):
            conversation.status = status


# --- authors -> contacts -----------------------------------------------------------------------------------------


def test_a_stranger_gets_a_contact_of_their_own(database: Database) -> None:
    flow(database, post("1"), post("2", author=BOB))
    (ada, reason), (bob, _) = contact_of(database, "ada"), contact_of(database, "bob")
    assert ada != bob and reason == "new contact"
    with database.read() as session:
        assert session.get_one(Contact, ada).name == "Ada"


def test_the_same_website_links_two_accounts_in_one_batch_or_in_two(database: Database) -> None:
    site = "https://ada.example.org/"
    flow(
        database,
        post("1", author=replace(ADA, website=site)),
        post("2", author=replace(BOB, external_id="b2", handle="ada_on_b", website=site)),
    )
    flow(
        database,
        post("3", author=replace(BOB, external_id="b3", handle="ada_again", website="http://www.ada.example.org")),
    )
    first, _ = contact_of(database, "ada")
    assert contact_of(database, "ada_on_b") == (first, "same website ada.example.org")
    assert contact_of(database, "ada_again")[0] == first


def test_a_handle_known_on_a_contact_links_and_says_why(database: Database) -> None:
    with database.write() as session:
        contact = Contact(name="Ada Example", tags=[], created_at=NOON)
        session.add(contact)
        session.flush()
        session.add(ContactPoint(contact_id=contact.id, kind="handle", network="x", value="ada"))
        known = contact.id
    flow(database, post("1"))
    found, reason = contact_of(database, "ada")
    assert found == known and "handle" in reason


def test_a_shared_link_list_proves_nothing(database: Database) -> None:
    lists = ("https://linktr.ee/ada", "https://linktr.ee/ada")
    flow(database, post("1", author=replace(ADA, website=lists[0])), post("2", author=replace(BOB, website=lists[1])))
    assert contact_of(database, "ada")[0] != contact_of(database, "bob")[0]


# --- mentions -> conversations -----------------------------------------------------------------------------------


def test_each_author_has_a_conversation_in_a_thread(database: Database) -> None:
    flow(database, post("1", thread="t"), post("2", thread="t", author=BOB), post("3", thread="t", minute=5))
    assert [c.mention_count for c in conversations(database)] == [2, 1]


def test_an_answer_in_an_open_conversation_joins_it(database: Database) -> None:
    flow(database, post("1"))
    flow(database, post("2", author=BOB, in_reply_to="1", minute=5))
    (only,) = conversations(database)
    assert only.mention_count == 2
    assert only.excerpt == "my kestova squeaks", "the row goes on showing what its own author said"


def test_an_answer_to_a_closed_conversation_of_somebody_else_is_its_own(database: Database) -> None:
    flow(database, post("1"))
    set_status(database, Status.CLOSED)
    flow(database, post("2", author=BOB, in_reply_to="1", minute=5))
    assert [c.status for c in conversations(database)] == [Status.CLOSED, Status.OPEN]


@pytest.mark.parametrize("status", [Status.PENDING, Status.SNOOZED, Status.CLOSED])
def test_a_new_mention_of_the_author_reopens(database: Database, status: Status) -> None:
    flow(database, post("1"))
    set_status(database, status)
    flow(database, post("2", "and now?", in_reply_to="1", minute=5))
    (only,) = conversations(database)
    assert (only.status, only.unread, only.excerpt) == (Status.OPEN, True, "and now?")
    with database.read() as session:
        assert session.scalars(select(Activity.text)).all() == ["Reopened by a new mention"]


def test_an_answer_to_our_reply_joins_the_conversation(database: Database) -> None:
    flow(database, post("1"))
    with database.write() as session:
        source_id = add_source(session, 1)
        session.add(
            Reply(
                conversation_id=1,
                mention_id=1,
                source_id=source_id,
                network="x",
                text="hello",
                key="k",
                state=ReplyState.SENT,
                external_id="ours",
                created_at=NOON,
            )
        )
    flow(database, post("2", "thanks", in_reply_to="ours", minute=5))
    (only,) = conversations(database)
    assert only.mention_count == 2


def test_the_order_of_arrival_within_a_batch_does_not_matter(database: Database) -> None:
    flow(database, post("2", "later", in_reply_to="1", minute=5), post("1", "first"))
    (only,) = conversations(database)
    assert (only.mention_count, only.excerpt) == (2, "later")


def test_an_edit_changes_what_is_shown_and_counts_once(database: Database) -> None:
    flow(database, post("1"))
    flow(database, post("1", "all fine now", edited_at=NOON.replace(hour=13)), sentiment="positive", intent="praise")
    (only,) = conversations(database)
    assert (only.mention_count, only.excerpt, only.intent) == (1, "all fine now", "praise")


def test_linking_again_changes_nothing(database: Database) -> None:
    flow(database, post("1"))
    with database.write() as session:
        assert link_waiting(session, lambda: NOON) == 0


def test_every_mention_gets_a_conversation_whatever_the_batch_size(database: Database) -> None:
    hear(database, *(post(str(n), thread=str(n % 7), minute=n) for n in range(50)))
    read(database)
    done = 1
    while done:
        with database.write() as session:
            done = link_waiting(session, lambda: NOON, limit=9)
    with database.read() as session:
        assert None not in session.scalars(select(Mention.conversation_id)).all()
    assert sum(c.mention_count for c in conversations(database)) == 50
    assert len(conversations(database)) == 7
