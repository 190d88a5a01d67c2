"""The flow from end to end, and what is left of it when the process is killed between any two of its steps."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from config.database import Database
from config.secrets import Vault
from config.settings import Settings
from engage import replies
from engage.pipeline import Pipeline
from engage.tables import Contact, Conversation, Identity, Reply, ReplyState, Role, User
from listener.connector import Cursor, Field, Health, Page, Setup
from listener.connectors import CONNECTORS
from listener.mention import Account, Post
from listener.tables import Author, Mention, Source, SourceState, Stage
from nlp.analyser import Analyser
from nlp.onnx import FOLDER, WEIGHTS, OnnxEngine
from nlp.tables import ReadingRow
from tests.conftest import FakeClock
from tests.flow import NOON, add_brand, add_source, add_user

CRASH_POSTS = 12
CRASH_PAGE = 5
ROOT = Path(__file__).parents[1]


def row(number: int, **facts: Any) -> dict[str, Any]:
    moment = NOON + timedelta(minutes=number)
    said = f"@kestova my kestova bike number {number} is broken, please help"
    base = {"id": f"p{number}", "text": said, "created_at": moment.isoformat(), "author": f"user{number % 4}"}
    return {**base, "network": "x", "addressed": True, **facts}


def write_posts(path: Path, *rows: dict[str, Any]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    return tmp_path / "posts.jsonl"


@pytest.fixture
def clock(clock: FakeClock) -> FakeClock:
    clock.now = NOON + timedelta(days=1)
    return clock


@pytest.fixture
def gwen(database: Database, posts: Path) -> User:
    with database.write() as session:
        add_source(session, add_brand(session), options={"path": str(posts), "batch": str(CRASH_PAGE)})
        return add_user(session)


@pytest.fixture
def pipeline(database: Database, settings: Settings, clock: FakeClock, gwen: User) -> Pipeline:
    return Pipeline(database, settings, Vault.in_folder(settings.data), clock)


def count(database: Database, table: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def outbox(posts: Path) -> list[dict[str, Any]]:
    path = posts.parent / "outbox.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def answer(database: Database, by: User, conversation_id: int = 1, text: str = "We are on it.") -> int:
    with database.write() as session:
        return replies.write(session, conversation_id, text, by=by, now=NOON, approval_required=False).id


def test_a_post_becomes_a_routed_conversation_that_is_answered(
    database: Database, pipeline: Pipeline, posts: Path, gwen: User
) -> None:
    write_posts(posts, row(1))
    counts = pipeline.run_once()
    assert (counts.sources, counts.heard.added, counts.analysed, counts.linked, counts.routed) == (1, 1, 1, 1, 1)
    with database.read() as session:
        conversation = session.scalars(select(Conversation)).one()
        assert conversation.team == "support" and conversation.why["rule"]
    answer(database, gwen)
    assert pipeline.deliver() == 1
    assert [line["text"] for line in outbox(posts)] == ["We are on it."]
    with database.read() as session:
        assert session.scalars(select(Reply)).one().state is ReplyState.SENT
        assert session.scalars(select(Conversation)).one().status == "pending"


def test_ten_thousand_posts_between_two_looks_are_all_heard_once(
    database: Database, pipeline: Pipeline, posts: Path
) -> None:
    write_posts(posts, *(row(0, id=f"p{n}", author=f"u{n % 700}") for n in range(10_000)))
    with database.write() as session:
        session.get_one(Source, 1).options = {"path": str(posts)}
    heard = pipeline.collect(1)
    assert heard is not None and heard.added == 10_000
    with database.read() as session:
        assert session.scalar(select(func.count(Mention.external_id.distinct()))) == 10_000


def test_a_broken_source_stops_and_the_others_go_on(
    database: Database, pipeline: Pipeline, posts: Path, clock: FakeClock
) -> None:
    write_posts(posts, row(1))
    with database.write() as session:
        broken = add_source(session, 1, options={"path": str(posts.parent / "missing.jsonl")})
    counts = pipeline.run_once()
    assert (counts.heard.added, counts.failed_sources) == (1, 1)
    with database.read() as session:
        source = session.get_one(Source, broken)
        assert source.state is SourceState.STOPPED and source.error_text and source.running_until is None


def test_a_stop_ends_after_the_page_in_hand_and_goes_on_from_there(
    database: Database, pipeline: Pipeline, posts: Path
) -> None:
    write_posts(posts, *map(row, range(12)))
    pipeline.stopping = lambda: True
    pipeline.collect(1)
    assert count(database, Mention) == CRASH_PAGE
    pipeline.stopping = lambda: False
    pipeline.run_once()
    assert count(database, Mention) == 12


def test_an_edit_is_read_and_routed_again(database: Database, pipeline: Pipeline, posts: Path) -> None:
    write_posts(posts, row(1))
    pipeline.run_once()
    with database.write() as session:
        mention = session.scalars(select(Mention)).one()
        mention.text, mention.stage = "I love my kestova, wonderful bike, thank you so much", Stage.HEARD
    pipeline.process()
    with database.read() as session:
        assert session.scalars(select(Conversation)).one().intent == "praise"
        assert session.scalars(select(ReadingRow)).one().intent == "praise"


# --- what others send, and what is missing here ------------------------------------------------------------------


class Odd:
    """A network whose second page is not what it was; its option says how."""

    network: ClassVar[str] = "odd"
    label: ClassVar[str] = "Odd"
    options: ClassVar[tuple[Field, ...]] = (Field("second", "Second page"),)
    secrets: ClassVar[tuple[Field, ...]] = (Field("token", "Token"),)
    keyless: ClassVar[bool] = True

    def __init__(self, setup: Setup) -> None:
        self._second = setup.options["second"]

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """A page, and then a good one or nonsense."""
        if not cursor:
            yield Page((said("o1"),), {"at": 1})
        if self._second == "no JSON":
            raise KeyError("data")
        if self._second == "no moment":
            yield Page((replace(said("o2"), created_at=datetime(2026, 11, 2)),), {"at": 2})  # noqa: DTZ001
        if self._second == "no cursor":
            yield Page((said("o2"),), {"at": object()})
        yield Page((said("o2"),), {"at": 2})

    def check(self) -> Health:
        """It does not know either."""
        raise IndexError("no account")


def said(id_: str) -> Post:
    return Post(id_, Account("a1", "ada", "Ada"), "my kestova squeaks", NOON, addressed=True)


@pytest.fixture
def odd(database: Database, gwen: User, posts: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """A source of that network beside a good one."""
    write_posts(posts, row(1))
    monkeypatch.setitem(CONNECTORS, "odd", "tests.test_pipeline:Odd")
    with database.write() as session:
        return add_source(session, 1, "odd", next_run_at=NOON - timedelta(hours=1))


@pytest.mark.parametrize("nonsense", ["no JSON", "no moment", "no cursor"])
def test_nonsense_from_a_network_keeps_the_others_going_and_the_cursor(
    database: Database, pipeline: Pipeline, odd: int, clock: FakeClock, nonsense: str
) -> None:
    with database.write() as session:
        session.get_one(Source, odd).options = {"second": nonsense}
    counts = pipeline.run_once()
    assert (counts.sources, counts.failed_sources, counts.routed) == (2, 1, 2)
    with database.write() as session:
        source = session.get_one(Source, odd)
        assert (source.state, source.error_code, source.failures) == (SourceState.WAITING, "internal", 1)
        assert "could not work with" in source.error_text and source.remedy
        assert (source.cursor, source.running_until) == ({"at": 1}, None)
        source.options = {"second": "good"}
    clock.advance(hours=2)
    assert pipeline.run_once().failed_sources == 0
    with database.read() as session:
        source = session.get_one(Source, odd)
        assert (source.state, source.cursor, source.error_text) == (SourceState.OK, {"at": 2}, "")
    assert count(database, Mention) == 3


def test_nonsense_about_our_account_stops_nobody_else(database: Database, pipeline: Pipeline, odd: int) -> None:
    with database.write() as session:
        source = session.get_one(Source, odd)
        source.options, source.secrets_sealed = {"second": "good"}, pipeline.vault.seal({"token": "t"})
    assert pipeline.run_once().failed_sources == 1
    with database.read() as session:
        assert session.get_one(Source, odd).error_code == "internal"


@pytest.mark.parametrize("damage", ["missing", "truncated"])
def test_without_the_model_all_but_reading_goes_on(
    database: Database, pipeline: Pipeline, posts: Path, gwen: User, clock: FakeClock, tmp_path: Path, damage: str
) -> None:
    model = tmp_path / "model"
    shutil.copytree(FOLDER, model)
    weights = (model / WEIGHTS).read_bytes()
    pipeline.load = lambda _, __: Analyser(OnnxEngine(model))
    write_posts(posts, row(1))
    pipeline.run_once()
    answer(database, gwen)
    del pipeline.reader  # as after a restart
    if damage == "missing":
        (model / WEIGHTS).unlink()
    else:
        (model / WEIGHTS).write_bytes(weights[: len(weights) // 2])
    write_posts(posts, row(1), row(2), row(3))
    clock.advance(hours=1)
    with capture_logs() as lines:
        counts = pipeline.run_once()
        pipeline.process()
    assert (counts.heard.added, counts.delivered, counts.analysed, counts.routed) == (2, 1, 0, 0)
    [told] = [line["said"] for line in lines if line["log_level"] == "error"]
    assert str(model) in told and "wait to be read" in told and "Install Hearken anew" in told
    (model / WEIGHTS).write_bytes(weights)
    clock.advance(minutes=1)
    assert pipeline.process() == 2
    assert count(database, ReadingRow) == 3


# --- killed between any two steps --------------------------------------------------------------------------------


def crash_run(data: Path, kill_at: int) -> int:
    """Run the flow in a process of its own that dies at its `kill_at`-th step (0: never); its exit code."""
    code = "import sys; from tests.test_pipeline import run_and_die; run_and_die(sys.argv[1], int(sys.argv[2]))"
    done = subprocess.run([sys.executable, "-c", code, str(data), str(kill_at)], cwd=ROOT, timeout=120, check=False)
    return done.returncode


def run_and_die(data: str, kill_at: int) -> None:
    """The body of crash_run, in its process."""
    settings = Settings(data=Path(data))
    clock = FakeClock()
    clock.now = NOON + timedelta(days=1)
    seen = 0

    def die(_: str) -> None:
        nonlocal seen
        seen += 1
        if seen == kill_at:
            os._exit(9)

    database = Database(settings.url)
    pipeline = Pipeline(database, settings, Vault.in_folder(settings.data), clock, after_step=die)
    pipeline.run_once()
    gwen = User(id=1, name="Gwen", role=Role.AGENT, active=True)
    if not count(database, Reply):
        answer(database, gwen)
    pipeline.deliver()


def steps_of_a_whole_run() -> range:
    """claimed, three pages, finished, three stages, days and team counted, what answers achieved; a reply's three."""
    return range(1, 15)


@pytest.fixture
def crash_data(tmp_path: Path, sqlite_template: Path) -> Iterator[Path]:
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    (data / "hearken.db").write_bytes(sqlite_template.read_bytes())
    posts = tmp_path / "posts.jsonl"
    write_posts(posts, *map(row, range(CRASH_POSTS)))
    database = Database(f"sqlite:///{data / 'hearken.db'}")
    with database.write() as session:
        add_source(session, add_brand(session), options={"path": str(posts), "batch": str(CRASH_PAGE)})
        add_user(session)
    yield data
    database.engine.dispose()


@pytest.mark.parametrize("kill_at", steps_of_a_whole_run())
def test_killed_anywhere_nothing_is_lost_and_nothing_doubled(crash_data: Path, kill_at: int) -> None:
    assert crash_run(crash_data, kill_at) == 9, "the run must reach the step where it is killed"
    database = Database(f"sqlite:///{crash_data / 'hearken.db'}")
    expire_leases(database)
    assert crash_run(crash_data, 0) == 0
    with database.read() as session:
        mentions = session.scalars(select(Mention)).all()
        assert sorted(m.external_id for m in mentions) == sorted(f"p{n}" for n in range(CRASH_POSTS))
        assert {m.stage for m in mentions} == {Stage.ROUTED}
        assert session.scalar(select(func.sum(Conversation.mention_count))) == CRASH_POSTS
        by_conversation = Counter(m.conversation_id for m in mentions)
        assert {c.id: c.mention_count for c in session.scalars(select(Conversation))} == by_conversation
        assert all(c.team and c.why for c in session.scalars(select(Conversation)))
        assert session.scalar(select(Source.heard)) == CRASH_POSTS
    for table, expected in ((ReadingRow, CRASH_POSTS), (Author, 4), (Identity, 4), (Contact, 4), (Reply, 1)):
        assert count(database, table) == expected, table
    assert len(outbox(crash_data.parent / "posts.jsonl")) == 1, "the reply went out exactly once"
    with database.read() as session:
        assert session.scalars(select(Reply)).one().state is ReplyState.SENT
    database.engine.dispose()


def test_the_crash_test_covers_every_step(crash_data: Path) -> None:
    assert crash_run(crash_data, len(steps_of_a_whole_run()) + 1) == 0, "one step more than there are: add it above"


def expire_leases(database: Database) -> None:
    """As if the killed process's leases had run out."""
    with database.write() as session:
        for source in session.scalars(select(Source)):
            source.running_until = source.running_until and NOON
        for reply in session.scalars(select(Reply)):
            reply.claimed_at = reply.claimed_at and NOON
