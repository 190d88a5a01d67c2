"""Reddit: tokens, search, comments, the inbox, an account's own comments, and replies."""

import base64
import html
from typing import Any, ClassVar

from listener.connector import Setup
from tests.listener.standins import Answer, Request, Sample, StandIn

OWN_NAME = "kestova_help"
SECRETS = {"client_id": "good-id", "client_secret": "good-secret", "username": OWN_NAME, "password": "good-password"}
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
NOTHING: dict[str, Any] = {"kind": "Listing", "data": {"children": [], "after": None}}


def base36(number: int) -> str:
    """A number as Reddit writes ids."""
    return (base36(number // 36) if number >= 36 else "") + DIGITS[number % 36]


class RedditStandIn(StandIn):
    """Holds the samples as submissions, comments and inbox items alike, and takes replies."""

    network: ClassVar[str] = "reddit"

    def __init__(self, clock: Any) -> None:
        super().__init__(clock)
        self.kind = "t3"
        """What the samples are: t3 submissions, t1 comments."""
        self.depth = 1000
        """How many items a listing reaches back."""
        self.changes: dict[int, dict[str, Any]] = {}
        """Number of a sample -> what its thing says otherwise."""
        self.published: list[dict[str, Any]] = []
        self.remaining = 599
        self.drops_answers_to_replies = False
        """A reply is published, and the connection breaks before the answer."""

    def setup(self) -> Setup:
        return self.make_setup(options={"base_url": self.url}, secrets=SECRETS)

    def external_id(self, sample: Sample) -> str:
        return f"{self.kind}_{base36(sample.number)}"

    def expected_text(self, sample: Sample) -> str:
        return html.unescape(sample.text)

    def rate_limited(self, seconds: int) -> Answer:
        headers = {"x-ratelimit-remaining": "0.0", "x-ratelimit-used": "600", "x-ratelimit-reset": str(seconds)}
        return Answer.of_json({"message": "Too Many Requests", "error": 429}, 429, headers)

    def unauthorised(self) -> Answer:
        return Answer.of_json({"message": "Unauthorized", "error": 401}, 401)

    def is_login(self, request: Request) -> bool:
        return request.path == "/api/v1/access_token"

    def _respond(self, request: Request) -> Answer | None:
        answer = super()._respond(request)
        return None if self.drops_answers_to_replies and request.path == "/api/comment/" else answer

    def answer(self, request: Request) -> Answer:
        if self.is_login(request):
            return self._token(request)
        if request.headers.get("authorization") != "bearer good-token":
            return self.unauthorised()
        if request.query.get("raw_json") != "1" or "hearken" not in request.headers["user-agent"]:
            return Answer(400)
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["r", _, "search"] if request.query["sort"] == "new" and "kestova" in request.query["q"]:
                return self._listing(request)
            case "GET", ["r", _, "comments" | "new"] | ["message", "comments"]:
                return self._listing(request)
            case "GET", ["message", "mentions" | "selfreply"]:
                return self._json(NOTHING)
            case "GET", ["api", "v1", "me"]:
                return self._json({"name": OWN_NAME, "id": "own", "created_utc": 1577836800.0, "icon_img": ""})
            case "GET", ["user", str(name), "comments"] if name == OWN_NAME:
                return self._own_comments(request)
            case "POST", ["api", "comment"]:
                return self._publish(request.form)
        return Answer(400)

    def _token(self, request: Request) -> Answer:
        basic = base64.b64encode(f"{SECRETS['client_id']}:{SECRETS['client_secret']}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return self.unauthorised()
        form = request.form
        if form["grant_type"] == "password" and form["password"] != SECRETS["password"]:
            return Answer.of_json({"error": "invalid_grant"})
        return Answer.of_json(
            {"access_token": "good-token", "token_type": "bearer", "expires_in": 3600, "scope": "*"}
        )

    def _listing(self, request: Request) -> Answer:
        reach = self.listed(newest_first=True)[: self.depth]
        names = [self.external_id(sample) for sample in reach]
        begin = 0
        if "after" in request.query:
            if request.query["after"] not in names:
                return self._json(NOTHING)
            begin = names.index(request.query["after"]) + (0 if self.repeats else 1)
        page = reach[begin : begin + min(self.page_size, int(request.query["limit"]))]
        after = self.external_id(page[-1]) if begin + len(page) < len(reach) else None
        children = [{"kind": self.kind, "data": self._thing(sample)} for sample in page]
        return self._json({"kind": "Listing", "data": {"children": children, "after": after, "dist": len(page)}})

    def _thing(self, sample: Sample) -> dict[str, Any]:
        id_ = base36(sample.number)
        thing = {
            "id": id_,
            "name": self.external_id(sample),
            "author": sample.handle,
            "author_fullname": f"t2_{sample.handle}",
            "created_utc": sample.created_at.timestamp(),
            "edited": False,
            "score": 3,
        }
        if self.kind == "t3":
            thing |= {
                "title": sample.text,
                "selftext": "",
                "is_self": True,
                "num_comments": 2,
                "num_crossposts": 1,
                "permalink": f"/r/ebikes/comments/{id_}/a_title/",
            }
        else:
            thing |= {
                "body": sample.text,
                "link_id": "t3_top",
                "parent_id": "t1_above",
                "permalink": f"/r/ebikes/comments/top/a_title/{id_}/",
            }
        return thing | self.changes.get(sample.number, {})

    def _publish(self, form: dict[str, str]) -> Answer:
        id_ = f"own{len(self.published)}"
        comment = {
            "id": id_,
            "name": f"t1_{id_}",
            "author": OWN_NAME,
            "parent_id": form["thing_id"],
            "link_id": "t3_top",
            "body": form["text"],
            "created_utc": self.clock().timestamp(),
            "permalink": f"/r/ebikes/comments/top/a_title/{id_}/",
        }
        self.published.append(comment)
        return self._json({"json": {"errors": [], "data": {"things": [{"kind": "t1", "data": comment}]}}})

    def _own_comments(self, request: Request) -> Answer:
        newest = self.published[::-1][: self.depth]
        names = [comment["name"] for comment in newest]
        begin = names.index(request.query["after"]) + 1 if "after" in request.query else 0
        page = newest[begin : begin + self.page_size]
        after = page[-1]["name"] if begin + len(page) < len(newest) else None
        children = [{"kind": "t1", "data": comment} for comment in page]
        return self._json({"kind": "Listing", "data": {"children": children, "after": after}})

    def _json(self, body: dict[str, Any]) -> Answer:
        headers = {
            "x-ratelimit-remaining": f"{self.remaining}.0",
            "x-ratelimit-used": "1",
            "x-ratelimit-reset": "300",
        }
        return Answer.of_json(body, 200, headers)
