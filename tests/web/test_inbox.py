import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from config.settings import Settings
from engage.tables import Activity, Conversation, Reply, ReplyState, Role, Status, Team
from listener.tables import Brand, Mention
from tests.conftest import FakeClock
from tests.factories import START, fill, make_author, make_brand, make_conversation, make_mention, make_source
from tests.statements import statements
from tests.web.site import Browser, Site

HTMX = {"HX-Request": "true"}
PANE = {**HTMX, "HX-Target": "conversation"}


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    with site.database.write() as session:
        brand = make_brand(session)
        make_source(session, brand, secrets_sealed=b"sealed")
    clock.advance(hours=2)
    yield site
    site.database.engine.dispose()


@pytest.fixture
def agent(site: Site) -> Browser:
    return site.browser(Role.AGENT)


def talk(site: Site, handle: str = "bea", text: str = "My parcel is late.", **values: Any) -> int:
    """A conversation with one mention; its id."""
    mention = values.pop("mention", {})
    network = values.pop("network", "mastodon")
    with site.database.write() as session:
        author = make_author(session, handle, network, name=values.pop("name", handle.capitalize()))
        conversation = make_conversation(session, session.get_one(Brand, 1), author, excerpt=text[:280], **values)
        make_mention(session, conversation, text, **mention)
        return conversation.id


def answer(site: Site, conversation_id: int, state: ReplyState, **values: Any) -> int:
    """A reply of the agent in that state; its id."""
    with site.database.write() as session:
        values = {"user_id": site.people[Role.AGENT].id, "created_at": START, "key": f"key {state}"} | values
        reply = Reply(
            conversation_id=conversation_id,
            mention_id=1,
            source_id=1,
            network="mastodon",
            text="We look into it.",
            state=state,
            **values,
        )
        session.add(reply)
        session.flush()
        return reply.id


def stored(site: Site, conversation_id: int) -> Conversation:
    with site.database.read() as session:
        return session.get_one(Conversation, conversation_id)


def rows(answer: TestResponse) -> list[int]:
    return [int(number) for number in re.findall(r'<li class="line-item[^>]* data-id="(\d+)"', answer.text)]


# --- the list ----------------------------------------------------------------------------------------------------


def test_an_empty_inbox_says_so_and_offers_one_step(agent: Browser) -> None:
    assert "Nothing is open." in agent.get("/").text
    assert "Nothing waits for you." in agent.get("/?queue=mine").text
    assert "Nothing has been heard yet." in agent.get("/?queue=all").text
    assert "Nothing matches “kettle”." in agent.get("/?q=kettle").text
    assert "No conversation fits these filters." in agent.get("/?intent=praise").text


def test_a_row_shows_who_where_when_and_what(site: Site, agent: Browser) -> None:
    me = site.people[Role.AGENT].id
    number = talk(site, text="Norvik is late", priority=4, assignee_id=me)
    page = agent.get("/").text
    row = page.split('<li class="line-item')[1].split("</li>")[0]
    assert f'id="line-{number}"' in row
    assert 'aria-label="Mastodon"' in row
    assert "Bea" in row
    assert "2 h" in row
    assert "<mark>Norvik</mark> is late" in row
    assert '<span class="sr-only">negative</span>' in row
    assert "complaint" in row
    assert 'aria-label="urgent"' in row
    assert "Support" in row
    assert "assigned to agent" in row
    assert "is-unread" in row


def test_queues_count_and_filter(site: Site, agent: Browser) -> None:
    open_one = talk(site, "a")
    noise = talk(site, "b", status=Status.CLOSED, noise=True)
    mine = talk(site, "c", assignee_id=site.people[Role.AGENT].id, team=Team.MARKETING, last_at=START - timedelta(1))
    assert rows(agent.get("/")) == [open_one, mine]
    assert rows(agent.get("/?queue=mine")) == [mine]
    assert rows(agent.get("/?queue=noise")) == [noise]
    assert rows(agent.get("/?queue=unassigned")) == [open_one]
    assert rows(agent.get("/?queue=all&status=noise")) == [noise]
    assert rows(
        agent.get("/?assignee=nobody&team=support&sentiment=negative&intent=complaint&network=mastodon&brand=1")
    ) == [open_one]
    counts = dict(re.findall(r'<span class="cut">([^<]+)</span><span class="rail-count">(\d+)', agent.get("/").text))
    assert counts["All open"] == "2"
    assert counts["Noise"] == "1"
    assert counts["Marketing"] == "1"


@pytest.mark.parametrize(
    "query", ["queue=x", "status=x", "team=x", "brand=x", "assignee=x", "brand=9" * 10, "intent=x"]
)
def test_an_unknown_filter_is_an_error_in_words(agent: Browser, query: str) -> None:
    answer = agent.get(f"/?{query}")
    assert answer.status_code in {200, 404, 422}
    assert "There is no" in answer.text or rows(answer) == []


def test_a_filter_that_means_nothing_is_left_out(site: Site, agent: Browser) -> None:
    number = talk(site, team=Team.SUPPORT)
    found = agent.get("/?sentiment=zzz&team=support&brand=x")
    assert found.status_code == 200
    assert rows(found) == [number]
    assert "Team: Support" in found.text
    assert "Sentiment:" not in found.text


def test_where_all_states_stand_together_a_row_says_its_own(site: Site, agent: Browser) -> None:
    talk(site, "a", status=Status.CLOSED)
    talk(site, "b", status=Status.CLOSED, noise=True)
    talk(site, "c", status=Status.SNOOZED)
    talk(site, "d", status=Status.PENDING)
    talk(site, "e")
    marks = re.findall(r'<span class="row-state" title="(\w+)"', agent.get("/?queue=all").text)
    assert sorted(marks) == ["Closed", "Noise", "Pending", "Snoozed"]
    assert "row-state" not in agent.get("/?queue=closed").text


def test_an_event_with_many_tags_is_short(site: Site, agent: Browser) -> None:
    number = talk(site)
    agent.post(f"/c/{number}/tags", {"tags": ",".join(f"t{i:02}" for i in range(30)), "version": 1})
    assert ">Tags: t00, t01, t02 and 27 more</span>" in agent.get(f"/c/{number}").text


def test_a_page_that_cannot_be_shown_keeps_the_menu(agent: Browser, site: Site) -> None:
    missing = agent.get("/?queue=nowhere")
    assert missing.status_code == 404
    assert 'id="rail"' in missing.text
    assert missing.text.count('id="main"') == 1
    assert 'id="rail"' not in site.stranger().get("/nowhere").text


def test_a_search_looks_everywhere(site: Site, agent: Browser) -> None:
    closed = talk(site, "a", "A kettle that leaks", status=Status.CLOSED)
    talk(site, "b", "Something else")
    found = agent.get("/?q=kett")
    assert rows(found) == [closed]
    assert "<mark>kettle</mark>" in found.text
    assert rows(agent.get("/?q=%22")) == []


def test_the_list_goes_on_and_a_refresh_brings_as_much_as_was_shown(site: Site, agent: Browser) -> None:
    for number in range(60):
        talk(site, f"h{number}", last_at=START - timedelta(minutes=number))
    first = agent.get("/")
    assert len(rows(first)) == 50
    more = re.search(r'hx-get="(/lines[^"]+)"', first.text)
    assert more
    second = agent.get(more[1].replace("&amp;", "&"), headers=HTMX)
    assert len(rows(second)) == 10
    assert not set(rows(first)) & set(rows(second))
    assert len(rows(agent.get("/refresh?list=1&shown=60", headers=HTMX))) == 60


# --- one conversation --------------------------------------------------------------------------------------------


def test_a_conversation_stands_beside_its_list_and_has_an_address(site: Site, agent: Browser) -> None:
    number = talk(site)
    page = agent.get(f"/c/{number}").text
    assert '<h1 class="pane-title cut" id="pane-title" dir="auto">Bea</h1>' in page
    assert "My parcel is late." in page
    assert 'aria-current="true"' in page
    part = agent.get(f"/c/{number}", headers=PANE).text
    assert "pane-title" in part
    assert "<html" not in part
    assert 'id="list"' not in part
    assert agent.get("/c/999").status_code == 404


def test_why_it_came_here(site: Site, agent: Browser) -> None:
    page = agent.get(
        f"/c/{talk(site, why={'rule': 'complaints', 'facts': {'intent': 'complaint', 'followers': 12000}})}"
    ).text
    assert "why support?" in page
    assert "<strong>complaints</strong>" in page
    assert "12,000" in page


def test_what_people_write_does_no_harm(site: Site, agent: Browser) -> None:
    number = talk(
        site,
        "evil",
        "<script>alert(1)</script> https://a.example/x<b> javascript:alert(1)",
        name="<img src=x>",
        mention={"url": "javascript:alert(1)"},
        tags=["<i>"],
        why={"rule": "<u>", "facts": {"<s>": "<s>"}},
    )
    page = agent.get(f"/c/{number}").text
    for bad in ("<script>alert", "<img src=x", "<i>", "<u>", "<s>", 'href="javascript:'):
        assert bad not in page
    assert 'href="https://a.example/x" target="_blank" rel="noopener noreferrer nofollow ugc"' in page


def test_a_removed_post_leaves_no_text(site: Site, agent: Browser) -> None:
    number = talk(site, text="", mention={"deleted_at": START})
    page = agent.get(f"/c/{number}").text
    assert "The author removed this post." in page
    assert "<em>The author removed this post</em>" in page
    assert "reply-text" not in page


def test_a_long_post_is_folded(site: Site, agent: Browser) -> None:
    assert "Show all 5,000 characters" in agent.get(f"/c/{talk(site, text='abcd ' * 1000)}").text
    assert "Show all" not in agent.get(f"/c/{talk(site, 'cem')}").text


def test_opening_marks_as_read_by_a_request_of_its_own(site: Site, agent: Browser) -> None:
    number = talk(site)
    assert f'hx-post="/c/{number}/read"' in agent.get(f"/c/{number}").text
    assert stored(site, number).unread
    assert agent.post(f"/c/{number}/read", headers=HTMX).status_code == 204
    assert not stored(site, number).unread
    assert f'hx-post="/c/{number}/read"' not in agent.get(f"/c/{number}").text


def test_a_page_costs_at_most_twelve_statements_however_much_it_shows(site: Site, agent: Browser) -> None:
    number = talk(site)
    addresses = (
        f"/c/{number}?q=parcel",
        f"/c/{number}",
        "/",
        f"/refresh?list=1&shown=50&open={number}&stamp=old&q=parcel",
        f"/refresh?list=1&rows={number}&top=2026-11-02T09:00:00%2B00:00_{number}&open={number}&stamp=old&told=0",
    )

    def cost() -> list[int]:
        found = []
        for address in addresses:
            with statements(site.database) as said:
                assert agent.get(address, headers=HTMX if "refresh" in address else {}).status_code == 200
            found.append(len(said))
        return found

    few = cost()
    with site.database.write() as session:
        users, brand = list(site.people.values()), session.get_one(Brand, 1)
        conversation = session.get_one(Conversation, number)
        for turn in range(2, 40):
            make_mention(session, conversation, "My parcel is late.", number=turn)
            make_conversation(session, brand, make_author(session, f"more{turn}"), contact_id=conversation.contact_id)
            session.add(Activity(conversation_id=number, user_id=users[0].id, kind="note", text="x", at=START))
    assert cost() == few
    assert max(few) <= 12


# --- doing -------------------------------------------------------------------------------------------------------


def test_assigning_tagging_moving_and_noting(site: Site, agent: Browser) -> None:
    number = talk(site)
    assigned = agent.post(f"/c/{number}/assign", {"assignee": "me", "version": 1}, headers=HTMX)
    assert json.loads(assigned.headers["HX-Trigger"]) == {"hearken:changed": {"id": number, "version": 2}}
    agent.post(f"/c/{number}/team", {"team": "marketing", "version": 2}, headers=HTMX)
    agent.post(f"/c/{number}/tags", {"tags": "late, berlin,, late", "version": 3}, headers=HTMX)
    noted = agent.post(f"/c/{number}/note", {"note": "Call them"}, headers=HTMX)
    assert json.loads(noted.headers["HX-Trigger"]) == {"hearken:changed": {}}
    assert 'id="note-box"' in noted.text
    found = stored(site, number)
    assert (found.assignee_id, found.team, found.tags) == (
        site.people[Role.AGENT].id,
        Team.MARKETING,
        ["late", "berlin"],
    )
    page = agent.get(f"/c/{number}").text
    assert "Call them" in page
    assert "Only the team sees this" in page
    agent.post(f"/c/{number}/assign", {"assignee": "", "version": found.version}, headers=HTMX)
    assert stored(site, number).assignee_id is None


def test_closing_can_be_undone(site: Site, agent: Browser) -> None:
    number = talk(site)
    closed = agent.post(f"/c/{number}/status", {"status": "closed", "noise": "1", "version": 1}, headers=HTMX)
    assert "Closed as noise." in closed.text
    assert 'hx-swap-oob="beforeend:#flashes"' in closed.text
    assert stored(site, number).noise
    undo = dict(re.findall(r'name="(status|noise|until|version|undoing)" value="([^"]*)"', closed.text))
    undone = agent.post(f"/c/{number}/status", undo, headers=HTMX)
    assert "Undo" not in undone.text
    assert (stored(site, number).status, stored(site, number).noise) == (Status.OPEN, False)


def test_undo_brings_a_snooze_back(site: Site, agent: Browser, clock: FakeClock) -> None:
    until = clock() + timedelta(days=2)
    number = talk(site, status=Status.SNOOZED, snoozed_until=until)
    closed = agent.post(f"/c/{number}/status", {"status": "closed", "version": 1}, headers=HTMX)
    undo = dict(re.findall(r'name="(status|noise|until|version|undoing)" value="([^"]*)"', closed.text))
    agent.post(f"/c/{number}/status", undo, headers=HTMX)
    assert (stored(site, number).status, stored(site, number).snoozed_until) == (Status.SNOOZED, until)


def test_snoozing_by_preset_and_by_a_local_time(site: Site, agent: Browser, clock: FakeClock) -> None:
    number = talk(site)
    agent.client.set_cookie("zone", "Europe/Berlin")
    agent.post(f"/c/{number}/status", {"status": "snoozed", "preset": "hour", "version": 1}, headers=HTMX)
    assert stored(site, number).snoozed_until == clock() + timedelta(hours=1)
    agent.post(f"/c/{number}/status", {"status": "snoozed", "until": "2026-12-24T18:00", "version": 2}, headers=HTMX)
    assert stored(site, number).snoozed_until == START.replace(month=12, day=24, hour=17)
    refused = agent.post(f"/c/{number}/status", {"status": "snoozed", "version": 3}, headers=HTMX)
    assert refused.status_code == 422
    assert "Snooze until when?" in refused.text


def test_a_stale_change_is_refused_in_place_and_says_what_happened(site: Site, agent: Browser) -> None:
    number = talk(site)
    site.browser(Role.MANAGER).post(f"/c/{number}/assign", {"assignee": "me", "version": 1}, headers=HTMX)
    refused = agent.post(f"/c/{number}/status", {"status": "closed", "version": 1}, headers=HTMX)
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    assert "assigned to manager (was nobody) by manager" in refused.text
    assert "<html" not in refused.text
    assert stored(site, number).status == Status.OPEN


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("assign", {"assignee": "me"}),
        ("team", {"team": "sales", "version": "1"}),
        ("status", {"status": "gone", "version": "1"}),
        ("assign", {"assignee": "999", "version": "1"}),
        ("note", {"note": "  "}),
    ],
)
def test_bad_input_is_refused_in_words(site: Site, agent: Browser, path: str, form: dict[str, str]) -> None:
    refused = agent.post(f"/c/{talk(site)}/{path}", form, headers=HTMX)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text


def test_without_scripts_an_action_leads_back_to_the_conversation(site: Site, agent: Browser) -> None:
    number = talk(site)
    done = agent.post(f"/c/{number}/status", {"status": "closed", "version": 1}, follow_redirects=True)
    assert done.request.path == f"/c/{number}"
    assert "Undo" in done.text


# --- replies -----------------------------------------------------------------------------------------------------


def test_a_reply_is_checked_as_it_is_typed_and_handed_in_once(site: Site, agent: Browser) -> None:
    number = talk(site)
    assert "Reply on Mastodon" in agent.get(f"/c/{number}").text
    assert "495 characters left" in agent.post(f"/c/{number}/check", {"text": "Hello"}, headers=HTMX).text
    over = agent.post(f"/c/{number}/check", {"text": "a" * 501}, headers=HTMX).text
    assert "1 character too long" in over
    assert 'aria-disabled="true"' in over
    sent = agent.post(f"/c/{number}/reply", {"text": "We look into it."}, headers=HTMX)
    assert 'id="reply-box"' in sent.text
    assert "We look into it." not in sent.text
    page = agent.get(f"/c/{number}").text
    assert "We look into it." in page
    assert "on its way" in page


def test_a_refused_reply_keeps_its_text(site: Site, agent: Browser) -> None:
    refused = agent.post(f"/c/{talk(site)}/reply", {"text": "a" * 501}, headers=HTMX)
    assert refused.status_code == 422
    assert "reply-box" not in refused.text
    assert "Shorten it by 1." in refused.text


def test_where_no_reply_is_taken_the_reason_and_the_post_are_offered(site: Site, agent: Browser) -> None:
    page = agent.get(f"/c/{talk(site, network='hackernews')}").text
    assert "can only be read" in page
    assert "Open on Hacker News" in page
    assert "reply-text" not in page


def test_a_draft_waits_for_somebody_who_may_approve(site: Site, agent: Browser) -> None:
    number = talk(site)
    reply = answer(site, number, ReplyState.DRAFT)
    assert "Approve and send" not in agent.get(f"/c/{number}").text
    assert agent.post(f"/c/{number}/r/{reply}/approve", headers=HTMX).status_code == 403
    manager = site.browser(Role.MANAGER)
    assert "Approve and send" in manager.get(f"/c/{number}").text
    assert manager.post(f"/c/{number}/r/{reply}/approve", headers=HTMX).status_code == 200
    with site.database.read() as session:
        assert session.get_one(Reply, reply).state == ReplyState.APPROVED


def test_with_approval_required_the_button_says_so(settings: Settings, clock: FakeClock) -> None:
    site = Site(settings.model_copy(update={"approval_required": True}), clock)
    with site.database.write() as session:
        make_source(session, make_brand(session), secrets_sealed=b"sealed")
    number = talk(site)
    assert "Send for approval" in site.browser(Role.AGENT).get(f"/c/{number}").text
    assert "Send for approval" not in site.browser(Role.MANAGER).get(f"/c/{number}").text
    site.database.engine.dispose()


@pytest.mark.parametrize(
    ("before", "verb", "label", "after"),
    [
        (ReplyState.FAILED, "retry", "Try again", ReplyState.APPROVED),
        (ReplyState.FAILED, "reject", "Withdraw", ReplyState.REJECTED),
        (ReplyState.UNSURE, "arrived", "It arrived", ReplyState.SENT),
        (ReplyState.UNSURE, "lost", "It is not there, send it again", ReplyState.APPROVED),
        (ReplyState.DRAFT, "reject", "Withdraw", ReplyState.REJECTED),
    ],
)
def test_a_reply_in_trouble_offers_its_remedies(
    site: Site, agent: Browser, before: ReplyState, verb: str, label: str, after: ReplyState
) -> None:
    number = talk(site)
    reply = answer(site, number, before, error_text="The network said no.", remedy="Do this.")
    page = agent.get(f"/c/{number}").text
    assert f'hx-post="/c/{number}/r/{reply}/{verb}"' in page
    assert label in page
    assert ("The network said no. Do this." in page) == (before is not ReplyState.DRAFT)
    assert agent.post(f"/c/{number}/r/{reply}/{verb}", headers=HTMX).status_code == 200
    with site.database.read() as session:
        assert session.get_one(Reply, reply).state == after
    assert agent.post(f"/c/{number}/r/{reply}/{verb}", headers=HTMX).status_code == 409


# --- news --------------------------------------------------------------------------------------------------------


def test_a_refresh_brings_only_what_changed_and_never_by_force(site: Site, agent: Browser) -> None:
    number = talk(site)
    stamp = re.search(r'data-stamp="([^"]+)"', agent.get(f"/c/{number}").text)
    assert stamp
    same = agent.get(f"/refresh?list=1&open={number}&stamp={stamp[1]}", headers=HTMX).text
    assert 'hx-swap-oob="morph"' in same.split('id="queues"')[1].split(">")[0]
    assert 'hx-swap-oob="morph"' in same.split('id="list"')[1].split(">")[0]
    assert 'id="conversation"' not in same
    assert f'id="line-{number}"' in agent.get("/refresh?list=1&told=0", headers=HTMX).text, "told is no filter"
    with site.database.write() as session:
        conversation = session.get_one(Conversation, number)
        make_mention(session, conversation, "Any news?", number=2)
        conversation.changed_at = START + timedelta(hours=1)
    news = agent.get(f"/refresh?list=1&open={number}&stamp={stamp[1]}", headers=HTMX).text
    assert "Any news?" in news
    assert re.search(rf'id="reply-box"[^>]* data-keep="{number}"', news)
    elsewhere = agent.get("/refresh", headers=HTMX).text
    assert 'id="list"' not in elsewhere
    assert 'id="queues"' in elsewhere


def test_a_refresh_of_what_is_gone_says_so(agent: Browser) -> None:
    assert agent.get("/refresh?open=999&stamp=x", headers=HTMX).status_code == 404


def test_much_data_renders(site: Site, agent: Browser) -> None:
    with site.database.write() as session:
        fill(session, 80, users=list(site.people.values()), brands=[session.get_one(Brand, 1)])
        mentions = session.query(Mention).count()
    assert mentions > 80
    for queue in ("open", "closed", "noise", "all"):
        assert rows(agent.get(f"/?queue={queue}"))
    assert agent.get("/c/1").status_code == 200


def test_errors_for_scripts_are_json(site: Site, agent: Browser) -> None:
    answer = agent.get("/c/999", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert json.loads(answer.text)["error"] == "This conversation does not exist."
