"""What the team's figures count, on made-up conversations; that the inbox lists just those is checked for each."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from config.database import Database
from engage import conversations, inbox, linking, team
from engage.analytics import Slice
from engage.outcomes import Became, Outcome, ever
from engage.segments import STRANGER
from engage.tables import Activity, ActivityKind, Conversation, Reply, ReplyState, Status, User
from engage.tables import Team as TeamName
from engage.times import BINS
from listener.tables import Brand
from nlp.reading import Intent, Sentiment
from nlp.tables import ReadingRow
from tests.factories import START, count_all, make_author, make_brand, make_conversation, make_mention, make_user

DAY = 24 * 60
NOW = START + timedelta(days=5)
WEEK = (START.date(), START.date() + timedelta(days=6))
WROTE, ANSWERED, CLOSED, UNDONE, REOPENED = "wrote", "answered", "closed", "undone", "reopened"
STATUS_WORDS = {CLOSED: conversations.CLOSED, UNDONE: "Opened", REOPENED: linking.REOPENED}


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as session:
        yield session


@pytest.fixture
def brand(session: Session) -> Brand:
    return make_brand(session)


@pytest.fixture
def chosen(brand: Brand) -> Slice:
    return Slice(brand.id, *WEEK)


class Teller:
    """Makes conversations from what happened in them."""

    def __init__(self, session: Session, brand: Brand) -> None:
        self.session, self.brand, self.number = session, brand, 0

    def __call__(self, *steps: tuple[Any, ...], start: datetime = START, **values: Any) -> int:
        """Steps are (what, minutes from the start, more …): feeling and intent of a mention, who wrote an answer."""
        self.number += 1
        author = make_author(self.session, f"author{self.number}")
        moments = [start + timedelta(minutes=minute) for what, minute, *_ in steps if what == WROTE]
        answers = [start + timedelta(minutes=minute) for what, minute, *_ in steps if what == ANSWERED]
        values = {
            "first_at": min(moments),
            "last_at": max(moments),
            "mention_count": len(moments),
            "answered_at": max(answers, default=None),
        } | values
        conversation = make_conversation(self.session, self.brand, author, **values)
        for place, (what, minute, *more) in enumerate(steps):
            self._add(conversation, place, what, start + timedelta(minutes=minute), *more)
        self.session.flush()
        return conversation.id

    def _add(self, conversation: Conversation, place: int, what: str, at: datetime, *more: Any) -> None:
        if what == WROTE:
            self._write(conversation, place, at, *more)
        elif what == ANSWERED:
            self.session.add(_sent(conversation, self.mention_id, f"{conversation.id}-{place}", at, *more))
        else:
            kind = ActivityKind.REOPENED if what == REOPENED else ActivityKind.STATUS
            self.session.add(Activity(conversation_id=conversation.id, kind=kind, text=STATUS_WORDS[what], at=at))
            self.session.flush()

    def _write(
        self,
        conversation: Conversation,
        place: int,
        at: datetime,
        feeling: Sentiment = Sentiment.NEGATIVE,
        intent: Intent = Intent.COMPLAINT,
    ) -> None:
        self.mention_id = make_mention(self.session, conversation, number=place, created_at=at).id
        reading = self.session.get_one(ReadingRow, self.mention_id)
        reading.sentiment, reading.intent = feeling, intent


def _sent(conversation: Conversation, mention_id: int, key: str, at: datetime, user: User | None = None) -> Reply:
    return Reply(
        conversation_id=conversation.id,
        mention_id=mention_id,
        network=conversation.network,
        text="Thank you.",
        state=ReplyState.SENT,
        key=key,
        user_id=user.id if user else None,
        created_at=at,
        sent_at=at,
    )


@pytest.fixture
def tell(session: Session, brand: Brand) -> Teller:
    return Teller(session, brand)


def listed(session: Session, chosen: Slice, **asked: Any) -> set[int]:
    """Ids of the conversations that the inbox lists."""
    wanted = inbox.Wanted(begun=chosen, became=Became(**asked))
    found = {line.id for line in inbox.lines(session, wanted).lines}
    size = inbox.size(session, wanted)
    assert size is not None and size.conversations == len(found)
    return found


def done(session: Session, chosen: Slice) -> team.Team:
    """The team's figures from what is kept, which are those counted from the conversations themselves."""
    session.flush()
    count_all(session)
    kept = team.team(session, chosen, NOW)
    everybody = replace(chosen, segment=STRANGER)
    counted = team.team(session, everybody, NOW)
    assert kept == replace(counted, mentions=kept.mentions)  # somebody without a contact is in no segment
    assert team.agents(session, kept) == team.agents(session, counted)
    assert team.answered_again(kept) == team.answered_again(counted)
    assert team.flow(session, chosen, kept) == team.flow(session, everybody, counted)
    return kept


# --- how soon ----------------------------------------------------------------------------------------------------


def test_first_and_next_answers_are_timed(session: Session, chosen: Slice, tell: Teller) -> None:
    one = tell((WROTE, 0), (ANSWERED, 30), (WROTE, 100), (WROTE, 150), (ANSWERED, 300))
    tell((WROTE, 0), (ANSWERED, 10), (ANSWERED, 20))
    tell((WROTE, 0))
    found = done(session, chosen)
    assert (found.first_answer.count, found.first_answer.median, found.first_answer.p90) == (2, 10, 30)
    assert (found.next_answer.count, found.next_answer.median) == (1, 200)
    assert found.first_answer.bins == [1, 1, 0, 0, 0, 0, 0]
    assert found.next_answer.bins == team.answered_again(found) == [0, 0, 1, 0, 0, 0, 0]
    assert listed(session, chosen, again=2) == {one}


def test_only_what_the_person_wrote_asks_for_the_next_answer(session: Session, chosen: Slice, tell: Teller) -> None:
    conversation_id = tell((WROTE, 0), (ANSWERED, 30), (ANSWERED, 300))
    conversation = session.get_one(Conversation, conversation_id)
    stranger = make_author(session, "stranger")
    make_mention(session, conversation, number=8, author_id=stranger.id, created_at=START + timedelta(minutes=60))
    gone = START + timedelta(minutes=70)
    make_mention(session, conversation, number=9, created_at=gone, deleted_at=gone)
    assert done(session, chosen).next_answer.count == 0


def test_each_bar_of_the_first_answers_leads_to_its_conversations(
    session: Session, chosen: Slice, tell: Teller
) -> None:
    ids = [tell((WROTE, 0), (ANSWERED, minutes)) for minutes in (0, *BINS)]
    found = done(session, chosen)
    assert found.first_answer.bins == [1] * len(ids)
    assert [listed(session, chosen, first=place) for place in range(len(ids))] == [{id_} for id_ in ids]


def test_a_mention_that_was_heard_late_makes_no_negative_time(session: Session, chosen: Slice, tell: Teller) -> None:
    tell((WROTE, 5), (ANSWERED, 2))
    assert done(session, chosen).first_answer.median == 0


def test_resolution_lasts_until_the_latest_closing(session: Session, chosen: Slice, tell: Teller) -> None:
    tell((WROTE, 0), (CLOSED, 60), (UNDONE, 61), (CLOSED, 90), status=Status.CLOSED)
    tell((WROTE, 0), (CLOSED, 5), (REOPENED, 9), status=Status.OPEN)
    resolution = done(session, chosen).resolution
    assert (resolution.count, resolution.median) == (1, 90)


# --- what became of them -----------------------------------------------------------------------------------------


def test_the_goal_is_met_missed_or_past(session: Session, brand: Brand, chosen: Slice, tell: Teller) -> None:
    brand.answer_goal_minutes = 60
    in_time, late = tell((WROTE, 0), (ANSWERED, 60)), tell((WROTE, 0), (ANSWERED, 61))
    waits = tell((WROTE, 0), status=Status.SNOOZED)
    tell((WROTE, 0), start=NOW - timedelta(minutes=59))
    tell((WROTE, 0), status=Status.CLOSED)
    tell((WROTE, 0), intent=Intent.PRAISE)
    tell((WROTE, 0), (ANSWERED, 1), noise=True, status=Status.CLOSED)
    session.flush()
    found = done(session, chosen)
    parts = (Outcome.IN_TIME, Outcome.LATE, Outcome.WAITING)
    assert [found.became[part] for part in parts] == [1, 1, 1]
    since = {"since": team.waiting_since(60, NOW)}
    assert [listed(session, chosen, outcome=part, **since) for part in parts] == [{in_time}, {late}, {waits}]


def test_who_writes_again_after_a_closing_reopens(session: Session, chosen: Slice, tell: Teller) -> None:
    again = tell((WROTE, 0), (CLOSED, 10), (WROTE, 20), (REOPENED, 21))
    undone = tell((WROTE, 0), (CLOSED, 10), (UNDONE, 11), (WROTE, 20), (REOPENED, 21))
    still = tell((WROTE, 0), (CLOSED, 10), status=Status.CLOSED)
    tell((WROTE, 0), (ANSWERED, 5), (WROTE, 20), (REOPENED, 21))
    found = done(session, chosen)
    assert (found.became[Outcome.CLOSED], found.became[Outcome.REOPENED]) == (3, 1)
    assert listed(session, chosen, outcome=Outcome.CLOSED) == {again, undone, still}
    assert listed(session, chosen, outcome=Outcome.REOPENED) == {again}


def test_recovery_compares_the_last_words_before_and_after(session: Session, chosen: Slice, tell: Teller) -> None:
    sad, calm, glad = Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE
    better = tell((WROTE, 0, glad), (WROTE, 1, sad), (ANSWERED, 5), (WROTE, 9, sad), (WROTE, 12, calm))
    worse = tell((WROTE, 0, sad), (ANSWERED, 5), (WROTE, 9, glad), (ANSWERED, 10), (WROTE, 12, sad))
    tell((WROTE, 0, sad), (WROTE, 1, calm), (ANSWERED, 5), (WROTE, 9, glad))
    tell((WROTE, 0, sad), (WROTE, 1, sad), (ANSWERED, 5))
    tell((WROTE, 0, sad), (WROTE, 9, glad))
    found = done(session, chosen)
    assert (found.became[Outcome.UNHAPPY], found.became[Outcome.RECOVERED]) == (2, 1)
    assert listed(session, chosen, outcome=Outcome.UNHAPPY) == {better, worse}
    assert listed(session, chosen, outcome=Outcome.RECOVERED) == {better}


def test_a_stranger_in_the_thread_recovers_nobody(session: Session, chosen: Slice, tell: Teller) -> None:
    conversation = session.get_one(Conversation, tell((WROTE, 0), (ANSWERED, 5), mention_count=2))
    stranger = make_author(session, "stranger")
    make_mention(session, conversation, number=8, author_id=stranger.id, created_at=START + timedelta(minutes=60))
    assert done(session, chosen).became[Outcome.UNHAPPY] == 0


def test_who_wants_to_buy_and_is_answered_is_a_lead(session: Session, chosen: Slice, tell: Teller) -> None:
    buys = (Sentiment.NEUTRAL, Intent.PURCHASE)
    lead = tell((WROTE, 0, *buys), (ANSWERED, 5), (WROTE, 9))
    tell((WROTE, 0, *buys))
    tell((WROTE, 0), (ANSWERED, 5))
    assert done(session, chosen).became[Outcome.LEAD] == 1
    assert listed(session, chosen, outcome=Outcome.LEAD) == {lead}


def test_only_the_brand_days_network_and_language_count(session: Session, brand: Brand, tell: Teller) -> None:
    tell((WROTE, 0), (ANSWERED, 5))
    tell((WROTE, 0), (ANSWERED, 5), start=START - timedelta(days=1))
    tell((WROTE, 0), (ANSWERED, 5), language="de")
    tell.brand = make_brand(session, "Other")
    tell((WROTE, 0), (ANSWERED, 5))
    counts = [
        done(session, Slice(brand.id, *WEEK, *more)).first_answer.count
        for more in ((), ("mastodon",), ("x",), ("", "de"), ("mastodon", "en"))
    ]
    assert counts == [2, 2, 0, 1, 1]


def test_nothing_at_all(session: Session, chosen: Slice) -> None:
    found = done(session, chosen)
    assert (found.begun, found.first_answer.median, set(found.became.values())) == (0, None, {0})
    assert team.agents(session, found) == []
    assert not team.load(session, chosen).teams


# --- how much waits, and who does it -----------------------------------------------------------------------------


def test_the_load_is_what_is_open_now_whenever_it_began(session: Session, chosen: Slice, tell: Teller) -> None:
    ada = make_user(session)
    tell((WROTE, 0), assignee_id=ada.id)
    tell((WROTE, 0), start=START - timedelta(days=900), team=TeamName.MARKETING)
    tell((WROTE, 0), status=Status.PENDING)
    found = team.load(session, chosen)
    assert found.teams == {TeamName.SUPPORT: 1, TeamName.MARKETING: 1}
    assert {(id_, name): size for id_, name, size in found.people} == {(ada.id, "Ada Moss"): 1, (None, ""): 1}
    assert len(inbox.lines(session, inbox.Wanted(begun=ever(chosen), status=Status.OPEN)).lines) == 2


@pytest.mark.parametrize("days", [7, 7 * 30])
def test_begun_and_closed_over_time(session: Session, brand: Brand, tell: Teller, days: int) -> None:
    chosen = Slice(brand.id, date(2026, 11, 2), date(2026, 11, 2) + timedelta(days=days - 1))
    tell((WROTE, 0), (CLOSED, DAY), (UNDONE, DAY + 1), (CLOSED, DAY + 2), status=Status.CLOSED)
    tell((WROTE, 0), (CLOSED, 4 * DAY), start=START - timedelta(days=3), status=Status.CLOSED)
    tell((WROTE, 6 * DAY))
    line = team.flow(session, chosen, done(session, chosen))
    assert sum(point.begun for point in line) == 2
    assert sum(point.closed for point in line) == 2
    assert (line[0].first, line[-1].last) == (chosen.first, chosen.last)
    for point in line:
        of = Slice(brand.id, point.first, point.last)
        for count, wanted in ((point.begun, inbox.Wanted(begun=of)), (point.closed, inbox.Wanted(closed=of))):
            size = inbox.size(session, wanted)
            assert size is not None and size.conversations == count


def test_everybody_who_answers_has_a_line(session: Session, chosen: Slice, tell: Teller) -> None:
    ada, ben = make_user(session), make_user(session, "Ben Hall")
    both = tell(
        (WROTE, 0),
        (ANSWERED, 30, ada),
        (CLOSED, 40),
        (WROTE, 50),
        (REOPENED, 50),
        (ANSWERED, 60, ben),
        (ANSWERED, 70, ada),
    )
    one = tell((WROTE, 0), (ANSWERED, 90, ada))
    first, second = team.agents(session, done(session, chosen))
    assert (first.name, first.answers, first.conversations, first.reopened) == ("Ada Moss", 3, 2, 1)
    assert (first.times.count, first.times.median, first.times.p90) == (2, 30, 90)
    assert (second.name, second.answers, second.times.median, second.reopened) == ("Ben Hall", 1, 10, 1)
    assert listed(session, chosen, agent_id=ada.id) == {both, one}
    assert listed(session, chosen, agent_id=ada.id, outcome=Outcome.REOPENED) == {both}
