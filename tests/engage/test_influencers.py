from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import Database
from config.errors import NotFoundError
from config.settings import INFLUENCE_WEIGHTS
from engage import influencers
from engage.influence import rate_all
from engage.influence_tables import Influence, InfluenceRun, Size
from engage.influencer_words import Overlap, evidence, explained
from engage.influencers import Sort, Stance, Wanted, closest_audience, shared_audience
from listener.tables import Author
from tests.conftest import FakeClock
from tests.engage.test_influence import answer, say
from tests.factories import START, make_author, make_brand, make_contact, make_conversation
from tests.statements import statements


@pytest.fixture
def rated(database: Database, clock: FakeClock) -> Database:
    """Three authors of several kinds, rated a day after they spoke."""
    with database.write() as session:
        ada = make_author(session, "ada", "x", followers=700_000)
        post = say(session, ada, "The charger of Norvik is superb.", likes=400, shares=90)
        bea = make_author(session, "bea", "reddit", followers=None)
        answer(session, bea, post, text="My battery died.", lang="de")
        say(session, make_author(session, "cy", "x", followers=20), "Battery and charger, both fine.")
    clock.advance(days=1)
    rate_all(database, 1, INFLUENCE_WEIGHTS, clock)
    with database.write() as session:
        for handle, values in {
            "ada": {"stance": 0.5, "rising": 0.0, "credit": 0.5},
            "bea": {"stance": -0.5, "rising": 1.2, "language": "de"},
        }.items():
            author_id = session.scalars(select(Author.id).where(Author.handle == handle)).one()
            for name, value in values.items():
                setattr(session.get_one(Influence, (1, author_id)), name, value)
    return database


def handles(database: Database, clock: FakeClock, sort: Sort = Sort.SCORE, **wanted: Any) -> list[str]:
    with database.read() as session:
        lines = influencers.ranked(session, Wanted(1, **wanted), clock(), sort).lines
        return [line.author.handle for line in lines]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"network": "reddit"}, {"bea"}),
        ({"language": "de"}, {"bea"}),
        ({"stance": Stance.FOR}, {"ada"}),
        ({"stance": Stance.AGAINST}, {"bea", "cy"}),
        ({"stance": Stance.MIXED}, set()),
        ({"size": Size.MACRO}, {"ada"}),
        ({"size": Size.NANO}, {"bea", "cy"}),
        ({"topic": "batt"}, {"bea", "cy"}),
        ({"topic": "battery charger"}, {"cy"}),
        ({"topic": "—"}, set()),
        ({"rising": True}, {"bea"}),
        ({"clean": True}, {"bea", "cy"}),
        ({"clean": False}, {"ada"}),
        ({"network": "x", "topic": "charger", "size": Size.NANO}, {"cy"}),
    ],
)
def test_each_filter_narrows_the_list(
    rated: Database, clock: FakeClock, wanted: dict[str, Any], found: set[str]
) -> None:
    with rated.write() as session:
        for influence in session.scalars(select(Influence).where(Influence.author_id == _id(session, "cy"))):
            influence.rising = 0.1
    assert set(handles(rated, clock, **wanted)) == found


def _id(session: Session, handle: str) -> int:
    return session.scalars(select(Author.id).where(Author.handle == handle)).one()


def test_each_order_has_the_most_first(rated: Database, clock: FakeClock) -> None:
    assert handles(rated, clock)[0] == "ada"
    assert handles(rated, clock, Sort.RISING)[0] == "bea"
    assert handles(rated, clock, Sort.FOLLOWERS) == ["ada", "cy", "bea"], "unknown comes last"
    assert set(handles(rated, clock, Sort.MENTIONS)) == set(handles(rated, clock, Sort.LAST)) == {"ada", "bea", "cy"}


def test_pages_go_on_where_the_last_one_ended(rated: Database, clock: FakeClock) -> None:
    with rated.read() as session:
        first = influencers.ranked(session, Wanted(1), clock(), size=2)
        second = influencers.ranked(session, Wanted(1), clock(), page=2, size=2)
    assert (first.has_more, second.has_more) == (True, False)
    assert [line.rank for line in (*first.lines, *second.lines)] == [1, 2, 3]
    assert len({line.author.id for line in (*first.lines, *second.lines)}) == 3


def test_weeks_of_mentions_end_with_this_one(rated: Database, clock: FakeClock) -> None:
    with rated.write() as session:
        author = session.scalars(select(Author).where(Author.handle == "ada")).one()
        say(session, author, created_at=clock() - timedelta(days=8))
        say(session, author, created_at=clock() - timedelta(weeks=30))
    with rated.read() as session:
        line = influencers.ranked(session, Wanted(1), clock()).lines[0]
    assert list(line.weeks) == [0] * 10 + [1, 1]


def test_a_page_costs_a_fixed_number_of_statements(rated: Database, clock: FakeClock) -> None:
    with rated.read() as session, statements(rated) as said:
        influencers.ranked(session, Wanted(1, topic="battery"), clock())
    assert len(said) == 2


def test_the_points_of_all_parts_are_the_score(rated: Database, clock: FakeClock) -> None:
    with rated.read() as session:
        for handle in ("bea", "cy"):
            profile = influencers.profile(session, 1, _id(session, handle), "Norvik", clock())
            assert sum(part.points for part in profile.parts) == pytest.approx(profile.line.influence.score, abs=0.01)


def test_every_part_says_why(rated: Database, clock: FakeClock) -> None:
    with rated.read() as session:
        profile = influencers.profile(session, 1, _id(session, "ada"), "Norvik", clock())
        words = {part.name: part.words for part in profile.parts}
        bea = influencers.profile(session, 1, _id(session, "bea"), "Norvik", clock())
    assert words["reach"] == "700,000 followers"
    assert words["resonance"] == "Mentions of Norvik were shared 90 times and answered 0 times"
    assert words["relevance"] == "1 of 1 mention is about Norvik"
    assert words["recency"] == "Last heard today"
    assert "490 reactions to a mention" in words["engagement"]
    assert "Nobody that we heard" in words["position"], "the one who answered is on another network"
    assert bea.parts[0].words.startswith("This network counts no followers")
    assert bea.contact_id is not None
    assert [mention.text for mention in bea.latest] == ["My battery died."]
    assert bea.line.rank in {2, 3}


def test_who_is_not_rated_is_not_found(rated: Database, clock: FakeClock) -> None:
    with rated.read() as session, pytest.raises(NotFoundError, match="not rated"):
        influencers.profile(session, 1, 999, "Norvik", clock())


def test_people_in_threads_of_both_are_the_overlap(database: Database) -> None:
    with database.write() as session:
        ada, bea = make_author(session, "ada"), make_author(session, "bea")
        brand = make_brand(session)
        fans = [make_author(session, f"fan{number}") for number in range(3)]
        for author, thread in ((ada, "one"), (bea, "two")):
            make_conversation(session, brand, author, thread=thread)
        for fan, threads in zip(fans, (("one",), ("one", "two"), ("two",)), strict=True):
            for thread in threads:
                make_conversation(session, brand, fan, thread=thread, contact_id=1)
        assert shared_audience(session, ada.id, bea.id) == (2, 2, 1)


def test_the_author_whom_the_audience_meets_too_is_named(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        brand = make_brand(session)
        ada, bea, cy = (make_author(session, name) for name in ("ada", "bea", "cy"))
        contact_id = make_contact(session, ada).id
        for author, thread in ((ada, "one"), (bea, "one"), (bea, "two"), (cy, "three")):
            make_conversation(session, brand, author, thread=thread, contact_id=contact_id)
        for number in range(12):
            fan = make_author(session, f"fan{number}")
            for thread in ("one", "two", *(["three"] if number < 3 else [])):
                make_conversation(session, brand, fan, thread=thread, contact_id=contact_id)
        for author in (ada, bea, cy):
            say(session, author)
        ids = (ada.id, cy.id)
    rate_all(database, brand.id, INFLUENCE_WEIGHTS, clock)
    with database.read() as session:
        found, other = (closest_audience(session, brand.id, author_id) for author_id in ids)
        profile = influencers.profile(session, brand.id, ids[0], "Norvik", clock())
        assert closest_audience(session, brand.id, 999) is None
    assert found == Overlap("bea", 12, 13), "bea herself spoke in ada's thread"
    assert other and (other.shared, other.audience) == (3, 3)
    (sign,) = [sign for sign in profile.evidence if sign.label == "Audience overlap"]
    assert sign.striking
    assert sign.words.startswith("12 of 13 accounts in its threads (92\u00a0%) also speak in others of @bea")


# --- evidence ----------------------------------------------------------------------------------------------------


def influence(**values: Any) -> Influence:
    usual: dict[str, Any] = {
        "network": "x", "size": Size.MICRO, "engagement": 0.5, "mentions": 10, "about": 10, "likes": 100, "shares": 0,
        "replies": 0, "audience": 0, "independent": 0.0, "standing": 1.0, "copied": 0.0, "burst": 0.0,
        "followers": 20_000, "followers_then": None, "then_at": START, "last_at": START, "rated_at": START,
        "reach": 0.5, "resonance": 0.5, "relevance": 0.5, "recency": 0.5, "position": 0.5, "credit": 1.0,
    }  # fmt: skip
    return Influence(**usual | values)


def author(**values: Any) -> Author:
    return Author(handle="ada", first_heard_at=START, **values)


@pytest.mark.parametrize(
    ("values", "label", "words"),
    [
        ({"engagement": 0.01}, "Reactions against followers", "10 reactions to a mention"),
        ({"burst": 0.6}, "Bursts", "60\u00a0% of the mentions fell into one hour"),
        (
            {"copied": 0.5},
            "Copied text",
            "50\u00a0% of the mentions say in much the same words",
        ),
        ({"audience": 40, "independent": 3.2}, "Who answers", "3 of 40 accounts"),
        (
            {"followers_then": 1_000, "rated_at": START + timedelta(days=5), "followers": 48_000},
            "Follower jumps",
            "1,000 followers 5 days ago, 48,000 now",
        ),
    ],
)
def test_what_is_striking_is_marked_and_said(values: dict[str, Any], label: str, words: str) -> None:
    now = START + timedelta(days=5)
    plain = {sign.label: sign for sign in evidence(influence(), author(), {}, now)}
    marked = {sign.label: sign for sign in evidence(influence(**values), author(), {}, now)}
    assert not plain[label].striking
    assert marked[label].striking
    assert marked[label].words.startswith(words)
    others = [sign for name, sign in marked.items() if name != label]
    assert not any(sign.striking for sign in others)


def test_a_jump_between_two_mentions_is_seen_and_slow_growth_is_none() -> None:
    now = START + timedelta(days=60)
    days = [(START + timedelta(days=place), 1_000) for place in range(5)]

    def told(*counts: tuple[float, int]) -> tuple[str, bool]:
        heard = [*days, *((START + timedelta(days=day), count) for day, count in counts)]
        found = influence(followers=None, followers_then=None)
        sign = {one.label: one for one in evidence(found, author(), {}, now, heard)}["Follower jumps"]
        return sign.words, sign.striking

    assert told((6, 9_000), (30, 9_500)) == ("1,000 followers 56 days ago, 9,000 54 days ago", True)
    assert told((50, 9_000)) == ("1,000 followers 2 months ago, 9,000 now", False), "over many weeks"
    assert told((6, 1_900), (20, 3_000))[1] is False
    today = {one.label: one for one in evidence(influence(), author(), {}, START)}["Follower jumps"]
    assert today.words == "No earlier count to compare with"


def test_the_age_of_an_account_is_told_where_the_network_tells() -> None:
    young = author(joined_at=START - timedelta(days=10))
    now = START + timedelta(days=800)
    assert [s.words for s in evidence(influence(), young, {}, START) if s.striking] == ["Made 10 days ago"]
    told = {s.label: s for s in evidence(influence(), author(), {}, START)}
    assert told["Account age"].words == "The network does not tell; first heard today"
    assert "2 years ago" in {s.label: s.words for s in evidence(influence(), young, {}, now)}["Account age"]


def test_reactions_are_held_against_peers() -> None:
    grid = {"rates": {"x/micro": [1.0, 30.0, 500.0]}}
    words = evidence(influence(), author(), grid, START)[0].words
    assert "half of its peers get fewer than 30" in words
    assert "0.05\u00a0% of its followers" in words


def test_credit_takes_points_from_claims_only() -> None:
    yardsticks = {"weights": INFLUENCE_WEIGHTS}
    whole, half = (explained(influence(credit=c), author(), yardsticks, "Norvik", START) for c in (1.0, 0.5))
    changed = {a.name for a, b in zip(whole, half, strict=True) if a.points != b.points}
    assert changed == {"reach", "engagement", "resonance"}


def test_what_can_be_chosen_comes_from_the_last_run(rated: Database) -> None:
    with rated.read() as session:
        found = influencers.choices(session, 1)
        assert influencers.choices(session, 99).authors == 0
        assert session.get_one(InfluenceRun, 1).full_at == found.full_at
    assert (found.networks, found.authors) == (["reddit", "x"], 3)
    assert "en" in found.languages
