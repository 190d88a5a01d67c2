"""A Bluesky server: logins, search, notifications, profiles, and a repository that takes answers."""

import base64
import json
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qs

from listener.connector import Setup
from tests.listener.standins import Answer, Request, Sample, StandIn

HANDLE, DID, PASSWORD = "acme.example", "did:plc:acme", "abcd-efgh"
CID = "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"
LONG_PAST_US, NOT_YET_US = 1_600_000_000_000_000, 1_790_000_000_000_000
TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
FAR_OFF = 4_000_000_000


def did_of(sample: Sample) -> str:
    """The author of a sample."""
    return f"did:plc:{sample.handle}"


class BlueskyStandIn(StandIn):
    network = "bluesky"

    def __init__(self, clock: Any) -> None:
        super().__init__(clock)
        self.logins = 0
        self.refreshes = 0
        self.expires_at = FAR_OFF
        """When access tokens handed out from now on end, in seconds of the epoch."""
        self.records: dict[str, dict[str, Any]] = {}
        """What was published here, by record key."""
        self.extra: dict[int, dict[str, Any]] = {}
        """Fields that a sample's record has besides, by its number."""
        self._alive: set[str] = set()
        self._serial = count()

    def setup(self) -> Setup:
        return self.make_setup(options={"base_url": self.url}, secrets={"handle": HANDLE, "app_password": PASSWORD})

    def setup_for_mentions(self) -> Setup:
        """As `setup`, for the account's notifications."""
        secrets = {"handle": HANDLE, "app_password": PASSWORD}
        return self.make_setup(options={"base_url": self.url, "mode": "mentions"}, secrets=secrets)

    def external_id(self, sample: Sample) -> str:
        return f"at://{did_of(sample)}/app.bsky.feed.post/3k{sample.number}"

    def rate_limited(self, seconds: int) -> Answer:
        reset = int(self.clock().timestamp()) + seconds
        headers = {"ratelimit-limit": "3000", "ratelimit-remaining": "0", "ratelimit-reset": str(reset)}
        return Answer.of_json({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429, headers)

    def unauthorised(self) -> Answer:
        return Answer.of_json({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)

    def is_login(self, request: Request) -> bool:
        return request.path.endswith(("createSession", "refreshSession"))

    def kill_tokens(self) -> None:
        """Every token handed out so far is dead."""
        self._alive.clear()

    def answer(self, request: Request) -> Answer:
        method = request.path.removeprefix("/xrpc/")
        if method == "com.atproto.server.createSession":
            return self._log_in(json.loads(request.body))
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._alive:
            return Answer.of_json({"error": "InvalidToken", "message": "Token could not be verified"}, 400)
        if method == "com.atproto.server.refreshSession":
            self.refreshes += 1
            return _ok(self._session())
        return self._answer_member(method, request)

    def _answer_member(self, method: str, request: Request) -> Answer:
        answers = {
            "app.bsky.feed.searchPosts": self._search,
            "app.bsky.notification.listNotifications": self._notifications,
            "app.bsky.actor.getProfile": lambda asked: _ok(self._profile(DID, HANDLE)),
            "app.bsky.actor.getProfiles": self._profiles,
            "app.bsky.feed.getPosts": self._posts,
            "com.atproto.identity.resolveHandle": self._resolve,
            "com.atproto.repo.getRecord": self._record,
            "com.atproto.repo.createRecord": self._create,
        }
        found = answers.get(method)
        return found(request) if found else Answer.of_json({"error": "MethodNotImplemented"}, 501)

    def _log_in(self, given: dict[str, str]) -> Answer:
        if (given["identifier"], given["password"]) != (HANDLE, PASSWORD):
            return self.unauthorised()
        self.logins += 1
        return _ok(self._session())

    def _session(self) -> dict[str, Any]:
        access, refresh = self._token(self.expires_at), self._token(FAR_OFF)
        return {"handle": HANDLE, "did": DID, "accessJwt": access, "refreshJwt": refresh}

    def _token(self, expires_at: int) -> str:
        claims = {"exp": expires_at, "jti": str(next(self._serial))}
        parts = [json.dumps(part).encode() for part in ({"alg": "ES256K"}, claims)]
        token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (*parts, b"signature"))
        self._alive.add(token)
        return token

    def _search(self, request: Request) -> Answer:
        asked = request.query
        if asked.get("q") not in {"kestova", "ebike"} or asked.get("sort") != "latest":
            return Answer.of_json({"error": "InvalidRequest"}, 400)
        since = datetime.fromisoformat(asked["since"])
        until = datetime.fromisoformat(asked["until"]) if "until" in asked else datetime.max.replace(tzinfo=UTC)
        found = [sample for sample in self.listed(newest_first=True) if since <= sample.created_at < until]
        page, cursor = self._cut(found, asked.get("cursor"))
        return _ok({"posts": [self.view(sample) for sample in page], **cursor})

    def _notifications(self, request: Request) -> Answer:
        page, cursor = self._cut(self.listed(newest_first=True), request.query.get("cursor"))
        reasons = ("mention", "reply", "quote", "like")
        shown = [
            {**self._plain_view(sample), "reason": reasons[sample.number % len(reasons)], "isRead": False}
            for sample in page
        ]
        return _ok({"notifications": shown, **cursor})

    def _cut(self, found: list[Sample], cursor: str | None) -> tuple[list[Sample], dict[str, str]]:
        start = max(0, int(cursor or 0) - (self.repeats if cursor else 0))
        end = int(cursor or 0) + self.page_size
        return found[start:end], {"cursor": str(end)} if end < len(found) else {}

    def _profiles(self, request: Request) -> Answer:
        handles = {did_of(sample): sample.handle for sample in self.samples}
        if len(_all(request, "actors")) > 25:
            return Answer.of_json({"error": "InvalidRequest"}, 400)
        return _ok({"profiles": [self._profile(did, handles[did]) for did in _all(request, "actors")]})

    def _posts(self, request: Request) -> Answer:
        wanted = _all(request, "uris")
        return _ok({"posts": [self.view(sample) for sample in self.samples if self.external_id(sample) in wanted]})

    def _resolve(self, request: Request) -> Answer:
        if request.query["handle"] == "ada.example.com":
            return _ok({"did": "did:plc:ada"})
        return Answer.of_json({"error": "InvalidRequest", "message": "Unable to resolve handle"}, 400)

    def _record(self, request: Request) -> Answer:
        found = self.records.get(request.query["rkey"])
        if not found:
            return Answer.of_json({"error": "RecordNotFound", "message": "Could not locate record"}, 400)
        return _ok({"uri": self._uri(request.query["rkey"]), "cid": CID, "value": found})

    def _create(self, request: Request) -> Answer:
        given = json.loads(request.body)
        if given["repo"] != DID or given["collection"] != "app.bsky.feed.post" or not _is_tid(given["rkey"]):
            return Answer.of_json({"error": "InvalidRequest", "message": "Invalid record key"}, 400)
        if given["rkey"] in self.records:
            return Answer.of_json({"error": "InvalidRequest", "message": "Record already exists"}, 400)
        self.records[given["rkey"]] = given["record"]
        return _ok({"uri": self._uri(given["rkey"]), "cid": CID})

    def _uri(self, name: str) -> str:
        return f"at://{DID}/app.bsky.feed.post/{name}"

    def view(self, sample: Sample) -> dict[str, Any]:
        """A sample as search shows it."""
        return {**self._plain_view(sample), "likeCount": 5, "repostCount": 2, "quoteCount": 1, "replyCount": 4}

    def _plain_view(self, sample: Sample) -> dict[str, Any]:
        moment = sample.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "uri": self.external_id(sample),
            "cid": CID,
            "author": {"did": did_of(sample), "handle": f"{sample.handle}.example", "displayName": "Ada"},
            "record": {
                "$type": "app.bsky.feed.post",
                "text": sample.text,
                "createdAt": moment,
                "langs": ["en"],
                **self.extra.get(sample.number, {}),
            },
            "indexedAt": moment,
        }

    def _profile(self, did: str, handle: str) -> dict[str, Any]:
        return {
            "did": did,
            "handle": handle,
            "displayName": "Ada",
            "description": "Rides bikes",
            "website": "https://ada.example",
            "followersCount": 321,
            "createdAt": "2023-05-01T00:00:00.000Z",
        }


def _all(request: Request, name: str) -> list[str]:
    return parse_qs(request.raw_query)[name]


def _is_tid(name: str) -> bool:
    if len(name) != 13 or name[0] not in TID_ALPHABET[:16] or set(name) - set(TID_ALPHABET):
        return False
    value = 0
    for char in name:
        value = value << 5 | TID_ALPHABET.index(char)
    return LONG_PAST_US < value >> 10 < NOT_YET_US


def _ok(value: Any) -> Answer:
    headers = {"ratelimit-limit": "3000", "ratelimit-remaining": "2990", "ratelimit-reset": "1793610300"}
    return Answer.of_json(value, headers=headers)
