"""What a report is asked of, and what was found for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from engage import shares
from engage.alert_tables import Alert
from engage.analytics import Slice, Topics
from engage.report.content import (
    ReportKind,
)
from engage.report.counts import Counts
from engage.report.people import Known
from engage.report.schedule import last_of
from engage.report.sources import Heard
from engage.shares import Share
from listener.tables import Brand
from nlp.reading import Sentiment

DAY = timedelta(days=1)
WEEK = 7 * DAY
SENTIMENTS = [str(value) for value in Sentiment]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which report."""

    kind: ReportKind
    brand_id: int
    first: date
    zone: str = "UTC"
    language: str = "en"
    late_since: datetime | None = None
    """When it should have left, where that is long ago."""

    @property
    def chosen(self) -> Slice:
        """Its days."""
        return Slice(self.brand_id, self.first, last_of(self.kind, self.first), days_in=self.zone)

    @property
    def before(self) -> Slice:
        """What they are compared with: the same weekdays a week before."""
        return earlier(self.chosen)

    @property
    def window(self) -> Slice:
        """The week that ends with them."""
        last = self.chosen.last
        return replace(self.chosen, first=last - WEEK + DAY)


def earlier(chosen: Slice) -> Slice:
    """As many days, a week before."""
    return replace(chosen, first=chosen.first - WEEK, last=chosen.last - WEEK)


@dataclass(frozen=True, slots=True)
class Found:
    """What a report is written from."""

    asked: Asked
    brand: Brand
    now: datetime
    days: Mapping[date, Counts]
    """Of the window, and of the week before it."""
    said: Counts
    before: Counts
    topics: Topics
    sources: Sequence[Heard]
    people: Sequence[Known]
    alerts: Sequence[Alert]

    @property
    def feeling(self) -> dict[str, Share]:
        """Shares of sentiments."""
        return shares.shares(self.said.read, SENTIMENTS, "sentiment")

    @property
    def felt(self) -> dict[str, Share]:
        """The same before."""
        return shares.shares(self.before.read, SENTIMENTS, "sentiment")
