"""Answering on Bluesky. A reply's name on the network follows from its key, so none can be published twice."""

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from wcwidth import iter_graphemes

from engage.channel import CanReply, ChannelError, Found, NotFound, Sent, Target
from listener.bluesky_session import LABEL, BlueskyApi, Json, Session, reading
from listener.connector import ConnectorError, Setup
from listener.connectors.bluesky import POST_TYPE, post_url

if TYPE_CHECKING:
    from atproto import models

MAX_BYTES = 3000
TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
TID_LENGTH = 13
TID_EPOCH_US = 1_704_067_200_000_000
"""2024-01-01 in microseconds. The moment in our TIDs is no moment, but must lie in the past."""
CLOCK_BITS, SPREAD_BITS = 10, 45
NO_RECORD = frozenset({"RecordNotFound", "InvalidRequest", "http_404"})
"""Answers to a question for a record that isn't there; older servers say InvalidRequest."""


class BlueskyRules:
    """300 graphemes: what a reader takes for one character counts one."""

    network: ClassVar[str] = "bluesky"
    label: ClassVar[str] = LABEL
    max_length: ClassVar[int] = 300
    unit: ClassVar[str] = "characters"

    def length(self, text: str) -> int:
        """Number of grapheme clusters."""
        return sum(1 for _ in iter_graphemes(text))

    def can_reply(self, target: Target) -> CanReply:
        """Every post that still exists, unless its author has closed it to us."""
        if target.deleted:
            return CanReply(False, "The post was deleted.")
        if (target.reply_ref or {}).get("closed"):
            return CanReply(False, "The author lets only some people answer, and we are not among them.")
        return CanReply(True, "Anybody may answer on Bluesky.")

    def warnings(self, text: str) -> tuple[str, ...]:
        """Where a text of few graphemes is still too large."""
        size = len(text.encode())
        return (f"Too large: {size} bytes, Bluesky takes {MAX_BYTES}.",) if size > MAX_BYTES else ()

    def cost(self, text: str) -> str:
        """Nothing more."""
        return ""


class BlueskyChannel:
    """Sends as the account that the source listens with."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    def send(self, target: Target, text: str, key: str) -> Sent:
        """Publish a reply. Raises ChannelError."""
        if len(text.encode()) > MAX_BYTES:
            raise ChannelError(
                "The reply is too large for Bluesky.", code="too_long", permanent=True, remedy="Shorten it."
            )
        try:
            api = BlueskyApi(self._setup)
            record = self._record(api, target, text)
        except ConnectorError as error:
            raise ChannelError.of(error) from error
        return self._create(api, record, rkey(key))

    def find(self, target: Target, text: str, key: str, since: datetime) -> Found:
        """Ask for the one record that this reply would be: exact."""
        try:
            return _existing(BlueskyApi(self._setup), rkey(key))
        except ConnectorError as error:
            raise ChannelError.of(error) from error

    def _create(self, api: BlueskyApi, record: "models.AppBskyFeedPost.Record", name: str) -> Sent:
        from listener.sessions import may_have_arrived

        try:
            api.call(lambda session: _create_record(session, record, name))
            return _sent(api, name)
        except ConnectorError as error:
            if error.permanent and (earlier := _look(api, name)):
                return earlier  # a first try arrived after all, and the second was refused for that
            raise ChannelError.of(error, uncertain=may_have_arrived(error)) from error

    def _record(self, api: BlueskyApi, target: Target, text: str) -> "models.AppBskyFeedPost.Record":
        from atproto import models

        reference = dict(target.reply_ref or {})
        if not reference.get("cid"):
            reference = _reference(api, target.external_id)
        with reading():
            parent = models.ComAtprotoRepoStrongRef.Main(uri=reference["uri"], cid=reference["cid"])
            root = models.ComAtprotoRepoStrongRef.Main(uri=reference["root_uri"], cid=reference["root_cid"])
        return models.AppBskyFeedPost.Record(
            text=text,
            created_at=self._setup.clock().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            reply=models.AppBskyFeedPost.ReplyRef(parent=parent, root=root),
            facets=api.call(lambda session: session.client.detect_facets(text)) or None,
        )


def rkey(key: str) -> str:
    """A record name of the form that posts must have (a TID: 13 characters, 53 bits of moment, 10 of clock)."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest())
    moment = TID_EPOCH_US + (number >> CLOCK_BITS) % (1 << SPREAD_BITS)
    value = moment << CLOCK_BITS | number % (1 << CLOCK_BITS)
    return "".join(TID_ALPHABET[value >> 5 * place & 31] for place in reversed(range(TID_LENGTH)))


def _create_record(session: Session, record: Any, name: str) -> None:
    from atproto import models

    session.client.com.atproto.repo.create_record(
        models.ComAtprotoRepoCreateRecord.Data(repo=session.did, collection=POST_TYPE, rkey=name, record=record)
    )


def _existing(api: BlueskyApi, name: str) -> Sent | NotFound:
    repo = api.call(lambda session: session.did)
    try:
        api.query("com.atproto.repo.getRecord", {"repo": repo, "collection": POST_TYPE, "rkey": name})
    except ConnectorError as error:
        if error.code in NO_RECORD:
            return NotFound()
        raise
    return _sent(api, name)


def _look(api: BlueskyApi, name: str) -> Sent | None:
    try:
        found = _existing(api, name)
    except ConnectorError:
        return None
    return found if isinstance(found, Sent) else None


def _sent(api: BlueskyApi, name: str) -> Sent:
    uri, handle = api.call(lambda session: (f"at://{session.did}/{POST_TYPE}/{name}", session.handle))
    return Sent(uri, post_url(uri, handle))


def _reference(api: BlueskyApi, uri: str) -> dict[str, str]:
    """What a reply must name, for a post that was not heard on Bluesky itself (imported, say)."""
    posts: list[Json] = list(api.query("app.bsky.feed.getPosts", {"uris": [uri]}).get("posts") or ())
    if not posts:
        raise ConnectorError(
            "Bluesky cannot find the post that is answered.",
            code="target_gone",
            permanent=True,
            remedy="Open the post: if it still exists, answer it there.",
        )
    with reading():
        root = (posts[0]["record"].get("reply") or {}).get("root") or posts[0]
        return {"uri": uri, "cid": posts[0]["cid"], "root_uri": root["uri"], "root_cid": root["cid"]}
