from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.database import Database
from config.errors import InvalidInputError, NotAllowedError, NotFoundError
from engage.approvals import policies
from engage.approvals.policies import APPROVERS, Case, approver_of, rank
from engage.approvals.tables import ApprovalPolicy
from engage.tables import Conversation, ReplyState, Role, Team, User
from tests.flow import NOON, add_user
from tests.replying import begin, write

AGENT_ON_X = Case(Role.AGENT, Team.SUPPORT, "x", 1)


def policy(**asked: object) -> ApprovalPolicy:
    whole = {"role": None, "team": None, "network": "", "brand_id": None, "approver": Role.MANAGER, **asked}
    return ApprovalPolicy(**whole, created_at=NOON)


@pytest.mark.parametrize(
    ("asked", "applies"),
    [
        ({}, True),
        ({"role": Role.AGENT, "team": Team.SUPPORT, "network": "x", "brand_id": 1}, True),
        ({"role": Role.MANAGER}, False),
        ({"team": Team.MARKETING}, False),
        ({"network": "mastodon"}, False),
        ({"brand_id": 2}, False),
    ],
)
def test_a_policy_asks_where_all_of_it_applies(asked: dict[str, object], applies: bool) -> None:
    found = approver_of(AGENT_ON_X, [policy(**asked)], everywhere=False)
    assert found == (Role.MANAGER if applies else None)


def test_the_setting_and_rules_let_pass_who_may_approve() -> None:
    for case in (AGENT_ON_X, Case(Role.AGENT, Team.SUPPORT, "x", 1, rule="Legal")):
        assert approver_of(case, [], everywhere=not case.rule) is Role.MANAGER
    assert approver_of(Case(Role.MANAGER, Team.SUPPORT, "x", 1, rule="Legal"), [], everywhere=True) is None


POLICIES = st.builds(
    policy,
    role=st.sampled_from([None, *Role]),
    team=st.sampled_from([None, *Team]),
    network=st.sampled_from(["", "x", "mastodon"]),
    brand_id=st.sampled_from([None, 1, 2]),
    approver=st.sampled_from(APPROVERS),
)
CASES = st.builds(
    Case, st.sampled_from(Role), st.sampled_from(Team), st.sampled_from(["x", "mastodon"]), st.integers(1, 2)
)


@given(CASES, st.lists(POLICIES, max_size=6), POLICIES, st.booleans())
def test_one_policy_more_never_asks_for_less(
    case: Case, some: list[ApprovalPolicy], more: ApprovalPolicy, everywhere: bool
) -> None:
    before = approver_of(case, some, everywhere=everywhere)
    after = approver_of(case, [*some, more], everywhere=everywhere)
    assert before is None or (after is not None and rank(after) >= rank(before))


# --- in the database ---------------------------------------------------------------------------------------------


@pytest.fixture
def gwen(database: Database, tmp_path: Path) -> User:
    return begin(database, tmp_path / "outbox.jsonl")


@pytest.fixture
def boss(database: Database, gwen: User) -> User:
    with database.write() as session:
        return add_user(session, "Boss", Role.MANAGER)


def lay_down(database: Database, by: User, **asked: object) -> ApprovalPolicy:
    whole = {"role": None, "team": None, "network": "", "brand_id": None, "approver": Role.MANAGER, **asked}
    with database.write() as session:
        return policies.add(session, **whole, by=by, now=NOON)  # type: ignore[arg-type]


def test_what_a_manager_lays_down_holds_until_it_is_removed(database: Database, gwen: User, boss: User) -> None:
    made = lay_down(database, boss, team=Team.SUPPORT, network="x")
    assert write(database, gwen).state is ReplyState.DRAFT
    with database.write() as session:
        policies.remove(session, made.id, by=boss)
    assert write(database, gwen, "Other words.").state is ReplyState.APPROVED
    with pytest.raises(NotFoundError), database.write() as session:
        policies.remove(session, made.id, by=boss)


def test_agents_lay_nothing_down(database: Database, gwen: User) -> None:
    with pytest.raises(NotAllowedError):
        lay_down(database, gwen)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"network": "fax"}, "network"),
        ({"brand_id": 99}, "brand"),
        ({"approver": Role.AGENT}, "approver"),
        ({"role": Role.ADMIN}, "approver"),
    ],
)
def test_what_means_nothing_is_refused(database: Database, boss: User, asked: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        lay_down(database, boss, **asked)
    assert caught.value.field == field


def test_the_same_policy_is_not_there_twice(database: Database, boss: User) -> None:
    lay_down(database, boss)
    with pytest.raises(InvalidInputError, match="already"):
        lay_down(database, boss)


def test_a_routing_rule_asks_for_approval(database: Database, gwen: User, boss: User) -> None:
    with database.write() as session:
        session.get_one(Conversation, 1).why = {"rule": "Legal", "facts": {}, "rules": "1", "approval": "Legal"}
    assert write(database, gwen).state is ReplyState.DRAFT
    assert write(database, boss, "Other words.").state is ReplyState.APPROVED
