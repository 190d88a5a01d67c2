from datetime import timedelta

import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import InvalidInputError
from config.settings import Settings
from engage import conversations
from engage.inbox import counts, opened
from engage.mail import send_waiting_mails
from engage.tables import User
from engage.together import following, notices, work
from engage.together.notice_mail import queue_waiting
from engage.together.notices import MAIL_AFTER
from engage.together.tables import MailWish, Notice, NoticeKind
from tests.conftest import FakeClock
from tests.engage.post_office import Post, post, with_server
from tests.flow import NOON, flow
from tests.flow import post as heard

__all__ = ["post"]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd")
ADDRESS = "https://hearken.example"


def told(database: Database, user: User) -> list[tuple[str, str]]:
    with database.read() as session:
        rows = session.scalars(select(Notice).where(Notice.user_id == user.id).order_by(Notice.id))
        return [(str(row.kind), row.text) for row in rows]


def note(database: Database, by: User, text: str) -> None:
    with database.write() as session:
        conversations.add_note(session, 1, text, by=by, now=NOON)


def unread(database: Database, user: User) -> int:
    with database.read() as session:
        return counts(session, user.id)["notices"]


def test_who_is_named_in_a_note_is_told_once_and_follows(database: Database, people: tuple[User, User]) -> None:
    gwen, hal = people
    note(database, gwen, "@Hal and @hal, do you know this? I, @Gwen, do not.")
    assert [kind for kind, _ in told(database, hal)] == ["named"]
    assert told(database, gwen) == []
    note(database, gwen, "found it")
    assert [kind for kind, _ in told(database, hal)] == ["named", "note"]
    assert unread(database, hal) == 2
    with database.read() as session:
        assert following.followers(session, 1) == {gwen.id, hal.id}


def test_who_follows_hears_of_new_mentions_once_until_they_look(
    database: Database, people: tuple[User, User]
) -> None:
    gwen, hal = people
    with database.write() as session:
        following.follow(session, 1, [gwen.id, gwen.id], NOON)
        following.follow(session, 1, [gwen.id], NOON)
    for number in (2, 3):
        flow(database, heard(str(number), f"answer {number}", in_reply_to="1", minute=number))
    assert told(database, gwen) == [("mention", "answer 2")]
    assert told(database, hal) == []
    with database.write() as session:
        notices.mark_read(session, gwen.id, NOON, conversation_id=1)
        following.unfollow(session, 1, hal.id)
    flow(database, heard("4", "answer 4", in_reply_to="1", minute=4))
    assert told(database, gwen)[1:] == [("mention", "answer 4")]
    with database.write() as session:
        following.unfollow(session, 1, gwen.id)
    flow(database, heard("5", "answer 5", in_reply_to="1", minute=5))
    assert len(told(database, gwen)) == 2


def test_a_handover_stands_first_until_it_was_noted(database: Database, people: tuple[User, User]) -> None:
    gwen, hal = people
    with database.write() as session:
        conversations.assign(session, 1, hal.id, by=gwen, now=NOON, version=1, handover=" ask the workshop ")
    with database.read() as session:
        handover = opened(session, 1, reader_id=hal.id).beside.handover
        assert handover and (handover.by, handover.text) == ("Gwen", "ask the workshop")
        assert opened(session, 1, reader_id=gwen.id).beside.handover is None
    with database.write() as session:
        notices.mark_read(session, hal.id, NOON, conversation_id=1)
    with pytest.raises(InvalidInputError), database.write() as session:
        notices.set_read(session, gwen.id, handover.notice_id, read=True, now=NOON)
    assert unread(database, hal) == 1
    with database.write() as session:
        notices.set_read(session, hal.id, handover.notice_id, read=True, now=NOON)
    assert unread(database, hal) == 0


def test_assigning_tells_the_other_and_not_oneself(database: Database, people: tuple[User, User]) -> None:
    gwen, hal = people
    with database.write() as session:
        conversations.assign(session, 1, gwen.id, by=gwen, now=NOON, version=1)
        conversations.assign(session, 1, hal.id, by=gwen, now=NOON, version=2)
    assert told(database, gwen) == []
    assert [kind for kind, _ in told(database, hal)] == ["assigned"]


def test_pages_of_notices_and_the_bound_of_the_count(database: Database, people: tuple[User, User]) -> None:
    gwen, hal = people
    with database.write() as session:
        for number in range(120):
            notices.tell(session, [hal.id], NoticeKind.NOTE, 1, f"{number}", by_id=gwen.id, now=NOON)
    assert unread(database, hal) == notices.MOST_COUNTED
    with database.read() as session:
        first, more = notices.page(session, hal.id)
        second, _ = notices.page(session, hal.id, before=more)
        assert [one.notice.text for one in first][:2] == ["119", "118"]
        assert (first[0].by, first[0].author, second[0].notice.text) == ("Gwen", "Ada", "69")
        assert [one.notice.text for one in notices.fresh(session, hal.id, first[1].notice.id)] == ["119"]


def test_mails_go_to_who_wants_them_and_did_not_read_in_time(
    database: Database, people: tuple[User, User], settings: Settings, clock: FakeClock, post: tuple[Post, int]
) -> None:
    gwen, hal = people
    server, port = post
    with database.write() as session:
        work.set_person(session, hal.id, mails=MailWish.TO_ME)
        notices.tell(session, [hal.id], NoticeKind.NAMED, 1, "seen in the app", by_id=gwen.id, now=NOON)
        notices.mark_read(session, hal.id, NOON)
        notices.tell(session, [hal.id], NoticeKind.NAMED, 1, "for Hal\nonly", by_id=gwen.id, now=NOON)
        notices.tell(session, [hal.id], NoticeKind.NOTE, 1, "not meant for him alone", by_id=gwen.id, now=NOON)
        notices.tell(session, [gwen.id], NoticeKind.NAMED, 1, "wants no mails", by_id=hal.id, now=NOON)
    clock.now = NOON + MAIL_AFTER - timedelta(seconds=1)
    with database.write() as session:
        assert queue_waiting(session, ADDRESS, clock) == 0
    clock.now = NOON + MAIL_AFTER
    for expected in (2, 0):
        with database.write() as session:
            assert queue_waiting(session, ADDRESS, clock) == expected
    assert send_waiting_mails(database, with_server(settings, port), clock) == 1
    ((to, arrived),) = server.arrived
    assert (to, arrived["Subject"]) == ("hal@example.com", "Gwen named you in a note on Ada")
    assert "for Hal only" in arrived.get_content()
    assert f"{ADDRESS}/c/1" in arrived.get_content()
