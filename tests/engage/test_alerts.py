import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest
from sqlalchemy import select

from config.database import Database
from config.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from config.secrets import Vault
from config.settings import Settings
from engage import alerts, brands, webhooks
from engage.alert_tables import Alert, AlertState, Letter, Mailing, SendState, WebhookCall
from engage.alert_words import opened_body
from engage.pipeline import Pipeline
from engage.tables import Conversation, Role
from listener import sample
from listener.importer import import_file
from listener.tables import Brand
from tests.conftest import FakeClock
from tests.factories import make_author, make_brand, make_conversation, make_mention, make_user

GIVEN = {"alarms_a_week": "1.0", "topics": "", "recipients": "", "webhook_url": ""}
NUMBERS = count(1)


@pytest.fixture
def brand(database: Database, clock: FakeClock) -> Brand:
    """Two weeks of a mention every two hours."""
    with database.write() as session:
        made = make_brand(session)
        conversation = make_conversation(session, made, make_author(session))
        for hours in range(1, 14 * 12):
            say(database, conversation, clock() - timedelta(hours=2 * hours), "Nice bike", session)
    return made


def say(database: Database, conversation: Conversation, at: datetime, text: str, session: object) -> None:
    make_mention(session, conversation, text, number=next(NUMBERS), created_at=at, heard_at=at, reach=10)  # type: ignore[arg-type]


def spike(database: Database, brand: Brand, now: datetime, size: int = 12) -> None:
    """That many people in the last ten minutes."""
    with database.write() as session:
        for number in range(size):
            author = make_author(session, f"angry{number}-{now:%H%M}")
            conversation = make_conversation(session, session.get_one(Brand, brand.id), author)
            at = now - timedelta(seconds=40 * number + 5)
            say(database, conversation, at, f"Error 4207 again, number {number}", session)


def watch(database: Database, settings: Settings, clock: FakeClock) -> int:
    return alerts.watch(database, settings, clock)


def only(database: Database) -> Alert:
    with database.read() as session:
        return session.scalars(select(Alert)).one()


def set_up(database: Database, settings: Settings, brand: Brand, role: Role = Role.ADMIN, **given: str) -> str:
    with database.write() as session:
        person = make_user(session, f"Ada{next(NUMBERS)}", role=role)
        return alerts.set_up(session, Vault.in_folder(settings.data), brand.id, GIVEN | given, by=person)


def test_a_spike_is_one_alert_that_is_kept_up_to_date_and_ends(
    database: Database, settings: Settings, clock: FakeClock, brand: Brand
) -> None:
    assert watch(database, settings, clock) == 0
    spike(database, brand, clock())
    assert watch(database, settings, clock) == 1
    first = only(database)
    assert (first.state, first.running) == (AlertState.OPEN, brand.id)
    assert timedelta(0) <= clock() - first.started_at < timedelta(minutes=20)
    assert any("4207" in sentence for _, sentence, *_ in first.causes)
    clock.advance(minutes=10)
    spike(database, brand, clock(), 15)
    assert watch(database, settings, clock) == 0, "the same incident"
    assert only(database).figures["count"] > first.figures["count"]
    clock.advance(hours=7)
    assert watch(database, settings, clock) == 0
    assert only(database).state is AlertState.OVER
    assert watch(database, settings, clock) == 0, "mentions of what is over raise nothing again"
    with database.read() as session:
        assert len(alerts.mention_ids(session, first.id)) == alerts.count_mentions(session, only(database)) >= 27


def test_a_post_that_is_passed_on_has_an_outlook(
    database: Database, settings: Settings, clock: FakeClock, brand: Brand
) -> None:
    settings = settings.model_copy(update={"smtp_host": "127.0.0.1"})
    set_up(database, settings, brand, recipients="ada@norvik.example")
    with database.write() as session:
        for number in range(20):
            conversation = make_conversation(session, brand, make_author(session, f"fan{number}"))
            at = clock() - timedelta(seconds=30 * number + 5)
            make_mention(
                session, conversation, "RT @rex: the whole fleet stands still tonight", number=next(NUMBERS),
                created_at=at, heard_at=at, reach=1000 * number,
            )  # fmt: skip
    assert watch(database, settings, clock) == 1
    row = only(database)
    ahead = row.figures["outlook"]
    assert 0 <= ahead["posts"][0] < ahead["posts"][1]
    assert 0 <= ahead["people"][0] < ahead["people"][1]
    with database.read() as session:
        letter = session.scalars(select(Letter)).one()
    assert b"24 hours" in letter.raw
    assert opened_body(row, brand, "")["alert"]["outlook"] == ahead


def test_two_workers_raise_one_alert(database: Database, settings: Settings, clock: FakeClock, brand: Brand) -> None:
    settings = settings.model_copy(update={"smtp_host": "127.0.0.1"})
    set_up(database, settings, brand, recipients="ada@norvik.example")
    spike(database, brand, clock())
    raised: list[int] = []
    workers = [
        threading.Thread(target=lambda: raised.append(watch(database, settings, clock)), name=f"w{n}")
        for n in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(raised) == [0, 1]
    only(database)
    with database.read() as session:
        (mailing,) = session.scalars(select(Mailing))
        (letter,) = session.scalars(select(Letter))
    assert mailing.recipient == "ada@norvik.example"
    assert b"Subject: Norvik: " in letter.raw


@pytest.mark.parametrize("mentions", [0, 1, 30])
def test_a_brand_made_yesterday_does_not_alarm(
    sqlite_database: Database, settings: Settings, clock: FakeClock, mentions: int
) -> None:
    with sqlite_database.write() as session:
        made = make_brand(session)
    spike(sqlite_database, made, clock() - timedelta(hours=20), min(mentions, 5))
    spike(sqlite_database, made, clock(), mentions)
    assert watch(sqlite_database, settings, clock) == 0


def test_off_is_off(sqlite_database: Database, settings: Settings, clock: FakeClock) -> None:
    with sqlite_database.write() as session:
        made = make_brand(session)
        conversation = make_conversation(session, made, make_author(session))
        for hours in range(1, 14 * 12):
            say(sqlite_database, conversation, clock() - timedelta(hours=2 * hours), "Nice bike", session)
    set_up(sqlite_database, settings, made, alarms_a_week="0.0")
    spike(sqlite_database, made, clock())
    assert watch(sqlite_database, settings, clock) == 0


def test_acknowledged_muted_and_open_again(
    database: Database, settings: Settings, clock: FakeClock, brand: Brand
) -> None:
    spike(database, brand, clock())
    watch(database, settings, clock)
    with database.write() as session:
        person = make_user(session)
        row = alerts.acknowledge(session, 1, by=person)
        assert (row.state, row.user_id) == (AlertState.ACKNOWLEDGED, person.id)
        assert alerts.count_open(session) == 1, "not flushed yet"
    with database.write() as session:
        assert alerts.count_open(session) == 0
        alerts.mute(session, 1, clock() + timedelta(minutes=30), by=person, now=clock())
    watch(database, settings, clock)
    assert only(database).state is AlertState.MUTED
    clock.advance(minutes=31)
    watch(database, settings, clock)
    assert only(database).state is AlertState.OPEN
    clock.advance(hours=7)
    watch(database, settings, clock)
    with database.write() as session, pytest.raises(ConflictError, match="over"):
        alerts.acknowledge(session, 1, by=person)


def test_what_cannot_be_done(sqlite_database: Database, settings: Settings, clock: FakeClock) -> None:
    with sqlite_database.write() as session:
        made, person = make_brand(session), make_user(session)
        with pytest.raises(NotFoundError):
            alerts.acknowledge(session, 77, by=person)
        with pytest.raises(InvalidInputError, match="passed"):
            alerts.mute(session, 77, clock(), by=person, now=clock())
        with pytest.raises(NotAllowedError):
            alerts.set_up(session, Vault.in_folder(settings.data), made.id, GIVEN, by=person)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("alarms_a_week", "7"),
        ("alarms_a_week", "often"),
        ("topics", "(bat"),
        ("recipients", "ada"),
        ("webhook_url", "ftp://x"),
        ("webhook_url", "http://93.184.216.34/in"),
        ("webhook_url", "https://10.0.0.8/in"),
        ("webhook_url", "https://169.254.169.254/latest"),
    ],
)
def test_settings_that_are_wrong_name_their_field(
    sqlite_database: Database, settings: Settings, field: str, value: str
) -> None:
    with sqlite_database.write() as session:
        made = make_brand(session)
    with pytest.raises(InvalidInputError) as caught:
        set_up(sqlite_database, settings, made, **{field: value})
    assert caught.value.field == field


def test_only_an_admin_lets_a_webhook_lead_inside(sqlite_database: Database, settings: Settings) -> None:
    with sqlite_database.write() as session:
        made = make_brand(session)
    with pytest.raises(NotAllowedError):
        set_up(sqlite_database, settings, made, Role.MANAGER, webhook_url="http://127.0.0.1:9/in")
    assert set_up(sqlite_database, settings, made, Role.ADMIN, webhook_url="http://127.0.0.1:9/in")


class Receiver(BaseHTTPRequestHandler):
    got: list[tuple[dict[str, str], bytes]]
    answers: list[int]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((dict(self.headers), body))
        self.send_response(self.answers.pop(0) if self.answers else 204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[Receiver]]]:
    kind = type("ThisReceiver", (Receiver,), {"got": [], "answers": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/in", kind
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_webhook_is_told_signed_and_again_until_it_takes_it(
    database: Database, settings: Settings, clock: FakeClock, brand: Brand, receiver: tuple[str, type[Receiver]]
) -> None:
    url, kind = receiver
    kind.answers = [500]
    secret = set_up(database, settings, brand, webhook_url=url)
    vault = Vault.in_folder(settings.data)
    spike(database, brand, clock())
    watch(database, settings, clock)
    assert webhooks.send_waiting_calls(database, vault, clock) == 0
    with database.read() as session:
        (notice,) = alerts.notices_of(session, only(database))
    assert (notice.to, notice.state, notice.attempts) == ("webhook", SendState.WAITING, 1)
    assert notice.trouble == "The webhook answered with status 500." and "by itself" in notice.remedy
    assert notice.at and notice.at > clock()
    clock.advance(minutes=2)
    assert webhooks.send_waiting_calls(database, vault, clock) == 1
    (first, _), (headers, body) = kind.got
    assert headers["X-Hearken-Id"] == first["X-Hearken-Id"], "a repeated call is known again"
    at, _, sign = headers["X-Hearken-Signature"].removeprefix("t=").partition(",v1=")
    assert sign == hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    told = json.loads(body)
    assert (told["event"], told["alert"]["brand"]) == ("alert.opened", "Norvik")
    with database.read() as session:
        (notice,) = alerts.notices_of(session, only(database))
    assert (notice.state, notice.trouble, notice.remedy, notice.at) == (SendState.SENT, "", "", clock())
    clock.advance(hours=7)
    watch(database, settings, clock)
    assert webhooks.send_waiting_calls(database, vault, clock) == 1
    assert json.loads(kind.got[-1][1])["event"] == "alert.over"


def test_a_webhook_that_turned_inside_is_not_called(
    sqlite_database: Database, settings: Settings, clock: FakeClock
) -> None:
    with sqlite_database.write() as session:
        made = make_brand(session)
        row = Alert(
            brand_id=made.id, series="volume", started_at=clock(), last_at=clock(), figures={}, causes=[],
            examples=[], created_at=clock(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        webhooks.queue_call(session, row.id, "opened", {}, clock())
    set_up(sqlite_database, settings, made, webhook_url="http://127.0.0.1:9/in")
    with sqlite_database.write() as session:
        session.get_one(alerts.AlertSettings, made.id).webhook_url = "https://10.0.0.8/in"
    assert webhooks.send_waiting_calls(sqlite_database, Vault.in_folder(settings.data), clock) == 0
    with sqlite_database.read() as session:
        call = session.scalars(select(WebhookCall)).one()
    assert call.state is SendState.WAITING and "private network" in call.error_text


def test_the_incident_of_the_sample_brand_is_found_with_its_cause(
    sqlite_database: Database, settings: Settings, clock: FakeClock
) -> None:
    clock.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    with sqlite_database.write() as session:
        kestova = brands.add(
            session, sample.BRAND.name, sample.BRAND.query, sample.BRAND.products, sample.BRAND.competitors, clock()
        )
    path = settings.data / "sample.jsonl"
    sample.compose(clock()).write(path)
    import_file(sqlite_database, path, kestova.id, "replay", clock, lambda _: None, settings.data)
    Pipeline(sqlite_database, settings, Vault.in_folder(settings.data), clock).process()
    with sqlite_database.read() as session:
        said = alerts.look_back(session, kestova.id, clock() - timedelta(weeks=8), clock())
        live = alerts.look_back(session, kestova.id, clock(), clock() + timedelta(days=1))
    assert live == [], "what arrives while somebody looks around is as usual"
    began = datetime(2026, 11, 5, 18, 36, tzinfo=UTC)
    incident = max(said, key=lambda one: one.told.figures["count"])
    assert abs(incident.started_at - began) < timedelta(minutes=30)
    words = " ".join(cause.sentence for cause in incident.told.causes)
    assert "4207" in words or "4.2" in words, words
    assert "negative" in words
    assert len(said) <= 3, "and hardly anything else is said"
