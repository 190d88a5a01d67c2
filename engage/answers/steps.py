"""What a macro does, as it is written down. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from config.errors import InvalidInputError
from engage.answers import render
from engage.tables import Status, Team

LONGEST_TEXT = 5000
LONGEST_NOTE = 2000
LONGEST_TAG, MOST_TAGS = 40, 20
LONGEST_SNOOZE_H = 24 * 90
NOISE = "noise"
ME, NOBODY = "me", "nobody"
STATUSES = ("", *(str(status) for status in Status), NOISE)


@dataclass(frozen=True, slots=True)
class Steps:
    """The actions; what is empty is not done. They are done in this order."""

    tags: Sequence[str] = ()
    """Are added."""
    team: str = ""
    assignee: str = ""
    """`me`, `nobody`, or a user's id."""
    note: str = ""
    text: str = ""
    send: bool = False
    """The text goes out; else it is put into the box."""
    status: str = ""
    snooze_h: int = 0
    """Hours, where the status is snoozed."""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Steps":
        """As stored; what a newer version wrote beside is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in kept.items() if name in known})

    def kept(self) -> dict[str, Any]:
        """To be stored."""
        return {name: list(value) if name == "tags" else value for name, value in asdict(self).items()}

    def told(self, people: Mapping[int, str]) -> list[str]:
        """What it does, an entry each."""
        return [words for words in _told(self, people) if words]


def _told(steps: Steps, people: Mapping[int, str]) -> list[str]:
    person = {ME: "you", NOBODY: "nobody"}.get(steps.assignee) or people.get(int(steps.assignee or 0), "somebody")
    return [
        f"tags {', '.join(steps.tags)}" if steps.tags else "",
        f"moves to {steps.team}" if steps.team else "",
        f"assigns to {person}" if steps.assignee else "",
        "adds a note" if steps.note else "",
        ("sends a reply" if steps.send else "writes a reply") if steps.text else "",
        _told_status(steps),
    ]


def _told_status(steps: Steps) -> str:
    if steps.status == Status.SNOOZED:
        return f"snoozes for {steps.snooze_h:,} h"
    words = {"open": "opens", "pending": "waits for their answer", "closed": "closes", NOISE: "closes as noise"}
    return words.get(steps.status, "")


def checked(given: Mapping[str, str]) -> Steps:
    """The steps as a form names them. Raises InvalidInputError that names the field."""
    steps = Steps(
        tags=_tags(given.get("tags", "")),
        team=_one_of(given.get("team", ""), ("", *Team), "team"),
        assignee=_assignee(given.get("assignee", "")),
        note=_text(given.get("note", ""), LONGEST_NOTE, "note"),
        text=_text(given.get("text", ""), LONGEST_TEXT, "text"),
        send=given.get("send") == "1",
        status=_one_of(given.get("status", ""), STATUSES, "status"),
        snooze_h=_hours(given.get("snooze_h", "")) if given.get("status") == Status.SNOOZED else 0,
    )
    if steps.send and not steps.text:
        raise InvalidInputError("There is nothing to send.", "Write the reply, or don't send one.", field="text")
    if not steps.told({}):
        raise InvalidInputError("The macro does nothing.", "Choose at least one action.", field="text")
    return steps


def _text(typed: str, longest: int, field: str) -> str:
    text = typed.replace("\r\n", "\n").replace("\0", "").strip()
    if len(text) > longest:
        raise InvalidInputError(f"The {field} is too long.", f"Take at most {longest:,} characters.", field=field)
    render.check_variables(text)
    return text


def _tags(typed: str) -> list[str]:
    tags = list(dict.fromkeys(" ".join(tag.split()) for tag in typed.split(",") if tag.strip()))
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise InvalidInputError(
            f"At most {MOST_TAGS} tags of {LONGEST_TAG} characters.", "Shorten the list.", field="tags"
        )
    return tags


def _one_of(value: str, known: Sequence[str], field: str) -> str:
    if value not in known:
        raise InvalidInputError(f"There is no {field} {value!r}.", "Choose one from the menu.", field=field)
    return value


def _assignee(value: str) -> str:
    if value in {"", ME, NOBODY} or (value.isascii() and value.isdigit() and len(value) < 10):
        return value
    return _one_of(value, (), "assignee")


def _hours(typed: str) -> int:
    tidy = typed.strip()
    if not (tidy.isascii() and tidy.isdigit() and 1 <= int(tidy[:6]) <= LONGEST_SNOOZE_H):
        raise InvalidInputError(
            "Snoozing needs hours.", f"Enter a number from 1 to {LONGEST_SNOOZE_H:,}.", field="snooze_h"
        )
    return int(tidy)
