"""What can be done to many conversations: each a decision of engage/conversations.py, with what brings it back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from config.errors import InvalidInputError
from engage import conversations
from engage.permissions import Action, require
from engage.tables import Conversation, Status, Team, User

KEPT = ("status", "noise", "team", "assignee_id", "tags", "unread", "hand_routed", "snoozed_until")
"""What an undo brings back."""
OF_STATUS = ("status", "noise", "snoozed_until")
READ_BACK: Mapping[str, Callable[[Any], Any]] = {
    "status": Status,
    "team": Team,
    "snoozed_until": datetime.fromisoformat,
}


class Kind(StrEnum):
    """What is done."""

    ASSIGN = "assign"
    TEAM = "team"
    STATUS = "status"
    NOISE = "noise"
    SNOOZE = "snooze"
    TAG = "tag"
    UNTAG = "untag"
    READ = "read"
    RETAG = "retag"
    """A tag gets another name, everywhere."""


NEEDS = {
    Kind.ASSIGN: Action.ASSIGN,
    Kind.TEAM: Action.ASSIGN,
    Kind.READ: Action.READ,
    Kind.RETAG: Action.MANAGE_TAGS,
}
"""What the person has to be allowed; ANSWER for the others."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What to do, with its value as text: a user's id (empty: nobody), a team, a status, a moment, a tag."""

    kind: Kind
    value: str = ""
    to: str = ""
    """The new name of a tag."""

    @property
    def as_json(self) -> dict[str, Any]:
        """How it is kept."""
        return {"kind": str(self.kind), "value": self.value, "to": self.to}

    @property
    def words(self) -> str:
        """For people, who know the value's name otherwise."""
        return {
            Kind.ASSIGN: "Assign" if self.value else "Take from everybody",
            Kind.TEAM: f"Move to {self.value}",
            Kind.STATUS: {"closed": "Close", "open": "Open", "pending": "Wait for an answer"}.get(
                self.value, "Change"
            ),
            Kind.NOISE: "Close as noise",
            Kind.SNOOZE: "Snooze",
            Kind.TAG: f"Tag “{self.value}”",
            Kind.UNTAG: f"Remove the tag “{self.value}”",
            Kind.READ: "Mark as read",
            Kind.RETAG: f"Rename the tag “{self.value}” to “{self.to}”",
        }[self.kind]


def of_json(kept: Mapping[str, Any]) -> Deed:
    """As it was kept."""
    return Deed(Kind(kept["kind"]), kept["value"], kept["to"])


def of_form(session: Session, kind: str, value: str, *, by: User, now: datetime) -> Deed:
    """What a person asked for, checked once for all. Raises InvalidInputError, NotAllowedError."""
    try:
        deed = Deed(Kind(kind), value.strip())
    except ValueError:
        raise InvalidInputError("This cannot be done to many.", "Choose something from the bar.") from None
    if deed.kind is Kind.RETAG:
        raise InvalidInputError("Tags are renamed on their own page.", "Go to the page of tags.")
    require(by, NEEDS.get(deed.kind, Action.ANSWER))
    _check_value(session, deed, now)
    return deed


def _check_value(session: Session, deed: Deed, now: datetime) -> None:
    match deed.kind:
        case Kind.ASSIGN if deed.value:
            person = session.get(User, int(deed.value)) if deed.value.isdigit() else None
            if person is None or not person.active:
                raise InvalidInputError("This person cannot take conversations.", "Choose somebody else.")
        case Kind.TEAM:
            _one_of(Team, deed.value)
        case Kind.STATUS:
            if _one_of(Status, deed.value) is Status.SNOOZED:
                raise InvalidInputError("Snooze until when?", "Choose a time.")
        case Kind.SNOOZE if datetime.fromisoformat(deed.value) <= now:
            raise InvalidInputError("Snoozing needs a moment in the future.", "Choose a later time.")
        case Kind.TAG | Kind.UNTAG:
            if not 0 < len(deed.value) <= conversations.LONGEST_TAG or "," in deed.value:
                raise InvalidInputError(
                    f"A tag has 1 to {conversations.LONGEST_TAG} characters and no comma.", "Change it."
                )
        case _:
            pass


def _one_of(kind: type[Team] | type[Status], value: str) -> Team | Status:
    try:
        return kind(value)
    except ValueError:
        raise InvalidInputError(f"There is no {value!r}.", "Choose one from the menu.") from None


def do(session: Session, deed: Deed, talk: Conversation, by: User, now: datetime) -> None:
    """Do it to one conversation, as a person would. Raises HearkenError where it cannot be done."""
    common: dict[str, Any] = {"by": by, "now": now, "version": talk.version}
    match deed.kind:
        case Kind.ASSIGN:
            conversations.assign(session, talk.id, int(deed.value) if deed.value else None, **common)
        case Kind.TEAM:
            conversations.set_team(session, talk.id, Team(deed.value), **common)
        case Kind.STATUS:
            conversations.set_status(session, talk.id, Status(deed.value), **common)
        case Kind.NOISE:
            conversations.set_status(session, talk.id, Status.CLOSED, noise=True, **common)
        case Kind.SNOOZE:
            until = datetime.fromisoformat(deed.value)
            conversations.set_status(session, talk.id, Status.SNOOZED, snoozed_until=until, **common)
        case Kind.TAG | Kind.UNTAG | Kind.RETAG:
            conversations.set_tags(session, talk.id, _tags(deed, talk.tags), **common)
        case Kind.READ:
            talk.unread, talk.changed_at = False, now
            session.flush()


def _tags(deed: Deed, tags: list[str]) -> list[str]:
    if deed.kind is Kind.TAG:
        return [*tags, deed.value]
    if deed.kind is Kind.UNTAG:
        return [tag for tag in tags if tag != deed.value]
    return [deed.to if tag == deed.value else tag for tag in tags]


def is_done_already(deed: Deed, talk: Conversation) -> bool:
    """Whether nothing would change: then no trace is left."""
    match deed.kind:
        case Kind.ASSIGN:
            return str(talk.assignee_id or "") == deed.value
        case Kind.TEAM:
            return talk.team == deed.value
        case Kind.STATUS:
            return talk.status == deed.value and not talk.noise
        case Kind.NOISE:
            return talk.noise
        case Kind.TAG:
            return deed.value in talk.tags
        case Kind.UNTAG | Kind.RETAG:
            return deed.value not in talk.tags
        case Kind.READ:
            return not talk.unread
        case _:
            return False


def state_of(talk: Conversation) -> dict[str, Any]:
    """What the undo needs."""
    state = {name: getattr(talk, name) for name in KEPT}
    until = talk.snoozed_until
    return state | {"snoozed_until": until.isoformat() if until else None, "tags": list(talk.tags)}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What a deed changed, as {"was": …, "made": …}; a status goes with all that belongs to it."""
    changed = {name for name in KEPT if before[name] != after[name]}
    if changed & set(OF_STATUS):
        changed |= set(OF_STATUS)
    return {"was": {name: before[name] for name in changed}, "made": {name: after[name] for name in changed}}


def stands(talk: Conversation, difference: Mapping[str, Any]) -> bool:
    """Whether what a deed made is still so: then the undo takes nothing away from anybody."""
    now = state_of(talk)
    return all(now[name] == value for name, value in difference.get("made", {}).items())


def bring_back(talk: Conversation, was: Mapping[str, Any], now: datetime) -> None:
    """What a deed changed, as it was."""
    for name, value in was.items():
        setattr(talk, name, READ_BACK.get(name, lambda kept: kept)(value) if value is not None else None)
    talk.version += 1
    talk.changed_at = now
