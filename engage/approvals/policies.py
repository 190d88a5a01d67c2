"""Whether a reply needs approval and by whom: the deciding, and the policies that managers lay down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError, NotFoundError
from engage.approvals.tables import ApprovalPolicy
from engage.permissions import Action, allowed, require
from engage.tables import Conversation, Reply, Role, Team, User
from listener.networks import NETWORK_LABELS
from listener.tables import Brand

RANKS = (Role.AGENT, Role.MANAGER, Role.ADMIN)
APPROVERS = (Role.MANAGER, Role.ADMIN)
MOST_POLICIES = 100


@dataclass(frozen=True, slots=True)
class Case:
    """What a policy may ask about a reply."""

    role: Role
    """Of its writer, as is `team`."""
    team: Team | None
    network: str
    brand_id: int
    rule: str = ""
    """The routing rule that asks for approval."""


def rank(role: Role) -> int:
    """Higher may approve more."""
    return RANKS.index(Role(role))


def approver_of(case: Case, policies: Iterable[ApprovalPolicy], *, everywhere: bool) -> Role | None:
    """The least role that may approve the reply; None where it needs no approval.

    A rule, and the setting that asks for approval `everywhere`, let those pass who may approve themselves. A policy
    means everybody whom it names.
    """
    asked = [policy.approver for policy in policies if _applies(policy, case)]
    if (everywhere or case.rule) and rank(case.role) < rank(Role.MANAGER):
        asked.append(Role.MANAGER)
    return max(asked, key=rank, default=None)


def _applies(policy: ApprovalPolicy, case: Case) -> bool:
    return (
        policy.role in {None, case.role}
        and policy.team in {None, case.team}
        and policy.network in {"", case.network}
        and policy.brand_id in {None, case.brand_id}
    )


def approver_for(session: Session, conversation: Conversation, writer: User, *, everywhere: bool) -> Role | None:
    """The same for what this person writes in this conversation."""
    rule = str(conversation.why.get("approval", ""))
    case = Case(writer.role, writer.team, conversation.network, conversation.brand_id, rule)
    return approver_of(case, all_policies(session), everywhere=everywhere)


def may_approve(reply: Reply, by: User) -> bool:
    """Whether `by` may let a draft out: nobody their own, unless they may send without approval."""
    if not allowed(by, Action.APPROVE):
        return False
    if reply.user_id == by.id:
        return reply.approver is None
    return rank(by.role) >= rank(reply.approver or Role.MANAGER)


# --- what managers lay down ----------------------------------------------------------------------------------------


def all_policies(session: Session) -> Sequence[ApprovalPolicy]:
    """Every policy, the oldest first."""
    return session.scalars(select(ApprovalPolicy).order_by(ApprovalPolicy.id)).all()


def add(
    session: Session,
    *,
    role: Role | None,
    team: Team | None,
    network: str,
    brand_id: int | None,
    approver: Role,
    by: User,
    now: datetime,
) -> ApprovalPolicy:
    """Lay down a policy. Raises InvalidInputError."""
    require(by, Action.MANAGE_APPROVALS)
    policy = ApprovalPolicy(
        role=role,
        team=team,
        network=network,
        brand_id=brand_id,
        approver=approver,
        created_by_id=by.id,
        created_at=now,
    )
    _refuse_unknown(session, policy)
    _refuse_deadlock(policy)
    known = all_policies(session)
    if len(known) >= MOST_POLICIES:
        raise InvalidInputError(f"There are {MOST_POLICIES} rules already.", "Remove one first.")
    if any(_wording(one) == _wording(policy) for one in known):
        raise InvalidInputError("This rule is there already.", "Change one of its words.")
    session.add(policy)
    session.flush()
    return policy


def remove(session: Session, policy_id: int, *, by: User) -> ApprovalPolicy:
    """Take a policy back; drafts that wait go on waiting. Raises NotFoundError."""
    require(by, Action.MANAGE_APPROVALS)
    policy = session.get(ApprovalPolicy, policy_id)
    if policy is None:
        raise NotFoundError("This rule does not exist any more.", "Reload the page.")
    session.delete(policy)
    return policy


def _refuse_unknown(session: Session, policy: ApprovalPolicy) -> None:
    if policy.network and policy.network not in NETWORK_LABELS:
        raise InvalidInputError("There is no such network.", "Choose one.", field="network")
    if policy.brand_id is not None and session.get(Brand, policy.brand_id) is None:
        raise InvalidInputError("There is no such brand.", "Choose one.", field="brand")
    if policy.approver not in APPROVERS:
        raise InvalidInputError("Agents cannot approve.", "Choose a manager or an admin.", field="approver")


def _refuse_deadlock(policy: ApprovalPolicy) -> None:
    """Who ranks above every approver would be asked to wait for somebody below."""
    if policy.role is not None and rank(policy.role) > rank(policy.approver):
        raise InvalidInputError(
            "A manager cannot approve what an admin writes.", "Choose an admin to approve it.", field="approver"
        )


def _wording(policy: ApprovalPolicy) -> tuple[object, ...]:
    return policy.role, policy.team, policy.network, policy.brand_id, policy.approver
