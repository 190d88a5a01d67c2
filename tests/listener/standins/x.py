"""X, version 2 of its API: search, mentions, the account's own posts, and replies."""

import html
import json
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import unquote

from listener.connector import Setup
from tests.listener.standins import Answer, Request, Sample, StandIn

OWN_ID, OWN_HANDLE = "4242", "kestova"
SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
MENTIONS_DEPTH = 800
SECRETS = {
    "bearer_token": "good-bearer",
    "consumer_key": "good-consumer",
    "consumer_secret": "consumer-secret",
    "access_token": f"{OWN_ID}-good",
    "access_token_secret": "access-secret",
}


def snowflake(moment: datetime, number: int = 0) -> str:
    """An id as X makes it: the moment, and a number that keeps ids of one moment apart."""
    return str((int(moment.timestamp() * 1000) - SNOWFLAKE_EPOCH_MS) << 22 | number)


def problem(status: int, kind: str = "about:blank", **more: Any) -> Answer:
    """A refusal as X words it."""
    type_ = kind if ":" in kind else f"https://api.x.com/2/problems/{kind}"
    said = {"title": "Refused", "type": type_, "status": status, "detail": "A detail.", **more}
    return Answer(status, json.dumps(said).encode(), {"Content-Type": "application/problem+json"})


def account(handle: str) -> dict[str, Any]:
    """A user as X describes it."""
    return {
        "id": OWN_ID if handle == OWN_HANDLE else str(7000 + sum(map(ord, handle))),
        "username": handle,
        "name": handle.title(),
        "description": "Rides &amp; writes",
        "url": "https://t.co/site",
        "entities": {
            "url": {
                "urls": [
                    {"start": 0, "end": 5, "url": "https://t.co/site", "expanded_url": f"https://{handle}.example"}
                ]
            }
        },
        "public_metrics": {"followers_count": 5, "following_count": 1, "post_count": 2, "listed_count": 0},
        "created_at": "2020-01-01T00:00:00.000Z",
        "profile_image_url": "https://pbs.example/a.png",
    }


class XStandIn(StandIn):
    """Holds the samples as posts that match the query and mention the account, and takes replies."""

    network: ClassVar[str] = "x"

    def __init__(self, clock: Any) -> None:
        super().__init__(clock)
        self.published: list[dict[str, Any]] = []
        self.exchanges: list[tuple[Request, Answer]] = []
        """All requests answered on good days, and their answers."""
        self.drops_answers_to_replies = False
        """A reply is published, and the connection breaks before the answer."""

    def setup(self) -> Setup:
        return self.make_setup(options={"base_url": self.url}, secrets=SECRETS)

    def external_id(self, sample: Sample) -> str:
        return snowflake(sample.created_at, sample.number)

    def rate_limited(self, seconds: int) -> Answer:
        reset = int(self.clock().timestamp()) + seconds
        refused = problem(429)
        return Answer(429, refused.body, {**refused.headers, **self._allowance(0), "x-rate-limit-reset": str(reset)})

    def unauthorised(self) -> Answer:
        return problem(401, title="Unauthorized")

    def _respond(self, request: Request) -> Answer | None:
        answer = super()._respond(request)
        return None if self.drops_answers_to_replies and request.method == "POST" else answer

    def answer(self, request: Request) -> Answer:
        answer = self._answer(request)
        self.exchanges.append((request, answer))
        return answer

    def _answer(self, request: Request) -> Answer:
        as_user = request.headers.get("authorization", "").startswith("OAuth ")
        if not as_user and request.headers.get("authorization") != "Bearer good-bearer":
            return self.unauthorised()
        match request.method, request.path.split("/")[2:]:
            case "GET", ["tweets", "search", "recent"]:
                return self._search(request)
            case "GET", ["users", _, "mentions"]:
                return self._page(request, self.listed(newest_first=True)[:MENTIONS_DEPTH], "pagination_token")
            case "GET", ["users", "me"] if as_user:
                return self._json({"data": account(OWN_HANDLE)})
            case "GET", ["users", "by", "username", handle]:
                return self._json({"data": account(handle)})
            case "GET", ["usage", "tweets"] if not as_user:
                return self._json({"data": {"project_cap": "3000000", "project_usage": "12"}})
            case "GET", ["users", str(id_), "tweets"] if as_user and id_ == OWN_ID:
                return self._own_posts(request)
            case "POST", ["tweets"] if as_user:
                return self._publish(json.loads(request.body))
        return problem(403, "unsupported-authentication")

    def _search(self, request: Request) -> Answer:
        edge = int(snowflake(self.clock() - timedelta(days=7)))
        for name in ("since_id", "until_id"):
            if name in request.query and int(request.query[name]) < edge:
                return problem(400, "invalid-request", errors=[{"parameters": {name: [request.query[name]]}}])
        if "kestova" not in request.query.get("query", "") or int(request.query["max_results"]) < 10:
            return problem(400, "invalid-request")
        within = [sample for sample in self.listed(newest_first=True) if int(self.external_id(sample)) >= edge]
        return self._page(request, within, "next_token")

    def _page(self, request: Request, samples: list[Sample], token_name: str) -> Answer:
        query = request.query
        since, until = int(query.get("since_id", 0)), int(query.get("until_id", 10**19))
        token = int(query[token_name].removeprefix("t")) if token_name in query else 10**19
        found = [sample for sample in samples if since < int(self.external_id(sample)) < until]
        overlap = [sample for sample in found if int(self.external_id(sample)) >= token][-1:] if self.repeats else []
        left = [sample for sample in found if int(self.external_id(sample)) < token]
        page = (overlap + left)[: min(self.page_size, int(query.get("max_results", 10)))]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": self.external_id(page[0]), "oldest_id": self.external_id(page[-1])}
            if page[-1] is not found[-1]:
                meta["next_token"] = f"t{self.external_id(page[-1])}"
        body: dict[str, Any] = {"meta": meta}
        if page:
            handles = dict.fromkeys(sample.handle for sample in page)
            body["data"] = [self._post_of(sample) for sample in page]
            body["includes"] = {"users": [account(handle) for handle in handles]}
        return self._json(body)

    def _post_of(self, sample: Sample) -> dict[str, Any]:
        id_ = self.external_id(sample)
        return {
            "id": id_,
            "edit_history_post_ids": [id_],
            "text": html.escape(sample.text, quote=False),
            "created_at": f"{sample.created_at:%Y-%m-%dT%H:%M:%S}.000Z",
            "author_id": account(sample.handle)["id"],
            "conversation_id": id_,
            "lang": "en",
            "public_metrics": {
                "repost_count": 1,
                "reply_count": 2,
                "like_count": 3,
                "quote_count": 4,
                "bookmark_count": 5,
                "impression_count": 6,
            },
        }

    def _publish(self, asked: dict[str, Any]) -> Answer:
        id_ = snowflake(self.clock(), len(self.published))
        answered = asked["reply"]["in_reply_to_tweet_id"]
        self.published.append(
            {
                "id": id_,
                "edit_history_post_ids": [id_],
                "text": "@ada " + html.escape(asked["text"], quote=False),
                "created_at": f"{self.clock().astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z",
                "referenced_posts": [{"type": "replied_to", "id": answered}],
            }
        )
        return self._json({"data": {"id": id_, "text": asked["text"]}}, 201)

    def _own_posts(self, request: Request) -> Answer:
        start = datetime.fromisoformat(unquote(request.query["start_time"]))
        newest = [post for post in self.published[::-1] if datetime.fromisoformat(post["created_at"]) >= start]
        begin = int(request.query.get("pagination_token", "p0").removeprefix("p"))
        page = newest[begin : begin + self.page_size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if begin + self.page_size < len(newest):
            meta["next_token"] = f"p{begin + self.page_size}"
        return self._json({**({"data": page} if page else {}), "meta": meta})

    def _json(self, body: dict[str, Any], status: int = 200) -> Answer:
        return Answer.of_json(body, status, self._allowance(299))

    def _allowance(self, remaining: int) -> dict[str, str]:
        reset = int(self.clock().timestamp()) + 900
        return {
            "x-rate-limit-limit": "300",
            "x-rate-limit-remaining": str(remaining),
            "x-rate-limit-reset": str(reset),
        }
