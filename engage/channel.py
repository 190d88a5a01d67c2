"""The contract between Hearken and a network that is answered on.

What a person must know before sending (may we, how long may it be, what does it cost) is pure and needs no
credentials: `ChannelRules`, used by the web. Sending needs them: `Channel`, used by the listener process only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from listener.connector import ConnectorError, Setup
from listener.mention import Account


class ChannelError(ConnectorError):
    """A network refused a reply, or could not be reached; read `permanent` and `retry_after` as in ConnectorError.

    `uncertain`: the request may have arrived all the same (time-out, connection lost after sending). Such a reply is
    looked for before it is sent again.
    """

    def __init__(self, *args: Any, uncertain: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.uncertain = uncertain

    @classmethod
    def of(cls, error: ConnectorError, *, uncertain: bool = False) -> "ChannelError":
        """The same error, met while sending."""
        return cls(
            error.message,
            code=error.code,
            permanent=error.permanent,
            retry_after=error.retry_after,
            remedy=error.remedy,
            uncertain=uncertain,
        )


@dataclass(frozen=True, slots=True)
class Target:
    """The post that is answered."""

    external_id: str
    author: Account
    addressed: bool
    """It @mentions, quotes or answers us."""
    thread: str = ""
    url: str = ""
    deleted: bool = False
    reply_ref: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CanReply:
    """Whether the network takes a reply to this post from us, and the reason in words either way."""

    ok: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply as the network has it."""

    external_id: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class NotFound:
    """`find` looked where the reply would be and it is certainly not there: sending it is safe."""


@dataclass(frozen=True, slots=True)
class Unknowable:
    """`find` cannot tell on this network, for this reason: a person must look."""

    reason: str


Found = Sent | NotFound | Unknowable


class ChannelRules(Protocol):
    """The pure half: what a network allows. Shown while a person types and enforced before anything is sent."""

    network: ClassVar[str]
    label: ClassVar[str]
    max_length: ClassVar[int]
    unit: ClassVar[str]
    """What `length` counts, in the plural, for people: `characters`, whatever a standard calls them."""

    def length(self, text: str) -> int:
        """Length as the network counts it."""
        ...

    def can_reply(self, target: Target) -> CanReply:
        """Whether this post can be answered through the API."""
        ...

    def warnings(self, text: str) -> tuple[str, ...]:
        """What a person should know before sending this text (that it would be refused, say)."""
        ...

    def cost(self, text: str) -> str:
        """What the network charges for this text beyond the usual, in words; empty where it charges nothing more."""
        ...


class Channel(Protocol):
    """The doing half. Registered with its rules in `engage/channels/__init__.py`."""

    def __init__(self, setup: Setup) -> None:
        """Cheap: no network call."""

    def send(self, target: Target, text: str, key: str) -> Sent:
        """Publish a reply, once. Raises ChannelError."""
        ...

    def find(self, target: Target, text: str, key: str, since: datetime) -> Found:
        """Look for a reply that may have been published at or after `since`. Raises ChannelError."""
        ...
