from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from config.database import Database
from config.errors import InvalidInputError, NotFoundError
from engage import inbox
from engage.inbox import NOBODY, Wanted, listing, thread
from engage.tables import Activity, ActivityKind, ContactPoint, Conversation, Reply, ReplyState, Role, Status, Team
from listener.tables import AlsoHeard, Brand
from nlp.reading import Intent, Sentiment
from tests.conftest import FakeClock
from tests.factories import (
    START,
    fill,
    make_author,
    make_brand,
    make_conversation,
    make_mention,
    make_source,
    make_user,
)
from tests.statements import statements


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    with sqlite_database.write() as session:
        make_brand(session)
    return sqlite_database


def add(session: Session, handle: str, **values: object) -> Conversation:
    network = str(values.pop("network", "mastodon"))
    brand = session.get_one(Brand, values.pop("brand_id", 1))
    conversation = make_conversation(session, brand, make_author(session, handle, network), **values)
    make_mention(session, conversation, f"{handle} says hello")
    return conversation


def listed(database: Database, wanted: Wanted, **more: object) -> list[str]:
    with database.read() as session:
        return [line.handle for line in inbox.lines(session, wanted, **more).lines]  # type: ignore[arg-type]


def test_every_filter_narrows(database: Database) -> None:
    with database.write() as session:
        ada = make_user(session)
        second = make_brand(session, "Solmar").id
        add(session, "plain")
        add(session, "odd", status=Status.CLOSED, noise=True, team=Team.MARKETING, assignee_id=ada.id,
            sentiment=Sentiment.POSITIVE, intent=Intent.PRAISE, network="x", brand_id=second)  # fmt: skip
    for wanted in (
        Wanted(status=Status.CLOSED),
        Wanted(noise=True),
        Wanted(team=Team.MARKETING),
        Wanted(assignee_id=ada.id),
        Wanted(sentiment=Sentiment.POSITIVE),
        Wanted(intent=Intent.PRAISE),
        Wanted(network="x"),
        Wanted(brand_id=second),
        Wanted(words=("odd",)),
    ):
        assert listed(database, wanted) == ["odd"], wanted
    assert listed(database, Wanted(assignee_id=NOBODY, noise=False)) == ["plain"]
    assert listed(database, Wanted(nothing=True)) == []
    assert sorted(listed(database, Wanted())) == ["odd", "plain"]


def test_a_brand_also_has_what_was_heard_for_it_too(database: Database) -> None:
    with database.write() as session:
        second = make_brand(session, "Solmar").id
        conversation = make_conversation(session, session.get_one(Brand, 1), make_author(session, "bea"))
        mention = make_mention(session, conversation)
        session.add(AlsoHeard(mention_id=mention.id, brand_id=second))
        add(session, "cem")
    assert listed(database, Wanted(brand_id=second)) == ["bea"]
    assert sorted(listed(database, Wanted(brand_id=1))) == ["bea", "cem"]


def test_pages_go_on_where_the_one_before_ended_even_within_one_moment(database: Database) -> None:
    with database.write() as session:
        for number in range(7):
            add(session, f"h{number}", last_at=START - timedelta(minutes=number // 3))
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        with database.read() as session:
            page = inbox.lines(session, Wanted(), after=after, size=2)
        seen += [line.handle for line in page.lines]
        after = page.after
    assert seen == ["h2", "h1", "h0", "h5", "h4", "h3", "h6"]


@pytest.mark.parametrize("place", ["x", "_", "2026-01-01_5", "2026-01-01T00:00:00+00:00_x", "_5"])
def test_a_bad_place_is_refused(database: Database, place: str) -> None:
    with database.read() as session, pytest.raises(InvalidInputError):
        inbox.lines(session, Wanted(), after=place)


def test_counts_are_those_of_the_lists(database: Database) -> None:
    with database.write() as session:
        ada, ben = make_user(session), make_user(session, "Ben Ruiz")
        fill(session, 120, users=[ada, ben], brands=[session.get_one(Brand, 1)])
    with database.read() as session:
        counts = inbox.counts(session, ada.id)
        for name in inbox.QUEUES:
            shown = inbox.lines(session, inbox.queue(name, ada.id), size=200).lines
            assert counts[name] == len(shown), name
    assert counts["all"] == 120
    of_replies = {"approve", "failed"}
    assert all(counts[name] for name in inbox.QUEUES.keys() - of_replies) and counts["alerts"] == 0


def test_an_unknown_queue_is_refused() -> None:
    with pytest.raises(NotFoundError):
        inbox.queue("nonsense", 1)


def test_a_thread_is_merged_in_time_order(database: Database) -> None:
    with database.write() as session:
        ada = make_user(session)
        boss = make_user(session, "Bo Lind", role=Role.MANAGER)
        conversation = add(session, "bea")
        source = make_source(session, session.get_one(Brand, 1))
        reply = Reply(
            conversation_id=conversation.id,
            mention_id=1,
            source_id=source.id,
            network="mastodon",
            text="Sorry",
            state=ReplyState.SENT,
            key="k",
            user_id=ada.id,
            approved_by_id=boss.id,
            created_at=START + timedelta(minutes=3),
        )
        session.add(reply)
        for kind, text, minutes, user in (
            (ActivityKind.NOTE, "Call them", 2, ada),
            (ActivityKind.REPLY, "Reply handed in", 3, ada),
            (ActivityKind.STATUS, "Closed", 4, None),
        ):
            at = START + timedelta(minutes=minutes)
            session.add(
                Activity(conversation_id=conversation.id, user_id=user and user.id, kind=kind, text=text, at=at)
            )
        session.add(ContactPoint(contact_id=conversation.contact_id, kind="email", network="", value="b@example.com"))
        other = make_conversation(
            session, session.get_one(Brand, 1), make_author(session, "bea_x", "x"), contact_id=conversation.contact_id
        )
    with database.read() as session:
        opened = inbox.opened(session, conversation.id)
    assert [entry.kind for entry in opened.entries] == ["mention", "activity", "reply", "activity"]
    assert opened.entries[0].kind == "mention" and opened.entries[0].reading is not None
    assert opened.entries[2].kind == "reply"
    assert (opened.entries[2].writer, opened.entries[2].approver) == ("Ada Moss", "Bo Lind")
    assert opened.entries[3].kind == "activity" and opened.entries[3].by is None
    assert {(point.kind, point.value) for point in opened.points} == {("account", "bea"), ("email", "b@example.com")}
    assert [(line.id, line.last_at) for line in opened.others] == [(other.id, START)]
    assert not opened.shortened


def test_a_long_thread_shows_its_latest_entries_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread, "LATEST", 3)
    with database.write() as session:
        conversation = add(session, "bea")
        for number in range(2, 7):
            make_mention(session, conversation, f"number {number}", number=number)
    with database.read() as session:
        latest = inbox.opened(session, conversation.id)
        before = inbox.opened(session, conversation.id, before=latest.first)
    assert latest.shortened
    assert [entry.at for entry in latest.entries] == [START + timedelta(minutes=number) for number in (4, 5, 6)]
    assert [entry.at for entry in before.entries] == [START + timedelta(minutes=number) for number in (1, 2, 3)]
    assert not before.shortened


def test_news_of_a_conversation_only_after_a_change(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        conversation = add(session, "bea")
    with database.read() as session:
        stamp = inbox.opened(session, conversation.id).stamp
        assert inbox.news_of(session, conversation.id, stamp) is None
    clock.advance(seconds=5)
    with database.write() as session:
        session.get_one(Conversation, conversation.id).changed_at = clock()
    with database.read() as session:
        assert inbox.news_of(session, conversation.id, stamp) is not None
        with pytest.raises(NotFoundError):
            inbox.news_of(session, 999, stamp)


def test_choices_name_brands_and_active_people(database: Database) -> None:
    with database.write() as session:
        make_user(session, "Gone Girl", active=False)
        ada = make_user(session)
    with database.read() as session:
        choices = inbox.choices(session)
    assert choices.brands == {1: "Norvik"}
    assert choices.people == {ada.id: "Ada Moss"}


def test_the_pulse_beats_with_any_change_even_one_that_is_dated_back(database: Database) -> None:
    with database.write() as session:
        first, second = add(session, "bea"), add(session, "cem", changed_at=START - timedelta(hours=1))
    since = START - timedelta(minutes=1)
    with database.read() as session:
        before = inbox.pulse(session, since)
        assert inbox.pulse(session, since) == before
    with database.write() as session:
        session.get_one(Conversation, second.id).changed_at = START - timedelta(seconds=1)
    with database.read() as session:
        late = inbox.pulse(session, since)
    with database.write() as session:
        session.get_one(Conversation, first.id).changed_at = START + timedelta(seconds=1)
    with database.read() as session:
        assert len({before, late, inbox.pulse(session, since)}) == 3


def test_statements_do_not_grow_with_what_is_shown(database: Database) -> None:
    with database.write() as session:
        ada = make_user(session)
        fill(session, 60, users=[ada], brands=[session.get_one(Brand, 1)])

    def count(size: int, conversation_id: int) -> int:
        with statements(database) as said, database.read() as session:
            inbox.lines(session, Wanted(), size=size)
            inbox.counts(session, ada.id)
            inbox.choices(session)
            inbox.opened(session, conversation_id)
        return len(said)

    few = count(2, 1)
    with database.write() as session:
        conversation = session.get_one(Conversation, 2)
        for number in range(50):
            make_mention(session, conversation, number=number)
    assert count(50, 2) == few == 8


def test_lists_are_answered_by_their_indexes_alone(database: Database) -> None:
    everything = Wanted(
        noise=False, team=Team.SUPPORT, sentiment=Sentiment.POSITIVE, intent=Intent.PRAISE, network="x"
    )
    for wanted, index in (
        (Wanted(), "ix_conversation_last"),
        (everything, "ix_conversation_last"),
        (Wanted(status=Status.OPEN), "ix_conversation_list"),
        (Wanted(status=Status.OPEN, team=Team.SUPPORT, assignee_id=1), "ix_conversation_list"),
    ):
        with statements(database) as said, database.read() as session:
            inbox.lines(session, wanted)
            [(sql, values)] = said
            raw = session.connection().connection.driver_connection
            assert raw is not None
            plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
        assert f"COVERING INDEX {index}" in " ".join(plan), (wanted, plan)


def test_closed_ones_are_counted_up_to_a_bound(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 3)
    with database.write() as session:
        ada = make_user(session)
        fill(session, 120, users=[ada], brands=[session.get_one(Brand, 1)])
    with database.read() as session:
        counts = inbox.counts(session, ada.id)
    assert counts["closed"] == counts["noise"] == 4 < counts["all"]
