"""What is told of work on many conversations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.bulk.deeds import Kind, of_json
from engage.bulk.working import UNDO_FOR
from engage.list_tables import BulkItem, BulkJob, ItemState, JobState
from engage.tables import Conversation, User

SHOWN_FOR = timedelta(minutes=5)
"""Finished work stays on show so long; the page of past work keeps it."""
MOST_REFUSALS = 50


@dataclass(frozen=True, slots=True)
class Told:
    """Work on many, for people."""

    id: int
    words: str
    state: JobState
    total: int
    done: int
    refused: int
    can_undo: bool

    @property
    def is_moving(self) -> bool:
        """Whether something is still to be done."""
        return self.state in {JobState.RUNNING, JobState.UNDOING}


def told(job: BulkJob, now: datetime) -> Told:
    """This work, now."""
    deed = of_json(job.deed)
    fresh = job.state in {JobState.RUNNING, JobState.DONE} and job.created_at + UNDO_FOR >= now
    return Told(
        job.id, deed.words, job.state, job.total, job.done, job.refused, fresh and deed.kind is not Kind.RETAG
    )


def latest(session: Session, user: User, now: datetime, most: int = 3, since: timedelta = SHOWN_FOR) -> list[Told]:
    """What the person has going, and what was finished a moment ago, latest first."""
    jobs = session.scalars(
        select(BulkJob)
        .where(BulkJob.user_id == user.id, BulkJob.created_at >= now - UNDO_FOR)
        .order_by(BulkJob.created_at.desc(), BulkJob.id.desc())
        .limit(most)
    )
    return [told(job, now) for job in jobs if job.finished_at is None or job.finished_at >= now - since]


def refusals(session: Session, job_id: int) -> Sequence[tuple[int, str, str]]:
    """What was left alone, as (conversation, excerpt, reason)."""
    rows = session.execute(
        select(Conversation.id, Conversation.excerpt, BulkItem.reason)
        .join(Conversation, Conversation.id == BulkItem.conversation_id)
        .where(BulkItem.job_id == job_id, BulkItem.state.in_([ItemState.REFUSED, ItemState.KEPT]))
        .limit(MOST_REFUSALS)
    )
    return [(number, excerpt, reason) for number, excerpt, reason in rows]
