"""Alerts: what watches the brands, what an alert is made of, and what people do with it.

`watch` is run every five minutes. It judges the last hours of each brand anew, because mentions may be heard late,
and keeps one running alert for each: begun, brought up to date, over. Which worker does it does not matter: who comes
second finds the alert there. Telling of it is rows too (engage/mail.py, engage/webhooks.py).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from config.clock import Clock
from config.database import Database, lock_stage
from config.errors import ConflictError, InvalidInputError, NotFoundError
from config.secrets import Vault
from config.settings import Settings
from engage import brands, incidents, mail, webhooks
from engage.alert_tables import (
    Alert,
    AlertBaseline,
    AlertSettings,
    AlertState,
    Letter,
    Mailing,
    SendState,
    WebhookCall,
)
from engage.alert_words import headline, mail_text, opened_body, over_body
from engage.causes import Cause, Post, Spread, causes, examples, phrases, spread
from engage.detection import DAY, HISTORY, HOUR, STEP_S
from engage.forecast import Passed, forecast
from engage.incidents import QUIET, REACH, SHARE, TOPIC, VOLUME, Incident, Signal, Usual, moment_of, step_of
from engage.permissions import Action, require
from engage.tables import User
from listener.tables import Author, Brand, Mention
from nlp.tables import ReadingRow

LATE = 6 * HOUR
"""Steps that are judged again: so late may a mention be heard and still raise an alert."""
USUAL_BEFORE = timedelta(days=28)
"""What an incident's mentions are compared with."""
CHART_BEFORE = 24 * HOUR
SENSITIVITIES = {4.0: "High", 1.0: "Usual", 0.25: "Low", 0.0: "Off"}
"""By false alarms that are allowed a week."""
USUAL_SENSITIVITY = 1.0
REMEDIES = {
    ("mail", SendState.WAITING): "It is tried again by itself. If it lasts, see the mail server's settings.",
    ("mail", SendState.FAILED): "Check the address in the settings of the alerts, or take it out.",
    ("mail", SendState.UNSURE): "Ask whether it arrived; it is not sent twice by itself.",
    ("webhook", SendState.WAITING): "It is tried again by itself. If it lasts, look at the receiver.",
    ("webhook", SendState.FAILED): "Check the address in the settings of the alerts, and what the receiver says.",
}
MOST_RECIPIENTS, MOST_TOPICS = 20, 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings of a brand's alerts."""

    alarms_a_week: float
    topics: Sequence[str]
    recipients: Sequence[str]
    webhook_url: str
    has_secret: bool


def chosen(session: Session, brand_id: int) -> Chosen:
    """What was set, else the defaults: the brand's products are its topics, and nobody is mailed."""
    row = session.get(AlertSettings, brand_id)
    if row is None:
        products = [f'"{product}"' for product in brands.get(session, brand_id).products][:MOST_TOPICS]
        return Chosen(USUAL_SENSITIVITY, [topic for topic in products if incidents.topic_query(topic)], [], "", False)
    return Chosen(row.alarms_a_week, row.topics, row.recipients, row.webhook_url, bool(row.webhook_secret_sealed))


# --- watching ----------------------------------------------------------------------------------------------------


def watch(database: Database, settings: Settings, clock: Clock) -> int:
    """Bring every brand's alerts up to date; the number of alerts that are new."""
    with database.read() as session:
        found = [brand.id for brand in brands.all_brands(session)]
    return sum(watch_brand(database, settings, brand_id, clock()) for brand_id in found)


def watch_brand(database: Database, settings: Settings, brand_id: int, now: datetime) -> int:
    """The same for one brand."""
    with database.read() as session:
        picked = chosen(session, brand_id)
        usual, fresh = _usual(session, brand_id, picked.topics, now)
        found = _recent_signals(session, brand_id, picked.topics, usual, now) if usual else []
    if picked.alarms_a_week <= 0:
        found = []
    with database.write() as session:
        lock_stage(session, "alerts")
        if fresh:
            _store_usual(session, brand_id, picked.topics, usual, now)
        return _bring_up_to_date(session, settings, brand_id, picked, usual, found, now)


def _usual(session: Session, brand_id: int, topics: Sequence[str], now: datetime) -> tuple[Usual | None, bool]:
    """What is usual today, and whether it had to be learnt."""
    stored = session.get(AlertBaseline, brand_id)
    if stored and stored.day == now.date() and stored.model["topics"] == list(topics):
        usual = stored.model["usual"]
        return (Usual.from_json(usual) if usual else None), False
    today = step_of(now) - step_of(now) % DAY
    history = incidents.read_history(session, brand_id, moment_of(today - HISTORY), moment_of(today), topics)
    return incidents.learn(history, today), True


def _store_usual(session: Session, brand_id: int, topics: Sequence[str], usual: Usual | None, now: datetime) -> None:
    model = {"topics": list(topics), "usual": usual.as_json() if usual else None}
    session.merge(AlertBaseline(brand_id=brand_id, day=now.date(), model=model))


def _recent_signals(
    session: Session, brand_id: int, topics: Sequence[str], usual: Usual, now: datetime
) -> list[Signal]:
    since = step_of(now) - LATE
    history = incidents.read_history(session, brand_id, moment_of(since - incidents.BEFORE), now, topics)
    return incidents.signals(history, usual, since)


def _bring_up_to_date(
    session: Session,
    settings: Settings,
    brand_id: int,
    picked: Chosen,
    usual: Usual | None,
    found: Sequence[Signal],
    now: datetime,
) -> int:
    row = session.scalars(select(Alert).where(Alert.running == brand_id)).first()
    before = incident_of(row) if row else None
    allowed = picked.alarms_a_week / usual.watched if usual else 0.0
    new = 0
    for incident in incidents.join(found, allowed, before, _closed(session, brand_id)):
        if row is None:
            row = Alert(brand_id=brand_id, state=AlertState.OPEN, created_at=now)
            _fill(session, row, brand_id, incident, usual, now)
            session.add(row)
            session.flush()
            _tell_opened(session, settings, picked, row, now)
            new += 1
        elif incident != before:
            _fill(session, row, brand_id, incident, usual, now)
        if incident.over(step_of(now)):
            _end(session, settings, picked, row, now)
            session.flush()
            row = None
        elif row.state == AlertState.MUTED and row.muted_until and row.muted_until <= now:
            row.state, row.muted_until = AlertState.OPEN, None
    return new


def _closed(session: Session, brand_id: int) -> int:
    """The step until which everything belongs to an incident that is over."""
    last = session.scalar(select(func.max(Alert.last_at)).where(Alert.brand_id == brand_id, Alert.running.is_(None)))
    return step_of(last) + QUIET - 1 if last else 0


def incident_of(row: Alert) -> Incident:
    """The incident that an alert stands for."""
    peaks = {signal["series"]: Signal(**signal) for signal in row.figures["signals"]}
    return Incident(step_of(row.started_at), step_of(row.last_at) - 1, peaks)


def _fill(
    session: Session, row: Alert, brand_id: int, incident: Incident, usual: Usual | None, now: datetime
) -> None:
    told = tell(session, brand_id, incident, usual, now)
    row.running = brand_id
    row.started_at, row.last_at = moment_of(incident.start), moment_of(incident.last + 1)
    row.series, row.figures = incident.main.series, told.figures
    row.causes = [cause.as_json() for cause in told.causes]
    row.examples = list(told.examples)


def _end(session: Session, settings: Settings, picked: Chosen, row: Alert, now: datetime) -> None:
    row.state, row.running, row.over_at, row.muted_until = AlertState.OVER, None, now, None
    if picked.webhook_url:
        brand = brands.get(session, row.brand_id)
        webhooks.queue_call(session, row.id, "over", over_body(row, brand, address_of(settings, row.id)), now)


def _tell_opened(session: Session, settings: Settings, picked: Chosen, row: Alert, now: datetime) -> None:
    brand, address = brands.get(session, row.brand_id), address_of(settings, row.id)
    if picked.webhook_url:
        webhooks.queue_call(session, row.id, "opened", opened_body(row, brand, address), now)
    if picked.recipients and mail.can_send(settings):
        message = EmailMessage()
        message["Subject"] = f"{brand.name}: {headline(row.series, row.figures)}"
        message.set_content(mail_text(row, brand, example_texts(session, row), address))
        mail.queue_mail(session, picked.recipients, message, opened_key(row), now)


def opened_key(row: Alert) -> str:
    """The key of the mail that tells of an alert."""
    return f"alert {row.id} opened"


def address_of(settings: Settings, alert_id: int) -> str:
    """Where an alert is shown."""
    return f"{settings.address}/alerts/{alert_id}"


# --- what an incident is -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """An incident in figures and words."""

    figures: dict[str, Any]
    causes: Sequence[Cause]
    examples: Sequence[int]


def tell(
    session: Session, brand_id: int, incident: Incident, usual: Usual | None, now: datetime | None = None
) -> Told:
    """What it is made of, why, and which mentions show it; what is to come `now`, where a moment is given."""
    brand, main = brands.get(session, brand_id), incident.main
    start, end = moment_of(incident.start), moment_of(incident.last + 1)
    author = _author_of(session, main)
    posts = incidents.read_posts(session, brand_id, start, end, main.series, author.author_id if author else None)
    before = incidents.read_posts(session, brand_id, start - USUAL_BEFORE, start)
    far = author or _author_of(session, incident.peaks.get(REACH))
    names = [brand.name, *brand.products]
    wanted = phrases([post.text for post in posts], [post.text for post in before], names)
    figures = figures_of(session, brand_id, incident, usual, author)
    if now and (found := spread(posts, before)):
        figures["outlook"] = outlook(found, now)
    return Told(
        figures,
        causes(posts, before, names, far),
        examples(posts, wanted),
    )


def figures_of(
    session: Session, brand_id: int, incident: Incident, usual: Usual | None, author: Post | None
) -> dict[str, Any]:
    """`count` mentions in `minutes` where `expected` are usual, all `signals`, and an hourly `chart`."""
    main = incident.main
    return {
        "count": main.count,
        "expected": round(main.expected, 2),
        "minutes": main.window * STEP_S // 60,
        "often": main.often,
        "author": author.handle if author else "",
        "author_id": author.author_id if author else None,
        "signals": [asdict(signal) for signal in incident.peaks.values()],
        "chart": _chart(session, brand_id, incident, usual),
    }


def outlook(found: Spread, now: datetime) -> dict[str, Any]:
    """How far a post will go within a day from `now`: `posts` and `people` [from, to], None where nobody can say."""
    passed = [Passed(post.at.timestamp(), post.followers) for post in found.passed]
    ahead = forecast(passed, now.timestamp())
    return {
        "at": now.isoformat(),
        "posts": list(ahead.posts) if ahead else None,
        "people": list(ahead.people) if ahead and ahead.people else None,
    }


def _chart(session: Session, brand_id: int, incident: Incident, usual: Usual | None) -> dict[str, Any]:
    """Mentions by hour from a day before, and what is usual in each."""
    series = {SHARE: incidents.NEGATIVE, REACH: VOLUME}.get(incident.main.series, incident.main.series)
    first = incident.start - CHART_BEFORE - incident.start % HOUR
    length = (incident.last - first) // HOUR + 1
    topics = [series.removeprefix(TOPIC)] if series.startswith(TOPIC) else []
    history = incidents.read_history(
        session, brand_id, moment_of(first), moment_of(first + length * HOUR - 1), topics
    )
    hours = [0] * length
    for place, count in enumerate(history.series[series].values if series in history.series else []):
        hours[min((history.series[series].first + place - first) // HOUR, length - 1)] += int(count)
    baseline = usual.series.get(series) if usual else None
    expected = baseline.expected(first, length * HOUR).reshape(length, HOUR).sum(axis=1) if baseline else []
    return {"first": first, "counts": hours, "expected": [round(float(value), 2) for value in expected]}


def _author_of(session: Session, signal: Signal | None) -> Post | None:
    if signal is None or signal.mention_id is None:
        return None
    at = moment_of(signal.step)
    mention = session.get(Mention, signal.mention_id)
    author = session.get(Author, mention.author_id) if mention else None
    if mention is None or author is None:
        return None
    return Post(
        mention.id, at, author.id, author.handle, mention.network, mention.thread, mention.text, False,
        signal.count, False,
    )  # fmt: skip


# --- looking back ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """An alert that would have been raised."""

    started_at: datetime
    last_at: datetime
    series: str
    told: Told


def look_back(session: Session, brand_id: int, since: datetime, now: datetime) -> list[Said]:
    """What the detector would have said from `since` to now, oldest first; nothing is stored."""
    picked = chosen(session, brand_id)
    start, end = step_of(since), step_of(now)
    history = incidents.read_history(session, brand_id, moment_of(start - HISTORY), now, picked.topics)
    alarms = picked.alarms_a_week or USUAL_SENSITIVITY
    said = []
    for incident in incidents.replay(history, start, end, alarms):
        usual = incidents.learn(history, incident.start - incident.start % DAY)
        told = tell(session, brand_id, incident, usual)
        said.append(Said(moment_of(incident.start), moment_of(incident.last + 1), incident.main.series, told))
    return said


# --- looking -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """An alert in a list."""

    alert: Alert
    brand: str
    user: str | None


def open_count() -> ScalarSelect[int]:
    """Alerts that nobody looks after yet, as part of another statement."""
    return select(func.count(Alert.id)).where(Alert.state == AlertState.OPEN).scalar_subquery()


def count_open(session: Session) -> int:
    """How many these are."""
    return session.scalar(select(open_count())) or 0


def latest_id() -> ScalarSelect[int]:
    """The number of the newest alert, as part of another statement."""
    return select(func.coalesce(func.max(Alert.id), 0)).scalar_subquery()


def opened_after(session: Session, alert_id: int, most: int = 3) -> list[Line]:
    """Alerts that are newer than this one and that nobody looks after yet, the latest first."""
    newer = _with_names().where(Alert.id > alert_id, Alert.state == AlertState.OPEN)
    return [Line(*row) for row in session.execute(newer.order_by(Alert.id.desc()).limit(most))]


def lines(session: Session, brand_id: int | None = None, most: int = 100) -> list[Line]:
    """Running ones first, those that nobody looks after before the others; then the latest."""
    rank = {AlertState.OPEN: 0, AlertState.ACKNOWLEDGED: 1, AlertState.MUTED: 1, AlertState.OVER: 2}
    statement = _with_names().order_by(Alert.running.is_(None), Alert.started_at.desc()).limit(most)
    rows = session.execute(statement if brand_id is None else statement.where(Alert.brand_id == brand_id)).all()
    return sorted((Line(*row) for row in rows), key=lambda line: rank[line.alert.state])


def line(session: Session, alert_id: int) -> Line:
    """One of them. Raises NotFoundError."""
    row = session.execute(_with_names().where(Alert.id == alert_id)).first()
    if row is None:
        raise NotFoundError("There is no such alert.", "Go back to the list of alerts.")
    return Line(*row)


def _with_names() -> Any:
    return (
        select(Alert, Brand.name, User.name)
        .join(Brand, Brand.id == Alert.brand_id)
        .outerjoin(User, User.id == Alert.user_id)
    )


@dataclass(frozen=True, slots=True)
class Example:
    """A mention of an alert."""

    mention: Mention
    author: Author
    sentiment: str | None


def mentions_of(session: Session, row: Alert, most: int = 500) -> list[Example]:
    """Exactly the mentions that the alert is about, the latest first."""
    return _examples(session, [post.id for post in _posts_of(session, row)][-most:][::-1])


def count_mentions(session: Session, row: Alert) -> int:
    """How many these are."""
    return len(_posts_of(session, row))


def mention_ids(session: Session, alert_id: int) -> list[int]:
    """Their ids; none where there is no such alert."""
    row = session.get(Alert, alert_id)
    return [post.id for post in _posts_of(session, row)] if row else []


def _posts_of(session: Session, row: Alert) -> list[Post]:
    author_id = row.figures.get("author_id")
    return incidents.read_posts(session, row.brand_id, row.started_at, row.last_at, row.series, author_id)


def examples_of(session: Session, ids: Sequence[int]) -> list[Example]:
    """Those that show best what it is about."""
    return _examples(session, list(ids))


def _examples(session: Session, ids: Sequence[int]) -> list[Example]:
    rows = session.execute(
        select(Mention, Author, ReadingRow.sentiment)
        .join(Author, Author.id == Mention.author_id)
        .outerjoin(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(Mention.id.in_(ids))
    ).all()
    by_id = {mention.id: Example(mention, author, sentiment) for mention, author, sentiment in rows}
    return [by_id[number] for number in ids if number in by_id]


def example_texts(session: Session, row: Alert) -> list[str]:
    """The examples as they are quoted in a mail."""
    found = examples_of(session, row.examples)
    return [f"@{one.author.handle}: {' '.join(one.mention.text.split())[:200]}" for one in found]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that tells of an alert, on its way to somebody."""

    to: str
    what: str
    state: SendState
    attempts: int
    at: datetime | None
    """When it was sent, or is tried next; None where neither is so."""
    trouble: str
    remedy: str


def notices_of(session: Session, row: Alert) -> list[Notice]:
    """Who was told of it and how that went, mails first."""
    mails = session.execute(
        select(Mailing, Mailing.recipient)
        .join(Letter, Letter.id == Mailing.letter_id)
        .where(Letter.key == opened_key(row))
        .order_by(Mailing.id)
    )
    calls = session.scalars(select(WebhookCall).where(WebhookCall.alert_id == row.id).order_by(WebhookCall.id))
    return [_notice(mail, to, "mail") for mail, to in mails] + [
        _notice(call, "webhook", f"alert is {call.event}") for call in calls
    ]


def _notice(sent: Mailing | WebhookCall, to: str, what: str) -> Notice:
    at = sent.sent_at or (sent.not_before if sent.state == SendState.WAITING else None)
    kind = "mail" if isinstance(sent, Mailing) else "webhook"
    remedy = REMEDIES.get((kind, sent.state), "") if sent.error_text else ""
    return Notice(to, what, sent.state, sent.attempts, at, sent.error_text, remedy)


# --- what people do ----------------------------------------------------------------------------------------------


def acknowledge(session: Session, alert_id: int, *, by: User) -> Alert:
    """Somebody looks after it. Raises ConflictError where it is over."""
    require(by, Action.HANDLE_ALERTS)
    row = _running(session, alert_id)
    row.state, row.user_id, row.muted_until = AlertState.ACKNOWLEDGED, by.id, None
    return row


def mute(session: Session, alert_id: int, until: datetime, *, by: User, now: datetime) -> Alert:
    """Quiet until then. Raises InvalidInputError on a moment that has passed."""
    require(by, Action.HANDLE_ALERTS)
    if until <= now:
        raise InvalidInputError("That moment has passed.", "Choose a later one.", field="until")
    row = _running(session, alert_id)
    row.state, row.user_id, row.muted_until = AlertState.MUTED, by.id, until
    return row


def _running(session: Session, alert_id: int) -> Alert:
    row = line(session, alert_id).alert
    if row.state == AlertState.OVER:
        raise ConflictError("This alert is over.", "Nothing is left to do about it.")
    return row


def set_up(
    session: Session,
    vault: Vault,
    brand_id: int,
    given: Mapping[str, str],
    *,
    by: User,
) -> str:
    """Change a brand's settings; the webhook's secret where a new one was made, else empty. Raises InvalidInputError.

    `given` has alarms_a_week, topics and recipients (a line each), webhook_url, and new_secret where one is wanted.
    """
    require(by, Action.MANAGE_ALERTS)
    brands.get(session, brand_id)
    row = session.get(AlertSettings, brand_id) or AlertSettings(brand_id=brand_id)
    row.alarms_a_week = _sensitivity(given.get("alarms_a_week", ""))
    row.topics = _topics(given.get("topics", ""))
    row.recipients = _recipients(given.get("recipients", ""))
    asked = given.get("webhook_url", "").strip()
    if asked != (row.webhook_url or ""):
        asked = webhooks.checked_url(asked, by)
    row.webhook_url = asked
    secret = ""
    if asked and (given.get("new_secret") or not row.webhook_secret_sealed):
        secret = secrets.token_urlsafe(32)
        row.webhook_secret_sealed = vault.seal({"secret": secret})
    session.add(row)
    return secret


def _sensitivity(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if value not in SENSITIVITIES:
        raise InvalidInputError("There is no such sensitivity.", "Choose one of the list.", field="alarms_a_week")
    return value


def _topics(text: str) -> list[str]:
    found = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(found) > MOST_TOPICS:
        raise InvalidInputError("These are too many topics.", f"Take at most {MOST_TOPICS}.", field="topics")
    for topic in found:
        if len(topic) > 200:
            raise InvalidInputError("A topic is too long.", "Take at most 200 characters.", field="topics")
        try:
            brands.checked_query(topic)
        except InvalidInputError as error:
            raise InvalidInputError(f"{topic}: {error.message}", error.remedy, field="topics") from None
    return found


def _recipients(text: str) -> list[str]:
    found = [mail.checked_address(part) for part in text.replace(",", "\n").splitlines() if part.strip()]
    if len(found) > MOST_RECIPIENTS:
        raise InvalidInputError("These are too many.", f"Take at most {MOST_RECIPIENTS}.", field="recipients")
    return list(dict.fromkeys(found))
