"""The address of the analytics: which brand, days, network and language a query string asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from config.errors import InvalidInputError
from engage import campaigns, segments
from engage.analytics import Choices, Slice
from web.inbox.query import FIRST_YEAR, LAST_YEAR

RANGES = {"7": "7 days", "28": "4 weeks", "91": "13 weeks", "365": "1 year"}
USUAL = "28"
LONGEST = 5 * 366
"""Days."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says, and what it means."""

    slice: Slice
    range: str
    """One of RANGES, or empty for days of one's own."""
    trouble: str = ""
    """Why the days asked for could not be taken; the usual ones are shown then."""

    @property
    def params(self) -> dict[str, Any]:
        """The same as a query string's fields."""
        days = (
            {"range": self.range}
            if self.range
            else {"from": self.slice.first.isoformat(), "to": self.slice.last.isoformat()}
        )
        tag = campaigns.code(self.slice.tag) if self.slice.tag else ""
        filters = {
            "network": self.slice.network,
            "language": self.slice.language,
            "segment": self.slice.segment,
            "tag": tag,
        }
        return {"brand": self.slice.brand_id, **days, **{name: value for name, value in filters.items() if value}}


def asked(args: Mapping[str, str], choices: Choices, today: date, zone: str = "UTC") -> Asked:
    """Read a query string; what is not known there is left out. Needs a brand. `zone`: that of whoever looks."""
    wanted = args.get("brand", "")
    known = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 18 else None
    brand_id = known if known is not None and known in choices.brands else next(iter(choices.brands))
    network = args.get("network", "") if args.get("network") in choices.networks else ""
    language = args.get("language", "") if args.get("language") in choices.languages else ""
    segment = args.get("segment", "") if segments.known(args.get("segment", "")) else ""
    everything = Slice(brand_id, today, today, network, language, segment, zone, campaigns.parse(args.get("tag", "")))
    trouble = ""
    if args.get("from") or args.get("to"):
        try:
            first, last = _own_days(args.get("from", ""), args.get("to", ""), today)
            return Asked(replace(everything, first=first, last=last), "")
        except InvalidInputError as error:
            trouble = f"{error.message} {error.remedy}"
    chosen = args.get("range", "") if args.get("range") in RANGES else USUAL
    first = today - timedelta(days=int(chosen) - 1)
    return Asked(replace(everything, first=first), chosen, trouble)


def _own_days(first: str, last: str, today: date) -> tuple[date, date]:
    try:
        end = date.fromisoformat(last) if last else today
        start = date.fromisoformat(first) if first else end - timedelta(days=int(USUAL) - 1)
    except (ValueError, OverflowError):
        raise InvalidInputError("This is no day.", "Write it like 2026-11-02.", field="from") from None
    if start > end:
        raise InvalidInputError("The first day is after the last.", "Swap them.", field="from")
    if (end - start).days >= LONGEST or start.year < FIRST_YEAR or end.year >= LAST_YEAR:
        raise InvalidInputError(
            "These are too many days, or too far away.", "Choose at most five years.", field="from"
        )
    return start, end
