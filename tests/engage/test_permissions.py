from dataclasses import dataclass

import pytest

from config.errors import NotAllowedError
from engage.permissions import Action, allowed, require
from engage.tables import Role

TABLE = {
    Action.READ: "agent manager admin",
    Action.ANSWER: "agent manager admin",
    Action.NOTE: "agent manager admin",
    Action.ASSIGN: "agent manager admin",
    Action.CORRECT: "agent manager admin",
    Action.EDIT_CONTACT: "agent manager admin",
    Action.KEEP_LISTS: "agent manager admin",
    Action.NAME_CAMPAIGNS: "agent manager admin",
    Action.SHARE: "manager admin",
    Action.APPROVE: "manager admin",
    Action.SEE_AGENTS: "manager admin",
    Action.MANAGE_LISTS: "manager admin",
    Action.MANAGE_ANSWERS: "manager admin",
    Action.MANAGE_TAGS: "manager admin",
    Action.MANAGE_BRANDS: "manager admin",
    Action.MANAGE_SOURCES: "manager admin",
    Action.IMPORT_CONTACTS: "manager admin",
    Action.HANDLE_ALERTS: "agent manager admin",
    Action.MANAGE_ALERTS: "manager admin",
    Action.MANAGE_REPORTS: "manager admin",
    Action.MANAGE_APPROVALS: "manager admin",
    Action.MANAGE_TEAMS: "manager admin",
    Action.MANAGE_USERS: "admin",
    Action.USE_LOCAL_ADDRESS: "admin",
}


@dataclass
class Somebody:
    role: Role
    active: bool = True


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_each_role_against_each_action(role: Role, action: Action) -> None:
    somebody = Somebody(role)
    if role in TABLE[action].split():
        require(somebody, action)
        assert allowed(somebody, action)
    else:
        assert not allowed(somebody, action)
        with pytest.raises(NotAllowedError):
            require(somebody, action)


def test_the_refusal_says_who_may() -> None:
    with pytest.raises(NotAllowedError, match=r"Agents may not approve replies\. Ask a manager\."):
        require(Somebody(Role.AGENT), Action.APPROVE)
    with pytest.raises(NotAllowedError, match=r"Ask an admin\."):
        require(Somebody(Role.MANAGER), Action.MANAGE_USERS)


@pytest.mark.parametrize("action", Action)
def test_who_is_switched_off_may_nothing(action: Action) -> None:
    with pytest.raises(NotAllowedError, match="switched off"):
        require(Somebody(Role.ADMIN, active=False), action)
