"""What counts as the same: whom a text names, and how it feels towards them."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from config.database import Database
from engage import said
from engage.said import Said
from nlp.naming import MARKS, NONE, places_text, voices_text
from nlp.reading import Sentiment
from nlp.tables import ReadingRow
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, name_in

WARM = {"negative": 0.1, "neutral": 0.2, "positive": 0.7}
COLD = {"negative": 0.8, "neutral": 0.2, "positive": 0.0}
US = ["brand", "Norvik", 0, 6]
OURS = ["product", "Nor One", 8, 15]
OST = ["competitor", "Ost", 20, 23]
QUOTED = ["competitor", 'The "Ost"', 30, 39]
THERE = ["place", "Čačak", 40, 45]


@pytest.mark.parametrize(
    ("entities", "towards", "voices"),
    [
        ([], {}, []),
        ([THERE], {}, []),
        ([US], {}, ["-0+"]),
        ([US, OURS], {"Norvik": WARM, "Nor One": WARM}, ["+++"]),
        ([OST, US], {"Ost": COLD}, ["---Ost", "-0+"]),
        ([US, OURS], {"Norvik": COLD}, ["-0+"]),
        ([US, US, OURS], {"Norvik": COLD, "Nor One": WARM}, ["---"]),
        ([QUOTED], {'The "Ost"': WARM}, ['+++The "Ost"']),
        ([OST], {"Ost": {"negative": 0.5, "neutral": 0.5, "positive": 0.0}}, ["---Ost"]),
    ],
)
def test_voices(entities: Sequence[Sequence[Any]], towards: dict[str, Any], voices: list[str]) -> None:
    assert json.loads(voices_text(entities, towards)) == voices


def test_places() -> None:
    assert places_text([THERE, US, ["place", "Bonn", 1, 5], THERE]) == '["Bonn","Čačak"]'
    assert places_text([US]) == NONE == voices_text([THERE], {})


CHANCES = st.tuples(*[st.integers(0, 10_000)] * 3).map(
    lambda parts: dict(zip(map(str, Sentiment), (part / 10_000 for part in parts), strict=True))
)
NAMED = st.lists(st.sampled_from([US, OURS, OST, QUOTED, THERE]), max_size=6)
TOWARDS = st.dictionaries(st.sampled_from(["Norvik", "Nor One", "Ost", 'The "Ost"']), CHANCES)


@given(entities=NAMED, towards=TOWARDS, own=st.sampled_from(Sentiment))
def test_marks_tell_the_strongest_mean_for_each_sentiment_of_the_text(
    entities: list[list[Any]], towards: dict[str, dict[str, float]], own: Sentiment
) -> None:
    found = {text[3:]: text[list(Sentiment).index(own)] for text in json.loads(voices_text(entities, towards))}
    assert set(found) == {name if kind == "competitor" else "" for kind, name, *_ in entities if kind != "place"}
    for voice, mark in found.items():
        of = [towards.get(name, {own: 1.0}) for kind, name, *_ in entities if _voice(kind, name) == voice]
        means = {feeling: sum(chances.get(feeling, 0.0) for chances in of) / len(of) for feeling in Sentiment}
        told = next(feeling for feeling in Sentiment if MARKS[feeling] == mark)
        assert means[told] >= max(means.values()) - 1e-9


def _voice(kind: str, name: str) -> str | None:
    return None if kind == "place" else name if kind == "competitor" else ""


@given(entities=NAMED, towards=TOWARDS, dice=st.randoms())
def test_the_order_of_names_does_not_matter(
    entities: list[list[Any]], towards: dict[str, dict[str, float]], dice: Any
) -> None:
    whole = {name: {feeling: round(4 * chance) / 4 for feeling, chance in of.items()} for name, of in towards.items()}
    shuffled = dice.sample(entities, len(entities))
    assert voices_text(shuffled, whole) == voices_text(entities, whole)
    assert places_text(shuffled) == places_text(entities)


def naming(session: Session, voice: str, stance: Sentiment | None = None) -> int:
    asked = Said(1, START.date(), START.date(), voice=voice, stance=stance)
    return len(session.execute(said.mentions(session, asked)).all())


def test_a_correction_of_the_sentiment_is_what_is_felt_where_the_engine_told_nothing(database: Database) -> None:
    with database.write() as session:
        brand = make_brand(session)
        mention = make_mention(session, make_conversation(session, brand, make_author(session)))
        reading = session.get_one(ReadingRow, mention.id)
        name_in(reading, [US, QUOTED], {'The "Ost"': WARM})
        session.flush()
        assert naming(session, "", Sentiment.NEGATIVE) == 1
        reading.sentiment = Sentiment.NEUTRAL
        session.flush()
        assert (naming(session, "", Sentiment.NEGATIVE), naming(session, "", Sentiment.NEUTRAL)) == (0, 1)
        assert naming(session, 'The "Ost"', Sentiment.POSITIVE) == naming(session, "") == 1
        assert naming(session, "Ost") == 0
