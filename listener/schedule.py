"""Runs given jobs at their time; knows nothing of the work. The only module that knows APScheduler.

A job never runs twice at once, and runs missed meanwhile are merged into one. What is due stands in the database, so
the schedule has no memory of its own.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler


class Schedule:
    """Jobs that come again and again, and jobs that are run once, in background threads."""

    def __init__(self, workers: int = 8) -> None:
        # A run that is skipped because the last one goes on is no news: what is due stands in the database.
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}, timezone=UTC
        )
        # Not APScheduler's one-off jobs: adding one while it shuts down waits for ever.
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="job")
        self._names: set[str] = set()
        self._lock = threading.Lock()
        self._stopping = False

    def every(self, seconds: float, name: str, job: Callable[[], object]) -> None:
        """Run `job` every so many seconds; a run that takes longer delays the next."""
        self._scheduler.add_job(job, "interval", seconds=seconds, id=name)

    def once(self, name: str, job: Callable[[], object]) -> None:
        """Run `job` as soon as a thread is free, unless one of that name waits or runs already."""
        with self._lock:
            if name not in self._names and not self._stopping:
                self._names.add(name)
                self._pool.submit(self._run, name, job)

    def _run(self, name: str, job: Callable[[], object]) -> None:
        try:
            job()
        finally:
            with self._lock:
                self._names.discard(name)

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """Start nothing more and wait for the jobs in hand."""
        with self._lock:
            self._stopping = True
        self._scheduler.shutdown(wait=True)
        self._pool.shutdown(wait=True, cancel_futures=True)
