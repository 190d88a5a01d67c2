"""Links by which people outside see one view of the analytics, read-only, until it ends or is taken back.

The address is the key: 256 random bits of which only a hash is kept. A link is tied to its brand, tab and filters,
and dies with the account of whoever made it.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError, NotFoundError
from engage.analytics_tables import ShareLink
from engage.permissions import Action, require
from engage.tables import User
from listener.tables import Brand

LIFETIMES = {1: "1 day", 7: "1 week", 28: "4 weeks", 91: "13 weeks"}
"""Days until a link ends."""
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class View:
    """What a link shows."""

    brand_id: int
    brand: str
    tab: str
    filters: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """A link in the list of all."""

    link: ShareLink
    brand: str
    user: User

    def state(self, now: datetime) -> str:
        """Why it does not open any more; empty while it does."""
        if self.link.revoked_at:
            return "Taken back"
        if self.link.expires_at <= now:
            return "Ended"
        return "" if self.user.active else "Its maker's account is switched off"


def make(
    session: Session, brand_id: int, tab: str, filters: Mapping[str, str], days: int, *, by: User, now: datetime
) -> str:
    """A new link to a view; what its address ends with, which nobody can look up later. Raises InvalidInputError."""
    require(by, Action.SHARE)
    if days not in LIFETIMES:
        raise InvalidInputError("A link cannot last that long.", "Choose how long it lasts.", field="days")
    token = secrets.token_urlsafe(32)
    session.add(
        ShareLink(
            token_hash=_hash(token),
            brand_id=brand_id,
            tab=tab,
            filters=dict(filters),
            user_id=by.id,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    return token


def opened(session: Session, token: str, now: datetime) -> View:
    """What a link shows. Raises NotFoundError for one that never was or is over, without telling which."""
    row = session.execute(
        select(ShareLink, Brand.name)
        .join(Brand, Brand.id == ShareLink.brand_id)
        .join(User, User.id == ShareLink.user_id)
        .where(ShareLink.token_hash == _hash(token), User.active)
        .where(ShareLink.revoked_at.is_(None), ShareLink.expires_at > now)
    ).first()
    if row is None:
        raise NotFoundError("This link does not open anything any more.", "Ask whoever sent it for a new one.")
    link: ShareLink = row.ShareLink
    return View(link.brand_id, row.name, link.tab, link.filters, link.expires_at)


def lines(session: Session) -> Sequence[Line]:
    """The latest links, those that ended too."""
    rows = session.execute(
        select(ShareLink, Brand.name, User)
        .join(Brand, Brand.id == ShareLink.brand_id)
        .join(User, User.id == ShareLink.user_id)
        .order_by(ShareLink.created_at.desc(), ShareLink.id.desc())
        .limit(MOST_LISTED)
    )
    return [Line(*row) for row in rows]


def revoke(session: Session, link_id: int, *, by: User, now: datetime) -> None:
    """Take a link back, whoever made it. Raises NotFoundError."""
    require(by, Action.SHARE)
    link = session.get(ShareLink, link_id)
    if link is None:
        raise NotFoundError("There is no such link.", "Go back to the list of links.")
    link.revoked_at = link.revoked_at or now


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
