"""Tells a brand's webhook of its alerts: signed, guarded against private addresses, tried again until it takes it.

The body is JSON. `X-Hearken-Signature` is `t=<epoch seconds>,v1=<hex>`, the HMAC-SHA256 of `<t>.<body>` with the
webhook's secret; `X-Hearken-Id` stays the same when a call is repeated, so that a receiver does a thing once.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from random import random
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from config.clock import Clock
from config.database import Database, insert_ignoring, lock_stage
from config.errors import InvalidInputError
from config.secrets import Vault
from engage.alert_tables import Alert, AlertSettings, SendState, WebhookCall
from engage.mail import MOST_ATTEMPTS, wait_s
from engage.permissions import Action, require
from engage.tables import User
from listener.connector import ConnectorError
from listener.http import client, is_local, safe_base_url

TIMEOUT_S = 10.0
LEASE = timedelta(minutes=5)
LONGEST_URL = 2000


class CallError(Exception):
    """A call that the webhook did not take."""


def queue_call(session: Session, alert_id: int, event: str, body: Mapping[str, Any], now: datetime) -> None:
    """Have the webhook told of an event of an alert, once."""
    session.execute(
        insert_ignoring(session, WebhookCall).values(
            alert_id=alert_id,
            event=event,
            body=json.dumps(body, ensure_ascii=False),
            state=SendState.WAITING,
            attempts=0,
            not_before=now,
            error_text="",
        )
    )


def checked_url(url: str, by: User) -> str:
    """The address if it may be called; only admins may name this machine. Raises InvalidInputError."""
    tidy = url.strip()
    if not tidy:
        return ""
    try:
        if len(tidy) > LONGEST_URL:
            raise InvalidInputError("The address is too long.", f"Take at most {LONGEST_URL:,} characters.")
        safe_base_url(tidy)
        if is_local(tidy):
            require(by, Action.USE_LOCAL_ADDRESS)
    except ConnectorError as error:
        raise InvalidInputError(error.message, error.remedy.replace("option", "way"), field="webhook_url") from None
    return tidy


def signature(secret: str, body: str, now: datetime) -> str:
    """The header that proves that a body is ours and how old it is."""
    at = str(int(now.timestamp()))
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


@dataclass(frozen=True, slots=True)
class _Call:
    id: int
    url: str
    secret: str
    body: str


def send_waiting_calls(
    database: Database, vault: Vault, clock: Clock, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Make the calls that wait; the number that were taken."""
    taken = 0
    while not stopping():
        with database.write() as session:
            call = _claim(session, vault, clock())
        if call is None:
            break
        try:
            _post(call, clock())
            trouble = ""
            taken += 1
        except CallError as error:
            trouble = str(error)
        with database.write() as session:
            _record(session, call.id, trouble, clock())
    return taken


def _claim(session: Session, vault: Vault, now: datetime) -> _Call | None:
    lock_stage(session, "webhooks")
    waiting = (WebhookCall.state == SendState.WAITING) & (WebhookCall.not_before <= now)
    stale = (WebhookCall.state == SendState.SENDING) & (WebhookCall.claimed_at < now - LEASE)
    row = session.execute(
        select(WebhookCall, AlertSettings)
        .join(Alert, Alert.id == WebhookCall.alert_id)
        .join(AlertSettings, AlertSettings.brand_id == Alert.brand_id)
        .where(or_(waiting, stale))
        .order_by(WebhookCall.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    call, chosen = row
    call.state, call.claimed_at, call.attempts = SendState.SENDING, now, call.attempts + 1
    return _Call(call.id, chosen.webhook_url, vault.open(chosen.webhook_secret_sealed).get("secret", ""), call.body)


def _post(call: _Call, now: datetime) -> None:
    if not call.url:
        raise CallError("The webhook was removed.")
    headers = {
        "Content-Type": "application/json",
        "X-Hearken-Id": f"call-{call.id}",
        "X-Hearken-Signature": signature(call.secret, call.body, now),
    }
    try:
        with client(call.url if _names_this_machine(call.url) else "", timeout_s=TIMEOUT_S) as http:
            answer = http.post(call.url, content=call.body.encode(), headers=headers, follow_redirects=False)
    except ConnectorError as error:
        raise CallError(error.message) from None
    except httpx.HTTPError as error:
        raise CallError(f"The webhook cannot be reached: {error}"[:300]) from None
    if not answer.is_success:
        raise CallError(f"The webhook answered with status {answer.status_code}.")


def _names_this_machine(url: str) -> bool:
    """Only an address that says so itself: a name that leads here may have been turned since it was allowed."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _record(session: Session, call_id: int, trouble: str, now: datetime) -> None:
    call = session.get_one(WebhookCall, call_id)
    call.error_text = trouble
    if not trouble:
        call.state, call.sent_at = SendState.SENT, now
    elif call.attempts >= MOST_ATTEMPTS:
        call.state = SendState.FAILED
    else:
        call.state = SendState.WAITING
        call.not_before = now + timedelta(seconds=wait_s(call.attempts, random()))
