"""What every connector and channel shares about HTTP: safe addresses, waiting times, and what a status code means."""

import ipaddress
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from config.clock import Clock
from listener.connector import ConnectorError, RateState

USER_AGENT = "Hearken/0.1 (+social listening; self-hosted)"
EPOCH_FROM = 1_000_000_000
"""A reset figure above this is an epoch moment, below it a number of seconds from now."""
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def safe_base_url(url: str, *, insecure: bool = False) -> str:
    """The address without a trailing slash, if it may be called.

    https to public hosts, anything to loopback; `insecure` also allows plain http and private networks.
    Raises ConnectorError (permanent) that says what to change.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _bad_address(f"{url!r} is not a web address.", "Write it as https://host.")
    addresses = resolve(parts.hostname, parts.port or 443)
    loopback = all(address.is_loopback for address in addresses)
    if parts.scheme == "http" and not (loopback or insecure):
        raise _bad_address(f"{url} is not encrypted.", "Use https, or set the option insecure=true.")
    if not (loopback or insecure):
        refuse_private(parts.hostname, addresses)
    return url.rstrip("/")


def is_local(url: str) -> bool:
    """Whether an address leads to this machine or a private network, so that only an admin may choose it."""
    host = urlsplit(url).hostname or ""
    return any(not address.is_global for address in resolve(host, 443))


def refuse_private(host: str, addresses: list[IpAddress]) -> None:
    """Raise ConnectorError if any address lies in a private, link-local or reserved range."""
    for address in addresses:
        if not address.is_global:
            raise _bad_address(
                f"{host} is an address of a private network ({address}).",
                "Use a public address, or set the option insecure=true if you trust it.",
            )


def resolve(host: str, port: int) -> list[IpAddress]:
    """All addresses of a host. Raises ConnectorError (not permanent) where the name cannot be resolved."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ConnectorError(
            f"The host {host} cannot be found.",
            code="unreachable",
            remedy="Check the spelling and the connection.",
        ) from None
    return [ipaddress.ip_address(entry[4][0]) for entry in found]


def _bad_address(message: str, remedy: str) -> ConnectorError:
    return ConnectorError(message, code="bad_address", permanent=True, remedy=remedy)


class _GuardedBackend(httpcore.SyncBackend):
    """Connects only to addresses it has checked itself, so that neither redirects nor DNS tricks lead inside."""

    def __init__(self, *, allow_loopback: bool, insecure: bool) -> None:
        self._allow_loopback = allow_loopback
        self._insecure = insecure

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        addresses = resolve(host, port)
        loopback = all(address.is_loopback for address in addresses)
        if not self._insecure and not (loopback and self._allow_loopback):
            refuse_private(host, addresses)
        return super().connect_tcp(str(addresses[0]), port, *args, **kwargs)


def client(base_url: str = "", *, insecure: bool = False, timeout_s: float = 20.0) -> httpx.Client:
    """An httpx client for user-given addresses. Loopback is reached only where `base_url` itself is loopback."""
    host = urlsplit(base_url).hostname
    allow_loopback = bool(host) and all(a.is_loopback for a in resolve(host or "", 443))
    transport = httpx.HTTPTransport()
    transport._pool = httpcore.ConnectionPool(  # httpx offers no public way to give a backend
        ssl_context=httpx.create_ssl_context(),
        network_backend=_GuardedBackend(allow_loopback=allow_loopback, insecure=insecure),
    )
    return httpx.Client(
        transport=transport,
        timeout=timeout_s,
        headers={"User-Agent": USER_AGENT},
        follow_redirects=True,
        trust_env=False,  # a proxy would make the connections that the backend is there to check
        max_redirects=5,
    )


def reset_moment(value: str | None, clock: Clock) -> datetime | None:
    """When an allowance comes back, from epoch seconds, seconds from now, an ISO moment or an HTTP date."""
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        return _parse_moment(value)
    epoch = number if number > EPOCH_FROM else clock().timestamp() + number
    try:
        return datetime.fromtimestamp(epoch, UTC)
    except (ValueError, OverflowError, OSError):  # nan, inf, the year 10,000
        return None


def _parse_moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def rate_state(headers: Mapping[str, str], clock: Clock) -> RateState | None:
    """Read x-ratelimit-*, x-rate-limit-* and ratelimit-* headers in whatever unit they come; None without any."""
    lower = {name.lower(): value for name, value in headers.items()}
    for prefix in ("x-rate-limit-", "x-ratelimit-", "ratelimit-"):
        if any(name.startswith(prefix) for name in lower):
            return RateState(
                limit=_whole(lower.get(prefix + "limit")),
                remaining=_whole(lower.get(prefix + "remaining")),
                reset_at=reset_moment(lower.get(prefix + "reset"), clock),
            )
    return None


def _whole(value: str | None) -> int | None:
    try:
        return int(float(value)) if value else None
    except ValueError:
        return None


def wait_seconds(headers: Mapping[str, str], clock: Clock) -> float | None:
    """How long a network asks us to wait: Retry-After, else the reset of its allowance; None if it says neither."""
    lower = {name.lower(): value for name, value in headers.items()}
    rate = rate_state(headers, clock)
    moment = reset_moment(lower.get("retry-after"), clock) or (rate.reset_at if rate else None)
    return max(0.0, (moment - clock()).total_seconds()) if moment else None


REMEDIES = {
    401: "Enter new credentials for this source: the present ones are wrong, expired or revoked.",
    402: "Check the plan and the spending limit of the account at the network.",
    403: "Give the account or app the permission that this needs, or remove the source.",
    404: "Check the address and the options of this source.",
    410: "The address is gone for good: remove the source or enter its new address.",
}
"""What to do about a refusal of a source, by its status."""


def status_error(
    status: int, headers: Mapping[str, str], clock: Clock, *, label: str, detail: str = "", code: str = ""
) -> ConnectorError:
    """The error for an HTTP answer, decided by status (and the network's own `code`), never by its text.

    `detail` is the network's own explanation, shown to the person only.
    """
    said = f" It says: {detail}" if detail else ""
    code = code or f"http_{status}"
    if status == 429:
        return ConnectorError(
            f"{label} asks us to slow down.{said}",
            code="rate_limited",
            retry_after=wait_seconds(headers, clock),
            remedy="Nothing to do: Hearken waits and goes on by itself.",
        )
    if status == 408 or status >= 500:
        return ConnectorError(
            f"{label} is out of order (status {status}).{said}",
            code=code,
            retry_after=wait_seconds(headers, clock) if status == 503 else None,
            remedy="Nothing to do: Hearken tries again by itself.",
        )
    return ConnectorError(
        f"{label} refused the request (status {status}).{said}",
        code=code,
        permanent=True,
        remedy=REMEDIES.get(status, "Check the options and the query of this source."),
    )


def timeout_error(label: str) -> ConnectorError:
    """The network did not answer in time."""
    return ConnectorError(
        f"{label} did not answer in time.",
        code="timeout",
        remedy="Nothing to do: Hearken tries again by itself.",
    )


def unreachable_error(label: str) -> ConnectorError:
    """No connection came about."""
    return ConnectorError(
        f"{label} cannot be reached.",
        code="unreachable",
        remedy="Check the address and this machine's connection; Hearken tries again by itself.",
    )


def malformed_error(label: str) -> ConnectorError:
    """The answer was not what the network documents."""
    return ConnectorError(
        f"{label} sent an answer that cannot be understood.",
        code="malformed",
        remedy="Hearken tries again by itself; if it stays so, check the address of this source.",
    )
