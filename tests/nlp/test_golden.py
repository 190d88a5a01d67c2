"""Both engines on the golden posts. What they get wrong is listed by hand, and a list that is out of date fails."""

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import pytest

from nlp.analyser import Analyser
from nlp.load import load_engine
from nlp.reading import Reading, Text
from tests.nlp.golden import (
    CASES,
    FLIPPED_BY_THE_SMALL_MODEL,
    FLIPPED_BY_THE_WORD_LISTS,
    HIGH,
    LOW,
    NOT_BY_THE_SMALL_MODEL,
    NOT_BY_THE_WORD_LISTS,
    NOT_HIGH,
    VOCABULARY,
    Case,
    Fields,
)

BY_TEXT = {case.text: case for case in CASES}

HANDLE = re.compile(r"@\w+")
LINK = re.compile(r"https?://\S+")


def _handles(change: Callable[[str], str], text: str) -> str:
    return HANDLE.sub(lambda found: change(found[0]), text)


def _with_another_handle(text: str) -> str:
    return f"@somebody {text}" if HANDLE.search(text) else text


def _with_another_link(text: str) -> str:
    return f"{text} https://example.com/other?page=2" if LINK.search(text) else text


def _curly(text: str) -> str:
    opening = re.sub(r'"(?=\w)', "\u201c", text)
    return opening.replace('"', "\u201d").replace("'", "\u2019")


CHANGES: Mapping[str, Callable[[str], str]] = {
    "lower case": str.lower,
    "handles in lower case": partial(_handles, str.lower),
    "handles in upper case": partial(_handles, str.upper),
    "other handles": partial(_handles, lambda _: "@orrick.help"),
    "another handle": _with_another_handle,
    "other links": partial(LINK.sub, "https://example.org/a/very/long/path?buy=now"),
    "another link": _with_another_link,
    "spaces behind": "{}  ".format,
    "curly quotes": _curly,
}
"""Ways to write a post differently that change nothing of what it means."""

FIRSTS: Mapping[str, Callable[[str], str]] = {
    "a first handle": "@somebody {}".format,
    "a first link": "{} https://example.com/x".format,
}
"""Mean nothing to the word lists. The small model may learn from them: to be addressed, or shown something, tells."""


@dataclass(frozen=True, eq=False)
class Reader:
    """An engine, and what is known of it."""

    engine: str
    urgent: float
    calm: float
    answers: Fields
    """The fields of Case that the engine has an answer to."""
    changes: Mapping[str, Callable[[str], str]]
    """What must not matter to it."""
    misread: Mapping[str, Fields]
    flipped: Mapping[str, Set[str]]


WORD_LISTS = Reader(
    "lexicon",
    urgent=0.5,
    calm=0.2,
    answers=("intent", "sentiment", "urgency", "uncertain"),
    changes={**CHANGES, **FIRSTS},
    misread=NOT_BY_THE_WORD_LISTS,
    flipped=FLIPPED_BY_THE_WORD_LISTS,
)
SMALL_MODEL = Reader(
    "onnx",
    urgent=0.4,
    calm=0.25,
    answers=(*WORD_LISTS.answers, "churn", "spam", "towards"),
    changes=CHANGES,
    misread=NOT_BY_THE_SMALL_MODEL,
    flipped=FLIPPED_BY_THE_SMALL_MODEL,
)
READERS = (WORD_LISTS, SMALL_MODEL)


def _has_the_urgency(reader: Reader, case: Case, urgency: float) -> bool:
    if case.urgency == HIGH:
        return urgency > reader.urgent
    return urgency < {NOT_HIGH: reader.urgent, LOW: reader.calm}[str(case.urgency)]


def _says(expected: bool | None, chance: float | None) -> bool:
    return chance is not None and (chance > 0.5) == expected


def _feels(case: Case, reading: Reading) -> bool:
    return all(
        name in reading.towards and max(reading.towards[name], key=reading.towards[name].__getitem__) is feeling
        for name, feeling in (case.towards or {}).items()
    )


IS_RIGHT: Mapping[str, Callable[[Reader, Case, Reading], bool]] = {
    "intent": lambda _, case, reading: reading.intent in (case.intent, case.also),
    "sentiment": lambda _, case, reading: reading.sentiment is case.sentiment,
    "urgency": lambda reader, case, reading: _has_the_urgency(reader, case, reading.urgency),
    "churn": lambda _, case, reading: _says(case.churn, reading.extra.churn),
    "spam": lambda _, case, reading: _says(case.spam, reading.extra.spam),
    "towards": lambda _, case, reading: _feels(case, reading),
    "uncertain": lambda _, case, reading: reading.extra.uncertain is case.uncertain,
}


@cache
def analyser(engine: str) -> Analyser:
    return Analyser(load_engine(engine))


@cache
def readings(reader: Reader, change: Callable[[str], str] = str) -> dict[str, Reading]:
    """By golden post the reading of what a change makes of it."""
    texts = [Text(change(text), vocabulary=VOCABULARY) for text in BY_TEXT]
    return dict(zip(BY_TEXT, analyser(reader.engine).read(texts), strict=True))


def questions() -> list[Any]:
    """Whatever a case asks and a reader answers. What is known to go wrong must go wrong."""
    return [
        pytest.param(
            reader,
            case,
            field,
            id=f"{reader.engine}-{field}-{case.text[:40]}",
            marks=pytest.mark.xfail(strict=True, raises=AssertionError)
            if field in reader.misread.get(case.text, ())
            else (),
        )
        for reader in READERS
        for case in CASES
        for field in reader.answers
        if getattr(case, field) is not None
    ]


@pytest.mark.parametrize(("reader", "case", "field"), questions())
def test_a_post_is_read_as_people_mean_it(reader: Reader, case: Case, field: str) -> None:
    reading = readings(reader)[case.text]
    is_right = IS_RIGHT[field](reader, case, reading)
    assert is_right, f"{field}: wanted {getattr(case, field)}, read {reading}"


@pytest.mark.parametrize(
    ("reader", "change"),
    [pytest.param(reader, change, id=f"{reader.engine}-{change}") for reader in READERS for change in reader.changes],
)
def test_what_does_not_matter_flips_no_label(reader: Reader, change: str) -> None:
    plain, changed = readings(reader), readings(reader, reader.changes[change])
    flipped = {text for text in BY_TEXT if _labels(plain[text]) != _labels(changed[text])}
    assert flipped == reader.flipped.get(change, set())


def _labels(reading: Reading) -> tuple[str, str]:
    return reading.sentiment, reading.intent


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_touches_some_post(change: str) -> None:
    assert any(CHANGES[change](text) != text for text in BY_TEXT)


def test_every_case_stands_once() -> None:
    assert len(BY_TEXT) == len(CASES)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.engine)
def test_what_is_listed_as_misread_is_asked(reader: Reader) -> None:
    listed = {(text, field) for text, fields in reader.misread.items() for field in fields}
    asked = {(case.text, field) for case in CASES for field in reader.answers if getattr(case, field) is not None}
    assert listed <= asked
    assert set(reader.flipped) <= set(reader.changes)
