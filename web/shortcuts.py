"""Every keyboard shortcut, once: the sheet, the tooltips, the keys themselves and the command palette all read this.

Static modules find them on the sheet that each page carries (templates/_keys.html) and do what a name stands for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What a key does. `keys` with a space between are pressed one after the other, with a + together."""

    name: str
    keys: str
    label: str


LIST = (
    Shortcut("next", "j", "Next conversation"),
    Shortcut("previous", "k", "Previous conversation"),
    Shortcut("first", "Home", "First conversation"),
    Shortcut("last", "End", "Last conversation that is loaded"),
    Shortcut("take", "x", "Take the next one for me"),
    Shortcut("open", "o", "Open the conversation"),
    Shortcut("new", ".", "Show what is new"),
    Shortcut("search", "/", "Search"),
)
CONVERSATION = (
    Shortcut("reply", "r", "Reply"),
    Shortcut("note", "n", "Add a note"),
    Shortcut("assign", "a", "Assign to me"),
    Shortcut("follow", "f", "Follow, or stop following"),
    Shortcut("team", "m", "Move to a team"),
    Shortcut("snooze", "s", "Snooze"),
    Shortcut("tags", "t", "Change the tags"),
    Shortcut("close", "e", "Close"),
    Shortcut("noise", "#", "Close as noise"),
    Shortcut("unread", "u", "Mark as unread"),
    Shortcut("earlier", "[", "Message before"),
    Shortcut("later", "]", "Message after"),
    Shortcut("send", "Ctrl+Enter", "Send what is written"),
)
EVERYWHERE = (
    Shortcut("palette", "Ctrl+K", "All commands"),
    Shortcut("undo", "z", "Undo, while it is offered"),
    Shortcut("back", "Esc", "Back, or leave the field"),
    Shortcut("sheet", "?", "This list"),
)
PLACES = {
    "mine": "g m",
    "unassigned": "g u",
    "support": "g s",
    "marketing": "g k",
    "open": "g i",
    "pending": "g w",
    "approve": "g v",
    "failed": "g x",
    "snoozed": "g z",
    "closed": "g d",
    "noise": "g n",
    "all": "g e",
    "alerts.index": "g l",
    "analytics.index": "g a",
    "reports.index": "g r",
    "influencers.index": "g f",
    "contacts.index": "g c",
    "sources.index": "g o",
    "users.index": "g p",
    "account.index": "g y",
}
"""The keys to a queue, by its name, and to a page, by its endpoint."""
GROUPS: Mapping[str, tuple[Shortcut, ...]] = {"List": LIST, "Conversation": CONVERSATION, "Everywhere": EVERYWHERE}
BY_NAME = {shortcut.name: shortcut for group in GROUPS.values() for shortcut in group}


def register(app: Flask) -> None:
    """Give them to the templates."""
    app.jinja_env.globals.update(shortcut_groups=GROUPS, hint=hint, keys_to=lambda place: PLACES.get(place, ""))


def hint(name: str, label: str = "") -> str:
    """A tooltip: what a control does and its key, `Close (e)`; with a `label` of its own where that fits better."""
    shortcut = BY_NAME[name]
    return f"{label or shortcut.label} ({shortcut.keys})"
