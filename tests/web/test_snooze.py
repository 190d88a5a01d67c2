from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from config.errors import InvalidInputError
from web.snooze import moment

NOW = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)  # Monday in London, Tuesday morning in Tokyo
TOKYO, LONDON = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("preset", "zone", "expected"),
    [
        ("hour", LONDON, datetime(2026, 11, 3, 0, 30, tzinfo=UTC)),
        ("later", TOKYO, datetime(2026, 11, 3, 2, 30, tzinfo=UTC)),
        ("tomorrow", LONDON, datetime(2026, 11, 3, 9, tzinfo=UTC)),
        ("tomorrow", TOKYO, datetime(2026, 11, 4, 0, tzinfo=UTC)),
        ("monday", LONDON, datetime(2026, 11, 9, 9, tzinfo=UTC)),
        ("week", TOKYO, datetime(2026, 11, 10, 0, tzinfo=UTC)),
    ],
)
def test_presets_mean_the_reader_s_own_mornings(preset: str, zone: ZoneInfo, expected: datetime) -> None:
    assert moment(preset, "", NOW, zone) == expected


def test_a_typed_time_is_local_unless_it_says_otherwise() -> None:
    assert moment("", "2026-11-05T08:00", NOW, TOKYO) == datetime(2026, 11, 4, 23, tzinfo=UTC)
    assert moment("", "2026-11-05T08:00+00:00", NOW, TOKYO) == datetime(2026, 11, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(("preset", "typed"), [("", ""), ("never", ""), ("hour", "soon")])
def test_anything_else_is_refused(preset: str, typed: str) -> None:
    with pytest.raises(InvalidInputError):
        moment(preset, typed, NOW, LONDON)
