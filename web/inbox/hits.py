"""Where in a conversation the searched words stand, if not in what its row shows anyway."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from engage import inbox
from web.text import around


def snippets(session: Session, found: inbox.Lines, words: tuple[str, ...]) -> Mapping[int, str]:
    """By conversation, a piece of its latest text that has one of the words."""
    unseen = [line.id for line in found.lines if not around(line.excerpt, words)] if words else []
    pieces: dict[int, str] = {}
    for number, text in inbox.texts(session, unseen) if unseen else ():
        if number not in pieces and (piece := around(text, words)):
            pieces[number] = piece
    return pieces
