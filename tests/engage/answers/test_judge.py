"""The check of replies where they are handed in, with all it looks up."""

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from config.database import Database
from config.errors import InvalidInputError, NotAllowedError
from engage import replies
from engage.answers import links, rules
from engage.answers.check import CHOSEN, Level, Rule
from engage.approvals import deciding
from engage.tables import ReplyState, Role, User
from listener.connector import ConnectorError
from tests.conftest import FakeClock
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_source, make_user

FORM = {str(rule): "warn" for rule in CHOSEN} | {"promises": "refund", "order_number": "", "most_same": "3"}
GREETING = "Thank you, we look into this at once."


@pytest.fixture
def agent(database: Database) -> User:
    """An agent, a manager, and a conversation to answer."""
    with database.write() as session:
        brand = make_brand(session)
        make_source(session, brand, secrets_sealed=b"x")
        for handle in ("bea", "cem"):
            make_mention(session, make_conversation(session, brand, make_author(session, handle)))
        make_user(session, "Boss", role=Role.MANAGER)
        return make_user(session)


def boss(database: Database) -> User:
    with database.read() as session:
        return session.get_one(User, 1)


def set_rules(database: Database, **form: str) -> None:
    with database.write() as session:
        rules.change(session, 1, FORM | form, by=boss(database))


def check(database: Database, text: str, by: User) -> replies.ReplyCheck:
    with database.read() as session:
        return replies.check(session, 1, text, by=by, now=START)


def found(database: Database, text: str, by: User) -> dict[Rule, Level]:
    return {one.rule: one.level for one in check(database, text, by).judged.findings}


def write(database: Database, by: User, text: str, conversation_id: int = 1) -> ReplyState:
    with database.write() as session:
        return replies.write(session, conversation_id, text, by=by, now=START, approval_required=False).state


def test_a_promise_waits_for_who_may_approve(database: Database, agent: User) -> None:
    assert check(database, "You get a refund.", agent).needs_approval
    assert write(database, agent, "You get a refund.") is ReplyState.DRAFT
    assert write(database, boss(database), "You get your refund.") is ReplyState.APPROVED


def test_what_a_manager_marked_stops_the_reply_on_the_server(database: Database, agent: User) -> None:
    assert write(database, agent, "Write to bea@mail.example") is ReplyState.APPROVED
    set_rules(database, personal="block")
    with pytest.raises(InvalidInputError, match="Everybody can read this"):
        write(database, agent, "Write to bea@mail.example")


def test_a_gap_never_goes_out(database: Database, agent: User) -> None:
    with pytest.raises(InvalidInputError, match="Fill in"):
        write(database, boss(database), "Hi {{contact.first_name}}!")


def test_the_same_text_too_often_is_told_whatever_the_name(database: Database, agent: User) -> None:
    set_rules(database)
    for handle in ("@bea", "@cem", "@dan"):
        assert Rule.REPEATED not in found(database, GREETING, agent)
        write(database, agent, f"{handle} {GREETING}")
    assert found(database, f"@eva {GREETING.upper()}", agent) == {Rule.REPEATED: Level.WARN}
    with database.read() as session:
        later = replies.check(session, 1, GREETING, by=agent, now=START + timedelta(hours=1))
    assert later.judged.findings == ()


def test_a_reply_taken_back_does_not_count(database: Database, agent: User) -> None:
    set_rules(database, most_same="1", promise="approve")
    text = "You get a refund for all of it."
    write(database, agent, text)
    assert Rule.REPEATED in found(database, text, agent)
    with database.write() as session:
        deciding.reject(session, 1, "", by=agent, now=START)
    assert Rule.REPEATED not in found(database, text, agent)


def test_another_language_is_told_when_it_is_sure(database: Database, agent: User) -> None:
    german = "Vielen Dank, wir sehen uns das gleich an und melden uns morgen bei Ihnen."
    assert found(database, german, agent) == {Rule.LANGUAGE: Level.WARN}
    assert found(database, "Danke!", agent) == {}


def test_only_managers_set_the_rules_and_odd_ones_are_refused(database: Database, agent: User) -> None:
    with pytest.raises(NotAllowedError), database.write() as session:
        rules.change(session, 1, FORM, by=agent)
    for name, value in (
        ("personal", "perhaps"),
        ("most_same", "0"),
        ("most_same", "²"),
        ("order_number", "#"),
        ("promises", "x" * 61),
    ):
        with pytest.raises(InvalidInputError) as caught:
            set_rules(database, **{name: value})
        assert caught.value.field == name


def test_rules_hold_for_their_brand(database: Database, agent: User) -> None:
    set_rules(database, promises="we  swear\n\nwe swear", order_number=" NV-#### ", personal="off")
    with database.read() as session:
        kept, other = rules.rules_of(session, 1), rules.rules_of(session, 2)
    assert (kept.promises, kept.order_number, kept.level(Rule.PERSONAL)) == (("we swear",), "NV-####", Level.OFF)
    assert other == rules.Rules()


# --- links -------------------------------------------------------------------------------------------------------


class Pages(BaseHTTPRequestHandler):
    """/gone is gone, all else is there."""

    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/gone" else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def pages() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def look_up(database: Database, clock: FakeClock, pages: str) -> int:
    def get(url: str) -> int:
        return httpx.get(url.replace("https://shop.example", pages)).status_code

    return links.look_up(database, clock, get)


def ask(database: Database, text: str, agent: User) -> None:
    with database.write() as session:
        links.ask(session, check(database, text, agent).judged.new_links, START)


def test_a_dead_link_is_told_once_it_was_looked_at(
    database: Database, agent: User, clock: FakeClock, pages: str
) -> None:
    text = "See https://shop.example/gone and https://shop.example/there."
    assert check(database, text, agent).judged.new_links == (
        "https://shop.example/gone",
        "https://shop.example/there",
    )
    ask(database, text, agent)
    waiting = check(database, text, agent).judged
    assert (waiting.awaited, waiting.new_links, waiting.findings) == (True, (), ())
    assert look_up(database, clock, pages) == 2
    assert look_up(database, clock, pages) == 0
    done = check(database, text, agent).judged
    assert [one.message for one in done.findings] == [
        "https://shop.example/gone does not work: the page does not exist (404)."
    ]
    assert not done.awaited


def test_asking_twice_changes_nothing_and_an_old_result_is_asked_again(
    database: Database, agent: User, clock: FakeClock, pages: str
) -> None:
    text = "See https://shop.example/gone"
    ask(database, text, agent)
    with database.write() as session:
        links.ask(session, ["https://shop.example/gone"], START)
    assert look_up(database, clock, pages) == 1
    with database.read() as session:
        _, new, awaited = links.known(session, text, START + links.STANDS + timedelta(seconds=1))
    assert (new, awaited) == (["https://shop.example/gone"], False)
    with database.write() as session:
        links.ask(session, new, START + links.STANDS + timedelta(seconds=1))
    assert look_up(database, clock, pages) == 1


def test_nothing_inside_is_ever_called(pages: str) -> None:
    with pytest.raises(ConnectorError):
        links.status_of(pages)
    assert links.trouble(pages, links.status_of) == "it leads into a private network"
    assert links.trouble("https://nowhere.example", links.status_of) == "its host cannot be found"


def test_only_links_are_looked_at() -> None:
    assert links.in_text("bea@mail.example, a.b and kestova.com/x.") == ["kestova.com/x"]
