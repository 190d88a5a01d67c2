"""Approvals: whose replies wait for whom, in sentences. For managers."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.errors import InvalidInputError
from engage import inbox
from engage.approvals import policies
from engage.approvals.tables import ApprovalPolicy
from engage.permissions import Action, require
from engage.tables import Role, Team
from listener.networks import NETWORK_LABELS
from web.context import database, me, now, settings

blueprint = Blueprint("approvals", __name__, url_prefix="/approvals")

Answer = Response | str | tuple[str, int]
Choice = TypeVar("Choice", bound=StrEnum)
WRITERS = {"": "everybody", "agent": "agents", "manager": "managers", "admin": "admins"}
TEAMS = {"": "any team", "support": "Support", "marketing": "Marketing"}
APPROVERS = {"manager": "a manager", "admin": "an admin"}


@blueprint.before_request
def managers_only() -> None:
    """Everything here."""
    require(me(), Action.MANAGE_APPROVALS)


@blueprint.get("/")
def index() -> str:
    """What is laid down, and a form for more."""
    return _page()


@blueprint.post("/")
def add() -> Answer:
    """Lay down one more."""
    form = request.form
    try:
        with database().write() as session:
            policies.add(
                session,
                role=_one_of(Role, "role"),
                team=_one_of(Team, "team"),
                network=form.get("network", ""),
                brand_id=_brand_id(form.get("brand", "")),
                approver=_one_of(Role, "approver") or Role.MANAGER,
                by=me(),
                now=now(),
            )
    except InvalidInputError as error:
        return _page(error), 422
    flash("From now on these replies wait for approval.")
    return _back()


@blueprint.post("/<int:policy_id>/remove")
def remove(policy_id: int) -> Response:
    """Take one back; with an undo that lays it down again."""
    with database().write() as session:
        fields = _fields(policies.remove(session, policy_id, by=me()))
    told = {
        "text": "Removed. What waits goes on waiting.",
        "undo": url_for("approvals.add"),
        "fields": fields,
    }
    flash(told, "undo")  # type: ignore[arg-type]
    return _back()


def _back() -> Response:
    """To the list; by a whole page also where htmx asked (an undo)."""
    answer = redirect(url_for("approvals.index"), 303)
    if "HX-Request" in request.headers:
        answer = make_response("", 200)
        answer.headers["HX-Redirect"] = url_for("approvals.index")
    return answer


def sentence(policy: ApprovalPolicy, brands: Mapping[int, str]) -> str:
    """The policy as it is read out."""
    pattern = (
        "Replies by {writers} of {team} on {network} for {brand} need approval by {approver}."
        if policy.team
        else "Replies by {writers} on {network} for {brand} need approval by {approver}."
    )
    return pattern.format(
        writers=WRITERS[policy.role or ""],
        team=TEAMS[policy.team or ""],
        network=NETWORK_LABELS.get(policy.network, "any network"),
        brand=brands.get(policy.brand_id or 0, "any brand"),
        approver=APPROVERS[policy.approver],
    )


def _one_of(kind: type[Choice], field: str) -> Choice | None:
    value = request.form.get(field, "")
    if value and value not in set(kind):
        raise InvalidInputError("There is no such choice.", "Choose one from the menu.", field=field)
    return kind(value) if value else None


def _brand_id(value: str) -> int | None:
    if value and not (value.isascii() and value.isdigit() and len(value) < 10):
        raise InvalidInputError("There is no such brand.", "Choose one.", field="brand")
    return int(value) if value else None


def _fields(policy: ApprovalPolicy) -> dict[str, str]:
    given = {"role": policy.role, "team": policy.team, "network": policy.network, "brand": policy.brand_id}
    return {name: str(value or "") for name, value in given.items()} | {"approver": str(policy.approver)}


def _page(error: InvalidInputError | None = None) -> str:
    with database().read() as session:
        brands = inbox.choices(session).brands
        laid_down = [(policy.id, sentence(policy, brands)) for policy in policies.all_policies(session)]
    return render_template(
        "approvals/index.html",
        laid_down=laid_down,
        everywhere=settings().approval_required,
        choices={
            "role": list(WRITERS.items()),
            "team": list(TEAMS.items()),
            "network": [("", "any network"), *NETWORK_LABELS.items()],
            "brand": [("", "any brand"), *((str(number), name) for number, name in brands.items())],
            "approver": list(APPROVERS.items()),
        },
        form=request.form if error else {"role": "agent"},
        error=error,
    )
