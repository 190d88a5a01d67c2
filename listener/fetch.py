"""One polite GET for connectors without a client library: bounded in size and time, every failure our error."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from config.clock import Clock
from listener.connector import ConnectorError
from listener.http import malformed_error, status_error, timeout_error, unreachable_error

MAX_BYTES = 5 * 1024 * 1024
PATIENCE = 6
"""An answer may take this many times the client's time-out in all, even if it keeps dripping."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer below status 400. Header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    http: httpx.Client,
    url: str,
    *,
    label: str,
    clock: Clock,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
) -> Fetched:
    """Get an address. Raises ConnectorError; `label` is what errors call the network."""
    try:
        with http.stream("GET", url, params=params, headers=headers) as response:
            if response.status_code >= 400:
                raise status_error(response.status_code, response.headers, clock, label=label)
            body = _read(response, label, max_bytes, time.monotonic() + PATIENCE * (http.timeout.read or 20))
            return Fetched(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)
    except httpx.TimeoutException:
        raise timeout_error(label) from None
    except httpx.TransportError as error:
        if isinstance(error, httpx.UnsupportedProtocol):
            raise _misled(label) from None
        raise unreachable_error(label) from None
    except (httpx.TooManyRedirects, httpx.InvalidURL):
        raise _misled(label) from None
    except httpx.DecodingError:
        raise malformed_error(label) from None


def as_json(fetched: Fetched, label: str) -> Any:
    """The body of an answer. Raises ConnectorError where it is no JSON."""
    try:
        return json.loads(fetched.body)
    except (ValueError, RecursionError):
        raise malformed_error(label) from None


def _read(response: httpx.Response, label: str, max_bytes: int, deadline: float) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            raise ConnectorError(
                f"{label} sent more than {max_bytes / 1024 / 1024:g} MB.",
                code="too_large",
                permanent=True,
                remedy="Choose a smaller one: this much is not read.",
            )
        if time.monotonic() > deadline:
            raise timeout_error(label)
    return b"".join(parts)


def _misled(label: str) -> ConnectorError:
    return ConnectorError(
        f"{label} sends us from address to address without end, or to one that is none.",
        code="bad_redirect",
        remedy="Check the address of this source in a browser.",
    )
