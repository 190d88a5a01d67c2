"""RSS and Atom feeds. A feed shows its latest entries only; what changed since is found by comparing digests."""

import calendar
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

import feedparser

from listener.connector import Cursor, Field, Health, Page, Setup
from listener.fetch import Fetched, fetch
from listener.http import client, malformed_error, safe_base_url
from listener.markup import plain_text
from listener.mention import Account, Post

MAX_ID = 300
MAX_TEXT = 20_000
ENDS = (b"</rss>", b"</feed>", b"</rdf:rdf>")
ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, */*;q=0.5"


class FeedConnector:
    """One feed.

    The cursor holds the validators for a conditional request and, for each entry that the feed shows at present, a
    digest of its content: an entry with a known digest is not yielded again, one with a new digest was edited.
    """

    network: ClassVar[str] = "feed"
    label: ClassVar[str] = "Feed"
    options: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address of the feed", "RSS or Atom, such as https://news.example/feed.xml", required=True),
        Field("insecure", "Allow plain http and private networks", "true or false", default="false"),
    )
    secrets: ClassVar[tuple[Field, ...]] = ()
    keyless: ClassVar[bool] = True

    def __init__(self, setup: Setup) -> None:
        self._clock = setup.clock
        self._timeout_s = setup.timeout_s
        self._url = setup.options["url"].strip()
        self._insecure = setup.options.get("insecure", "").lower() == "true"
        self._label = f"The feed {urlsplit(self._url).hostname or self._url}"

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """The entries that are new or changed, in one page."""
        answer = self._get(cursor)
        if answer.status == 304:
            yield Page((), cursor)
            return
        now = self._clock()
        posts = read_posts(self._parse(answer.body), self._url, now)
        known: Mapping[str, str] = cursor.get("digests") or {}
        digests = {post.external_id: _digest(post.text) for post in posts}
        changed = tuple(
            replace(post, edited_at=post.edited_at or now) if post.external_id in known else post
            for post in posts
            if known.get(post.external_id) != digests[post.external_id]
        )
        yield Page(changed, {**_validators(answer), "digests": digests})

    def check(self) -> Health:
        """Read the feed once."""
        found = self._parse(self._get({}).body)
        count = len(found.entries)
        return Health(None, f"{_plain(found.feed.get('title_detail')) or self._url}: {count} entries at present.")

    def _get(self, cursor: Cursor) -> Fetched:
        safe_base_url(self._url, insecure=self._insecure)
        conditions = {"If-None-Match": cursor.get("etag"), "If-Modified-Since": cursor.get("modified")}
        headers = {"Accept": ACCEPT} | {name: value for name, value in conditions.items() if value}
        with client(self._url, insecure=self._insecure, timeout_s=self._timeout_s) as http:
            return fetch(http, self._url, label=self._label, clock=self._clock, headers=headers)

    def _parse(self, body: bytes) -> Any:
        """Many feeds are not quite well-formed; one without its end was cut off and would yield half an entry."""
        found = feedparser.parse(body)
        cut_off = found.bozo and not body.rstrip().lower().endswith(ENDS)
        if not found.get("version") or cut_off:
            raise malformed_error(self._label)
        return found


def read_posts(found: Any, url: str, now: datetime) -> list[Post]:
    """The entries of a parsed feed, each once. `url` tells apart feeds that number their entries alike."""
    posts = {post.external_id: post for post in (_post(entry, found.feed, url, now) for entry in found.entries)}
    return list(posts.values())


def _post(entry: Any, feed: Any, url: str, now: datetime) -> Post:
    text = "\n\n".join(part for part in (_plain(entry.get("title_detail")), _content(entry)) if part)
    link = _web_address(entry.get("link"))
    external_id = _unique(entry.get("id") or link or _digest(text), url)
    published, updated = _moment(entry, "published_parsed"), _moment(entry, "updated_parsed")
    return Post(
        external_id=external_id,
        author=_author(entry, feed, url),
        text=text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…",
        created_at=min(published or updated or now, now),  # a date to come would stay on top of every list
        url=link,
        thread=external_id,
        edited_at=updated if published and updated and published < updated <= now else None,
    )


def _author(entry: Any, feed: Any, url: str) -> Account:
    """Who wrote an entry; the feed itself where it does not say."""
    detail = entry.get("author_detail") or {}
    host = urlsplit(url).hostname or url
    name = detail.get("name") or entry.get("author") or _plain(feed.get("title_detail")) or host
    link = _web_address(detail.get("href")) or _web_address(feed.get("link"))
    return Account(external_id=_short(f"{url}#{name}"), handle=name[:MAX_ID], name=name[:MAX_ID], url=link)


def _content(entry: Any) -> str:
    """The entry's full text if the feed brings it, else its summary."""
    return max((_plain(part) for part in entry.get("content") or []), key=len, default="") or _plain(
        entry.get("summary_detail")
    )


def _plain(detail: Mapping[str, str] | None) -> str:
    if not detail or not detail.get("value"):
        return ""
    is_html = detail.get("type", "").endswith(("html", "xml"))
    return plain_text(detail["value"]) if is_html else detail["value"].strip()


def _moment(entry: Any, name: str) -> datetime | None:
    """feedparser gives moments in UTC; a feed may give none, or nonsense."""
    parsed = entry[name] if name in entry else None  # noqa: SIM401 - its get answers one moment for another
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


def _unique(guid: str, url: str) -> str:
    """A guid that is no address of its own is only unique within its feed."""
    return _short(guid if "://" in guid or guid.startswith(("tag:", "urn:")) else f"{url}#{guid}")


def _short(name: str) -> str:
    return name if len(name) <= MAX_ID else f"sha256:{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _web_address(value: str | None) -> str:
    return value if value and value.startswith(("https://", "http://")) else ""


def _validators(answer: Fetched) -> dict[str, str]:
    found = {"etag": answer.headers.get("etag"), "modified": answer.headers.get("last-modified")}
    return {name: value for name, value in found.items() if value}
