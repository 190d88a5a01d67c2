"""Calls to Bluesky through atproto, and the sessions for them.

Logins are scarce (30 in five minutes, 300 a day), so a process logs each account in once and holds the session, which
atproto refreshes. A session lives in memory only.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from listener.connector import ConnectorError, Field, RateState, Setup
from listener.http import (
    USER_AGENT,
    client,
    malformed_error,
    rate_state,
    safe_base_url,
    status_error,
    timeout_error,
    unreachable_error,
)

if TYPE_CHECKING:
    from atproto import Client

LABEL = "Bluesky"
BASE_URL = "https://bsky.social"
SERVER_OPTIONS = (
    Field("base_url", "Server", "Where the account lives", default=BASE_URL),
    Field("insecure", "Allow plain http", "true for a test server without https"),
)
SECRETS = (
    Field("handle", "Handle", "Such as ada.bsky.social", required=True),
    Field(
        "app_password", "App password", "Made under Settings → Privacy and security → App passwords", required=True
    ),
)
STALE_TOKENS = frozenset({"ExpiredToken", "InvalidToken"})
REMEDIES = {
    "AuthFactorTokenRequired": "Enter an app password instead of the account's own password.",
    "AuthenticationRequired": "Enter the handle and an app password again: they are wrong or revoked.",
    "AccountTakedown": "Bluesky has suspended the account: ask its support.",
    "AccountDeactivated": "Activate the account again at Bluesky.",
}
"""What to do, by Bluesky's name for the error."""
T = TypeVar("T")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Session:
    """A logged-in account."""

    client: "Client"
    did: str
    handle: str


class _Sessions:
    """The sessions of this process. Two sources of one account wait for one login."""

    def __init__(self) -> None:
        self._held: dict[str, Session] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: str, log_in: Callable[[], Session]) -> Session:
        """The session held under `key`, made by `log_in` if there is none."""
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._held:
                self._held[key] = log_in()
            return self._held[key]

    def drop(self, key: str, session: Session) -> None:
        """Forget `session`, unless it was replaced already."""
        with self._guard:
            if self._held.get(key) is session:
                del self._held[key]


_sessions = _Sessions()


@contextmanager
def reading() -> Iterator[None]:
    """A block in which an unexpected answer becomes a ConnectorError."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise malformed_error(LABEL) from error


class BlueskyApi:
    """Bluesky as one account sees it. Errors of every kind become ConnectorErrors."""

    def __init__(self, setup: Setup) -> None:
        self._insecure = setup.options.get("insecure", "").lower() == "true"
        self._base_url = safe_base_url(setup.options.get("base_url") or BASE_URL, insecure=self._insecure)
        self._handle = setup.secrets.get("handle", "").strip().removeprefix("@")
        self._password = setup.secrets.get("app_password", "")
        self._setup = setup
        self._own: Session | None = None
        self.rate: RateState | None = None
        """The allowance that Bluesky last spoke of."""
        if not (self._handle and self._password):
            raise ConnectorError(
                "Bluesky needs an account.",
                code="bad_options",
                permanent=True,
                remedy="Enter a handle and an app password.",
            )

    def log_in_anew(self) -> None:
        """Prove that handle and password work; the session is kept by this object only."""
        self._own = self._log_in()

    def query(self, method: str, params: Json) -> Json:
        """The answer to a query, as JSON. Raises ConnectorError."""
        from atproto_client.models.dot_dict import DotDict

        def ask(session: Session) -> Json:
            given = DotDict({name: value for name, value in params.items() if value is not None})
            answer = session.client.invoke_query(method, params=given)
            self.rate = rate_state(answer.headers, self._setup.clock) or self.rate
            if not isinstance(answer.content, Mapping):
                raise malformed_error(LABEL)
            return answer.content

        return self.call(ask)

    def call(self, ask: Callable[[Session], T]) -> T:
        """The answer of `ask`, which is handed a session. A session that has died is replaced, once."""
        session = self._session()
        try:
            return self._guarded(lambda: ask(session))
        except ConnectorError as error:
            if error.code not in STALE_TOKENS or self._own:
                raise
        _sessions.drop(self._key(), session)
        session = self._session()
        return self._guarded(lambda: ask(session))

    def _session(self) -> Session:
        return self._own or _sessions.get(self._key(), self._log_in)

    def _key(self) -> str:
        parts = (self._base_url, self._handle.lower(), self._password)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _log_in(self) -> Session:
        from atproto import Client, Request
        from atproto import Session as Tokens

        request = Request()
        request._client = client(  # atproto offers no way to give it a client; its version is pinned
            self._base_url, insecure=self._insecure, timeout_s=self._setup.timeout_s
        )
        request.add_additional_header("User-Agent", USER_AGENT)
        account = Client(self._base_url, request)
        self._guarded(lambda: account.login(self._handle, self._password, fetch_bsky_profile=False))
        tokens = Tokens.decode(account.export_session_string())
        return Session(account, tokens.did, tokens.handle)

    def _guarded(self, ask: Callable[[], T]) -> T:
        from atproto.exceptions import AtProtocolError

        try:
            with reading():
                return ask()
        except (AtProtocolError, httpx.HTTPError) as error:
            raise self._explain(error) from error

    def _explain(self, error: Exception) -> ConnectorError:
        cause = error.__cause__ if isinstance(error.__cause__, httpx.HTTPError) else error
        if isinstance(cause, httpx.TimeoutException):
            return timeout_error(LABEL)
        if isinstance(cause, httpx.ConnectError):
            return unreachable_error(LABEL)
        if isinstance(cause, httpx.HTTPError):
            return ConnectorError(
                f"{LABEL} broke the connection off.",
                code="connection_lost",
                remedy="Nothing to do: Hearken tries again by itself.",
            )
        answer = getattr(error, "response", None)
        return self._refusal(answer) if answer else malformed_error(LABEL)

    def _refusal(self, answer: Any) -> ConnectorError:
        name, said = getattr(answer.content, "error", ""), getattr(answer.content, "message", "") or ""
        status = 401 if name in STALE_TOKENS else int(answer.status_code)
        code = name if 400 <= status < 500 else ""
        refused = status_error(status, answer.headers, self._setup.clock, label=LABEL, detail=said, code=code)
        refused.remedy = REMEDIES.get(name, refused.remedy)
        return refused
