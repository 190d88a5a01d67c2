"""What every page shows around its own matter: the rail, the words for times and networks, addresses of files."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from flask import Flask, current_app, url_for
from flask_login import current_user

from sqlalchemy.orm import Session

from engage import inbox
from engage.permissions import Action, allowed
from web.appearance import theme_of_request
from web import text
from web.context import database, now
from web.icons import NETWORK_ICONS, OTHER_NETWORK_ICON
from web.inbox_query import Asked
from web.snooze import zone

NETWORK_LABELS = {
    "x": "X",
    "reddit": "Reddit",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "feed": "Feed",
    "hackernews": "Hacker News",
    "replay": "Replay",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A line in the rail below the queues."""

    endpoint: str
    label: str
    icon: str
    needs: Action = Action.READ

    @property
    def blueprint(self) -> str:
        """The blueprint it belongs to."""
        return self.endpoint.partition(".")[0]


PAGES = (
    Page("contacts.index", "Contacts", "address-book"),
    Page("sources.index", "Sources", "antenna"),
    Page("users.index", "People", "users", Action.MANAGE_USERS),
)


def register(app: Flask) -> None:
    """Give templates their words."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        ago=ago,
        exact=exact,
        initials=initials,
        network_icon=network_icon,
        network_label=network_label,
        compact=compact,
    )
    app.context_processor(
        lambda: {
            "theme": theme_of_request(),
            "static_url": static_url,
            "pages": pages,
            "rail_queues": rail_queues,
            "queue_label": lambda name: QUEUES[name][0],
            "may": may,
        }
    )


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue in the rail."""

    name: str
    label: str
    icon: str
    count: int
    current: bool


QUEUES = {
    "mine": ("Mine", "user-check"),
    "unassigned": ("Unassigned", "user-question"),
    "support": ("Support", "lifebuoy"),
    "marketing": ("Marketing", "speakerphone"),
    "open": ("All open", "inbox"),
    "pending": ("Pending", "hourglass"),
    "snoozed": ("Snoozed", "zzz"),
    "closed": ("Closed", "circle-check"),
    "noise": ("Noise", "ban"),
    "all": ("Everything", "stack-2"),
}


def queue_lines(session: Session, asked: Asked | None = None) -> list[QueueLine]:
    """The queues with their counts; the one that is asked for stands out."""
    counts = inbox.counts(session, current_user.id)
    current = asked.queue if asked else ""
    return [QueueLine(name, label, icon, counts[name], name == current) for name, (label, icon) in QUEUES.items()]


def rail_queues() -> list[QueueLine]:
    """The same for pages other than the inbox, which pass no `queues` of their own."""
    with database().read() as session:
        return queue_lines(session)


def pages() -> list[Page]:
    """The pages of the rail that this person may see."""
    return [
        page for page in PAGES if page.endpoint in current_app.view_functions and allowed(current_user, page.needs)
    ]


def may(action: str) -> bool:
    """Whether the person may do it, by the name of an Action: `may("APPROVE")`."""
    return allowed(current_user, Action[action])


def static_url(path: str, versioned: bool = True) -> str:
    """The address of a file of ours, which changes when its content does, so that browsers may keep it."""
    if not versioned:
        return url_for("static", filename=path)
    file = Path(current_app.static_folder or "", path)
    return url_for("static", filename=path, v=_fingerprint(file, file.stat().st_mtime_ns if file.exists() else 0))


@cache
def _fingerprint(file: Path, changed_ns: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if changed_ns else "missing"


def ago(moment: datetime) -> str:
    """The distance to a moment in the shortest words: `now`, `5 min`, `3 h`, `in 2 d`; a date beyond a week."""
    distance = now() - moment
    ahead, distance = distance < timedelta(0), abs(distance)
    if distance < timedelta(minutes=1):
        return "now"
    if distance >= timedelta(days=7):
        return f"{moment:%d %b}" if moment.year == now().year else f"{moment:%d %b %Y}"
    minutes = int(distance.total_seconds()) // 60
    words = f"{minutes} min" if minutes < 60 else f"{minutes // 60} h" if minutes < 1440 else f"{minutes // 1440} d"
    return f"in {words}" if ahead else words


def exact(moment: datetime) -> str:
    """The moment in full, in the reader's time zone."""
    return f"{moment.astimezone(zone()):%A, %d %B %Y, %H:%M %Z}"


def initials(name: str) -> str:
    """One or two letters that stand for a name."""
    words = [word for word in name.replace("@", " ").replace("_", " ").split() if word[0].isalnum()]
    letters = [word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)]
    return "".join(letters).upper() or "?"


def network_icon(network: str) -> str:
    """The name of a network's glyph."""
    return NETWORK_ICONS.get(network, OTHER_NETWORK_ICON)


def network_label(network: str) -> str:
    """A network's name as people write it."""
    return NETWORK_LABELS.get(network, network.capitalize())


def compact(number: int) -> str:
    """A large number in three digits: `950`, `12.3k`, `1.2M`."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            value = number / size
            return f"{value:.1f}{letter}".replace(".0", "") if value < 100 else f"{value:.0f}{letter}"
    return str(number)
