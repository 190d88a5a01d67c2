"""The feed connector beyond the contract."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from listener.connector import ConnectorError
from listener.connectors.feed import FeedConnector, read_posts
from listener.mention import Post
from tests.conftest import FakeClock
from tests.listener.standins import Answer, Sample
from tests.listener.standins.feed import FeedStandIn

URL = "https://news.example/feed"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def site(clock: FakeClock) -> Iterator[FeedStandIn]:
    with FeedStandIn(clock) as stand_in:
        yield stand_in


def rss(items: str) -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'


def only_post(items: str) -> Post:
    (post,) = read_posts(feedparser.parse(rss(items).encode()), URL, NOW)
    return post


def test_an_unchanged_feed_costs_one_304(site: FeedStandIn) -> None:
    site.post(2)
    (page,) = FeedConnector(site.setup()).fetch({})
    (again,) = FeedConnector(site.setup()).fetch(page.cursor)
    assert again.posts == ()
    assert again.cursor == page.cursor
    assert site.requests[-1].headers["if-none-match"] == page.cursor["etag"]


def test_changed_content_is_an_edited_post(site: FeedStandIn, clock: FakeClock) -> None:
    first, second = site.post(2)
    (page,) = FeedConnector(site.setup()).fetch({})
    site.samples[0] = Sample(first.number, "kestova: corrected", first.created_at, first.handle)
    (again,) = FeedConnector(site.setup()).fetch(page.cursor)
    (post,) = again.posts
    assert (post.external_id, post.text) == (site.external_id(first), "kestova: corrected")
    assert post.edited_at == clock.now
    assert site.external_id(second) in again.cursor["digests"]


def test_the_cursor_only_knows_what_the_feed_shows(site: FeedStandIn) -> None:
    site.post(3)
    (page,) = FeedConnector(site.setup()).fetch({})
    del site.samples[:2]
    (again,) = FeedConnector(site.setup()).fetch(page.cursor)
    assert list(again.cursor["digests"]) == [site.external_id(site.samples[0])]


@pytest.mark.parametrize(("status", "permanent"), [(404, True), (410, True), (503, False)])
def test_statuses(site: FeedStandIn, status: int, permanent: bool) -> None:
    site.fail_next(status, {"Retry-After": "120"})
    with pytest.raises(ConnectorError) as caught:
        list(FeedConnector(site.setup()).fetch({}))
    assert (caught.value.code, caught.value.permanent) == (f"http_{status}", permanent)
    assert caught.value.retry_after == (120 if status == 503 else None)


def test_too_much_is_not_read(site: FeedStandIn) -> None:
    site.answer_next(Answer(200, rss(" " * 6_000_000).encode()))
    with pytest.raises(ConnectorError) as caught:
        list(FeedConnector(site.setup()).fetch({}))
    assert (caught.value.code, caught.value.permanent) == ("too_large", True)


@pytest.mark.parametrize("body", [b"", b"<html><body>Hello</body></html>", b"\x00\xff", b'{"items": []}'])
def test_what_is_no_feed_is_malformed(site: FeedStandIn, body: bytes) -> None:
    site.answer_next(Answer(200, body, {"Content-Type": "text/html"}))
    with pytest.raises(ConnectorError) as caught:
        list(FeedConnector(site.setup()).fetch({}))
    assert caught.value.code == "malformed"


def test_a_feed_that_was_cut_off_is_malformed(site: FeedStandIn) -> None:
    whole = rss("<item><guid>1</guid><description>kestova squeaks loudly</description></item>").encode()
    for end in range(len(whole) // 2, len(whole) - 1, 7):
        site.answer_next(Answer(200, whole[:end]))
        with pytest.raises(ConnectorError) as caught:
            list(FeedConnector(site.setup()).fetch({}))
        assert caught.value.code == "malformed"


def test_a_feed_that_is_not_quite_well_formed_is_read(site: FeedStandIn) -> None:
    site.answer_next(Answer(200, rss("<item><guid>1</guid><title>Caf&eacute; & kestova</title></item>").encode()))
    (page,) = FeedConnector(site.setup()).fetch({})
    assert [post.text for post in page.posts] == ["Café & kestova"]


def test_plain_http_needs_consent(clock: FakeClock, site: FeedStandIn) -> None:
    setup = site.make_setup(options={"url": "ftp://news.example/feed"})
    with pytest.raises(ConnectorError) as caught:
        list(FeedConnector(setup).fetch({}))
    assert (caught.value.code, caught.value.permanent) == ("bad_address", True)


def test_check_names_the_feed(site: FeedStandIn) -> None:
    site.post(2)
    assert FeedConnector(site.setup()).check().message == "News & more: 2 entries at present."


def test_markup_becomes_text() -> None:
    post = only_post(
        "<item><title>Kestova &amp;amp; friends</title>"
        "<description>&lt;p&gt;One&lt;br&gt;two&lt;/p&gt;&lt;script&gt;no()&lt;/script&gt;</description></item>"
    )
    assert post.text == "Kestova & friends\n\nOne\ntwo"


def test_full_content_goes_before_a_summary() -> None:
    post = only_post(
        '<item xmlns:content="http://purl.org/rss/1.0/modules/content/"><guid>1</guid><description>Short</description>'
        "<content:encoded><![CDATA[<p>The whole story</p>]]></content:encoded></item>"
    )
    assert post.text == "The whole story"


def test_an_entry_without_a_date_is_new_now() -> None:
    assert only_post("<item><guid>1</guid><title>a</title></item>").created_at == NOW


@pytest.mark.parametrize("date", ["Sat, 01 Jan 2099 00:00:00 GMT", "nonsense"])
def test_a_date_to_come_or_none_is_now(date: str) -> None:
    assert only_post(f"<item><guid>1</guid><title>a</title><pubDate>{date}</pubDate></item>").created_at == NOW


def test_guids_are_told_apart_by_their_feed() -> None:
    assert only_post("<item><guid>1</guid><title>a</title></item>").external_id == f"{URL}#1"
    assert only_post("<item><guid>https://a.example/1</guid></item>").external_id == "https://a.example/1"
    assert only_post("<item><link>https://a.example/2</link></item>").external_id == "https://a.example/2"
    assert only_post("<item><title>a</title></item>").external_id.startswith(f"{URL}#")
    assert len(only_post(f"<item><guid>{'9' * 400}</guid></item>").external_id) <= 300


def test_links_of_other_kinds_are_left_out() -> None:
    assert only_post("<item><guid>1</guid><link>javascript:alert(1)</link></item>").url == ""


def test_atom() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><id>urn:1</id><title>Kestova</title>'
        '<link href="https://a.example/1"/><author><name>Ada</name><uri>https://ada.example</uri></author>'
        "<published>2026-11-01T10:00:00+02:00</published><updated>2026-11-01T09:00:00Z</updated>"
        '<content type="html">&lt;b&gt;Bold&lt;/b&gt; news</content></entry></feed>'
    )
    (post,) = read_posts(feedparser.parse(body.encode()), URL, NOW)
    assert (post.external_id, post.text, post.url) == ("urn:1", "Kestova\n\nBold news", "https://a.example/1")
    assert post.created_at == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert post.edited_at == post.created_at + timedelta(hours=1)
    assert (post.author.handle, post.author.url) == ("Ada", "https://ada.example")


def test_the_feed_is_the_author_where_none_is_named() -> None:
    assert only_post("<item><guid>1</guid><title>a</title></item>").author.handle == "News"


def test_very_long_articles_are_cut() -> None:
    assert len(only_post(f"<item><guid>1</guid><title>{'long ' * 9000}</title></item>").text) == 20_001
