"""The alerts of a time, as a report tells them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engage import alert_words, alerts
from engage.alert_tables import Alert, AlertState
from engage.analytics import Slice
from engage.incidents import NEGATIVE, REACH, SHARE, TOPIC
from engage.report import words
from engage.report.content import (
    AlertLine,
)
from engage.report.found import DAY
from engage.rollups import start_of
from listener.tables import Brand

MOST_LOOKED_BACK = 50_000
"""Looking back at more mentions would take longer than the rest of the report."""


def unwatched(brand: Brand, chosen: Slice) -> bool:
    """Whether Hearken did not know the brand yet when that time ended."""
    return brand.created_at >= start_of(chosen.last + DAY, chosen.days_in)


def of_time(session: Session, brand: Brand, chosen: Slice, mentions: int) -> Sequence[Alert]:
    """Those of the time; where nobody watched then and there are not too many mentions, those that there would be."""
    start, end = start_of(chosen.first, chosen.days_in), start_of(chosen.last + DAY, chosen.days_in)
    if unwatched(brand, chosen) and mentions <= MOST_LOOKED_BACK:
        return [_looked_back(one) for one in alerts.look_back(session, brand.id, start, end)]
    return session.scalars(
        select(Alert)
        .where(Alert.brand_id == chosen.brand_id, Alert.started_at < end, Alert.last_at > start)
        .order_by(Alert.started_at)
    ).all()


def _looked_back(said: alerts.Said) -> Alert:
    """As an alert that is over and was never stored."""
    return Alert(
        id=0,
        series=said.series,
        state=AlertState.OVER,
        started_at=said.started_at,
        last_at=said.last_at,
        figures=said.told.figures,
        causes=[cause.as_json() for cause in said.told.causes],
    )


def line(row: Alert, language: str) -> AlertLine:
    causes = [words.cause(language, *cause) for cause in row.causes]
    over = row.last_at if row.state is AlertState.OVER else None
    return AlertLine(row.id, headline(row, language), row.started_at, over, causes)


def headline(row: Alert, language: str) -> str:
    """What an alert says, as its page does in English."""
    if language == "en":
        return alert_words.headline(row.series, row.figures)
    figures, series = row.figures, row.series
    if series == REACH:
        who = f"@{figures['author']}" if figures.get("author") else words.say(language, "alert_who")
        return words.say(language, "alert_reach", who=who, count=words.count(language, "people", figures["count"]))
    key = {SHARE: "alert_share", NEGATIVE: "alert_negative"}.get(series, "alert_volume")
    topic = series.removeprefix(TOPIC) if series.startswith(TOPIC) else ""
    usual = figures["expected"]
    return words.say(
        language,
        key,
        count=words.number(language, figures["count"]),
        about=words.say(language, "alert_about", topic=topic) if topic else "",
        span=words.span(language, figures["minutes"]),
        usual=words.number(language, usual, 0 if usual >= 10 or usual == int(usual) else 1),
    )
