"""Hours of the week elsewhere: what Python's own calendar says of each UTC hour."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage import zones

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe")


@given(st.sampled_from(ZONES), st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.integers(0, 400))
def test_stretches_cover_the_days_and_tell_each_hour(name: str, first: date, days: int) -> None:
    zone, last = ZoneInfo(name), first + timedelta(days=days)
    found = zones.stretches(zone, first, last)
    assert found[0].start == datetime.combine(first, time(), UTC)
    assert found[-1].end == datetime.combine(last + timedelta(days=1), time(), UTC)
    for one, following in pairwise(found):
        assert one.end == following.start
        assert one.ahead != following.ahead
    for stretch in found:
        for at in (stretch.start, stretch.end - timedelta(hours=1)):
            there = at.astimezone(zone)
            assert zones.local(at.weekday(), at.hour, stretch.ahead) == (there.weekday(), there.hour)
            assert zones.utc(there.weekday(), there.hour, stretch.ahead) == (at.weekday(), at.hour)


@pytest.mark.parametrize(("name", "minute"), [("UTC", 0), ("Asia/Kolkata", 30), ("Asia/Kathmandu", 45)])
def test_where_hours_begin(name: str, minute: int) -> None:
    assert zones.minute_of(ZoneInfo(name), date(2026, 11, 2)) == minute


def test_clocks_that_change_cut_the_days() -> None:
    found = zones.stretches(ZoneInfo("Europe/Berlin"), date(2026, 10, 1), date(2026, 11, 9))
    assert [(stretch.start.isoformat(), stretch.ahead) for stretch in found] == [
        ("2026-10-01T00:00:00+00:00", 2),
        ("2026-10-25T01:00:00+00:00", 1),
    ]
