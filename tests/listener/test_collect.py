from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from config.database import Database
from config.secrets import Vault
from listener import collect
from listener.collect import Run, SaveCount, save_page, save_posts, wait_s
from listener.connector import ConnectorError, Page
from listener.mention import Account, Post
from listener.tables import AlsoHeard, Author, Brand, Mention, Source, SourceState, Stage
from tests.conftest import FakeClock

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ADA = Account("a1", "ada", "Ada", followers=10)


def post(number: int, text: str = "my kestova squeaks", author: Account = ADA, **facts: object) -> Post:
    return Post(f"p{number}", author, text, NOON + timedelta(minutes=number), **facts)  # type: ignore[arg-type]


@pytest.fixture
def brand_id(database: Database) -> int:
    return add_brand(database, "Kestova")


def add_brand(database: Database, name: str) -> int:
    with database.write() as session:
        brand = Brand(name=name, query="kestova", products=[], competitors=["Pedalune"], created_at=NOON)
        session.add(brand)
        session.flush()
        return brand.id


@pytest.fixture
def source_id(database: Database, brand_id: int, clock: FakeClock) -> int:
    return add_source(database, brand_id, clock)


def add_source(database: Database, brand_id: int, clock: FakeClock, **facts: object) -> int:
    with database.write() as session:
        source = Source(
            brand_id=brand_id,
            network="x",
            options={},
            interval_s=60,
            cursor={},
            next_run_at=clock(),
            created_at=clock(),
        )
        for name, value in facts.items():
            setattr(source, name, value)
        session.add(source)
        session.flush()
        return source.id


@pytest.fixture
def vault() -> Vault:
    from cryptography.fernet import Fernet

    return Vault(Fernet.generate_key())


def save(database: Database, brand_id: int, *posts: Post) -> SaveCount:
    with database.write() as session:
        return save_posts(session, posts, brand_id=brand_id, source_id=None, network="x", now=NOON)


def only_mention(database: Database) -> Mention:
    with database.read() as session:
        return session.scalars(select(Mention)).one()


def claim(database: Database, source_id: int, vault: Vault, clock: FakeClock) -> Run | None:
    with database.write() as session:
        return collect.claim(session, source_id, vault, clock)


# --- saving ------------------------------------------------------------------------------------------------------


def test_the_same_post_heard_twice_is_one_mention(database: Database, brand_id: int) -> None:
    assert save(database, brand_id, post(1), post(2)).added == 2
    assert save(database, brand_id, post(2), post(3)) == SaveCount(added=1, known=1)
    assert save(database, brand_id, post(3), post(3)).added == 0


def test_a_second_brand_hears_the_same_post(database: Database, brand_id: int) -> None:
    other = add_brand(database, "Rival")
    save(database, brand_id, post(1))
    save(database, other, post(1))
    with database.read() as session:
        assert [row.brand_id for row in session.scalars(select(AlsoHeard))] == [other]


def test_an_edited_post_is_updated_and_read_again(database: Database, brand_id: int) -> None:
    save(database, brand_id, post(1))
    set_stage(database, Stage.ROUTED)
    edited = post(1, "my kestova is fine again", edited_at=NOON + timedelta(hours=1))
    assert save(database, brand_id, edited).updated == 1
    mention = only_mention(database)
    assert (mention.text, mention.stage) == ("my kestova is fine again", Stage.HEARD)
    assert save(database, brand_id, edited).updated == 0
    assert save(database, brand_id, post(1)).updated == 0, "an older version heard late changes nothing"


def test_a_deleted_post_loses_its_content(database: Database, brand_id: int) -> None:
    save(database, brand_id, post(1), post(2, deleted=True))
    save(database, brand_id, post(1, deleted=True))
    mention = only_mention(database)
    assert mention.text == "" and mention.deleted_at == NOON
    save(database, brand_id, post(1))
    assert only_mention(database).text == "", "what the author removed does not come back"


def test_figures_are_kept_up_to_date_without_a_new_reading(database: Database, brand_id: int) -> None:
    save(database, brand_id, post(1))
    set_stage(database, Stage.ROUTED)
    save(database, brand_id, post(1, likes=7, addressed=True))
    mention = only_mention(database)
    assert (mention.likes, mention.addressed, mention.stage) == (7, True, Stage.ROUTED)


def test_an_author_is_brought_up_to_date_and_not_emptied(database: Database, brand_id: int) -> None:
    save(database, brand_id, post(1, author=replace(ADA, bio="bikes")))
    save(database, brand_id, post(2, author=replace(ADA, followers=99, handle="ada_new")))
    with database.read() as session:
        author = session.scalars(select(Author)).one()
        assert (author.followers, author.handle, author.bio) == (99, "ada_new", "bikes")


def test_text_that_databases_refuse_is_stored_without_it(database: Database, brand_id: int) -> None:
    save(database, brand_id, post(1, "kestova\x00 \ud83d broke"))
    assert only_mention(database).text == "kestova � broke"


def set_stage(database: Database, stage: Stage) -> None:
    with database.write() as session:
        for mention in session.scalars(select(Mention)):
            mention.stage = stage


# --- runs --------------------------------------------------------------------------------------------------------


def test_one_run_at_a_time(database: Database, source_id: int, vault: Vault, clock: FakeClock) -> None:
    assert claim(database, source_id, vault, clock) is not None
    assert claim(database, source_id, vault, clock) is None
    clock.advance(minutes=6)
    assert claim(database, source_id, vault, clock) is not None, "the lease of a killed run ends"


def test_a_page_and_its_cursor_are_saved_together(
    database: Database, source_id: int, vault: Vault, clock: FakeClock
) -> None:
    run = claim(database, source_id, vault, clock)
    assert run is not None
    with database.write() as session:
        run, count = save_page(session, run, Page((post(1), post(2, "nothing of ours")), {"since": "p2"}), clock())
    assert (count.added, count.dropped) == (1, 1)
    with database.read() as session:
        source = session.get_one(Source, source_id)
        assert (source.cursor, source.heard) == ({"since": "p2"}, 1)


def test_a_run_that_lost_its_lease_saves_nothing(
    database: Database, source_id: int, vault: Vault, clock: FakeClock
) -> None:
    slow = claim(database, source_id, vault, clock)
    clock.advance(minutes=6)
    quick = claim(database, source_id, vault, clock)
    assert slow and quick
    with pytest.raises(collect.LeaseLostError), database.write() as session:
        save_page(session, slow, Page((post(1),), {"since": "old"}), clock())
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Mention)) == 0
        assert session.get_one(Source, source_id).cursor == {}


def test_a_passing_trouble_waits_and_a_permanent_one_stops(
    database: Database, source_id: int, vault: Vault, clock: FakeClock
) -> None:
    slow_down = ConnectorError("slow down", code="rate_limited", retry_after=300)
    end_with(database, source_id, vault, clock, slow_down)
    with database.read() as session:
        source = session.get_one(Source, source_id)
        assert (source.state, source.error_code, source.failures) == (SourceState.WAITING, "rate_limited", 1)
        assert source.next_run_at >= clock() + timedelta(seconds=300)
        assert collect.due_sources(session, clock()) == []
    clock.advance(minutes=10)
    end_with(
        database, source_id, vault, clock, ConnectorError("no", code="http_401", permanent=True, remedy="new token")
    )
    with database.read() as session:
        source = session.get_one(Source, source_id)
        assert (source.state, source.remedy) == (SourceState.STOPPED, "new token")
        assert collect.due_sources(session, clock() + timedelta(days=9)) == []


def end_with(database: Database, source_id: int, vault: Vault, clock: FakeClock, error: ConnectorError) -> None:
    run = claim(database, source_id, vault, clock)
    assert run is not None
    with database.write() as session:
        collect.fail(session, run, error, clock(), 0.5)


def test_missed_runs_are_merged_into_one(database: Database, source_id: int, vault: Vault, clock: FakeClock) -> None:
    clock.advance(days=3)
    run = claim(database, source_id, vault, clock)
    assert run is not None
    with database.write() as session:
        collect.finish(session, run, clock())
        assert collect.due_sources(session, clock() + timedelta(seconds=59)) == []
        assert collect.due_sources(session, clock() + timedelta(seconds=60)) == [source_id]


@given(st.integers(0, 1000), st.floats(0, 1))
def test_back_off_grows_and_stays_within_an_hour(failures: int, jitter: float) -> None:
    assert 7.5 <= wait_s(failures, None, jitter) <= 3600
    assert wait_s(failures + 1, None, jitter) >= wait_s(failures, None, jitter)
    assert wait_s(failures, 120.0, jitter) >= 120


# --- choosing ----------------------------------------------------------------------------------------------------


@pytest.fixture
def run(database: Database, brand_id: int, vault: Vault, clock: FakeClock) -> Run:
    source_id = add_source(database, brand_id, clock, account_id="us", account_handle="Kestova")
    found = claim(database, source_id, vault, clock)
    assert found is not None
    return found


def chosen(run: Run, *posts: Post, parents: set[tuple[str, str]] | None = None) -> list[str]:
    return [post.external_id for post in collect.choose(posts, run, parents or set())]


def test_our_own_posts_are_never_mentions(run: Run) -> None:
    by_id = post(1, author=Account("us", "renamed"))
    by_handle = post(2, author=Account("?", "kestova"))
    assert chosen(run, by_id, by_handle, post(3)) == ["p3"]


def test_competitors_are_heard_too(run: Run) -> None:
    assert chosen(run, post(1, "pedalune is great"), post(2, "something else")) == ["p1"]


def test_what_is_addressed_to_us_is_heard_whatever_it_says(run: Run) -> None:
    assert chosen(run, post(1, "hello?", addressed=True)) == ["p1"]


def test_an_answer_to_a_known_mention_is_heard_and_so_is_its_answer(run: Run) -> None:
    first = post(1, "same here", in_reply_to="known")
    second = post(2, "me too", in_reply_to="p1")
    stray = post(3, "me too", in_reply_to="unknown")
    assert chosen(run, stray, second, first, parents={("x", "known")}) == ["p1", "p2"]
