"""Reports from the plan to the mail box, against a real SMTP server."""

import csv
import io
import threading
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import func, select

from config.database import Database
from config.errors import InvalidInputError, NotAllowedError, NotFoundError
from config.settings import Settings
from engage.alert_tables import Letter, Mailing, SendState
from engage.mail import send_waiting_mails
from engage.report import archive, plans
from engage.report import sending as reports
from engage.report.content import ReportKind
from engage.report.plans import Given, Leaving
from engage.report.tables import ReportPlan, ReportSending, StoredReport
from engage.tables import Conversation, Reply, ReplyState, Role, User
from listener.tables import Brand, Mention
from nlp.reading import Question, Sentiment
from nlp.tables import Correction, ReadingRow
from tests.conftest import FakeClock
from tests.engage.post_office import Post, post, with_server
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_user

__all__ = ["post"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd")
MONDAY = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)
"""When the week of START is told of."""
RECIPIENTS = "ada@norvik.example\nbea@norvik.example"


class Office:
    """A brand with a plan, a mail server, and a clock that stands before the plan's hour."""

    def __init__(self, database: Database, settings: Settings, clock: FakeClock, server: tuple[Post, int]) -> None:
        self.database, self.clock = database, clock
        self.post, port = server
        self.settings = with_server(settings, port)
        with database.write() as session:
            self.manager = make_user(session, "Max Moss", role=Role.MANAGER)
            self.brand = make_brand(session)
            conversation = make_conversation(session, self.brand, make_author(session))
            for number in range(40):
                mention = make_mention(
                    session, conversation, number=number, created_at=START + timedelta(hours=2 * number), reach=5
                )
                feeling = Sentiment.NEGATIVE if number % 4 == 0 else Sentiment.POSITIVE
                session.get_one(ReadingRow, mention.id).sentiment = feeling

    def plan(self, **given: Any) -> ReportPlan:
        """A plan for Mondays at eight."""
        values = {"name": "Management", "recipients": RECIPIENTS} | given
        with self.database.write() as session:
            return plans.add(session, self.brand.id, Given(**values), by=self.manager, now=self.clock())

    def work(self) -> int:
        """What the scheduler does: make what is due, send what waits; the number of mails that left."""
        reports.send_due(self.database, self.settings, self.clock)
        return send_waiting_mails(self.database, self.settings, self.clock)

    def stored(self) -> list[StoredReport]:
        with self.database.read() as session:
            return list(session.scalars(select(StoredReport).order_by(StoredReport.id)))

    def count(self, table: type[Any]) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def office(database: Database, settings: Settings, clock: FakeClock, post: tuple[Post, int]) -> Office:
    return Office(database, settings, clock, post)


@pytest.fixture
def small(sqlite_database: Database, settings: Settings, clock: FakeClock, post: tuple[Post, int]) -> Office:
    """The same for what does not depend on the database."""
    return Office(sqlite_database, settings, clock, post)


def text_of(message: EmailMessage) -> str:
    found = message.get_body(("plain",))
    assert found is not None
    return " ".join(str(found.get_content()).split())


# --- due, once ---------------------------------------------------------------------------------------------------


def test_what_arrives_has_the_figures_of_the_database(office: Office) -> None:
    office.plan()
    office.clock.now = MONDAY
    assert office.work() == 2
    assert {to for to, _ in office.post.arrived} == {"ada@norvik.example", "bea@norvik.example"}
    message = office.post.arrived[0][1]
    assert message["Subject"] == "Norvik, week 45 (2–8 November 2026)"
    with office.database.read() as session:
        mentions = session.scalar(select(func.count(Mention.id)))
        reach = session.scalar(select(func.sum(Mention.reach)))
        bad = session.scalar(select(func.count()).where(ReadingRow.sentiment == Sentiment.NEGATIVE)) or 0
    assert f"Mentions: {mentions}" in text_of(message)
    assert f"Negative share: {100 * bad / mentions:.0f} %" in text_of(message)
    assert f"Reach: {reach}" in text_of(message)
    (attached,) = [part for part in message.iter_attachments() if part.get_content_type() == "text/csv"]
    rows = list(csv.reader(io.StringIO(attached.get_payload(decode=True).decode("utf-8-sig"))))
    assert any(str(mentions) in row for row in rows), rows[:8]
    assert sum(part.get_content_type() == "application/pdf" for part in message.walk()) <= 1


def test_it_is_sent_once_a_week(office: Office) -> None:
    office.plan(zone="Europe/Berlin")
    office.clock.now = MONDAY - timedelta(hours=1, minutes=1)
    assert office.work() == 0, "it is 07:59 there"
    office.clock.advance(minutes=1)
    assert office.work() == 2
    for _ in range(3):
        office.clock.advance(days=2)
        assert office.work() == 0
    office.clock.now = MONDAY + timedelta(days=7)
    assert office.work() == 2
    assert [row.key for row in office.stored()] == ["1 2026-W45", "1 2026-W46"]


def test_two_schedulers_send_one(office: Office) -> None:
    office.plan()
    office.clock.now = MONDAY
    done: list[int] = []
    workers = [
        threading.Thread(target=lambda: done.append(reports.send_due(office.database, office.settings, office.clock)))
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == [0, 1]
    assert (office.count(StoredReport), office.count(Letter), office.count(Mailing)) == (1, 1, 2)
    assert send_waiting_mails(office.database, office.settings, office.clock) == 2


def test_missed_weeks_are_made_up_for_by_the_newest_alone_which_says_so(small: Office) -> None:
    small.plan()
    small.clock.now = MONDAY + timedelta(days=16, hours=5)
    assert small.work() == 2
    (row,) = small.stored()
    assert row.first == date(2026, 11, 16)
    assert "This report is late: it was due on 23 November 2026, 08:00" in text_of(small.post.arrived[0][1])
    small.clock.now = MONDAY + timedelta(days=21)
    assert small.work() == 2
    assert "late" not in text_of(small.post.arrived[-1][1]).split("About these figures")[1]


def test_what_was_due_before_the_plan_was_made_is_not_sent(small: Office) -> None:
    small.clock.now = MONDAY + timedelta(hours=2)
    small.plan()
    assert small.work() == 0


def test_a_plan_that_is_off_or_removed_sends_nothing_and_does_not_catch_up(small: Office) -> None:
    plan, gone = small.plan(), small.plan(name="Other")
    with small.database.write() as session:
        plans.change(
            session,
            plan.id,
            Given("Management", recipients=RECIPIENTS, active=False),
            by=small.manager,
            now=small.clock(),
        )
        plans.remove(session, gone.id, by=small.manager, now=small.clock())
    small.clock.now = MONDAY + timedelta(hours=1)
    assert small.work() == 0
    with small.database.write() as session:
        plans.change(
            session, plan.id, Given("Management", recipients=RECIPIENTS), by=small.manager, now=small.clock()
        )
    assert small.work() == 0, "what was due while it was off was not missed"
    small.clock.now = MONDAY + timedelta(days=7)
    assert small.work() == 2


def test_a_daily_plan_tells_of_yesterday_each_day(small: Office) -> None:
    small.plan(kind="daily", hour=7, recipients="ada@norvik.example")
    small.clock.now = START + timedelta(days=1)
    assert small.work() == 1
    small.clock.advance(days=1)
    assert small.work() == 1
    assert [row.key for row in small.stored()] == ["1 2026-11-02", "1 2026-11-03"]


def test_without_a_mail_server_it_is_kept_and_says_what_it_waits_for(small: Office, settings: Settings) -> None:
    small.plan()
    small.clock.now = MONDAY
    assert reports.send_due(small.database, settings, small.clock) == 0
    small.clock.advance(days=7)
    assert reports.send_due(small.database, settings, small.clock) == 0
    with small.database.read() as session:
        (sending,) = session.scalars(select(ReportSending))
    assert "Set HEARKEN_SMTP_HOST" in sending.error_text
    assert len(small.stored()) == 2, "both can be read"
    assert small.work() == 2, "and the newest is sent once there is a server"


def test_a_plan_that_cannot_be_made_stops_no_other_and_says_why(small: Office) -> None:
    small.plan(name="Broken", recipients="ada@norvik.example")
    lost = small.plan(name="Lost", recipients="ada@norvik.example")
    small.plan(name="Well")
    with small.database.write() as session:
        session.get_one(ReportPlan, 1).sections = ["of a later version"]
        session.get_one(ReportPlan, lost.id).zone = "Nowhere/Gone"
    small.clock.now = MONDAY
    with pytest.raises(KeyError):
        reports.send_due(small.database, small.settings, small.clock)
    assert send_waiting_mails(small.database, small.settings, small.clock) == 2
    with small.database.read() as session:
        (waits,) = session.scalars(select(ReportSending).where(ReportSending.queued_at.is_(None)))
    assert waits.plan_id == 1 and "of a later version" in waits.error_text


def test_what_cannot_be_made_is_tried_again_after_longer_and_longer_waits(small: Office) -> None:
    small.plan(name="Broken")
    with small.database.write() as session:
        session.get_one(ReportPlan, 1).sections = ["of a later version"]
    small.clock.now = MONDAY
    tries = []
    for minute in range(150):
        try:
            reports.send_due(small.database, small.settings, small.clock)
        except ValueError:
            tries.append(minute)
        small.clock.advance(minutes=1)
    assert tries == [0, 1, 6, 21, 81, 141]
    with small.database.read() as session:
        (late,) = archive.delayed(session, small.brand.id)
        assert archive.delayed(session, small.brand.id + 1) == []
    assert (late.plan, late.attempts) == ("Broken", 6) and "of a later version" in late.reason
    assert late.again_at == MONDAY + timedelta(minutes=201)
    with small.database.write() as session:
        session.get_one(ReportPlan, 1).sections = ["trend"]
    small.clock.now = late.again_at
    assert small.work() == 2
    with small.database.read() as session:
        assert archive.delayed(session) == []


# --- to whom -----------------------------------------------------------------------------------------------------


def test_one_bad_address_of_twenty_is_told_and_the_others_get_it(small: Office) -> None:
    people = [f"p{number}@norvik.example" for number in range(20)]
    small.plan(recipients=", ".join(people))
    small.post.refused = {people[7]}
    small.clock.now = MONDAY
    assert small.work() == 19
    with small.database.read() as session:
        mails = archive.mails_of(session, small.stored()[0])
        (line,) = archive.archive(session)
    assert (mails[0].recipient, mails[0].state) == (people[7], SendState.FAILED)
    assert mails[0].reason == "The mail server said: 550 no such mailbox"
    assert line.mails == {SendState.SENT: 19, SendState.FAILED: 1}
    small.post.refused = set()
    with small.database.write() as session:
        archive.retry(session, mails[0].mailing_id, by=small.manager, now=small.clock())
    assert small.work() == 1


def test_each_mail_can_be_left_with_one_click(office: Office) -> None:
    office.plan()
    office.clock.now = MONDAY
    office.work()
    links = {to: message["List-Unsubscribe"] for to, message in office.post.arrived}
    assert len(set(links.values())) == 2
    assert all(message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" for _, message in office.post.arrived)
    token = links["ada@norvik.example"].strip("<>").rpartition("/")[2]
    leaving = plans.read_token(office.settings, token)
    assert leaving == Leaving(1, None, "ada@norvik.example")
    for _ in range(2):
        with office.database.write() as session:
            assert plans.unsubscribe(session, leaving, office.clock()) == "ada@norvik.example"
    office.clock.advance(days=7)
    assert office.work() == 1 and office.post.arrived[-1][0] == "bea@norvik.example"
    with office.database.write() as session:
        plans.resubscribe(session, 1, "ADA@norvik.example", by=office.manager)
    office.clock.advance(days=7)
    assert office.work() == 2


def test_the_link_that_all_share_asks_for_the_address(small: Office) -> None:
    plan = small.plan()
    shared = reports.look_for(small.settings, plan).unsubscribe_url.rpartition("/")[2]
    leaving = plans.read_token(small.settings, shared)
    with small.database.write() as session:
        with pytest.raises(InvalidInputError) as caught:
            plans.unsubscribe(session, leaving, small.clock(), "eve@elsewhere.example")
        assert caught.value.field == "address"
        assert plans.unsubscribe(session, leaving, small.clock(), "Bea@norvik.example")
    with small.database.read() as session:
        assert plans.unsubscribed(session, plan.id) == {"bea@norvik.example"}


@pytest.mark.parametrize("token", ["", "x", "WzEsbnVsbCwiYSJd.forged"])
def test_a_forged_link_is_refused(small: Office, token: str) -> None:
    with pytest.raises(NotFoundError):
        plans.read_token(small.settings, token)


def test_five_hundred_are_asked_for_by_one_row_and_queued_by_the_scheduler(small: Office) -> None:
    small.plan(recipients="\n".join(f"p{number}@norvik.example" for number in range(500)))
    small.clock.now = MONDAY
    assert reports.send_due(small.database, small.settings, small.clock) == 1
    assert small.count(Mailing) == 500 and small.count(Letter) == 1
    with small.database.write() as session:
        reports.send_again(session, small.stored()[0].id, by=small.manager, now=small.clock())
    assert small.count(Mailing) == 500, "whoever asks writes one row"
    assert reports.send_due(small.database, small.settings, small.clock) == 1
    assert small.count(Mailing) == 1000


# --- what people ask for -----------------------------------------------------------------------------------------


def test_sent_again_it_is_the_same_whatever_changed_meanwhile(office: Office) -> None:
    office.plan()
    office.clock.now = MONDAY
    office.work()
    with office.database.write() as session:
        for reading in session.scalars(select(ReadingRow)):
            reading.sentiment = Sentiment.NEGATIVE
        reports.send_again(session, office.stored()[0].id, by=office.manager, now=office.clock())
    office.clock.advance(hours=3)
    assert office.work() == 2
    first, again = text_of(office.post.arrived[0][1]), text_of(office.post.arrived[-1][1])
    assert first == again
    assert office.count(StoredReport) == 1


def test_a_test_goes_to_whoever_asks_and_stores_nothing(small: Office) -> None:
    plan = small.plan()
    small.clock.now = MONDAY - timedelta(minutes=5)
    with small.database.write() as session:
        reports.send_test(session, plan.id, by=small.manager, now=small.clock())
    assert small.work() == 1
    assert small.post.arrived[0][0] == small.manager.email
    assert small.stored() == []
    small.clock.now = MONDAY
    assert small.work() == 2, "the real one is still due"


def test_a_preview_is_what_is_sent(small: Office) -> None:
    plan = small.plan()
    small.clock.now = MONDAY
    shown = reports.preview(small.database, plan.id, small.clock)
    assert small.count(StoredReport) == small.count(ReportSending) == 0
    small.work()
    kept = archive.report_of(small.stored()[0])
    assert (shown.headline, shown.measures) == (kept.headline, kept.measures)


def test_agents_may_not(small: Office) -> None:
    plan = small.plan()
    with small.database.write() as session:
        agent = make_user(session, "Ann Agent")
        for refused in (
            lambda: plans.add(session, small.brand.id, Given("x"), by=agent, now=small.clock()),
            lambda: plans.change(session, plan.id, Given("x"), by=agent, now=small.clock()),
            lambda: plans.remove(session, plan.id, by=agent, now=small.clock()),
            lambda: reports.send_test(session, plan.id, by=agent, now=small.clock()),
            lambda: reports.send_again(session, 1, by=agent, now=small.clock()),
            lambda: archive.retry(session, 1, by=agent, now=small.clock()),
            lambda: plans.resubscribe(session, plan.id, "a@b.example", by=agent),
        ):
            with pytest.raises(NotAllowedError):
                refused()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 101),
        ("kind", "personal"),
        ("kind", "yearly"),
        ("weekday", 7),
        ("hour", 24),
        ("hour", -1),
        ("zone", "Europe/Nowhere"),
        ("zone", ""),
        ("zone", "../../etc/passwd"),
        ("zone", "Europe"),
        ("language", "tlh"),
        ("sections", ["trend", "secrets"]),
        ("sections", []),
        ("colour", "red"),
        ("colour", "#12345"),
        ("recipients", "ada@norvik.example, bea"),
        ("recipients", "\n".join(f"p{number}@norvik.example" for number in range(501))),
        ("logo", b"GIF89a"),
        ("logo", b"\x89PNG\r\n\x1a\n" + bytes(200 * 1024)),
        ("logo", b"<svg/>"),
    ],
)
def test_what_cannot_be_entered_names_its_field(small: Office, field: str, value: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        small.plan(**{field: value})
    assert caught.value.field == field
    assert small.count(ReportPlan) == 0


def test_what_is_entered_is_tidied(small: Office) -> None:
    plan = small.plan(
        name=" The  board ", recipients="ada@norvik.example; Ada@norvik.example\n\nbea@norvik.example,",
        colour="#A1B2C3", sections=["sources", "trend"], logo=b"\xff\xd8\xff rest", zone=" Asia/Tokyo ",
    )  # fmt: skip
    assert (plan.name, plan.colour, plan.zone, plan.logo_type) == ("The board", "#a1b2c3", "Asia/Tokyo", "image/jpeg")
    assert plan.recipients == ["ada@norvik.example", "bea@norvik.example"]
    assert plan.sections == ["trend", "sources"]
    with small.database.write() as session:
        kept = plans.change(session, plan.id, Given("x"), by=small.manager, now=small.clock())
        assert kept.logo == b"\xff\xd8\xff rest"
        plans.change(session, plan.id, Given("x", drop_logo=True), by=small.manager, now=small.clock())
        assert kept.logo is None


# --- a person's own week -----------------------------------------------------------------------------------------


def test_a_persons_own_week(office: Office) -> None:
    with office.database.write() as session:
        ann = make_user(session, "Ann Agent")
        make_user(session, "Cyd Silent")
        conversation = session.scalars(select(Conversation)).one()
        conversation.assignee_id, conversation.last_at = ann.id, START + timedelta(days=3)
        mention = session.scalars(select(Mention).order_by(Mention.id)).first()
        assert mention is not None
        for number, minutes in enumerate((30, 500)):
            at = START + timedelta(minutes=minutes)
            session.add(
                Reply(
                    conversation_id=conversation.id, mention_id=mention.id, network="mastodon", text="Sorry.",
                    key=f"k{number}", state=ReplyState.SENT, created_at=at, sent_at=at, user_id=ann.id,
                )
            )  # fmt: skip
        session.add(
            Correction(
                mention_id=mention.id, question=Question.SENTIMENT, was="neutral", sure=0.5, now="negative",
                user_id=ann.id, at=START + timedelta(days=1), model="m",
            )
        )  # fmt: skip
        plans.want_own_week(session, ann.id, "Europe/Berlin", "de", wanted=True, now=office.clock())
    office.clock.now = datetime(2026, 11, 9, 6, 0, tzinfo=UTC)
    assert office.work() == 1
    ((to, message),) = office.post.arrived
    assert (to, message["Subject"]) == ("ann@example.com", "Ihre Woche 45 (2.–8. November 2026)")
    (row,) = office.stored()
    report = archive.report_of(row)
    figures = {one.key: one.now for one in report.measures}
    assert figures["answers"] == 2 and figures["own_first_answer"] == 30
    assert (figures["assigned"], figures["corrections"]) == (1, 1)
    assert figures["oldest"] == pytest.approx((office.clock() - START - timedelta(days=3)).total_seconds() / 60)
    assert report.advice[0].path == "/c/1"
    assert archive.may_read(row, ann) and not archive.may_read(row, office.manager)
    token = message["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    with office.database.write() as session:
        leaving = plans.read_token(office.settings, token)
        assert plans.unsubscribe(session, leaving, office.clock()) == "ann@example.com"
        assert session.get_one(User, ann.id).own_week is False
    office.clock.advance(days=7)
    assert office.work() == 0


def test_a_brand_without_a_plan_can_be_told_of_too(small: Office) -> None:
    whose = reports.Whose(ReportKind.WEEKLY, date(2026, 11, 2), brand_id=small.brand.id)
    report = reports.stored_or_made(small.database, whose, small.clock, keep=False)
    assert report.brand == "Norvik" and small.count(StoredReport) == 0
    with small.database.read() as session, pytest.raises(NotFoundError):
        reports.make(session, reports.Whose(ReportKind.WEEKLY, date(2026, 11, 2), brand_id=77), small.clock())


def test_names_of_any_kind_arrive_as_they_are(small: Office) -> None:
    name = 'Nørvik 🚲 نورفيك, "bikes"\n=cmd()'
    with small.database.write() as session:
        session.get_one(Brand, small.brand.id).name = name
    small.plan(recipients="ada@norvik.example")
    small.clock.now = MONDAY
    assert small.work() == 1
    subject = small.post.arrived[0][1]["Subject"]
    assert "🚲" in subject and "نورفيك" in subject and "\n" not in subject
