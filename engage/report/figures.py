"""The figures of a report as people read them, in its language: the same words in mail, PDF, text and page."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engage.report.content import Measure, Report, Unit
from engage.report.labels import Labels

BETTER_UP = frozenset({"positive", "voice", "answered", "on_time", "recovered"})
BETTER_DOWN = frozenset({"negative", "first_answer", "next_answer", "own_first_answer", "resolution", "oldest"})
BY_CHANCE = frozenset({"mentions", "begun"})
"""Counts of what comes by itself: a change that chance makes is none (95 %, as counts of rare events vary)."""
ENOUGH_FOR_PERCENT = 20
"""From so many before on a change of a count is told in per cent."""
MANY = 10_000_000
UP, DOWN = "▲", "▼"
GLYPHS = {"negative": "▼", "neutral": "●", "positive": "▲"}
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SPACED_PERCENT = re.compile(r"(?<=\d) %")
RIGHT_TO_LEFT = frozenset({"R", "AL"})


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure in words."""

    label: str
    value: str
    step: str
    """How much it changed, with an arrow; "" where it did not, or nothing can be said."""
    before: str
    """What it was in the period before, in words."""
    tone: str
    """better, worse, or "" where neither can be said."""
    path: str

    @property
    def change(self) -> str:
        """Both."""
        return f"{self.step} · {self.before}" if self.step else self.before


def figure(measure: Measure, words: Labels) -> Figure:
    """The measure with its change."""
    return Figure(measure.label, _value(measure, words), *_change(measure, words), measure.path)


def _value(measure: Measure, words: Labels) -> str:
    if measure.few:
        return words.few
    if measure.now is None:
        return words.none
    value = written(measure.now, measure.unit, words)
    return f"{value} ±{measure.margin * 100:.0f}" if measure.margin else value


def _change(measure: Measure, words: Labels) -> tuple[str, str, str]:
    """Step, before and tone."""
    now, before = measure.now, measure.before
    if before is None:
        return "", words.not_before, ""
    told = written(before, measure.unit, words)
    if measure.few or now is None:
        return "", words.before.format(told), ""
    step = "" if abs(now - before) <= _slack(measure, now + before) else _step(now, before, measure.unit, words)
    if not step:
        return "", words.as_before.format(told), ""
    arrow = UP if now > before else DOWN
    return f"{arrow} {step}", words.before.format(told), _tone(measure.key, now > before)


def _slack(measure: Measure, both: float) -> float:
    """A change that says nothing."""
    return 1.96 * math.sqrt(both) if measure.key in BY_CHANCE else measure.margin or 0


def _step(now: float, before: float, unit: Unit, words: Labels) -> str:
    """How much it changed, as the difference of what is written; empty where nothing is left of it."""
    if unit is Unit.SHARE:
        points = abs(round(now * 100) - round(before * 100))
        return f"{points} {words.point if points == 1 else words.points}" if points else ""
    if unit is Unit.MINUTES:
        minutes = abs(round(now) - round(before))
        return written(minutes, unit, words) if minutes else ""
    if before >= ENOUGH_FOR_PERCENT and now >= 2 * before:
        return f"{now / before:,.1f}×".translate(_marks(words))
    if before >= ENOUGH_FOR_PERCENT:
        per_cent = round(abs(now / before - 1) * 100)
        return words.percent.format(number(per_cent, words)) if per_cent else ""
    return number(abs(now - before), words) if now != before else ""


def _tone(key: str, up: bool) -> str:
    if key in BETTER_UP:
        return "better" if up else "worse"
    if key in BETTER_DOWN:
        return "worse" if up else "better"
    return ""


# --- numbers and moments -------------------------------------------------------------------------------------------


def written(value: float, unit: Unit, words: Labels) -> str:
    """A value in its unit."""
    if unit is Unit.SHARE:
        return share(value, words)
    return minutes(value, words) if unit is Unit.MINUTES else number(value, words)


def number(value: float, words: Labels) -> str:
    """A whole number with separators; from ten millions on in millions."""
    if value >= MANY:
        return words.millions.format(f"{value / 1_000_000:,.1f}".translate(_marks(words)))
    return f"{value:,.0f}".translate(_marks(words))


def _marks(words: Labels) -> dict[int, str]:
    return {ord(","): words.thousands, ord("."): words.decimal}


def share(value: float, words: Labels) -> str:
    """Per cent, whole from one on: `31 %`, `0.4 %`."""
    digits = 1 if 0.0005 <= value < 0.01 else 0
    return words.percent.format(f"{value * 100:.{digits}f}".translate(_marks(words)))


def minutes(value: float, words: Labels) -> str:
    """A length of time: `42 min`, `1 h 12 min`, `3 d 4 h`."""
    whole = round(value)
    if whole < 60:
        return f"{whole} {words.min}" if whole else words.under_a_minute
    days, hours, rest = whole // 1440, whole % 1440 // 60, whole % 60
    parts = [(days, words.d), (hours, words.h)] if days else [(hours, words.h), (rest, words.min)]
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def counted(count: int, words: Labels) -> str:
    """`1 mention`, `1,204 mentions`."""
    return (words.mention if count == 1 else words.mentions).format(number(count, words))


def day(on: date, words: Labels) -> str:
    """`Mon 16 Nov`."""
    return words.day.format(weekday=words.weekdays[on.weekday()], day=on.day, month=words.months[on.month - 1])


def moment(at: datetime, zone: str, words: Labels) -> str:
    """`Mon 16 Nov, 09:30`, in the zone of the report."""
    local = at.astimezone(ZoneInfo(zone))
    weekday, month = words.weekdays[local.weekday()], words.months[local.month - 1]
    return words.moment.format(weekday=weekday, day=local.day, month=month, time=f"{local:%H:%M}")


# --- what other people wrote ---------------------------------------------------------------------------------------


def tidied(report: Report) -> Report:
    """The same with every text in one line and nothing in it that reorders or hides what stands around it."""
    return Report.from_json(_tidy(report.as_json()))


def _tidy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tidy(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_tidy(one) for one in value]
    return one_line(value) if isinstance(value, str) else value


def one_line(text: str) -> str:
    """Without line breaks, control characters, marks that turn the direction of writing, and halves of characters."""
    kept = (" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text if one not in REORDERING)
    whole = "".join(kept).encode("utf-8", "ignore").decode()
    return SPACED_PERCENT.sub("\u00a0%", re.sub(" +", " ", whole)).strip(" ")


def isolated(text: str) -> str:
    """A name from right to left keeps to itself: what stands beside it does not move."""
    turns = any(unicodedata.bidirectional(one) in RIGHT_TO_LEFT for one in text)
    return f"{ISOLATE}{text}{END_ISOLATE}" if turns else text
