import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from config.database import Database
from engage import search
from engage.tables import Conversation
from listener.tables import Author, Brand, Mention
from tests.factories import make_author, make_brand, make_conversation, make_mention


def say(session: Session, handle: str, text: str, name: str = "") -> int:
    brand = session.scalar(select(Brand)) or make_brand(session)
    author = make_author(session, handle, **({"name": name} if name else {}))
    conversation = make_conversation(session, brand, author)
    make_mention(session, conversation, text)
    return conversation.id


def found(database: Database, typed: str) -> set[int]:
    with database.read() as session:
        condition = search.matching(session, search.words_of(typed))
        return set(session.scalars(select(Conversation.id).where(condition)))


def test_all_words_must_stand_in_one_mention(database: Database) -> None:
    with database.write() as session:
        both = say(session, "bea", "My parcel is late again")
        say(session, "cem", "My parcel is here")
    assert found(database, "late parcel") == {both}
    assert found(database, "LATE, parcel!") == {both}
    assert found(database, "late kettle") == set()


def test_the_last_word_counts_from_its_beginning(database: Database) -> None:
    with database.write() as session:
        refund = say(session, "bea", "I want a refund now")
    assert found(database, "refun") == {refund}
    assert found(database, "refun now") == set()
    assert found(database, "efund") == set()


def test_authors_are_found_by_the_beginning_of_handle_and_name(database: Database) -> None:
    with database.write() as session:
        bea = say(session, "bea_m@social.example", "Hello", name="Beatrix Moss")
        say(session, "cem", "Hello")
    for typed in ("bea", "bea_m", "Beat Mo", "@bea_m@social.example"):
        assert found(database, typed) == {bea}, typed


def test_other_scripts_and_accents(database: Database) -> None:
    with database.write() as session:
        arabic = say(session, "bea", "طلبت من قبل أسبوع")
        cafe = say(session, "cem", "Das Café war zu")
    assert found(database, "أسبوع") == {arabic}
    assert found(database, "café") == {cafe}


@pytest.mark.parametrize("typed", ["", "   ", '"', "*", "!!! ???", "\x00", "' OR 1=1 --"])
def test_signs_alone_find_nothing_and_never_err(database: Database, typed: str) -> None:
    with database.write() as session:
        say(session, "bea", "My parcel is late")
    assert found(database, typed) == set()


def test_sqlite_sees_one_token_in_each_word(sqlite_template: Path) -> None:
    raw = sqlite3.connect(sqlite_template)
    for number in range(0x80, 0x3000):
        for word in search.words_of(f"a{chr(number)}b"):
            raw.execute("SELECT rowid FROM mention_fts WHERE mention_fts MATCH ?", (f'"{word}"',)).fetchall()
    raw.close()


def test_no_input_errs(database: Database) -> None:
    with database.write() as session:
        say(session, "bea", "My parcel is late")

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.text(max_size=30) | st.sampled_from(["NEAR(a b)", "a AND", "NOT", "col:x", "^a", "a & b:*", "<->", "\\'"])
    )
    def any_text(typed: str) -> None:
        found(database, typed)

    any_text()


def test_the_index_follows_what_happens_to_mentions_and_authors(database: Database) -> None:
    with database.write() as session:
        conversation = say(session, "bea", "My parcel is late")
    with database.write() as session:
        session.execute(update(Mention).values(text="All is well"))
        session.execute(update(Author).values(handle="zoe", name="Zoe"))
    assert found(database, "parcel") == found(database, "bea") == set()
    assert found(database, "well") == found(database, "zoe") == {conversation}
    with database.write() as session:
        session.execute(text("DELETE FROM reading"))
        session.execute(text("DELETE FROM mention"))
    assert found(database, "well") == set()


def test_what_was_there_before_is_found_too(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    database.migrate()
    with database.write() as session:
        conversation = say(session, "bea", "My parcel is late")
        for table in ("mention", "author"):
            session.execute(text(f"DROP TABLE {table}_fts"))
            for when in ("insert", "delete", "update"):
                session.execute(text(f"DROP TRIGGER {table}_fts_{when}"))
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    database.migrate("0002")
    assert found(database, "parcel") == {conversation}
    database.engine.dispose()


def test_common_words_find_the_same_by_the_other_way(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.write() as session:
        first = say(session, "bea", "Kettle one")
        second = say(session, "cem", "Kettle two")
        third = say(session, "kettle_fan", "Nothing else")
        say(session, "dov", "Something else")
    few_way = found(database, "kettle")
    monkeypatch.setattr(search, "MANY", 1)
    assert found(database, "kettle") == few_way == {first, second, third}


@pytest.mark.postgres
def test_postgres_uses_its_indexes(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.write() as session:
        say(session, "bea", "My parcel is late")
        session.execute(text("SET enable_seqscan = off"))
        condition = search.matching(session, ["parcel"])
        query = (
            select(Conversation.id).where(condition).compile(database.engine, compile_kwargs={"literal_binds": True})
        )
        plan = "\n".join(row[0] for row in session.connection().exec_driver_sql(f"EXPLAIN {query}"))
    database.engine.dispose()
    assert "ix_mention_words" in plan
    assert "ix_author_words" in plan
