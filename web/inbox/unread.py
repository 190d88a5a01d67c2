"""Marking as unread, for those who come back to it later."""

from werkzeug.wrappers import Response

from engage import conversations
from web.context import database, me
from web.inbox.answer import blueprint, done


@blueprint.post("/c/<int:conversation_id>/unread")
def mark_unread(conversation_id: int) -> Response:
    """Somebody wants it to stand out again."""
    with database().write() as session:
        conversations.mark_unread(session, conversation_id, by=me())
    return done(conversation_id)
