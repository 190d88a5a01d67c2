from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from config.database import Database
from config.errors import ConflictError, InvalidInputError, NotFoundError
from engage import contact_reads, contacts, contacts_csv
from engage.contact_reads import Order, Place
from engage.contacts import Details, make_point
from engage.contacts_csv import ContactRow, Outcome, Result
from engage.tables import Contact, ContactPoint, Conversation, Identity, Reply, ReplyState
from listener.tables import Author
from tests.conftest import FakeClock
from tests.factories import (
    make_author,
    make_brand,
    make_contact,
    make_conversation,
    make_mention,
    make_source,
    make_user,
)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as session:
        yield session


def points(session: Session, contact_id: int) -> set[str]:
    return set(session.scalars(select(ContactPoint.value).where(ContactPoint.contact_id == contact_id)))


# --- writing down ------------------------------------------------------------------------------------------------


def test_a_contact_is_tidied_when_it_is_made(session: Session, clock: FakeClock) -> None:
    made = contacts.create(session, Details(" Ada   Moss ", tags=("VIP", " vip ", "", "press")), clock())
    assert (made.name, made.tags) == ("Ada Moss", ["VIP", "press"])


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (Details("  "), "name"),
        (Details("x" * 301), "name"),
        (Details("Ada", notes="x" * 20_001), "notes"),
        (Details("Ada", company="a\x00b"), "company"),
        (Details("Ada \udce9"), "name"),
        (Details("Ada", tags=("x" * 51,)), "tags"),
        (Details("Ada", tags=tuple(map(str, range(201)))), "tags"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(
    session: Session, clock: FakeClock, details: Details, field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        contacts.create(session, details, clock())
    assert caught.value.field == field


def test_an_edit_based_on_an_older_version_is_refused(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        made = contacts.create(session, Details("Ada"), clock())
    with database.write() as session:
        edited = contacts.edit(session, made.id, made.version, Details("Ada Moss", company="Moss Ltd"))
        assert edited.version == made.version + 1
    with database.write() as session, pytest.raises(ConflictError, match="Somebody else changed Ada Moss"):
        contacts.edit(session, made.id, made.version, Details("Bea"))
    with database.read() as session:
        assert contacts.get(session, made.id).name == "Ada Moss"


def test_two_edits_at_once_cannot_both_win(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        made = contacts.create(session, Details("Ada"), clock())
    with database.read() as late:
        contacts.get(late, made.id)
        with database.write() as session:
            contacts.edit(session, made.id, made.version, Details("Bea"))
        if database.is_sqlite:
            return  # a write transaction excludes the other there
        with pytest.raises(ConflictError):
            contacts.edit(late, made.id, made.version, Details("Cleo"))


def test_a_missing_contact_is_said_to_be_missing(session: Session) -> None:
    with pytest.raises(NotFoundError):
        contacts.edit(session, 99, 1, Details("Ada"))


def test_a_point_is_noted_once_and_others_who_have_it_are_named(session: Session, clock: FakeClock) -> None:
    ada, bea = (contacts.create(session, Details(name), clock()) for name in ("Ada", "Bea"))
    mail = make_point("email", "Ada@Example.org")
    assert contacts.add_point(session, ada.id, mail) == []
    assert contacts.add_point(session, bea.id, mail) == ["Ada"]
    with pytest.raises(InvalidInputError, match="noted already"):
        contacts.add_point(session, ada.id, mail)


def test_a_removed_point_can_be_put_back(session: Session, clock: FakeClock) -> None:
    ada = contacts.create(session, Details("Ada"), clock())
    mail = make_point("email", "ada@example.org")
    contacts.add_point(session, ada.id, mail)
    point_id = session.scalars(select(ContactPoint.id)).one()
    assert contacts.remove_point(session, ada.id, point_id) == mail
    assert points(session, ada.id) == set()
    with pytest.raises(NotFoundError):
        contacts.remove_point(session, ada.id, point_id)
    contacts.add_point(session, ada.id, mail)
    assert points(session, ada.id) == {"ada@example.org"}


@pytest.mark.parametrize(
    ("kind", "value", "network", "field"),
    [
        ("email", "nobody", "", "value"),
        ("website", "no site", "", "value"),
        ("phone", "none", "", "value"),
        ("handle", "@", "x", "value"),
        ("handle", "ada", "", "network"),
        ("fax", "1", "", "kind"),
        ("email", "a@b.example\x00", "", "value"),
    ],
)
def test_what_is_no_point_is_refused(kind: str, value: str, network: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        make_point(kind, value, network)
    assert caught.value.field == field


# --- whose account -----------------------------------------------------------------------------------------------


def linked(session: Session, contact: Contact, author: Author, clock: FakeClock) -> None:
    session.add(
        Identity(author_id=author.id, contact_id=contact.id, reason="same website", score=0.9, created_at=clock())
    )
    session.flush()


def test_an_account_is_split_off_with_its_conversations(session: Session, clock: FakeClock) -> None:
    brand = make_brand(session)
    ada = make_contact(session, make_author(session, "ada"))
    stranger = make_author(session, "stranger", website="https://club.example", bio="s@club.example")
    linked(session, ada, stranger, clock)
    for point in (make_point("handle", "stranger", "mastodon"), make_point("website", "club.example")):
        contacts.add_point(session, ada.id, point)
    conversation = make_conversation(session, brand, stranger, contact_id=ada.id)

    made = contacts.split_off(session, stranger.id, "Iris", clock())

    session.refresh(conversation)
    assert conversation.contact_id == made.id != ada.id
    identity = session.get_one(Identity, stranger.id)
    assert (identity.contact_id, identity.reason, identity.score) == (made.id, "split off by Iris", 1.0)
    assert points(session, made.id) == {"stranger", "club.example", "s@club.example"}
    assert points(session, ada.id) == {"club.example"}, "typed by hand perhaps, so it stays"


def test_what_is_nothing_but_the_account_cannot_be_split(session: Session, clock: FakeClock) -> None:
    author = make_author(session)
    made = make_contact(session, author)
    with pytest.raises(InvalidInputError, match="nothing but this account"):
        contacts.split_off(session, author.id, "Iris", clock())
    contacts.edit(session, made.id, made.version, Details(made.name, notes="A customer since 2020."))
    assert contacts.split_off(session, author.id, "Iris", clock()).id != made.id


def test_an_account_is_linked_by_hand_and_its_bare_contact_goes(session: Session, clock: FakeClock) -> None:
    ada = contacts.create(session, Details("Ada"), clock())
    author = make_author(session, "ada", website="https://ada.example")
    bare = make_contact(session, author)
    contacts.add_points(session, bare.id, [make_point("handle", "ada", "mastodon")])
    conversation = make_conversation(session, make_brand(session), author, contact_id=bare.id)
    bare_id = bare.id

    assert contacts.link_by_hand(session, author.id, ada.id, "Iris", clock())

    session.expire_all()
    assert session.get(Contact, bare_id) is None
    assert session.get_one(Conversation, conversation.id).contact_id == ada.id
    assert session.get_one(Identity, author.id).reason == "linked by Iris"
    assert points(session, ada.id) == {"ada", "ada.example"}


def test_a_contact_with_words_of_its_own_stays_when_its_account_leaves(session: Session, clock: FakeClock) -> None:
    ada = contacts.create(session, Details("Ada"), clock())
    author = make_author(session)
    other = make_contact(session, author)
    contacts.edit(session, other.id, other.version, Details("Bea", tags=("vip",)))
    assert not contacts.link_by_hand(session, author.id, ada.id, "Iris", clock())
    assert contacts.get(session, other.id).name == "Bea"


def test_linking_to_the_same_or_a_missing_contact_is_refused(session: Session, clock: FakeClock) -> None:
    author = make_author(session)
    contact = make_contact(session, author)
    with pytest.raises(InvalidInputError):
        contacts.link_by_hand(session, author.id, contact.id, "Iris", clock())
    with pytest.raises(NotFoundError):
        contacts.link_by_hand(session, author.id, 99, "Iris", clock())
    with pytest.raises(NotFoundError):
        contacts.link_by_hand(session, 99, contact.id, "Iris", clock())


# --- the list ----------------------------------------------------------------------------------------------------


def test_the_list_pages_through_everybody_once(session: Session, clock: FakeClock) -> None:
    names = [f"Name {number % 7}" for number in range(120)]
    for name in names:
        contacts.create(session, Details(name), clock())
    for order in Order:
        seen: list[int] = []
        after: int | None = None
        while True:
            page = contact_reads.list_contacts(session, "", after, order)
            seen += [line.id for line in page.lines]
            after = page.after
            if after is None:
                break
        assert len(seen) == len(set(seen)) == 120
    assert contact_reads.count_contacts(session) == 120


def test_the_list_is_sorted_as_asked(session: Session, clock: FakeClock) -> None:
    for name in ("Bea", "Ada", "Cleo"):
        contacts.create(session, Details(name), clock())
    by_name = contact_reads.list_contacts(session, order=Order.NAME).lines
    newest = contact_reads.list_contacts(session).lines
    assert [line.name for line in by_name] == ["Ada", "Bea", "Cleo"]
    assert [line.name for line in newest] == ["Cleo", "Ada", "Bea"]


@pytest.mark.parametrize("search", ["moss", "MOSS ada", "Göteborgs", "example.org", "@Adamoss", "100%"])
def test_search_finds_by_name_company_and_points(session: Session, clock: FakeClock, search: str) -> None:
    ada = contacts.create(session, Details("Ada Moss", company="Göteborgs 100% AB"), clock())
    contacts.create(session, Details("Bea Lind"), clock())
    contacts.add_points(session, ada.id, [make_point("email", "a@example.org"), make_point("handle", "adamoss", "x")])
    assert [line.id for line in contact_reads.list_contacts(session, search).lines] == [ada.id]
    assert [line.id for line in contact_reads.find_contacts(session, search, without=0)] == [ada.id]
    assert contact_reads.find_contacts(session, search, without=ada.id) == []


@pytest.mark.parametrize("search", ["moss lind", "%", "_", "zoe"])
def test_search_finds_nobody_where_nobody_has_every_word(session: Session, clock: FakeClock, search: str) -> None:
    contacts.create(session, Details("Ada Moss"), clock())
    contacts.create(session, Details("Bea Lind"), clock())
    assert contact_reads.list_contacts(session, search).lines == []


def test_a_line_shows_accounts_and_when_the_contact_was_heard(session: Session, clock: FakeClock) -> None:
    author = make_author(session, "ada")
    made = make_contact(session, author)
    elsewhere = make_conversation(session, make_brand(session), make_author(session, "bea"))
    make_mention(session, elsewhere, author_id=author.id, created_at=clock() - timedelta(days=1))
    [line] = [line for line in contact_reads.list_contacts(session).lines if line.id == made.id]
    assert [(account.network, account.handle) for account in line.accounts] == [("mastodon", "ada")]
    assert line.last_at == clock() - timedelta(days=1)


def test_the_number_of_statements_does_not_grow_with_the_rows(database: Database, clock: FakeClock) -> None:
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = []
    for batch in range(2):
        with database.write() as session:
            for number in range(20):
                make_contact(session, make_author(session, f"a{batch}-{number}"))
        statements.clear()
        with database.read() as session:
            contact_reads.list_contacts(session)
            contact_reads.profile(session, 1)
            contact_reads.timeline(session, 1)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9


# --- the timeline ------------------------------------------------------------------------------------------------


def test_the_timeline_merges_all_accounts_and_our_replies_in_order(session: Session, clock: FakeClock) -> None:
    brand, colleague = make_brand(session), make_user(session, "Iris Falk")
    source = make_source(session, brand)
    first, second = make_author(session, "ada"), make_author(session, "ada_l", "x")
    contact = make_contact(session, first)
    linked(session, contact, second, clock)
    somebody = make_author(session, "bea")
    for author in (first, second, somebody):
        owner = {} if author is somebody else {"contact_id": contact.id}
        conversation = make_conversation(session, brand, author, **owner)
        for number in range(1, 41):
            mention = make_mention(session, conversation, f"{author.handle} {number}", number=number)
        for number, state in enumerate((ReplyState.SENT, ReplyState.FAILED, ReplyState.REJECTED)):
            session.add(
                Reply(
                    conversation_id=conversation.id,
                    mention_id=mention.id,
                    source_id=source.id,
                    network=author.network,
                    text=f"to {author.handle}: {state}",
                    state=state,
                    key=f"{author.handle}-{number}",
                    user_id=colleague.id,
                    created_at=clock() + timedelta(minutes=number),
                    sent_at=clock() + timedelta(minutes=5) if state is ReplyState.SENT else None,
                )
            )
    session.flush()

    seen = []
    before: Place | None = None
    while True:
        page = contact_reads.timeline(session, contact.id, before)
        seen += page.items
        before = page.before
        if before is None:
            break
        assert len(page.items) == contact_reads.TIMELINE_SIZE
        assert Place.parse(str(before)) == before

    texts = [item.text for item in seen]
    assert len(texts) == len(set(texts)) == 2 * 40 + 2 * 2
    assert [item.at for item in seen] == sorted((item.at for item in seen), reverse=True)
    assert not any("bea" in text or "rejected" in text for text in texts)
    sent = next(item for item in seen if item.text == "to ada: sent")
    assert (sent.ours, sent.who, sent.state, sent.at) == (True, "Iris Falk", "sent", clock() + timedelta(minutes=5))
    mention_item = next(item for item in seen if item.text == "ada_l 7")
    assert (mention_item.ours, mention_item.who, mention_item.sentiment) == (False, "ada_l", "negative")


@pytest.mark.parametrize(
    "text", ["", "x", "2026-01-01~1", "2026-01-01T00:00:00~1~1", "2026-01-01T00:00:00+00:00~a~1"]
)
def test_a_made_up_place_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Place.parse(text)


# --- import ------------------------------------------------------------------------------------------------------


def read(text: str | bytes) -> list[ContactRow | Outcome]:
    return list(contacts_csv.read_rows(BytesIO(text if isinstance(text, bytes) else text.encode())))


def run(session: Session, text: str | bytes, clock: FakeClock) -> list[Outcome]:
    rows = read(text)
    stored = contacts_csv.import_rows(session, [row for row in rows if isinstance(row, ContactRow)], clock())
    return sorted(stored + [row for row in rows if isinstance(row, Outcome)], key=lambda outcome: outcome.line)


def brief(outcomes: list[Outcome]) -> list[tuple[int, str, str]]:
    return [(outcome.line, outcome.result.value, outcome.name) for outcome in outcomes]


def test_rows_are_created_joined_and_refused_with_their_lines(session: Session, clock: FakeClock) -> None:
    text = (
        "name,email,website,phone,company,place,notes,tags,x,reddit,mastodon,bluesky\n"
        "Ada Moss,ada@example.org,https://www.example.org/,+46 31 123456,Moss,Borås,hello,vip;press,"
        "adamoss,,ada@s.example,\n"
        ",,,,,,,,,,,\n"
        "Bea,not an address,,,,,,,,,,\n"
        "A. Moss,ADA@example.org,,,Other,,again,press,,,,ada.bsky.example\n"
        ",only@example.org,,,,,,,,,,\n"
        ",,,,Nameless,,,,,,,\n"
    )
    found = run(session, text, clock)
    assert brief(found) == [
        (2, "created", "Ada Moss"),
        (4, "refused", "Bea"),
        (5, "joined", "A. Moss"),
        (6, "created", "only@example.org"),
        (7, "refused", ""),
    ]
    assert "'not an address' is no e-mail" in found[1].reason
    assert found[2].reason == "same e-mail ada@example.org"
    assert "name is missing" in found[4].reason
    ada = session.get_one(Contact, found[0].contact_id)
    assert (ada.name, ada.company, ada.place, ada.notes) == ("Ada Moss", "Moss", "Borås", "hello\n\nagain")
    assert ada.tags == ["vip", "press"]
    assert points(session, ada.id) == {
        "ada@example.org", "example.org", "+4631123456", "adamoss", "ada@s.example", "ada.bsky.example",
    }  # fmt: skip


def test_a_second_import_of_the_same_file_adds_nothing(session: Session, clock: FakeClock) -> None:
    text = "name,email,x,notes\nAda,ada@example.org,,hi\nBea,,bea,there\n"
    assert [one.result for one in run(session, text, clock)] == [Result.CREATED, Result.CREATED]
    before = [(c.name, c.notes, c.version) for c in session.scalars(select(Contact).order_by(Contact.id))]
    assert [one.result for one in run(session, text, clock)] == [Result.JOINED, Result.JOINED]
    session.flush()
    session.expire_all()
    assert [(c.name, c.notes, c.version) for c in session.scalars(select(Contact).order_by(Contact.id))] == before


def test_a_row_that_fits_several_contacts_is_refused(session: Session, clock: FakeClock) -> None:
    run(session, "name,email,x\nAda,ada@example.org,\nBea,,bea\n", clock)
    found = run(session, "name,email,x\nWho,ada@example.org,bea\n", clock)
    assert found[0].result is Result.REFUSED
    assert "Several contacts have ada@example.org or bea" in found[0].reason


def test_a_shared_website_joins_nobody(session: Session, clock: FakeClock) -> None:
    found = run(session, "name,website\nAda,club.example\nBea,club.example\n", clock)
    assert [one.result for one in found] == [Result.CREATED, Result.CREATED]


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfName,E-Mail\r\nAda,ada@example.org\r\n",
        b"name;email\nAda;ada@example.org\n",
        b"name\temail\nAda\tada@example.org",
        b' NAME , "email" ,unknown\nAda,ada@example.org,whatever\n',
    ],
)
def test_dialects(text: bytes) -> None:
    (row,) = read(text)
    assert isinstance(row, ContactRow)
    assert (row.details.name, row.points[0].value) == ("Ada", "ada@example.org")


def test_a_value_may_hold_line_breaks_and_the_next_line_number_is_still_right() -> None:
    rows = read('name,notes\nAda,"two\nlines"\n,bad\n')
    assert isinstance(rows[0], ContactRow)
    assert (rows[0].line, rows[0].details.notes) == (2, "two\nlines")
    assert isinstance(rows[1], Outcome)
    assert rows[1].line == 4


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"Ad\xe9,a@b.example", "no text"),
        (b"Ada\x00,a@b.example", "no text"),
        (b"Ada,a@b.example,extra", "more values"),
        (b'"Ada"x,a@b.example', "cannot be read"),
        (b"Ada," + b"x" * 140_000, "cannot be read"),
    ],
)
def test_an_odd_row_is_refused_and_the_next_one_taken(line: bytes, reason: str) -> None:
    rows = read(b"name,email\n" + line + b"\nBea,b@b.example\n")
    assert isinstance(rows[0], Outcome)
    assert reason in rows[0].reason
    assert isinstance(rows[1], ContactRow)
    assert rows[1].line == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "names none"),
        (b"first,last\nAda,Moss\n", "names none"),
        (b"name,name\nAda,Moss\n", "twice"),
        (b"PK\x03\x04rest", "Excel"),
        ("name,email\n".encode("utf-16"), "UTF-16"),
        (b"name\n" + b"x" * contacts_csv.MAX_BYTES, "larger than 10 MB"),
    ],
)
def test_a_file_that_cannot_be_taken_as_a_whole(text: bytes, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        read(text)
    assert caught.value.field == "file"


def test_rows_are_read_one_at_a_time() -> None:
    stream = BytesIO(b"name\n" + b"Ada Moss\n" * 100_000)
    rows = contacts_csv.read_rows(stream)
    next(rows)
    assert stream.tell() < 100
