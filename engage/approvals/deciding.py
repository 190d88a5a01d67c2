"""What becomes of a draft: approved (also with changes), rejected with a reason, withdrawn by its writer."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.errors import ConflictError, InvalidInputError, NotAllowedError
from engage import conversations, replies
from engage.approvals.policies import may_approve
from engage.approvals.tables import ReplyEdit
from engage.permissions import Action, require
from engage.tables import Conversation, Reply, ReplyState, User
from engage.together import notices
from engage.together.tables import NoticeKind

DRAFTS = (ReplyState.DRAFT, ReplyState.DISCUSSED)
LONGEST_REASON = 300
ANOTHER = "Another draft was approved."


def approve(
    session: Session,
    reply_id: int,
    *,
    by: User,
    now: datetime,
    undo_s: int = 0,
    text: str | None = None,
    edits: int | None = None,
    reject_others: bool = False,
) -> Reply:
    """Let a draft go out, perhaps in other words (`text`).

    `edits` is the number of changes that the approver has seen: nobody approves words that they did not read.
    """
    require(by, Action.APPROVE)
    conversation = conversations.get(session, replies.get(session, reply_id).conversation_id)
    reply = replies.in_state(session, reply_id, *DRAFTS)
    _require_approver(reply, by)
    if edits is not None and edits != reply.edits:
        raise ConflictError("A colleague changed this draft meanwhile.", "Read it again before you approve it.")
    replies.ensure_source(session, reply)
    if text is not None:
        _edit(session, reply, replies.clean(text), by, now)
    replies.refuse_unsendable(replies.check_draft(session, reply_id), reply.text)
    replies.refuse_twice(session, conversation.id, reply.mention_id, reply.text, reply.id)
    reply.state, reply.approved_by_id = ReplyState.APPROVED, by.id
    reply.not_before = replies.waits_until(reply.state, now, undo_s)
    words = "Reply approved with changes" if reply.edits else "Reply approved"
    replies.note(session, conversation, words, by, now)
    notices.tell_followers(session, NoticeKind.REPLY, conversation.id, reply.text, by_id=by.id, now=now)
    if reject_others:
        _reject_others(session, conversation, reply, by, now)
    return reply


def reject(session: Session, reply_id: int, reason: str, *, by: User, now: datetime) -> Reply:
    """Refuse a draft, or give up a reply that failed; its writer may always withdraw their own."""
    reply = replies.in_state(session, reply_id, *DRAFTS, ReplyState.FAILED)
    own, drafted = reply.user_id == by.id, reply.state in DRAFTS
    reason = " ".join(reason.split())
    require(by, Action.ANSWER if own or not drafted else Action.APPROVE)
    if drafted and not own and not reason:
        raise InvalidInputError("The reason is missing.", "Tell the writer what to change.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise InvalidInputError(
            f"The reason is longer than {LONGEST_REASON} characters.", "Shorten it.", field="reason"
        )
    conversation = conversations.get(session, reply.conversation_id)
    words = "Reply withdrawn" if own or not drafted else "Reply rejected"
    _put_aside(session, conversation, reply, reason, by, now)
    replies.note(session, conversation, f"{words}: {reason}" if reason else words, by, now)
    return reply


def _put_aside(
    session: Session, conversation: Conversation, reply: Reply, reason: str, by: User, now: datetime
) -> None:
    drafted, reply.state, reply.reason, reply.rejected_by_id = reply.state, ReplyState.REJECTED, reason, by.id
    if reply.user_id in {None, by.id} or drafted not in DRAFTS:
        return
    conversation.unread = True
    notices.tell(session, [reply.user_id], NoticeKind.REJECTED, conversation.id, reason, by_id=by.id, now=now)


def _require_approver(reply: Reply, by: User) -> None:
    if may_approve(reply, by):
        return
    if reply.user_id == by.id:
        raise NotAllowedError("You may not approve your own reply here.", "Ask a colleague to approve it.")
    raise NotAllowedError("This reply needs approval by an admin.", "Ask an admin.")


def _edit(session: Session, reply: Reply, text: str, by: User, now: datetime) -> None:
    if text == reply.text:
        return
    session.add(ReplyEdit(reply_id=reply.id, user_id=by.id, before=reply.text, at=now))
    reply.text, reply.edits = text, reply.edits + 1
    session.flush()


def _reject_others(session: Session, conversation: Conversation, approved: Reply, by: User, now: datetime) -> None:
    others = session.scalars(
        select(Reply)
        .where(Reply.conversation_id == conversation.id, Reply.state.in_(DRAFTS), Reply.id != approved.id)
        .order_by(Reply.id)
        .with_for_update()
    ).all()
    for other in others:
        _put_aside(session, conversation, other, ANOTHER, by, now)
    if others:
        replies.note(session, conversation, f"Other drafts rejected: {len(others)}", by, now)
