"""The work itself, batch by batch, each one transaction of the caller: killed anywhere, it goes on where it was."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.errors import ConflictError, HearkenError, NotAllowedError, NotFoundError
from engage.bulk import deeds
from engage.bulk.deeds import Deed, Kind
from engage.list_tables import BulkItem, BulkJob, ItemState, JobState
from engage.permissions import Action, allowed
from engage.tables import Activity, ActivityKind, Conversation, User

BATCH = 500
UNDO_FOR = timedelta(days=1)
CHANGED = "It changed after it was selected."


def work_waiting(session: Session, now: datetime, batch: int = BATCH) -> int:
    """Do a batch of the oldest work that nobody else has in hand; how many conversations were looked at."""
    job = session.scalar(
        select(BulkJob)
        .where(BulkJob.state.in_([JobState.RUNNING, JobState.UNDOING]))
        .order_by(BulkJob.state, BulkJob.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return work_on(session, job, now, batch) if job else 0


def work_on(session: Session, job: BulkJob, now: datetime, batch: int = BATCH) -> int:
    """Do a batch of this work; how many conversations were looked at, 0 once it is finished."""
    if job.state not in {JobState.RUNNING, JobState.UNDOING}:
        return 0
    is_undo = job.state is JobState.UNDOING
    items = _next(session, job, ItemState.DONE if is_undo else ItemState.WAITING, batch)
    by = session.get_one(User, job.user_id)
    deed = deeds.of_json(job.deed)
    for item, talk in items:
        if is_undo:
            _undo_one(session, deed, item, talk, by, now)
        else:
            _do_one(session, deed, item, talk, by, now)
        job.done += item.state in {ItemState.DONE, ItemState.UNDONE}
        job.refused += item.state in {ItemState.REFUSED, ItemState.KEPT}
    if len(items) < batch:
        job.state = JobState.UNDONE if is_undo else JobState.DONE
        job.finished_at = now
    session.flush()
    return len(items)


def undo(session: Session, job_id: int, *, by: User, now: datetime) -> BulkJob:
    """Let the whole work be taken back, batch by batch; what somebody changed since is left alone."""
    job = session.get(BulkJob, job_id, with_for_update=True)
    if job is None:
        raise NotFoundError("This work does not exist.", "Look at the list again.")
    if job.user_id != by.id and not allowed(by, Action.MANAGE_LISTS):
        raise NotAllowedError("Somebody else did this.", "Ask them or a manager to undo it.")
    if job.created_at + UNDO_FOR < now:
        raise ConflictError("This was done more than a day ago.", "Select what is wrong and change it back.")
    if deeds.of_json(job.deed).kind is Kind.RETAG:
        raise ConflictError("Renaming a tag cannot be undone here.", "Rename it again on the page of tags.")
    if job.state in {JobState.UNDOING, JobState.UNDONE}:
        raise ConflictError("This is undone already.", "Look at the list again.")
    waiting = (BulkItem.job_id == job.id, BulkItem.state == ItemState.WAITING)
    session.execute(update(BulkItem).where(*waiting).values(state=ItemState.UNDONE))
    job.state, job.done, job.refused, job.finished_at = JobState.UNDOING, 0, 0, None
    session.flush()
    return job


def _next(session: Session, job: BulkJob, state: ItemState, batch: int) -> Sequence[tuple[BulkItem, Conversation]]:
    rows = session.execute(
        select(BulkItem, Conversation)
        .join(Conversation, Conversation.id == BulkItem.conversation_id)
        .where(BulkItem.job_id == job.id, BulkItem.state == state)
        .order_by(BulkItem.conversation_id)
        .limit(batch)
        .with_for_update()
    ).all()
    return [(item, talk) for item, talk in rows]


def _do_one(session: Session, deed: Deed, item: BulkItem, talk: Conversation, by: User, now: datetime) -> None:
    if talk.version != item.version and deed.kind is not Kind.RETAG:
        item.state, item.reason = ItemState.REFUSED, CHANGED
        return
    before = deeds.state_of(talk)
    try:
        if not deeds.is_done_already(deed, talk):
            deeds.do(session, deed, talk, by, now)
    except HearkenError as error:
        item.state, item.reason = ItemState.REFUSED, error.message[:300]
        return
    item.state, item.before = ItemState.DONE, deeds.difference(before, deeds.state_of(talk))


def _undo_one(session: Session, deed: Deed, item: BulkItem, talk: Conversation, by: User, now: datetime) -> None:
    if not deeds.stands(talk, item.before):
        item.state, item.reason = ItemState.KEPT, CHANGED
        return
    item.state = ItemState.UNDONE
    if not item.before.get("was"):
        return
    deeds.bring_back(talk, item.before["was"], now)
    words = f"Undone: {deed.words[0].lower()}{deed.words[1:]}"
    session.add(Activity(conversation_id=talk.id, user_id=by.id, kind=ActivityKind.STATUS, text=words, at=now))
    session.flush()
