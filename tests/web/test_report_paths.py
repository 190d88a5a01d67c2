"""Every figure of a report that leads somewhere: the page there counts the same."""

import re
from datetime import timedelta
from random import Random

import pytest

from config.settings import Settings
from engage.report import facts
from engage.report.content import Measure, ReportKind, Unit
from engage.report.found import Asked
from engage.tables import Conversation, Role, Status
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow
from tests.conftest import FakeClock
from tests.factories import START, count_all, make_author, make_brand, make_conversation, make_mention, name_in
from tests.web.site import Browser, Site

FIRST = START.date()
SIZE = re.compile(r'id="(?:mention|conversation)-count" data-count="(\d+)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Two weeks of a brand with a competitor; nothing here changes it."""
    site = Site(Settings(data=tmp_path_factory.mktemp("data")), FakeClock())
    dice = Random(3)
    with site.database.write() as session:
        brand = make_brand(session)
        brand.competitors = ["Ost"]
        for number in range(180):
            at = START + timedelta(minutes=dice.randrange(-7 * 1440, 8 * 1440))
            conversation = make_conversation(
                session,
                brand,
                make_author(session, f"author{number}"),
                thread=f"t{number}",
                first_at=at,
                last_at=at,
                intent=dice.choice(list(Intent)),
                status=dice.choice(list(Status)),
                noise=number % 9 == 0,
                answered_at=at + timedelta(hours=1) if number % 4 == 0 else None,
            )
            mention = make_mention(session, conversation, number=number, created_at=at, reach=10)
            reading = session.get_one(ReadingRow, mention.id)
            reading.sentiment = dice.choice(list(Sentiment))
            name_in(reading, dice.choice(([], [["brand", "Norvik", 0, 6]], [["competitor", "Ost", 0, 3]])))
        session.flush()
        count_all(session)
    return site


@pytest.fixture(scope="module")
def browser(site: Site) -> Browser:
    return site.browser(Role.AGENT)


def wanted(measure: Measure, whole: float) -> float:
    """The number behind a measure: of a share, how many it is made of."""
    assert measure.now is not None
    return measure.now * whole if measure.unit is Unit.SHARE else measure.now


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_every_path_counts_what_the_report_says(site: Site, browser: Browser, zone: str) -> None:
    with site.database.read() as session:
        report = facts.make(session, Asked(ReportKind.WEEKLY, 1, FIRST, zone), START + timedelta(days=9))
    figures = {one.key: one for one in (*report.measures, *report.team)}
    named = sum(voice.count for voice in report.voices)
    wholes = {"answered": figures["begun"].now or 0, "voice": named}
    followed = 0
    for key, measure in figures.items():
        if measure.path:
            size = SIZE.search(browser.get(measure.path).text)
            assert size, measure.path
            whole = wholes.get(key, figures["mentions"].now or 0)
            assert int(size[1]) == pytest.approx(wanted(measure, whole)), measure.path
            followed += 1
    assert followed == 7
    complaints = report.advice[0]
    size = SIZE.search(browser.get(complaints.path).text)
    assert size and f" {size[1]} complaint" in complaints.words and int(size[1]) > 0


def test_every_other_path_is_a_page(site: Site, browser: Browser) -> None:
    with site.database.read() as session:
        report = facts.make(session, Asked(ReportKind.WEEKLY, 1, FIRST), START + timedelta(days=9))
        assert session.get(Conversation, 1) is not None
    for advice in report.advice:
        assert not advice.path or browser.get(advice.path).status_code in {200, 403}, advice.path


def test_a_zone_that_is_none_is_left_out(browser: Browser) -> None:
    address = "/?queue=all&brand=1&from=2026-11-02&to=2026-11-08"
    sizes = [SIZE.search(browser.get(path).text) for path in (address, f"{address}&zone=Nowhere")]
    assert sizes[0] and sizes[1] and sizes[0][1] == sizes[1][1]
