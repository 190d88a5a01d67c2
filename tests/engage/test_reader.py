"""Reading goes on while batches are stored, and stops and starts again without losing any."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from config.claims import claims_on
from config.database import Database
from config.errors import HearkenError
from engage.reader import TRY_AGAIN, Reader, ahead
from listener.tables import Mention, Stage
from nlp.analyser import Analyser
from nlp.lexicon import LexiconEngine
from nlp.reading import Judgement
from nlp.tables import ReadingRow
from tests.conftest import FakeClock
from tests.flow import add_brand, hear, post

POSTS = 7
Before = Callable[[Sequence[str]], object]


class Watched(LexiconEngine):
    """Tells what it is about to judge."""

    def __init__(self, before: Before) -> None:
        super().__init__()
        self._before = before

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        self._before(texts)
        return super().judge(texts, languages)


@pytest.fixture
def mentions(database: Database) -> int:
    with database.write() as session:
        add_brand(session)
    hear(database, *(post(f"p{number}", f"my kestova, take {number}") for number in range(POSTS)))
    return POSTS


def reader(database: Database, clock: FakeClock, before: Before = lambda _: None) -> Reader:
    return Reader(database, lambda: Analyser(Watched(before)), clock)


def read(reader: Reader, limit: int = 3, stopping: Callable[[], bool] = lambda: False) -> list[int]:
    sizes: list[int] = []
    reader.read(limit, stopping, sizes.append)
    return sizes


def count(database: Database, stage: Stage) -> int:
    with database.read() as session:
        return session.scalar(select(func.count(Mention.id)).where(Mention.stage == stage)) or 0


def test_everything_is_read_once_batch_by_batch(database: Database, clock: FakeClock, mentions: int) -> None:
    asked: list[str] = []
    assert read(reader(database, clock, asked.extend)) == [3, 3, 1]
    assert count(database, Stage.READ) == mentions
    assert len(asked) == len(set(asked)) == mentions


def test_others_may_write_while_texts_are_judged(sqlite_database: Database, clock: FakeClock) -> None:
    with sqlite_database.write() as session:
        add_brand(session)
    hear(sqlite_database, post("p1"))

    def write(_: Sequence[str]) -> None:
        with sqlite_database.write() as session:
            session.execute(text("PRAGMA busy_timeout = 0"))
            add_brand(session, "Norvik")

    assert read(reader(sqlite_database, clock, write)) == [1]


def test_the_next_batch_is_judged_while_one_is_in_use(database: Database, clock: FakeClock, mentions: int) -> None:
    second = threading.Event()
    asked: list[Sequence[str]] = []

    def note(texts: Sequence[str]) -> None:
        asked.append(texts)
        if len(asked) == 2:
            second.set()

    sizes: list[int] = []

    def use(size: int) -> None:
        sizes.append(size)
        assert second.wait(30), "the second batch is judged while the first is in use"

    reader(database, clock, note).read(3, lambda: False, use)
    assert sizes == [3, 3, 1]


def test_what_is_edited_while_it_is_judged_is_read_again(database: Database, clock: FakeClock, mentions: int) -> None:
    edits = iter(["I changed my mind about my kestova"])

    def edit(_: Sequence[str]) -> None:
        for said in edits:
            with database.write() as session:
                session.get_one(Mention, 1).text = said

    assert read(reader(database, clock, edit)) == [2, 3, 1, 1]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ReadingRow)) == mentions


def test_a_stop_keeps_what_was_judged(database: Database, clock: FakeClock, mentions: int) -> None:
    stop = threading.Event()
    asked: list[str] = []

    def judge(texts: Sequence[str]) -> None:
        asked.extend(texts)
        stop.set()

    assert read(reader(database, clock, judge), stopping=stop.is_set) == [3]
    assert (count(database, Stage.READ), len(asked)) == (3, 3)


def test_an_error_while_judging_comes_out_and_costs_nothing_else(
    database: Database, clock: FakeClock, mentions: int
) -> None:
    def fail(texts: Sequence[str]) -> None:
        if any("take 4" in said for said in texts):
            raise RuntimeError("out of order")

    with pytest.raises(RuntimeError, match="out of order"):
        read(reader(database, clock, fail))
    assert (count(database, Stage.READ), count(database, Stage.HEARD)) == (3, 4)
    assert read(reader(database, clock)) == [3, 1]


def test_an_error_while_a_batch_is_in_use_comes_out(database: Database, clock: FakeClock, mentions: int) -> None:
    def fail(_: int) -> None:
        raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError, match="disk on fire"):
        reader(database, clock).read(3, lambda: False, fail)
    assert (count(database, Stage.READ), count(database, Stage.HEARD)) == (3, 4)


@pytest.mark.postgres
def test_what_another_worker_has_in_hand_is_left_to_it(postgres_url: str, clock: FakeClock) -> None:
    database = Database(postgres_url)
    with database.write() as session:
        add_brand(session)
    hear(database, *(post(f"p{number}") for number in range(POSTS)))
    with database.read() as session:
        ids = session.scalars(select(Mention.id).order_by(Mention.id)).all()
    with claims_on(database, "reading") as claims:
        assert claims.take(ids[3])
        assert read(reader(database, clock)) == [3, 1]
    assert read(reader(database, clock)) == [3]
    database.engine.dispose()


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_side_by_side_lose_and_double_nothing(
    database: Database, clock: FakeClock, mentions: int, workers: int
) -> None:
    sizes: list[int] = []
    together = threading.Barrier(workers)

    def work() -> None:
        own = reader(database, clock)
        together.wait(30)
        sizes.extend(read(own, limit=2))

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(sizes) == mentions == count(database, Stage.READ)


# --- an engine that cannot be loaded -----------------------------------------------------------------------------


class Loader:
    """Loads an engine, unless it is told not to."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self.asked = 0

    def __call__(self) -> Analyser:
        self.asked += 1
        if self.trouble:
            raise HearkenError(self.trouble, "Mend it.")
        return Analyser(LexiconEngine())


@pytest.fixture
def load() -> Loader:
    return Loader()


def test_without_an_engine_reading_waits_and_says_so_once(
    database: Database, clock: FakeClock, mentions: int, load: Loader
) -> None:
    load.trouble = "The model is broken."
    waiting = Reader(database, load, clock)
    with capture_logs() as lines:
        for _ in range(5):
            assert read(waiting) == []
            clock.now += TRY_AGAIN + timedelta(seconds=1)
    assert [line["said"] for line in lines] == ["The model is broken. Mend it."]
    assert waiting.trouble == "The model is broken. Mend it."
    with capture_logs() as lines:
        load.trouble = None
        assert read(waiting) == [3, 3, 1]
    assert waiting.trouble == "" and len(lines) == 1
    assert count(database, Stage.READ) == mentions


def test_a_broken_engine_is_not_loaded_again_and_again(
    database: Database, clock: FakeClock, mentions: int, load: Loader
) -> None:
    load.trouble = "The model is broken."
    waiting = Reader(database, load, clock)
    for _ in range(100):
        read(waiting)
    assert load.asked == 1


def test_an_engine_that_fails_with_its_first_text_makes_reading_wait_too(
    database: Database, clock: FakeClock, mentions: int
) -> None:
    broken = ["The German model is broken."]

    def judge(texts: Sequence[str]) -> None:
        if broken and any("take 4" in said for said in texts):
            raise HearkenError(broken[0], "Mend it.")

    waiting = reader(database, clock, judge)
    with capture_logs() as lines:
        assert read(waiting) == [3]
        assert read(waiting) == []
    assert [line["said"] for line in lines] == ["The German model is broken. Mend it."] and waiting.trouble
    broken.clear()
    clock.now += TRY_AGAIN + timedelta(seconds=1)
    assert read(waiting) == [3, 1] and not waiting.trouble


def test_another_trouble_is_told_too(database: Database, clock: FakeClock, load: Loader) -> None:
    waiting = Reader(database, load, clock)
    with capture_logs() as lines:
        for load.trouble in ("The model is missing.", "The model is broken."):
            read(waiting)
            clock.now += TRY_AGAIN + timedelta(seconds=1)
    assert [line["said"] for line in lines] == ["The model is missing. Mend it.", "The model is broken. Mend it."]


# --- one ahead ---------------------------------------------------------------------------------------------------


def test_items_come_in_order_and_one_ahead() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    items = ahead(numbers())
    assert next(items) == 0
    assert list(items) == [1, 2, 3, 4] == made[1:]


def test_errors_come_where_they_would_without() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(ValueError, match="no more"):
        next(items)
