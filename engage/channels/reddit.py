"""Answering on Reddit."""

import html
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from engage.channel import CanReply, ChannelError, Found, NotFound, Sent, Target, Unknowable
from listener.connector import ConnectorError, Setup
from listener.connectors.reddit import LISTING_DEPTH, PAGE_SIZE, REDDIT_URL, RedditApi, check_access, may_write
from listener.http import malformed_error

CLOCK_SLACK = timedelta(minutes=2)
"""How far Reddit's clock and this machine's may differ."""
REMEDIES = {
    "thread_locked": "Nobody can answer there any more. Write to the author in another way.",
    "too_old": "The thread is archived: nobody can answer there any more.",
    "deleted_comment": "The post is gone. There is nothing left to answer.",
    "deleted_link": "The post is gone. There is nothing left to answer.",
    "banned_from_subreddit": "Ask the subreddit's moderators, or answer from another account.",
    "subreddit_notallowed": "Ask the subreddit's moderators, or answer from another account.",
    "user_blocked": "The author or the account has blocked the other: answer from another account.",
    "too_long": "Shorten the reply.",
}
"""What to do about a refusal, by the code that Reddit gives it."""


class RedditRules:
    """10,000 characters, wherever the thread still takes answers."""

    network: ClassVar[str] = "reddit"
    label: ClassVar[str] = "Reddit"
    max_length: ClassVar[int] = 10_000
    unit: ClassVar[str] = "characters"

    def length(self, text: str) -> int:
        """Characters, Markdown signs included."""
        return len(text)

    def can_reply(self, target: Target) -> CanReply:
        """Whether the post still stands and its thread is open."""
        if target.deleted:
            return CanReply(False, "The post was deleted.")
        if (target.reply_ref or {}).get("locked"):
            return CanReply(False, "The thread is locked or archived: nobody can answer there any more.")
        return CanReply(True, "Anybody may answer on Reddit, unless the subreddit says otherwise.")

    def warnings(self, text: str) -> tuple[str, ...]:
        """None."""
        return ()

    def cost(self, text: str) -> str:
        """Nothing more."""
        return ""


class RedditChannel:
    """Sends as the user whose name and password the source holds."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    def send(self, target: Target, text: str, key: str) -> Sent:
        """Publish a reply. Raises ChannelError.

        Reddit takes no idempotency key: what became of a call without an answer, only `find` tells.
        """
        api = self._api()
        try:
            answer = api.post("api/comment/", {"thing_id": target.external_id, "text": text})
        except ConnectorError as error:
            from listener.sessions import may_have_arrived

            raise ChannelError.of(error, uncertain=may_have_arrived(error)) from error
        return _read_sent(answer)

    def find(self, target: Target, text: str, key: str, since: datetime) -> Found:
        """Look among the account's own comments since then for one that answers the target in these words."""
        name = (self._setup.secrets.get("username") or "").strip()
        wanted, start = _comparable(text), (since - CLOCK_SLACK).timestamp()
        seen = 0
        try:
            for comment in _own_comments(self._api(), name):
                if float(comment["created_utc"]) < start:
                    return NotFound()
                if comment["parent_id"] == target.external_id and _comparable(comment["body"]) == wanted:
                    return _sent(comment)
                seen += 1
        except ConnectorError as error:
            raise ChannelError.of(error) from error
        except (KeyError, TypeError, ValueError) as error:
            raise ChannelError.of(malformed_error(RedditRules.label)) from error
        if seen >= LISTING_DEPTH - PAGE_SIZE:
            return Unknowable(
                f"Reddit shows only the account's newest {LISTING_DEPTH} comments; this one may be older."
            )
        return NotFound()

    def _api(self) -> RedditApi:
        try:
            check_access(self._setup)
            if not may_write(self._setup):
                raise ConnectorError(
                    "An app alone cannot write on Reddit.",
                    code="no_credentials",
                    permanent=True,
                    remedy="Enter the account's user name and password under Sources.",
                )
            return RedditApi(self._setup)
        except ConnectorError as error:
            raise ChannelError.of(error) from error


def _own_comments(api: RedditApi, name: str) -> Iterator[Mapping[str, Any]]:
    after = ""
    while True:
        params: dict[str, Any] = {"sort": "new", "limit": PAGE_SIZE, **({"after": after} if after else {})}
        listing = api.get(f"user/{name}/comments", params)["data"]
        yield from (thing["data"] for thing in listing["children"])
        if not listing.get("after") or listing["after"] == after:
            return
        after = listing["after"]


def _read_sent(answer: Any) -> Sent:
    try:
        answer = answer["json"]
        errors = answer.get("errors") or []
        if not errors:
            return _sent(answer["data"]["things"][0]["data"])
        code, detail = str(errors[0][0]).lower(), str(errors[0][1] or "")
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ChannelError.of(malformed_error(RedditRules.label), uncertain=True) from error
    raise _refused(code, detail, answer.get("ratelimit"))


def _refused(code: str, detail: str, wait_s: Any) -> ChannelError:
    said = f" It says: {detail}" if detail else ""
    if code == "ratelimit":
        return ChannelError(
            f"Reddit lets this account comment only so often.{said}",
            code="rate_limited",
            retry_after=float(wait_s) if isinstance(wait_s, int | float) else None,
            remedy="Nothing to do: Hearken waits and sends it later.",
        )
    return ChannelError(
        f"Reddit refused the reply ({code}).{said}",
        code=code,
        permanent=True,
        remedy=REMEDIES.get(code, "Open the post on Reddit and answer there."),
    )


def _sent(comment: Mapping[str, Any]) -> Sent:
    path = comment.get("permalink") or f"/comments/{str(comment['link_id']).rpartition('_')[2]}/_/{comment['id']}/"
    return Sent(str(comment["name"]), f"{REDDIT_URL}{path}")


def _comparable(text: Any) -> str:
    """A text without what Reddit changes: entities and white space."""
    return " ".join(html.unescape(str(text)).split())
