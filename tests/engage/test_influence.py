from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.database import Database
from config.secrets import Vault
from config.settings import INFLUENCE_WEIGHTS, Settings
from engage.influence import SNAPSHOT, is_full_due, rate_all, rate_due, rate_new
from engage.influence_tables import Influence, InfluenceRun
from engage.pipeline import Pipeline
from engage.tables import Identity
from listener.tables import AlsoHeard, Author, Brand, Mention, Stage
from nlp.influence import PARTS
from tests.conftest import FakeClock
from tests.factories import make_author, make_brand, make_contact, make_conversation, make_mention

LONG = "The new charger of Norvik broke after two weeks of careful use"


def say(session: Session, author: Author, text: str = "My parcel is late.", **values: object) -> Mention:
    """One more mention by this author, for the brand with id 1, in a thread of its own."""
    number = (session.scalar(select(func.max(Mention.id))) or 0) + 1
    brand = session.get(Brand, 1) or make_brand(session)
    contact_id = make_contact_once(session, author)
    conversation = make_conversation(session, brand, author, thread=f"t{number}", contact_id=contact_id)
    return make_mention(session, conversation, text, number=number, **values)


def make_contact_once(session: Session, author: Author) -> int:
    known = session.get(Identity, author.id)
    return known.contact_id if known else make_contact(session, author).id


def answer(session: Session, author: Author, to: Mention, **values: object) -> Mention:
    return say(session, author, in_reply_to=to.external_id, **values)


def rows(database: Database, brand_id: int = 1) -> dict[str, Influence]:
    with database.read() as session:
        found = session.execute(
            select(Author.handle, Influence)
            .join(Author, Author.id == Influence.author_id)
            .where(Influence.brand_id == brand_id)
        )
        return {row.handle: row.Influence for row in found}


def rate(database: Database, clock: FakeClock) -> dict[str, Influence]:
    rate_all(database, 1, INFLUENCE_WEIGHTS, clock)
    return rows(database)


@pytest.fixture
def hub(database: Database) -> Database:
    """Five strangers answer one author; a sixth names it."""
    with database.write() as session:
        star = make_author(session, "star", followers=50_000)
        post = say(session, star, likes=90, shares=40, replies=5)
        for number in range(5):
            answer(session, make_author(session, f"fan{number}"), post)
        say(session, make_author(session, "namer"), "Ask @Star, who knows.")
    return database


def test_parts_facts_and_score_are_stored(hub: Database, clock: FakeClock) -> None:
    clock.advance(days=1)
    found = rate(hub, clock)["star"]
    assert (found.mentions, found.about, found.likes, found.shares, found.replies) == (1, 1, 90, 40, 5)
    assert (found.network, found.language, found.followers) == ("mastodon", "en", 50_000)
    assert found.audience == 6, "five answered, one named"
    assert found.independent == 6
    assert found.credit == 1
    assert found.stance == -0.5
    weights = sum(INFLUENCE_WEIGHTS.values())
    points = sum(100 * INFLUENCE_WEIGHTS[name] / weights * getattr(found, name) for name in PARTS)
    assert found.score == pytest.approx(points, abs=0.01)


def test_whom_many_turn_to_comes_first(hub: Database, clock: FakeClock) -> None:
    found = rate(hub, clock)
    assert max(found.values(), key=lambda row: row.score) is found["star"]
    assert found["star"].standing > 2 > found["fan0"].standing


def test_rating_again_changes_nothing(hub: Database, clock: FakeClock) -> None:
    before, after = rate(hub, clock), rate(hub, clock)
    assert {name: row.score for name, row in before.items()} == {name: row.score for name, row in after.items()}


def test_new_mentions_are_rated_much_as_a_full_run_would(hub: Database, clock: FakeClock) -> None:
    rate(hub, clock)
    with hub.write() as session:
        post = session.scalars(select(Mention).order_by(Mention.id)).first()
        assert post
        answer(session, make_author(session, "late", followers=10), post, likes=3)
    assert rate_new(hub, 1, INFLUENCE_WEIGHTS, clock) == 2, "the newcomer, and whom it turned to"
    quick = rows(hub)
    assert quick["star"].audience == 7
    full = rate(hub, clock)
    for name in ("late", "star"):
        assert quick[name].score == pytest.approx(full[name].score, abs=4)
        assert (quick[name].mentions, quick[name].likes) == (full[name].mentions, full[name].likes)


def test_nothing_new_is_nothing_to_do(hub: Database, clock: FakeClock) -> None:
    clock.now = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    assert rate_due(hub, INFLUENCE_WEIGHTS, clock) == 7, "never rated: all"
    assert rate_due(hub, INFLUENCE_WEIGHTS, clock) == 0
    with hub.write() as session:
        say(session, make_author(session, "next"))
    assert rate_due(hub, INFLUENCE_WEIGHTS, clock) == 1


def test_what_is_not_read_yet_waits(hub: Database, clock: FakeClock) -> None:
    rate_due(hub, INFLUENCE_WEIGHTS, clock)
    with hub.write() as session:
        unread = say(session, make_author(session, "next"), stage=Stage.HEARD)
        unread_id = unread.id
    assert rate_due(hub, INFLUENCE_WEIGHTS, clock) == 0
    with hub.write() as session:
        session.get_one(Mention, unread_id).stage = Stage.READ
    assert rate_due(hub, INFLUENCE_WEIGHTS, clock) == 1


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-02T12:00", True),
        ("2026-11-02T02:30", "2026-11-02T04:00", False),
        ("2026-11-01T12:00", "2026-11-02T01:59", False),
        ("2026-11-01T12:00", "2026-11-02T02:00", True),
        ("2026-11-01T02:00", "2026-11-02T13:59", False),
        ("2026-11-01T02:00", "2026-11-02T14:00", True),
    ],
)
def test_all_are_rated_at_night_or_when_that_was_missed(last: str | None, now: str, due: bool) -> None:
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None for text in (last, now)]
    assert moments[1] is not None
    assert is_full_due(moments[0], moments[1]) is due


def test_two_workers_do_not_rate_the_same_brand_at_once(hub: Database, clock: FakeClock) -> None:
    rate(hub, clock)
    with hub.write() as session:
        session.get_one(InfluenceRun, 1).busy_until = clock() + timedelta(minutes=5)
    assert rate_all(hub, 1, INFLUENCE_WEIGHTS, clock) is None
    assert rate_due(hub, INFLUENCE_WEIGHTS, clock) == 0
    clock.advance(minutes=6)
    assert rate_all(hub, 1, INFLUENCE_WEIGHTS, clock) == 7, "the lease of a run that was killed runs out"


def test_who_is_not_heard_any_more_leaves_the_list(hub: Database, clock: FakeClock) -> None:
    rate(hub, clock)
    with hub.write() as session:
        gone = session.scalars(select(Author).where(Author.handle == "namer")).one()
        for mention in session.scalars(select(Mention).where(Mention.author_id == gone.id)):
            mention.deleted_at = clock()
    clock.advance(hours=1)
    assert "namer" not in rate(hub, clock)


def test_copied_text_and_bursts_are_noted(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        for number in range(4):
            author = make_author(session, f"bot{number}")
            for _ in range(3):
                say(session, author, f"{LONG} @someone{number}", created_at=clock() - timedelta(hours=number))
        say(session, make_author(session, "own"), "I ride mine to work each day and it never let me down.")
    found = rate(database, clock)
    assert found["bot0"].copied == 0.75
    assert found["bot0"].burst == pytest.approx(0.4)
    assert found["bot0"].credit < 0.3
    assert (found["own"].copied, found["own"].burst, found["own"].credit) == (0, 0, 1)


def test_a_word_changed_is_still_copied_and_a_repost_is_not(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        for number, word in enumerate(("never", "hardly", "seldom")):
            text = f"I ride mine to work each day and it {word} let me down, buy one. 🚲"
            say(session, make_author(session, f"bot{number}"), text)
            say(session, make_author(session, f"fan{number}"), f"RT @ada: {LONG}")
    found = rate(database, clock)
    assert [found[f"bot{number}"].copied for number in range(3)] == [0.5] * 3
    assert [found[f"fan{number}"].copied for number in range(3)] == [0.0] * 3


def test_growth_compares_four_weeks_with_the_four_before(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        rising, falling = make_author(session, "rising"), make_author(session, "falling")
        for number in range(5):
            say(session, rising, created_at=clock() - timedelta(days=number + 1))
            say(session, falling, created_at=clock() - timedelta(days=number + 30))
    found = rate(database, clock)
    assert found["rising"].rising > 0.9
    assert found["falling"].rising == pytest.approx(-found["rising"].rising)


def test_a_brand_that_heard_a_mention_second_counts_it_too(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        mention = say(session, make_author(session, "both"))
        other = make_brand(session, "Other")
        session.flush()
        session.add(AlsoHeard(mention_id=mention.id, brand_id=other.id))
        other_id = other.id
    rate_due(database, INFLUENCE_WEIGHTS, clock)
    assert list(rows(database, other_id)) == ["both"]


def test_an_earlier_count_of_followers_is_kept_to_compare_with(hub: Database, clock: FakeClock) -> None:
    first = rate(hub, clock)["star"]
    assert first.followers_then == 50_000
    started = clock()
    for followers, days in ((60_000, 1), (200_000, SNAPSHOT.days)):
        clock.advance(days=days)
        with hub.write() as session:
            session.scalars(select(Author).where(Author.handle == "star")).one().followers = followers
        found = rate(hub, clock)["star"]
    assert (found.followers_then, found.followers) == (60_000, 200_000)
    assert found.then_at == started + timedelta(days=1), "the count before the old one was given up"


def test_a_network_without_followers_is_rated_beside_the_others(hub: Database, clock: FakeClock) -> None:
    with hub.write() as session:
        for number in range(3):
            author = make_author(session, f"redditor{number}", network="reddit", followers=None)
            say(session, author, likes=number * 40)
    found = rate(hub, clock)
    assert found["redditor0"].reach < found["redditor2"].reach
    assert found["redditor2"].followers is None


def test_no_mentions_at_all_is_no_work(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        make_brand(session)
    assert rate_due(database, INFLUENCE_WEIGHTS, clock) == 0
    assert rate_all(database, 1, INFLUENCE_WEIGHTS, clock) == 0


def test_the_flow_rates_by_the_weights_in_force(hub: Database, clock: FakeClock, settings: Settings) -> None:
    only = settings.model_copy(update={"influence_weights": {"recency": 1.0}})
    pipeline = Pipeline(hub, only, Vault.in_folder(settings.data), clock)
    assert pipeline.rate_authors() == 7
    assert rows(hub)["star"].score == pytest.approx(100, abs=0.1)
    with hub.read() as session:
        assert session.get_one(InfluenceRun, 1).yardsticks["weights"] == {"recency": 1.0}
