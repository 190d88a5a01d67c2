import io
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from config.settings import Settings
from engage.answers.tables import Answer, Macro
from engage.tables import Conversation, Role, Status
from tests.conftest import FakeClock
from tests.factories import make_author, make_brand, make_conversation, make_mention, make_source
from tests.web.site import Browser, Site

HTMX = {"HX-Request": "true"}
ANSWER = {"name": "Late parcel", "text": "Hi {{contact.first_name}}, sorry.", "folder": "Shipping", "own": "1"}


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    with site.database.write() as session:
        brand = make_brand(session)
        make_source(session, brand, secrets_sealed=b"sealed")
        make_mention(session, make_conversation(session, brand, make_author(session)))
    yield site
    site.database.engine.dispose()


@pytest.fixture
def agent(site: Site) -> Browser:
    return site.browser(Role.AGENT)


def test_an_answer_is_kept_found_used_and_counted(agent: Browser) -> None:
    assert "No answers are kept yet" in agent.get("/answers/").text
    assert agent.post("/answers/", ANSWER).status_code == 303
    assert "Late parcel" in agent.get("/c/1/answers?q=ship", headers=HTMX).text
    assert "Late parcel" not in agent.get("/c/1/answers?q=invoice", headers=HTMX).text
    assert agent.post("/c/1/answers/1").get_json() == {"text": "Hi Bea, sorry.", "gaps": []}
    assert re.search(r'<td class="number">\s*1', agent.get("/answers/").text)
    assert agent.post("/answers/1", ANSWER | {"name": "Later parcel"}).status_code == 303
    assert "Later parcel" in agent.get("/answers/1").text
    assert agent.post("/answers/1/remove").status_code == 303
    assert agent.get("/answers/1").status_code == 404


def test_what_was_typed_stays_where_something_is_wrong(agent: Browser) -> None:
    refused = agent.post("/answers/", ANSWER | {"text": "Dear {{contact.nam}}"})
    assert refused.status_code == 422
    assert "There is no variable {{contact.nam}}." in refused.text
    assert "Dear {{contact.nam}}</textarea>" in refused.text


def test_agents_keep_their_own_and_managers_the_shared_ones(site: Site, agent: Browser) -> None:
    manager = site.browser(Role.MANAGER)
    assert agent.post("/answers/", ANSWER | {"own": "0"}).status_code == 403
    assert manager.post("/answers/", ANSWER | {"own": "0"}).status_code == 303
    assert agent.get("/answers/1").status_code == 200
    assert agent.post("/answers/1", ANSWER).status_code == 403
    assert agent.post("/answers/1/remove").status_code == 403
    assert agent.post("/answers/", ANSWER).status_code == 303
    assert manager.get("/answers/2").status_code == 404


def test_the_preview_shows_gaps_and_runs_nothing(agent: Browser) -> None:
    shown = agent.post("/answers/preview", {"text": "{{agent.name}} {{7*7}} {{odd.one}} <b>"}, headers=HTMX).text
    assert "Ada Moss {{7*7}} {{odd.one}} &lt;b&gt;" in shown
    assert "To be filled in by hand: {{odd.one}}" in shown


def test_a_file_goes_out_and_in(agent: Browser) -> None:
    agent.post("/answers/", ANSWER)
    out = agent.get("/answers/answers.csv")
    assert out.mimetype == "text/csv" and "Late parcel" in out.text
    back = agent.post("/answers/import", {"file": (io.BytesIO(out.data), "answers.csv")})
    assert "Changed: 1." in back.text
    assert agent.post("/answers/import", {"file": (io.BytesIO(b"a,b\n1,2\n"), "x.csv")}).status_code == 422
    assert agent.post("/answers/import").status_code == 422


def test_a_macro_runs_from_the_conversation_and_is_undone(site: Site, agent: Browser) -> None:
    form = {"name": "Wait", "tags": "late", "assignee": "me", "status": "pending", "text": "Hi {{agent.name}}"}
    assert agent.post("/answers/macros", form).status_code == 303
    assert "tags late, assigns to you, writes a reply, waits for their answer" in agent.get("/answers/macros").text
    assert "Wait" in agent.get("/c/1/macros", headers=HTMX).text
    ran = agent.post("/c/1/macros/1", {"version": "1"}, headers=HTMX)
    assert '"hearken:insert": {"text": "Hi agent"' in ran.headers["HX-Trigger"]
    undo = dict(re.findall(r'name="(\w+)" value="([^"]*)"', ran.text)) | {"undoing": "1"}
    undo.pop("csrf_token")
    assert conversation(site).status is Status.PENDING
    assert agent.post("/c/1/macros/undo", undo, headers=HTMX).status_code == 200
    found = conversation(site)
    assert (found.status, found.tags, found.assignee_id) == (Status.OPEN, [], None)


def conversation(site: Site) -> Conversation:
    with site.database.read() as session:
        return session.get_one(Conversation, 1)


def test_a_macro_that_does_nothing_is_refused_and_kept_on_the_page(site: Site, agent: Browser) -> None:
    refused = agent.post("/answers/macros", {"name": "Idle"})
    assert refused.status_code == 422
    assert "The macro does nothing." in refused.text and 'value="Idle"' in refused.text
    with site.database.read() as session:
        assert session.scalars(select(Macro)).all() == []
        assert session.scalars(select(Answer)).all() == []


def test_macros_are_changed_and_removed(agent: Browser) -> None:
    agent.post("/answers/macros", {"name": "Tag", "tags": "a, b"})
    assert 'value="a, b"' in agent.get("/answers/macros/1").text
    assert agent.post("/answers/macros/1", {"name": "Tag it", "tags": "c"}).status_code == 303
    assert agent.post("/answers/macros/1/remove").status_code == 303
    assert agent.get("/answers/macros/1").status_code == 404


def test_nothing_similar_is_no_box(agent: Browser) -> None:
    assert agent.get("/c/1/similar", headers=HTMX).text.strip() == ""
    assert agent.get("/c/99/answers", headers=HTMX).status_code == 404
