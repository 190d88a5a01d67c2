from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from engage.channel import ChannelError, NotFound, Sent, Target
from engage.channels.mastodon import MastodonChannel, MastodonRules
from listener.connector import Setup
from listener.connectors.mastodon import MastodonConnector
from listener.mention import Account
from tests.conftest import FakeClock
from tests.listener.standins.mastodon import MastodonStandIn

RULES = MastodonRules()


@pytest.fixture
def instance(clock: FakeClock) -> Iterator[MastodonStandIn]:
    server = MastodonStandIn(clock)
    with server:
        server.post(2)
        yield server


@pytest.fixture
def channel(instance: MastodonStandIn) -> MastodonChannel:
    return MastodonChannel(instance.setup_with_account())


def target_on(instance: MastodonStandIn) -> Target:
    """The newest sample, as the connector hears it."""
    post = next(iter(MastodonConnector(instance.setup()).fetch({}))).posts[0]
    return Target(post.external_id, post.author, post.addressed, post.thread, post.url, reply_ref=post.reply_ref)


def refusal(channel: MastodonChannel, target: Target, text: str = "We are sorry") -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        channel.send(target, text, "key-1")
    return caught.value


# What is allowed.


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("plain", 5),
        ("see https://a.example/" + "x" * 200 + " now", 4 + 23 + 4),
        ("(https://a.example/x).", 1 + 23 + 2),
        ("@ada@a-long-server.example hello", len("@ada hello")),
        ("mail ada@a.example", len("mail ada@a.example")),
        ("👩‍👩‍👧 e\u0301 🇩🇪", 5),
    ],
)
def test_length_is_counted_as_mastodon_does(text: str, length: int) -> None:
    assert RULES.length(text) == length


def test_everything_but_a_deleted_post_can_be_answered() -> None:
    target = Target("id", Account("1", "ada@a.example"), addressed=False)
    assert RULES.can_reply(target).ok
    assert not RULES.can_reply(replace(target, deleted=True)).ok


def test_a_long_text_warns_that_the_name_counts_too() -> None:
    assert RULES.warnings("x" * 400) == ()
    assert RULES.warnings("x" * 490)
    assert RULES.warnings("@ada " + "x" * 490) == ()


# Sending.


def test_a_reply_answers_the_post_in_public_and_names_its_author(
    instance: MastodonStandIn, channel: MastodonChannel
) -> None:
    target = target_on(instance)

    sent = channel.send(target, "We are sorry", "key-1")

    [reply] = instance.replies
    assert reply["in_reply_to_id"] == str(instance.samples[-1].number)
    assert reply["visibility"] == "public"
    assert reply["content"] == f"<p>@{target.author.handle} We are sorry</p>"
    assert sent == Sent(reply["uri"], reply["url"])


def test_a_direct_message_is_answered_directly(instance: MastodonStandIn, channel: MastodonChannel) -> None:
    target = target_on(instance)
    channel.send(replace(target, reply_ref={**(target.reply_ref or {}), "visibility": "direct"}), "Hello", "key-1")
    assert instance.replies[0]["visibility"] == "direct"


def test_a_name_that_is_there_is_not_put_in_front_again(instance: MastodonStandIn, channel: MastodonChannel) -> None:
    name = instance.samples[-1].handle
    channel.send(target_on(instance), f"Hello @{name.upper()}, sorry", "key-1")
    assert instance.replies[0]["content"] == f"<p>Hello @{name.upper()}, sorry</p>"


def test_the_same_key_never_posts_twice(instance: MastodonStandIn, channel: MastodonChannel) -> None:
    target = target_on(instance)
    assert channel.send(target, "Sorry", "key-1") == channel.send(target, "Sorry", "key-1")
    assert len(instance.replies) == 1


def test_a_reply_that_the_name_makes_too_long_stays(instance: MastodonStandIn, channel: MastodonChannel) -> None:
    error = refusal(channel, target_on(instance), "x" * 499)
    assert (error.code, error.permanent, error.uncertain) == ("too_long", True, False)
    assert "by 5 characters" in error.remedy  # "@ada2" and a space, less the one that was left
    assert instance.replies == []


def test_a_post_heard_elsewhere_is_found_on_our_instance(instance: MastodonStandIn, channel: MastodonChannel) -> None:
    target = target_on(instance)
    elsewhere = replace(target, reply_ref={"id": "5", "instance": "https://other.example", "visibility": "public"})

    channel.send(elsewhere, "Sorry", "key-1")
    channel.send(replace(target, reply_ref=None), "Sorry", "key-2")

    assert {reply["in_reply_to_id"] for reply in instance.replies} == {str(instance.samples[-1].number)}


def test_a_post_that_our_instance_cannot_find_is_a_permanent_error(
    instance: MastodonStandIn, channel: MastodonChannel
) -> None:
    gone = Target("https://other.example/1", Account("1", "ada@other.example"), addressed=False)
    error = refusal(channel, gone)
    assert (error.code, error.permanent, error.uncertain) == ("target_gone", True, False)


def test_a_post_that_is_gone_says_so(instance: MastodonStandIn, channel: MastodonChannel) -> None:
    target = target_on(instance)
    instance.samples.clear()
    error = refusal(channel, target)
    assert (error.code, error.permanent, error.uncertain) == ("http_404", True, False)
    assert "gone" in error.remedy


@pytest.mark.parametrize(
    ("status", "permanent", "uncertain"),
    [(401, True, False), (403, True, False), (422, True, False), (429, False, False), (500, False, True)],
)
def test_only_an_unclear_answer_is_uncertain(
    instance: MastodonStandIn, channel: MastodonChannel, status: int, permanent: bool, uncertain: bool
) -> None:
    target = target_on(instance)
    instance.fail_next(status)
    error = refusal(channel, target)
    assert (error.permanent, error.uncertain) == (permanent, uncertain)


def test_no_answer_is_uncertain(instance: MastodonStandIn) -> None:
    target = target_on(instance)
    instance.slow = True
    error = refusal(MastodonChannel(instance.setup_with_account()), target)
    assert (error.code, error.uncertain) == ("timeout", True)


def test_an_instance_that_cannot_be_reached_got_nothing(instance: MastodonStandIn, channel: MastodonChannel) -> None:
    target = target_on(instance)
    instance.close()
    error = refusal(channel, target)
    assert (error.code, error.uncertain) == ("unreachable", False)


def test_without_a_token_nothing_is_sent(instance: MastodonStandIn) -> None:
    error = refusal(MastodonChannel(instance.setup()), target_on(instance))
    assert (error.code, error.permanent) == ("no_credentials", True)


# Finding.


def test_a_reply_that_was_sent_is_found_among_many(
    instance: MastodonStandIn, channel: MastodonChannel, clock: FakeClock
) -> None:
    target = target_on(instance)
    since = clock()
    sent = channel.send(target, "See https://help.example/a & write to us 👋", "key-1")
    for number in range(7):
        channel.send(target, f"Another answer {number}", f"key-other-{number}")

    assert channel.find(target, "See https://help.example/a & write to us 👋", "key-1", since) == sent


def test_a_reply_that_was_never_sent_is_not_found(
    instance: MastodonStandIn, channel: MastodonChannel, clock: FakeClock
) -> None:
    target = target_on(instance)
    other = replace(target, reply_ref={**(target.reply_ref or {}), "id": str(instance.samples[0].number)})
    channel.send(other, "We are sorry", "key-other")

    assert channel.find(target, "We are sorry", "key-1", clock()) == NotFound()
    assert channel.find(other, "We are not sorry", "key-1", clock()) == NotFound()


def test_it_looks_no_further_back_than_the_first_try(
    instance: MastodonStandIn, channel: MastodonChannel, clock: FakeClock
) -> None:
    target = target_on(instance)
    for number in range(20):
        channel.send(target, f"Answer {number}", f"key-{number}")
        clock.advance(minutes=10)
    asked = len(instance.requests)

    assert channel.find(target, "Never sent", "key", clock() - timedelta(minutes=30)) == NotFound()
    assert len(instance.requests) - asked <= 3  # who we are, and two pages of three


def test_looking_can_fail_like_any(instance: MastodonStandIn, channel: MastodonChannel, clock: FakeClock) -> None:
    target = target_on(instance)
    instance.fail_next(500)
    with pytest.raises(ChannelError) as caught:
        channel.find(target, "Sorry", "key-1", clock())
    assert not caught.value.permanent


def test_making_a_channel_calls_nothing() -> None:
    MastodonChannel(Setup(options={}, secrets={}, query=None, clock=FakeClock()))
