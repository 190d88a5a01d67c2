"""X: what the contract doesn't ask. Every exchange with the stand-in is judged by X's own description."""

import base64
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
import responses

from listener.connector import ConnectorError, Page, Setup
from listener.connectors.x import XConnector, month_end, read_answer
from listener.mention import Account
from listener.query import parse
from tests.conftest import SHARED, FakeClock
from tests.listener.contract import CASES, expected, ids, posts_of
from tests.listener.recorded import Exchange, exchanges
from tests.listener.standins import Answer, StandIn
from tests.listener.standins.x import (
    OWN_HANDLE,
    OWN_ID,
    SECRETS,
    XStandIn,
    account,
    problem,
    snowflake,
)
from tests.listener.x_description import XDescription

OWN = Account(OWN_ID, OWN_HANDLE)
OPENAPI = SHARED / "recorded" / "x" / "openapi.json"
BEARER_ONLY = {"bearer_token": SECRETS["bearer_token"]}


@pytest.fixture(scope="module")
def description() -> XDescription | None:
    """None without ../shared; test_requests_and_answers_are_judged then says so."""
    return XDescription(OPENAPI) if OPENAPI.is_file() else None


@pytest.fixture
def x(clock: FakeClock, description: XDescription | None) -> Iterator[XStandIn]:
    with XStandIn(clock) as server:
        yield server
    for request, answer in server.exchanges if description else ():
        description.check(request, answer)


def setup_of(
    x: XStandIn, *, secrets: dict[str, str] | None = None, own: Account | None = None, **options: str
) -> Setup:
    made = x.setup()
    return replace(
        made,
        options={**made.options, **options},
        secrets=made.secrets if secrets is None else secrets,
        own_account=own,
    )


def in_mode(made: Setup, mode: str) -> Setup:
    return replace(made, options={**made.options, "mode": mode}, own_account=OWN)


def connect(x: XStandIn, **changes: Any) -> XConnector:
    return XConnector(setup_of(x, **changes))


def fetch(x: XStandIn, cursor: Any = None, **changes: Any) -> list[Page]:
    """All pages, from a cursor that went through JSON as it does through the database."""
    return list(connect(x, **changes).fetch(json.loads(json.dumps(cursor or {}))))


def last(found: list[Page]) -> Any:
    return found[-1].cursor


def gaps(found: list[Page]) -> list[str]:
    return [page.gap for page in found if page.gap]


# --- against X's own words ---------------------------------------------------------------------------------------


def test_requests_and_answers_are_judged(shared_folder: Path, x: XStandIn, description: XDescription) -> None:
    x.post(1)
    fetch(x)
    (request, answer) = x.exchanges[0]
    with pytest.raises(AssertionError, match=r"tweet\.fields"):
        description.check(replace(request, query={**request.query, "tweet.fields": "text"}), answer)
    with pytest.raises(Exception, match="is not one of"):
        description.check(replace(request, query={**request.query, "post.fields": "no_such_field"}), answer)
    with pytest.raises(Exception, match="invented"):
        description.check(request, Answer.of_json({"data": [{"id": "1", "invented": 1}]}))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("mode", ["search", "mentions"])
def test_the_contract_in_both_modes(
    case: Callable[[StandIn], None], mode: str, x: XStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = x.setup
    monkeypatch.setattr(x, "setup", lambda: in_mode(plain(), mode))
    case(x)


def recorded(folder: Path, name: str, index: int = 0) -> Exchange:
    return exchanges(folder / "recorded" / "x" / f"{name}.yaml")[index]


def replay(exchange: Exchange, url: str) -> None:
    responses.add(exchange.method, url, body=exchange.body, status=exchange.status, headers=exchange.headers)


def recorded_setup(clock: FakeClock, **options: str) -> Setup:
    clock.now = datetime(2022, 10, 8, tzinfo=UTC)
    return Setup(options=options, secrets=BEARER_ONLY, query=parse("tweepy"), clock=clock, own_account=OWN)


@responses.activate
def test_a_recorded_search(shared_folder: Path, clock: FakeClock) -> None:
    exchange = recorded(shared_folder, "test_client_search_recent_tweets")
    url = "https://api.x.com/2/tweets/search/recent"
    replay(exchange, url)
    responses.get(url, json={"meta": {"result_count": 0}})
    found = list(XConnector(recorded_setup(clock)).fetch({}))
    listed = json.loads(exchange.body)
    assert [post.text for post in found[0].posts] == [item["text"] for item in listed["data"]]
    assert ids(found[0].posts) == [item["id"] for item in listed["data"]]
    moments = [post.created_at for post in found[0].posts]
    assert moments == sorted(moments, reverse=True)
    assert moments[0].date() == datetime(2022, 10, 7, tzinfo=UTC).date()
    assert found[0].rate is not None
    assert found[0].rate.limit == 450
    assert found[0].cost_usd == pytest.approx(0.05)
    assert f"next_token={listed['meta']['next_token']}" in str(responses.calls[1].request.url)
    assert last(found)["searches"]["(tweepy) -is:retweet"]["since"] == listed["meta"]["newest_id"]


@responses.activate
def test_recorded_mentions(shared_folder: Path, clock: FakeClock) -> None:
    exchange = recorded(shared_folder, "test_client_get_users_mentions")
    url = f"https://api.x.com/2/users/{OWN_ID}/mentions"
    replay(exchange, url)
    responses.get(url, json={"meta": {"result_count": 0}})
    found = posts_of(list(XConnector(recorded_setup(clock, mode="mentions")).fetch({})))
    assert len(found) == len(json.loads(exchange.body)["data"])
    assert all(post.addressed for post in found)
    assert not any("&amp;" in post.text for post in found)


@responses.activate
def test_a_recorded_account(shared_folder: Path, clock: FakeClock) -> None:
    exchange = recorded(shared_folder, "test_client_get_me")
    replay(exchange, "https://api.x.com/2/users/me")
    setup = replace(recorded_setup(clock), secrets=SECRETS)
    found = XConnector(setup).check().account
    assert found is not None
    assert found.external_id == json.loads(exchange.body)["data"]["id"]


def test_a_signature_fits_the_address_that_is_called(x: XStandIn) -> None:
    connect(x).check()
    (request,) = x.requests
    signed = dict(re.findall(r'(\w+)="([^"]*)"', request.headers["authorization"]))
    signature = unquote(signed.pop("oauth_signature"))
    pairs = {**{name: unquote(value) for name, value in signed.items()}, **request.query}
    base = "&".join(f"{quote(name, '')}={quote(pairs[name], '')}" for name in sorted(pairs))
    text = "&".join(quote(part, "") for part in ("GET", x.url + request.path, base))
    key = f"{SECRETS['consumer_secret']}&{SECRETS['access_token_secret']}"
    assert base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha1)).decode() == signature


def test_no_secret_is_logged(x: XStandIn, caplog: pytest.LogCaptureFixture) -> None:
    x.post(1)
    with caplog.at_level(logging.DEBUG):
        fetch(x)
        fetch(x, secrets={key: SECRETS[key] for key in SECRETS if key != "bearer_token"})
        connect(x).check()
    assert caplog.records
    for name in ("bearer_token", "consumer_secret", "access_token_secret"):
        assert SECRETS[name] not in caplog.text


# --- paging ------------------------------------------------------------------------------------------------------


def test_ten_thousand_posts_between_two_polls_arrive_over_a_crash(x: XStandIn) -> None:
    x.page_size = 100
    x.post(5)
    before = last(fetch(x))
    samples = x.post(10_000, apart_s=0.1)
    source = connect(x).fetch(before)
    heard = [next(source) for _ in range(40)]
    heard += fetch(x, heard[-1].cursor)
    assert sorted(ids(posts_of(heard))) == expected(x, samples)
    assert gaps(heard) == []


def test_an_empty_page_is_not_the_end(x: XStandIn) -> None:
    samples = x.post(5)
    x.answer_next(Answer.of_json({"meta": {"result_count": 0, "next_token": f"t{10**18}0"}}))
    found = fetch(x)
    assert found[0].posts == ()
    assert sorted(ids(posts_of(found))) == expected(x, samples)


def test_a_token_that_leads_in_a_circle_ends(x: XStandIn) -> None:
    for _ in range(2):
        x.answer_next(Answer.of_json({"meta": {"result_count": 0, "next_token": "same"}}))
    assert posts_of(fetch(x)) == []


def test_a_week_without_a_run_is_a_gap(x: XStandIn, clock: FakeClock) -> None:
    x.post(2)
    cursor = last(fetch(x))
    clock.advance(days=8)
    (late,) = x.post(1, apart_s=8 * 86_400)
    found = fetch(x, cursor)
    assert ids(posts_of(found)) == [x.external_id(late)]
    assert len(gaps(found)) == 1
    assert "3 November" in gaps(found)[0]
    assert gaps(fetch(x, last(found))) == []


def test_a_quiet_week_is_no_gap(x: XStandIn, clock: FakeClock) -> None:
    x.post(2)
    found = fetch(x)
    for _ in range(9):
        clock.advance(days=1)
        found = fetch(x, last(found))
        assert posts_of(found) == []
        assert gaps(found) == []


def test_a_sweep_that_was_left_for_a_week_goes_on_with_a_gap(x: XStandIn, clock: FakeClock) -> None:
    x.post(1)
    cursor = last(fetch(x))
    x.post(8)
    halfway = next(connect(x).fetch(cursor)).cursor
    clock.advance(days=8)
    found = fetch(x, halfway)
    assert posts_of(found) == []
    assert len(gaps(found)) == 1
    (late,) = x.post(1, apart_s=8 * 86_400)
    assert ids(posts_of(fetch(x, last(found)))) == [x.external_id(late)]


def test_more_mentions_than_x_lists_are_a_gap(x: XStandIn) -> None:
    x.page_size = 100
    x.post(1)
    cursor = last(fetch(x, mode="mentions", own=OWN))
    x.post(900, apart_s=1)
    found = fetch(x, cursor, mode="mentions", own=OWN)
    assert len(posts_of(found)) == 800
    assert len(gaps(found)) == 1
    assert "800" in gaps(found)[0]


def test_each_search_of_a_long_query_has_its_own_place(x: XStandIn) -> None:
    names = " OR ".join(f"kestova_model_{number}" for number in range(60))
    setup = replace(setup_of(x), query=parse(names))
    x.post(5)
    found = list(XConnector(setup).fetch({}))
    asked = {request.query["query"] for request in x.requests}
    assert len(asked) > 1
    assert all(len(query) <= 512 for query in asked)
    assert set(last(found)["searches"]) == asked
    assert posts_of(list(XConnector(setup).fetch(last(found)))) == []


def test_a_changed_query_starts_anew_and_the_old_place_is_dropped(x: XStandIn) -> None:
    x.post(2)
    cursor = last(fetch(x))
    setup = replace(setup_of(x), query=parse("kestova OR kestvoa"))
    found = list(XConnector(setup).fetch(cursor))
    assert len(posts_of(found)) == 2
    assert list(last(found)["searches"]) == ["(kestova OR kestvoa) -is:retweet"]


# --- what a page says --------------------------------------------------------------------------------------------

BORN, EDITED = datetime(2026, 11, 2, 8, 0, tzinfo=UTC), datetime(2026, 11, 2, 8, 10, tzinfo=UTC)
FIRST, SECOND = snowflake(BORN), snowflake(EDITED)


def item(**changes: Any) -> dict[str, Any]:
    """A post as X sends it."""
    id_ = changes.get("id", FIRST)
    made = {
        "id": id_,
        "edit_history_post_ids": [id_],
        "text": "kestova",
        "author_id": account("ada")["id"],
        "created_at": "2026-11-02T08:00:00.000Z",
    }
    return {**made, **changes}


def read(
    listed: list[dict[str, Any]], description: XDescription | None, *, own: Account | None = OWN, **includes: Any
) -> Any:
    body = {"data": listed, "includes": {"users": [account("ada")], **includes}}
    if description:
        description.check_value(body, {"$ref": "#/components/schemas/SearchPostsRecentResponse"})
    return read_answer(body, own).posts


def test_an_edited_post_keeps_its_first_id(description: XDescription | None) -> None:
    edited = item(id=SECOND, edit_history_post_ids=[FIRST, SECOND], created_at="2026-11-02T08:10:00.000Z")
    answer = item(
        id=snowflake(EDITED, 1), referenced_posts=[{"type": "replied_to", "id": SECOND}], conversation_id=FIRST
    )
    reply, post = read([answer, edited], description, posts=[edited])
    assert (post.external_id, post.created_at, post.edited_at) == (FIRST, BORN, EDITED)
    assert post.url == f"https://x.com/ada/status/{FIRST}"
    assert (reply.in_reply_to, reply.thread, reply.edited_at) == (FIRST, FIRST, None)


def test_of_two_versions_the_newer_one_counts(description: XDescription | None) -> None:
    versions = [
        item(text="kestova, edited", id=SECOND, edit_history_post_ids=[FIRST, SECOND]),
        item(edit_history_post_ids=[FIRST, SECOND]),
    ]
    for listed in (versions, versions[::-1]):
        (post,) = read(listed, description)
        assert (post.external_id, post.text) == (FIRST, "kestova, edited")


def test_the_whole_text_with_real_links(description: XDescription | None) -> None:
    link = {"start": 0, "end": 18, "url": "https://t.co/abcde", "expanded_url": "https://kestova.example/a?b=1&c=2"}
    note = {"text": "R&amp;D &lt;3 &amp;amp; https://t.co/abcde " + "long " * 80, "entities": {"urls": [link]}}
    (post,) = read([item(text="R&amp;D …", note_post=note)], description)
    assert post.text == "R&D <3 &amp; https://kestova.example/a?b=1&c=2 " + "long " * 80


def test_numbers_and_author(description: XDescription | None) -> None:
    metrics = {"repost_count": 2, "reply_count": 3, "like_count": 4, "quote_count": 5}
    full = {**metrics, "bookmark_count": 0, "impression_count": 9}
    (post,) = read([item(public_metrics=full, lang="und")], description)
    assert (post.shares, post.replies, post.likes, post.lang) == (7, 3, 4, "")
    author = post.author
    assert (author.handle, author.followers, author.website) == ("ada", 5, "https://ada.example")
    assert author.bio == "Rides & writes"
    assert author.created_at == datetime(2020, 1, 1, tzinfo=UTC)


def test_an_author_whom_x_does_not_describe(description: XDescription | None) -> None:
    (post,) = read([item(author_id="99")], description)
    assert (post.author.external_id, post.author.handle) == ("99", "")
    assert post.url == f"https://x.com/i/status/{FIRST}"


QUOTED_LINK = {"start": 0, "end": 9, "url": "https://t.co/q", "expanded_url": "https://x.com/Kestova/status/1"}


@pytest.mark.parametrize(
    ("changes", "others", "addressed"),
    [
        ({}, [], False),
        ({"entities": {"mentions": [{"start": 0, "end": 8, "username": "Kestova"}]}}, [], True),
        ({"entities": {"mentions": [{"start": 0, "end": 8, "username": "kestova_fan"}]}}, [], False),
        ({"entities": {"mentions": [{"start": 0, "end": 8, "id": OWN_ID}]}}, [], True),
        ({"in_reply_to_user_id": OWN_ID}, [], True),
        ({"referenced_posts": [{"type": "quoted", "id": "1"}]}, [item(id="1", author_id=OWN_ID)], True),
        ({"referenced_posts": [{"type": "quoted", "id": "1"}]}, [item(id="1", author_id="5")], False),
        ({"referenced_posts": [{"type": "quoted", "id": "1"}], "entities": {"urls": [QUOTED_LINK]}}, [], True),
        ({"entities": {"urls": [QUOTED_LINK]}}, [], False),
    ],
)
def test_who_is_addressed(
    changes: dict[str, Any], others: list[dict[str, Any]], addressed: bool, description: XDescription | None
) -> None:
    (post,) = read([item(**changes)], description, posts=others)
    assert post.addressed is addressed
    (unknown,) = read([item(**changes)], description, own=None, posts=others)
    assert unknown.addressed is False


def test_older_words_of_x_are_understood() -> None:
    old = {
        "id": SECOND,
        "text": "kestova",
        "edit_history_tweet_ids": [FIRST, SECOND],
        "referenced_tweets": [{"type": "replied_to", "id": "77"}],
        "public_metrics": {"retweet_count": 2, "quote_count": 1, "like_count": 0, "reply_count": 0},
        "note_tweet": {"text": "kestova at length"},
    }
    (post,) = read_answer({"data": [old]}, None).posts
    assert (post.external_id, post.in_reply_to, post.shares, post.text) == (FIRST, "77", 3, "kestova at length")
    assert post.edited_at == EDITED


@pytest.mark.parametrize(
    "body",
    [
        {"data": "no list"},
        {"data": [{"text": "no id"}]},
        {"data": [item(id="not a number")]},
        {"data": [item(created_at="yesterday")]},
        {"data": [item()], "includes": ["users"]},
        {"data": [item()], "meta": "none"},
    ],
)
def test_nonsense_is_malformed(body: dict[str, Any]) -> None:
    with pytest.raises(ConnectorError) as caught:
        read_answer(body, None)
    assert (caught.value.code, caught.value.permanent) == ("malformed", False)


# --- money -------------------------------------------------------------------------------------------------------


def test_posts_and_authors_are_charged(x: XStandIn) -> None:
    x.post(3)
    (page,) = fetch(x)
    assert page.cost_usd == pytest.approx(3 * 0.005 + 3 * 0.010)
    assert page.cursor["spent"] == pytest.approx(page.cost_usd)


def test_the_budget_is_never_passed_and_comes_back_next_month(x: XStandIn, clock: FakeClock) -> None:
    x.page_size = 100
    samples = x.post(300, apart_s=1)
    kept: list[Page] = []
    with pytest.raises(ConnectorError) as caught:
        for page in connect(x, monthly_budget_usd="1").fetch({}):
            kept.append(page)  # noqa: PERF402 - it ends with an error
    error = caught.value
    assert (error.code, error.permanent) == ("budget_spent", False)
    assert clock.now + timedelta(seconds=error.retry_after or 0) == datetime(2026, 12, 1, tzinfo=UTC)
    assert 0 < sum(page.cost_usd for page in kept) <= 1
    clock.now = datetime(2026, 11, 3, tzinfo=UTC)
    with pytest.raises(ConnectorError, match="budget"):
        fetch(x, last(kept), monthly_budget_usd="1")
    rest = fetch(x, last(kept), monthly_budget_usd="100")
    assert sorted(ids(posts_of(kept + rest))) == expected(x, samples)
    clock.now = datetime(2026, 12, 1, tzinfo=UTC)
    assert fetch(x, last(rest), monthly_budget_usd="1")[-1].cursor["month"] == "2026-12"


@pytest.mark.parametrize(("now", "end"), [((2026, 12, 31), (2027, 1, 1)), ((2026, 2, 1), (2026, 3, 1))])
def test_month_end(now: tuple[int, int, int], end: tuple[int, int, int]) -> None:
    assert month_end(datetime(*now, 23, 59, tzinfo=UTC)) == datetime(*end, tzinfo=UTC)


# --- refusals ----------------------------------------------------------------------------------------------------


def refused(x: XStandIn, answer: Answer) -> ConnectorError:
    x.answer_next(answer)
    with pytest.raises(ConnectorError) as caught:
        fetch(x)
    return caught.value


@pytest.mark.parametrize(
    ("period", "until"),
    [("Monthly", datetime(2026, 12, 1, tzinfo=UTC)), ("Daily", datetime(2026, 11, 3, tzinfo=UTC))],
)
def test_a_usage_cap_lasts_longer_than_a_rate_limit(
    x: XStandIn, clock: FakeClock, period: str, until: datetime
) -> None:
    error = refused(
        x, problem(429, "https://api.twitter.com/2/problems/usage-capped", period=period, scope="Product")
    )
    assert (error.code, error.permanent) == ("usage_capped", False)
    assert clock.now + timedelta(seconds=error.retry_after or 0) == until
    assert f"{until:%-d %B %Y}" in error.message
    assert "cap" in error.remedy


def test_a_rate_limit_without_a_moment(x: XStandIn) -> None:
    error = refused(x, problem(429))
    assert (error.code, error.retry_after) == ("rate_limited", None)


def test_no_credits_left_stops_the_source(x: XStandIn) -> None:
    error = refused(x, problem(402, title="CreditsDepleted"))
    assert (error.code, error.permanent) == ("credits_spent", True)


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (problem(403, "client-forbidden"), "developer console"),
        (problem(403, "unsupported-authentication"), "four user keys"),
        (problem(403, errors=[{"code": 326, "message": "x"}]), "unlock"),
        (problem(403), "permission"),
        (Answer(403, b'["no object"]'), "permission"),
        (Answer(401, b"no json"), "credentials"),
        (Answer(301, headers={"Location": "https://elsewhere.example/"}), "options"),
    ],
)
def test_refusals_say_what_to_do(x: XStandIn, answer: Answer, remedy: str) -> None:
    error = refused(x, answer)
    assert error.permanent
    assert error.code == f"http_{answer.status}"
    assert remedy in error.remedy
    assert len(x.requests) == 1


def test_an_id_at_the_edge_of_the_window_passes(x: XStandIn) -> None:
    edge = problem(400, "invalid-request", errors=[{"parameters": {"since_id": ["1"]}, "message": "too old"}])
    assert refused(x, edge).permanent is False
    query = problem(400, "invalid-request", errors=[{"parameters": {"query": ["x"]}, "message": "bad"}])
    assert refused(x, query).permanent is True


def test_an_answer_that_is_no_object_is_malformed(x: XStandIn) -> None:
    assert refused(x, Answer.of_json([1, 2])).code == "malformed"


# --- options and check -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"mode": "everything"}, "bad_option"),
        ({"account": "not a handle"}, "bad_option"),
        ({"monthly_budget_usd": "plenty"}, "bad_option"),
        ({"monthly_budget_usd": "-1"}, "bad_option"),
        ({"monthly_budget_usd": "nan"}, "bad_option"),
        ({"base_url": "http://10.0.0.1"}, "bad_address"),
        ({"base_url": "ftp://127.0.0.1"}, "bad_address"),
    ],
)
def test_wrong_options_are_named(x: XStandIn, options: dict[str, str], code: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        connect(x, **options)
    assert (caught.value.code, caught.value.permanent) == (code, True)
    assert caught.value.remedy


@pytest.mark.parametrize("secrets", [{}, {"bearer_token": " "}, {"consumer_key": "k", "access_token": "t"}])
def test_half_the_secrets_are_not_enough(x: XStandIn, secrets: dict[str, str]) -> None:
    with pytest.raises(ConnectorError) as caught:
        connect(x, secrets=secrets)
    assert (caught.value.code, caught.value.permanent) == ("no_credentials", True)


def test_a_query_that_x_cannot_search_for(x: XStandIn) -> None:
    setup = replace(setup_of(x), query=parse("kest*"))
    with pytest.raises(ConnectorError) as caught:
        list(XConnector(setup).fetch({}))
    assert (caught.value.code, caught.value.permanent) == ("bad_query", True)


def test_a_check_with_keys_tells_the_account(x: XStandIn) -> None:
    health = connect(x, monthly_budget_usd="50").check()
    assert health.account is not None
    assert (health.account.external_id, health.account.handle) == (OWN_ID, OWN_HANDLE)
    assert health.warnings == ()


def test_a_check_with_a_bearer_token_alone(x: XStandIn) -> None:
    health = connect(x, secrets=BEARER_ONLY).check()
    assert health.account is None
    assert any("not answer" in warning for warning in health.warnings)
    assert any("budget" in warning for warning in health.warnings)
    named = connect(x, secrets=BEARER_ONLY, account="@kestova").check()
    assert named.account is not None
    assert named.account.external_id == OWN_ID


def test_mentions_need_to_know_whose(x: XStandIn) -> None:
    samples = x.post(2)
    with pytest.raises(ConnectorError, match="bearer token"):
        fetch(x, secrets=BEARER_ONLY, mode="mentions")
    found = posts_of(fetch(x, secrets=BEARER_ONLY, mode="mentions", account="kestova"))
    assert sorted(ids(found)) == expected(x, samples)
    assert all(post.addressed for post in found)


def test_an_account_that_is_not_there(x: XStandIn) -> None:
    x.answer_next(Answer.of_json({"errors": []}))
    with pytest.raises(ConnectorError, match="no account @nobody"):
        connect(x, secrets=BEARER_ONLY, account="nobody").check()
