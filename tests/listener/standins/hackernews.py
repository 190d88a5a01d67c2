"""Algolia's search of Hacker News."""

import re
from html import escape
from typing import Any

from listener.connector import Setup
from tests.listener.standins import Answer, Request, Sample, StandIn

MAX_HITS = 1000


class HackerNewsStandIn(StandIn):
    """Comments of one thread: newest first, cut to `page_size` hits a page and to 1000 hits a search."""

    network = "hackernews"

    def setup(self) -> Setup:
        return self.make_setup(options={"base_url": self.url})

    def answer(self, request: Request) -> Answer:
        filters = re.fullmatch(
            r"created_at_i>=(\d+)(?:,created_at_i<=(\d+))?", request.query.get("numericFilters", "")
        )
        if request.path != "/api/v1/search_by_date" or not filters or request.query.get("tags") != "(story,comment)":
            return Answer.of_json({"message": "bad request"}, 400)
        found = [sample for sample in self.listed(newest_first=True) if self._matches(sample, request, filters)]
        size = min(self.page_size, int(request.query["hitsPerPage"]))
        number = int(request.query.get("page", 0))
        hits = found[:MAX_HITS][number * size : (number + 1) * size]
        if self.repeats and filters[2]:
            newer = [sample for sample in self.samples if sample.created_at.timestamp() > int(filters[2])]
            hits = newer[:1] + hits[: size - 1] if newer else hits
        return Answer.of_json(
            {
                "hits": [self._hit(sample) for sample in hits],
                "nbHits": len(found),
                "page": number,
                "hitsPerPage": size,
            }
        )

    def _matches(self, sample: Sample, request: Request, filters: re.Match[str]) -> bool:
        moment = int(sample.created_at.timestamp())
        in_time = int(filters[1]) <= moment <= int(filters[2] or moment)
        return in_time and request.query.get("query", "").lower() in sample.text.lower()

    def _hit(self, sample: Sample) -> dict[str, Any]:
        return {
            "objectID": str(sample.number),
            "author": sample.handle,
            "created_at": sample.created_at.isoformat(),
            "created_at_i": int(sample.created_at.timestamp()),
            "comment_text": f"<p>{escape(sample.text)}",
            "story_id": 900,
            "parent_id": 901,
            "points": None,
            "_tags": ["comment", f"author_{sample.handle}", "story_900"],
        }
