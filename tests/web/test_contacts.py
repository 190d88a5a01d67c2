import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from config.settings import Settings
from engage import contacts
from engage.contacts import Details, make_point
from engage.tables import Contact, ContactPoint, Identity, Role
from tests.conftest import FakeClock
from tests.factories import make_author, make_brand, make_contact, make_conversation, make_mention
from tests.web.site import Site


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    yield site
    site.database.engine.dispose()


def make(site: Site, name: str = "Ada Moss", **details: str) -> int:
    with site.database.write() as session:
        return contacts.create(session, Details(name, **details), site.clock()).id


def stored(site: Site, contact_id: int) -> Contact:
    with site.database.read() as session:
        return session.get_one(Contact, contact_id)


def test_an_empty_list_says_how_it_fills(site: Site) -> None:
    assert "Contacts appear here by themselves" in site.browser(Role.AGENT).get("/contacts/").text


def test_the_list_is_searched_and_paged(site: Site) -> None:
    with site.database.write() as session:
        for number in range(60):
            contacts.create(session, Details(f"Name {number}"), site.clock())
    agent = site.browser(Role.AGENT)
    first = agent.get("/contacts/?sort=newest").text
    assert "Name 59" in first
    assert "Name 5<" not in first
    assert "after=11" in first
    assert "Name 5<" in agent.get("/contacts/?after=11&sort=newest").text
    found = agent.get("/contacts/?q=name+17").text
    assert "Name 17" in found
    assert "Name 18" not in found
    assert "Nobody matches “zoe”" in agent.get("/contacts/?q=zoe").text
    assert agent.get("/contacts/?sort=nonsense&after=x").status_code == 200


def test_what_people_write_is_shown_as_text(site: Site) -> None:
    contact_id = make(site, "<script>alert(1)</script>", notes="<b>bold</b>")
    page = site.browser(Role.AGENT).get(f"/contacts/{contact_id}").text
    assert "<script>alert" not in page
    assert "&lt;b&gt;bold" in page


def test_an_address_from_a_network_is_only_followed_if_it_is_one_of_the_web(site: Site) -> None:
    with site.database.write() as session:
        author = make_author(session, "ada", url="javascript:alert(1)")
        contact = make_contact(session, author)
        conversation = make_conversation(session, make_brand(session), author, contact_id=contact.id)
        make_mention(session, conversation, url="javascript:alert(2)")
        contact_id = contact.id
    page = site.browser(Role.AGENT).get(f"/contacts/{contact_id}").text
    assert "My parcel is late." in page
    assert "javascript:" not in page


def test_a_contact_is_made(site: Site) -> None:
    agent = site.browser(Role.AGENT)
    answer = agent.post("/contacts/", {"name": "Ada", "tags": "vip, press", "notes": "a\r\nb"})
    assert answer.status_code == 303
    made = stored(site, int(answer.location.rsplit("/", 1)[1]))
    assert (made.name, made.tags, made.notes) == ("Ada", ["vip", "press"], "a\nb")
    refused = agent.post("/contacts/", {"name": " ", "company": "Moss Ltd"})
    assert refused.status_code == 422
    assert "The name is missing." in refused.text
    assert 'value="Moss Ltd"' in refused.text


def test_a_contact_is_edited_unless_somebody_was_quicker(site: Site) -> None:
    contact_id = make(site)
    agent, manager = site.browser(Role.AGENT), site.browser(Role.MANAGER)
    assert 'name="version" value="1"' in agent.get(f"/contacts/{contact_id}?edit=1").text
    assert manager.post(f"/contacts/{contact_id}", {"version": "1", "name": "Ada M."}).status_code == 303
    late = agent.post(f"/contacts/{contact_id}", {"version": "1", "name": "Mine", "notes": "written long"})
    assert late.status_code == 409
    assert "Somebody else changed Ada M. meanwhile" in late.text
    assert "written long" in late.text, "nothing that was typed is lost"
    assert 'name="version" value="2"' in late.text, "so that saving again, having compared, works"
    assert stored(site, contact_id).name == "Ada M."
    assert agent.post(f"/contacts/{contact_id}", {"version": "x", "name": "Mine"}).status_code == 409


def test_a_missing_contact_is_a_404(site: Site) -> None:
    assert site.browser(Role.AGENT).get("/contacts/99").status_code == 404


def test_points_are_added_and_removed_with_an_undo(site: Site) -> None:
    contact_id = make(site)
    agent = site.browser(Role.AGENT)
    agent.post(f"/contacts/{contact_id}/points", {"kind": "mastodon", "value": "@Ada@social.example"})
    page = agent.get(f"/contacts/{contact_id}").text
    assert "ada@social.example" in page
    assert agent.post(f"/contacts/{contact_id}/points/1/remove").status_code == 303
    page = agent.get(f"/contacts/{contact_id}").text
    assert "ada@social.example is removed." in page
    assert 'name="kind" value="handle"' in page
    undo = {"kind": "handle", "network": "mastodon", "value": "ada@social.example"}
    answer = agent.post(f"/contacts/{contact_id}/points", undo, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == f"/contacts/{contact_id}"
    with site.database.read() as session:
        assert session.scalars(select(ContactPoint.value)).all() == ["ada@social.example"]


def test_a_wrong_point_is_refused_beside_the_form(site: Site) -> None:
    answer = site.browser(Role.AGENT).post(f"/contacts/{make(site)}/points", {"kind": "email", "value": "nonsense"})
    assert answer.status_code == 422
    assert "&#39;nonsense&#39; is no e-mail." in answer.text
    assert 'value="nonsense"' in answer.text


def test_who_else_has_a_point_is_said(site: Site) -> None:
    with site.database.write() as session:
        contacts.add_point(
            session, contacts.create(session, Details("Bea"), site.clock()).id, make_point("phone", "123456")
        )
    contact_id, agent = make(site), site.browser(Role.AGENT)
    agent.post(f"/contacts/{contact_id}/points", {"kind": "phone", "value": "123456"})
    assert "Bea has it too" in agent.get(f"/contacts/{contact_id}").text


def test_the_page_shows_accounts_with_reasons_and_the_timeline_page_by_page(site: Site) -> None:
    with site.database.write() as session:
        author = make_author(session, "ada")
        contact = make_contact(session, author)
        conversation = make_conversation(session, make_brand(session), author, contact_id=contact.id)
        for number in range(1, 41):
            make_mention(session, conversation, f"said {number}.", number=number)
        session.get_one(Identity, author.id).reason = "same website ada.example"
        contact_id, conversation_id = contact.id, conversation.id
    agent = site.browser(Role.AGENT)
    page = agent.get(f"/contacts/{contact_id}").text
    assert "Same website ada.example" in page
    assert "said 40." in page
    assert "said 10." not in page
    assert f'href="/c/{conversation_id}"' in page
    older = page.split("before=")[1].split('"')[0].replace("&amp;", "&")
    rest = agent.get(f"/contacts/{contact_id}?before={older}").text
    assert "said 10." in rest
    assert "said 11." not in rest
    assert agent.get(f"/contacts/{contact_id}?before=nonsense").status_code == 422


def test_an_account_is_split_off_and_moved_back(site: Site) -> None:
    with site.database.write() as session:
        author = make_author(session, "ada")
        contact = make_contact(session, author)
        contact.notes = "A customer since 2020."
        first, author_id = contact.id, author.id
    agent = site.browser(Role.AGENT)
    answer = agent.post(f"/contacts/accounts/{author_id}/split")
    second = int(answer.location.rsplit("/", 1)[1])
    assert "Split off by agent" in agent.get(answer.location).text
    choices = agent.get(f"/contacts/find?q=ada&author={author_id}&without={second}").text
    assert f'value="{first}"' in choices
    assert f'value="{second}"' not in choices
    answer = agent.post(f"/contacts/accounts/{author_id}/link", {"contact": str(first)})
    assert answer.location == f"/contacts/{first}"
    assert "Linked by agent" in agent.get(answer.location).text
    assert agent.get(f"/contacts/{second}").status_code == 404, "it was nothing but the account"


# --- import ------------------------------------------------------------------------------------------------------


def send(site: Site, content: bytes, role: Role = Role.MANAGER, name: str = "people.csv") -> str:
    answer = site.browser(role).post("/contacts/import", {"file": (BytesIO(content), name)})
    answer.request.environ["wsgi.input"].close()  # a large body lies in a file, which the test client leaves open
    return f"{answer.status_code} {answer.text}"


def test_an_import_reports_every_row_with_the_refused_first(site: Site) -> None:
    lines = [b"name,email", *(b"Ada %d,ada%d@example.org" % (n, n) for n in range(1200)), b"Bea,nonsense"]
    page = send(site, b"\n".join([*lines, b"Again,ada7@example.org"]))
    assert page.startswith("200")
    assert "1,200 created, 1 joined, 1 refused" in page
    rows = page.split("<tbody>")[1]
    assert rows.index("is no e-mail") < rows.index("Ada 0<")
    assert "1,202" in rows
    assert "And 702 more rows." in page


def test_a_report_that_is_shown_whole_stands_in_the_order_of_the_file(site: Site) -> None:
    page = send(site, b"name,email\nAda,ada@example.org\nBea,nonsense\nCleo,cleo@example.org")
    assert re.findall(r'<td class="number">(\d+)</td>', page) == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The first line names none of the columns."),
        (b"PK\x03\x04", "Excel"),
        (b"name\n" + b"x" * (10 * 1024 * 1024), "The file is larger than 10 MB."),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_words(site: Site, content: bytes, words: str) -> None:
    page = send(site, content)
    assert page.startswith("422")
    assert words in page


def test_what_was_stored_before_the_limit_was_passed_is_reported(site: Site) -> None:
    page = send(site, b"name\n" + b"Ada Moss\n" * 600 + b"x" * (10 * 1024 * 1024))
    assert page.startswith("422")
    assert "500 created" in page
    assert "What is listed here is stored." in page


def test_no_file_is_said(site: Site) -> None:
    answer = site.browser(Role.MANAGER).post("/contacts/import")
    assert answer.status_code == 422
    assert "No file is chosen." in answer.text


def test_an_agent_imports_nothing(site: Site) -> None:
    assert send(site, b"name\nAda\n", Role.AGENT).startswith("403")
    agent = site.browser(Role.AGENT)
    assert agent.get("/contacts/import").status_code == 403
    make(site)
    assert "/contacts/import" not in agent.get("/contacts/").text


@pytest.mark.parametrize(
    "path", ["/contacts/", "/contacts/1", "/contacts/1/points", "/contacts/1/points/1/remove", "/contacts/import",
             "/contacts/accounts/1/split", "/contacts/accounts/1/link"]
)  # fmt: skip
def test_every_form_needs_its_token(site: Site, path: str) -> None:
    assert site.browser(Role.ADMIN).client.post(path, data={"name": "Ada"}).status_code == 400


def test_heard_is_shown_relative_to_now(site: Site) -> None:
    with site.database.write() as session:
        author = make_author(session, "ada")
        contact = make_contact(session, author)
        heard = site.clock() - timedelta(hours=3)
        conversation = make_conversation(session, make_brand(session), author, contact_id=contact.id)
        make_mention(session, conversation, created_at=heard)
    assert "3 h</time>" in site.browser(Role.AGENT).get("/contacts/").text
