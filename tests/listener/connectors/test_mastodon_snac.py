"""The Mastodon connector and channel against a real server."""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.clock import utc_now
from engage.channel import NotFound, Sent, Target, Unknowable
from engage.channels.mastodon import MastodonChannel
from listener.connector import ConnectorError, Setup
from listener.connectors.mastodon import MastodonConnector
from listener.mention import Account, Post
from tests.snac import PATIENCE_S, SnacServer, eventually, running_snac

pytestmark = pytest.mark.snac


@pytest.fixture
def snac(tmp_path: Path) -> Iterator[SnacServer]:
    with running_snac(tmp_path) as server:  # one for each test: deliveries queue up behind other posts
        yield server


def setup_for(snac: SnacServer, user: str = "", own_account: Account | None = None, **options: str) -> Setup:
    return Setup(
        options={"base_url": snac.base_url, **options},
        secrets={"access_token": snac.token(user)} if user else {},
        query=None,
        clock=utc_now,
        own_account=own_account,
    )


def hear(connector: MastodonConnector, cursor: Mapping[str, object]) -> tuple[list[Post], Mapping[str, object]]:
    """All posts of a run and the cursor after it; after a reset connection it goes on from the cursor."""
    posts: list[Post] = []
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            for page in connector.fetch(cursor):
                posts += page.posts
                cursor = page.cursor
            return posts, cursor
        except ConnectorError as error:
            assert not error.permanent, error
            assert time.monotonic() < end, error


def target_of(post: Post) -> Target:
    return Target(
        post.external_id, post.author, post.addressed, post.thread, post.url, reply_ref=dict(post.reply_ref)
    )


def send(channel: MastodonChannel, target: Target, text: str) -> Sent:
    """Send as the pipeline does: after an uncertain error, look before trying again."""
    since = utc_now()

    def attempt() -> Sent | None:
        try:
            return channel.send(target, text, "key-1")
        except ConnectorError as error:
            assert not error.permanent, error
            return found if isinstance(found := look(channel, target, text, since), Sent) else None

    return eventually(attempt, "a reply to be taken")


def look(channel: MastodonChannel, target: Target, text: str, since: datetime) -> Sent | NotFound:
    def attempt() -> Sent | NotFound | None:
        try:
            found = channel.find(target, text, "key-1", since)
        except ConnectorError as error:
            assert not error.permanent, error
            return None
        assert not isinstance(found, Unknowable)
        return found

    return eventually(attempt, "the own statuses")


def test_a_hashtag_is_heard_without_an_account_and_only_once(snac: SnacServer) -> None:
    status = snac.post("bob", "The #kestova rattles & squeaks\nin second gear")
    connector = MastodonConnector(setup_for(snac, hashtags="kestova"))

    first, cursor = hear(connector, {})
    snac.post("bob", "Still rattling, #kestova")
    second, cursor = hear(connector, cursor)

    [post] = first
    assert post.external_id == status["uri"]
    assert post.text == "The #kestova rattles & squeaks\nin second gear"
    assert (post.author.handle, post.author.url) == ("bob@localhost", "http://localhost/bob")
    assert post.thread == post.external_id
    assert not post.addressed
    assert post.created_at.tzinfo is UTC
    assert [post.text for post in second if post.external_id not in {heard.external_id for heard in first}] == [
        "Still rattling, #kestova"
    ]


def test_every_page_is_read_and_a_killed_run_goes_on(snac: SnacServer) -> None:
    texts = {f"Number {number} of #manypages" for number in range(45)}
    for text in sorted(texts):
        snac.post("bob", text)
    connector = MastodonConnector(setup_for(snac, hashtags="manypages"))

    def first_page() -> tuple[list[Post], Mapping[str, object]] | None:
        try:
            page = next(iter(connector.fetch({})))
        except ConnectorError:
            return None
        return list(page.posts), page.cursor

    before, cursor = eventually(first_page, "a first page")
    after, _ = hear(connector, cursor)

    assert 0 < len(before) < len(texts)
    assert {post.text for post in before + after} == texts


def test_a_mention_is_heard_answered_and_its_answer_joins_the_thread(snac: SnacServer) -> None:
    question = snac.post("bob", "@acme my charger is dead, what now?")
    check = eventually(lambda: healthy(snac), "the check to pass")
    assert check.handle == "acme@localhost"
    connector = MastodonConnector(setup_for(snac, "acme", check, mode="mentions"))

    def heard() -> Post | None:
        posts, _ = hear(connector, {})
        return next((post for post in posts if post.external_id == question["uri"]), None)

    post = eventually(heard, "the mention")
    assert post.addressed
    channel = MastodonChannel(setup_for(snac, "acme", check))
    text = "Sorry to hear that. Write to https://help.example/form & we send a *new* one."
    assert look(channel, target_of(post), text, utc_now()) == NotFound()

    sent = send(channel, target_of(post), text)

    [status] = [status for status in snac.statuses("acme") if status["uri"] == sent.external_id]
    assert status["in_reply_to_id"] == question["id"]
    assert [mention["acct"] for mention in status["mentions"]][:1] == ["bob@localhost"]
    assert look(channel, target_of(post), text, utc_now()) == sent
    assert look(channel, target_of(post), "Another answer", utc_now()) == NotFound()

    snac.post("bob", "@acme thank you, that helped", in_reply_to=status["id"])

    def heard_again() -> Post | None:
        posts, _ = hear(connector, {})
        return next((post for post in posts if "that helped" in post.text), None)

    thanks = eventually(heard_again, "the answer to our answer")
    assert thanks.in_reply_to == sent.external_id
    assert thanks.thread == post.external_id


def test_a_wrong_token_is_a_permanent_error(snac: SnacServer) -> None:
    setup = Setup(
        options={"base_url": snac.base_url, "mode": "mentions"},
        secrets={"access_token": "wrong"},
        query=None,
        clock=utc_now,
    )

    def refused() -> ConnectorError | None:
        with pytest.raises(ConnectorError) as caught:
            MastodonConnector(setup).check()
        return caught.value if caught.value.permanent else None

    assert eventually(refused, "the token to be refused").remedy


def healthy(snac: SnacServer) -> Account | None:
    try:
        return MastodonConnector(setup_for(snac, "acme", mode="mentions")).check().account
    except ConnectorError as error:
        assert not error.permanent, error
        return None
