"""The one place that asks the machine what time it is; everything else is handed a clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers now, always aware and in UTC."""


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)
