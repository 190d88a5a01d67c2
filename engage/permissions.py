"""Who may do what. One table, one question; every write that a person asks for goes through it."""

from enum import StrEnum
from typing import Protocol

from config.errors import NotAllowedError
from engage.tables import Role


class Action(StrEnum):
    """What a person can ask for, in the words of the refusal: `Agents may not …`."""

    READ = "read"
    ANSWER = "answer"
    NOTE = "write notes"
    ASSIGN = "assign, snooze, close or tag conversations"
    CORRECT = "correct readings"
    EDIT_CONTACT = "edit contacts"
    KEEP_LISTS = "keep or export lists of influencers"
    NAME_CAMPAIGNS = "name campaigns"
    APPROVE = "approve replies"
    SEE_AGENTS = "see how each colleague answers"
    SHARE = "share views by link"
    MANAGE_ANSWERS = "change shared answers and macros"
    MANAGE_BRANDS = "change brands"
    MANAGE_SOURCES = "change sources"
    IMPORT_CONTACTS = "import contacts"
    MANAGE_LISTS = "rename or remove lists of others"
    MANAGE_TAGS = "rename, merge or colour tags"
    HANDLE_ALERTS = "acknowledge or mute alerts"
    MANAGE_ALERTS = "change the settings of alerts"
    MANAGE_REPORTS = "change or send reports"
    MANAGE_APPROVALS = "say whose replies need approval"
    MANAGE_TEAMS = "change how teams share their work"
    MANAGE_USERS = "manage users"
    USE_LOCAL_ADDRESS = "let a source read this machine or its private network"


AGENT = frozenset(
    {
        Action.READ,
        Action.ANSWER,
        Action.NOTE,
        Action.ASSIGN,
        Action.CORRECT,
        Action.EDIT_CONTACT,
        Action.KEEP_LISTS,
        Action.HANDLE_ALERTS,
        Action.NAME_CAMPAIGNS,
    }
)
MANAGER = AGENT | {
    Action.APPROVE,
    Action.SEE_AGENTS,
    Action.SHARE,
    Action.MANAGE_LISTS,
    Action.MANAGE_ANSWERS,
    Action.MANAGE_TAGS,
    Action.MANAGE_BRANDS,
    Action.MANAGE_SOURCES,
    Action.IMPORT_CONTACTS,
    Action.MANAGE_ALERTS,
    Action.MANAGE_REPORTS,
    Action.MANAGE_APPROVALS,
    Action.MANAGE_TEAMS,
}
ADMIN = frozenset(Action)
ALLOWED = {Role.AGENT: AGENT, Role.MANAGER: MANAGER, Role.ADMIN: ADMIN}


class Person(Protocol):
    """As much of a user as the question needs."""

    @property
    def role(self) -> Role:
        """What the person may do."""

    @property
    def active(self) -> bool:
        """False once the account was switched off."""


def allowed(user: Person, action: Action) -> bool:
    """Whether `user` may do it: for hiding what would be refused."""
    return user.active and action in ALLOWED[Role(user.role)]


def require(user: Person, action: Action) -> None:
    """Raise NotAllowedError, which says who may, unless `user` may do it."""
    if allowed(user, action):
        return
    if not user.active:
        raise NotAllowedError("This account is switched off.", "Ask an admin to switch it on again.")
    who = next(role for role in (Role.AGENT, Role.MANAGER, Role.ADMIN) if action in ALLOWED[role])
    raise NotAllowedError(f"{user.role.capitalize()}s may not {action}.", f"Ask {_a(who)}.")


def _a(role: Role) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"
