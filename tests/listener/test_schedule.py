from threading import Barrier, BrokenBarrierError, Event, Lock

import pytest

from listener.schedule import Schedule

PATIENCE_S = 10


def test_a_job_comes_again_and_again() -> None:
    seen = 0
    enough = Event()

    def job() -> None:
        nonlocal seen
        seen += 1
        if seen == 3:
            enough.set()

    schedule = Schedule()
    schedule.every(0.01, "tick", job)
    schedule.start()
    assert enough.wait(PATIENCE_S)
    schedule.stop()


def test_a_job_never_runs_beside_itself() -> None:
    busy, overlaps, runs, enough = Lock(), 0, 0, Event()

    def job() -> None:
        nonlocal overlaps, runs
        if not busy.acquire(blocking=False):
            overlaps += 1
            return
        Event().wait(0.03)  # three ticks long
        runs += 1
        busy.release()
        if runs == 3:
            enough.set()

    schedule = Schedule()
    schedule.every(0.01, "tick", job)
    schedule.start()
    assert enough.wait(PATIENCE_S)
    schedule.stop()
    assert overlaps == 0


def test_different_jobs_run_side_by_side() -> None:
    together = Barrier(2)
    met = Event()

    def job() -> None:
        try:
            together.wait(PATIENCE_S)
        except BrokenBarrierError:
            pytest.fail("the other job did not run meanwhile")
        met.set()

    schedule = Schedule()
    schedule.once("one", job)
    schedule.once("two", job)
    schedule.start()
    assert met.wait(PATIENCE_S)
    schedule.stop()


def test_stopping_waits_for_the_job_in_hand() -> None:
    begun, finished = Event(), Event()

    def job() -> None:
        begun.set()
        Event().wait(0.05)
        finished.set()

    schedule = Schedule()
    schedule.once("one", job)
    schedule.start()
    assert begun.wait(PATIENCE_S)
    schedule.stop()
    assert finished.is_set()
