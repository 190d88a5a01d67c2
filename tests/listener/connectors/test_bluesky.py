import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from listener.connector import ConnectorError, Setup
from listener.connectors.bluesky import BlueskyConnector, Item, Place, shown_text, to_account
from listener.cursor import Sweep
from listener.mention import Account, Post
from listener.overlap import Seen
from listener.query import parse
from tests.conftest import FakeClock
from tests.listener.standins import BEGINNING, Answer
from tests.listener.standins.bluesky import CID, DID, HANDLE, BlueskyStandIn, did_of


@pytest.fixture
def server(clock: FakeClock) -> Iterator[BlueskyStandIn]:
    server = BlueskyStandIn(clock)
    with server:
        yield server


def hear(setup: Setup, cursor: dict[str, Any] | None = None) -> tuple[list[Post], dict[str, Any]]:
    pages = list(BlueskyConnector(setup).fetch(cursor or {}))
    return [post for page in pages for post in page.posts], json.loads(json.dumps(dict(pages[-1].cursor)))


def heard_ids(posts: list[Post]) -> list[str]:
    return sorted(post.external_id for post in posts)


def all_ids(server: BlueskyStandIn) -> list[str]:
    return sorted(server.external_id(sample) for sample in server.samples)


# What a post says.


def test_a_post_tells_everything_it_knows(server: BlueskyStandIn) -> None:
    (sample,) = server.post(1)

    [post], _ = hear(server.setup())

    uri, handle = server.external_id(sample), f"{sample.handle}.example"
    assert (post.external_id, post.thread, post.in_reply_to) == (uri, uri, "")
    assert post.url == f"https://bsky.app/profile/{handle}/post/3k{sample.number}"
    assert (post.likes, post.shares, post.replies, post.lang) == (5, 3, 4, "en")
    assert post.reply_ref == {"uri": uri, "cid": CID, "root_uri": uri, "root_cid": CID}
    author = post.author
    assert (author.external_id, author.handle) == (did_of(sample), handle)
    assert (author.followers, author.website, author.bio) == (321, "https://ada.example", "Rides bikes")
    assert author.url == f"https://bsky.app/profile/{handle}"


def test_an_answer_knows_its_thread(server: BlueskyStandIn) -> None:
    sample = server.post(1)[0]
    root, parent = {"uri": "at://did:plc:x/app.bsky.feed.post/1", "cid": "root"}, {"uri": "at://y", "cid": "parent"}
    server.extra[sample.number] = {"reply": {"root": root, "parent": parent}}

    [post], _ = hear(server.setup())

    assert (post.thread, post.in_reply_to) == (root["uri"], "at://y")
    assert (post.reply_ref["root_uri"], post.reply_ref["root_cid"]) == (root["uri"], "root")


def test_a_post_that_is_closed_to_us_says_so(server: BlueskyStandIn) -> None:
    view = server.view(server.post(1)[0]) | {"viewer": {"replyDisabled": True}}
    server.answer_next(Answer.of_json({"posts": [view]}))
    [post], _ = hear(server.setup())
    assert post.reply_ref["closed"] is True


def test_people_without_a_valid_handle_are_kept_apart() -> None:
    author = {"did": "did:plc:ada", "handle": "handle.invalid"}
    assert to_account(author, author).handle == "did:plc:ada"


@pytest.mark.parametrize("written", ["some day", None, 5, "2031-01-01T00:00:00Z"])
def test_a_moment_that_cannot_be_is_replaced_by_when_it_was_seen(server: BlueskyStandIn, written: object) -> None:
    sample = server.post(1)[0]
    server.extra[sample.number] = {"createdAt": written}
    [post], _ = hear(server.setup())
    assert post.created_at == sample.created_at


def link(start: int, end: int, uri: str) -> dict[str, Any]:
    return {
        "index": {"byteStart": start, "byteEnd": end},
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": uri}],
    }


def test_links_are_shown_in_full_counted_by_bytes() -> None:
    text = "🚲 naïve: shop.example/lo... and here"
    start = len("🚲 naïve: ".encode())
    word = len("🚲 naïve: shop.example/lo... and ".encode())
    facets = [
        link(start, start + len("shop.example/lo..."), "https://shop.example/long/path"),
        link(word, word + 4, "https://other.example"),
    ]
    shown = shown_text({"text": text, "facets": facets})
    assert shown == "🚲 naïve: https://shop.example/long/path and here (https://other.example)"


def test_a_text_without_links_stays() -> None:
    mention = {"index": {"byteStart": 0, "byteEnd": 4}, "features": [{"$type": "…#mention", "did": "did:plc:ada"}]}
    assert shown_text({"text": "@ada hello", "facets": [mention]}) == "@ada hello"
    assert shown_text({"text": "see https://a.example", "facets": [link(4, 21, "https://a.example")]}) == (
        "see https://a.example"
    )


# Paging.


def test_a_post_that_is_indexed_late_is_still_heard(server: BlueskyStandIn, clock: FakeClock) -> None:
    samples = server.post(8)
    _, cursor = hear(server.setup())
    late = replace(samples[-3], number=5000, text="late kestova")
    server.samples.insert(6, late)

    posts, _ = hear(server.setup(), cursor)

    assert heard_ids(posts) == [server.external_id(late)]


def test_every_post_is_heard_once_however_often_it_is_asked(server: BlueskyStandIn, clock: FakeClock) -> None:
    heard: list[Post] = []
    cursor: dict[str, Any] = {}
    for count in (1, 7, 0, 30, 2):
        server.post(count, apart_s=20)
        posts, cursor = hear(server.setup(), cursor)
        heard += posts
    assert heard_ids(heard) == all_ids(server)


def test_posts_that_arrive_while_pages_are_read_push_none_out(server: BlueskyStandIn) -> None:
    server.post(9)
    found: list[Post] = []
    cursor: dict[str, Any] = {}
    for page in BlueskyConnector(server.setup()).fetch({}):
        found += page.posts
        cursor = dict(page.cursor)
        if len(server.samples) < 20:
            server.post(2)
    later, _ = hear(server.setup(), cursor)
    assert heard_ids(found + later) == all_ids(server)


def test_what_was_heard_long_ago_leaves_the_cursor(server: BlueskyStandIn) -> None:
    server.post(20, apart_s=1)
    server.post(1, apart_s=3600)
    _, cursor = hear(server.setup())
    last = server.samples[-1]
    assert set(cursor["kestova"]["seen"]) == {server.external_id(last)}
    assert set(cursor["kestova"]) == {"since", "seen"}


def test_the_first_run_reads_back_a_week(server: BlueskyStandIn, clock: FakeClock) -> None:
    server.post(30, apart_s=86400)
    clock.now = server.samples[-1].created_at
    posts, _ = hear(server.setup())
    assert len(posts) == 8


def test_a_server_that_repeats_a_page_for_ever_is_left() -> None:
    items = [Item("at://x", BEGINNING, {})]
    place = Place(Sweep(), Seen())
    for _ in range(3):
        place = place.behind(items, "again", BEGINNING, by_moment=True)
    assert not place.sweep.under_way


def test_each_alternative_is_a_search_of_its_own(server: BlueskyStandIn) -> None:
    server.post(1)
    _, cursor = hear(replace(server.setup(), query=parse("kestova OR ebike")))
    assert set(cursor) == {"kestova", "ebike"}
    asked = [request.query["q"] for request in server.requests if request.path.endswith("searchPosts")]
    assert asked == ["kestova", "ebike"]


def test_profiles_are_asked_for_25_at_once_and_only_once(server: BlueskyStandIn) -> None:
    server.page_size = 100
    server.samples = [replace(sample, handle=f"p{sample.number % 60}") for sample in server.post(90)]

    posts, _ = hear(server.setup())

    assert {post.author.followers for post in posts} == {321}
    asked = [request for request in server.requests if request.path.endswith("getProfiles")]
    assert [request.raw_query.count("actors=") for request in asked] == [25, 25, 10]


# Mentions.


def test_mentions_answers_and_quotes_are_addressed(server: BlueskyStandIn) -> None:
    server.post(8)

    posts, cursor = hear(server.setup_for_mentions())

    wanted = [sample for sample in server.samples if sample.number % 4 != 3]
    assert heard_ids(posts) == sorted(server.external_id(sample) for sample in wanted)
    assert all(post.addressed for post in posts)
    assert hear(server.setup_for_mentions(), cursor)[0] == []


def test_new_mentions_are_heard_and_old_ones_left(server: BlueskyStandIn) -> None:
    server.post(40, apart_s=60)
    _, cursor = hear(server.setup_for_mentions())
    before = len(server.requests)
    added = server.post(4)

    posts, _ = hear(server.setup_for_mentions(), cursor)

    wanted = [sample for sample in added if sample.number % 4 != 3]
    assert heard_ids(posts) == sorted(server.external_id(sample) for sample in wanted)
    listings = [request for request in server.requests[before:] if request.path.endswith("listNotifications")]
    assert len(listings) <= 6  # ten minutes back, three at a time


def test_mentions_go_on_after_a_crash(server: BlueskyStandIn) -> None:
    server.post(9)
    pages = BlueskyConnector(server.setup_for_mentions()).fetch({})
    first = next(pages)
    server.post(1)

    posts, _ = hear(server.setup_for_mentions(), dict(first.cursor))

    wanted = [sample for sample in server.samples if sample.number % 4 != 3]
    assert set(heard_ids(posts + list(first.posts))) == {server.external_id(sample) for sample in wanted}


@pytest.mark.parametrize(
    "extra",
    [
        {"facets": [{"index": {"byteStart": 0, "byteEnd": 2}, "features": [{"$type": "x#mention", "did": DID}]}]},
        {"reply": {"root": {"uri": "at://x", "cid": "c"}, "parent": {"uri": f"at://{DID}/app.bsky.feed.post/1"}}},
        {"embed": {"$type": "app.bsky.embed.record", "record": {"uri": f"at://{DID}/app.bsky.feed.post/1"}}},
        {"embed": {"$type": "y", "record": {"record": {"uri": f"at://{DID}/app.bsky.feed.post/1"}}}},
    ],
    ids=["mention", "answer", "quote", "quote with pictures"],
)
def test_a_search_result_that_is_about_us_is_addressed(server: BlueskyStandIn, extra: dict[str, Any]) -> None:
    first, second = server.post(2)
    server.extra[second.number] = extra
    setup = replace(server.setup(), own_account=Account(DID, HANDLE))

    posts, _ = hear(setup)

    assert {post.external_id: post.addressed for post in posts} == {
        server.external_id(first): False,
        server.external_id(second): True,
    }


# Checking, and what can go wrong.


def test_a_check_says_who_we_are(server: BlueskyStandIn) -> None:
    health = BlueskyConnector(server.setup()).check()
    assert health.account
    assert (health.account.external_id, health.account.handle) == (DID, HANDLE)


@pytest.mark.parametrize(
    "answer",
    [{}, {"posts": 5}, {"posts": [{}]}, {"posts": ["text"]}, [], "text"],
    ids=["nothing", "number", "empty post", "text post", "list", "text"],
)
def test_an_answer_of_another_shape_is_malformed(server: BlueskyStandIn, answer: Any) -> None:
    server.answer_next(Answer.of_json(answer))
    with pytest.raises(ConnectorError) as caught:
        hear(server.setup())
    assert (caught.value.code, caught.value.permanent) == ("malformed", False)


@pytest.mark.parametrize(
    ("options", "query"),
    [({"mode": "everything"}, "kestova"), ({}, "kest*"), ({"base_url": "http://192.0.2.1"}, "kestova")],
)
def test_wrong_options_say_what_to_do(server: BlueskyStandIn, options: dict[str, str], query: str) -> None:
    setup = replace(server.setup(), options={"base_url": server.url, **options}, query=parse(query))
    with pytest.raises(ConnectorError) as caught:
        BlueskyConnector(setup)
    assert caught.value.permanent
    assert caught.value.remedy


def test_a_refusal_quotes_the_network(server: BlueskyStandIn) -> None:
    body = json.dumps({"error": "AccountTakedown", "message": "Account has been taken down"}).encode()
    server.fail_next(400, {"Content-Type": "application/json"}, body)
    with pytest.raises(ConnectorError) as caught:
        hear(server.setup())
    assert (caught.value.code, caught.value.permanent) == ("AccountTakedown", True)
    assert "taken down" in caught.value.message
    assert "support" in caught.value.remedy
