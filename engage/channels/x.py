"""Answering on X, where the API takes a reply only if the author asked for it by naming or quoting us."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from engage.channel import CanReply, ChannelError, Found, NotFound, Sent, Target, Unknowable
from engage.channels.x_text import LINK, MAX_WEIGHT, cashtags, links, weight
from listener.connector import ConnectorError, Setup
from listener.connectors.x import (
    REMEDIES,
    XApi,
    check_access,
    first_version,
    full_text,
    has_user_keys,
    post_url,
    replied_to,
)
from listener.http import malformed_error

TIMELINE_FIELDS = {
    "max_results": 100,
    "post.fields": "created_at,entities,note_post",
    "expansions": "referenced_posts",
}


class XRules:
    """280 weighted characters, and only where we were summoned (X's rule since 23 February 2026)."""

    network: ClassVar[str] = "x"
    label: ClassVar[str] = "X"
    max_length: ClassVar[int] = MAX_WEIGHT
    unit: ClassVar[str] = "characters"

    def length(self, text: str) -> int:
        """Length as X counts it: links 23, emoji and East Asian characters 2."""
        return weight(text)

    def can_reply(self, target: Target) -> CanReply:
        """Whether the author mentioned or quoted us."""
        if target.deleted:
            return CanReply(False, "The post was deleted.")
        if not target.addressed:
            return CanReply(
                False,
                "X lets apps answer only posts that mention or quote your account. "
                "Open the post on X and answer there.",
            )
        return CanReply(True, "The author mentioned or quoted your account, so X takes a reply.")

    def warnings(self, text: str) -> tuple[str, ...]:
        """What X would refuse."""
        if len(cashtags(text)) > 1:
            return ("X refuses posts with more than one cashtag, such as $ACME: keep one.",)
        return ()

    def cost(self, text: str) -> str:
        """What a link costs."""
        return "X charges $0.20 for a reply with a link, $0.01 without." if links(text) else ""


class XChannel:
    """Sends as the user whose four keys the source holds."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    def send(self, target: Target, text: str, key: str) -> Sent:
        """Publish a reply. Raises ChannelError.

        X takes no idempotency key: what became of a call without an answer, only `find` tells.
        """
        api = self._api()
        try:
            body = api.post("/2/tweets", {"text": text, "reply": {"in_reply_to_tweet_id": target.external_id}})
            return self._sent(str(body["data"]["id"]))
        except ConnectorError as error:
            raise _while_sending(error) from error
        except (KeyError, TypeError) as error:
            raise ChannelError.of(malformed_error(XRules.label), uncertain=True) from error

    def find(self, target: Target, text: str, key: str, since: datetime) -> Found:
        """Look among the account's own posts since then for one that answers the target in these words."""
        account_id = self._own_id()
        if not account_id:
            return Unknowable("Hearken does not know which X account it writes as.")
        wanted = _comparable(text)
        try:
            for post in _own_posts(self._api(), account_id, since):
                if _comparable(full_text(post)) == wanted and replied_to(post) == target.external_id:
                    return self._sent(first_version(post))
        except ConnectorError as error:
            raise ChannelError.of(error) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ChannelError.of(malformed_error(XRules.label)) from error
        return NotFound()

    def _api(self) -> XApi:
        try:
            check_access(self._setup)
            if not has_user_keys(self._setup):
                raise ConnectorError(
                    "A bearer token alone cannot write on X.",
                    code="no_credentials",
                    permanent=True,
                    remedy="Enter the four keys of the account under Sources.",
                )
        except ConnectorError as error:
            raise ChannelError.of(error) from error
        return XApi(self._setup)

    def _own_id(self) -> str:
        """The account's id; a user's access token begins with it."""
        account = self._setup.own_account
        return account.external_id if account else _leading_id(self._setup.secrets.get("access_token") or "")

    def _sent(self, post_id: str) -> Sent:
        account = self._setup.own_account
        return Sent(post_id, post_url(post_id, account.handle if account else ""))


def _leading_id(access_token: str) -> str:
    id_, dash, _ = access_token.strip().partition("-")
    return id_ if dash and id_.isdecimal() else ""


def _while_sending(error: ConnectorError) -> ChannelError:
    from listener.sessions import may_have_arrived

    found = ChannelError.of(error, uncertain=may_have_arrived(error))
    if error.code == "http_403" and error.remedy not in REMEDIES.values():
        found.remedy = "Open the post on X and answer there: X did not let the app answer it."
    return found


def _own_posts(api: XApi, account_id: str, since: datetime) -> Iterator[Mapping[str, Any]]:
    start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    params: dict[str, Any] = {**TIMELINE_FIELDS, "start_time": start}
    while True:
        body = api.get(f"/2/users/{account_id}/tweets", params, as_user=True)
        yield from body.get("data") or ()
        token = (body.get("meta") or {}).get("next_token")
        if not token or token == params.get("pagination_token"):
            return
        params["pagination_token"] = token


def _comparable(text: str) -> str:
    """A text without what X changes: names it puts in front, the form of links, white space."""
    without_names = re.sub(r"^(\s*@\w{1,15}\b)+", "", unicodedata.normalize("NFC", text))
    return " ".join(LINK.sub("(link)", without_names).split())
