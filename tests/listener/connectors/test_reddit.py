"""Reddit: what the contract doesn't ask, and recorded answers of the real one."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import responses

from listener.connector import ConnectorError, Page, Setup
from listener.connectors.reddit import OAUTH_URL, REDDIT_URL, RedditConnector, age_rank, read_listing, read_post
from listener.mention import Account
from listener.query import parse
from tests.conftest import FakeClock
from tests.listener.contract import CASES, expected, ids, posts_of
from tests.listener.recorded import Exchange, exchanges
from tests.listener.standins import Answer, StandIn
from tests.listener.standins.reddit import OWN_NAME, SECRETS, RedditStandIn, base36

OWN = Account("t2_own", OWN_NAME)
APP_ONLY = {name: SECRETS[name] for name in ("client_id", "client_secret")}


@pytest.fixture
def reddit(clock: FakeClock) -> Iterator[RedditStandIn]:
    with RedditStandIn(clock) as server:
        yield server


def connect(
    reddit: RedditStandIn, *, secrets: dict[str, str] | None = None, own: Account | None = None, **options: str
) -> RedditConnector:
    made = reddit.setup()
    secrets = SECRETS if secrets is None else secrets
    return RedditConnector(replace(made, options={**made.options, **options}, secrets=secrets, own_account=own))


def fetch(reddit: RedditStandIn, cursor: Any = None, **changes: Any) -> list[Page]:
    """All pages, from a cursor that went through JSON as it does through the database."""
    return list(connect(reddit, **changes).fetch(json.loads(json.dumps(cursor or {}))))


def last(found: list[Page]) -> Any:
    return found[-1].cursor


def gaps(found: list[Page]) -> list[str]:
    return [page.gap for page in found if page.gap]


def calls(reddit: RedditStandIn) -> list[str]:
    """Paths asked, logins left out."""
    return [request.path for request in reddit.requests if not reddit.is_login(request)]


# --- recorded answers --------------------------------------------------------------------------------------------


def recorded(folder: Path, name: str) -> list[Exchange]:
    """The exchanges of a cassette behind the login."""
    return exchanges(folder / "recorded" / "reddit" / f"{name}.json")[1:]


def replay(path: str, *found: Exchange) -> None:
    responses.post(f"{REDDIT_URL}/api/v1/access_token", json={"access_token": "t", "expires_in": 3600, "scope": "*"})
    for exchange in found:
        responses.get(f"{OAUTH_URL}/{path}", body=exchange.body, status=exchange.status, headers=exchange.headers)


def hear(clock: FakeClock, query: str = "praw", **options: str) -> list[Page]:
    return list(RedditConnector(Setup(options=options, secrets=SECRETS, query=parse(query), clock=clock)).fetch({}))


def things(exchange: Exchange) -> list[dict[str, Any]]:
    return [child["data"] for child in json.loads(exchange.body)["data"]["children"]]


EMPTY = Exchange("GET", "", 200, {}, b'{"kind": "Listing", "data": {"children": [], "after": null}}')


@responses.activate
def test_a_recorded_search(shared_folder: Path, clock: FakeClock) -> None:
    (exchange,) = recorded(shared_folder, "TestSubreddit.test_search")
    replay("r/all/search", exchange)
    posts = posts_of(hear(clock))
    listed = things(exchange)
    assert ids(posts) == [thing["name"] for thing in listed]
    for post, thing in zip(posts, listed, strict=True):
        assert post.text.startswith(thing["title"])
        assert (post.thread, post.in_reply_to) == (thing["name"], "")
        assert post.created_at == datetime.fromtimestamp(thing["created_utc"], UTC)
        assert (post.edited_at is None) is (thing["edited"] is False)
        assert post.url.startswith("https://www.reddit.com/r/")
        assert "?" not in post.url


@responses.activate
def test_recorded_comments_over_two_pages(shared_folder: Path, clock: FakeClock) -> None:
    first, second = recorded(shared_folder, "TestSubredditStreams.test_comments__with_continue_after_id")[:2]
    replay("r/redditdev/comments", first, second)
    found = hear(clock, mode="comments", subreddits="redditdev")
    assert ids(found[0].posts) == [thing["name"] for thing in things(first)]
    assert found[0].rate is not None
    assert found[0].rate.remaining == 599
    assert f"after={json.loads(first.body)['data']['after']}" in str(responses.calls[2].request.url)
    for post, thing in zip(found[0].posts, things(first), strict=True):
        assert (post.thread, post.in_reply_to) == (thing["link_id"], thing["parent_id"])
        assert post.author.external_id == thing.get("author_fullname", "[deleted]")
    newest = max((thing["name"] for thing in things(first)), key=age_rank)
    assert last(found)["listings"]["r/redditdev/comments"]["since"] == newest


@responses.activate
def test_a_recorded_inbox(shared_folder: Path, clock: FakeClock) -> None:
    mentions = recorded(shared_folder, "TestInbox.test_mentions")[0]
    answers = recorded(shared_folder, "TestInbox.test_comment_replies")[0]
    replay("message/mentions", mentions, EMPTY)
    replay("message/comments", answers, EMPTY)
    replay("message/selfreply", EMPTY)
    posts = posts_of(hear(clock, mode="inbox"))
    assert ids(posts) == [thing["name"] for exchange in (mentions, answers) for thing in things(exchange)]
    assert all(post.addressed and post.thread.startswith("t3_") and post.in_reply_to for post in posts)
    assert all(post.external_id.removeprefix("t1_") in post.url for post in posts)


def test_recorded_removals(shared_folder: Path) -> None:
    (deleted, *_) = recorded(shared_folder, "TestComment.test_refresh__deleted_comment")
    (post,) = read_listing(json.loads(deleted.body), None).posts
    assert post.deleted
    assert post.text == ""
    assert post.author.external_id == "[deleted]"


def test_a_recorded_mix_of_things(shared_folder: Path) -> None:
    """Several hundred of every age and kind: all are understood, and what is gone leaves no text."""
    every = [exchange for exchange in recorded(shared_folder, "TestReddit.test_info") if exchange.status == 200]
    posts = [post for exchange in every for post in read_listing(json.loads(exchange.body), None).posts]
    assert len(posts) > 100
    assert any(post.deleted for post in posts)
    assert any(post.edited_at for post in posts)
    assert all(bool(post.text) is not post.deleted for post in posts)


@responses.activate
def test_a_recorded_refusal(shared_folder: Path, clock: FakeClock) -> None:
    (exchange,) = recorded(shared_folder, "TestReddit.test_bad_request_without_json_text_html_response")
    replay("r/all/search", exchange)
    with pytest.raises(ConnectorError) as caught:
        hear(clock)
    assert (caught.value.code, caught.value.permanent) == ("http_400", True)


@responses.activate
def test_a_recorded_revoked_token(shared_folder: Path, clock: FakeClock) -> None:
    (exchange,) = exchanges(
        shared_folder / "recorded" / "reddit" / "TestAuthImplicit.test_implicit__with_invalid_token.json"
    )
    replay("r/all/search", exchange)
    with pytest.raises(ConnectorError) as caught:
        hear(clock)
    assert (caught.value.code, caught.value.permanent) == ("http_401", True)
    assert len(responses.calls) == 2


# --- paging ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("mode", ["comments", "inbox"])
def test_the_contract_in_the_other_modes(
    case: Callable[[StandIn], None], mode: str, reddit: RedditStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = reddit.setup
    reddit.kind = "t1"

    def in_mode() -> Setup:
        made = plain()
        return replace(made, options={**made.options, "mode": mode})

    monkeypatch.setattr(reddit, "setup", in_mode)
    case(reddit)


def test_nine_hundred_posts_between_two_polls_arrive_over_a_crash(reddit: RedditStandIn) -> None:
    reddit.page_size = 100
    reddit.post(5)
    before = last(fetch(reddit))
    samples = reddit.post(890, apart_s=1)
    source = connect(reddit).fetch(before)
    heard = [next(source) for _ in range(4)]
    heard += fetch(reddit, heard[-1].cursor)
    assert sorted(ids(posts_of(heard))) == expected(reddit, samples)
    assert gaps(heard) == []


def test_more_than_reddit_lists_is_a_gap(reddit: RedditStandIn) -> None:
    reddit.page_size = 100
    reddit.post(1)
    cursor = last(fetch(reddit))
    reddit.post(1200, apart_s=1)
    found = fetch(reddit, cursor)
    assert len(posts_of(found)) == 1000
    assert len(gaps(found)) == 1
    assert "1000" in gaps(found)[0]
    assert gaps(fetch(reddit, last(found))) == []


def test_a_first_run_has_no_gap(reddit: RedditStandIn) -> None:
    reddit.page_size = 100
    reddit.post(1200, apart_s=1)
    assert gaps(fetch(reddit)) == []


def test_a_place_that_sank_below_the_end_while_we_were_away_is_a_gap(reddit: RedditStandIn) -> None:
    reddit.page_size, reddit.depth = 3, 10
    reddit.post(1)
    cursor = last(fetch(reddit))
    reddit.post(8)
    halfway = next(connect(reddit).fetch(cursor)).cursor
    reddit.post(20)
    found = fetch(reddit, halfway)
    assert posts_of(found) == []
    assert len(gaps(found)) == 1
    assert len(posts_of(fetch(reddit, last(found)))) == 10


def test_edits_and_removals_on_a_page_that_is_read_are_told(reddit: RedditStandIn) -> None:
    reddit.kind = "t1"
    edited, removed, _ = reddit.post(3)
    cursor = last(fetch(reddit, mode="comments"))
    reddit.changes[edited.number] = {"body": "kestova, edited", "edited": edited.created_at.timestamp() + 60}
    reddit.changes[removed.number] = {"body": "[removed]", "author": "[deleted]"}
    told = {post.external_id: post for post in posts_of(fetch(reddit, cursor, mode="comments"))}
    assert set(told) == {reddit.external_id(edited), reddit.external_id(removed)}
    assert told[reddit.external_id(edited)].text == "kestova, edited"
    assert told[reddit.external_id(edited)].edited_at is not None
    assert told[reddit.external_id(removed)].deleted


def test_several_subreddits_are_searched_at_once(reddit: RedditStandIn) -> None:
    samples = reddit.post(2)
    found = fetch(reddit, subreddits="ebikes, r/cycling")
    assert sorted(ids(posts_of(found))) == expected(reddit, samples)
    assert calls(reddit) == ["/r/ebikes+cycling/search"]
    assert reddit.requests[-1].query["restrict_sr"] == "true"


# --- the allowance, and nothing twice ----------------------------------------------------------------------------


def test_it_stops_before_the_limit_instead_of_sleeping(reddit: RedditStandIn) -> None:
    samples = reddit.post(8)
    reddit.remaining = 0
    kept: list[Page] = []
    with pytest.raises(ConnectorError) as caught:
        for page in connect(reddit).fetch({}):
            kept.append(page)  # noqa: PERF402 - it ends with an error
    assert (caught.value.code, caught.value.retry_after) == ("rate_limited", 300)
    assert len(calls(reddit)) == len(kept) == 1
    reddit.remaining = 500
    rest = fetch(reddit, last(kept))
    assert sorted(ids(posts_of(kept + rest))) == expected(reddit, samples)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503])
def test_a_failed_request_is_not_repeated(reddit: RedditStandIn, status: int) -> None:
    reddit.fail_next(status)
    with pytest.raises(ConnectorError):
        fetch(reddit)
    assert len(calls(reddit)) == 1


# --- login, options and check ------------------------------------------------------------------------------------


def test_a_wrong_password(reddit: RedditStandIn) -> None:
    with pytest.raises(ConnectorError) as caught:
        connect(reddit, secrets={**SECRETS, "password": "wrong"}).check()
    assert (caught.value.code, caught.value.permanent) == ("invalid_grant", True)
    assert "two-factor" in caught.value.remedy


def test_a_wrong_client_secret(reddit: RedditStandIn) -> None:
    with pytest.raises(ConnectorError) as caught:
        connect(reddit, secrets={**SECRETS, "client_secret": "wrong"}).check()
    assert (caught.value.code, caught.value.permanent) == ("http_401", True)


def test_a_subreddit_that_is_not_there(reddit: RedditStandIn) -> None:
    reddit.fail_next(302, {"Location": f"{reddit.url}/subreddits/search?q=nowhere"})
    with pytest.raises(ConnectorError) as caught:
        fetch(reddit, subreddits="nowhere")
    assert caught.value.permanent
    assert "subreddits" in caught.value.remedy


def test_reddits_explanation_is_passed_on(reddit: RedditStandIn) -> None:
    reddit.answer_next(Answer.of_json({"message": "Forbidden", "error": 403, "reason": "private"}, 403))
    with pytest.raises(ConnectorError, match="private"):
        fetch(reddit)


def test_a_check_tells_the_account(reddit: RedditStandIn) -> None:
    health = connect(reddit).check()
    assert health.account is not None
    assert (health.account.external_id, health.account.handle) == ("t2_own", OWN_NAME)
    assert health.warnings == ()


def test_an_app_without_an_account_can_listen(reddit: RedditStandIn) -> None:
    samples = reddit.post(2)
    health = connect(reddit, secrets=APP_ONLY).check()
    assert health.account is None
    assert any("not answer" in warning for warning in health.warnings)
    assert sorted(ids(posts_of(fetch(reddit, secrets=APP_ONLY)))) == expected(reddit, samples)
    assert reddit.requests[0].form["grant_type"] == "client_credentials"


def test_who_we_say_we_are(reddit: RedditStandIn) -> None:
    reddit.post(1)
    fetch(reddit)
    assert f":hearken:0.1 (by /u/{OWN_NAME})" in reddit.requests[-1].headers["user-agent"]
    fetch(reddit, user_agent="web:our-hearken:1 (by /u/ada)")
    assert reddit.requests[-1].headers["user-agent"].startswith("web:our-hearken:1 (by /u/ada)")


def test_neither_environment_nor_praw_ini_leads_elsewhere(
    reddit: RedditStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("praw_refresh_token", "someone-else")
    monkeypatch.setenv("praw_site", "elsewhere")
    reddit.post(1)
    assert len(posts_of(fetch(reddit, secrets=APP_ONLY))) == 1
    assert reddit.requests[0].form["grant_type"] == "client_credentials"


@pytest.mark.parametrize(
    ("options", "secrets", "code"),
    [
        ({"mode": "everything"}, SECRETS, "bad_option"),
        ({"subreddits": "not a name"}, SECRETS, "bad_option"),
        ({"subreddits": ","}, SECRETS, "bad_option"),
        ({"mode": "inbox"}, APP_ONLY, "bad_option"),
        ({"base_url": "http://10.0.0.1"}, SECRETS, "bad_address"),
        ({}, {"client_id": "only"}, "no_credentials"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    reddit: RedditStandIn, options: dict[str, str], secrets: dict[str, str], code: str
) -> None:
    with pytest.raises(ConnectorError) as caught:
        connect(reddit, secrets=secrets, **options)
    assert (caught.value.code, caught.value.permanent) == (code, True)
    assert caught.value.remedy


def test_a_query_that_reddit_cannot_search_for(reddit: RedditStandIn) -> None:
    setup = replace(reddit.setup(), query=parse("kest*"))
    with pytest.raises(ConnectorError) as caught:
        list(RedditConnector(setup).fetch({}))
    assert (caught.value.code, caught.value.permanent) == ("bad_query", True)


# --- what a thing says -------------------------------------------------------------------------------------------

COMMENT = {
    "id": "c1",
    "name": "t1_c1",
    "author": "ada",
    "author_fullname": "t2_a",
    "body": "R&amp;D squeaks",
    "created_utc": 1793606400.0,
    "edited": False,
    "link_id": "t3_l1",
    "parent_id": "t3_l1",
    "permalink": "/r/ebikes/comments/l1/title/c1/",
    "score": -4,
}
SUBMISSION = {
    "id": "l1",
    "name": "t3_l1",
    "author": "ada",
    "title": "Which charger?",
    "selftext": "Mine is *hot*.",
    "created_utc": 1793606400,
    "edited": True,
    "num_comments": 7,
    "num_crossposts": 2,
    "is_self": True,
}


def test_a_comment() -> None:
    post = read_post(COMMENT, None)
    assert (post.external_id, post.thread, post.in_reply_to) == ("t1_c1", "t3_l1", "t3_l1")
    assert (post.text, post.likes, post.replies) == ("R&D squeaks", 0, 0)
    assert (post.author.external_id, post.author.handle) == ("t2_a", "ada")
    assert post.url == "https://www.reddit.com/r/ebikes/comments/l1/title/c1/"
    assert post.reply_ref == {}


def test_a_submission() -> None:
    post = read_post(SUBMISSION, None)
    assert post.text == "Which charger?\n\nMine is *hot*."
    assert (post.thread, post.in_reply_to, post.replies, post.shares) == ("t3_l1", "", 7, 2)
    assert post.edited_at is None
    link = read_post({**SUBMISSION, "selftext": "", "is_self": False, "url": "https://kestova.example/"}, None)
    assert link.text == "Which charger?\n\nhttps://kestova.example/"


@pytest.mark.parametrize(
    "changes",
    [
        {"selftext": "[removed]"},
        {"selftext": "[deleted]", "author": "[deleted]"},
        {"removed_by_category": "moderator"},
    ],
)
def test_what_is_gone_leaves_no_text(changes: dict[str, str]) -> None:
    post = read_post({**SUBMISSION, **changes}, None)
    assert post.deleted
    assert post.text == ""


def test_an_author_who_left_takes_only_the_name_along() -> None:
    post = read_post({**COMMENT, "author": "[deleted]"}, None)
    assert not post.deleted
    assert post.author.external_id == "[deleted]"
    assert post.text


@pytest.mark.parametrize("closed", ["locked", "archived"])
def test_a_closed_thread_is_noted(closed: str) -> None:
    assert read_post({**COMMENT, closed: True}, None).reply_ref == {"locked": True}


@pytest.mark.parametrize(
    ("changes", "addressed"),
    [
        ({}, False),
        ({"body": f"Ask u/{OWN_NAME.upper()}!"}, True),
        ({"body": f"Ask /u/{OWN_NAME}"}, True),
        ({"body": f"Ask u/{OWN_NAME}_fan"}, False),
        ({"body": f"menu/{OWN_NAME}"}, False),
        ({"link_author": OWN_NAME}, True),
        ({"link_author": OWN_NAME, "parent_id": "t1_other"}, False),
    ],
)
def test_who_is_addressed(changes: dict[str, str], addressed: bool) -> None:
    assert read_post({**COMMENT, **changes}, OWN).addressed is addressed
    assert read_post({**COMMENT, **changes}, None).addressed is False


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"data": None},
        {"data": {"children": [{"kind": "t1"}]}},
        {"data": {"children": [{"kind": "t1", "data": {**COMMENT, "name": "t1_!"}}]}},
        {"data": {"children": [{"kind": "t1", "data": {**COMMENT, "created_utc": "noon"}}]}},
        {"data": {"children": [{"kind": "t1", "data": {**COMMENT, "created_utc": 1e300}}]}},
    ],
)
def test_nonsense_is_malformed(body: Any) -> None:
    with pytest.raises(ConnectorError) as caught:
        read_listing(body, None)
    assert (caught.value.code, caught.value.permanent) == ("malformed", False)


def test_ids_are_ranked_as_numbers() -> None:
    assert age_rank("t1_zz") < age_rank("t1_100")
    assert age_rank(f"t3_{base36(12345)}") == 12345
