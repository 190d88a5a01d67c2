import re
from collections.abc import Iterator

import pytest

from config.settings import Settings
from engage.tables import Conversation, Reply, Role, Team
from engage.together import presence, work
from engage.together.tables import Doing, Presence, Sharing
from tests.conftest import FakeClock
from tests.factories import make_author, make_brand, make_conversation, make_mention, make_source
from tests.web.site import Browser, Site
from web.events import HELLO, News, presence_event

HTMX = {"HX-Request": "true"}


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    with site.database.write() as session:
        brand = make_brand(session)
        make_source(session, brand, secrets_sealed=b"sealed")
        for handle in ("bea", "cleo"):
            make_mention(session, make_conversation(session, brand, make_author(session, handle)))
    clock.advance(hours=2)
    yield site
    site.database.engine.dispose()


@pytest.fixture
def agent(site: Site) -> Browser:
    return site.browser(Role.AGENT)


@pytest.fixture
def manager(site: Site) -> Browser:
    return site.browser(Role.MANAGER)


def test_a_beat_tells_who_else_is_there_and_our_version(agent: Browser, manager: Browser) -> None:
    agent.post("/presence", {"tab": "a", "conversation": "1", "doing": "replying"})
    heard = manager.post("/presence", {"tab": "b", "conversation": "", "doing": "viewing"}).json
    assert heard and [name for _, name, _ in heard["there"]["1"]] == ["agent"]
    assert f'data-version="{heard["version"]}"' in manager.get("/").text
    agent.post("/presence/leave", {"tab": "a"})
    heard = manager.post("/presence", {"tab": "b", "doing": "viewing"}).json
    assert heard and heard["there"] == {}
    assert manager.post("/presence", {"tab": "<b>"}).status_code == 422
    assert manager.post("/presence", {"tab": "b", "doing": "flying"}).status_code == 422


def test_strangers_are_not_present(site: Site) -> None:
    assert site.stranger().client.post("/presence", data={"tab": "a"}).status_code in {400, 401}
    with site.database.read() as session:
        assert session.query(Presence).count() == 0


def test_the_stream_tells_who_is_there(site: Site, clock: FakeClock) -> None:
    news = News(site.database, room=1, every_s=0.01, clock=clock)
    assert news.enter()
    stream = news.listen(20)
    assert next(stream) == HELLO
    with site.database.write() as session:
        user = site.people[Role.AGENT]
        presence.beat(session, user.id, "a", 1, Doing.VIEWING, clock())
    assert next(stream) == presence_event(f'{{"1": [[{user.id}, "agent", "viewing"]]}}')
    clock.advance(seconds=13)
    assert next(stream) == presence_event("{}")
    news.close()


def test_a_draft_is_given_back_and_goes_with_the_reply(agent: Browser, manager: Browser) -> None:
    kept = agent.post("/c/1/draft", {"kind": "reply", "text": "Dear <Bea>", "seen": "0"})
    assert kept.json and kept.json["version"]
    page = agent.get("/c/1").text
    assert "Dear &lt;Bea&gt;</textarea>" in page
    assert "490 characters left" in page, "what is kept was counted"
    assert "Dear &lt;Bea&gt;" not in manager.get("/c/1").text
    refused = agent.post("/c/1/draft", {"kind": "reply", "text": "other", "seen": "0"})
    assert refused.status_code == 409 and refused.json
    assert refused.json["text"] == "Dear <Bea>"
    assert agent.post("/c/1/reply", {"text": "Dear Bea", "seen": "0.1"}, headers=HTMX).status_code == 200
    assert "&lt;Bea&gt;" not in agent.get("/c/1").text
    assert agent.post("/c/1/draft", {"kind": "poem", "text": "x"}).status_code == 422
    assert agent.post("/c/99/draft", {"kind": "note", "text": "x"}).status_code == 404


def test_a_reply_past_a_colleagues_answer_is_asked_about_first(site: Site, agent: Browser, manager: Browser) -> None:
    seen = re.search(r'data-seen="([^"]+)"', agent.get("/c/1").text)
    assert seen
    manager.post("/c/1/reply", {"text": "We <look>.", "seen": seen[1]}, headers=HTMX)
    asked = agent.post("/c/1/reply", {"text": "A new one comes.", "seen": seen[1]}, headers=HTMX)
    assert asked.status_code == 409
    assert "manager" in asked.text and "We &lt;look&gt;." in asked.text
    mark = re.search(r'name="anyway" value="([^"]+)"', asked.text)
    assert mark
    with site.database.write() as session:
        assert session.query(Reply).count() == 1
        make_mention(session, session.get_one(Conversation, 1), "Hello?", number=7)
    again = agent.post("/c/1/reply", {"text": "A new one comes.", "seen": seen[1], "anyway": mark[1]}, headers=HTMX)
    assert again.status_code == 409
    assert "Hello?" in again.text and "We &lt;look&gt;." not in again.text
    assert agent.post("/c/1/reply", {"text": "x", "seen": "never"}, headers=HTMX).status_code == 422


def test_next_for_me_opens_one_until_nothing_waits(site: Site, agent: Browser) -> None:
    taken = [agent.post("/next", headers=HTMX) for _ in range(3)]
    assert ["/c/1" in answer.headers.get("HX-Trigger", "") for answer in taken] == [True, False, False]
    assert "/c/2" in taken[1].headers["HX-Trigger"]
    assert "Nothing waits for your team." in taken[2].text
    with site.database.read() as session:
        assert {row.assignee_id for row in session.query(Conversation)} == {site.people[Role.AGENT].id}


def test_following_and_names(agent: Browser) -> None:
    assert 'aria-pressed="true"' in agent.post("/c/1/follow", headers=HTMX).text
    assert 'aria-pressed="true"' in agent.get("/c/1").text
    assert 'aria-pressed="false"' in agent.post("/c/1/follow", {"stop": "1"}, headers=HTMX).text
    assert agent.post("/c/99/follow", headers=HTMX).status_code == 404
    names = agent.get("/names").json
    assert names and sorted(one["name"] for one in names) == ["admin", "manager"]


def test_the_page_of_notices(agent: Browser, manager: Browser) -> None:
    assert "Nobody has told you anything yet" in agent.get("/notices/").text
    manager.post("/c/2/note", {"note": "@agent <b>look</b>"}, headers=HTMX)
    page = agent.get("/notices/").text
    assert "manager named you in a note on Cleo" in page
    assert "&lt;b&gt;look&lt;/b&gt;" in page
    fresh = agent.get("/refresh?noticed=0", headers=HTMX).text
    assert "manager named you in a note on Cleo" in fresh
    number = re.search(r'id="notice-(\d+)"', page)
    assert number
    assert manager.post(f"/notices/{number[1]}/read").status_code == 422
    assert agent.post(f"/notices/{number[1]}/read").status_code == 303
    assert "is-unread" not in agent.get("/notices/").text
    agent.post(f"/notices/{number[1]}/read", {"unread": "1"})
    agent.post("/notices/read")
    assert "is-unread" not in agent.get("/notices/").text


def test_opening_a_conversation_reads_its_notices_but_not_a_handover(agent: Browser, manager: Browser) -> None:
    manager.post("/c/1/assign", {"assignee": "3", "version": "1", "handover": "mind the step"}, headers=HTMX)
    manager.post("/c/1/note", {"note": "@agent hi"}, headers=HTMX)
    page = agent.get("/c/1").text
    assert "mind the step" in page.split('id="thread-scroll"')[0]
    assert "/c/1/notices" in page
    agent.post("/c/1/notices", headers=HTMX)
    page = agent.get("/c/1").text
    assert "/c/1/notices" not in page
    address = re.search(r'action="(/c/1/handover/\d+)"', page)
    assert address
    agent.post(address[1], headers=HTMX)
    assert "handover-words" not in agent.get("/c/1").text


def test_managers_say_how_teams_share_and_agents_how_they_work(site: Site, agent: Browser, manager: Browser) -> None:
    assert agent.get("/teams").status_code == 403
    assert agent.post("/teams/support", {"sharing": "turns"}).status_code == 403
    assert agent.post("/teams/people/1", {"most_open": "1"}).status_code == 403
    assert manager.post("/teams/support", {"sharing": "magic"}).status_code == 422
    assert manager.post("/teams/support", {"sharing": "least"}).status_code == 303
    agent.post("/presence", {"tab": "a"})
    page = manager.get("/teams").text
    assert re.search(r'value="least" checked', page)
    assert page.count("Online") == 1
    refused = agent.post("/account/work", {"most_open": "many", "mails": "all"})
    assert refused.status_code == 422
    assert 'value="many"' in refused.text
    assert agent.post("/account/work", {"most_open": "7", "mails": "all", "away": "1"}).status_code == 303
    assert 'value="7"' in agent.get("/account/work").text
    assert "Away ·" in manager.get("/teams").text
    with site.database.read() as session:
        assert work.sharing(session)[Team.SUPPORT] is Sharing.LEAST
