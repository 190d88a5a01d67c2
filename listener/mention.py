"""What a connector yields: frozen values, in no network's own terms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Account:
    """An account on a network, as far as the network tells."""

    external_id: str
    """The network's own, unchanging id."""
    handle: str
    """What people type, without a leading @: `ada`, `ada@example.social`, `ada.bsky.social`."""
    name: str = ""
    followers: int | None = None
    """None where the network has no such number."""
    url: str = ""
    website: str = ""
    """The site that the profile names, as given."""
    bio: str = ""
    avatar_url: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One public post as heard. All moments are aware."""

    external_id: str
    author: Account
    text: str
    """Plain text: markup removed, entities decoded, line breaks kept."""
    created_at: datetime
    network: str = ""
    """Empty means the connector's own network; the replay connector sets it."""
    url: str = ""
    thread: str = ""
    """External id of the thread (X conversation_id, Reddit link_id, Bluesky root uri …); empty where unknown."""
    in_reply_to: str = ""
    """External id of the post that this one answers."""
    lang: str = ""
    likes: int = 0
    shares: int = 0
    replies: int = 0
    edited_at: datetime | None = None
    addressed: bool = False
    """True when the post @mentions, quotes or answers the account we listen with."""
    deleted: bool = False
    """True when the network says that the post is gone; only external_id and author count then."""
    reply_ref: Mapping[str, Any] = field(default_factory=dict)
    """What the network needs to answer this post beyond its id (Bluesky: cid and root), JSON values only."""


def storable(text: str) -> str:
    """The text without what databases refuse: NUL characters go, halves of surrogate pairs are joined or replaced."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
