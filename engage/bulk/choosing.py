"""Which conversations: a few that were ticked, or all that a list holds, as they are at this moment."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, func, insert, literal, select
from sqlalchemy.orm import Session

from config.errors import InvalidInputError
from engage.bulk.deeds import Deed
from engage.inbox.wanted import Wanted, conditions
from engage.list_tables import BulkItem, BulkJob, ItemState, JobState
from engage.tables import Conversation, User

MOST_AT_ONCE = 50
"""So many are done while the person waits; more by the listener."""
MOST = 100_000


def matching(session: Session, wanted: Wanted) -> int:
    """How many the list holds, counted to just beyond MOST."""
    wanted = replace(wanted, folded=False)
    found = select(Conversation.id).where(*conditions(session, wanted)).limit(MOST + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def chosen(versions: Mapping[int, int]) -> Select[int, int]:
    """Those that were ticked; `versions` says as which version each was seen."""
    ids = list(versions)[:MOST_AT_ONCE]
    return select(Conversation.id, Conversation.version).where(Conversation.id.in_(ids))


def start(
    session: Session, deed: Deed, by: User, now: datetime, *, wanted: Wanted | None = None,
    versions: Mapping[int, int] | None = None,
) -> BulkJob:  # fmt: skip
    """Note what is to be done to which conversations; nothing is done yet. Raises InvalidInputError."""
    job = BulkJob(
        user_id=by.id, deed=deed.as_json, state=JobState.RUNNING, total=0, done=0, refused=0, created_at=now
    )
    session.add(job)
    session.flush()
    if versions is not None:
        _check(len(versions), MOST_AT_ONCE)
        job.total = _take(session, job.id, chosen(versions), versions)
    else:
        assert wanted is not None
        wanted = replace(wanted, folded=False)  # what a folded row stands for too
        every = select(Conversation.id, Conversation.version).where(*conditions(session, wanted)).limit(MOST + 1)
        job.total = _take(session, job.id, every)
        _check(job.total, MOST)
    if not job.total:
        raise InvalidInputError("Nothing is selected.", "Select some conversations first.")
    session.flush()
    return job


def _check(count: int, most: int) -> None:
    if count > most:
        raise InvalidInputError(f"At most {most:,} can be changed at once.", "Narrow the list with filters.")


def _take(session: Session, job_id: int, found: Select[int, int], versions: Mapping[int, int] | None = None) -> int:
    """One statement, however many; a ticked one counts as the version that was seen."""
    rows = found.subquery()
    columns = [literal(job_id), rows.c.id, literal(ItemState.WAITING, BulkItem.state.type), rows.c.version]
    values = select(*columns, literal({}, BulkItem.before.type), literal(""))
    names = ["job_id", "conversation_id", "state", "version", "before", "reason"]
    session.execute(insert(BulkItem).from_select(names, values))
    for number, version in (versions or {}).items():
        item = session.get(BulkItem, (job_id, number))
        if item:
            item.version = version
    return session.scalar(select(func.count()).select_from(BulkItem).where(BulkItem.job_id == job_id)) or 0
