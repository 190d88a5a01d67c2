from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.channel import ChannelError, NotFound, Sent, Target
from engage.channels.bluesky import BlueskyChannel, BlueskyRules, rkey
from listener.connector import Setup
from listener.connectors.bluesky import BlueskyConnector
from listener.mention import Account
from tests.conftest import FakeClock
from tests.listener.standins.bluesky import CID, DID, HANDLE, BlueskyStandIn

RULES = BlueskyRules()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[BlueskyStandIn]:
    server = BlueskyStandIn(clock)
    with server:
        server.post(2)
        yield server


@pytest.fixture
def channel(server: BlueskyStandIn) -> BlueskyChannel:
    return BlueskyChannel(server.setup())


def target_on(server: BlueskyStandIn) -> Target:
    """The newest sample, as the connector hears it."""
    post = next(iter(BlueskyConnector(server.setup()).fetch({}))).posts[0]
    return Target(post.external_id, post.author, post.addressed, post.thread, post.url, reply_ref=post.reply_ref)


def refusal(channel: BlueskyChannel, target: Target, text: str = "We are sorry") -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        channel.send(target, text, "key-1")
    return caught.value


def named(reference: dict[str, str]) -> tuple[str, str]:
    return reference["uri"], reference["cid"]


# What is allowed.


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("plain", 5),
        ("e\u0301", 1),
        ("👩‍👩‍👧👍🏽🇩🇪", 3),
        ("한국", 2),
        ("a\r\nb", 3),
        ("https://a.example", 17),
    ],
)
def test_length_is_counted_in_graphemes(text: str, length: int) -> None:
    assert RULES.length(text) == length


def test_some_posts_cannot_be_answered() -> None:
    target = Target("id", Account("1", "ada.example"), addressed=False)
    assert RULES.can_reply(target).ok
    assert not RULES.can_reply(replace(target, deleted=True)).ok
    closed = RULES.can_reply(replace(target, reply_ref={"closed": True}))
    assert (closed.ok, bool(closed.reason)) == (False, True)


def test_a_text_of_large_pictures_warns() -> None:
    assert RULES.warnings("👍" * 300) == ()
    assert RULES.warnings("👩‍👩‍👧" * 200)


# Names of records.


@given(st.text())
def test_a_key_names_one_record_in_the_form_that_posts_must_have(key: str) -> None:
    name = rkey(key)
    assert name == rkey(key)
    assert len(name) == 13
    assert set(name) <= set("234567abcdefghijklmnopqrstuvwxyz")
    assert "3kh" <= name[:3] < "3m"  # a moment of 2024 or early 2025


def test_other_keys_name_other_records() -> None:
    assert len({rkey(str(number)) for number in range(5000)}) == 5000


# Sending.


def test_a_reply_names_the_post_and_its_thread(
    server: BlueskyStandIn, channel: BlueskyChannel, clock: FakeClock
) -> None:
    target = target_on(server)
    reference = {**(target.reply_ref or {}), "root_uri": "at://did:plc:root/app.bsky.feed.post/3kroot"}

    sent = channel.send(replace(target, reply_ref=reference), "We are sorry", "key-1")

    [(name, record)] = server.records.items()
    assert (record["$type"], record["text"]) == ("app.bsky.feed.post", "We are sorry")
    assert record["createdAt"] == "2026-11-02T09:00:00.000Z"
    assert named(record["reply"]["parent"]) == (target.external_id, CID)
    assert named(record["reply"]["root"]) == (reference["root_uri"], CID)
    assert "facets" not in record
    uri = f"at://{DID}/app.bsky.feed.post/{name}"
    assert sent == Sent(uri, f"https://bsky.app/profile/{HANDLE}/post/{name}")
    assert name == rkey("key-1")


def test_links_and_names_are_marked_by_bytes(server: BlueskyStandIn, channel: BlueskyChannel) -> None:
    text = "🚲 Désolé @ada.example.com, @nobody.example.com: https://help.example/a."
    channel.send(target_on(server), text, "key-1")

    [record] = server.records.values()
    marked = {
        text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(): facet["features"][0]
        for facet in record["facets"]
    }
    assert marked["@ada.example.com"]["did"] == "did:plc:ada"
    assert marked["https://help.example/a"]["uri"] == "https://help.example/a"
    assert set(marked) == {"@ada.example.com", "https://help.example/a"}


def test_the_same_key_never_publishes_twice(server: BlueskyStandIn, channel: BlueskyChannel) -> None:
    target = target_on(server)
    assert channel.send(target, "Sorry", "key-1") == channel.send(target, "Sorry", "key-1")
    assert len(server.records) == 1


def test_a_post_that_was_not_heard_here_is_looked_up(server: BlueskyStandIn, channel: BlueskyChannel) -> None:
    target = replace(target_on(server), reply_ref=None)
    channel.send(target, "Sorry", "key-1")
    [record] = server.records.values()
    assert named(record["reply"]["parent"]) == named(record["reply"]["root"]) == (target.external_id, CID)


def test_a_post_that_is_gone_is_a_permanent_error(server: BlueskyStandIn, channel: BlueskyChannel) -> None:
    gone = Target("at://did:plc:x/app.bsky.feed.post/1", Account("1", "ada.example"), addressed=False)
    error = refusal(channel, gone)
    assert (error.code, error.permanent, error.uncertain) == ("target_gone", True, False)


def test_what_is_too_large_is_not_sent(server: BlueskyStandIn, channel: BlueskyChannel) -> None:
    error = refusal(channel, target_on(server), "👩‍👩‍👧" * 200)
    assert (error.code, error.permanent) == ("too_long", True)
    assert server.records == {}


@pytest.mark.parametrize(
    ("status", "permanent", "uncertain"),
    [(400, True, False), (429, False, False), (500, False, True), (502, False, True)],
)
def test_only_an_unclear_answer_is_uncertain(
    server: BlueskyStandIn, channel: BlueskyChannel, status: int, permanent: bool, uncertain: bool
) -> None:
    target = target_on(server)
    server.fail_next(status)
    error = refusal(channel, target)
    assert (error.permanent, error.uncertain) == (permanent, uncertain)
    assert server.records == {}


def test_no_answer_is_uncertain(server: BlueskyStandIn) -> None:
    target = target_on(server)
    server.slow = True
    error = refusal(BlueskyChannel(server.setup()), target)
    assert (error.code, error.uncertain) == ("timeout", True)


def test_a_name_that_cannot_be_looked_up_stops_before_sending(
    server: BlueskyStandIn, channel: BlueskyChannel
) -> None:
    target = target_on(server)
    server.fail_next(500)
    error = refusal(channel, target, "@ada.example.com sorry")
    assert (error.permanent, error.uncertain) == (False, False)
    assert server.records == {}


# Finding.


def test_a_reply_is_found_by_its_key(server: BlueskyStandIn, channel: BlueskyChannel, clock: FakeClock) -> None:
    target = target_on(server)
    assert channel.find(target, "Sorry", "key-1", clock()) == NotFound()

    sent = channel.send(target, "Sorry", "key-1")

    assert channel.find(target, "Sorry", "key-1", clock() + timedelta(days=1)) == sent
    assert channel.find(target, "Sorry", "key-2", clock()) == NotFound()


def test_looking_can_fail_like_any(server: BlueskyStandIn, channel: BlueskyChannel, clock: FakeClock) -> None:
    target = target_on(server)
    server.fail_next(500)
    with pytest.raises(ChannelError) as caught:
        channel.find(target, "Sorry", "key-1", clock())
    assert not caught.value.permanent


def test_making_a_channel_calls_nothing() -> None:
    BlueskyChannel(Setup(options={}, secrets={}, query=None, clock=FakeClock()))
