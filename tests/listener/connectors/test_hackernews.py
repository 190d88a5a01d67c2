"""The Hacker News connector beyond the contract."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.connector import ConnectorError, Cursor, Page, Setup
from listener.connectors.hackernews import HackerNewsConnector, Sweep
from listener.query import parse
from tests.conftest import FakeClock
from tests.listener.standins import Answer, Sample
from tests.listener.standins.hackernews import HackerNewsStandIn


@pytest.fixture
def algolia(clock: FakeClock) -> Iterator[HackerNewsStandIn]:
    with HackerNewsStandIn(clock) as stand_in:
        yield stand_in


def fetch(algolia: HackerNewsStandIn, cursor: Cursor) -> list[Page]:
    return list(HackerNewsConnector(algolia.setup()).fetch(cursor))


def ids(pages: list[Page]) -> list[str]:
    return [post.external_id for page in pages for post in page.posts]


def test_ten_thousand_posts_between_two_polls_all_arrive(algolia: HackerNewsStandIn, clock: FakeClock) -> None:
    algolia.page_size = 1000
    algolia.post(1)
    cursor = fetch(algolia, {})[-1].cursor
    added = algolia.post(10_000, apart_s=0.25)
    clock.advance(days=1)
    pages = fetch(algolia, cursor)
    assert sorted(ids(pages)) == sorted(str(sample.number) for sample in added)
    assert all(not page.gap for page in pages)


def sweep_once(sweep: Sweep, index: dict[str, int], size: int, heard: list[str]) -> Sweep:
    """A whole sweep over an index of ids with their moments, through JSON after each page."""
    while True:
        found = [(at, id_) for id_, at in index.items() if sweep.floor <= at <= (sweep.until or at)]
        page = sorted(found, reverse=True)[sweep.page * size : (sweep.page + 1) * size]
        heard += [id_ for _, id_ in page if id_ not in sweep.heard]
        moved, gap = sweep.advance({id_: at for at, id_ in page}, size, full=len(page) == size)
        assert not gap
        sweep = Sweep(**json.loads(json.dumps(asdict(moved))))
        if sweep.until is None:
            return sweep


MOMENTS = st.lists(st.integers(0, 12), max_size=25)


@given(MOMENTS, MOMENTS, st.integers(1, 5))
def test_two_sweeps_hear_everything_once(first: list[int], second: list[int], size: int) -> None:
    index = {f"a{place}": 10_000 + moment for place, moment in enumerate(first)}
    heard: list[str] = []
    sweep = sweep_once(Sweep(since=10_000), index, size, heard)
    late_and_new = {f"b{place}": 10_000 + moment for place, moment in enumerate(second)}
    sweep = sweep_once(sweep, index | late_and_new, size, heard)
    sweep_once(sweep, index | late_and_new, size, heard)
    assert sorted(heard) == sorted(index | late_and_new)


def test_more_than_a_search_gives_for_one_second_is_a_gap(algolia: HackerNewsStandIn) -> None:
    algolia.page_size = 500
    older = algolia.post(3)
    algolia.post(1200, apart_s=0)
    pages = fetch(algolia, {})
    assert any("1000 posts of one second" in page.gap for page in pages)
    found = ids(pages)
    assert len(found) == len(set(found)) >= 1000
    assert {str(sample.number) for sample in older[:2]} <= set(found)


def test_a_post_that_is_indexed_late_is_heard(algolia: HackerNewsStandIn) -> None:
    *_, last = algolia.post(5)
    cursor = fetch(algolia, {})[-1].cursor
    late = Sample(7, "a late kestova", last.created_at - timedelta(minutes=4))
    algolia.samples.insert(3, late)
    assert ids(fetch(algolia, cursor)) == ["7"]


def test_the_cursor_stays_small(algolia: HackerNewsStandIn) -> None:
    algolia.page_size = 100
    algolia.post(1000)
    cursor = fetch(algolia, {})[-1].cursor
    assert len(cursor["searches"]["kestova"]["heard"]) <= 11


def test_each_alternative_is_searched_and_keeps_its_own_place(algolia: HackerNewsStandIn) -> None:
    algolia.post(2)
    setup = algolia.setup()
    both = Setup(options=setup.options, secrets={}, query=parse("kestova OR veloni"), clock=setup.clock)
    pages = list(HackerNewsConnector(both).fetch(fetch(algolia, {})[-1].cursor))
    assert ids(pages) == []
    assert set(pages[-1].cursor["searches"]) == {"kestova", "veloni"}
    algolia.post(1, text="veloni is new")
    algolia.post(1)
    assert len(ids(list(HackerNewsConnector(both).fetch(pages[-1].cursor)))) == 2


def test_an_answer_of_another_shape_is_malformed(algolia: HackerNewsStandIn) -> None:
    for shape in (
        [],
        {"hits": None},
        {"hits": [{"objectID": "1"}], "hitsPerPage": 5},
        {"hits": [], "hitsPerPage": "x"},
        {"hits": [], "hitsPerPage": 0},
    ):
        algolia.answer_next(Answer.of_json(shape))
        with pytest.raises(ConnectorError) as caught:
            fetch(algolia, {})
        assert caught.value.code == "malformed"


def hit(**fields: Any) -> dict[str, Any]:
    return {"objectID": "5", "author": "ada", "created_at_i": 1_793_000_000, **fields}


def heard(algolia: HackerNewsStandIn, **fields: Any) -> Page:
    algolia.answer_next(Answer.of_json({"hits": [hit(**fields)], "hitsPerPage": 1000}))
    (page,) = fetch(algolia, {})
    return page


def test_a_story(algolia: HackerNewsStandIn) -> None:
    fields = {"title": "Show HN: Kestova", "url": "https://k.example", "story_text": "I &lt;3<p>it", "points": 9}
    (post,) = heard(algolia, num_comments=2, **fields).posts
    assert post.text == "Show HN: Kestova\n\nhttps://k.example\n\nI <3\n\nit"
    assert (post.likes, post.replies, post.thread, post.in_reply_to) == (9, 2, "5", "")
    assert post.url == "https://news.ycombinator.com/item?id=5"


def test_a_comment(algolia: HackerNewsStandIn) -> None:
    fields = {"comment_text": "My <i>Kestova</i>&#x27;s fine", "story_id": 3, "parent_id": 4, "story_title": "Bikes"}
    (post,) = heard(algolia, **fields).posts
    assert (post.text, post.thread, post.in_reply_to) == ("My Kestova's fine", "3", "4")
    assert post.author.url == "https://news.ycombinator.com/user?id=ada"


def test_what_was_deleted_has_no_text_and_is_no_post(algolia: HackerNewsStandIn) -> None:
    page = heard(algolia, comment_text=None, story_id=3, parent_id=4)
    assert page.posts == ()
    assert "5" in page.cursor["searches"]["kestova"]["heard"]


@pytest.mark.parametrize("query", [None, "kestova OR c++*"])
def test_a_query_is_needed_that_can_be_searched(clock: FakeClock, query: str | None) -> None:
    found = parse(query) if query else None
    with pytest.raises(ConnectorError) as caught:
        HackerNewsConnector(Setup(options={}, secrets={}, query=found, clock=clock))
    assert (caught.value.code, caught.value.permanent) == ("bad_query", True)
    assert caught.value.remedy
