"""A conversation that can be answered, people who answer it, and a sender that is stepped by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from config.clock import Clock
from config.database import Database
from config.secrets import Vault
from engage import delivery, replies
from engage.channel import ChannelError, Found
from engage.delivery import Delivery
from engage.tables import Conversation, Reply, User
from tests.flow import NOON, add_brand, add_source, add_user, flow, hear, post

Claim = Callable[[], Delivery | None]


def begin(database: Database, outbox: Path) -> User:
    """An agent, and a conversation on X that the replay source heard."""
    with database.write() as session:
        add_source(session, add_brand(session), options={"path": "unused", "outbox": str(outbox)})
        user = add_user(session)
    hear(database, post("1", addressed=True), source_id=1)
    flow(database)
    return user


def write(database: Database, by: User, text: str = "We are on it.", **more: Any) -> Reply:
    """Hand in a reply in that conversation at noon."""
    with database.write() as session:
        return replies.write(session, 1, text, **{"by": by, "now": NOON, "approval_required": False, **more})


def stored(database: Database, reply_id: int | None = None) -> Reply:
    """The reply as it stands; the only one unless told which."""
    with database.read() as session:
        return session.scalars(select(Reply).where(Reply.id == reply_id if reply_id else True)).one()


def conversation(database: Database) -> Conversation:
    """The conversation as it stands."""
    with database.read() as session:
        return session.scalars(select(Conversation).order_by(Conversation.id).limit(1)).one()


def claim(database: Database, vault: Vault, clock: Clock) -> Delivery | None:
    """What the sender takes next."""
    with database.write() as session:
        return delivery.claim_next(session, vault, clock)


def record(database: Database, claimed: Delivery | None, outcome: Found | ChannelError, clock: Clock) -> Reply:
    """The sender writes down how it went."""
    assert claimed is not None
    with database.write() as session:
        delivery.record_outcome(session, claimed, outcome, clock(), 0.0)
    return stored(database, claimed.reply_id)


def lines(outbox: Path) -> list[dict[str, Any]]:
    """What was published."""
    return [json.loads(line) for line in outbox.read_text().splitlines()] if outbox.exists() else []
