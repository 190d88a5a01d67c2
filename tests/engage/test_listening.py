"""The listener process: it works until it is told to stop, and what it is doing then is whole."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.clock import utc_now
from config.database import Database
from config.secrets import Vault
from config.settings import Settings
from engage import replies
from engage.listening import listen
from engage.pipeline import Pipeline
from engage.tables import Conversation, Reply, ReplyState, User
from listener.tables import Mention, Source
from tests.flow import add_brand, add_source, add_user
from tests.snac import eventually


@pytest.fixture
def pipeline(database: Database, settings: Settings, tmp_path: Path) -> Pipeline:
    posts = tmp_path / "posts.jsonl"
    moment = (utc_now() - timedelta(minutes=1)).isoformat()
    posts.write_text(
        json.dumps({"id": "1", "text": "my kestova broke", "created_at": moment, "author": "ada", "addressed": True})
        + "\n"
    )
    with database.write() as session:
        add_source(session, add_brand(session), options={"path": str(posts), "network": "x"})
        add_user(session)
    return Pipeline(database, settings, Vault.in_folder(settings.data))


@pytest.fixture
def listening(pipeline: Pipeline) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=listen, args=(pipeline, stop))
    thread.start()
    yield stop
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


def conversations(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(Conversation.team.is_not(None))) or 0


def test_it_hears_routes_and_delivers_by_itself(database: Database, listening: threading.Event) -> None:
    eventually(lambda: conversations(database), "a routed conversation")
    with database.write() as session:
        gwen = session.scalars(select(User)).one()
        reply_id = replies.write(session, 1, "We are on it.", by=gwen, now=utc_now(), approval_required=False).id

    def sent() -> bool:
        with database.read() as session:
            return session.get_one(Reply, reply_id).state is ReplyState.SENT

    eventually(sent, "the reply to be delivered")


def test_a_job_that_fails_does_not_end_the_listener(
    database: Database, pipeline: Pipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline.settings.rules_file = tmp_path / "missing.toml"  # routing cannot work
    stop = threading.Event()
    thread = threading.Thread(target=listen, args=(pipeline, stop))
    thread.start()

    def heard() -> bool:
        with database.read() as session:
            return bool(session.scalar(select(func.count()).select_from(Mention)))

    def ran_again() -> bool:
        with database.write() as session:
            source = session.scalars(select(Source)).one()
            source.next_run_at = utc_now()
            return source.last_ok_at is not None

    eventually(heard, "a mention all the same")
    eventually(ran_again, "the source to end its run")
    stop.set()
    thread.join(30)
    assert not thread.is_alive() and conversations(database) == 0
    pipeline.settings.rules_file, pipeline.stopping = None, lambda: False
    pipeline.process()
    assert conversations(database) == 1, "what was left undone is still there to do"
