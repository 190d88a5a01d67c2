"""Delivering replies: approved -> sending -> sent | failed, and never twice.

A reply is claimed (`sending`) and committed before the network is called. Whoever finds a reply that has been sending
for longer than a call can last looks for it on the network first; where the network can't tell, a person is asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from config.clock import Clock
from config.secrets import Vault
from engage import conversations
from engage.answerable import target_of
from engage.channel import Channel, ChannelError, Found, NotFound, Sent, Target, Unknowable
from engage.channels import channel_class
from engage.remedies import remedy_of
from engage.tables import Conversation, Reply, ReplyState, Status
from listener.collect import setup_of, wait_s
from listener.connector import Setup
from listener.tables import Author, Mention, Source

CALL_LASTS = timedelta(seconds=90)
"""No call to a network takes longer; a reply that has been sending for longer was left behind by a crash."""
MOST_ATTEMPTS = 8
LOOK_BACK = timedelta(minutes=5)
"""How much earlier than our clock a network may date a post of ours."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed reply and all that is needed to send it, read before the network is called."""

    reply_id: int
    connector: str
    setup: Setup
    target: Target
    text: str
    key: str
    claimed_at: datetime
    since: datetime
    attempts: int
    recovering: bool
    """It may have been sent already: look before sending."""


def claim_next(session: Session, vault: Vault, clock: Clock) -> Delivery | None:
    """Take the next reply that waits or was left behind by a crash; None if there is none. Commit before `send`."""
    now = clock()
    left_behind = (Reply.state == ReplyState.SENDING) & (Reply.claimed_at < now - CALL_LASTS)
    waiting = (Reply.state == ReplyState.APPROVED) & or_(Reply.not_before.is_(None), Reply.not_before <= now)
    reply = session.scalars(
        select(Reply).where(or_(left_behind, waiting)).order_by(Reply.id).limit(1).with_for_update(skip_locked=True)
    ).first()
    if reply is None:
        return None
    source = session.get_one(Source, reply.source_id)
    mention = session.get_one(Mention, reply.mention_id)
    author = session.get_one(Author, mention.author_id)
    recovering = reply.claimed_at is not None
    since = (reply.claimed_at or now) - LOOK_BACK
    reply.state, reply.claimed_at, reply.attempts = ReplyState.SENDING, now, reply.attempts + 1
    session.execute(update(Conversation).where(Conversation.id == reply.conversation_id).values(changed_at=now))
    return Delivery(
        reply_id=reply.id,
        connector=source.network,
        setup=setup_of(source, vault, clock),
        target=target_of(mention, author),
        text=reply.text,
        key=reply.key,
        claimed_at=now,
        since=min(since, reply.created_at),
        attempts=reply.attempts,
        recovering=recovering,
    )


def send(delivery: Delivery) -> Found:
    """Publish it, after a look whether that happened before; no transaction is open. Raises ChannelError."""
    make = channel_class(delivery.connector)
    assert make is not None, "write() lets no reply in for a network without a channel"
    channel = make(delivery.setup)
    if delivery.recovering:
        found = _look(channel, delivery)
        if not isinstance(found, NotFound):
            return found
    return channel.send(delivery.target, delivery.text, delivery.key)


def _look(channel: Channel, delivery: Delivery) -> Found:
    try:
        return channel.find(delivery.target, delivery.text, delivery.key, delivery.since)
    except ChannelError as error:
        raise ChannelError.of(error, uncertain=True) from error


def record_outcome(
    session: Session, delivery: Delivery, outcome: Found | ChannelError, now: datetime, jitter: float
) -> None:
    """Write down how a delivery went, unless another worker has taken it over meanwhile."""
    reply = session.get_one(Reply, delivery.reply_id, with_for_update=True, populate_existing=True)
    if reply.state is not ReplyState.SENDING or reply.claimed_at != delivery.claimed_at:
        return
    conversation = conversations.get(session, reply.conversation_id)
    conversation.changed_at = now
    match outcome:
        case Sent():
            mark_sent(reply, conversation, outcome, now)
        case Unknowable():
            reply.state, reply.error_code, reply.error_text = ReplyState.UNSURE, "unsure", outcome.reason
            reply.remedy = "Look on the network whether it arrived, then say so here."
        case ChannelError():
            _record_error(reply, delivery.attempts, outcome, now, jitter)
            conversation.unread |= outcome.permanent


def _record_error(reply: Reply, attempts: int, error: ChannelError, now: datetime, jitter: float) -> None:
    """What may have arrived is looked for before it is sent again, for as long as `claimed_at` says so."""
    _explain(reply, error)
    tired = attempts >= MOST_ATTEMPTS
    if not error.uncertain:
        reply.claimed_at = None
    if error.permanent:
        reply.state = ReplyState.FAILED
    elif error.uncertain:
        reply.state = ReplyState.UNSURE if tired else ReplyState.SENDING
    else:
        reply.state = ReplyState.FAILED if tired else ReplyState.APPROVED
        reply.not_before = now + timedelta(seconds=wait_s(attempts, error.retry_after, jitter))


def _explain(reply: Reply, error: ChannelError) -> None:
    reply.error_code, reply.error_text, reply.remedy = error.code, error.message, remedy_of(error)


def mark_sent(reply: Reply, conversation: Conversation, sent: Sent, now: datetime) -> None:
    reply.state, reply.sent_at = ReplyState.SENT, now
    reply.external_id, reply.url = sent.external_id, sent.url
    reply.error_code = reply.error_text = reply.remedy = ""
    conversation.answered_at, conversation.changed_at, conversation.unread = now, now, False
    if conversation.status is Status.OPEN:
        conversation.status = Status.PENDING
        conversation.version += 1
