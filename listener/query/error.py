"""A query that cannot be taken, with the place marked."""

import unicodedata

from config.errors import InvalidInputError

WINDOW = 36
"""Characters shown on each side of the place."""


class QueryError(InvalidInputError):
    """The query is wrong at `position` (a character index into `query`).

    `marked` shows the query on one line and a caret under the place on the next, for a fixed-width font.
    """

    def __init__(self, message: str, remedy: str = "", *, query: str = "", position: int = 0) -> None:
        super().__init__(message, remedy, field="query")
        self.query = query
        self.position = position

    @property
    def marked(self) -> str:
        """The part of the query around the place, and below it a caret."""
        start = max(0, self.position - WINDOW)
        end = self.position + WINDOW
        before = ("…" if start else "") + _one_line(self.query[start : self.position])
        after = _one_line(self.query[self.position : end]) + ("…" if end < len(self.query) else "")
        return f"{before}{after}\n{' ' * _columns(before)}^"


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _columns(text: str) -> int:
    return sum(0 if unicodedata.combining(char) else 2 if _is_wide(char) else 1 for char in text)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
