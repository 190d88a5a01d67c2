from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from config.database import Database
from engage import inbox, search
from engage.inbox import Wanted
from engage.inbox.asking import Known, parse
from engage.tables import Conversation, Status, Team
from listener.tables import Brand
from nlp.reading import Intent
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_user


def add(session: Session, handle: str, *texts: str, name: str = "", **values: object) -> Conversation:
    author = make_author(session, handle, **({"name": name} if name else {}))
    talk = make_conversation(session, session.get_one(Brand, 1), author, **values)
    for number, text in enumerate(texts or ("My parcel is late.",), 1):
        make_mention(session, talk, text, number=number)
    return talk


@pytest.fixture
def talks(database: Database) -> Database:
    with database.write() as session:
        make_brand(session)
        ada = make_user(session)
        add(session, "bea_m", "The late parcel came", "Thanks a lot", name="Beatrix Moss", assignee_id=ada.id)
        add(session, "cem", "A parcel, late again", tags=["refund", "van"], team=Team.MARKETING, unread=False)
        add(session, "dov", "Wo ist mein Paket?", language="de", intent=Intent.QUESTION, team=None)
        add(
            session, "eli", "Buy followers", status=Status.CLOSED, noise=True, tags=["van"],
            last_at=START - timedelta(days=9), answered_at=START,
        )  # fmt: skip
    return database


def found(database: Database, typed: str) -> str:
    with database.read() as session:
        choices = inbox.choices(session)
        known = Known(1, choices.people, choices.brands, tuple(choices.tags), START, ZoneInfo("UTC"))
        asking = parse(typed, known)
        assert not asking.problems, asking.problems
        lines = inbox.lines(session, Wanted(words=asking.words, asking=asking)).lines
    return " ".join(sorted(line.handle[0] for line in lines))


CASES = {
    "late parcel": "b c",
    '"late parcel"': "b",
    '"parcel late"': "",  # a comma stands between
    '"a parcel"': "c",
    "parcel -thanks": "c",
    '-"late parcel"': "c d e",
    "-parcel": "d e",
    "from:bea": "b",
    "-from:bea": "c d e",
    "from:bea,cem late": "b c",
    "from:beatrx": "b",
    'from:"beatrix mos"': "b",
    "beatrxi": "b",
    '"Beatrix Moss"': "b",
    "@ada": "b",
    "assignee:nobody": "c d e",
    "-assignee:me": "c d e",
    "tag:refund": "c",
    "tag:van": "c e",
    "-tag:van": "b d",
    "lang:de": "d",
    "team:marketing": "c",
    "-team:marketing": "b d e",
    "intent:question": "d",
    "is:unread": "b d e",
    "is:noise": "e",
    "is:answered": "e",
    "-is:answered": "b c d",
    "status:open": "b c d",
    "after:7d": "b c d",
    "before:7d": "e",
    "brand:norvik": "b c d e",
    "network:x": "",
    "from:nobodyever": "",
}


def test_what_each_search_finds(talks: Database) -> None:
    assert {typed: found(talks, typed) for typed in CASES} == CASES


def test_what_many_match_is_found_the_other_way_too(talks: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MANY", "MANY_TEXTS"):
        monkeypatch.setattr(search, name, 1)
    assert {typed: found(talks, typed) for typed in CASES} == CASES
    monkeypatch.setattr(search, "MOST", 1)
    assert {typed: found(talks, typed) for typed in CASES} == CASES


def test_tags_are_known_as_soon_as_somebody_uses_them(talks: Database) -> None:
    with talks.write() as session:
        talk = session.get_one(Conversation, 1)
        talk.tags = ["Ünlü", "van"]
    assert found(talks, "tag:van") == "b c e"
    assert found(talks, "tag:ünlü") == "b"
    with talks.write() as session:
        session.get_one(Conversation, 1).tags = []
    assert found(talks, "tag:ünlü") == ""
