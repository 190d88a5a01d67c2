"""A requests session for the client libraries that insist on requests (tweepy, praw).

The library is left with what it is good at: building and signing requests. What can go wrong on the way is decided
here, once: where to, how long, no redirect, no second try, and every failure a ConnectorError. A second try would be
worse than none: it could publish a reply twice.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from urllib3.exceptions import MaxRetryError

from config.clock import Clock
from listener.connector import ConnectorError, RateState
from listener.http import malformed_error, rate_state, timeout_error, unreachable_error

Refusal = Callable[[requests.Response], ConnectorError]
"""The network's own reading of an answer that is not 2xx."""


class NetworkSession(requests.Session):
    """Calls one network. Raises ConnectorError, never an error of requests.

    It takes nothing from the environment: no proxy, and no .netrc, which would replace the credentials.
    """

    def __init__(
        self,
        label: str,
        clock: Clock,
        refusal: Refusal,
        *,
        timeout_s: float,
        base_url: str = "",
        hidden_headers: Iterable[str] = (),
    ) -> None:
        """`base_url` replaces the host (and goes before the path) of every address that the library asks for.

        `hidden_headers` of answers are read here and kept from the library.
        """
        super().__init__()
        self.trust_env = False
        self._label = label
        self._clock = clock
        self._refusal = refusal
        self._timeout_s = timeout_s
        self._base_url = base_url
        self._hidden_headers = tuple(hidden_headers)
        self.rate: RateState | None = None
        """The allowance that the last answer spoke of."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """One try. Raises ConnectorError."""
        kwargs |= {"timeout": self._timeout_s, "allow_redirects": False}
        try:
            response = super().request(method, self._address(url), *args, **kwargs)
        except requests.RequestException as error:
            raise transport_error(error, self._label) from error
        self.rate = rate_state(response.headers, self._clock) or self.rate
        if not 200 <= response.status_code < 300:
            raise self._refusal(response)
        for name in self._hidden_headers:
            response.headers.pop(name, None)
        return response

    def _address(self, url: str | bytes) -> str:
        address = url.decode() if isinstance(url, bytes) else url
        if not self._base_url:
            return address
        parts = urlsplit(address)
        return self._base_url + urlunsplit(("", "", parts.path, parts.query, ""))


def transport_error(error: requests.RequestException, label: str) -> ConnectorError:
    """What it means that no whole answer came."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError) or _never_connected(error):
        return unreachable_error(label)
    if isinstance(error, requests.Timeout):
        return timeout_error(label)
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return ConnectorError(
            f"{label} broke the connection off.",
            code="connection_lost",
            remedy="Nothing to do: Hearken tries again by itself.",
        )
    return malformed_error(label)


def _never_connected(error: requests.RequestException) -> bool:
    return bool(error.args) and isinstance(error.args[0], MaxRetryError)


def may_have_arrived(error: ConnectorError) -> bool:
    """Whether the network may have acted on a request that ended so: it was sent, and no clear refusal came back."""
    return error.code in {"timeout", "connection_lost", "malformed", "http_408"} or error.code.startswith("http_5")
