"""Undo send: a reply that still waits is pulled back, unless the sender was faster."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from config.errors import ConflictError
from engage import conversations, replies
from engage.permissions import Action, require
from engage.tables import Reply, ReplyState, User

TOO_LATE = {ReplyState.SENDING: "It was already being sent.", ReplyState.SENT: "It is sent already."}


def pull_back(session: Session, reply_id: int, *, by: User, now: datetime) -> Reply:
    """Stop a reply before it leaves. Raises ConflictError where it has left.

    Its writer gets the text back; whoever else stops it (an approver) sends it back to wait for approval.
    """
    require(by, Action.ANSWER)
    own = replies.get(session, reply_id).user_id == by.id
    if not own:
        require(by, Action.APPROVE)
    stopped: dict[str, Any] = {"state": ReplyState.PULLED if own else ReplyState.DRAFT, "approved_by_id": None}
    quiet = {"not_before": None, "error_code": "", "error_text": "", "remedy": "", "attempts": 0}
    waits = (Reply.id == reply_id, Reply.state == ReplyState.APPROVED)
    found = session.execute(update(Reply).where(*waits).values(stopped | quiet).returning(Reply.id)).first()
    reply = replies.get(session, reply_id)
    if found is None:
        words = TOO_LATE.get(reply.state, f"This reply is {replies.STATES[reply.state]} by now.")
        raise ConflictError(words, "Look at the conversation again.")
    conversation = conversations.get(session, reply.conversation_id)
    replies.note(session, conversation, "Reply pulled back" if own else "Approval taken back", by, now)
    return reply
