"""Reports in the browser: the archive, a report as a page and as files, plans, and leaving."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from config.settings import Settings
from engage import mail
from engage.alert_tables import Mailing, SendState
from engage.report import plans as report_plans
from engage.report import sending as reports
from engage.report.content import Report
from engage.report.figures import figure, tidied
from engage.report.labels import EN
from engage.report.plans import Given, Leaving, leaving_token
from engage.report.tables import ReportPlan, ReportSending, StoredReport
from engage.tables import Role, User
from tests.conftest import FakeClock
from tests.engage.report.samples import HOSTILE, hostile, weekly
from tests.engage.report.test_mail import picture
from tests.factories import make_author, make_brand, make_conversation, make_mention
from tests.web.site import Browser, Site

LINK = re.compile(r'<a [^>]*?href="(/[^"]*)"')
PLAN = {
    "name": "Management",
    "brand": "1",
    "recipients": "lead@norvik.example\nceo@norvik.example",
    "kind": "weekly",
    "weekday": "0",
    "hour": "8",
    "zone": "Europe/Berlin",
    "language": "en",
    "sections": ["trend", "team"],
    "colour": "#0f766e",
    "active": "1",
}


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    """A brand with two weeks of mentions and a plan whose report is due this morning."""
    site = Site(settings.model_copy(update={"smtp_host": "127.0.0.1"}), clock)
    with site.database.write() as session:
        brand = make_brand(session)
        for number in range(28):
            author = make_author(session, f"who{number}")
            at = clock() - timedelta(hours=12 * number + 1)
            talk = make_conversation(session, brand, author, first_at=at, last_at=at)
            make_mention(session, talk, "My parcel is late.", created_at=at, heard_at=at)
        report_plans.add(
            session,
            brand.id,
            Given("Management", hour=8, recipients="lead@norvik.example\nceo@norvik.example"),
            by=site.people[Role.ADMIN],
            now=clock() - timedelta(days=7),
        )
    yield site
    site.database.engine.dispose()


@pytest.fixture
def sent(site: Site) -> Site:
    """The same with its report made and queued."""
    assert reports.send_due(site.database, site.settings, site.clock) == 1
    return site


def keep(site: Site, report: Report, **values: object) -> int:
    """Store a report as if it had been made."""
    with site.database.write() as session:
        row = StoredReport(
            **{"key": "kept", "plan_id": 1, "brand_id": 1, "user_id": None, "kind": report.kind} | values,
            first=report.first,
            title=report.title[:400],
            snapshot=report.as_json(),
            made_at=report.made_at,
        )
        session.add(row)
        session.flush()
        return row.id


def readable(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", text)).replace("\u00a0", " ")


def follow(browser: Browser, page: str) -> None:
    """Every link of the page leads somewhere."""
    for path in sorted(set(LINK.findall(page))):
        answer = browser.get(html.unescape(path), follow_redirects=True)
        assert answer.status_code == 200, path


# --- looking -----------------------------------------------------------------------------------------------------


def test_without_a_plan_the_page_says_what_one_is(settings: Settings, clock: FakeClock) -> None:
    site = Site(settings, clock)
    with site.database.write() as session:
        make_brand(session)
    page = site.browser().get("/reports/").text
    assert "Nobody gets a report yet." in page and "Make a plan" in page
    site.database.engine.dispose()


def test_the_archive_lists_reports_and_what_became_of_their_mails(sent: Site) -> None:
    page = readable(sent.browser(Role.AGENT).get("/reports/").text)
    for words in (
        "Norvik, week 44 (26 October – 1 November 2026)",
        "Management",
        "2 waiting",
        "Every Monday at 08:00",
    ):
        assert words in page
    assert "New plan" not in page


def test_the_archive_says_what_could_not_be_made_and_when_it_is_tried_again(site: Site) -> None:
    with site.database.write() as session:
        session.get_one(ReportPlan, 1).sections = ["of a later version"]
    for _ in range(2):
        with pytest.raises(ValueError, match="of a later version"):
            reports.send_due(site.database, site.settings, site.clock)
        site.clock.advance(minutes=2)
    page = readable(site.browser(Role.AGENT).get("/reports/").text)
    assert "Management of 26 October 2026 could not be made, 2 times by now" in page
    assert "is not a valid Section. It is tried again in 3 min" in page


def test_the_page_shows_the_figures_of_the_snapshot(site: Site) -> None:
    report = tidied(weekly())
    page = readable(site.browser().get(f"/reports/{keep(site, report)}").text)
    for measure in (*report.measures, *report.team):
        shown = figure(measure, EN)
        assert all(
            part.replace("\u00a0", " ") in page for part in (shown.label, shown.value, shown.step, shown.before)
        )
    for voice in report.voices:
        assert voice.name in page and f"{voice.count:,}" in page
    for day in report.trend:
        row = "".join(str(count) for count in (day.negative, day.neutral, day.positive, day.before))
        assert row in page
    assert all(one.words in page for one in report.advice)
    assert all(quote.text in page for driver in report.drivers for quote in driver.quotes)


def test_every_link_of_a_report_leads_to_a_page(sent: Site) -> None:
    browser = sent.browser()
    follow(browser, browser.get("/reports/1").text)
    follow(browser, browser.get("/reports/").text)


def test_what_others_wrote_is_text(site: Site) -> None:
    page = site.browser().get(f"/reports/{keep(site, hostile())}").text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert "javascript:" not in page and "\u202e" not in page


@pytest.mark.parametrize(
    ("kind", "start", "media_type"),
    [
        ("pdf", b"%PDF", "application/pdf"),
        ("csv", b"\xef\xbb\xbfsection,", "text/csv; charset=utf-8"),
        ("eml", b"Subject: ", "message/rfc822"),
        ("html", b"<!DOCTYPE html>", "text/html; charset=utf-8"),
    ],
)
def test_a_report_can_be_saved(site: Site, kind: str, start: bytes, media_type: str) -> None:
    answer = site.browser(Role.AGENT).get(f"/reports/{keep(site, weekly())}/{kind}")
    assert answer.data.startswith(start)
    assert answer.content_type == media_type
    assert answer.headers["Content-Disposition"] == f'attachment; filename="kestova-2026-11-16.{kind}"'


def test_ones_own_week_is_for_nobody_else(site: Site) -> None:
    mine = site.people[Role.AGENT]
    report_id = keep(site, weekly(), plan_id=None, brand_id=None, user_id=mine.id)
    assert site.browser(Role.AGENT).get(f"/reports/{report_id}").status_code == 200
    for path in (f"/reports/{report_id}", f"/reports/{report_id}/pdf", "/reports/999"):
        assert site.browser(Role.ADMIN).get(path).status_code == 404


# --- sending -----------------------------------------------------------------------------------------------------


def test_a_failed_mail_says_why_and_is_sent_again(sent: Site) -> None:
    with sent.database.write() as session:
        failed = session.get_one(Mailing, 1)
        failed.state, failed.error_text = SendState.FAILED, "550 no such mailbox"
    page = sent.browser().get("/reports/1").text
    assert "550 no such mailbox" in page and "Try again" in page
    assert "lead@norvik.example" not in sent.browser(Role.AGENT).get("/reports/1").text

    assert sent.browser(Role.AGENT).post("/reports/1/mails/1").status_code == 403
    assert sent.browser().post("/reports/1/mails/99").status_code == 404
    assert sent.browser().post("/reports/1/mails/1").status_code == 303
    with sent.database.read() as session:
        assert session.get_one(Mailing, 1).state is SendState.WAITING


def test_sending_again_asks_for_the_same_report(sent: Site) -> None:
    assert sent.browser(Role.AGENT).post("/reports/1/send").status_code == 403
    browser = sent.browser(Role.MANAGER)
    assert browser.post("/reports/1/send").status_code == 303
    assert "A sending waits for its turn" in browser.get("/reports/1").text
    assert reports.send_due(sent.database, sent.settings, sent.clock) == 1
    with sent.database.read() as session:
        assert session.query(StoredReport).count() == 1
        assert session.query(Mailing).count() == 4


# --- plans -------------------------------------------------------------------------------------------------------


def test_a_plan_is_made_changed_and_removed(site: Site) -> None:
    browser = site.browser(Role.MANAGER)
    form = browser.get("/reports/plans/new").text
    assert 'enctype="multipart/form-data"' in form
    logo = {"logo": (BytesIO(picture(8, 8)), "logo.png")}
    answer = browser.post("/reports/plans/", PLAN | {"name": "Board"} | logo, content_type="multipart/form-data")
    assert answer.headers["Location"] == "/reports/plans/2/preview"
    with site.database.read() as session:
        plan = report_plans.get(session, 2)
        assert (plan.name, plan.zone, plan.sections, plan.colour) == (
            "Board",
            "Europe/Berlin",
            ["trend", "team"],
            "#0f766e",
        )
        assert plan.recipients == ["lead@norvik.example", "ceo@norvik.example"]
        assert plan.logo_type == "image/png"
    assert "Remove the present logo" in browser.get("/reports/plans/2").text
    assert browser.post("/reports/plans/2", PLAN | {"name": "All of us", "drop_logo": "1"}).status_code == 303
    with site.database.read() as session:
        plan = report_plans.get(session, 2)
        assert (plan.name, plan.logo) == ("All of us", None)
    assert browser.post("/reports/plans/2/remove").status_code == 303
    assert "All of us" not in browser.get("/reports/").text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "The name is missing."),
        ("recipients", "nobody", "is not an e-mail address"),
        ("zone", "Mars/Base", "There is no time zone"),
        ("hour", "24", "There is no such hour."),
        ("hour", "x", "There is no such hour."),
        ("sections", [], "A report needs a section."),
        ("colour", "red", "This is no colour."),
        ("kind", "hourly", "There is no such report."),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_typed_is_lost(
    site: Site, field: str, value: object, words: str
) -> None:
    answer = site.browser().post("/reports/plans/", PLAN | {"name": "Board", field: value})
    assert answer.status_code == 422
    assert words in readable(answer.text)
    assert "ceo@norvik.example" in answer.text or field == "recipients"
    with site.database.read() as session:
        assert session.query(ReportPlan).count() == 1


def test_a_logo_is_a_small_picture(site: Site) -> None:
    for data, words in ((b"<svg/>", "Take a PNG or a JPEG."), (picture(500, 500), "at most 200 KB")):
        given = PLAN | {"logo": (BytesIO(data), "logo.png")}
        answer = site.browser().post("/reports/plans/1", given, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert words in answer.text


def test_agents_see_no_plan(site: Site) -> None:
    browser = site.browser(Role.AGENT)
    for path in (
        "/reports/plans/new",
        "/reports/plans/1",
        "/reports/plans/1/preview",
        "/reports/plans/1/preview.html",
    ):
        assert browser.get(path).status_code == 403
    for path in ("/reports/plans/", "/reports/plans/1", "/reports/plans/1/remove", "/reports/plans/1/test"):
        assert browser.post(path, PLAN).status_code == 403
    assert site.stranger().get("/reports/").status_code == 302
    assert site.stranger().get("/reports/1/pdf").status_code == 302


def test_the_preview_is_shut_in_and_stores_nothing(site: Site) -> None:
    browser = site.browser()
    page = browser.get("/reports/plans/1/preview")
    assert '<iframe class="report-frame" title="The mail" sandbox src="/reports/plans/1/preview.html">' in page.text
    assert page.headers["Content-Security-Policy"].endswith("; frame-src 'self'")
    framed = browser.get("/reports/plans/1/preview.html")
    policy = framed.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script" not in policy and policy.endswith("; sandbox")
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Norvik, week 44" in framed.text
    with site.database.read() as session:
        assert session.query(StoredReport).count() == session.query(Mailing).count() == 0


def test_a_test_goes_to_whoever_asks_alone(site: Site) -> None:
    assert site.browser(Role.MANAGER).post("/reports/plans/1/test").status_code == 303
    with site.database.read() as session:
        asked = session.query(ReportSending).one()
        assert asked.only_to == site.people[Role.MANAGER].email


# --- leaving -----------------------------------------------------------------------------------------------------


def link(site: Site, plan_id: int | None = 1, user_id: int | None = None, address: str = "") -> str:
    token = leaving_token(site.settings, Leaving(plan_id, user_id, address))
    return f"/reports/unsubscribe/{token}"


def gone(site: Site) -> set[str]:
    with site.database.read() as session:
        return report_plans.unsubscribed(session, 1)


def test_looking_at_the_link_unsubscribes_nobody(site: Site) -> None:
    page = site.stranger().get(link(site, address="ceo@norvik.example"))
    assert page.status_code == 200
    assert "ceo@norvik.example will get no more of these reports." in readable(page.text)
    assert gone(site) == set()


def test_a_mail_program_leaves_with_one_click(site: Site) -> None:
    stranger = site.stranger().client
    answer = stranger.post(link(site, address="CEO@norvik.example"), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert gone(site) == {"ceo@norvik.example"}
    reports.send_due(site.database, site.settings, site.clock)
    with site.database.read() as session:
        assert [one.recipient for one in session.query(Mailing)] == ["lead@norvik.example"]
    page = site.browser().get("/reports/plans/1").text
    assert "Unsubscribed" in page
    assert site.browser().post("/reports/plans/1/resubscribe", {"address": "ceo@norvik.example"}).status_code == 303
    assert gone(site) == set()


def test_the_link_that_all_share_asks_for_the_address(site: Site) -> None:
    stranger = site.stranger().client
    assert "Your e-mail address" in stranger.get(link(site)).text
    refused = stranger.post(link(site), data={"address": "other@norvik.example"})
    assert refused.status_code == 422 and "does not get this report" in refused.text
    assert stranger.post(link(site), data={"address": "lead@norvik.example"}).status_code == 200
    assert gone(site) == {"lead@norvik.example"}


def test_a_link_that_we_did_not_make_is_none(site: Site) -> None:
    forged = link(site, address="ceo@norvik.example")[:-2] + "xx"
    assert site.stranger().get(forged).status_code == 404
    assert site.stranger().client.post(forged).status_code == 404
    assert gone(site) == set()


def test_everybody_decides_on_their_own_week(site: Site) -> None:
    browser = site.browser(Role.AGENT)
    wanted = {"wanted": "1", "zone": "Europe/Berlin", "language": "de"}
    assert browser.post("/account/week", wanted | {"zone": "Mars"}).status_code == 422
    assert browser.post("/account/week", wanted).status_code == 303
    user_id = site.people[Role.AGENT].id
    with site.database.read() as session:
        user = session.get_one(User, user_id)
        assert (user.own_week, user.own_week_zone, user.own_week_language) == (True, "Europe/Berlin", "de")
    assert site.stranger().client.post(link(site, plan_id=None, user_id=user_id)).status_code == 200
    with site.database.read() as session:
        assert session.get_one(User, user_id).own_week is False


def test_without_a_mail_server_the_page_says_what_to_set(
    settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    site = Site(settings, clock)
    assert not mail.can_send(site.settings)
    with site.database.write() as session:
        make_brand(session, HOSTILE)
        report_plans.add(session, 1, Given("All"), by=site.people[Role.ADMIN], now=clock())
    assert "set HEARKEN_SMTP_HOST" in site.browser().get("/reports/").text
    assert "Send me a test" not in site.browser().get("/reports/plans/1/preview").text
    site.database.engine.dispose()
