"""A site with one RSS feed."""

from collections.abc import Mapping
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import ClassVar

from listener.connector import Setup
from tests.listener.standins import Answer, Request, Sample, StandIn


class FeedStandIn(StandIn):
    """All samples in one document, with an ETag. Descriptions are HTML, escaped as RSS wants it."""

    network = "feed"
    not_applicable: ClassVar[Mapping[str, str]] = {"a_rate_limit_halfway_loses_nothing": "a feed is a single page"}

    def setup(self) -> Setup:
        return self.make_setup(options={"url": f"{self.url}/news/feed.xml"})

    def external_id(self, sample: Sample) -> str:
        return f"tag:news.example,2026:{sample.number}"

    def answer(self, request: Request) -> Answer:
        if (request.method, request.path) != ("GET", "/news/feed.xml"):
            return Answer(404)
        samples = self.listed(newest_first=True)
        entries = [self._entry(sample) for sample in samples + samples[: 1 if self.repeats else 0]]
        body = (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>News &amp; more</title>'
            f"<link>https://news.example/</link>{''.join(entries)}</channel></rss>"
        ).encode()
        etag = f'"{sha256(body).hexdigest()[:12]}"'
        if request.headers.get("if-none-match") == etag:
            return Answer(304, headers={"ETag": etag})
        return Answer(200, body, {"Content-Type": "application/rss+xml", "ETag": etag})

    def _entry(self, sample: Sample) -> str:
        description = f"<p>{escape(sample.text)}</p><script>never()</script>"
        return (
            f'<item><guid isPermaLink="false">{self.external_id(sample)}</guid>'
            f"<link>https://news.example/{sample.number}</link><author>{sample.handle}</author>"
            f"<pubDate>{format_datetime(sample.created_at)}</pubDate><description>{escape(description)}</description></item>"
        )
