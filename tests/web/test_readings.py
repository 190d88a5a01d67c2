import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import Settings
from engage.corrections import Corrected, Looked
from engage.tables import Conversation, Role
from listener.tables import Mention
from nlp.reading import Intent, Question, Sentiment
from nlp.tables import Correction, ReadingRow
from tests.conftest import FakeClock
from tests.factories import START, make_author, make_brand, make_conversation, make_mention
from tests.web.site import Browser, Site
from web.readings import Hint, answers, hints
from web.words import percent

HTMX = {"HX-Request": "true"}
PANEL = "/c/1/m/1/reading"


def reading(**values: Any) -> ReadingRow:
    values = {
        "mention_id": 1,
        "sentiment": Sentiment.NEGATIVE,
        "p_negative": 0.8,
        "p_neutral": 0.18,
        "p_positive": 0.02,
        "intent": Intent.COMPLAINT,
        "p_intent": {"complaint": 0.9, "question": 0.1},
        "urgency": 0.4,
        "language": "en",
        "entities": [["brand", "Norvik", 0, 6], ["brand", "Norvik", 9, 15]],
        "extra": {"because": {"sentiment": ["late", "never"], "intent": []}},
    } | values
    return ReadingRow(**values)


def looked(found: ReadingRow, *corrections: Correction) -> Looked:
    return Looked(Mention(id=1), found, {one.question: Corrected(one, "Gwen") for one in corrections})


# --- what is said ------------------------------------------------------------------------------------------------


def test_each_answer_with_how_sure_it_is_and_why() -> None:
    sentiment, intent, urgency = answers(looked(reading()))
    assert (sentiment.now, sentiment.sure, sentiment.words) == ("negative", "80%", ["late", "never"])
    assert sentiment.rival == ("neutral", 0.18)
    assert sentiment.choices == ["neutral", "positive"]
    assert (intent.now, intent.sure, intent.words, intent.rival) == ("complaint", "90%", [], None)
    assert len(intent.choices) == 6
    assert (urgency.now, urgency.sure, urgency.rival) == ("normal", "40 of 100", None)
    assert urgency.choices == ["low", "high"]


def test_a_corrected_answer_keeps_what_the_model_said() -> None:
    about = {"mention_id": 1, "user_id": 1, "at": START, "model": "vader-rules/1"}
    found = looked(
        reading(intent=Intent.PRAISE, urgency=1.0),
        Correction(question=Question.INTENT, was="complaint", sure=0.9, now="praise", **about),
        Correction(question=Question.URGENCY, was="normal", sure=0.4, now="high", **about),
    )
    _, intent, urgency = answers(found)
    assert (intent.now, intent.said.answer, intent.sure) == ("praise", "complaint", "90%")
    assert intent.corrected and intent.corrected.by == "Gwen"
    assert "complaint" in intent.choices
    assert (urgency.now, urgency.said.answer, urgency.sure) == ("high", "normal", "40 of 100")


def test_of_the_further_answers_only_those_that_say_something() -> None:
    told = {
        "emotion": {"anger": 0.7, "joy": 0.3},
        "irony": 0.51,
        "offensive": 0.49,
        "churn": 0.9,
        "towards": {"Norvik": {"negative": 0.6, "neutral": 0.3, "positive": 0.1}},
    }
    named = [["brand", "Norvik", 0, 6], ["place", "Bergen", 20, 26]]
    assert hints(reading(extra=told, entities=named)) == {
        "Towards": [Hint("Norvik", 0.6, "negative")],
        "Places": [Hint("Bergen")],
        "Feels": [Hint("anger", 0.7)],
        "Also": [Hint("ironic", 0.51), Hint("may leave", 0.9)],
    }


def test_an_engine_that_tells_less_shows_less() -> None:
    assert hints(reading(extra={}, entities=[])) == {}
    assert hints(reading(extra={}, language="de")) == {"Names": [Hint("Norvik")], "Language": [Hint("de")]}
    assert hints(reading(extra={"uncertain": True}, language="de", entities=[])) == {}
    assert all(not answer.words for answer in answers(looked(reading(extra={}))))


@pytest.mark.parametrize(
    ("share", "words"), [(0, "under 1%"), (0.004, "under 1%"), (0.5, "50%"), (0.994, "99%"), (1, "over 99%")]
)
def test_nothing_is_certain(share: float, words: str) -> None:
    assert percent(share) == words


# --- the panel and its menu --------------------------------------------------------------------------------------


@pytest.fixture
def site(settings: Settings, clock: FakeClock) -> Iterator[Site]:
    """Two conversations of one mention each, both read as a negative complaint."""
    site = Site(settings, clock)
    with site.database.write() as session:
        brand = make_brand(session)
        for handle in ("bea", "cem"):
            conversation = make_conversation(session, brand, make_author(session, handle))
            make_mention(session, conversation)
    clock.advance(hours=2)
    yield site
    site.database.engine.dispose()


@pytest.fixture
def agent(site: Site) -> Browser:
    return site.browser(Role.AGENT)


def read_as(
    browser: Browser, answer: str, seen: str, question: str = "intent", path: str = PANEL, **more: Any
) -> Any:
    return browser.post(path, {"question": question, "answer": answer, "seen": seen, **more}, headers=HTMX)


def intent(site: Site) -> Intent:
    with site.database.read() as session:
        return session.get_one(ReadingRow, 1).intent


def test_the_panel_is_asked_for_when_it_opens(agent: Browser) -> None:
    page = agent.get("/c/1").text
    assert f'hx-get="{PANEL}"' in page
    assert "vader-rules/1" not in page
    panel = agent.get(PANEL, headers=HTMX).text
    assert "<html" not in panel
    assert re.search(r"negative</span>\s*<span class=\"reading-sure\">80%", panel)
    assert "or neutral 15%" in panel
    assert "Read by vader-rules/1" in panel
    assert panel.count('hx-post="/c/1/m/1/reading"') == 3


def test_what_a_reading_holds_does_no_harm(site: Site, agent: Browser) -> None:
    with site.database.write() as session:
        found = session.get_one(ReadingRow, 1)
        found.extra = {"because": {"intent": ["<i>"]}, "towards": {"<u>": {"neutral": 1.0}}, "uncertain": True}
        found.language, found.model = "<s>", "<b>"
    panel = agent.get(PANEL, headers=HTMX).text
    for bad in ("<i>", "<u>", "<s>", "<b>"):
        assert bad not in panel
    assert "Another language (&lt;s&gt;): hardly more than a guess." in panel


def test_reading_otherwise_shows_in_list_thread_and_panel(site: Site, agent: Browser) -> None:
    done = read_as(agent, "praise", "complaint")
    assert json.loads(done.headers["HX-Trigger"]) == {"hearken:changed": {}}
    assert "Read as praise." in done.text
    page = agent.get("/c/1").text
    assert re.search(r"Read as praise \(was complaint\)</span> by agent", page)
    assert '<span class="chip">praise</span>' in page.split('id="reading-1"')[1].split("</summary>")[0]
    assert '<span class="chip">praise</span>' in page.split('id="line-1"')[1].split("</li>")[0]
    panel = agent.get(PANEL, headers=HTMX).text
    assert "Hearken said complaint, 90%" in panel
    assert '<span class="quiet">agent, ' in panel


def test_a_correction_can_be_undone(site: Site, agent: Browser) -> None:
    done = read_as(agent, "praise", "complaint")
    undo = dict(re.findall(r'name="(question|answer|seen|undoing)" value="([^"]*)"', done.text))
    assert "Undo" not in agent.post(PANEL, undo, headers=HTMX).text
    assert intent(site) is Intent.COMPLAINT
    with site.database.read() as session:
        assert not session.scalars(select(Correction)).all()


def test_who_saw_something_else_is_told_in_place(site: Site, agent: Browser) -> None:
    read_as(site.browser(Role.MANAGER), "praise", "complaint")
    refused = read_as(agent, "other", "complaint")
    assert refused.status_code == 409
    assert "it is read as praise now" in refused.text
    assert 'role="alert"' in refused.text
    assert intent(site) is Intent.PRAISE


def test_a_mention_of_another_conversation_is_not_to_be_had(site: Site, agent: Browser) -> None:
    assert agent.get("/c/2/m/1/reading", headers=HTMX).status_code == 404
    assert read_as(agent, "praise", "complaint", path="/c/2/m/1/reading").status_code == 404
    assert intent(site) is Intent.COMPLAINT


@pytest.mark.parametrize(("question", "answer"), [("colour", "blue"), ("intent", "gossip"), ("sentiment", "")])
def test_bad_input_is_refused_in_words(agent: Browser, question: str, answer: str) -> None:
    refused = read_as(agent, answer, "complaint" if question == "intent" else "negative", question)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text


def test_a_stranger_sees_and_changes_nothing(site: Site) -> None:
    stranger = site.stranger()
    assert stranger.get(PANEL).status_code == 302
    assert read_as(stranger, "praise", "complaint").status_code in {302, 401}
    assert intent(site) is Intent.COMPLAINT


def test_without_scripts_a_correction_leads_back_to_the_conversation(site: Site, agent: Browser) -> None:
    fields = {"question": "urgency", "answer": "high", "seen": "normal"}
    done = agent.post(PANEL, fields, follow_redirects=True)
    assert done.request.path == "/c/1"
    assert "Read as high urgency." in done.text
    assert '<span class="chip chip-warning">urgent</span>' in done.text
    with site.database.read() as session:
        assert session.get_one(Conversation, 1).urgency == 1.0
