"""What people decide about a conversation. Each change checks the right, refuses stale versions, leaves a trace.

Everything here runs in the caller's write transaction and raises NotFoundError, NotAllowedError, ConflictError or
InvalidInputError; nothing is half done.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.errors import ConflictError, InvalidInputError, NotFoundError
from engage.answers import examples
from engage.permissions import Action, require
from engage.tables import Activity, ActivityKind, Conversation, Status, Team, User
from engage.together import following, names, notices
from engage.together.tables import NoticeKind

LONGEST_NOTE = 10_000
LONGEST_TAG, MOST_TAGS = 40, 200
CLOSED = "Closed"
"""What the trace of a closing says, unless it was closed as noise."""
NO_CHANGES = (ActivityKind.NOTE, ActivityKind.CORRECTED)
"""What leaves a trace and the version as it is."""


def get(session: Session, conversation_id: int) -> Conversation:
    """The conversation. Raises NotFoundError."""
    found = session.get(Conversation, conversation_id, with_for_update=True)
    if found is None:
        raise NotFoundError("This conversation does not exist.", "It may have been removed; go back to the inbox.")
    return found


def assign(
    session: Session,
    conversation_id: int,
    user_id: int | None,
    *,
    by: User,
    now: datetime,
    version: int,
    handover: str = "",
) -> Conversation:
    """Give it to somebody, or to nobody (None). A handover is a note that they see first."""
    conversation = _change(session, conversation_id, Action.ASSIGN, by, now, version)
    name = "nobody"
    if user_id is not None:
        assignee = session.get(User, user_id)
        if assignee is None or not assignee.active:
            raise InvalidInputError(
                "This person cannot take conversations.", "Choose somebody else.", field="assignee"
            )
        name = assignee.name
    was = _name_of(session, conversation.assignee_id)
    conversation.assignee_id = user_id
    conversation.hand_routed = True
    trace(session, conversation, ActivityKind.ASSIGNED, f"Assigned to {name}", by, now, was=was)
    if user_id is not None and user_id != by.id:
        _hand_over(session, conversation, user_id, handover, by, now)
    return conversation


def _name_of(session: Session, user_id: int | None) -> str:
    found = session.get(User, user_id) if user_id is not None else None
    return found.name if found else "nobody"


def _hand_over(
    session: Session, conversation: Conversation, user_id: int, handover: str, by: User, now: datetime
) -> None:
    """Tell the new assignee, with the note that comes along."""
    if handover.strip():
        text = _checked_note(handover)
        trace(session, conversation, ActivityKind.NOTE, text, by, now)
        notices.tell(session, [user_id], NoticeKind.HANDOVER, conversation.id, text, by_id=by.id, now=now)
    else:
        notices.tell(
            session, [user_id], NoticeKind.ASSIGNED, conversation.id, conversation.excerpt, by_id=by.id, now=now
        )


def set_team(
    session: Session, conversation_id: int, team: Team, *, by: User, now: datetime, version: int
) -> Conversation:
    """Move it to another team."""
    conversation = _change(session, conversation_id, Action.ASSIGN, by, now, version)
    before, conversation.team = conversation.team, Team(team)
    examples.taught(session, conversation, examples.TEAM, before or "", team, by=by, at=now)
    conversation.hand_routed = True
    trace(session, conversation, ActivityKind.TEAM, f"Moved from {before or 'no team'} to {team}", by, now)
    return conversation


def set_status(
    session: Session,
    conversation_id: int,
    status: Status,
    *,
    by: User,
    now: datetime,
    version: int,
    snoozed_until: datetime | None = None,
    noise: bool = False,
) -> Conversation:
    """Open, pending, snoozed (until a moment) or closed (as noise, or done)."""
    conversation = _change(session, conversation_id, Action.ANSWER, by, now, version)
    status, was = Status(status), _status_word(conversation)
    if status is Status.SNOOZED and (snoozed_until is None or snoozed_until <= now):
        raise InvalidInputError(
            "Snoozing needs a moment in the future.", "Choose a later time.", field="snoozed_until"
        )
    noise, was_noise = noise and status is Status.CLOSED, conversation.noise
    conversation.status, conversation.noise = status, noise
    words = {True: examples.NOISE, False: examples.MENTION}
    examples.taught(session, conversation, examples.NOISE, words[was_noise], words[noise], by=by, at=now)
    conversation.snoozed_until = snoozed_until if status is Status.SNOOZED else None
    conversation.hand_routed = True
    trace(session, conversation, ActivityKind.STATUS, _status_words(conversation), by, now, was=was)
    return conversation


def _status_word(conversation: Conversation) -> str:
    return "noise" if conversation.noise else str(conversation.status)


def _status_words(conversation: Conversation) -> str:
    if conversation.noise:
        return "Closed as noise"
    if conversation.snoozed_until:
        return f"Snoozed until {conversation.snoozed_until:%Y-%m-%d %H:%M} UTC"
    return {Status.OPEN: "Opened", Status.PENDING: "Waiting for their answer"}.get(conversation.status, CLOSED)


def add_note(session: Session, conversation_id: int, text: str, *, by: User, now: datetime) -> Activity:
    """A note for colleagues; the public never sees it."""
    require(by, Action.NOTE)
    conversation = get(session, conversation_id)
    text = _checked_note(text)
    conversation.changed_at = now
    note = trace(session, conversation, ActivityKind.NOTE, text, by, now)
    _tell_of_note(session, conversation_id, text, by, now)
    return note


def _checked_note(text: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidInputError("The note is empty.", "Write something first.", field="note")
    if len(text) > LONGEST_NOTE:
        raise InvalidInputError(
            f"The note has {len(text):,} characters; {LONGEST_NOTE:,} fit.", "Shorten it.", field="note"
        )
    return text


def _tell_of_note(session: Session, conversation_id: int, text: str, by: User, now: datetime) -> None:
    """Whoever is called by @name is told and follows from now on; the other followers are told too."""
    called: set[int] = set()
    if "@" in text:
        people = session.execute(select(User.id, User.name).where(User.active))
        called = names.named(text, {row.id: row.name for row in people}) - {by.id}
    notices.tell(session, called, NoticeKind.NAMED, conversation_id, text, by_id=by.id, now=now)
    notices.tell_followers(session, NoticeKind.NOTE, conversation_id, text, by_id=by.id, now=now, but=called)
    following.follow(session, conversation_id, {*called, by.id}, now)


def set_tags(
    session: Session, conversation_id: int, tags: Sequence[str], *, by: User, now: datetime, version: int
) -> Conversation:
    """Replace its tags."""
    conversation = _change(session, conversation_id, Action.ANSWER, by, now, version)
    clean = list(dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip()))
    if len(clean) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in clean):
        raise InvalidInputError(
            f"At most {MOST_TAGS} tags of {LONGEST_TAG} characters.", "Shorten the list.", field="tags"
        )
    was, conversation.tags = conversation.tags, clean
    text, before = f"Tags: {', '.join(clean) or 'none'}", ", ".join(was) or "none"
    trace(session, conversation, ActivityKind.TAGS, text, by, now, was=before)
    return conversation


def mark_read(session: Session, conversation_id: int) -> None:
    """Somebody opened it."""
    session.execute(
        update(Conversation).where(Conversation.id == conversation_id, Conversation.unread).values(unread=False)
    )


def mark_unread(session: Session, conversation_id: int, *, by: User) -> None:
    """Somebody wants it to stand out until it is opened again."""
    require(by, Action.ANSWER)
    get(session, conversation_id).unread = True


def wake_snoozed(session: Session, now: datetime) -> int:
    """Reopen what was snoozed until now; the number woken."""
    woken = session.scalars(
        select(Conversation)
        .where(Conversation.status == Status.SNOOZED, Conversation.snoozed_until <= now)
        .limit(1000)
        .with_for_update(skip_locked=True)
    ).all()
    for conversation in woken:
        conversation.status, conversation.snoozed_until, conversation.unread = Status.OPEN, None, True
        conversation.version += 1
        conversation.changed_at = now
        trace(session, conversation, ActivityKind.REOPENED, "Woke from its snooze", None, now, was="snoozed")
    return len(woken)


def _change(
    session: Session, conversation_id: int, action: Action, by: User, now: datetime, version: int
) -> Conversation:
    """The conversation, ready to be changed by this person. Raises ConflictError that says who was faster."""
    require(by, action)
    conversation = expect(session, conversation_id, version, by)
    conversation.version += 1
    conversation.changed_at = now
    return conversation


def expect(session: Session, conversation_id: int, version: int, by: User) -> Conversation:
    """The conversation as the person saw it. Raises ConflictError that says who was faster."""
    conversation = get(session, conversation_id)
    if conversation.version != version:
        raise ConflictError(
            f"This conversation changed meanwhile: {_latest_change(session, conversation_id, by)}.",
            "Nothing was overwritten. Look at it again, then repeat your change if it still fits.",
        )
    return conversation


def _latest_change(session: Session, conversation_id: int, asker: User) -> str:
    row = session.execute(
        select(Activity.text, Activity.was, Activity.user_id, User.name)
        .outerjoin(User, User.id == Activity.user_id)
        .where(Activity.conversation_id == conversation_id, Activity.kind.not_in(NO_CHANGES))
        .order_by(Activity.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return "a new mention came in"
    was = f" (was {row.was})" if row.was else ""
    who = f" by {row.name}" if row.name else ""
    where = " (you, in another window)" if row.user_id == asker.id else ""
    return f"{row.text[0].lower()}{row.text[1:]}{was}{who}{where}"


def trace(
    session: Session,
    conversation: Conversation,
    kind: ActivityKind,
    text: str,
    by: User | None,
    now: datetime,
    *,
    was: str = "",
) -> Activity:
    """A line in its history: what happened, what it was before, by whom (None: Hearken itself)."""
    activity = Activity(
        conversation_id=conversation.id, user_id=by.id if by else None, kind=kind, text=text, was=was, at=now
    )
    session.add(activity)
    session.flush()
    return activity
