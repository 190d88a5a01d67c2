"""A Mastodon instance: hashtag timelines, notifications, search, threads, and answers from the account of a token."""

import html
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from listener.connector import Setup
from listener.mention import Account
from tests.listener.standins import Answer, Request, Sample, StandIn

TOKEN = "good"
OWN_ID = "77"


class MastodonStandIn(StandIn):
    network = "mastodon"

    def __init__(self, clock: Any) -> None:
        super().__init__(clock)
        self.replies: list[dict[str, Any]] = []
        """What was posted here, oldest first."""
        self.edited: dict[int, datetime] = {}
        """When a sample was edited, by its number."""
        self.answers_to: dict[int, str] = {}
        """The id of the status that a sample answers, by its number."""
        self.members_only = False
        self._by_key: dict[str, dict[str, Any]] = {}

    def setup(self) -> Setup:
        return self.make_setup(options={"base_url": self.url})

    def setup_with_account(self, mode: str = "mentions") -> Setup:
        """As the account acme of this instance."""
        return self.make_setup(options={"base_url": self.url, "mode": mode}, secrets={"access_token": TOKEN})

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def own_account(self) -> Account:
        """The account of the token."""
        return Account(f"{self.url}/users/acme", f"acme@{self.host}")

    def external_id(self, sample: Sample) -> str:
        return f"{self.url}/users/{sample.handle}/statuses/{sample.number}"

    def rate_limited(self, seconds: int) -> Answer:
        reset = datetime.fromtimestamp(self.clock().timestamp() + seconds, UTC)
        headers = {
            "X-RateLimit-Limit": "300",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": reset.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        }
        return Answer.of_json({"error": "Too many requests"}, 429, headers)

    def unauthorised(self) -> Answer:
        return Answer.of_json({"error": "The access token is invalid"}, 401)

    def answer(self, request: Request) -> Answer:
        token = request.headers.get("authorization", "")
        if token and token != f"Bearer {TOKEN}":
            return self.unauthorised()
        if request.path.startswith("/api/v1/timelines/tag/"):
            return self._timeline(request, bool(token))
        if not token:
            return Answer.of_json({"error": "The access token is invalid"}, 401)
        if request.method == "POST" and request.path == "/api/v1/statuses":
            return self._publish(request)
        return self._as_member(request)

    def _as_member(self, request: Request) -> Answer:
        match request.path.strip("/").split("/"):
            case ["api", "v1", "accounts", "verify_credentials"]:
                return _ok(self._account("acme", OWN_ID))
            case ["api", "v1", "accounts", "77", "statuses"]:
                return _ok(self._cut(self.replies[::-1], request))
            case ["api", "v1", "notifications"]:
                mentions = [self._notification(sample) for sample in self.listed(newest_first=True)]
                return _ok(self._cut(mentions, request))
            case ["api", "v2", "search"] if request.query.get("type") == "statuses":
                return _ok({"accounts": [], "hashtags": [], "statuses": self._search(request)})
            case ["api", "v1", "statuses", id_, "context"]:
                return self._context(id_)
        return Answer.of_json({"error": "Record not found"}, 404)

    def _timeline(self, request: Request, known: bool) -> Answer:
        if self.members_only and not known:
            return Answer.of_json({"error": "This method requires an authenticated user"}, 422)
        if not request.path.endswith("/kestova"):
            return _ok([])
        return _ok(self._cut([self.status(sample) for sample in self.listed(newest_first=True)], request))

    def _cut(self, newest_first: Sequence[dict[str, Any]], request: Request) -> list[dict[str, Any]]:
        """The page asked for: below max_id, above since_id or min_id."""
        below, above = request.query.get("max_id"), request.query.get("since_id") or request.query.get("min_id")
        found = [
            entry
            for entry in newest_first
            if (not below or int(entry["id"]) < int(below) + self.repeats)
            and (not above or int(entry["id"]) > int(above))
        ]
        return found[: min(self.page_size, int(request.query.get("limit", "20")))]

    def _search(self, request: Request) -> list[dict[str, Any]]:
        wanted = request.query["q"]
        if wanted.startswith("http"):
            return [self.status(sample) for sample in self.samples if self.external_id(sample) == wanted]
        return self._cut([self.status(sample) for sample in self.listed(newest_first=True)], request)

    def _context(self, id_: str) -> Answer:
        known = {str(sample.number): self.status(sample) for sample in self.samples}
        known |= {reply["id"]: reply for reply in self.replies}
        if id_ not in known:
            return Answer.of_json({"error": "Record not found"}, 404)
        above: list[dict[str, Any]] = []
        parent = known[id_]["in_reply_to_id"]
        while parent in known:
            above.insert(0, known[parent])
            parent = known[parent]["in_reply_to_id"]
        return _ok({"ancestors": above, "descendants": []})

    def _notification(self, sample: Sample) -> dict[str, Any]:
        status = self.status(sample)
        return {
            "id": str(sample.number),
            "type": "mention",
            "created_at": status["created_at"],
            "account": status["account"],
            "status": status,
        }

    def _publish(self, request: Request) -> Answer:
        key, text = request.headers["idempotency-key"], request.form["status"]
        if len(text) > 500:
            return Answer.of_json({"error": "Validation failed: Text character limit of 500 exceeded"}, 422)
        answered = request.form["in_reply_to_id"]
        if answered not in {str(sample.number) for sample in self.samples}:
            return Answer.of_json({"error": "The post you are trying to reply to does not exist."}, 404)
        if key not in self._by_key:
            number = str(900000 + len(self.replies))
            reply = self._status("acme", OWN_ID, number, text, self.clock())
            reply |= {"in_reply_to_id": answered, "visibility": request.form["visibility"]}
            self._by_key[key] = reply
            self.replies.append(reply)
        return _ok(self._by_key[key])

    def status(self, sample: Sample) -> dict[str, Any]:
        """A sample as the instance shows it."""
        found = self._status(sample.handle, sample.handle, str(sample.number), sample.text, sample.created_at)
        edited = self.edited.get(sample.number)
        return found | {
            "edited_at": edited.isoformat() if edited else None,
            "in_reply_to_id": self.answers_to.get(sample.number),
        }

    def _status(self, name: str, account_id: str, number: str, text: str, moment: datetime) -> dict[str, Any]:
        return {
            "id": number,
            "created_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "in_reply_to_id": None,
            "in_reply_to_account_id": None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": "public",
            "language": "en",
            "uri": f"{self.url}/users/{name}/statuses/{number}",
            "url": f"{self.url}/@{name}/{number}",
            "replies_count": 1,
            "reblogs_count": 2,
            "favourites_count": 3,
            "edited_at": None,
            "content": "<p>" + html.escape(text).replace("\n", "<br />") + "</p>",
            "reblog": None,
            "account": self._account(name, account_id),
            "media_attachments": [],
            "mentions": [],
            "tags": [{"name": "kestova", "url": f"{self.url}/tags/kestova"}],
            "emojis": [],
            "card": None,
            "poll": None,
        }

    def _account(self, name: str, account_id: str) -> dict[str, Any]:
        return {
            "id": account_id,
            "username": name,
            "acct": name,
            "display_name": name.title(),
            "locked": False,
            "bot": False,
            "created_at": "2020-05-01T00:00:00.000Z",
            "note": "<p>Rides bikes</p>",
            "url": f"{self.url}/@{name}",
            "uri": f"{self.url}/users/{name}",
            "avatar": f"{self.url}/avatars/{name}.png",
            "followers_count": 321,
            "following_count": 1,
            "statuses_count": 5,
            "emojis": [],
            "fields": [],
        }


def _ok(value: Any) -> Answer:
    headers = {
        "X-RateLimit-Limit": "300",
        "X-RateLimit-Remaining": "299",
        "X-RateLimit-Reset": "2026-11-02T09:05:00.000000Z",
    }
    return Answer.of_json(value, headers=headers)
