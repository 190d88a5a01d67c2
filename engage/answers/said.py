"""How often the same text went out lately, without reading all replies."""

import hashlib
import re
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.answers.tables import SaidText
from engage.tables import Reply, ReplyState

WITHIN = timedelta(hours=1)
COUNTED = 100
"""More need not be told apart."""
COUNTS = (ReplyState.DRAFT, ReplyState.APPROVED, ReplyState.SENDING, ReplyState.SENT, ReplyState.UNSURE)
FEWEST_WORDS = 4
"""Shorter ones ("Thank you!") are said often and rightly."""
NOT_WORDS = re.compile(r"https?://\S+|@[\w.@-]+|[\W_]+")


def key_of(text: str) -> str:
    """The same for texts that differ only in names, links, case and punctuation; empty for a few words."""
    words = NOT_WORDS.sub(" ", text.casefold()).split()
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:32] if len(words) >= FEWEST_WORDS else ""


def times_said(session: Session, text: str, network: str, now: datetime) -> int:
    """How often it was handed in on this network within the hour, and not taken back; at most COUNTED."""
    key = key_of(text)
    if not key:
        return 0
    said = (
        select(SaidText.reply_id)
        .join(Reply, Reply.id == SaidText.reply_id)
        .where(
            SaidText.key == key,
            SaidText.network == network,
            SaidText.at > now - WITHIN,
            Reply.state.in_(COUNTS),
        )
        .limit(COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(said)) or 0


def remember(session: Session, reply: Reply) -> None:
    """A reply was handed in."""
    key = key_of(reply.text)
    if key:
        session.add(SaidText(reply_id=reply.id, key=key, network=reply.network, at=reply.created_at))
