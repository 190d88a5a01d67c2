"""When reports are due: weekday and hour as clocks in a zone show them, across changes of the clocks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.report.content import ReportKind
from engage.report.schedule import When, due, first_of, last_of, moment_of, period

MONDAY, SUNDAY = 0, 6


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "hour", "wanted"),
    [
        ("UTC", "2026-11-23", 8, "2026-11-23 08:00"),
        ("Europe/Berlin", "2026-11-23", 8, "2026-11-23 07:00"),
        ("Europe/Berlin", "2026-07-06", 8, "2026-07-06 06:00"),
        ("America/New_York", "2026-11-23", 8, "2026-11-23 13:00"),
        ("Asia/Kolkata", "2026-11-23", 8, "2026-11-23 02:30"),
        ("Pacific/Kiritimati", "2026-11-23", 8, "2026-11-22 18:00"),
        # the clocks went from 02:00 to 03:00: two o'clock never came, so it is three
        ("Europe/Berlin", "2026-03-29", 2, "2026-03-29 01:00"),
        ("America/New_York", "2026-03-08", 2, "2026-03-08 07:00"),
        # midnight never came
        ("Africa/Cairo", "2026-04-24", 0, "2026-04-23 22:00"),
        # the clocks went from 03:00 back to 02:00: two o'clock came twice, the first counts
        ("Europe/Berlin", "2026-10-25", 2, "2026-10-25 00:00"),
        ("America/New_York", "2026-11-01", 1, "2026-11-01 05:00"),
    ],
)
def test_an_hour_is_what_clocks_there_show(zone: str, day: str, hour: int, wanted: str) -> None:
    assert moment_of(date.fromisoformat(day), hour, zone) == at(wanted)


@pytest.mark.parametrize(
    ("now", "moment", "first"),
    [
        ("2026-11-23 06:59", "2026-11-16 07:00", "2026-11-09"),
        ("2026-11-23 07:00", "2026-11-23 07:00", "2026-11-16"),
        ("2026-11-29 23:00", "2026-11-23 07:00", "2026-11-16"),
        ("2026-12-15 12:00", "2026-12-14 07:00", "2026-12-07"),
    ],
)
def test_a_weekly_report_tells_of_the_whole_week_before(now: str, moment: str, first: str) -> None:
    found = due(When(ReportKind.WEEKLY, MONDAY, 8, "Europe/Berlin"), at(now))
    assert (found.moment, found.first) == (at(moment), date.fromisoformat(first))
    assert last_of(ReportKind.WEEKLY, found.first) - found.first == timedelta(days=6)


def test_on_another_weekday_it_is_still_the_last_whole_week() -> None:
    found = due(When(ReportKind.WEEKLY, SUNDAY, 20, "UTC"), at("2026-11-22 21:00"))
    assert found.first == date(2026, 11, 9), "the week of that Sunday is not over"


def test_a_daily_report_tells_of_the_day_before_in_its_zone() -> None:
    found = due(When(ReportKind.DAILY, MONDAY, 7, "Pacific/Auckland"), at("2026-11-22 18:00"))
    assert found.first == date(2026, 11, 22), "there it is the 23rd, seven in the morning"


@pytest.mark.parametrize("hour", [1, 2, 3])
@pytest.mark.parametrize(("start", "weekday"), [("2026-03-20", SUNDAY), ("2026-10-16", SUNDAY)])
def test_each_week_is_due_once_when_the_clocks_change(start: str, weekday: int, hour: int) -> None:
    when = When(ReportKind.WEEKLY, weekday, hour, "Europe/Berlin")
    moments = [at(f"{start} 00:00") + timedelta(minutes=30 * step) for step in range(48 * 21)]
    seen = [due(when, moment) for moment in moments]
    newly = [one for before, one in pairwise(seen) if one != before]
    assert len(newly) == 3 and len({one.first for one in newly}) == 3


@given(
    st.integers(0, 15 * 365 * 24 * 60).map(lambda minutes: at("2020-01-01 00:00") + timedelta(minutes=minutes)),
    st.sampled_from(["UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.integers(0, 6),
    st.integers(0, 23),
    st.sampled_from([ReportKind.WEEKLY, ReportKind.DAILY]),
)
def test_what_is_due_has_passed_and_is_the_newest(
    now: datetime, zone: str, weekday: int, hour: int, kind: ReportKind
) -> None:
    when = When(kind, weekday, hour, zone)
    found = due(when, now)
    assert found.moment <= now
    again = due(when, found.moment)
    assert again == found, "the same report at its own moment"
    gap = timedelta(days=7 if kind is ReportKind.WEEKLY else 1, hours=2)
    assert now - found.moment <= gap


def test_periods_have_names_that_are_read_back() -> None:
    assert period(ReportKind.WEEKLY, date(2026, 12, 28)) == "2026-W53"
    assert first_of("2026-W53") == date(2026, 12, 28)
    assert period(ReportKind.DAILY, date(2026, 11, 16)) == "2026-11-16"


@pytest.mark.parametrize("text", ["2026-W54", "2026", "W47", "2026-Wx", ""])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        first_of(text)
