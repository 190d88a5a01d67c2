"""Hacker News, through the search of Algolia: keyless, read-only.

The search lists the newest first and gives at most 1000 hits however one pages, so a sweep goes backwards by time:
each request asks for what is not newer than the oldest hit of the one before. Posts appear in the index a little late
and out of order, so each sweep looks a few minutes further back than the last one reached, and knows what it heard
there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from listener.connector import ConnectorError, Cursor, Field, Health, Page, Setup
from listener.fetch import Fetched, as_json, fetch
from listener.http import client, malformed_error, rate_state, safe_base_url
from listener.markup import plain_text
from listener.mention import Account, Post
from listener.query import QueryError, for_hackernews

SITE = "https://news.ycombinator.com"
LABEL = "Hacker News"
MAX_HITS = 1000
"""What Algolia gives for one search, over all its pages."""
MAX_BYTES = 64 * 1024 * 1024
LOOK_BACK_S = 600
"""How late a post may appear in the index."""
FIRST_REACH_S = 30 * 24 * 3600
"""How far back the first sweep goes."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Where the sweeps of one search stand. Moments are epoch seconds."""

    since: int
    """Earlier sweeps heard everything up to here."""
    until: int | None = None
    """The sweep in hand goes on from here downwards; None between sweeps."""
    page: int = 0
    """Page of the search from `until` downwards; above 0 only where a page held nothing but posts of that second."""
    top: int = 0
    """The newest moment that the sweep in hand saw."""
    heard: Mapping[str, int] = field(default_factory=dict)
    """Ids that a coming page may show again, with their moments."""

    @property
    def floor(self) -> int:
        """The oldest moment to ask for."""
        return max(0, self.since - LOOK_BACK_S)

    def advance(self, hits: Mapping[str, int], page_size: int, *, full: bool) -> tuple["Sweep", str]:
        """After a page of hits (ids with moments): the next state, and what the network withheld.

        `full`: the page held as many hits as it could, `page_size`, so that there may be more.
        """
        top = max([self.top, self.since, *hits.values()])
        heard = {**self.heard, **hits}
        if not full:
            return Sweep(since=top, heard={id_: at for id_, at in heard.items() if at >= top - LOOK_BACK_S}), ""
        until, page, gap = self._next_place(min(hits.values()), page_size)
        needed = {id_: at for id_, at in heard.items() if at <= until or at >= top - LOOK_BACK_S}
        return Sweep(self.since, until, page, top, needed), gap

    def _next_place(self, oldest: int, page_size: int) -> tuple[int, int, str]:
        if oldest != self.until:
            return oldest, 0, ""
        if (self.page + 2) * page_size <= MAX_HITS:
            return oldest, self.page + 1, ""
        moment = datetime.fromtimestamp(oldest, UTC)
        return (
            oldest - 1,
            0,
            f"{LABEL} gives no more than {MAX_HITS} posts of one second ({moment:%Y-%m-%d %H:%M:%S} UTC).",
        )


class HackerNewsConnector:
    """Stories and comments that match the query. The cursor holds a sweep for each search that the query needs."""

    network: ClassVar[str] = "hackernews"
    label: ClassVar[str] = LABEL
    options: ClassVar[tuple[Field, ...]] = (
        Field("base_url", "Address of the search", default="https://hn.algolia.com"),
        Field("insecure", "Allow plain http and private networks", "true or false", default="false"),
    )
    secrets: ClassVar[tuple[Field, ...]] = ()
    keyless: ClassVar[bool] = True

    def __init__(self, setup: Setup) -> None:
        self._clock = setup.clock
        self._timeout_s = setup.timeout_s
        self._base_url = setup.options.get("base_url") or self.options[0].default
        self._insecure = setup.options.get("insecure", "").lower() == "true"
        self._searches = _searches(setup)

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """Sweep once through every search."""
        beginning = Sweep(since=int(self._clock().timestamp()) - FIRST_REACH_S)
        stored: Mapping[str, Mapping[str, Any]] = cursor.get("searches") or {}
        sweeps = {text: Sweep(**stored[text]) if text in stored else beginning for text in self._searches}
        with self._client() as http:
            for text in self._searches:
                while True:
                    page, sweeps[text] = self._page(http, text, sweeps)
                    yield page
                    if sweeps[text].until is None:
                        break

    def check(self) -> Health:
        """Search once."""
        text = self._searches[0]
        with self._client() as http:
            posts, _ = _read(as_json(self._ask(http, text, Sweep(since=0)), LABEL))
        return Health(None, f"The search answers: {len(posts)} recent posts for {text}.")

    def _client(self) -> httpx.Client:
        base_url = safe_base_url(self._base_url, insecure=self._insecure)
        return client(base_url, insecure=self._insecure, timeout_s=self._timeout_s)

    def _page(self, http: httpx.Client, text: str, sweeps: Mapping[str, Sweep]) -> tuple[Page, Sweep]:
        sweep = sweeps[text]
        answer = self._ask(http, text, sweep)
        posts, page_size = _read(as_json(answer, LABEL))
        hits = {post.external_id: _second(post) for post in posts}
        moved, gap = sweep.advance(hits, page_size, full=len(posts) >= page_size)
        page = Page(
            posts=tuple(post for post in posts if post.text and post.external_id not in sweep.heard),
            cursor={"searches": {name: asdict(state) for name, state in {**sweeps, text: moved}.items()}},
            rate=rate_state(answer.headers, self._clock),
            gap=gap,
        )
        return page, moved

    def _ask(self, http: httpx.Client, text: str, sweep: Sweep) -> Fetched:
        newest = f",created_at_i<={sweep.until}" if sweep.until is not None else ""
        return fetch(
            http,
            f"{self._base_url.rstrip('/')}/api/v1/search_by_date",
            label=LABEL,
            clock=self._clock,
            params={
                "query": text,
                "tags": "(story,comment)",
                "numericFilters": f"created_at_i>={sweep.floor}{newest}",
                "hitsPerPage": str(MAX_HITS),
                "page": str(sweep.page),
                "advancedSyntax": "true",
                "typoTolerance": "false",
                "attributesToHighlight": "[]",
            },
            max_bytes=MAX_BYTES,
        )


def _searches(setup: Setup) -> list[str]:
    if setup.query is None:
        raise ConnectorError(
            f"{LABEL} needs a query.", code="bad_query", permanent=True, remedy="Give the brand a query."
        )
    try:
        return for_hackernews(setup.query)
    except QueryError as error:
        raise ConnectorError(error.message, code="bad_query", permanent=True, remedy=error.remedy) from error


def _read(answer: Any) -> tuple[list[Post], int]:
    """The posts of an answer, and how many it could have held. Deleted posts have no text."""
    try:
        posts, page_size = [_post(hit) for hit in answer["hits"]], int(answer["hitsPerPage"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise malformed_error(LABEL) from None
    if page_size < 1:
        raise malformed_error(LABEL)
    return posts, page_size


def _post(hit: Mapping[str, Any]) -> Post:
    external_id = str(hit["objectID"])
    author = str(hit["author"])
    return Post(
        external_id=external_id,
        author=Account(external_id=author, handle=author, name=author, url=f"{SITE}/user?id={author}"),
        text=_text(hit),
        created_at=datetime.fromtimestamp(hit["created_at_i"], UTC),
        url=f"{SITE}/item?id={external_id}",
        thread=str(hit.get("story_id") or external_id),
        in_reply_to=str(hit.get("parent_id") or ""),
        likes=hit.get("points") or 0,
        replies=hit.get("num_comments") or 0,
    )


def _text(hit: Mapping[str, Any]) -> str:
    """What people read: of a comment its text; of a story its title, its address and its text."""
    if hit.get("comment_text"):
        return plain_text(hit["comment_text"])
    title, address, text = hit.get("title"), hit.get("url"), hit.get("story_text")
    return "\n\n".join(part for part in (title, address, text and plain_text(text)) if title and part)


def _second(post: Post) -> int:
    return int(post.created_at.timestamp())
