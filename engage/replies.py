"""Outgoing messages: draft -> approved -> sending -> sent | failed, and never twice.

A reply is claimed (`sending`) and committed before the network is called. Whoever finds a reply that has been sending
for longer than a call can last looks for it on the network first; where the network can't tell, a person is asked.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from config.clock import Clock
from config.errors import ConflictError, InvalidInputError, NotFoundError
from config.secrets import Vault
from engage import conversations
from engage.channel import CanReply, Channel, ChannelError, ChannelRules, Found, NotFound, Sent, Target, Unknowable
from engage.channels import channel_class, channel_rules, console_rules
from engage.permissions import Action, allowed, require
from engage.tables import Activity, ActivityKind, Conversation, Reply, ReplyState, Status, User
from engage.together import following, notices
from engage.together.tables import NoticeKind
from listener.collect import setup_of, wait_s
from listener.connector import Setup
from listener.connectors import connector_class
from listener.mention import Account
from listener.tables import Author, Mention, Source

CALL_LASTS = timedelta(seconds=90)
"""No call to a network takes longer; a reply that has been sending for longer was left behind by a crash."""
MOST_ATTEMPTS = 8
LOOK_BACK = timedelta(minutes=5)
"""How much earlier than our clock a network may date a post of ours."""


@dataclass(frozen=True, slots=True)
class ReplyCheck:
    """What a person should know before sending."""

    can_reply: bool
    reason: str
    """Why not, or a hint; in words."""
    length: int
    max_length: int
    unit: str
    label: str
    """The network's name."""
    warnings: tuple[str, ...]
    needs_approval: bool
    url: str
    """The post on its network, where it can be answered by hand."""


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


# --- writing -----------------------------------------------------------------------------------------------------


def check(
    session: Session, conversation_id: int, text: str, *, by: User | None = None, approval_required: bool = False
) -> ReplyCheck:
    """What the network says to this text, and whether it may be sent at all."""
    mention, author, source = _answered(session, conversation_id)
    rules = _rules(mention, source)
    target = _target(mention, author)
    can = _can_reply(rules, target, mention, source)
    return ReplyCheck(
        can_reply=can.ok,
        reason=can.reason,
        length=rules.length(text) if rules else len(text),
        max_length=rules.max_length if rules else 0,
        unit=rules.unit if rules else "characters",
        label=rules.label if rules else connector_class(mention.network).label,
        warnings=rules.warnings(text) if rules and text else (),
        needs_approval=_needs_approval(by, approval_required),
        url=mention.url,
    )


def write(
    session: Session, conversation_id: int, text: str, *, by: User, now: datetime, approval_required: bool
) -> Reply:
    """Hand in a reply: a draft where it needs approval, else on its way. Raises InvalidInputError, text untouched."""
    require(by, Action.ANSWER)
    conversation = conversations.get(session, conversation_id)
    mention, _, source = _answered(session, conversation_id)
    found = check(session, conversation_id, text, by=by, approval_required=approval_required)
    if not found.can_reply or source is None:
        raise InvalidInputError(found.reason, field="text")
    if not text.strip():
        raise InvalidInputError("The reply is empty.", "Write something first.", field="text")
    if found.length > found.max_length:
        raise InvalidInputError(
            f"The reply has {found.length:,} {found.unit}; {found.label} takes {found.max_length:,}.",
            f"Shorten it by {found.length - found.max_length:,}.",
            field="text",
        )
    reply = Reply(
        conversation_id=conversation_id,
        mention_id=mention.id,
        source_id=source.id,
        network=mention.network,
        text=text.strip(),
        state=ReplyState.DRAFT if found.needs_approval else ReplyState.APPROVED,
        key=secrets.token_hex(16),
        user_id=by.id,
        approved_by_id=None if found.needs_approval else by.id,
        created_at=now,
    )
    session.add(reply)
    session.flush()
    _note(
        session, conversation, "Reply handed in for approval" if found.needs_approval else "Reply handed in", by, now
    )
    notices.tell_followers(session, NoticeKind.REPLY, conversation_id, reply.text, by_id=by.id, now=now)
    following.follow(session, conversation_id, [by.id], now)
    return reply


def get(session: Session, reply_id: int) -> Reply:
    """The reply as it stands. Raises NotFoundError."""
    reply = session.get(Reply, reply_id, populate_existing=True)
    if reply is None:
        raise NotFoundError("This reply does not exist.", "Look at the conversation again.")
    return reply


def approve(session: Session, reply_id: int, *, by: User, now: datetime) -> Reply:
    """Let a draft go out."""
    require(by, Action.APPROVE)
    reply = _in_state(session, reply_id, ReplyState.DRAFT)
    reply.state, reply.approved_by_id = ReplyState.APPROVED, by.id
    _note(session, conversations.get(session, reply.conversation_id), "Reply approved", by, now)
    return reply


def reject(session: Session, reply_id: int, reason: str, *, by: User, now: datetime) -> Reply:
    """Refuse a draft, or give up a reply that failed; its writer may always withdraw their own."""
    reply = _in_state(session, reply_id, ReplyState.DRAFT, ReplyState.FAILED)
    if reply.user_id != by.id or reply.state is not ReplyState.DRAFT:
        require(by, Action.APPROVE if reply.state is ReplyState.DRAFT else Action.ANSWER)
    reply.state = ReplyState.REJECTED
    words = f"Reply withdrawn: {reason.strip()}" if reason.strip() else "Reply withdrawn"
    _note(session, conversations.get(session, reply.conversation_id), words, by, now)
    return reply


def retry(session: Session, reply_id: int, *, by: User, now: datetime) -> Reply:
    """Try a failed reply again."""
    require(by, Action.ANSWER)
    reply = _in_state(session, reply_id, ReplyState.FAILED)
    _renew(session, reply)
    _note(session, conversations.get(session, reply.conversation_id), "Reply handed in again", by, now)
    return reply


def settle(session: Session, reply_id: int, arrived: bool, *, by: User, now: datetime) -> Reply:
    """A person looked whether an unsure reply arrived: it counts as sent, or goes out again."""
    require(by, Action.ANSWER)
    reply = _in_state(session, reply_id, ReplyState.UNSURE)
    conversation = conversations.get(session, reply.conversation_id)
    if arrived:
        _mark_sent(reply, conversation, Sent(""), now)
        _note(session, conversation, "Reply found on the network", by, now)
    else:
        reply.claimed_at = None
        _renew(session, reply)
        _note(session, conversation, "Reply not found on the network; sent again", by, now)
    return reply


def _renew(session: Session, reply: Reply) -> None:
    if reply.source_id is None:  # the source that it was to go through was removed
        source = _sending_source(session, session.get_one(Mention, reply.mention_id))
        if source is None:
            raise InvalidInputError(
                "The account that this reply was to go through was removed.", "Connect one under Sources first."
            )
        reply.source_id = source.id
    reply.state, reply.attempts, reply.not_before = ReplyState.APPROVED, 0, None
    reply.error_code = reply.error_text = reply.remedy = ""


def _in_state(session: Session, reply_id: int, *states: ReplyState) -> Reply:
    reply = session.get(Reply, reply_id, with_for_update=True)
    if reply is None:
        raise NotFoundError("This reply does not exist.", "Look at the conversation again.")
    if reply.state not in states:
        raise ConflictError(f"This reply is {reply.state} by now.", "Look at the conversation again.")
    return reply


def _needs_approval(by: User | None, approval_required: bool) -> bool:
    return approval_required and (by is None or not allowed(by, Action.APPROVE))


def _note(session: Session, conversation: Conversation, text: str, by: User | None, now: datetime) -> None:
    conversation.changed_at = now
    session.add(
        Activity(
            conversation_id=conversation.id, user_id=by.id if by else None, kind=ActivityKind.REPLY, text=text, at=now
        )
    )


# --- what may be answered, and by which account ------------------------------------------------------------------


def _answered(session: Session, conversation_id: int) -> tuple[Mention, Author, Source | None]:
    """The mention that a reply answers (the author's latest that still stands), its author, the source to send by."""
    row = session.execute(
        select(Mention, Author)
        .join(Author, Author.id == Mention.author_id)
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .where(Conversation.id == conversation_id)
        .order_by(
            (Mention.author_id == Conversation.author_id).desc(),
            Mention.deleted_at.is_(None).desc(),
            Mention.created_at.desc(),
            Mention.id.desc(),
        )
        .limit(1)
    ).first()
    if row is None:
        raise NotFoundError("This conversation does not exist.", "Go back to the inbox.")
    mention, author = row
    return mention, author, _sending_source(session, mention)


def _sending_source(session: Session, mention: Mention) -> Source | None:
    """The source that heard the mention if it can send, else one of the same brand and network that can."""
    candidates = session.scalars(
        select(Source)
        .where(
            or_(
                Source.id == mention.source_id,
                (Source.network == mention.network) & (Source.brand_id == mention.brand_id),
            )
        )
        .order_by((Source.id == mention.source_id).desc(), Source.id)
    ).all()
    return next((source for source in candidates if source.network == "replay" or source.secrets_sealed), None)


def _rules(mention: Mention, source: Source | None) -> ChannelRules | None:
    if source is not None and source.network == mention.network == "replay":
        return console_rules()
    return channel_rules(mention.network)


def _can_reply(rules: ChannelRules | None, target: Target, mention: Mention, source: Source | None) -> CanReply:
    if rules is None:
        label = connector_class(mention.network).label
        return CanReply(False, f"{label} can only be read. Open the post there to answer it.")
    if target.deleted:
        return CanReply(False, "The author removed this post.")
    allowed = rules.can_reply(target)
    if allowed.ok and source is None:
        return CanReply(False, f"No {rules.label} account is connected. A manager can connect one under Sources.")
    return allowed


def _target(mention: Mention, author: Author) -> Target:
    return Target(
        external_id=mention.external_id,
        author=Account(author.external_id, author.handle, author.name, author.followers, author.url),
        addressed=mention.addressed,
        thread=mention.thread,
        url=mention.url,
        deleted=mention.deleted_at is not None,
        reply_ref=mention.reply_ref,
    )


# --- delivering --------------------------------------------------------------------------------------------------


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
    return Delivery(
        reply_id=reply.id,
        connector=source.network,
        setup=setup_of(source, vault, clock),
        target=_target(mention, author),
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
            _mark_sent(reply, conversation, outcome, now)
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
    reply.error_code, reply.error_text, reply.remedy = error.code, error.message, error.remedy


def _mark_sent(reply: Reply, conversation: Conversation, sent: Sent, now: datetime) -> None:
    reply.state, reply.sent_at = ReplyState.SENT, now
    reply.external_id, reply.url = sent.external_id, sent.url
    reply.error_code = reply.error_text = reply.remedy = ""
    conversation.answered_at, conversation.changed_at, conversation.unread = now, now, False
    if conversation.status is Status.OPEN:
        conversation.status = Status.PENDING
        conversation.version += 1
