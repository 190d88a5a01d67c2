"""Decisions by hand as examples to learn from: "noise", and another team. Kept with who and when.

An example says what Hearken had decided, however often people change their minds; who goes back to that withdraws it.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.answers.tables import Example
from engage.tables import Conversation, User
from listener.tables import Mention

NOISE, TEAM = "noise", "team"
MENTION = "mention"
"""What a conversation is that is no noise."""


def taught(
    session: Session, conversation: Conversation, question: str, was: str, now: str, *, by: User, at: datetime
) -> None:
    """A person decided `now` where it was `was`, about the author's latest mention."""
    mention_id = session.scalar(
        select(Mention.id)
        .where(Mention.conversation_id == conversation.id, Mention.author_id == conversation.author_id)
        .order_by(Mention.created_at.desc(), Mention.id.desc())
        .limit(1)
    )
    if was == now or mention_id is None:
        return
    known = session.get(Example, (mention_id, question))
    was = known.was if known else was
    if known and now == was:
        session.delete(known)
        return
    rule = str(conversation.why.get("rule", ""))[:200]
    session.merge(
        Example(mention_id=mention_id, question=question, was=was, now=now, user_id=by.id, at=at, rule=rule)
    )
