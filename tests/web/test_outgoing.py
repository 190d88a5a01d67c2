"""Replies between the box and the network, as pages show them and take them."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from config.settings import Settings
from engage.tables import Conversation, Reply, ReplyState, Role
from listener.tables import Brand, Mention
from tests.conftest import FakeClock
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_source
from tests.web.site import Browser, Site

HTMX = {"HX-Request": "true"}


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    site = Site(settings, clock)
    with site.database.write() as session:
        brand = make_brand(session)
        make_source(session, brand, secrets_sealed=b"sealed")
        conversation = make_conversation(session, brand, make_author(session))
        make_mention(session, conversation)
    clock.advance(hours=2)
    yield site
    site.database.engine.dispose()


@pytest.fixture
def agent(site: Site) -> Browser:
    return site.browser(Role.AGENT)


@pytest.fixture
def manager(site: Site) -> Browser:
    return site.browser(Role.MANAGER)


def add(site: Site, state: ReplyState, **values: object) -> int:
    """A reply of the agent in that state; its id."""
    with site.database.write() as session:
        base = {"user_id": site.people[Role.AGENT].id, "created_at": START, "key": f"{state} {len(values)}"}
        whole = {"text": f"In state {state}.", "source_id": 1, "network": "mastodon", **base, **values}
        reply = Reply(conversation_id=1, mention_id=1, state=state, **whole)
        session.add(reply)
        session.flush()
        return reply.id


def stored(site: Site, reply_id: int = 1) -> Reply:
    with site.database.read() as session:
        return session.get_one(Reply, reply_id)


def hand_in(browser: Browser, text: str = "We look into it.", **fields: str) -> str:
    answer = browser.post("/c/1/reply", {"text": text, **fields}, headers=HTMX)
    assert answer.status_code == 200, answer.text
    return answer.text


# --- undo --------------------------------------------------------------------------------------------------------


def test_a_reply_says_when_it_is_sent_and_offers_undo(site: Site, agent: Browser, clock: FakeClock) -> None:
    told = hand_in(agent)
    assert 'data-left="10.0"' in told and "/c/1/r/1/pull" in told
    page = agent.get("/c/1").text
    assert 'data-countdown="10.0"' in page and 'data-key="z"' in page
    clock.advance(seconds=11)
    page = agent.get("/c/1").text
    assert "on its way" in page and "/pull" not in page


def test_undo_brings_the_text_back_into_the_box(site: Site, agent: Browser) -> None:
    hand_in(agent)
    answer = agent.post("/c/1/r/1/pull", headers=HTMX)
    back = json.loads(answer.headers["HX-Trigger"])["hearken:returned"]
    assert back == {"id": 1, "show": "/c/1", "again": "/c/1/r/1/again"}
    assert stored(site).state is ReplyState.PULLED
    box = agent.get(back["again"], headers=HTMX).text
    assert "\nWe look into it.</textarea>" in box and 'name="after" value="1"' in box
    page = agent.get("/c/1").text
    assert 'id="reply-1"' not in page and "Reply pulled back" in page


def test_undo_works_without_scripts(agent: Browser) -> None:
    hand_in(agent)
    page = agent.post("/c/1/r/1/pull", follow_redirects=True)
    assert "\nWe look into it.</textarea>" in page.text


def test_undo_too_late_says_so(site: Site, agent: Browser) -> None:
    add(site, ReplyState.SENDING)
    answer = agent.post("/c/1/r/1/pull", headers=HTMX)
    assert answer.status_code == 409 and "already being sent" in answer.text


def test_without_undo_it_goes_at_once(settings: Settings, clock: FakeClock) -> None:
    site = Site(settings.model_copy(update={"undo_send_s": 0}), clock)
    with site.database.write() as session:
        brand = make_brand(session)
        make_source(session, brand, secrets_sealed=b"sealed")
        make_mention(session, make_conversation(session, brand, make_author(session)))
    assert "/pull" not in hand_in(site.browser(Role.AGENT))
    assert stored(site).not_before is None
    site.database.engine.dispose()


# --- what is sent twice, or cannot be sent -----------------------------------------------------------------------


def test_a_form_that_comes_twice_is_one_reply(site: Site, agent: Browser) -> None:
    key = re.search(r'name="form_key" value="([0-9a-f]{32})"', agent.get("/c/1").text)
    assert key
    for _ in range(2):
        hand_in(agent, form_key=key[1])
    hand_in(agent, "Other words, from a page that the browser kept.", form_key=key[1])
    with site.database.read() as session:
        assert len(session.scalars(select(Reply)).all()) == 2


def test_the_same_words_from_two_tabs_go_out_once(site: Site, agent: Browser, manager: Browser) -> None:
    hand_in(agent, form_key="one")
    for browser in (agent, manager):
        second = browser.post("/c/1/reply", {"text": "We look into it. ", "form_key": "two"}, headers=HTMX)
        assert second.status_code == 409 and "handed in already by agent" in second.text
    with site.database.read() as session:
        assert len(session.scalars(select(Reply)).all()) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (" \n\t ", "empty"),
        ("​﻿", "empty"),
        ("x" * 100_000, "no more than 20,000 can be kept"),
        ("x" * 501, "Mastodon takes 500"),
    ],
)
def test_what_cannot_be_sent_is_told_where_it_was_typed(agent: Browser, text: str, says: str) -> None:
    answer = agent.post("/c/1/reply", {"text": text}, headers=HTMX)
    assert answer.status_code == 422 and says in answer.text and 'data-field="text"' in answer.text


def test_what_no_database_keeps_is_left_out(site: Site, agent: Browser) -> None:
    hand_in(agent, "We look\0 into it.")
    assert stored(site).text == "We look into it."


def test_a_hundred_kilobytes_are_counted(agent: Browser) -> None:
    assert "too long" in agent.post("/c/1/check", {"text": "x" * 100_000}, headers=HTMX).text


def test_a_post_removed_meanwhile_is_told_and_the_box_stays(site: Site, agent: Browser) -> None:
    with site.database.write() as session:
        session.get_one(Mention, 1).deleted_at = START
    answer = agent.post("/c/1/reply", {"text": "We look into it."}, headers=HTMX)
    assert answer.status_code == 422 and "removed this post" in answer.text
    assert 'data-of="1"' in agent.get("/c/1").text, "static/js/morphing.js keeps a box with a text in its place"


def test_lost_access_leads_to_the_sources(site: Site, agent: Browser, manager: Browser) -> None:
    add(site, ReplyState.FAILED, error_code="http_401", error_text="Refused.", remedy="Reconnect the account.")
    assert "Refused. Reconnect the account." in agent.get("/c/1").text
    assert "Open Sources" in manager.get("/c/1").text and "Open Sources" not in agent.get("/c/1").text


# --- drafts and their approval -----------------------------------------------------------------------------------


def test_a_draft_shows_its_check_to_who_may_approve(site: Site, agent: Browser, manager: Browser) -> None:
    add(site, ReplyState.DRAFT, text="x" * 501, approver=Role.MANAGER)
    assert "/c/1/r/1/check" not in agent.get("/c/1").text
    assert 'hx-get="/c/1/r/1/check"' in manager.get("/c/1").text
    assert "1 character too long for Mastodon" in manager.get("/c/1/r/1/check", headers=HTMX).text


def test_a_draft_that_an_admin_must_approve_offers_a_manager_no_button(site: Site, manager: Browser) -> None:
    add(site, ReplyState.DRAFT, approver=Role.ADMIN)
    assert "Approve and send" not in manager.get("/c/1").text
    refused = manager.post("/c/1/r/1/approve", {"edits": "0"}, headers=HTMX)
    assert refused.status_code == 403 and "by an admin" in refused.text
    assert "Approve and send" in site.browser(Role.ADMIN).get("/c/1").text


def test_an_approver_changes_words_and_everybody_sees_what_changed(
    site: Site, agent: Browser, manager: Browser
) -> None:
    add(site, ReplyState.DRAFT, text="We look onto it.", approver=Role.MANAGER)
    told = manager.post("/c/1/r/1/approve", {"edits": "0", "text": "We look into it."}, headers=HTMX)
    assert "/c/1/r/1/pull" in told.text, "an approval can be taken back too"
    page = agent.get("/c/1").text
    assert "We look into it." in page and "Changed by manager" in page and "We look onto it." in page


def test_the_others_are_asked_about(site: Site, manager: Browser) -> None:
    one, two = add(site, ReplyState.DRAFT, approver=Role.MANAGER), add(site, ReplyState.DISCUSSED)
    page = manager.get("/c/1").text
    assert "Reject the other drafts" in page and "Leave the other drafts" in page
    manager.post(f"/c/1/r/{one}/approve", {"edits": "0", "others": "reject"}, headers=HTMX)
    assert (stored(site, one).state, stored(site, two).state) == (ReplyState.APPROVED, ReplyState.REJECTED)


def test_a_rejection_is_a_notice_to_the_writer_with_a_way_on(site: Site, agent: Browser, manager: Browser) -> None:
    reply = add(site, ReplyState.DRAFT, approver=Role.MANAGER)
    assert manager.post(f"/c/1/r/{reply}/reject", {"reason": ""}, headers=HTMX).status_code == 422
    manager.post(f"/c/1/r/{reply}/reject", {"reason": "Say <b>sorry</b> first"}, headers=HTMX)
    page = agent.get("/c/1").text
    assert "manager rejected it: Say &lt;b&gt;sorry&lt;/b&gt; first" in page and "Edit and hand in again" in page
    assert "Edit and hand in again" not in manager.get("/c/1").text
    assert "\nIn state draft.</textarea>" in agent.get(f"/c/1?again={reply}").text
    hand_in(agent, "Sorry. We look into it.", after=str(reply))
    assert "Edit and hand in again" not in agent.get("/c/1").text, "it is done"


def test_anybody_keeps_a_draft_for_the_team(site: Site, agent: Browser) -> None:
    assert "Saved as a draft for the team." in hand_in(agent, **{"as": "draft"})
    assert stored(site).state is ReplyState.DISCUSSED
    assert "draft for discussion" in agent.get("/c/1").text


def test_words_of_another_conversation_are_not_to_be_had(site: Site, agent: Browser) -> None:
    with site.database.write() as session:
        other = make_conversation(session, session.get_one(Brand, 1), make_author(session, "cal"))
        make_mention(session, other, number=2)
    reply = add(site, ReplyState.DRAFT)
    for address in (
        f"/c/{other.id}/r/{reply}/again",
        f"/c/{other.id}/r/{reply}/check",
        f"/c/{other.id}?again={reply}",
    ):
        assert agent.get(address).status_code == 404


# --- the list ----------------------------------------------------------------------------------------------------


def queues(browser: Browser) -> set[str]:
    """The labels in the rail."""
    return set(re.findall(r'<span class="cut">([^<]+)</span><span class="rail-count">', browser.get("/").text))


def test_queues_and_marks_tell_what_waits_for_somebody_here(site: Site, agent: Browser, manager: Browser) -> None:
    assert not {"To approve", "Failed"} & queues(manager)
    add(site, ReplyState.DRAFT, approver=Role.MANAGER)
    assert 'title="A reply waits for approval"' in agent.get("/").text
    assert "To approve" in queues(manager) and "To approve" not in queues(agent)
    assert 'id="line-1"' in manager.get("/?queue=approve").text
    assert 'id="line-1"' not in manager.get("/?queue=failed").text
    add(site, ReplyState.FAILED)
    assert 'title="A reply could not be sent"' in agent.get("/").text
    assert "Failed" in queues(agent) and 'id="line-1"' in agent.get("/?queue=failed").text
    with site.database.write() as session:
        session.get_one(Conversation, 1).last_at += timedelta(minutes=1)
        make_conversation(session, session.get_one(Brand, 1), make_author(session, "cal"))
    assert 'id="line-2"' not in agent.get("/?queue=failed").text
