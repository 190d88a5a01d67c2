"""Answering on X: what a text weighs, who may be answered, and never twice."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses

from engage.channel import ChannelError, NotFound, Sent, Target, Unknowable
from engage.channels.x import XChannel, XRules
from engage.channels.x_text import cashtags, links, weight
from listener.connector import Setup
from listener.connectors.x import BASE_URL
from listener.mention import Account
from tests.conftest import SHARED, FakeClock
from tests.listener.recorded import exchanges
from tests.listener.standins import Answer
from tests.listener.standins.x import OWN_HANDLE, OWN_ID, SECRETS, XStandIn, problem, snowflake
from tests.listener.x_description import XDescription

OWN = Account(OWN_ID, OWN_HANDLE)
ADA = Account("7", "ada")
ANSWERED = snowflake(datetime(2026, 11, 2, 8, 0, tzinfo=UTC), 7)
TARGET = Target(ANSWERED, ADA, addressed=True)
OPENAPI = SHARED / "recorded" / "x" / "openapi.json"


@pytest.fixture
def x(clock: FakeClock) -> Iterator[XStandIn]:
    """The stand-in; where ../shared is there, all it was asked and said is judged by X's own description."""
    with XStandIn(clock) as server:
        yield server
    description = XDescription(OPENAPI) if OPENAPI.is_file() else None
    for request, answer in server.exchanges if description else ():
        description.check(request, answer)


def channel(x: XStandIn, **changes: Any) -> XChannel:
    return XChannel(replace(x.setup(), own_account=OWN, **changes))


def find(x: XStandIn, clock: FakeClock, text: str, target: Target = TARGET) -> Any:
    return channel(x).find(target, text, "key", clock() - timedelta(minutes=5))


def failure(x: XStandIn, text: str = "Sorry about that.") -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        channel(x).send(TARGET, text, "key")
    return caught.value


# --- rules -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("hello", 5),
        ("Grüße, Привет, שלום", 19),
        ("e\u0301", 1),
        ("“quoted” – said", 15),
        ("東京", 4),
        ("ハロー ok", 9),
        ("…", 2),
        ("👍", 2),
        ("👍🏽", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("❤️‍🔥", 2),
        ("🏳️‍🌈", 2),
        ("🇩🇪🇫🇷", 4),
        ("1️⃣", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        ("©", 1),
        ("https://kestova.example/a/very/long/way/to/help?page=1", 23),
        ("See https://kestova.example/help.", 28),
        ("(see https://kestova.example/a_(b))", 29),
        ("http://kestova.example:8080/a and kestova.com", 51),
        ("KESTOVA.COM!", 24),
        ("東京kestova.comです", 31),
        ("shop.example.de", 23),
        ("example.de/shop", 23),
        ("example.de", 10),
        ("Thanks.it works e.g. here", 25),
        ("ada@example.com", 15),
        ("@kestova.com", 12),
        ("a" * 280, 280),
    ],
)
def test_a_text_weighs_what_x_says(text: str, expected: int) -> None:
    assert XRules().length(text) == expected


def test_weighing_stays_quick_on_hostile_texts() -> None:
    """Each of these would take minutes if the patterns tried all ways to read them."""
    for piece in ("a.", "a-", "a.b/", "https://", "👨‍", "$A ", "()"):
        assert weight(piece * 20_000) > 0


def test_links_and_cashtags_are_found() -> None:
    assert links("Read kestova.com, or https://kestova.example/a.") == ["kestova.com", "https://kestova.example/a"]
    assert cashtags("$ACME, $BRK.B and $5 a$b") == ["$ACME", "$BRK.B"]


def test_only_a_summons_may_be_answered() -> None:
    assert XRules().can_reply(TARGET).ok
    refused = XRules().can_reply(replace(TARGET, addressed=False))
    assert not refused.ok
    assert "Open the post on X" in refused.reason
    assert not XRules().can_reply(replace(TARGET, deleted=True)).ok


def test_warnings() -> None:
    assert XRules().warnings("Thanks for $ACME") == ()
    assert "$0.20" in XRules().cost("See kestova.com")
    assert XRules().cost("See you soon") == ""
    (tags,) = XRules().warnings("$ACME or $KEST")
    assert "cashtag" in tags


# --- sending -----------------------------------------------------------------------------------------------------


def test_a_reply_is_published(x: XStandIn) -> None:
    sent = channel(x).send(TARGET, "Sorry, we look into it – 東京 & more", "key")
    (published,) = x.published
    assert sent == Sent(published["id"], f"https://x.com/{OWN_HANDLE}/status/{published['id']}")
    (request,) = x.requests
    assert json.loads(request.body) == {
        "text": "Sorry, we look into it – 東京 & more",
        "reply": {"in_reply_to_tweet_id": ANSWERED},
    }
    assert request.headers["authorization"].startswith("OAuth ")


@responses.activate
def test_a_recorded_answer_is_understood(shared_folder: Path, clock: FakeClock) -> None:
    exchange = exchanges(shared_folder / "recorded" / "x" / "test_client_create_and_delete_tweet.yaml")[0]
    responses.post(f"{BASE_URL}/2/tweets", body=exchange.body, status=exchange.status, headers=exchange.headers)
    setup = Setup(options={}, secrets=SECRETS, query=None, clock=clock)
    id_ = json.loads(exchange.body)["data"]["id"]
    assert XChannel(setup).send(TARGET, "Test Tweet", "key") == Sent(id_, f"https://x.com/i/status/{id_}")


def test_a_bearer_token_alone_cannot_write(x: XStandIn) -> None:
    with pytest.raises(ChannelError) as caught:
        channel(x, secrets={"bearer_token": "good-bearer"}).send(TARGET, "Hello", "key")
    assert (caught.value.code, caught.value.permanent, caught.value.uncertain) == ("no_credentials", True, False)
    assert x.requests == []


def test_a_refusal_is_certain_and_permanent(x: XStandIn) -> None:
    x.answer_next(problem(403))
    error = failure(x)
    assert (error.permanent, error.uncertain) == (True, False)
    assert "Open the post on X" in error.remedy


def test_a_locked_account_has_a_remedy_of_its_own(x: XStandIn) -> None:
    x.answer_next(problem(403, errors=[{"code": 326, "message": "locked"}]))
    assert "unlock" in failure(x).remedy


def test_a_rate_limit_is_certain_and_passes(x: XStandIn) -> None:
    x.answer_next(x.rate_limited(90))
    error = failure(x)
    assert (error.code, error.permanent, error.uncertain) == ("rate_limited", False, False)
    assert error.retry_after == pytest.approx(90, abs=2)


def test_no_connection_is_certain(x: XStandIn) -> None:
    x.close()
    error = failure(x)
    assert (error.code, error.permanent, error.uncertain) == ("unreachable", False, False)


@pytest.mark.parametrize(
    "answer",
    [Answer(503), Answer(201, b'{"da'), Answer.of_json({"data": {}}, 201), Answer.of_json({"data": []}, 201)],
)
def test_a_broken_answer_is_uncertain(x: XStandIn, answer: Answer) -> None:
    x.answer_next(answer)
    error = failure(x)
    assert (error.permanent, error.uncertain) == (False, True)
    assert len(x.requests) == 1


def test_no_answer_is_uncertain(x: XStandIn) -> None:
    x.slow = True
    error = failure(x)
    assert (error.code, error.uncertain) == ("timeout", True)


# --- finding -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["Sorry about that.", "@ada  Sorry & thanks\n\nfor this", "See https://kestova.example/help <3"]
)
def test_a_reply_whose_answer_was_lost_is_found(x: XStandIn, clock: FakeClock, text: str) -> None:
    x.drops_answers_to_replies = True
    error = failure(x, text)
    assert (error.code, error.uncertain) == ("connection_lost", True)
    (published,) = x.published
    assert len(x.requests) == 1
    clock.advance(minutes=2)
    assert find(x, clock, text) == Sent(published["id"], f"https://x.com/{OWN_HANDLE}/status/{published['id']}")


def test_links_are_compared_as_links(x: XStandIn, clock: FakeClock) -> None:
    channel(x).send(TARGET, "See kestova.com", "key")
    link = {"start": 9, "end": 20, "url": "https://t.co/a", "expanded_url": "http://kestova.com"}
    x.published[0] |= {"text": "@ada See https://t.co/a", "entities": {"urls": [link]}}
    assert isinstance(find(x, clock, "See kestova.com"), Sent)


def test_what_was_not_sent_is_not_found(x: XStandIn, clock: FakeClock) -> None:
    other = replace(TARGET, external_id="99")
    channel(x).send(other, "Sorry about that.", "key")
    channel(x).send(TARGET, "Something else", "key")
    assert find(x, clock, "Sorry about that.") == NotFound()
    clock.advance(hours=1)
    assert find(x, clock, "Something else") == NotFound()


def test_a_reply_is_found_behind_other_pages(x: XStandIn, clock: FakeClock) -> None:
    channel(x).send(TARGET, "The first", "key")
    for number in range(7):
        channel(x).send(TARGET, f"Number {number}", "key")
    assert find(x, clock, "The first") == Sent(
        x.published[0]["id"], f"https://x.com/{OWN_HANDLE}/status/{x.published[0]['id']}"
    )


def test_the_account_is_known_from_the_token(x: XStandIn, clock: FakeClock) -> None:
    writer = XChannel(x.setup())
    writer.send(TARGET, "Hello", "key")
    assert isinstance(writer.find(TARGET, "Hello", "key", clock()), Sent)


def test_without_an_account_nobody_can_tell(x: XStandIn, clock: FakeClock) -> None:
    writer = XChannel(replace(x.setup(), secrets={**SECRETS, "access_token": "odd"}))
    assert isinstance(writer.find(TARGET, "Hello", "key", clock()), Unknowable)


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer.of_json({"data": [{"no": "id"}]}), Answer.of_json({"data": 5})]
)
def test_a_look_that_fails_is_no_finding(x: XStandIn, clock: FakeClock, answer: Answer) -> None:
    x.answer_next(answer)
    with pytest.raises(ChannelError) as caught:
        find(x, clock, "Hello")
    assert not caught.value.permanent
