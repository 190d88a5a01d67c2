"""When a snoozed conversation comes back: presets in the reader's own time zone, or a moment they name."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import request

from config.errors import InvalidInputError

MORNING = time(9, 0)
PRESETS = {
    "hour": "In an hour",
    "later": "In three hours",
    "tomorrow": "Tomorrow morning",
    "monday": "Monday morning",
    "week": "In a week",
}


def zone() -> ZoneInfo:
    """The reader's time zone, as their browser named it; UTC before it did."""
    try:
        return ZoneInfo(request.cookies.get("zone", "") or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def moment(preset: str, typed: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that a preset, or a typed local date and time, means. Raises InvalidInputError."""
    local = now.astimezone(zone)
    if typed:
        return _parsed(typed, zone)
    mornings = {"tomorrow": 1, "monday": 7 - local.weekday(), "week": 7}
    if preset in mornings:
        day = local.date() + timedelta(days=mornings[preset])
        return datetime.combine(day, MORNING, zone).astimezone(UTC)
    if preset not in PRESETS:
        raise InvalidInputError("Snooze until when?", "Choose a time from the menu.", field="until")
    return now + timedelta(hours=1 if preset == "hour" else 3)


def _parsed(typed: str, zone: ZoneInfo) -> datetime:
    try:
        parsed = datetime.fromisoformat(typed)
    except ValueError:
        raise InvalidInputError("This is no date and time.", "Write it as 2026-12-31 09:00.", field="until") from None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
