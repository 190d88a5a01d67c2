"""Against a real SMTP server in this process."""

import socket
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import InvalidInputError
from config.settings import Settings
from engage import mail
from engage.alert_tables import Mailing, SendState
from engage.mail import queue_mail, send_waiting_mails, wait_s
from tests.conftest import FakeClock
from tests.engage.post_office import Post, post, with_server

__all__ = ["post"]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd")


def message(subject: str = "Grüße 🚲") -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = subject
    made.set_content("What is said.\n")
    return made


def queue(database: Database, clock: FakeClock, to: mail.Recipients, key: str = "report 1") -> int:
    with database.write() as session:
        return queue_mail(session, to, message(), key, clock())


def states(database: Database) -> dict[str, SendState]:
    with database.read() as session:
        return {row.recipient: row.state for row in session.scalars(select(Mailing))}


def test_a_mail_arrives_whole_and_once(
    database: Database, settings: Settings, clock: FakeClock, post: tuple[Post, int]
) -> None:
    server, port = post
    first = queue(database, clock, {"ada@norvik.example": {"List-Unsubscribe": "<https://norvik.example/u/1>"}})
    assert queue(database, clock, ["ada@norvik.example"]) == first, "the same key is the same letter"
    assert send_waiting_mails(database, with_server(settings, port), clock) == 1
    assert send_waiting_mails(database, with_server(settings, port), clock) == 0
    ((to, arrived),) = server.arrived
    assert (to, arrived["To"], arrived["From"]) == (
        "ada@norvik.example", "ada@norvik.example", "Hearken <news@norvik.example>",
    )  # fmt: skip
    assert arrived["Subject"] == "Grüße 🚲"
    assert arrived["List-Unsubscribe"] == "<https://norvik.example/u/1>"
    assert arrived["Message-ID"] and arrived["Date"].datetime == clock()
    assert arrived.get_content().strip() == "What is said."


def test_a_long_address_in_a_header_arrives_in_one_piece(
    sqlite_database: Database, settings: Settings, clock: FakeClock, post: tuple[Post, int]
) -> None:
    server, port = post
    address = f"<https://norvik.example/reports/unsubscribe/{'a1-' * 80}>"
    queue(sqlite_database, clock, {"ada@norvik.example": {"List-Unsubscribe": address}})
    send_waiting_mails(sqlite_database, with_server(settings, port), clock)
    assert f"\r\nList-Unsubscribe: {address}\r\n".encode() in server.raw[0]


def test_one_bad_address_of_twenty_does_not_stop_nineteen(
    sqlite_database: Database, settings: Settings, clock: FakeClock, post: tuple[Post, int]
) -> None:
    server, port = post
    people = [f"p{number}@norvik.example" for number in range(20)]
    server.refused = {people[7]}
    queue(sqlite_database, clock, people)
    assert send_waiting_mails(sqlite_database, with_server(settings, port), clock) == 19
    assert {to for to, _ in server.arrived} == set(people) - {people[7]}
    assert states(sqlite_database)[people[7]] is SendState.FAILED
    with sqlite_database.read() as session:
        said = session.scalars(select(Mailing.error_text).where(Mailing.recipient == people[7])).one()
    assert said == "The mail server said: 550 no such mailbox"


def test_greylisting_is_waited_for(
    sqlite_database: Database, settings: Settings, clock: FakeClock, post: tuple[Post, int]
) -> None:
    server, port = post
    server.greylisted = {"ada@norvik.example"}
    queue(sqlite_database, clock, ["ada@norvik.example"])
    assert send_waiting_mails(sqlite_database, with_server(settings, port), clock) == 0
    server.greylisted.clear()
    assert send_waiting_mails(sqlite_database, with_server(settings, port), clock) == 0, "not at once"
    clock.advance(minutes=2)
    assert send_waiting_mails(sqlite_database, with_server(settings, port), clock) == 1


def test_a_server_that_is_down_is_tried_again_and_the_others_are_not_blamed(
    sqlite_database: Database, settings: Settings, clock: FakeClock
) -> None:
    queue(sqlite_database, clock, ["ada@norvik.example", "bea@norvik.example"])
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert send_waiting_mails(sqlite_database, with_server(settings, closed.getsockname()[1]), clock) == 0
    with sqlite_database.read() as session:
        attempts = session.scalars(select(Mailing.attempts).order_by(Mailing.id)).all()
    assert attempts == [1, 0]
    assert set(states(sqlite_database).values()) == {SendState.WAITING}


def test_without_a_server_mails_wait(sqlite_database: Database, settings: Settings, clock: FakeClock) -> None:
    queue(sqlite_database, clock, ["ada@norvik.example"])
    assert send_waiting_mails(sqlite_database, settings, clock) == 0
    assert states(sqlite_database) == {"ada@norvik.example": SendState.WAITING}


def test_what_was_cut_off_is_not_sent_twice_by_itself(
    sqlite_database: Database, settings: Settings, clock: FakeClock, post: tuple[Post, int]
) -> None:
    server, port = post
    queue(sqlite_database, clock, ["ada@norvik.example"])
    with sqlite_database.write() as session:
        mailing = session.scalars(select(Mailing)).one()
        mailing.state, mailing.claimed_at = SendState.SENDING, clock() - timedelta(hours=1)
    assert send_waiting_mails(sqlite_database, with_server(settings, port), clock) == 0
    assert states(sqlite_database) == {"ada@norvik.example": SendState.UNSURE}
    with sqlite_database.write() as session:
        mail.again(session, mailing.id, clock())
    assert send_waiting_mails(sqlite_database, with_server(settings, port), clock) == 1
    assert len(server.arrived) == 1


@pytest.mark.parametrize("address", ["", "ada", "ada@", "@host", "a b@host", "ada@host\nBcc: x@y", "Ada <ada@host>"])
def test_what_is_no_address_is_refused(sqlite_database: Database, clock: FakeClock, address: str) -> None:
    with pytest.raises(InvalidInputError, match="is not an e-mail address"):
        queue(sqlite_database, clock, [address])


def test_headers_are_not_smuggled_in(sqlite_database: Database, clock: FakeClock) -> None:
    with pytest.raises(InvalidInputError, match="one line"):
        queue(sqlite_database, clock, {"ada@norvik.example": {"List-Unsubscribe": "<x>\r\nBcc: eve@x.example"}})


def test_waiting_grows_to_an_hour() -> None:
    assert [wait_s(attempt, 0.5) for attempt in (1, 2, 3, 9)] == [60, 120, 240, 3600]
