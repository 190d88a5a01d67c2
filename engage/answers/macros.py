"""Macros: several actions under one name, each done as by hand, all or nothing in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError, NotFoundError
from engage import conversations, replies
from engage.answers import steps, values
from engage.answers.render import render
from engage.answers.steps import ME, NOBODY, NOISE, Steps
from engage.answers.tables import Macro
from engage.permissions import Action, allowed, require
from engage.tables import Conversation, Status, Team, User

LONGEST_NAME = 120
MOST = 500


@dataclass(frozen=True, slots=True)
class Ran:
    """What a macro did."""

    name: str
    conversation: Conversation
    text: str
    """To be put into the reply box; empty where it was sent, or there is none."""
    before: Mapping[str, Any]
    """What `undo` needs to bring back."""


def visible(by: User) -> ColumnElement[bool]:
    """Everybody's, and the person's own."""
    return or_(Macro.owner_id.is_(None), Macro.owner_id == by.id)


def all_macros(session: Session, by: User, typed: str = "", limit: int = MOST) -> Sequence[Macro]:
    """Those that the person may run, by name; with `typed` those whose name has all its words."""
    name = func.lower(Macro.name)
    named = [name.contains(word, autoescape=True) for word in typed.lower().split()[:5]]
    return session.scalars(select(Macro).where(visible(by), *named).order_by(name, Macro.id).limit(limit)).all()


def get(session: Session, macro_id: int, by: User) -> Macro:
    """A macro that the person may run. Raises NotFoundError."""
    found = session.scalars(select(Macro).where(Macro.id == macro_id, visible(by))).one_or_none()
    if found is None:
        raise NotFoundError("There is no such macro.", "Somebody may have removed it.")
    return found


def may_change(macro: Macro, by: User) -> bool:
    """Their own, or a shared one where they may change those."""
    return macro.owner_id == by.id or (macro.owner_id is None and allowed(by, Action.MANAGE_ANSWERS))


def add(session: Session, form: Mapping[str, str], *, by: User, now: datetime) -> Macro:
    """Keep a new one, as a form says. Raises NotAllowedError or InvalidInputError."""
    own = form.get("own", "1") == "1"
    require(by, Action.ANSWER if own else Action.MANAGE_ANSWERS)
    if (session.scalar(select(func.count()).select_from(Macro)) or 0) >= MOST:
        raise InvalidInputError(f"There are {MOST:,} macros already.", "Remove some first.", field="name")
    macro = Macro(owner_id=by.id if own else None)
    _fill(macro, form, now)
    session.add(macro)
    session.flush()
    return macro


def change(session: Session, macro_id: int, form: Mapping[str, str], *, by: User, now: datetime) -> Macro:
    """Write it anew. Raises NotFoundError, NotAllowedError or InvalidInputError."""
    macro = get(session, macro_id, by)
    own = form.get("own", "1") == "1"
    require(by, Action.ANSWER if may_change(macro, by) else Action.MANAGE_ANSWERS)
    if own != (macro.owner_id is not None):
        require(by, Action.MANAGE_ANSWERS)
        macro.owner_id = by.id if own else None
    _fill(macro, form, now)
    session.flush()
    return macro


def remove(session: Session, macro_id: int, *, by: User) -> Macro:
    """Forget it. Raises NotFoundError or NotAllowedError."""
    macro = get(session, macro_id, by)
    require(by, Action.ANSWER if may_change(macro, by) else Action.MANAGE_ANSWERS)
    session.delete(macro)
    session.flush()
    return macro


def _fill(macro: Macro, form: Mapping[str, str], now: datetime) -> None:
    name = " ".join(form.get("name", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInputError(
            "A macro needs a name.", f"Say in at most {LONGEST_NAME} characters what it does.", field="name"
        )
    macro.name, macro.steps, macro.changed_at = name, steps.checked(form).kept(), now


# --- running -------------------------------------------------------------------------------------------------------


def run(
    session: Session,
    macro_id: int,
    conversation_id: int,
    *,
    by: User,
    now: datetime,
    version: int,
    approval_required: bool,
    undo_s: int = 0,
) -> Ran:
    """Do all its steps. Raises what any of them raises; the caller's transaction is rolled back then, none is done.

    The steps check rights and the conversation's version as they do by hand.
    """
    require(by, Action.ANSWER)
    macro = get(session, macro_id, by)
    wanted = Steps.of(macro.steps)
    conversation = conversations.get(session, conversation_id)
    before = _before(conversation)
    known = values.values_of(session, conversation_id, by)
    _place(session, conversation, wanted, by, now, version)
    if wanted.note:
        conversations.add_note(session, conversation_id, render(wanted.note, known).text, by=by, now=now)
    text = render(wanted.text, known)
    if wanted.send:
        replies.write(
            *(session, conversation_id, text.text),
            by=by,
            now=now,
            approval_required=approval_required,
            undo_s=undo_s,
        )
    if wanted.status:
        _set_status(session, conversation, wanted, by, now)
    macro.used, macro.used_at = Macro.used + 1, now
    session.flush()
    return Ran(macro.name, conversation, "" if wanted.send else text.text, before)


def _place(
    session: Session, conversation: Conversation, wanted: Steps, by: User, now: datetime, version: int
) -> None:
    """Tags, team, assignee; the first step checks the version that the person saw, the others go on from there."""
    conversations.expect(session, conversation.id, version, by)
    if wanted.tags:
        tags = [*conversation.tags, *wanted.tags]
        conversations.set_tags(session, conversation.id, tags, by=by, now=now, version=conversation.version)
    if wanted.team and wanted.team != conversation.team:
        team = Team(wanted.team)
        conversations.set_team(session, conversation.id, team, by=by, now=now, version=conversation.version)
    if wanted.assignee:
        user_id = {ME: by.id, NOBODY: None}.get(wanted.assignee, wanted.assignee)
        user_id = int(user_id) if user_id is not None else None
        if user_id != conversation.assignee_id:
            conversations.assign(session, conversation.id, user_id, by=by, now=now, version=conversation.version)


def _set_status(session: Session, conversation: Conversation, wanted: Steps, by: User, now: datetime) -> None:
    noise = wanted.status == NOISE
    conversations.set_status(
        session,
        conversation.id,
        Status.CLOSED if noise else Status(wanted.status),
        by=by,
        now=now,
        version=conversation.version,
        snoozed_until=now + timedelta(hours=wanted.snooze_h) if wanted.snooze_h else None,
        noise=noise,
    )


# --- undoing -------------------------------------------------------------------------------------------------------


def _before(conversation: Conversation) -> dict[str, Any]:
    until = conversation.snoozed_until
    return {
        "status": str(conversation.status),
        "noise": "1" if conversation.noise else "",
        "until": until.isoformat() if until else "",
        "team": str(conversation.team or ""),
        "assignee": str(conversation.assignee_id or ""),
        "tags": ",".join(conversation.tags),
    }


def undo(
    session: Session, conversation_id: int, before: Mapping[str, str], *, by: User, now: datetime, version: int
) -> Conversation:
    """Bring status, team, assignee and tags back to what they were. What was written or sent stays.

    Raises NotFoundError, NotAllowedError, ConflictError or InvalidInputError.
    """
    conversation = conversations.expect(session, conversation_id, version, by)
    tags = [tag for tag in before.get("tags", "").split(",") if tag]
    if tags != conversation.tags:
        conversations.set_tags(session, conversation_id, tags, by=by, now=now, version=conversation.version)
    team = before.get("team", "")
    if team in set(Team) and team != conversation.team:
        conversations.set_team(session, conversation_id, Team(team), by=by, now=now, version=conversation.version)
    assignee = int(before["assignee"]) if before.get("assignee", "").isdecimal() else None
    if assignee != conversation.assignee_id:
        conversations.assign(session, conversation_id, assignee, by=by, now=now, version=conversation.version)
    _undo_status(session, conversation, before, by, now)
    return conversation


def _undo_status(
    session: Session, conversation: Conversation, before: Mapping[str, str], by: User, now: datetime
) -> None:
    try:
        status = Status(before.get("status", ""))
        until = datetime.fromisoformat(before["until"]) if before.get("until") else None
    except ValueError:
        raise InvalidInputError("This cannot be undone any more.", "Set it by hand.", field="status") from None
    noise = before.get("noise") == "1"
    same = (status, noise, until) == (conversation.status, conversation.noise, conversation.snoozed_until)
    if not same and (until is None or (until.tzinfo and until > now)):
        conversations.set_status(
            session,
            conversation.id,
            status,
            by=by,
            now=now,
            version=conversation.version,
            snoozed_until=until,
            noise=noise,
        )
