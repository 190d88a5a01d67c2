"""Answering on Reddit: what it refuses in the body of a good answer, and never twice."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import responses

from engage.channel import ChannelError, NotFound, Sent, Target, Unknowable
from engage.channels.reddit import RedditChannel, RedditRules
from listener.connector import Setup
from listener.connectors.reddit import OAUTH_URL, REDDIT_URL
from listener.mention import Account
from tests.conftest import FakeClock
from tests.listener.recorded import exchanges
from tests.listener.standins import Answer
from tests.listener.standins.reddit import SECRETS, RedditStandIn

TARGET = Target("t1_abc", Account("t2_a", "ada"), addressed=False, thread="t3_top")


@pytest.fixture
def reddit(clock: FakeClock) -> Iterator[RedditStandIn]:
    with RedditStandIn(clock) as server:
        yield server


def channel(reddit: RedditStandIn, **changes: Any) -> RedditChannel:
    return RedditChannel(replace(reddit.setup(), **changes))


def find(reddit: RedditStandIn, clock: FakeClock, text: str) -> Any:
    return channel(reddit).find(TARGET, text, "key", clock() - timedelta(minutes=5))


def failure(reddit: RedditStandIn, text: str = "Sorry about that.") -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        channel(reddit).send(TARGET, text, "key")
    return caught.value


def refusal(*error: str | None, **more: Any) -> Answer:
    return Answer.of_json({"json": {"errors": [list(error)], **more}})


def comments(reddit: RedditStandIn) -> int:
    """How often a reply was handed in."""
    return sum(request.path == "/api/comment/" for request in reddit.requests)


# --- rules -------------------------------------------------------------------------------------------------------


def test_rules() -> None:
    rules = RedditRules()
    assert (rules.length("Grüße 👍🏽"), rules.max_length) == (8, 10_000)
    assert rules.can_reply(TARGET).ok
    assert not rules.can_reply(replace(TARGET, deleted=True)).ok
    locked = rules.can_reply(replace(TARGET, reply_ref={"locked": True}))
    assert not locked.ok
    assert "locked" in locked.reason
    assert rules.warnings("See kestova.com") == ()


# --- sending -----------------------------------------------------------------------------------------------------


def test_a_reply_is_published(reddit: RedditStandIn) -> None:
    sent = channel(reddit).send(TARGET, "Sorry & thanks – 東京", "key")
    (published,) = reddit.published
    assert (published["parent_id"], published["body"]) == ("t1_abc", "Sorry & thanks – 東京")
    assert sent == Sent("t1_own0", "https://www.reddit.com/r/ebikes/comments/top/a_title/own0/")


@pytest.mark.parametrize("name", ["TestComment.test_reply", "TestSubmission.test_reply"])
@responses.activate
def test_a_recorded_answer_is_understood(shared_folder: Path, clock: FakeClock, name: str) -> None:
    exchange = exchanges(shared_folder / "recorded" / "reddit" / f"{name}.json")[1]
    responses.post(f"{REDDIT_URL}/api/v1/access_token", json={"access_token": "t", "expires_in": 3600, "scope": "*"})
    responses.post(f"{OAUTH_URL}/api/comment/", body=exchange.body, headers=exchange.headers)
    comment = json.loads(exchange.body)["json"]["data"]["things"][0]["data"]
    setup = Setup(options={}, secrets=SECRETS, query=None, clock=clock)
    sent = RedditChannel(setup).send(replace(TARGET, external_id=comment["parent_id"]), comment["body"], "key")
    assert sent.external_id == comment["name"]
    assert sent.url.endswith(f"/_/{comment['id']}/")


@responses.activate
def test_a_recorded_refusal_in_the_body(shared_folder: Path, clock: FakeClock) -> None:
    exchange = exchanges(shared_folder / "recorded" / "reddit" / "TestObjector.test_raise_api_exception.json")[1]
    responses.post(f"{REDDIT_URL}/api/v1/access_token", json={"access_token": "t", "expires_in": 3600, "scope": "*"})
    responses.post(f"{OAUTH_URL}/api/comment/", body=exchange.body, headers=exchange.headers)
    with pytest.raises(ChannelError) as caught:
        RedditChannel(Setup(options={}, secrets=SECRETS, query=None, clock=clock)).send(TARGET, "Hello", "key")
    assert (caught.value.code, caught.value.permanent, caught.value.uncertain) == ("user_required", True, False)


def test_a_limit_on_comments_says_how_long(reddit: RedditStandIn) -> None:
    reddit.answer_next(refusal("RATELIMIT", "try again in 9 minutes.", "ratelimit", ratelimit=541.25))
    error = failure(reddit)
    assert (error.code, error.permanent, error.uncertain) == ("rate_limited", False, False)
    assert error.retry_after == 541.25
    assert comments(reddit) == 1


def test_a_limit_on_comments_in_words_only(reddit: RedditStandIn) -> None:
    reddit.answer_next(refusal("RATELIMIT", "Take a break for 2 seconds.", "ratelimit"))
    error = failure(reddit)
    assert (error.code, error.permanent, error.retry_after) == ("rate_limited", False, None)
    assert comments(reddit) == 1


@pytest.mark.parametrize(
    ("code", "remedy"),
    [("THREAD_LOCKED", "another way"), ("TOO_OLD", "archived"), ("NEW_ONE", "Open the post on Reddit")],
)
def test_a_refusal_in_the_body_is_permanent(reddit: RedditStandIn, code: str, remedy: str) -> None:
    reddit.answer_next(refusal(code, None, "parent"))
    error = failure(reddit)
    assert (error.code, error.permanent, error.uncertain) == (code.lower(), True, False)
    assert remedy in error.remedy


def test_an_app_alone_cannot_write(reddit: RedditStandIn) -> None:
    secrets = {name: SECRETS[name] for name in ("client_id", "client_secret")}
    with pytest.raises(ChannelError) as caught:
        channel(reddit, secrets=secrets).send(TARGET, "Hello", "key")
    assert (caught.value.code, caught.value.permanent) == ("no_credentials", True)
    assert reddit.requests == []


def test_no_connection_is_certain(reddit: RedditStandIn) -> None:
    reddit.close()
    error = failure(reddit)
    assert (error.code, error.uncertain) == ("unreachable", False)


def test_no_answer_is_uncertain(reddit: RedditStandIn) -> None:
    reddit.slow = True
    error = failure(reddit)
    assert (error.code, error.uncertain) == ("timeout", True)


@pytest.mark.parametrize("answer", [Answer(503), Answer(200, b'{"js'), Answer.of_json({"json": {"errors": []}})])
def test_a_broken_answer_is_uncertain_and_not_repeated(reddit: RedditStandIn, answer: Answer) -> None:
    reddit.answer_next(answer)
    error = failure(reddit)
    assert (error.permanent, error.uncertain) == (False, True)
    assert comments(reddit) == 1


# --- finding -----------------------------------------------------------------------------------------------------


def test_a_reply_whose_answer_was_lost_is_found(reddit: RedditStandIn, clock: FakeClock) -> None:
    reddit.drops_answers_to_replies = True
    error = failure(reddit, "Sorry & thanks\n\nfor this")
    assert (error.code, error.uncertain) == ("connection_lost", True)
    assert comments(reddit) == len(reddit.published) == 1
    clock.advance(minutes=2)
    found = find(reddit, clock, "Sorry & thanks\n\nfor this")
    assert found == Sent("t1_own0", "https://www.reddit.com/r/ebikes/comments/top/a_title/own0/")


def test_what_was_not_sent_is_not_found(reddit: RedditStandIn, clock: FakeClock) -> None:
    channel(reddit).send(replace(TARGET, external_id="t1_other"), "Sorry about that.", "key")
    channel(reddit).send(TARGET, "Something else", "key")
    assert find(reddit, clock, "Sorry about that.") == NotFound()
    clock.advance(hours=1)
    channel(reddit).send(TARGET, "Later", "key")
    assert find(reddit, clock, "Something else") == NotFound()


def test_a_reply_is_found_behind_other_pages(reddit: RedditStandIn, clock: FakeClock) -> None:
    for number in range(8):
        channel(reddit).send(TARGET, f"Number {number}", "key")
    assert find(reddit, clock, "Number 0").external_id == "t1_own0"


def test_behind_the_end_of_the_list_nobody_can_tell(reddit: RedditStandIn, clock: FakeClock) -> None:
    reddit.page_size = 100
    reddit.published = [
        {
            "name": f"t1_o{number}",
            "id": f"o{number}",
            "parent_id": "t1_x",
            "body": "x",
            "created_utc": clock().timestamp(),
        }
        for number in range(1200)
    ]
    assert isinstance(find(reddit, clock, "Hello"), Unknowable)


@pytest.mark.parametrize("answer", [Answer(500), Answer.of_json({"data": {"children": [{"data": {}}]}})])
def test_a_look_that_fails_is_no_finding(reddit: RedditStandIn, clock: FakeClock, answer: Answer) -> None:
    reddit.answer_next(answer)
    with pytest.raises(ChannelError) as caught:
        find(reddit, clock, "Hello")
    assert not caught.value.permanent
