"""Alerts: what is being said more than usual, since when and why, and what people do about it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.errors import ConflictError, InvalidInputError
from config.secrets import Vault
from engage import alerts, brands
from engage.alert_tables import AlertState, SendState
from engage.alert_words import headline, outlook_words, rarity, times
from engage.detection import STEP_S
from engage.mail import can_send
from engage.permissions import Action, require
from web import snooze
from web.context import database, me, now, settings

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts")

LOOK_BACK = timedelta(weeks=8)
CHART_WIDTH, CHART_HEIGHT = 320, 64
"""In the chart's own units."""
LATEST_BARS = 96
"""So many hours a small chart shows at most, the latest."""
MUTES = {
    "hour": "For an hour",
    "later": "For three hours",
    "tomorrow": "Until tomorrow morning",
    "week": "For a week",
}
STATES = {
    AlertState.OPEN: ("Open", "chip-danger"),
    AlertState.ACKNOWLEDGED: ("Looked after", "chip-accent"),
    AlertState.MUTED: ("Muted", "chip-warning"),
    AlertState.OVER: ("Over", ""),
}
NOTICES = {
    SendState.WAITING: ("Waits", "chip-warning"),
    SendState.SENDING: ("On its way", ""),
    SendState.SENT: ("Sent", "chip-accent"),
    SendState.FAILED: ("Failed", "chip-danger"),
    SendState.UNSURE: ("May not have arrived", "chip-warning"),
}
Answer = Response | str | tuple[str, int]


def init_app(app: Flask) -> None:
    """Give the templates of every page the number of open alerts, and ours their words."""
    app.context_processor(lambda: {"open_alerts": open_alerts, "latest_alert": lambda: int(g.get("latest_alert", 0))})
    words = {"alert_headline": headline_of, "alert_times": times, "alert_rarity": rarity}
    app.jinja_env.filters.update(words | {"alert_outlook": outlook_words, "moment_of": datetime.fromisoformat})


def open_alerts() -> int:
    """How many nobody looks after yet, as counted together with the queues of the rail."""
    return int(g.get("open_alerts", 0))


def headline_of(one: Any) -> str:
    """The headline of an alert."""
    return headline(one.series, one.figures)


# --- looking -----------------------------------------------------------------------------------------------------


@blueprint.get("/")
def index() -> str:
    """All alerts, those that nobody looks after first."""
    require(me(), Action.READ)
    with database().read() as session:
        found = [_shown(session, line) for line in alerts.lines(session)]
        listened_for = brands.all_brands(session)
    return render_template("alerts/index.html", found=found, brands=listened_for, **_words())


@blueprint.get("/<int:alert_id>")
def show(alert_id: int) -> str:
    """One alert with exactly the mentions that it is about."""
    require(me(), Action.READ)
    with database().read() as session:
        line = alerts.line(session, alert_id)
        context = {
            "shown": _shown(session, line),
            "mentions": alerts.mentions_of(session, line.alert),
            "count": alerts.count_mentions(session, line.alert),
            "notices": alerts.notices_of(session, line.alert),
            "notice_words": NOTICES,
        }
    return render_template("alerts/show.html", **context, **_words())


@blueprint.get("/replay/<int:brand_id>")
def replay(brand_id: int) -> str:
    """What the detector would have said of the last eight weeks."""
    require(me(), Action.READ)
    with database().read() as session:
        brand = brands.get(session, brand_id)
        said = alerts.look_back(session, brand_id, now() - LOOK_BACK, now())
        shown = [(one, chart(one.told.figures), alerts.examples_of(session, one.told.examples)) for one in said[::-1]]
    return render_template("alerts/replay.html", brand=brand, said=shown, headline=headline)


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert with what stands beside it."""

    line: alerts.Line
    examples: list[alerts.Example]
    chart: "Chart | None"


def _shown(session: Session, line: alerts.Line) -> Shown:
    return Shown(line, alerts.examples_of(session, line.alert.examples), chart(line.alert.figures))


def _words() -> dict[str, Any]:
    return {"states": STATES, "mutes": MUTES}


# --- doing -------------------------------------------------------------------------------------------------------


@blueprint.post("/<int:alert_id>/acknowledge")
def acknowledge(alert_id: int) -> Response:
    """I look after it."""
    try:
        with database().write() as session:
            alerts.acknowledge(session, alert_id, by=me())
    except ConflictError as error:
        flash(str(error), "error")
    else:
        flash("You look after this alert now.")
    return _back(alert_id)


@blueprint.post("/<int:alert_id>/mute")
def mute(alert_id: int) -> Response:
    """Quiet until a moment."""
    try:
        until = snooze.moment(request.form.get("until", ""), "", now(), snooze.zone())
        with database().write() as session:
            alerts.mute(session, alert_id, until, by=me(), now=now())
    except (ConflictError, InvalidInputError) as error:
        flash(str(error), "error")
    else:
        flash("The alert is muted.")
    return _back(alert_id)


def _back(alert_id: int) -> Response:
    """To the page that the button stood on."""
    to_list = request.form.get("from") == "list"
    return redirect(url_for(".index") if to_list else url_for(".show", alert_id=alert_id), 303)


# --- settings ----------------------------------------------------------------------------------------------------


@blueprint.get("/settings/<int:brand_id>")
def settings_form(brand_id: int) -> str:
    """What a brand's alerts are made of and who is told."""
    require(me(), Action.MANAGE_ALERTS)
    with database().read() as session:
        brands.get(session, brand_id)
        stored = alerts.chosen(session, brand_id)
    values = {
        "alarms_a_week": stored.alarms_a_week,
        "topics": "\n".join(stored.topics),
        "recipients": "\n".join(stored.recipients),
        "webhook_url": stored.webhook_url,
    }
    return _settings_page(brand_id, values)


@blueprint.post("/settings/<int:brand_id>")
def set_up(brand_id: int) -> Answer:
    """Change it; a new secret of the webhook is shown once."""
    require(me(), Action.MANAGE_ALERTS)
    given = request.form.to_dict()
    try:
        with database().write() as session:
            vault = Vault.in_folder(settings().data)
            secret = alerts.set_up(session, vault, brand_id, given, by=me())
    except InvalidInputError as error:
        return _settings_page(brand_id, given, error), 422
    if secret:
        return _settings_page(brand_id, given, secret=secret)
    flash("The settings are saved.")
    return redirect(url_for(".index"), 303)


def _settings_page(brand_id: int, values: Any, error: InvalidInputError | None = None, secret: str = "") -> str:
    with database().read() as session:
        brand, stored = brands.get(session, brand_id), alerts.chosen(session, brand_id)
    return render_template(
        "alerts/settings.html",
        brand=brand,
        values=values,
        error=error,
        secret=secret,
        has_secret=stored.has_secret,
        sensitivities=_sensitivities(),
        can_mail=can_send(settings()),
    )


def _sensitivities() -> list[tuple[float, str]]:
    often = {4.0: "up to four false alarms a week", 1.0: "up to one a week", 0.25: "up to one a month"}
    return [
        (value, f"{name}: {often[value]}" if value in often else name) for value, name in alerts.SENSITIVITIES.items()
    ]


# --- the chart ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chart:
    """Mentions an hour as bars, what is usual as a line; in units of CHART_WIDTH by CHART_HEIGHT."""

    bars: list[tuple[float, float, float, bool]]
    """x, y, height, and whether it belongs to the incident."""
    bar_width: float
    line: str
    most: int
    begins: datetime
    ends: datetime
    words: str
    width: int = CHART_WIDTH
    height: int = CHART_HEIGHT


def chart(figures: dict[str, Any]) -> Chart | None:
    """The chart of an alert's figures."""
    given = figures["chart"]
    counts, expected = given["counts"], given["expected"]
    if not counts:
        return None
    left_out = max(len(counts) - LATEST_BARS, 0)
    counts, expected = counts[left_out:], expected[left_out:]
    most = max(*counts, *expected, 1)
    step = CHART_WIDTH / len(counts)
    begins = datetime.fromtimestamp(given["first"] * STEP_S, UTC) + timedelta(hours=left_out)
    quiet = max(24 - left_out, 0)
    high = [CHART_HEIGHT * count / most for count in counts]
    points = [(place * step + step / 2, CHART_HEIGHT * (1 - value / most)) for place, value in enumerate(expected)]
    peak = (
        f"where about {expected[counts.index(max(counts))]:.1f} are usual." if expected else "nothing is usual yet."
    )
    return Chart(
        bars=[
            (round(place * step, 2), round(CHART_HEIGHT - bar, 2), round(bar, 2), place >= quiet)
            for place, bar in enumerate(high)
        ],
        bar_width=round(max(step - 1, step * 0.7), 2),
        line=" ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        most=max(counts),
        begins=begins,
        ends=begins + timedelta(hours=len(counts)),
        words=f"Mentions an hour over {len(counts)} hours: at most {max(counts):,}, {peak}",
    )
