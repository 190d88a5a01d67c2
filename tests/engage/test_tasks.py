"""Real workers, a real Redis: posts in a file become routed conversations, and a broker that dies loses none."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.database import Database
from config.errors import SettingsError
from config.settings import Settings
from engage import replies, tasks
from engage.tables import Reply, ReplyState
from listener.tables import Mention, Stage
from tests.conftest import skip_or_fail
from tests.flow import NOON, add_brand, add_source, add_user
from tests.servers import find_redis, free_port, run_redis, wait_until

ROOT = Path(__file__).parents[2]
LONG_AGO = "2020-01-06T09:00:00Z"
"""Workers have the real clock, and the replay connector waits for posts of the future."""
POSTS = 30


class Broker:
    """A Redis server that can die and come back at the same address, with nothing remembered."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._stack = ExitStack()

    def start(self) -> None:
        self._stack.enter_context(run_redis(self._program, self._port))

    def stop(self) -> None:
        self._stack.close()


@pytest.fixture(scope="module")
def only_broker() -> Iterator[Broker]:
    program = find_redis()
    if program is None:
        skip_or_fail("Redis is not installed")
        return
    broker = Broker(program)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEARKEN_BROKER_URL", broker.url)
        assert tasks.app.conf["broker_url"]  # read once, so that no broker is missed later
        tasks.app.conf.update(tasks.configuration(Settings()))
    broker.start()
    yield broker
    tasks.app.close()
    broker.stop()


@pytest.fixture
def broker(only_broker: Broker) -> Broker:
    tasks.app.control.purge()
    return only_broker


def write_posts(path: Path, count: int) -> None:
    rows = [
        {
            "id": f"p{number}",
            "text": f"@kestova my kestova bike number {number} is broken",
            "created_at": LONG_AGO,
            "author": f"user{number % 4}",
            "network": "x",
            "addressed": True,
        }
        for number in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def posts(database: Database, tmp_path: Path) -> Path:
    """A replay source (number 1) and its file."""
    path = tmp_path / "posts.jsonl"
    write_posts(path, POSTS)
    with database.write() as session:
        add_source(session, add_brand(session), options={"path": str(path), "batch": "10"})
    return path


@contextmanager
def worker(settings: Settings, database_url: str, broker: Broker) -> Iterator[None]:
    """A worker of two processes."""
    environment = os.environ | {
        "HEARKEN_DATA": str(settings.data),
        "HEARKEN_DATABASE_URL": database_url,
        "HEARKEN_BROKER_URL": broker.url,
    }
    command = ["-m", "celery", "-A", "engage.tasks", "worker", "--concurrency=2", "--loglevel=warning"]
    with (settings.data / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def count_routed(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count(Mention.id)).where(Mention.stage == Stage.ROUTED)) or 0


@pytest.mark.redis
def test_a_broker_that_dies_and_forgets_loses_nothing(
    database: Database, database_url: str, settings: Settings, broker: Broker, posts: Path
) -> None:
    with worker(settings, database_url, broker):
        assert tasks.hint(tasks.listen_source, 1)
        wait_until(lambda: count_routed(database) == POSTS, "the routing of all posts")
        write_posts(posts, 2 * POSTS)
        tasks.hint(tasks.listen_source, 1)
        broker.stop()
        assert not tasks.hint(tasks.listen_source, 1)
        tasks.hand_out([1])
        broker.start()  # it keeps nothing; only the worker may hint at what it had in hand
        tasks.hand_out([1])
        wait_until(lambda: count_routed(database) == 2 * POSTS, "the routing of the posts after the broker's death")


@pytest.mark.redis
def test_one_hint_leads_through_all_stages_and_the_sweep_delivers_replies(
    database: Database, database_url: str, settings: Settings, broker: Broker, posts: Path
) -> None:
    with database.write() as session:
        gwen = add_user(session)
    with worker(settings, database_url, broker):
        assert tasks.hint(tasks.listen_source, 1)
        wait_until(lambda: count_routed(database) == POSTS, "the routing of all posts")
        with database.write() as session:
            reply_id = replies.write(session, 1, "We are on it.", by=gwen, now=NOON, approval_required=False).id
        tasks.hand_out([])
        wait_until(lambda: state_of(database, reply_id) is ReplyState.SENT, "the delivery")
    assert len((posts.parent / "outbox.jsonl").read_text().splitlines()) == 1


def state_of(database: Database, reply_id: int) -> ReplyState:
    with database.read() as session:
        return session.get_one(Reply, reply_id).state


def test_without_a_broker_nothing_is_guessed(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="HEARKEN_BROKER_URL"):
        tasks.configuration(settings)


@pytest.mark.redis
def test_without_workers_hints_do_not_pile_up(broker: Broker) -> None:
    for _ in range(tasks.ENOUGH_HINTS):
        tasks.hand_out([1])
    assert tasks.ENOUGH_HINTS <= tasks.waiting_hints() < tasks.ENOUGH_HINTS + 10


@pytest.mark.redis
def test_each_hint_names_its_stage_and_does_not_live_long(broker: Broker) -> None:
    tasks.hand_out([7, 8])
    with tasks.app.connection_for_read() as connection:
        queue = connection.SimpleQueue(tasks.QUEUE)
        headers = [queue.get(block=False).headers for _ in range(tasks.waiting_hints())]
        queue.close()
    names = [header["task"].removeprefix("hearken.") for header in headers]
    assert sorted(names) == ["analyse", "deliver", "link", "listen_source", "listen_source", "route"]
    assert all(header["expires"] for header in headers)
