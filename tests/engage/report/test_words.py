"""The same sentences with the same places in every language, and how dates and numbers are written."""

import json
from datetime import date, datetime
from string import Formatter

import pytest

from engage.causes import Cause
from engage.report import words


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    ours, english = words.TEXTS[language], words.TEXTS["en"]
    assert ours.keys() == english.keys()
    assert {key: places(text) for key, text in ours.items()} == {key: places(text) for key, text in english.items()}
    assert all("!" not in text for text in ours.values())


@pytest.mark.parametrize(
    ("language", "first", "last", "wanted"),
    [
        ("en", date(2026, 11, 16), date(2026, 11, 22), "16–22 November 2026"),
        ("de", date(2026, 11, 16), date(2026, 11, 22), "16.–22. November 2026"),
        ("en", date(2026, 11, 30), date(2026, 12, 6), "30 November – 6 December 2026"),
        ("de", date(2026, 11, 30), date(2026, 12, 6), "30. November – 6. Dezember 2026"),
        ("en", date(2026, 12, 28), date(2027, 1, 3), "28 December 2026 – 3 January 2027"),
        ("de", date(2026, 3, 1), date(2026, 3, 1), "1. März 2026"),
    ],
)
def test_days_are_written_as_people_write_them(language: str, first: date, last: date, wanted: str) -> None:
    assert words.days(language, first, last) == wanted


def test_numbers_are_written_as_in_the_language() -> None:
    assert (words.number("en", 12345.6, 1), words.number("de", 12345.6, 1)) == ("12,345.6", "12.345,6")
    assert (words.percent("en", 0.004), words.percent("de", 0.004)) == ("0.4 %", "0,4 %")
    assert words.percent("en", 0.314) == "31 %" and words.percent("en", 0.0) == "0 %"
    assert (words.count("en", "mentions", 1), words.count("de", "mentions", 1204)) == (
        "1 mention",
        "1.204 Erwähnungen",
    )


def test_spans_have_two_units_at_most() -> None:
    assert [words.span("en", minutes) for minutes in (0, 45, 60, 130, 3000, 2880)] == [
        "0 min", "45 min", "1 h", "2 h 10 min", "2 d 2 h", "2 d",
    ]  # fmt: skip


def test_parts_are_named_down_to_what_matters() -> None:
    named = [words.part("en", share) for share in (1.0, 0.5, 0.33, 0.25, 0.17, 0.1)]
    assert named == ["all", "half", "a third", "a quarter", "a sixth", ""]


CAUSES = (
    (Cause("phrases", {"phrases": ["error 4207", "locked"]}), "Gesagt wird: „error 4207“, „locked“."),
    (
        Cause("viral_post", {"part": 1200, "whole": 2000, "handle": "bea"}),
        "Ein Beitrag verbreitete sich: 1.200 von 2.000 wiederholen, was @bea sagte.",
    ),
    (Cause("negative", {"share": 0.7, "usual": 0.125}), "70 % sind negativ, üblich sind 12 %."),
)


@pytest.mark.parametrize(("cause", "german"), CAUSES)
def test_a_cause_is_told_in_the_language(cause: Cause, german: str) -> None:
    stored = json.loads(json.dumps(cause.as_json()))
    assert words.cause("en", *stored) == cause.sentence
    assert words.cause("de", *stored) == german


def test_what_an_older_or_later_version_stored_is_told_as_it_is() -> None:
    assert words.cause("de", "viral", "One viral post.") == "One viral post."
    assert words.cause("de", "new", "As it is.", "of a later version", {"x": 1}) == "As it is."


def test_lists_and_moments() -> None:
    assert words.listed("en", ["a", "b", "c"]) == "a, b and c"
    assert words.listed("de", ["a", "b"]) == "a und b" and words.listed("en", ["a"]) == "a"
    assert words.moment("de", datetime(2026, 11, 16, 9, 0)) == "16. November 2026, 09:00"  # noqa: DTZ001
