"""Outgoing messages up to the moment they are handed over: checked, written, tried again, settled.

draft -> approved -> sending -> sent | failed. Approvals are decided in engage/approvals, engage/undo.py pulls back,
engage/delivery.py sends.
"""

import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.errors import ConflictError, InvalidInputError, NotFoundError
from engage import conversations
from engage.answerable import answered, can_reply, rules_of, sending_source, target_of
from engage.answers import said
from engage.answers.judge import Judged, judge
from engage.approvals.policies import approver_for
from engage.channel import ChannelRules, Sent
from engage.delivery import mark_sent
from engage.permissions import Action, require
from engage.tables import Activity, ActivityKind, Conversation, Reply, ReplyState, Role, User
from engage.together import following, notices
from engage.together.tables import NoticeKind
from listener.connectors import connector_class
from listener.tables import Mention

LONGEST = 20_000
"""Characters of a text; no network takes nearly as many, and counting them as it does would take long."""
ALIVE = (
    *(ReplyState.DRAFT, ReplyState.APPROVED, ReplyState.SENDING),
    *(ReplyState.SENT, ReplyState.FAILED, ReplyState.UNSURE),
)
"""A second reply to the same post in the same words beside one of these would be said twice."""
INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Unicode categories of which a text alone shows nothing."""


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
    approver: Role | None = None
    """The least role that may approve it, where it needs approval."""
    judged: Judged = field(default_factory=Judged)
    """What the brand's own rules say to it."""


# --- writing -----------------------------------------------------------------------------------------------------


def check(
    session: Session,
    conversation_id: int,
    text: str,
    *,
    by: User | None = None,
    approval_required: bool = False,
    mention_id: int | None = None,
    now: datetime | None = None,
) -> ReplyCheck:
    """What the network and, at a moment, the brand's rules say to this text; to the latest mention unless told."""
    mention, author, source = answered(session, conversation_id, mention_id)
    rules = rules_of(mention, source)
    target = target_of(mention, author)
    can = can_reply(rules, target, mention, source)
    judged = _judged(session, conversation_id, mention, rules, text, now) if rules and now else Judged()
    approver = _approver(session, conversation_id, by, approval_required or judged.needs_approval)
    return ReplyCheck(
        can_reply=can.ok,
        reason=can.reason,
        length=rules.length(text) if rules and len(text) <= LONGEST else len(text),
        max_length=rules.max_length if rules else 0,
        unit=rules.unit if rules else "characters",
        label=rules.label if rules else connector_class(mention.network).label,
        warnings=rules.warnings(text) if rules and text and len(text) <= LONGEST else (),
        needs_approval=approver is not None,
        url=mention.url,
        approver=approver,
        judged=judged,
    )


def _judged(
    session: Session, conversation_id: int, mention: Mention, rules: ChannelRules, text: str, now: datetime
) -> Judged:
    conversation, text = session.get_one(Conversation, conversation_id), text[:LONGEST]
    return judge(session, conversation, mention, text, label=rules.label, cost=rules.cost(text), now=now)


def check_draft(session: Session, reply_id: int, now: datetime | None = None) -> ReplyCheck:
    """What an approver should know of a draft."""
    reply = get(session, reply_id)
    writer = session.get(User, reply.user_id) if reply.user_id else None
    return check(session, reply.conversation_id, reply.text, by=writer, mention_id=reply.mention_id, now=now)


def write(
    session: Session,
    conversation_id: int,
    text: str,
    *,
    by: User,
    now: datetime,
    approval_required: bool,
    undo_s: int = 0,
    form_key: str = "",
    after: int | None = None,
    for_discussion: bool = False,
    approved_by_id: int | None = None,
) -> Reply:
    """Hand in a reply: a draft where it needs approval, else on its way. Raises InvalidInputError, text untouched.

    For `undo_s` seconds it can be pulled back. A form that comes a second time is the same reply. `after` is the
    reply that this one says better; `for_discussion` keeps it for the team to talk about. With `approved_by_id`
    somebody approved the words already.
    """
    require(by, Action.ANSWER)
    conversation = conversations.get(session, conversation_id)
    text = clean(text)
    known = session.scalar(select(Reply).where(Reply.form_key == form_key)) if form_key else None
    if known is not None and (known.conversation_id, known.user_id, known.text) == (conversation_id, by.id, text):
        return known
    mention, _, source = answered(session, conversation_id)
    found = check(session, conversation_id, text, by=by, approval_required=approval_required, now=now)
    if not for_discussion:
        refuse_unsendable(found, text)
        refuse_twice(session, conversation_id, mention.id, text, after)
    state = _first_state(for_discussion, needs_approval=found.needs_approval and approved_by_id is None)
    reply = Reply(
        conversation_id=conversation_id,
        mention_id=mention.id,
        source_id=source.id if source else None,
        network=mention.network,
        text=text,
        state=state,
        key=secrets.token_hex(16),
        form_key=form_key if form_key and known is None else None,
        before_id=_replace(session, conversation_id, after, by),
        user_id=by.id,
        approver=found.approver,
        approved_by_id=(approved_by_id or by.id) if state is ReplyState.APPROVED else None,
        not_before=waits_until(state, now, undo_s),
        created_at=now,
    )
    session.add(reply)
    session.flush()
    said.remember(session, reply)
    note(session, conversation, HANDED_IN[state], by, now)
    if state is ReplyState.APPROVED:
        notices.tell_followers(session, NoticeKind.REPLY, conversation_id, reply.text, by_id=by.id, now=now)
    following.follow(session, conversation_id, [by.id] if by.id else [], now)
    return reply


HANDED_IN = {
    ReplyState.APPROVED: "Reply handed in",
    ReplyState.DRAFT: "Reply handed in for approval",
    ReplyState.DISCUSSED: "Draft saved for discussion",
}


def _first_state(for_discussion: bool, *, needs_approval: bool) -> ReplyState:
    if for_discussion:
        return ReplyState.DISCUSSED
    return ReplyState.DRAFT if needs_approval else ReplyState.APPROVED


def waits_until(state: ReplyState, now: datetime, undo_s: int) -> datetime | None:
    """Until when a reply in this state can be pulled back."""
    return now + timedelta(seconds=undo_s) if undo_s and state is ReplyState.APPROVED else None


def clean(text: str) -> str:
    """Without what no database keeps and what only looks like a text. Raises InvalidInputError."""
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if all(unicodedata.category(char) in INVISIBLE for char in text):
        raise InvalidInputError("The reply is empty.", "Write something first.", field="text")
    if len(text) > LONGEST:
        raise InvalidInputError(
            f"The reply has {len(text):,} characters; no more than {LONGEST:,} can be kept.",
            f"Shorten it by {len(text) - LONGEST:,}.",
            field="text",
        )
    return text


def refuse_unsendable(found: ReplyCheck, text: str) -> None:
    """Raise InvalidInputError where the network would not take it, or a rule of the brand stops it."""
    if not found.can_reply:
        raise InvalidInputError(found.reason, field="text")
    if found.length > found.max_length:
        raise InvalidInputError(
            f"The reply has {found.length:,} {found.unit}; {found.label} takes {found.max_length:,}.",
            f"Shorten it by {found.length - found.max_length:,}.",
            field="text",
        )
    if found.judged.blocked:
        raise InvalidInputError(found.judged.blocked.message, "Change the reply and send it again.", field="text")


def refuse_twice(session: Session, conversation_id: int, mention_id: int, text: str, after: int | None) -> None:
    """The same words to the same post, by whomever: from another tab, or by a colleague who was faster."""
    twin = session.execute(
        select(Reply.state, User.name)
        .outerjoin(User, User.id == Reply.user_id)
        .where(Reply.conversation_id == conversation_id, Reply.mention_id == mention_id, Reply.text == text)
        .where(Reply.state.in_(ALIVE), Reply.id != (after or 0))
        .limit(1)
    ).first()
    if twin is None:
        return
    message = f"The same reply was handed in already by {twin.name or 'Hearken'}; it is not sent twice."
    if twin.state is ReplyState.FAILED:
        raise ConflictError(message, "It could not be sent: try it again there.")
    raise ConflictError(message, "Change the text if more is to be said.")


def _replace(session: Session, conversation_id: int, after: int | None, by: User) -> int | None:
    """Put a draft aside that is handed in again in other words; the id of what came before."""
    before = session.get(Reply, after) if after else None
    if before is None or before.conversation_id != conversation_id:
        return None
    own = before.user_id == by.id
    waiting = (ReplyState.DISCUSSED, *((ReplyState.DRAFT,) if own else ()))
    session.execute(
        update(Reply).where(Reply.id == after, Reply.state.in_(waiting)).values(state=ReplyState.REPLACED)
    )
    return after


def get(session: Session, reply_id: int) -> Reply:
    """The reply as it stands. Raises NotFoundError."""
    reply = session.get(Reply, reply_id, populate_existing=True)
    if reply is None:
        raise NotFoundError("This reply does not exist.", "Look at the conversation again.")
    return reply


def retry(session: Session, reply_id: int, *, by: User, now: datetime) -> Reply:
    """Try a failed reply again."""
    require(by, Action.ANSWER)
    reply = in_state(session, reply_id, ReplyState.FAILED)
    _renew(session, reply)
    note(session, conversations.get(session, reply.conversation_id), "Reply handed in again", by, now)
    return reply


def settle(session: Session, reply_id: int, arrived: bool, *, by: User, now: datetime) -> Reply:
    """A person looked whether an unsure reply arrived: it counts as sent, or goes out again."""
    require(by, Action.ANSWER)
    reply = in_state(session, reply_id, ReplyState.UNSURE)
    conversation = conversations.get(session, reply.conversation_id)
    if arrived:
        mark_sent(reply, conversation, Sent(""), now)
        note(session, conversation, "Reply found on the network", by, now)
    else:
        reply.claimed_at = None
        _renew(session, reply)
        note(session, conversation, "Reply not found on the network; sent again", by, now)
    return reply


def _renew(session: Session, reply: Reply) -> None:
    ensure_source(session, reply)
    reply.state, reply.attempts, reply.not_before = ReplyState.APPROVED, 0, None
    reply.error_code = reply.error_text = reply.remedy = ""


def ensure_source(session: Session, reply: Reply) -> None:
    """Find another account to send by where the reply's own was removed. Raises InvalidInputError."""
    if reply.source_id is not None:
        return
    source = sending_source(session, reply.mention_id)
    if source is None:
        raise InvalidInputError(
            "The account that this reply was to go through was removed.", "Connect one under Sources first."
        )
    reply.source_id = source.id
    session.flush()


def in_state(session: Session, reply_id: int, *states: ReplyState) -> Reply:
    """The reply, locked, if it is in one of these states. Raises NotFoundError and ConflictError."""
    if get(session, reply_id).state in states:
        session.refresh(get(session, reply_id), with_for_update=True)
    reply = get(session, reply_id)
    if reply.state not in states:
        raise ConflictError(f"This reply is {STATES[reply.state]} by now.", "Look at the conversation again.")
    return reply


STATES = {
    ReplyState.DRAFT: "waiting for approval",
    ReplyState.APPROVED: "on its way",
    ReplyState.SENDING: "being sent",
    ReplyState.SENT: "sent",
    ReplyState.FAILED: "not sent",
    ReplyState.UNSURE: "perhaps sent",
    ReplyState.REJECTED: "rejected or withdrawn",
    ReplyState.DISCUSSED: "a draft for discussion",
    ReplyState.PULLED: "pulled back",
    ReplyState.REPLACED: "handed in again in other words",
}


def _approver(session: Session, conversation_id: int, by: User | None, everywhere: bool) -> Role | None:
    if by is None:
        return Role.MANAGER if everywhere else None
    return approver_for(session, session.get_one(Conversation, conversation_id), by, everywhere=everywhere)


def note(session: Session, conversation: Conversation, text: str, by: User | None, now: datetime) -> None:
    """Leave a trace, and let open pages know."""
    conversation.changed_at = now
    session.add(
        Activity(
            conversation_id=conversation.id, user_id=by.id if by else None, kind=ActivityKind.REPLY, text=text, at=now
        )
    )
