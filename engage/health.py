"""What is wrong with Hearken itself, for whoever can mend it. Told from the database: no model is loaded."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from nlp.store import waiting

PATIENCE = timedelta(minutes=5)
"""How long a mention may wait to be read before somebody should look."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that does not mend itself."""

    message: str
    remedy: str


def reading_trouble(session: Session, now: datetime) -> Trouble | None:
    """Mentions that nobody reads: the engine cannot be loaded, or nothing listens. None while all is well."""
    count, since = waiting(session)
    if since is None or now - since < PATIENCE:
        return None
    many = f"{count:,} mentions wait" if count > 1 else "A mention waits"
    return Trouble(
        f"{many} to be read, since {since:%d %b %H:%M} UTC. Nothing is lost.",
        "'hearken doctor' says whether the reading engine works; reading is done by 'hearken listen'.",
    )
