"""Which mentions hold a phrase: the database finds candidates, and must lose none that engage/phrases.py finds."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from config.database import Database
from engage import inbox, said
from engage.phrases import phrases_of
from engage.said import Said
from tests.factories import START, make_author, make_brand, make_conversation, make_mention

TEXTS = (
    "My late parcel shows error 4.2 again",
    "late, parcel",
    "LATE PARCEL!",
    "a late-parcel/late parcel",
    "a parcel that is late",
    "late parcels",
    "I don’t pay for snake_case, or E-Mail",
    "i don't pay",
    "Die Straße ist zu, Ça va, Größe",
    "配送が遅い。返金して",
    "यह पार्सल देर से आया",
    "طلبت من قبل أسبوع",
    "ΣΊΣΥΦΟΣ and ΟΔΟΣ",
    "“Curly”—dash",
    "İstanbul, 5 \N{KELVIN SIGN}x",
)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as session:
        brand = make_brand(session)
        for number, text in enumerate(TEXTS):
            conversation = make_conversation(session, brand, make_author(session, f"a{number}"))
            make_mention(session, conversation, text)
        yield session


def holding(session: Session, phrase: str, **more: str) -> set[str]:
    asked = Said(1, START.date(), START.date(), phrase=phrase, **more)
    ids = [row.id for row in session.execute(said.mentions(session, asked))]
    size = inbox.size(session, inbox.Wanted(said=asked))
    assert size is not None and size.mentions == len(ids)
    return {TEXTS[id_ - 1] for id_ in ids}


def test_a_phrase_stands_together_in_one_part(session: Session) -> None:
    assert holding(session, "late parcel") == {TEXTS[0], TEXTS[2], TEXTS[3]}
    assert holding(session, "error 4.2") == {TEXTS[0]}
    assert holding(session, "don't pay") == {TEXTS[6], TEXTS[7]}
    assert holding(session, "Late Parcel", network="x") == set()
    assert holding(session, "…") == holding(session, "nowhere") == set()


def test_every_phrase_of_every_text_leads_to_it(session: Session) -> None:
    said_in = [(phrase, text) for text in TEXTS for phrase in sorted(phrases_of(text))]
    lost = [(phrase, text) for phrase, text in said_in if text not in holding(session, phrase)]
    assert said_in and not lost


def test_a_phrase_that_is_no_search_errs_nowhere(session: Session) -> None:
    for phrase in ("'", '"', "a & b | c", "x" * 500, "\0", "%", "late\0parcel", " ".join(["late"] * 40)):
        assert holding(session, phrase) <= set(TEXTS)
