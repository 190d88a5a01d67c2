"""What every page shows around its own matter: the rail, and the addresses of pages and files."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from engage import inbox
from engage.permissions import Action, allowed
from web.appearance import density_of_request, theme_of_request
from web.context import database


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
    Page("notices.index", "Notices", "at"),
    Page("alerts.index", "Alerts", "bell"),
    Page("analytics.index", "Analytics", "chart-bar"),
    Page("reports.index", "Reports", "mail"),
    Page("influencers.index", "Influencers", "star"),
    Page("contacts.index", "Contacts", "address-book"),
)
SET_UP = (
    Page("answers.index", "Answers", "message-circle"),
    Page("tags.index", "Tags", "tag"),
    Page("sources.index", "Sources", "antenna"),
    Page("approvals.index", "Approvals", "list-check", Action.MANAGE_APPROVALS),
    Page("teams.index", "Teams", "users-group", Action.MANAGE_TEAMS),
    Page("users.index", "People", "users", Action.MANAGE_USERS),
)
"""How Hearken works here: what is looked at now and then."""


def register(app: Flask) -> None:
    """Give them to the templates."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(
        lambda: {
            "theme": theme_of_request(),
            "density": density_of_request(),
            "static_url": static_url,
            "pages": lambda: _open_to_me(PAGES),
            "set_up": lambda: _open_to_me(SET_UP),
            "rail_queues": rail_queues,
            "most_counted": inbox.MOST_COUNTED,
            "most_waiting": inbox.MOST_WAITING,
            "queue_label": lambda name: QUEUES[name][0],
            "may": may,
            "without": without,
            "page_address": page_address,
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
    "approve": ("To approve", "list-check"),
    "failed": ("Failed", "alert-triangle"),
    "closed": ("Closed", "circle-check"),
    "noise": ("Noise", "ban"),
    "all": ("Everything", "stack-2"),
}


SOMETIMES = {"approve": Action.APPROVE, "failed": Action.ANSWER}
"""Queues that stand there only while they hold something, for those who can do something about it."""


def queue_lines(session: Session, current: str = "") -> list[QueueLine]:
    """The queues with their counts; the current one stands out."""
    counts = inbox.counts(session, current_user.id)
    g.open_alerts, g.latest_alert = counts["alerts"], counts["latest_alert"]
    g.unread_notices, g.latest_notice = counts["notices"], counts["latest_notice"]
    lines = [QueueLine(name, label, icon, counts[name], name == current) for name, (label, icon) in QUEUES.items()]
    return [line for line in lines if line.name not in SOMETIMES or line.current or _is_for_me(line)]


def _is_for_me(line: QueueLine) -> bool:
    return line.count > 0 and allowed(current_user, SOMETIMES[line.name])


def rail_queues() -> list[QueueLine]:
    """The same for pages other than the inbox, which pass no `queues` of their own."""
    with database().read() as session:
        return queue_lines(session)


def pages() -> list[Page]:
    """The pages that this person may see."""
    return _open_to_me((*PAGES, *SET_UP))


def _open_to_me(some: Sequence[Page]) -> list[Page]:
    return [
        page for page in some if page.endpoint in current_app.view_functions and allowed(current_user, page.needs)
    ]


def may(action: str) -> bool:
    """Whether the person may do it, by the name of an Action: `may("APPROVE")`."""
    return allowed(current_user, Action[action])


def static_url(path: str, versioned: bool = True) -> str:
    """The address of a file of ours, which changes when its content does, so that browsers may keep it."""
    version = f"?v={_fingerprint(Path(current_app.static_folder or '', path))}" if versioned else ""
    return f"{request.script_root}{current_app.static_url_path}/{path}{version}"


@cache
def _fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.exists() else "missing"


def without(params: Mapping[str, str], field: str) -> dict[str, str]:
    """A query without one of its fields."""
    return {name: value for name, value in params.items() if name != field}


def page_address(endpoint: str, **values: object) -> str:
    """The address of a page, empty in an app that has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""  # type: ignore[arg-type]
