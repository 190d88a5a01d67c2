import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
import yaml

from listener.connector import ConnectorError, Page, Setup
from listener.connectors.mastodon import Instance, MastodonConnector, to_account
from listener.mention import Account, Post
from listener.query import parse
from tests.conftest import FakeClock
from tests.listener.slamming import slamming_server
from tests.listener.standins import BEGINNING, Answer
from tests.listener.standins.mastodon import MastodonStandIn


@pytest.fixture
def instance(clock: FakeClock) -> Iterator[MastodonStandIn]:
    server = MastodonStandIn(clock)
    with server:
        yield server


def hear(setup: Setup, cursor: dict[str, Any] | None = None) -> tuple[list[Post], dict[str, Any]]:
    pages: list[Page] = list(MastodonConnector(setup).fetch(cursor or {}))
    return [post for page in pages for post in page.posts], json.loads(json.dumps(dict(pages[-1].cursor)))


def texts(posts: list[Post]) -> set[str]:
    return {post.text for post in posts}


# What a status says.


def test_a_status_tells_everything_it_knows(instance: MastodonStandIn) -> None:
    (sample,) = instance.post(1, text="The kestova squeaks\nagain")

    [post], _ = hear(instance.setup())

    assert post.external_id == f"{instance.url}/users/{sample.handle}/statuses/{sample.number}"
    assert (post.text, post.lang, post.edited_at) == ("The kestova squeaks\nagain", "en", None)
    assert (post.likes, post.shares, post.replies) == (3, 2, 1)
    assert (post.thread, post.in_reply_to, post.addressed) == (post.external_id, "", False)
    assert post.reply_ref == {"id": str(sample.number), "instance": instance.url, "visibility": "public"}
    assert post.author.handle == f"{sample.handle}@{instance.host}"
    assert (post.author.followers, post.author.bio) == (321, "Rides bikes")


def account(**fields: Any) -> Account:
    given = {"acct": "ada", "url": "https://a.example/@ada", "followers_count": 3, **fields}
    return to_account(given, "a.example")


def test_a_handle_always_names_its_server() -> None:
    assert account().handle == "ada@a.example"
    assert account(acct="ada@b.example").handle == "ada@b.example"


def test_a_content_warning_belongs_to_the_text(instance: MastodonStandIn) -> None:
    sample = instance.post(1)[0]
    status = instance.status(sample) | {"spoiler_text": "Rant"}
    instance.answer_next(Answer.of_json([status]))

    post = next(iter(MastodonConnector(instance.setup()).fetch({}))).posts[0]

    assert post.text == f"Rant\n\n{sample.text}"


@pytest.mark.parametrize(
    ("fields", "website"),
    [
        ([], ""),
        ([{"name": "Pronouns", "value": "https://pronouns.example/she", "verified_at": None}], ""),
        ([{"name": "Website", "value": '<a href="https://ada.example">x</a>'}], "https://ada.example"),
        (
            [
                {"name": "Blog", "value": "https://blog.example"},
                {"name": "Work", "value": "https://work.example", "verified_at": "2026-01-01T00:00:00Z"},
            ],
            "https://work.example",
        ),
    ],
)
def test_only_a_site_of_their_own_counts_as_website(fields: list[dict[str, Any]], website: str) -> None:
    assert account(fields=fields).website == website


def test_the_same_person_has_one_id_whatever_the_instance_calls_them() -> None:
    uri = "https://a.example/users/ada"
    assert account(uri=uri, id="7").external_id == account(uri=uri, id="8", acct="ada@a.example").external_id == uri


# Paging.


def test_a_late_post_and_an_edited_one_are_still_heard(instance: MastodonStandIn, clock: FakeClock) -> None:
    clock.now = BEGINNING + timedelta(minutes=10)
    samples = instance.post(8)
    first, cursor = hear(instance.setup())
    late = replace(samples[-2], number=samples[-1].number + 1, text="late kestova")
    instance.samples.insert(7, late)
    instance.edited[samples[-1].number] = clock()

    second, cursor = hear(instance.setup(), cursor)

    assert len(first) == 8
    assert texts(second) == {"late kestova", samples[-1].text}
    [edited] = [post for post in second if post.edited_at]
    assert (edited.text, edited.edited_at) == (samples[-1].text, clock())


def test_every_post_is_heard_once_however_often_it_is_asked(instance: MastodonStandIn, clock: FakeClock) -> None:
    clock.now = BEGINNING
    heard: list[str] = []
    cursor: dict[str, Any] = {}
    for count in (1, 7, 0, 30, 2):
        instance.post(count, apart_s=20)
        clock.now = max(clock.now, instance.samples[-1].created_at)
        posts, cursor = hear(instance.setup(), cursor)
        heard += [post.external_id for post in posts]

    assert sorted(heard) == sorted(instance.external_id(sample) for sample in instance.samples)


def test_what_was_heard_long_ago_leaves_the_cursor(instance: MastodonStandIn, clock: FakeClock) -> None:
    clock.now = BEGINNING
    instance.post(20, apart_s=1)
    _, cursor = hear(instance.setup())
    assert len(cursor["kestova"]["seen"]) == 20

    clock.advance(hours=1)
    _, cursor = hear(instance.setup(), cursor)

    assert cursor == {"kestova": {"since": str(instance.samples[-1].number)}}


def test_the_first_run_reads_back_a_week(instance: MastodonStandIn, clock: FakeClock) -> None:
    instance.post(30, apart_s=86400)
    clock.now = instance.samples[-1].created_at

    posts, _ = hear(instance.setup())

    assert 7 <= len(posts) <= 7 + 2 * instance.page_size


def test_an_instance_that_repeats_a_page_for_ever_is_left(instance: MastodonStandIn) -> None:
    page = [instance.status(sample) for sample in instance.post(3)[::-1]]
    for _ in range(3):
        instance.answer_next(Answer.of_json(page))

    posts, _ = hear(instance.setup())

    assert len({post.external_id for post in posts}) == 3


def test_each_hashtag_has_its_own_place(instance: MastodonStandIn) -> None:
    setup = instance.setup()
    setup = replace(setup, options={**setup.options, "hashtags": "#Kestova, other tag,, ../x"})
    instance.post(2)

    posts, cursor = hear(setup)

    assert len(posts) == 2
    assert set(cursor) == {"kestova", "othertag", "x"}
    asked = {request.path.rpartition("/")[2] for request in instance.requests}
    assert asked == {"kestova", "othertag", "x"}


# Listening with an account.


def test_mentions_are_addressed_and_know_their_thread(instance: MastodonStandIn) -> None:
    root, answer, second = instance.post(3)
    instance.answers_to = {answer.number: str(root.number), second.number: str(answer.number)}

    posts, _ = hear(instance.setup_with_account())

    found = {post.external_id: post for post in posts}
    assert all(post.addressed and post.thread == instance.external_id(root) for post in posts)
    assert found[instance.external_id(second)].in_reply_to == instance.external_id(answer)
    assert found[instance.external_id(root)].in_reply_to == ""


def test_a_thread_that_is_gone_leaves_the_mention(instance: MastodonStandIn) -> None:
    (sample,) = instance.post(1)
    instance.answers_to = {sample.number: "4711"}
    instance.fail_next(404, after=1)

    [post], _ = hear(instance.setup_with_account())

    assert (post.thread, post.in_reply_to) == ("", "")


def test_search_uses_the_query(instance: MastodonStandIn) -> None:
    instance.post(8)

    posts, cursor = hear(instance.setup_with_account("search"))
    again, _ = hear(instance.setup_with_account("search"), cursor)

    assert (len(posts), again) == (8, [])
    assert {request.query["q"] for request in instance.requests} == {"kestova"}


def test_a_hashtag_post_that_names_us_is_addressed(instance: MastodonStandIn) -> None:
    sample = instance.post(1)[0]
    named = instance.status(sample) | {"mentions": [{"acct": "Acme", "username": "Acme", "url": "", "id": "77"}]}
    instance.answer_next(Answer.of_json([named]))
    setup = replace(instance.setup(), own_account=instance.own_account())

    post = next(iter(MastodonConnector(setup).fetch({}))).posts[0]

    assert post.addressed


def test_a_check_says_whose_token_it_is(instance: MastodonStandIn) -> None:
    health = MastodonConnector(instance.setup_with_account("search")).check()

    assert health.account
    assert health.account.handle == f"acme@{instance.host}"
    assert health.account.external_id == instance.own_account().external_id
    assert health.warnings


def test_a_check_without_an_account_knows_nobody(instance: MastodonStandIn) -> None:
    assert MastodonConnector(instance.setup()).check().account is None


# What can go wrong.


def refusal(setup: Setup) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        list(MastodonConnector(setup).fetch({}))
    return caught.value


def test_an_instance_for_members_only_asks_for_a_token(instance: MastodonStandIn) -> None:
    instance.members_only = True
    error = refusal(instance.setup())
    assert (error.permanent, "access token" in error.remedy) == (True, True)


def test_an_address_that_moved_is_named(instance: MastodonStandIn) -> None:
    instance.fail_next(301, {"Location": "https://moved.example/"})
    error = refusal(instance.setup())
    assert error.permanent
    assert "https://moved.example/" in error.message


def test_a_lost_connection_passes(instance: MastodonStandIn) -> None:
    with slamming_server() as url:
        error = refusal(replace(instance.setup(), options={"base_url": url}))
    assert (error.code, error.permanent) == ("connection_lost", False)


@pytest.mark.parametrize(
    "answer",
    [{"error": "none"}, [{"id": "1"}], [{"id": "1", "created_at": "yesterday"}], ["text"], [None], 5],
    ids=["object", "no date", "odd date", "text", "null", "number"],
)
def test_an_answer_of_another_shape_is_malformed(instance: MastodonStandIn, answer: Any) -> None:
    instance.answer_next(Answer.of_json(answer))
    error = refusal(instance.setup())
    assert (error.code, error.permanent) == ("malformed", False)


def test_a_token_that_is_the_name_of_a_file_is_not_read(instance: MastodonStandIn, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("content\n")
    setup = replace(instance.setup_with_account(), secrets={"access_token": str(path)})

    refusal(setup)

    assert instance.requests[0].headers["authorization"] == f"Bearer {path}"


@pytest.mark.parametrize(
    ("options", "secrets", "query"),
    [
        ({"mode": "everything"}, {}, "kestova"),
        ({"mode": "mentions"}, {}, "kestova"),
        ({"mode": "search"}, {}, "kestova"),
        ({"mode": "search"}, {"access_token": "good"}, "kest*"),
        ({}, {}, "kest*"),
        ({"base_url": "ftp://a.example"}, {}, "kestova"),
        ({"base_url": ""}, {}, "kestova"),
    ],
)
def test_wrong_options_say_what_to_do(
    instance: MastodonStandIn, options: dict[str, str], secrets: dict[str, str], query: str
) -> None:
    setup = replace(
        instance.setup(), options={"base_url": instance.url, **options}, secrets=secrets, query=parse(query)
    )
    with pytest.raises(ConnectorError) as caught:
        MastodonConnector(setup)
    assert caught.value.permanent
    assert caught.value.remedy


# The real thing, recorded.


def recorded(folder: Path, name: str) -> list[dict[str, Any]]:
    """Interactions of a recording: method, url, status, headers, json."""
    found = yaml.safe_load((folder / "recorded" / "mastodon" / f"{name}.yaml").read_text())["interactions"]
    return [
        {
            "method": entry["request"]["method"],
            "url": entry["request"]["uri"],
            "status": entry["response"]["status"]["code"],
            "headers": {name: values[0] for name, values in entry["response"]["headers"].items()},
            "json": json.loads(entry["response"]["body"]["string"]),
        }
        for entry in found
    ]


def recorded_setup(clock: FakeClock, url: str, tag: str) -> Setup:
    base = url.partition("/api")[0]
    return Setup(options={"base_url": base, "hashtags": tag}, secrets={}, query=None, clock=clock)


def test_a_recorded_timeline_is_understood(shared_folder: Path, clock: FakeClock) -> None:
    [timeline] = [entry for entry in recorded(shared_folder, "test_hashtag_tl") if "/timelines/tag/" in entry["url"]]
    [said] = timeline["json"]
    with responses.RequestsMock() as network:
        rate = {name: value for name, value in timeline["headers"].items() if name.startswith("x-ratelimit")}
        network.get(timeline["url"], json=timeline["json"], headers=rate)

        [page] = list(MastodonConnector(recorded_setup(clock, timeline["url"], "hoot")).fetch({}))

    [post] = page.posts
    assert post.external_id == said["uri"]
    assert post.text == "#hoot (hashtag toot)"
    assert post.created_at == datetime.fromisoformat(said["created_at"])
    assert post.author.handle == said["account"]["acct"] + "@localhost:3000"
    assert post.author.external_id == said["account"]["uri"]
    assert page.rate
    assert (page.rate.limit, page.rate.remaining) == (300, 299)
    assert page.rate.reset_at == datetime(2026, 8, 1, 14, 0, 0, 70144, tzinfo=UTC)


def test_a_recorded_edit_is_understood(shared_folder: Path, clock: FakeClock) -> None:
    edited = next(
        entry
        for entry in recorded(shared_folder, "test_status_edit")
        if entry["method"] == "GET" and isinstance(entry["json"], dict) and entry["json"].get("edited_at")
    )
    with responses.RequestsMock() as network:
        network.get("http://localhost:3000/api/v1/timelines/tag/kate", json=[edited["json"]])

        [post], _ = hear(recorded_setup(clock, edited["url"], "kate"))

    assert post.edited_at == datetime.fromisoformat(edited["json"]["edited_at"])
    assert post.text.endswith("Kate")


def test_a_recorded_search_is_understood(shared_folder: Path, clock: FakeClock) -> None:
    empty = recorded(shared_folder, "test_search")[-1]
    setup = replace(
        recorded_setup(clock, empty["url"], ""),
        options={"base_url": "http://localhost:3000", "mode": "search"},
        secrets={"access_token": "any"},
        query=parse("kestova"),
    )
    with responses.RequestsMock() as network:
        network.get("http://localhost:3000/api/v2/search", json=empty["json"])
        assert hear(setup) == ([], {"kestova": {}})


def test_a_recorded_refusal_is_permanent_and_quotes_the_instance(shared_folder: Path, clock: FakeClock) -> None:
    [refused] = recorded(shared_folder, "test_status_empty")
    setup = recorded_setup(clock, refused["url"], "any")
    instance = Instance(replace(setup, secrets={"access_token": "any"}))
    with responses.RequestsMock() as network, pytest.raises(ConnectorError) as caught:
        network.post(refused["url"], json=refused["json"], status=refused["status"])
        instance.call(lambda api: api.status_post(""))
    assert (caught.value.code, caught.value.permanent) == ("http_422", True)
    assert refused["json"]["error"] in caught.value.message
