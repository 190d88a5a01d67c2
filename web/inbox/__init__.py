"""The inbox: queues, list, one conversation, and what a person does with it.

A page is one read transaction. For htmx the same addresses answer with just the part that was asked for, and an
action answers with a message only: what it changed is then fetched by /refresh, as after anybody else's change.
"""

from web.inbox import bulk, doing, looking, outgoing, search_words, together, unread, words
from web.inbox.answer import blueprint

__all__ = ["blueprint", "bulk", "doing", "looking", "outgoing", "search_words", "together", "unread", "words"]
