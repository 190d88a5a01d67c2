"""Answering on Mastodon and every server that speaks its client API."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from wcwidth import iter_graphemes

from engage.channel import CanReply, ChannelError, Found, NotFound, Sent, Target
from listener.connector import ConnectorError, Setup
from listener.connectors.mastodon import LABEL, Instance
from listener.markup import plain_text

URL = re.compile(r"https?://[^\s<>]*[^\s<>.,:;!?'\")\]]")
URL_LENGTH = 23
REMOTE_MENTION = re.compile(r"(?<![\w/@])@(\w+)@[\w.:-]*\w")
ROOM_FOR_MENTION = 32
"""An @name of the longest kind that Mastodon allows (30 characters), and a space."""
CLOCK_SLACK = timedelta(minutes=5)
"""How far the clocks of the instance and of this machine may differ."""
PAGE_SIZE = 40


class MastodonRules:
    """500 characters as people see them; a link counts 23 and a remote @name only up to its server."""

    network: ClassVar[str] = "mastodon"
    label: ClassVar[str] = LABEL
    max_length: ClassVar[int] = 500
    unit: ClassVar[str] = "characters"

    def length(self, text: str) -> int:
        """Length as Mastodon counts it."""
        counted = REMOTE_MENTION.sub(r"@\1", URL.sub("x" * URL_LENGTH, text))
        return sum(1 for _ in iter_graphemes(counted))

    def can_reply(self, target: Target) -> CanReply:
        """Every post that still exists can be answered."""
        if target.deleted:
            return CanReply(False, "The post was deleted.")
        return CanReply(True, "Anybody may answer on Mastodon.")

    def warnings(self, text: str) -> tuple[str, ...]:
        """Where the author's @name, which is put in front, may not fit any more."""
        if self.max_length - ROOM_FOR_MENTION < self.length(text) <= self.max_length and "@" not in text:
            return ("Hearken puts the author's @name in front, which counts too: shorten the text a little.",)
        return ()

    def cost(self, text: str) -> str:
        """Nothing more."""
        return ""


class MastodonChannel:
    """Sends as the account of the access token. `Idempotency-Key` keeps Mastodon itself from posting twice."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    def send(self, target: Target, text: str, key: str) -> Sent:
        """Publish a reply with the visibility of the post that it answers. Raises ChannelError."""
        addressed = self._with_mention(target, text)
        try:
            instance = self._instance()
            answered = self._local_id(instance, target)
        except ConnectorError as error:
            raise ChannelError.of(error) from error
        try:
            return instance.call(
                lambda api: _sent(
                    api.status_post(
                        addressed,
                        in_reply_to_id=answered,
                        visibility=_reference(target).get("visibility", "public"),
                        idempotency_key=key,
                    )
                )
            )
        except ConnectorError as error:
            raise _while_sending(error) from error

    def find(self, target: Target, text: str, key: str, since: datetime) -> Found:
        """Look among the account's own statuses for one that answers the post in these words."""
        wanted = _fingerprint(text)
        try:
            instance = self._instance()
            answered = self._local_id(instance, target)
            with instance.reading():
                for status in self._own_statuses(instance, since - CLOCK_SLACK):
                    replies = str(status["in_reply_to_id"]) == answered
                    if replies and _fingerprint(plain_text(status["content"])) == wanted:
                        return _sent(status)
        except ConnectorError as error:
            raise ChannelError.of(error) from error
        return NotFound()

    def _instance(self) -> Instance:
        instance = Instance(self._setup)
        if not instance.has_token:
            raise ConnectorError(
                "This source has no account to answer with.",
                code="no_credentials",
                permanent=True,
                remedy="Enter an access token for it.",
            )
        return instance

    def _with_mention(self, target: Target, text: str) -> str:
        """The text, with the author's @name in front unless it is there: only so the author is notified."""
        name = target.author.handle.partition("@")[0]
        named = re.search(rf"(?<![\w/@])@{re.escape(name)}\b", text, re.IGNORECASE)
        full = text if named else f"@{target.author.handle} {text}"
        excess = MastodonRules().length(full) - MastodonRules.max_length
        if excess > 0:
            raise ChannelError(
                f"The reply is {excess} characters too long: the author's @name in front counts too.",
                code="too_long",
                permanent=True,
                remedy=f"Shorten it by {excess} characters.",
            )
        return full

    def _local_id(self, instance: Instance, target: Target) -> str:
        """The id of the answered post on our instance; asks for it where the post was heard on another one."""
        reference = _reference(target)
        if reference.get("id") and reference.get("instance") == instance.base_url:
            return str(reference["id"])
        found = instance.call(lambda api: api.search_v2(target.external_id, result_type="statuses", resolve=True))
        statuses: list[Mapping[str, Any]] = found["statuses"]
        local = next((str(status["id"]) for status in statuses if status["uri"] == target.external_id), "")
        if not local:
            raise ConnectorError(
                f"{instance.host} cannot find the post that is answered.",
                code="target_gone",
                permanent=True,
                remedy="Open the post: if it still exists, answer it there.",
            )
        return local

    def _own_statuses(self, instance: Instance, since: datetime) -> Iterator[Mapping[str, Any]]:
        """Our statuses from the newest back to `since`."""
        me = instance.call(lambda api: str(api.account_verify_credentials()["id"]))
        oldest: str | None = None
        while page := self._page(instance, me, oldest):
            yield from page
            if str(page[-1]["id"]) == oldest or page[-1]["created_at"] < since:
                return
            oldest = str(page[-1]["id"])

    def _page(self, instance: Instance, me: str, max_id: str | None) -> list[Mapping[str, Any]]:
        return instance.call(lambda api: list(api.account_statuses(me, max_id=max_id, limit=PAGE_SIZE)))


def _reference(target: Target) -> Mapping[str, Any]:
    return target.reply_ref or {}


def _sent(status: Mapping[str, Any]) -> Sent:
    return Sent(str(status["uri"]), str(status.get("url") or status["uri"]))


def _while_sending(error: ConnectorError) -> ChannelError:
    from listener.sessions import may_have_arrived

    if error.code == "http_404":
        error.remedy = "The post that is answered is gone: nothing more to do."
    return ChannelError.of(error, uncertain=may_have_arrived(error))


def _fingerprint(text: str) -> str:
    """What stays the same of a text when a server formats it: letters and digits, pictures; no @names."""
    bare = re.sub(r"(?<![\w/])@\w+(@[\w.:-]*\w)?", "", text)
    return "".join(char for char in bare if char.isalnum() or ord(char) > 127)
