from threading import Barrier, BrokenBarrierError, Event, Lock, Thread

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


def test_a_job_of_a_name_that_waits_or_runs_is_not_run_again() -> None:
    begun, go_on, runs = Event(), Event(), []

    def job() -> None:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        runs.append(1)

    schedule = Schedule()
    schedule.start()
    schedule.once("one", job)
    assert begun.wait(PATIENCE_S)
    schedule.once("one", job)
    go_on.set()
    schedule.stop()
    assert runs == [1]


def test_stopping_while_a_job_asks_for_another_comes_to_an_end() -> None:
    begun, stopping, late = Event(), Event(), Event()
    schedule = Schedule()

    def job() -> None:
        begun.set()
        assert stopping.wait(PATIENCE_S)
        schedule.once("late", late.set)

    schedule.every(0.01, "tick", job)
    schedule.start()
    assert begun.wait(PATIENCE_S)
    stopper = Thread(target=schedule.stop)
    stopper.start()
    stopping.set()
    stopper.join(PATIENCE_S)
    assert not stopper.is_alive()
