"""The flow for the grown size: Celery workers run the stages of engage/pipeline.py. Only this module knows Celery.

Start workers with `celery -A engage.tasks worker`, as many as wanted, with the settings that the listener has.
Messages are hints that there may be work; the work itself is rows in the database. So a message that is lost, late or
doubled does no harm: the listener's sweep hands out again what still waits.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import structlog
from celery import Celery
from kombu.entity import Queue
from kombu.exceptions import OperationalError

from config.database import Database
from config.errors import SettingsError
from config.logs import set_up_logs
from config.process import set_up_process
from config.secrets import Vault
from config.settings import Settings, load_settings
from engage.pipeline import Pipeline

QUEUE = "hearken"
HINT_LIFE_S = 60
"""A hint older than this is dropped unread: by then the sweep has given newer ones."""
ENOUGH_HINTS = 200
"""With so many hints waiting, the workers are behind, and more would only fill the broker."""

ONE_TRY = {"max_retries": 1, "interval_start": 0.1}
"""Who gives hints does not wait for the broker; the next sweep tries again."""

log = structlog.get_logger()
app = Celery("hearken")


def configuration(settings: Settings) -> dict[str, Any]:
    """How Celery is set up. Raises SettingsError where no broker is named."""
    if not settings.broker_url:
        raise SettingsError("Workers need a broker.", "Set HEARKEN_BROKER_URL to the address of Redis.")
    return {
        "broker_url": settings.broker_url,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": ONE_TRY,
        # Nothing is acknowledged: a hint that dies with its worker is given again by the next sweep, but a worker
        # that has to acknowledge over a connection that broke meanwhile dies of it (celery 5.7).
        "task_queues": [Queue(QUEUE, routing_key=QUEUE, no_ack=True)],  # type: ignore[no-untyped-call]
        "task_default_queue": QUEUE,
        "task_ignore_result": True,
        "task_publish_retry_policy": ONE_TRY,
        "worker_disable_prefetch": True,
        "worker_hijack_root_logger": False,
    }


app.add_defaults(lambda: configuration(load_settings()))


@cache
def pipeline() -> Pipeline:
    """The flow of this worker process, made with its first task."""
    set_up_process()
    settings = load_settings()
    set_up_logs(settings.log_level)
    database = Database(settings.url)
    database.check_version()
    return Pipeline(database, settings, Vault.in_folder(settings.data))


def _task(work: Callable[..., None]) -> Any:
    return app.task(work, name=f"{QUEUE}.{work.__name__}", expires=HINT_LIFE_S)


@_task
def listen_source(source_id: int) -> None:
    """Hear one source."""
    if pipeline().collect(source_id):
        hint(analyse)


@_task
def analyse() -> None:
    """Read what was heard."""
    if pipeline().analyse():
        hint(link)


@_task
def link() -> None:
    """Give what was read a contact and a conversation."""
    if pipeline().link():
        hint(route)


@_task
def route() -> None:
    """Give what was linked a team, and what waits there somebody."""
    pipeline().route()
    pipeline().assign()


@_task
def deliver() -> None:
    """Send the replies that wait."""
    pipeline().deliver()


@_task
def learn() -> None:
    """Learn from corrections, if the night's try is due."""
    pipeline().learner.nightly()


@_task
def rate_authors() -> None:
    """Say who matters."""
    pipeline().rate_authors()


@_task
def report() -> None:
    """Make the reports that are due."""
    pipeline().report()


def hint(task: Any, *arguments: Any) -> bool:
    """Tell the workers that there may be work; False where the broker is out of reach, which loses nothing."""
    try:
        task.delay(*arguments)
    except OperationalError as error:
        log.warning("the broker cannot be reached; the work stays in the database", said=str(error))
        return False
    return True


def hand_out(source_ids: Iterable[int]) -> None:
    """The sweep: hints for these sources and for every stage, unless the workers have enough already."""
    if waiting_hints() >= ENOUGH_HINTS:
        return
    for source_id in source_ids:
        if not hint(listen_source, source_id):
            return
    for task in (analyse, link, route, deliver):
        hint(task)


def waiting_hints() -> int:
    """How many hints wait at the broker; 0 where it is out of reach."""
    try:
        with app.connection_for_read() as connection:
            return int(connection.default_channel.client.llen(QUEUE))
    except OperationalError:
        return 0
