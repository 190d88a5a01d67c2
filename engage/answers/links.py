"""Whether the links in replies lead anywhere. Who types asks; the listener looks, and everybody is told."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import httpx
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from config.clock import Clock
from config.database import Database, insert_ignoring
from engage.answers.tables import LinkCheck
from engage.channels.x_text import LINK, links
from listener import http
from listener.connector import ConnectorError

MOST = 5
"""Links of a reply that are looked at."""
LONGEST = 2000
STANDS = timedelta(hours=6)
"""A result counts for so long."""
PATIENCE = timedelta(seconds=20)
"""Who waits for a result longer waits in vain: the listener does not run."""
KEPT = timedelta(days=7)
TIMEOUT_S = 4.0
BATCH = 20
GONE = {404: "the page does not exist (404)", 410: "the page was removed (410)"}

Ask = Callable[[str], int]
"""The status that an address answers with. Raises ConnectorError or httpx.HTTPError."""


def in_text(text: str) -> list[str]:
    """The links that are written in full, the way they are written."""
    found = (link for link in links(text) if LINK.match(link))
    return list(dict.fromkeys(link for link in found if _address(link)))[:MOST]


def _address(link: str) -> str:
    whole = link if link.lower().startswith(("http://", "https://")) else f"https://{link}"
    return whole if len(whole) <= LONGEST else ""


def _key(link: str) -> str:
    return hashlib.sha256(_address(link).encode()).hexdigest()


def known(session: Session, text: str, now: datetime) -> tuple[dict[str, str], list[str], bool]:
    """What is known of the text's links: {dead link: trouble}, those to be asked for, whether a result is awaited."""
    found = in_text(text)
    if not found:
        return {}, [], False
    rows = session.scalars(select(LinkCheck).where(LinkCheck.key.in_([_key(link) for link in found])))
    by_key = {row.key: row for row in rows}
    dead, new, awaited = {}, [], False
    for link in found:
        row = by_key.get(_key(link))
        if row is None or (row.checked_at and row.checked_at < now - STANDS):
            new.append(link)
        elif row.checked_at is None:
            awaited |= row.asked_at > now - PATIENCE
        elif row.trouble:
            dead[link] = row.trouble
    return dead, new, awaited


def ask(session: Session, found: Sequence[str], now: datetime) -> None:
    """Have these looked at, again where that was long ago."""
    keys = [_key(link) for link in found]
    old = LinkCheck.checked_at < now - STANDS
    session.execute(delete(LinkCheck).where(LinkCheck.key.in_(keys), old))
    rows = [{"key": _key(link), "url": _address(link), "asked_at": now, "trouble": ""} for link in found]
    session.execute(insert_ignoring(session, LinkCheck), rows)


def look_up(database: Database, clock: Clock, get: Ask | None = None) -> int:
    """Look at the links that wait; the number done. No transaction is open while an address is called."""
    with database.read() as session:
        waiting = session.execute(
            select(LinkCheck.key, LinkCheck.url)
            .where(LinkCheck.checked_at.is_(None))
            .order_by(LinkCheck.asked_at)
            .limit(BATCH)
        ).all()
    troubles = {row.key: trouble(row.url, get or status_of) for row in waiting}
    if troubles:
        with database.write() as session:
            _store(session, troubles, clock())
    return len(troubles)


def _store(session: Session, troubles: dict[str, str], now: datetime) -> None:
    for row in session.scalars(select(LinkCheck).where(LinkCheck.key.in_(troubles))):
        row.trouble, row.checked_at = troubles[row.key], now
    session.execute(delete(LinkCheck).where(or_(LinkCheck.checked_at < now - KEPT, LinkCheck.asked_at < now - KEPT)))


def trouble(url: str, get: Ask) -> str:
    """Why an address leads nowhere, in words; empty where it works, or where that cannot be told."""
    try:
        return GONE.get(get(url), "")
    except ConnectorError as error:
        return "it leads into a private network" if error.permanent else "its host cannot be found"
    except httpx.ConnectError:
        return "its host takes no connection"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return ""  # slow, or odd: people's browsers may fare better


def status_of(url: str) -> int:
    """Ask a public address, never one inside, for its head only."""
    with http.client(timeout_s=TIMEOUT_S) as client, client.stream("GET", url) as answer:
        return answer.status_code
