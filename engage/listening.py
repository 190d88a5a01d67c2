"""The listener process: sweeps for due sources and waiting work each second, until it is told to stop."""

import threading
from collections.abc import Callable
from functools import partial

import structlog

from config.errors import HearkenError
from engage.pipeline import Pipeline
from listener.schedule import Schedule

SWEEP_S = 1.0
LEARN_S = 600.0
"""How often it is asked whether the night's learning is due."""
RATING_S = 30.0
ALERTS_S = 300.0
REPORTS_S = 60.0
log = structlog.get_logger()


def listen(pipeline: Pipeline, stop: threading.Event) -> None:
    """Run the flow until `stop` is set; the stage in hand is finished or rolled back first.

    With a broker in the settings the work is handed to Celery workers; without one it is done here.
    """
    pipeline.stopping = stop.is_set
    schedule = Schedule()
    schedule.every(10 * SWEEP_S, "wake", _guarded("wake", pipeline.wake))
    schedule.every(10 * SWEEP_S, "roll", _guarded("roll", pipeline.roll))
    schedule.every(SWEEP_S, "bulk", _guarded("bulk", pipeline.bulk))
    schedule.every(5 * SWEEP_S, "gather", _guarded("gather", pipeline.gather))
    schedule.every(ALERTS_S, "alerts", _guarded("alerts", pipeline.watch))
    schedule.every(SWEEP_S, "links", _guarded("links", pipeline.look_up_links))
    schedule.every(REPORTS_S, "judge answers", _guarded("judge answers", pipeline.judge_answers))
    schedule.every(10 * SWEEP_S, "tell", _guarded("tell", pipeline.tell))
    if pipeline.settings.broker_url:
        from engage.tasks import hand_out, hint, learn, rate_authors, report

        schedule.every(REPORTS_S, "reports", _guarded("reports", partial(hint, report)))
        schedule.every(RATING_S, "rate authors", _guarded("rate authors", partial(hint, rate_authors)))
        schedule.every(SWEEP_S, "hand out", _guarded("hand out", lambda: hand_out(pipeline.due())))
        schedule.every(LEARN_S, "learn", _guarded("learn", lambda: hint(learn)))
    else:
        _work_here(pipeline, schedule)
    schedule.start()
    try:
        stop.wait()
    finally:
        schedule.stop()


def _work_here(pipeline: Pipeline, schedule: Schedule) -> None:
    def sweep() -> None:
        for source_id in pipeline.due():
            schedule.once(f"source {source_id}", _guarded("collect", partial(pipeline.collect, source_id)))

    schedule.every(SWEEP_S, "sweep", _guarded("sweep", sweep))
    schedule.every(SWEEP_S, "process", _guarded("process", pipeline.process))
    schedule.every(SWEEP_S, "deliver", _guarded("deliver", pipeline.deliver))
    schedule.every(LEARN_S, "learn", _guarded("learn", pipeline.learner.nightly))
    schedule.every(RATING_S, "rate authors", _guarded("rate authors", pipeline.rate_authors))
    schedule.every(REPORTS_S, "reports", _guarded("reports", pipeline.report))


def _guarded(name: str, job: Callable[[], object]) -> Callable[[], None]:
    """A job whose failure is told and does not end the listener: what it left undone is found by the next sweep."""

    def run() -> None:
        try:
            job()
        except HearkenError as error:
            log.error("a job could not be done; it will be tried again", job=name, said=str(error))
        except Exception:
            log.exception("a job failed; it will be tried again", job=name)

    return run
