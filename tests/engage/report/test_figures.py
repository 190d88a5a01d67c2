from dataclasses import asdict
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.report.content import Measure, Unit
from engage.report.figures import (
    REORDERING,
    day,
    figure,
    isolated,
    minutes,
    moment,
    number,
    one_line,
    share,
    tidied,
)
from engage.report.labels import DE, EN, labels
from tests.engage.report.samples import HEBREW, HOSTILE, SAMPLES

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("measure", "value", "change", "tone"),
    [
        (Measure("mentions", "M", Unit.COUNT, 1284, 1096), "1,284", "▲ 17 % · before: 1,096", ""),
        (Measure("mentions", "M", Unit.COUNT, 144, 176), "144", "about as before: 176", ""),
        (Measure("mentions", "M", Unit.COUNT, 9, 1), "9", "▲ 8 · before: 1", ""),
        (Measure("mentions", "M", Unit.COUNT, 5, 0), "5", "▲ 5 · before: 0", ""),
        (Measure("mentions", "M", Unit.COUNT, 452, 126), "452", "▲ 3.6× · before: 126", ""),
        (Measure("answers", "A", Unit.COUNT, 7, 4), "7", "▲ 3 · before: 4", ""),
        (Measure("mentions", "M", Unit.COUNT, 0, 0), "0", "about as before: 0", ""),
        (Measure("mentions", "M", Unit.COUNT, 5, None), "5", "nothing to compare with", ""),
        (Measure("reach", "R", Unit.COUNT, 12_345_678, 12_345_678), "12.3M", "about as before: 12.3M", ""),
        (Measure("negative", "N", Unit.SHARE, 0.24, 0.31, 0.03), "24 % ±3", "▼ 7 points · before: 31 %", "better"),
        (Measure("negative", "N", Unit.SHARE, 0.32, 0.31, 0.005), "32 % ±0", "▲ 1 point · before: 31 %", "worse"),
        (Measure("voice", "V", Unit.SHARE, 0.38, 0.36, 0.03), "38 % ±3", "about as before: 36 %", ""),
        (Measure("answered", "A", Unit.SHARE, 0.8, 0.9), "80 %", "▼ 10 points · before: 90 %", "worse"),
        (Measure("first_answer", "F", Unit.MINUTES, 42, 71), "42 min", "▼ 29 min · before: 1 h 11 min", "better"),
        (Measure("negative", "N", Unit.SHARE, 0.5, 0.4, few=True), "too few", "before: 40 %", ""),
        (Measure("first_answer", "F", Unit.MINUTES, None, 71), "–", "before: 1 h 11 min", ""),
    ],
)
def test_a_figure_says_what_it_is_and_how_it_changed(measure: Measure, value: str, change: str, tone: str) -> None:
    shown = figure(measure, EN)
    assert (shown.value.replace(NBSP, " "), shown.change.replace(NBSP, " "), shown.tone) == (value, change, tone)


def test_german_has_its_own_marks_and_words() -> None:
    shown = figure(Measure("reach", "Reichweite", Unit.COUNT, 2_431_870, 2_000_000), DE)
    assert shown.value == "2.431.870"
    assert shown.change == f"▲ 22{NBSP}% · zuvor: 2.000.000"
    assert day(date(2026, 3, 2), DE) == "Mo 2. März"
    assert minutes(3000, DE) == "2 T. 2 Std."


def test_numbers_and_moments() -> None:
    assert number(1234567, EN) == "1,234,567"
    assert share(0.004, EN) == f"0.4{NBSP}%"
    assert share(0.0, EN) == f"0{NBSP}%"
    assert minutes(0.2, EN) == "under 1 min"
    assert minutes(1500, EN) == "1 d 1 h"
    assert moment(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin", EN) == "Sun 25 Oct, 02:30"


def test_every_language_has_every_word() -> None:
    assert asdict(EN).keys() == asdict(DE).keys()
    assert all(asdict(DE).values())
    assert EN.headings.keys() == DE.headings.keys()
    assert labels("fr") is EN


@given(st.text())
def test_what_others_write_stays_in_its_line_and_turns_nothing_round(text: str) -> None:
    tidy = one_line(text)
    assert not REORDERING & set(tidy)
    assert tidy == tidy.strip(" ")
    assert tidy.isprintable() or not any(one in tidy for one in "\r\n\x00\x85\u2028\u2029")
    tidy.encode()


def test_a_report_is_tidied_to_its_last_word() -> None:
    tidy = tidied(SAMPLES["hostile"]())
    assert "\n" not in tidy.title and "\u202e" not in tidy.title
    assert tidy.drivers[0].quotes[1].author == one_line(HOSTILE)
    assert "😀" in tidy.title
    assert tidied(tidy) == tidy


def test_a_name_from_right_to_left_keeps_to_itself() -> None:
    assert isolated(HEBREW) == f"\u2068{HEBREW}\u2069"
    assert isolated("Öst & Söhne 😀") == "Öst & Söhne 😀"
