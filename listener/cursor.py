"""Cursor arithmetic for networks that list the newest posts first.

Such a listing can only be left behind once it was read down to where the last sweep began; a crash halfway must go on
from there. A Sweep holds just that: the bottom that earlier sweeps cover, the newest id this sweep saw, and where the
next page begins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sweep:
    """State of reading a newest-first listing. Ids are the network's own; empty means none yet."""

    since: str = ""
    """Everything up to and including this was heard before this sweep."""
    top: str = ""
    """The newest id that this sweep saw; becomes `since` when it ends."""
    page: str = ""
    """Where the sweep goes on (an id or a token); empty at its start."""

    @classmethod
    def load(cls, cursor: Mapping[str, Any]) -> "Sweep":
        """From a stored cursor."""
        return cls(*(str(cursor.get(key) or "") for key in ("since", "top", "page")))

    def dump(self) -> dict[str, str]:
        """For storing: only what is set."""
        found = {"since": self.since, "top": self.top, "page": self.page}
        return {key: value for key, value in found.items() if value}

    def advance(self, newest: str, next_page: str) -> "Sweep":
        """After a page. `newest`: its newest id ("" if it was empty); `next_page`: "" if it was the last."""
        top = self.top or newest
        if next_page:
            return Sweep(self.since, top, next_page)
        return Sweep(top or self.since)

    @property
    def under_way(self) -> bool:
        """Whether a page is still to come in this sweep."""
        return bool(self.page)
