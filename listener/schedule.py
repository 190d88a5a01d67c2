"""Runs given jobs at their time; knows nothing of the work. The only module that knows APScheduler.

A job never runs twice at once, and runs missed meanwhile are merged into one. What is due stands in the database, so
the schedule has no memory of its own.
"""

from collections.abc import Callable
from datetime import UTC

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import ConflictingIdError
from apscheduler.schedulers.background import BackgroundScheduler


class Schedule:
    """A scheduler in background threads."""

    def __init__(self, workers: int = 8) -> None:
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(workers)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    def every(self, seconds: float, name: str, job: Callable[[], object]) -> None:
        """Run `job` now and then every so many seconds; a run that takes longer delays the next."""
        self._scheduler.add_job(job, "interval", seconds=seconds, id=name)

    def once(self, name: str, job: Callable[[], object]) -> None:
        """Run `job` as soon as a worker is free, unless one of that name is waiting already."""
        try:
            self._scheduler.add_job(job, id=name)
        except ConflictingIdError:
            return

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start nothing more and wait for the jobs in hand."""
        self._scheduler.shutdown(wait=True)
