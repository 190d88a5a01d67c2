"""Analytics: every number leads to exactly the mentions that it counts."""

import csv
import html
import io
import json
import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from config.settings import Settings
from engage import analytics, conversations, inbox, linking, rollups
from engage.inbox import latest, sizes
from engage.outcomes import Outcome
from engage.tables import Activity, ActivityKind, Contact, Conversation, Reply, ReplyState, Role, Status
from listener.tables import AlsoHeard, Mention
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow
from tests.conftest import FakeClock
from tests.factories import START, count_all, make_author, make_brand, make_conversation, make_mention, name_in
from tests.web.site import Browser, Site
from web.tabs import TABS

LINK = re.compile(r'<a href="([^"]*)" data-count="(\d+)"')
CHART = re.compile(r'data-chart="([^"]*)"')
MENTIONS = re.compile(r'id="mention-count" data-count="(\d+)"')
CONVERSATIONS = re.compile(r'id="conversation-count" data-count="(\d+)"')
BERLIN, HAGUE = ["place", "Berlin", 10, 16], ["place", 'The "Hague" & more', 10, 16]
MOST = 30
"""So many numbers of a page are followed, evenly from the largest to none."""
TEXTS = (
    "The wheel lock shows error 4207 again.",
    "Love the new bike. #Bikes",
    "#bikes at https://example.com/?utm_campaign=Spring&utm_source=mail",
    "How do I order a battery?",
    "Too late again.",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A brand with 130 mentions of eight weeks in 50 conversations, another with a few, and all of it counted.

    Nothing here changes it, so it is made once.
    """
    clock = FakeClock()
    site = Site(Settings(data=tmp_path_factory.mktemp("data")), clock)
    clock.now = START + timedelta(days=7)
    dice = random.Random(5)
    with site.database.write() as session:
        brand, other = make_brand(session), make_brand(session, "Other")
        for number in range(60):
            network = dice.choice(("mastodon", "x"))
            author = make_author(session, f"author{number}", network, followers=dice.choice((None, 120, 60_000)))
            conversation = make_conversation(
                session,
                dice.choices((brand, other), (5, 1))[0],
                author,
                thread=f"t{number}",
                status=dice.choice(list(Status)),
                noise=number % 10 == 0,
            )
            contact = session.get_one(Contact, conversation.contact_id)
            contact.tags = ["vip"] if number % 3 == 0 else []
            contact.company = "Velo Ltd" if number % 5 == 0 else ""
            _fill(session, conversation, dice, number, other.id)
        count_all(session)
    return site


def _fill(session: Any, conversation: Conversation, dice: random.Random, number: int, other_id: int) -> None:
    ago = sorted((dice.randrange(60, 56 * 1440) for _ in range(dice.randrange(1, 5))), reverse=True)
    moments = [START + timedelta(days=7) - timedelta(minutes=minutes) for minutes in ago]
    for place, at in enumerate(moments):
        mention = make_mention(
            session,
            conversation,
            dice.choice(TEXTS),
            number=place,
            created_at=at,
            reach=dice.choice((None, 40, 500, 30_000)),
            deleted_at=START if dice.random() < 0.05 else None,
        )
        reading = session.get_one(ReadingRow, mention.id)
        reading.sentiment, reading.intent = dice.choice(list(Sentiment)), dice.choice(list(Intent))
        if number % 6 == 0 and place in (0, len(moments) - 1):
            reading.sentiment = Sentiment.POSITIVE if place else Sentiment.NEGATIVE
        reading.language = dice.choice(("en", "de"))
        named = (
            [],
            [["brand", "Norvik", 0, 6], BERLIN],
            [["competitor", "Ost & Söhne", 0, 3], BERLIN, BERLIN],
            [HAGUE],
        )
        name_in(reading, dice.choice(named))
        if dice.random() < 0.1 and conversation.brand_id != other_id:
            session.add(AlsoHeard(mention_id=mention.id, brand_id=other_id))
    conversation.first_at, conversation.last_at = moments[0], moments[-1]
    conversation.mention_count = len(moments)
    if number % 3 == 0:
        conversation.answered_at = conversation.first_at + timedelta(minutes=10 * number)
        for place in range(1 + number % 2):
            session.add(_sent(conversation, mention, number, place))
    if conversation.status is Status.CLOSED:
        at = conversation.first_at + timedelta(hours=number)
        session.add(_done(conversation, ActivityKind.STATUS, conversations.CLOSED, at))
    if number % 4 == 0:
        at = START + timedelta(days=6)
        session.add(_done(conversation, ActivityKind.STATUS, conversations.CLOSED, at))
        session.flush()
        session.add(_done(conversation, ActivityKind.REOPENED, linking.REOPENED, at))
    session.flush()


def _done(conversation: Conversation, kind: ActivityKind, text: str, at: datetime) -> Activity:
    return Activity(conversation_id=conversation.id, kind=kind, text=text, at=at)


def _sent(conversation: Conversation, mention: Mention, number: int, place: int) -> Reply:
    return Reply(
        conversation_id=conversation.id,
        mention_id=mention.id,
        network=conversation.network,
        text="Thank you.",
        state=ReplyState.SENT,
        key=f"k{number}-{place}",
        user_id=1 + number % 3,
        created_at=conversation.answered_at,
        sent_at=START + timedelta(days=7) if place else conversation.answered_at,
    )


@pytest.fixture(scope="module")
def browser(site: Site) -> Browser:
    """A manager, who sees all of it."""
    return site.browser(Role.MANAGER)


def counted_in_the_inbox(browser: Browser, address: str) -> int:
    """What the list that a number leads to says of itself, at once or when asked to count."""
    page = browser.get(address).text
    is_of_conversations = re.search("begun=|closed=1", address)
    told = CONVERSATIONS if is_of_conversations else MENTIONS
    asked = re.search(r'hx-get="([^"]*/size[^"]*)"', page)
    found = told.search(page) or (told.search(browser.get(html.unescape(asked[1])).text) if asked else None)
    assert found, address
    if is_of_conversations:
        assert len(re.findall(r'id="line-\d+"', page)) == min(int(found[1]), inbox.PAGE_SIZE), address
    return int(found[1])


def drawn(drawing: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Every number that a chart draws with a place to go."""
    links = drawing.get("links")
    match drawing["kind"]:
        case "volume":
            yield from zip(drawing["now"], links, strict=True)
        case "bars" if links:
            yield from zip(drawing["values"], links, strict=True)
        case "stance" | "split" | "flow":
            for label, addresses in links.items():
                yield from zip(drawing[label], addresses, strict=True)
        case "heat":
            for row, addresses in zip(drawing["values"], links, strict=True):
                yield from zip(row, addresses, strict=True)
        case "around":
            yield from zip(drawing["all"], links, strict=True)
            yield from zip(drawing["tagged"], drawing["tagged_links"], strict=True)


FILTERS = (
    "",
    "&network=x&language=de",
    "&brand=2&range=7",
    "&segment=contact:known&tag=hashtag:bikes",
    "&segment=tag:vip&tag=campaign:spring",
    "&segment=size:untold&tag=source:mail",
)


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("tab", TABS)
def test_every_number_leads_to_exactly_what_it_counts(
    browser: Browser, tab: str, filters: str, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the lists are so long that their heading is told from what is kept, and few are looked into."""
    if many:
        monkeypatch.setattr(sizes, "MANY", -1)
        monkeypatch.setattr(latest, "TRIES", (1, 20))
    browser.client.set_cookie("zone", "Asia/Kolkata")
    page = browser.get(f"/analytics/{tab}?{filters}").text
    numbers = {(int(count), html.unescape(address)) for address, count in LINK.findall(page)}
    for chart in CHART.findall(page):
        numbers |= set(drawn(json.loads(html.unescape(chart))))
    assert numbers or tab == "topics"
    some = sorted(numbers, reverse=True)[:: 1 + len(numbers) // MOST]
    wrong = {
        address: (count, found)
        for count, address in some
        if (found := counted_in_the_inbox(browser, address)) != count
    }
    assert not wrong


def test_every_figure_of_the_team_counts_something(browser: Browser) -> None:
    """Else the test before this one would compare nothing with nothing."""
    page = browser.get("/analytics/team?range=91").text
    for part in page.split('id="figure-')[1:]:
        assert any(int(count) for _, count in LINK.findall(part)) or part.startswith("times"), part[:20]
    for outcome in Outcome:
        counts = [int(count) for address, count in LINK.findall(page) if f"outcome={outcome}" in address]
        assert any(counts), outcome


def test_only_managers_see_how_each_colleague_answers(site: Site, browser: Browser) -> None:
    agent = site.browser(Role.AGENT)
    assert 'id="figure-agents"' in browser.get("/analytics/team?range=91").text
    assert 'id="figure-agents"' not in agent.get("/analytics/team?range=91").text
    assert browser.get("/analytics/team/agents.csv?range=91").status_code == 200
    assert agent.get("/analytics/team/agents.csv?range=91").status_code == 404
    days = "queue=all&brand=1&from=2026-08-10&to=2026-11-09&begun=1"
    everything = counted_in_the_inbox(agent, f"/?{days}")
    for person in range(1, 4):
        of_one = counted_in_the_inbox(browser, f"/?{days}&agent={person}")
        assert of_one < everything
        own = person == site.people[Role.AGENT].id
        assert counted_in_the_inbox(agent, f"/?{days}&agent={person}") == (of_one if own else everything)


def test_the_mentions_of_a_number_are_listed(site: Site, browser: Browser) -> None:
    page = browser.get("/analytics/overview").text
    [address] = {
        html.unescape(found) for found in re.findall(r'<a href="([^"]*intent=complaint[^"]*)" data-count', page)
    }
    listed = set(map(int, re.findall(r'id="line-(\d+)"', browser.get(address).text)))
    first = START.date() + timedelta(days=7 - 27)
    with site.database.read() as session:
        wanted = session.scalars(
            select(Mention.conversation_id)
            .join(ReadingRow, ReadingRow.mention_id == Mention.id)
            .where(Mention.brand_id == 1, Mention.deleted_at.is_(None), ReadingRow.intent == Intent.COMPLAINT)
            .where(Mention.created_at >= rollups.start_of(first))
        )
        assert listed == set(wanted)


def test_the_whole_of_a_brand(site: Site, browser: Browser) -> None:
    page = browser.get("/analytics/overview?range=365").text
    with site.database.read() as session:
        rows = session.scalars(select(Mention).where(Mention.brand_id == 1, Mention.deleted_at.is_(None))).all()
    [shown] = re.findall(r"<dt>Mentions</dt><dd><a [^>]*>([\d,]+)</a>", page)
    assert int(shown) == len(rows)


def mentions_of(browser: Browser, query: str) -> int:
    page = browser.get(f"/analytics/overview?range=365{query}").text
    return int(re.findall(r"<dt>Mentions</dt><dd><a [^>]*>([\d,]+)</a>", page)[0])


def test_segments_add_up_to_everybody(browser: Browser) -> None:
    everybody = mentions_of(browser, "")
    groups = (
        ("contact:known", "contact:stranger"),
        ("size:nano", "size:micro", "size:mid", "size:macro", "size:mega", "size:untold"),
        ("kind:social", "kind:forum", "kind:news"),
    )
    for group in groups:
        sizes = [mentions_of(browser, f"&segment={segment}") for segment in group]
        assert sum(sizes) == everybody
    assert 0 < mentions_of(browser, "&segment=tag:vip") < mentions_of(browser, "&segment=contact:known") < everybody
    assert mentions_of(browser, "&segment=tag:nobody") == 0


def test_the_segments_of_a_brands_contacts_are_offered(browser: Browser) -> None:
    page = browser.get("/analytics/when?segment=tag:vip").text
    assert '<option value="tag:vip" selected>Contacts tagged vip</option>' in page
    assert (
        '<option value="tag:old" selected>Contacts tagged old</option>'
        in browser.get("/analytics/?segment=tag:old").text
    )


def test_a_hashtag_is_compared_with_the_days_before(site: Site, browser: Browser) -> None:
    page = browser.get("/analytics/campaigns?tag=hashtag:bikes").text
    with site.database.read() as session:
        carrying = select(Mention).where(
            Mention.brand_id == 1, Mention.text.contains("#"), Mention.deleted_at.is_(None)
        )
        first = min(mention.created_at for mention in session.scalars(carrying)).date()
    assert f"#bikes came up on {first.day} {first:%b %Y}" in page
    assert "in the 14 days before #bikes came up" in page


def test_a_campaign_gets_a_name_and_loses_it(browser: Browser) -> None:
    address = "/analytics/campaigns?brand=1&range=28&tag=campaign:spring"
    form = "/analytics/campaigns/name?brand=1&range=28&tag=campaign:spring"
    assert "Spring <sale> (spring)" not in html.unescape(browser.get(address).text)
    answer = browser.post(form, {"name": " Spring  <sale> "})
    assert answer.location == "/analytics/campaigns?brand=1&range=28&tag=campaign:spring"
    assert "Spring &lt;sale&gt; (spring)" in browser.get(address).text
    assert browser.post(form, {"name": "x" * 101}).status_code == 422
    browser.post(form, {"name": ""})
    assert "(spring)" not in browser.get(address).text
    assert browser.post("/analytics/campaigns/name?brand=1", {"name": "Spring"}).status_code == 404


def test_hours_are_those_of_the_reader(site: Site, browser: Browser) -> None:
    browser.client.set_cookie("zone", "America/New_York")
    page = browser.get("/analytics/when?range=365").text
    [drawing] = [json.loads(html.unescape(chart)) for chart in CHART.findall(page)]
    with site.database.read() as session:
        moments = session.scalars(
            select(Mention.created_at).where(Mention.brand_id == 1, Mention.deleted_at.is_(None))
        ).all()
    counts = [[0] * 24 for _ in range(7)]
    for moment in moments:
        local = moment.astimezone(ZoneInfo("America/New_York"))
        counts[local.weekday()][local.hour] += 1
    assert drawing["values"] == counts
    assert "in the time of America/New York" in page
    browser.client.delete_cookie("zone")
    assert "weekday and hour in UTC" in browser.get("/analytics/when").text


def test_a_file_holds_what_the_table_does(browser: Browser) -> None:
    page = browser.get("/analytics/overview?network=x").text
    [address] = re.findall(r'href="([^"]*/overview/intents\.csv[^"]*)"', page)
    answer = browser.get(html.unescape(address))
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert answer.mimetype == "text/csv"
    table = page.split('id="figure-intents"')[1].split("</table>")[0]
    assert [row[1] for row in rows[1:]] == re.findall(r'data-count="(\d+)"', table)
    assert len(rows) == 1 + len(Intent)


def test_filters_stay_in_the_address_of_the_tabs(browser: Browser) -> None:
    page = browser.get("/analytics/when?brand=2&from=2026-10-01&to=2026-11-09&network=x&language=en").text
    for tab in TABS:
        [address] = re.findall(rf'href="(/analytics/{tab}\?[^"]*from[^"]*)"', page)[:1]
        fields = dict(pair.split("=") for pair in html.unescape(address).split("?")[1].split("&"))
        assert fields == {"brand": "2", "from": "2026-10-01", "to": "2026-11-09", "network": "x", "language": "en"}


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-11-09&to=2026-10-01",
        "from=soon",
        "from=0001-01-01",
        "to=9999-12-31",
        "from=1900-01-01&to=2026-01-01",
        "range=0",
        "brand=77&network=nowhere&language=xx",
        "brand=99999999999999999999",
        "brand=%00",
    ],
)
@pytest.mark.parametrize("tab", TABS)
def test_an_address_that_means_nothing_shows_the_usual_days(browser: Browser, tab: str, query: str) -> None:
    answer = browser.get(f"/analytics/{tab}?{query}")
    assert answer.status_code == 200
    assert 'aria-current="true">4 weeks' in answer.text
    assert ("notice-warning" in answer.text) == ("from=" in query or "to=" in query)


def test_unknown_tabs_and_charts_are_not_there(browser: Browser) -> None:
    assert browser.get("/analytics/nothing").status_code == 404
    assert browser.get("/analytics/overview/nothing.csv").status_code == 404
    assert browser.get("/analytics/nothing/volume.csv").status_code == 404


def test_strangers_log_in_first(site: Site) -> None:
    assert site.stranger().get("/analytics/").status_code == 302


@pytest.mark.parametrize("tab", TABS)
def test_a_brand_of_which_nothing_was_heard(settings: Settings, clock: FakeClock, tab: str) -> None:
    site = Site(settings, clock)
    browser = site.browser(Role.AGENT)
    assert "There is no brand yet" in browser.get(f"/analytics/{tab}").text
    with site.database.write() as session:
        make_brand(session, '<b>"Öst" =1+1</b>')
    page = browser.get(f"/analytics/{tab}").text
    assert "<b>" not in page
    assert browser.get(f"/analytics/{tab}").status_code == 200


@pytest.mark.parametrize("whole", [True, False])
def test_a_phrase_leads_to_all_its_mentions(
    settings: Settings, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """Where only some mentions were looked at they are counted on demand."""
    site = Site(settings, clock)
    with site.database.write() as session:
        brand = make_brand(session)
        for number in range(80):
            conversation = make_conversation(session, brand, make_author(session, f"a{number}"), thread=f"t{number}")
            text = f"{'Late delivery, number' if number < 40 else 'Good bike with a bell'} {number // 2}"
            make_mention(session, conversation, text, created_at=START - timedelta(days=1 if number < 40 else 30))
        count_all(session)
    if not whole:
        monkeypatch.setattr(analytics, "SAMPLE", 20)
    browser = site.browser(Role.AGENT)
    page = browser.get("/analytics/topics").text
    part = next(part for part in page.split('class="topic"')[1:] if "late delivery" in part)
    if not whole:
        assert "data-count" not in part
        fetched = [html.unescape(address) for address in re.findall(r'hx-get="([^"]*)"', part)]
        part = "".join(browser.get(address).text for address in fetched)
    leads = LINK.findall(part)
    assert [int(count) for _, count in leads] == [40, 0]
    assert [counted_in_the_inbox(browser, html.unescape(address)) for address, _ in leads] == [40, 0]
    [word] = {html.unescape(address).split("phrase=")[1].split("&")[0] for address, _ in leads}
    assert "delivery" in word


def test_what_is_no_list_of_mentions_is_not_counted(browser: Browser) -> None:
    assert browser.get("/count?queue=all").status_code == 404
    assert browser.get("/count?queue=all&brand=1&from=2026-11-01&begun=1").status_code == 404


def test_few_mentions_say_too_few(settings: Settings, clock: FakeClock) -> None:
    site = Site(settings, clock)
    with site.database.write() as session:
        conversation = make_conversation(session, make_brand(session), make_author(session))
        make_mention(session, conversation, created_at=START - timedelta(hours=1))
        count_all(session)
    page = site.browser().get("/analytics/overview").text
    assert "Too few mentions to say more (1)" in page
    assert "too few" in page
    assert "1 mention, none in the period before" in page


def test_days_that_are_not_counted_yet_are_told_of(settings: Settings, clock: FakeClock) -> None:
    site = Site(settings, clock)
    with site.database.write() as session:
        make_mention(session, make_conversation(session, make_brand(session), make_author(session)))
    browser = site.browser()
    assert "being counted" in browser.get("/analytics/").text
    with site.database.write() as session:
        count_all(session)
    assert "being counted" not in browser.get("/analytics/").text


@pytest.mark.parametrize(
    "query",
    [
        "from=x&brand=1",
        "to=2026-13-01&brand=1",
        "from=2026-11-01&brand=1&hour=99",
        "from=2026-11-01&weekday=8&brand=1",
        "from=9999-12-31&brand=1",
        "from=0001-01-01&to=0001-01-01&brand=1",
        "weekday=soon&hour=x&answered=maybe",
        "from=2026-11-01&brand=1&answered=maybe",
        "from=2026-11-01&brand=1&names=us&towards=odd",
        "from=2026-11-01&brand=1&begun=1&outcome=odd&since=soon&first=7&again=x&agent=-1",
        "begun=ever&brand=1",
        "begun=ever",
        "closed=1&to=2026-11-01&brand=1",
    ],
)
def test_the_inbox_leaves_out_days_that_are_none(browser: Browser, query: str) -> None:
    assert browser.get(f"/?queue=all&{query}").status_code == 200
