"""The contract between Hearken and a network that is read. A connector does no database work and keeps no state.

What it leaves to others: `collect.py` drops known posts and posts that don't match, saves, and moves the cursor.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from config.clock import Clock
from config.errors import HearkenError
from listener.mention import Account, Post
from listener.query import Query

Cursor = Mapping[str, Any]
"""Where the next fetch goes on, in the connector's own terms; JSON values only; empty at the first run."""


class ConnectorError(HearkenError):
    """A network refused or could not be understood.

    `permanent`: trying again cannot help (revoked token, forbidden, unknown host in the options); the source stops
    until a person acts on `remedy`. `retry_after`: seconds the network asked us to wait, None where it said nothing.
    `code`: short and stable, such as `http_401`, `rate_limited`, `timeout`, `malformed`.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        permanent: bool = False,
        retry_after: float | None = None,
        remedy: str = "",
    ) -> None:
        super().__init__(message, remedy)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class RateState:
    """What the network last said of our allowance, whatever unit it used."""

    limit: int | None = None
    remaining: int | None = None
    reset_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some posts and the cursor that covers them: saving both in one transaction loses and doubles nothing."""

    posts: tuple[Post, ...]
    cursor: Cursor
    rate: RateState | None = None
    gap: str = ""
    """Says in plain words what the network could not give any more (history too deep, too long ago)."""
    cost_usd: float = 0.0
    """What the network charges for this page."""


@dataclass(frozen=True, slots=True)
class Field:
    """One option or secret of a connector, as a form and `--help` show it."""

    name: str
    label: str
    help: str = ""
    required: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """All a connector is given. `options` and `secrets` hold only the declared fields, checked for presence."""

    options: Mapping[str, str]
    secrets: Mapping[str, str]
    query: Query | None
    clock: Clock
    timeout_s: float = 20.0
    own_account: Account | None = None
    """The account we listen with, as `check` found it; None for keyless listening."""


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of a check: who we are on that network (None for keyless), and one line for the person."""

    account: Account | None
    message: str
    warnings: tuple[str, ...] = field(default=())


class Connector(Protocol):
    """How one network is read. Registered by name in `listener/connectors/__init__.py`."""

    network: ClassVar[str]
    label: ClassVar[str]
    """The network's name as people write it: `X`, `Reddit`, `Hacker News`."""
    options: ClassVar[tuple[Field, ...]]
    secrets: ClassVar[tuple[Field, ...]]
    keyless: ClassVar[bool]
    """Works with no secrets at all."""

    def __init__(self, setup: Setup) -> None:
        """Cheap: no network call, no heavy import before it is needed. Raises ConnectorError on bad options."""

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """Yield pages from `cursor` until there is nothing more now. At least one page, even if empty.

        Each page's cursor must be enough to go on from there after a crash. Raises ConnectorError.
        """
        ...

    def check(self) -> Health:
        """Ask the network whether options and credentials work. Raises ConnectorError with a remedy."""
        ...
