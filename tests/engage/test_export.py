import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from config.database import Database
from config.errors import InvalidInputError
from engage.export import BATCH, export, write_csv, write_jsonl
from engage.tables import Contact, ContactPoint, Conversation, Identity, Priority, Role, Status, Team, User
from listener.tables import AlsoHeard, Author, Brand, Mention, Stage
from nlp.reading import About, Intent, Question, Sentiment
from nlp.tables import Correction, ReadingRow

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def add_brand(session: Session, id_: int = 1, name: str = "Kestova") -> None:
    session.add(Brand(id=id_, name=name, query=name.lower(), products=[], competitors=[], created_at=NOON))
    session.flush()


def add_stories(session: Session, count: int, *, brand_id: int = 1, first: int = 1) -> None:
    """`count` contacts, each with author, conversation and mention; the n-th was heard n minutes after noon."""
    numbers = range(first, first + count)
    at = {number: NOON + timedelta(minutes=number) for number in numbers}
    session.execute(
        insert(Author),
        [
            {"id": n, "network": "x", "external_id": f"a{n}", "handle": f"ada{n}", "name": f"Ada {n}", "followers": n}
            | dict.fromkeys(("url", "website", "bio", "avatar_url"), "")
            | {"first_heard_at": at[n]}
            for n in numbers
        ],
    )
    session.execute(
        insert(Contact), [{"id": n, "name": f"Ada {n}", "tags": [], "created_at": at[n]} for n in numbers]
    )
    session.execute(
        insert(Identity),
        [
            {"author_id": n, "contact_id": n, "reason": "new contact", "score": 1.0, "created_at": at[n]}
            for n in numbers
        ],
    )
    session.execute(insert(Conversation), [conversation_values(n, brand_id, at[n]) for n in numbers])
    session.execute(insert(Mention), [mention_values(n, brand_id, at[n]) for n in numbers])


def conversation_values(number: int, brand_id: int, at: datetime) -> dict[str, object]:
    return {
        "id": number,
        "brand_id": brand_id,
        "network": "x",
        "thread": f"t{number}",
        "author_id": number,
        "contact_id": number,
        "status": Status.OPEN,
        "team": Team.SUPPORT,
        "priority": Priority.HIGH,
        "tags": [],
        "sentiment": Sentiment.NEGATIVE,
        "intent": Intent.COMPLAINT,
        "urgency": 0.5,
        "language": "en",
        "excerpt": "",
        "mention_count": 1,
        "why": {"rule": "Complaints", "facts": {"intent": "complaint"}, "rules": "abc"},
        "first_at": at,
        "last_at": at,
        "changed_at": at,
    }


def mention_values(number: int, brand_id: int, at: datetime) -> dict[str, object]:
    return {
        "id": number,
        "brand_id": brand_id,
        "network": "x",
        "external_id": f"m{number}",
        "author_id": number,
        "text": f"Kestova is late, {number} minutes ⏰",
        "url": f"https://x.example/{number}",
        "thread": f"t{number}",
        "in_reply_to": "",
        "lang": "en",
        "likes": 1,
        "shares": 2,
        "replies": 3,
        "addressed": False,
        "reply_ref": {},
        "created_at": at,
        "heard_at": at,
        "stage": Stage.ROUTED,
        "conversation_id": number,
    }


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """The SELECTs sent meanwhile."""
    sent: list[str] = []

    def note(*arguments: object) -> None:
        if str(arguments[2]).startswith("SELECT"):
            sent.append(str(arguments[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_conversation_has_exactly_what_is_promised(database: Database) -> None:
    with database.write() as session:
        add_brand(session)
        add_stories(session, 1)
        ada = User(
            email="ada@hearken.example",
            name="Ada",
            password_hash="",
            role=Role.AGENT,
            team=Team.SUPPORT,
            created_at=NOON,
        )
        session.add(ada)
        session.flush()
        session.get_one(Conversation, 1).assignee_id = ada.id
        session.execute(insert(Mention), [mention_values(2, 1, NOON) | {"author_id": 1, "conversation_id": 1}])
    with database.read() as session:
        rows = list(export(session, "conversations"))
    assert rows == [
        {
            "id": 1,
            "network": "x",
            "author": "ada1",
            "contact": "Ada 1",
            "team": "support",
            "assignee": "ada@hearken.example",
            "status": "open",
            "priority": "high",
            "sentiment": "negative",
            "intent": "complaint",
            "urgency": 0.5,
            "first_at": "2026-11-02T12:01:00+00:00",
            "last_at": "2026-11-02T12:01:00+00:00",
            "mention_ids": ["m2", "m1"],
            "why": {"rule": "Complaints", "facts": {"intent": "complaint"}},
        }
    ]


def test_a_conversation_that_waits_for_routing_has_no_team_and_no_reason(database: Database) -> None:
    with database.write() as session:
        add_brand(session)
        add_stories(session, 1)
        waiting = session.get_one(Conversation, 1)
        waiting.team, waiting.why = None, {}
    with database.read() as session:
        row = next(export(session, "conversations"))
    assert (row["team"], row["assignee"], row["why"]) == (None, None, {"rule": "", "facts": {}})


def test_a_mention_comes_with_its_author_and_its_reading(database: Database) -> None:
    with database.write() as session:
        add_brand(session)
        add_stories(session, 2)
        session.add(
            ReadingRow(
                mention_id=1,
                sentiment=Sentiment.NEGATIVE,
                p_negative=0.8,
                p_neutral=0.1,
                p_positive=0.1,
                intent=Intent.COMPLAINT,
                p_intent={},
                urgency=0.75,
                language="en",
                entities=[],
                about=About.BRAND,
                model="vader-rules/1",
                read_at=NOON,
            )
        )
    with database.read() as session:
        read, unread = export(session, "mentions")
    assert (read["id"], read["author"], read["author_followers"], read["brand"]) == ("m1", "ada1", 1, "Kestova")
    assert (read["sentiment"], read["intent"], read["urgency"], read["model"]) == (
        "negative",
        "complaint",
        0.75,
        "vader-rules/1",
    )
    assert (unread["sentiment"], unread["model"]) == (None, None)
    assert unread["text"] == "Kestova is late, 2 minutes ⏰"


def test_a_deleted_mention_has_no_text(database: Database) -> None:
    with database.write() as session:
        add_brand(session)
        add_stories(session, 1)
        session.get_one(Mention, 1).deleted_at = NOON
    with database.read() as session:
        row = next(export(session, "mentions"))
    assert (row["text"], row["deleted_at"]) == ("", "2026-11-02T12:00:00+00:00")


def test_a_contact_comes_with_accounts_points_and_when_it_was_last_heard(database: Database) -> None:
    with database.write() as session:
        add_brand(session)
        add_stories(session, 1)
        session.add_all(
            [
                ContactPoint(contact_id=1, kind="email", value="ada@example.com"),
                ContactPoint(contact_id=1, kind="handle", network="mastodon", value="ada@social.example"),
            ]
        )
    with database.read() as session:
        (row,) = export(session, "contacts")
    assert row["emails"] == ["ada@example.com"]
    assert row["handles"] == [{"network": "mastodon", "handle": "ada@social.example"}]
    assert (row["websites"], row["phones"]) == ([], [])
    assert [account["handle"] for account in row["accounts"]] == ["ada1"]
    assert row["accounts"][0]["reason"] == "new contact"
    assert row["last_at"] == "2026-11-02T12:01:00+00:00"


@pytest.mark.parametrize(
    ("what", "ids"), [("mentions", ["m1", "m2", "m11"]), ("conversations", [1, 2, 11]), ("contacts", [1, 2, 11])]
)
def test_one_brand_only(database: Database, what: str, ids: list[object]) -> None:
    with database.write() as session:
        add_brand(session)
        add_brand(session, 2, "Rival")
        add_stories(session, 2)
        add_stories(session, 2, brand_id=2, first=11)
        session.add(AlsoHeard(mention_id=11, brand_id=1))
    with database.read() as session:
        assert [row["id"] for row in export(session, what, brand_id=1)] == ids


@pytest.mark.parametrize(
    ("what", "ids"), [("mentions", ["m2", "m3"]), ("conversations", [2, 3]), ("contacts", [2, 3])]
)
def test_since_a_moment(database: Database, what: str, ids: list[object]) -> None:
    with database.write() as session:
        add_brand(session)
        add_stories(session, 3)
    with database.read() as session:
        assert [row["id"] for row in export(session, what, since=NOON + timedelta(minutes=2))] == ids


def add_correction(session: Session, mention_id: int, question: Question, was: str, now: str, minute: int) -> None:
    session.add(
        Correction(
            mention_id=mention_id,
            question=question,
            was=was,
            sure=0.6,
            now=now,
            user_id=1,
            at=NOON + timedelta(minutes=minute),
            model="vader-rules/1",
        )
    )


def test_corrections_are_examples_to_learn_from(database: Database) -> None:
    with database.write() as session:
        for number, name in enumerate(("Kestova", "Norvik"), 1):
            add_brand(session, number, name)
        add_stories(session, 2)
        add_stories(session, 1, brand_id=2, first=3)
        session.add(
            User(id=1, email="ada@example.com", name="Ada", password_hash="", role=Role.AGENT, team=Team.SUPPORT,
                 active=True, created_at=NOON)
        )  # fmt: skip
        session.add(AlsoHeard(mention_id=3, brand_id=1))
        session.flush()
        add_correction(session, 2, Question.INTENT, "other", "complaint", minute=5)
        add_correction(session, 1, Question.URGENCY, "low", "high", minute=7)
        add_correction(session, 3, Question.SENTIMENT, "negative", "neutral", minute=9)
        session.get_one(Mention, 1).deleted_at = NOON
    with database.read() as session:
        first, removed, third = export(session, "corrections")
        assert first == {
            "text": "Kestova is late, 2 minutes ⏰",
            "network": "x",
            "language": None,
            "question": "intent",
            "was": "other",
            "now": "complaint",
            "by": "ada@example.com",
            "at": "2026-11-02T12:05:00+00:00",
            "model": "vader-rules/1",
        }
        assert (removed["text"], removed["question"], removed["now"]) == ("", "urgency", "high")
        assert list(export(session, "corrections", since=NOON + timedelta(minutes=8))) == [third]
        assert list(export(session, "corrections", brand_id=2)) == [third]
        assert len(list(export(session, "corrections", brand_id=1))) == 3


def test_an_old_contact_that_was_heard_again_counts_as_since(database: Database) -> None:
    with database.write() as session:
        add_brand(session)
        add_stories(session, 2)
        session.get_one(Conversation, 1).last_at = NOON + timedelta(days=1)
    with database.read() as session:
        assert [row["id"] for row in export(session, "contacts", since=NOON + timedelta(hours=1))] == [1]


def test_something_else_is_refused(database: Database) -> None:
    with database.read() as session, pytest.raises(InvalidInputError, match="mentions, conversations, contacts"):
        export(session, "users")


@pytest.mark.parametrize(("what", "per_batch"), [("mentions", 0), ("conversations", 1), ("contacts", 3)])
def test_statements_grow_with_batches_and_rows_come_as_they_are_read(
    database: Database, what: str, per_batch: int
) -> None:
    with database.write() as session:
        add_brand(session)
        add_stories(session, 2 * BATCH + 1)
    with database.read() as session, counted_statements(database) as sent:
        rows = export(session, what)
        assert next(rows)
        assert len(sent) == 1 + per_batch
        assert len(list(rows)) == 2 * BATCH
    assert len(sent) == 1 + 3 * per_batch


# --- writing -----------------------------------------------------------------------------------------------------


def test_jsonl_is_one_object_a_line() -> None:
    stream = io.StringIO()
    write_jsonl([{"text": "first\nline ⏰"}, {"text": None}], stream)
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        {"text": "first\nline ⏰"},
        {"text": None},
    ]
    assert "⏰" in stream.getvalue()


def test_csv_has_a_header_and_json_for_lists_and_objects() -> None:
    stream = io.StringIO()
    write_csv(
        [
            {"id": 1, "text": 'two\nlines, "quoted"', "tags": ["a", "ä"], "why": {"rule": "r"}, "team": None},
            {"id": 2, "text": "", "tags": [], "why": {}, "team": Team.SUPPORT},
        ],
        stream,
    )
    assert list(csv.reader(io.StringIO(stream.getvalue()))) == [
        ["id", "text", "tags", "why", "team"],
        ["1", 'two\nlines, "quoted"', '["a", "ä"]', '{"rule": "r"}', ""],
        ["2", "", "[]", "{}", "support"],
    ]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@ada hello", "'@ada hello"),
        ("\t=1", "'\t=1"),
        ("＝1+1", "'＝1+1"),
        ("-5", "-5"),
        ("+49301234567", "+49301234567"),
        ("-1.5e3", "-1.5e3"),
        (-5, "-5"),
        (-0.5, "-0.5"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_no_cell_is_taken_for_a_formula(value: object, cell: str) -> None:
    stream = io.StringIO()
    write_csv([{"text": value, "other": "x"}], stream)
    assert next(iter(list(csv.reader(io.StringIO(stream.getvalue())))[1:]))[0] == cell


def test_no_rows_make_an_empty_file() -> None:
    stream = io.StringIO()
    write_csv([], stream)
    assert stream.getvalue() == ""
