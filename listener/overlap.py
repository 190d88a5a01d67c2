"""Posts reach a listing late: from other servers, or through an index. So the last minutes are always read again, and
this remembers which posts of them were heard.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

OVERLAP = timedelta(minutes=10)
"""How late a post may show up and still be heard."""
KEY = "seen"


@dataclass(frozen=True, slots=True)
class Seen:
    """Ids heard lately, each with the moment (ISO, UTC) that the network orders it by."""

    moments: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, cursor: Mapping[str, Any]) -> "Seen":
        """From a stored cursor."""
        return cls(dict(cursor.get(KEY) or {}))

    def dump(self) -> dict[str, Any]:
        """For storing: nothing where there is nothing."""
        return {KEY: dict(self.moments)} if self.moments else {}

    def __contains__(self, id_: str) -> bool:
        return id_ in self.moments

    def add(self, heard: Iterable[tuple[str, datetime]], since: datetime) -> "Seen":
        """With what was heard now, as far as it is from `since` or later."""
        return Seen({**self.moments, **{id_: moment.isoformat() for id_, moment in heard if moment >= since}})

    def since(self, moment: datetime) -> "Seen":
        """Only what is from `moment` or later."""
        kept = {id_: at for id_, at in self.moments.items() if datetime.fromisoformat(at) >= moment}
        return Seen(kept)
