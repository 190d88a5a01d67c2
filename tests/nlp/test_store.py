from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from config.database import Database
from listener.tables import AlsoHeard, Brand, Mention, Stage
from nlp.analyser import Analyser
from nlp.by_language import models
from nlp.lexicon import LexiconEngine
from nlp.onnx import OnnxEngine
from nlp.reading import About, Intent, Judgement, Sentiment
from nlp.store import Again, read_before, store, store_again, take_again, take_waiting, waiting
from nlp.tables import Correction, ReadingRow
from tests.conftest import FakeClock
from tests.factories import START, make_author, make_brand, make_user
from tests.statements import statements

ANALYSER = Analyser(LexiconEngine())


def hear(session: Session, brand: Brand, texts: Sequence[str], **values: object) -> list[int]:
    """Mentions that were just heard; their ids."""
    first = session.scalar(select(func.count(Mention.id))) or 0
    author = make_author(session, f"author{first}")
    common = {"brand_id": brand.id, "network": "mastodon", "author_id": author.id, "stage": Stage.HEARD}
    common |= {"url": "", "thread": "", "in_reply_to": "", "lang": "", "likes": 0, "shares": 0, "replies": 0}
    common |= {"addressed": False, "reply_ref": {}, "created_at": START, "heard_at": START, **values}
    mentions = [Mention(external_id=str(first + place), text=text, **common) for place, text in enumerate(texts)]
    session.add_all(mentions)
    session.flush()
    return [mention.id for mention in mentions]


def read_waiting(session: Session, analyser: Analyser, clock: FakeClock, limit: int = 1000) -> int:
    """Take, judge and store, all at once."""
    taken = take_waiting(session, limit)
    return store(session, taken, analyser.read([one.text for one in taken]), clock())


def stages(session: Session) -> list[Stage]:
    return [Stage(stage) for stage in session.scalars(select(Mention.stage).order_by(Mention.id))]


def test_heard_mentions_are_read_and_move_on(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        brand = make_brand(session, "Kestova")
        brand.products, brand.competitors = ["Glow"], ["Norvik"]
        [first, second] = hear(
            session, brand, ["My Kestova Glow is broken, terrible!", "Norvik is wonderful, I love it"]
        )
        assert read_waiting(session, ANALYSER, clock) == 2
    with database.read() as session:
        complaint, praise = session.get_one(ReadingRow, first), session.get_one(ReadingRow, second)
        assert (complaint.sentiment, complaint.intent, complaint.about) == (
            Sentiment.NEGATIVE,
            Intent.COMPLAINT,
            About.BRAND,
        )
        assert (praise.sentiment, praise.intent, praise.about) == (
            Sentiment.POSITIVE,
            Intent.PRAISE,
            About.COMPETITOR,
        )
        assert complaint.entities == [["brand", "Kestova", 3, 10], ["product", "Glow", 11, 15]]
        assert complaint.p_negative + complaint.p_neutral + complaint.p_positive == pytest.approx(1, abs=1e-3)
        assert set(complaint.p_intent) == {str(intent) for intent in Intent}
        assert (complaint.language, complaint.model, complaint.read_at) == ("en", "vader-rules/1", clock())
        assert stages(session) == [Stage.READ, Stage.READ]


def test_the_oldest_are_read_first_and_no_more_than_asked(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        brand = make_brand(session)
        ids = hear(session, brand, ["one", "two", "three"])
        assert read_waiting(session, ANALYSER, clock, limit=2) == 2
        assert stages(session) == [Stage.READ, Stage.READ, Stage.HEARD]
        assert list(session.scalars(select(ReadingRow.mention_id).order_by(ReadingRow.mention_id))) == ids[:2]
        assert read_waiting(session, ANALYSER, clock, limit=2) == 1
        assert read_waiting(session, ANALYSER, clock, limit=2) == 0


def test_an_edited_mention_is_read_again(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        [edited] = hear(session, make_brand(session), ["I love this, wonderful"])
        read_waiting(session, ANALYSER, clock)
    clock.advance(hours=1)
    with database.write() as session:
        mention = session.get_one(Mention, edited)
        mention.text, mention.stage = "This is terrible, it stopped working", Stage.HEARD
        session.flush()
        assert read_waiting(session, ANALYSER, clock) == 1
    with database.read() as session:
        [reading] = session.scalars(select(ReadingRow))
        assert (reading.intent, reading.read_at) == (Intent.COMPLAINT, clock())


def test_a_deleted_mention_says_nothing(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        [gone] = hear(
            session, make_brand(session, "Kestova"), ["Kestova is terrible, my account was hacked"], deleted_at=START
        )
        assert read_waiting(session, ANALYSER, clock) == 1
        reading = session.get_one(ReadingRow, gone)
        assert (reading.intent, reading.sentiment, reading.entities) == (Intent.OTHER, Sentiment.NEUTRAL, [])


def test_each_mention_is_read_with_its_own_brands_names(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        ids = [hear(session, make_brand(session, name), ["Kestova or Norvik?"])[0] for name in ("Kestova", "Norvik")]
        read_waiting(session, ANALYSER, clock)
        named = [session.get_one(ReadingRow, mention_id).entities for mention_id in ids]
        assert named == [[["brand", "Kestova", 0, 7]], [["brand", "Norvik", 11, 17]]]


def test_what_only_some_engines_tell_is_kept_beside(database: Database, clock: FakeClock) -> None:
    small = Analyser(OnnxEngine())
    with database.write() as session:
        [ours, foreign] = hear(
            session, make_brand(session, "Kestova"), ["I love my Kestova kettle", "Der Wasserkocher ist heute kaputt"]
        )
        read_waiting(session, small, clock)
        told = session.get_one(ReadingRow, ours).extra
        assert told["towards"]["Kestova"]["positive"] > 0.5
        assert {"emotion", "complaint", "irony", "offensive", "spam", "churn", "because"} < set(told)
        assert session.get_one(ReadingRow, foreign).extra == {"uncertain": True}
        read_again = session.get_one(Mention, ours)
        read_again.stage = Stage.HEARD
        session.flush()
        read_waiting(session, ANALYSER, clock)
        session.expire_all()
        assert session.get_one(ReadingRow, ours).extra == {}


def test_nothing_is_committed(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        hear(session, make_brand(session), ["one"])
    with database.read() as session:
        read_waiting(session, ANALYSER, clock)
    with database.read() as session:
        assert stages(session) == [Stage.HEARD]
        assert session.scalar(select(func.count(ReadingRow.mention_id))) == 0


def test_what_was_edited_or_deleted_while_it_was_judged_waits_still(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        ids = hear(session, make_brand(session), ["stays", "is edited", "is deleted"])
    with database.read() as session:
        taken = take_waiting(session, 10)
    with database.write() as session:
        session.get_one(Mention, ids[1]).text = "was edited"
        session.get_one(Mention, ids[2]).deleted_at = START
    with database.write() as session:
        assert store(session, taken, ANALYSER.read([one.text for one in taken]), clock()) == 1
    with database.write() as session:
        assert stages(session) == [Stage.READ, Stage.HEARD, Stage.HEARD]
        assert [one.text.text for one in take_waiting(session, 10)] == ["was edited", ""]
        assert read_waiting(session, ANALYSER, clock) == 2


def test_two_workers_that_judged_the_same_store_it_once(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        hear(session, make_brand(session), ["one", "two", "three"])
    with database.read() as session:
        taken = take_waiting(session, 10)
    readings = ANALYSER.read([one.text for one in taken])
    with database.write() as one:
        assert store(one, taken[:2], readings[:2], clock()) == 2
    with database.write() as other:
        assert store(other, taken, readings, clock()) == 1
    with database.read() as session:
        assert stages(session) == [Stage.READ] * 3
        assert session.scalar(select(func.count(ReadingRow.mention_id))) == 3


def test_those_behind_a_place_are_taken(database: Database) -> None:
    with database.write() as session:
        ids = hear(session, make_brand(session), ["one", "two", "three"])
        assert [one.id for one in take_waiting(session, 10, after=ids[0])] == ids[1:]


def test_looking_for_what_waits_does_not_look_at_every_mention(sqlite_database: Database) -> None:
    with sqlite_database.read() as session, statements(sqlite_database) as said:
        take_waiting(session, 10)
        [(sql, values)] = said
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    assert "ix_mention_waiting" in str(plan), plan


def test_how_many_wait_and_since_when(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        assert waiting(session) == (0, None)
        brand = make_brand(session)
        hear(session, brand, ["late"], heard_at=clock() + timedelta(hours=1))
        hear(session, brand, ["early"])
        assert waiting(session) == (2, START)
        read_waiting(session, ANALYSER, clock)
        assert waiting(session) == (0, None)


# --- reading again -----------------------------------------------------------------------------------------------


class Cheerful(LexiconEngine):
    """Another model: it finds everything wonderful."""

    name = "cheerful/2"

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        return super().judge(["I love this, wonderful"] * len(texts), languages)


CHEERFUL = Analyser(Cheerful())


def again(session: Session, ids: Sequence[int], clock: FakeClock) -> tuple[list[int], Again]:
    taken = take_again(session, ids)
    return store_again(session, taken, CHEERFUL.read([one.text for one in taken]), clock())


def test_what_another_model_read_is_found_newest_first(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        brand, other = make_brand(session), make_brand(session, "Kestova")
        [old] = hear(session, brand, ["long ago"], created_at=START - timedelta(days=9))
        [late] = hear(session, brand, ["late"], created_at=START + timedelta(hours=1))
        [early] = hear(session, brand, ["early"])
        [others] = hear(session, other, ["another brand's"])
        session.add(AlsoHeard(mention_id=others, brand_id=brand.id))
        [gone] = hear(session, brand, ["gone"], deleted_at=START)
        read_waiting(session, ANALYSER, clock)
        [unread] = hear(session, brand, ["waits"])
        assert read_before(session, {"": "cheerful/2"}, START, None) == [late, others, early]
        assert read_before(session, {"": "cheerful/2"}, START, other.id) == [others]
        assert read_before(session, {"": "cheerful/2"}, START, brand.id) == [late, others, early]
        assert read_before(session, models(ANALYSER.engine), START, None) == []
        everything = read_before(session, None, START - timedelta(days=30), None)
        assert everything == [late, others, early, old] and not {gone, unread} & set(everything)


def test_each_language_has_its_own_model_in_force(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        ids = hear(session, make_brand(session), ["I love this kettle", "Der Wasserkocher ist heute kaputt"])
        read_waiting(session, ANALYSER, clock)
        english, german = ids
        assert read_before(session, {"": "vader-rules/1", "de": "german/1"}, START, None) == [german]
        assert read_before(session, {"": "cheerful/2", "de": "vader-rules/1"}, START, None) == [english]


def test_a_mention_read_again_keeps_its_stage_and_is_done(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        ids = hear(session, make_brand(session), ["This is terrible", "I love it, wonderful"])
        read_waiting(session, ANALYSER, clock)
        session.execute(update(Mention).values(stage=Stage.ROUTED))
        assert again(session, ids, clock) == (ids, Again(read=2, sentiment=1, intent=1))
        assert stages(session) == [Stage.ROUTED] * 2
        assert read_before(session, {"": "cheerful/2"}, START, None) == []


def test_what_is_edited_meanwhile_is_not_read_again_but_anew(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        ids = hear(session, make_brand(session), ["one", "two"])
        read_waiting(session, ANALYSER, clock)
        taken = take_again(session, ids)
        edited, waits = (session.get_one(Mention, id_) for id_ in ids)
        edited.text, waits.stage = "edited", Stage.HEARD
        session.flush()
        assert store_again(session, taken, CHEERFUL.read([one.text for one in taken]), clock())[1].read == 0
        assert {row.model for row in session.scalars(select(ReadingRow))} == {ANALYSER.engine.name}


def test_what_people_corrected_stays(database: Database, clock: FakeClock) -> None:
    with database.write() as session:
        by = make_user(session).id
        [id_] = hear(session, make_brand(session), ["This is terrible"])
        read_waiting(session, ANALYSER, clock)
        told = {"was": "negative", "now": "neutral", "sure": 0.9, "model": ANALYSER.engine.name}
        session.add(Correction(mention_id=id_, question="sentiment", user_id=by, at=START, **told))
        session.flush()
        again(session, [id_], clock)
        session.expire_all()
        reading = session.get_one(ReadingRow, id_)
        assert (reading.model, reading.sentiment, reading.intent) == ("cheerful/2", Sentiment.NEUTRAL, Intent.PRAISE)
        session.get_one(Mention, id_).stage = Stage.HEARD
        session.flush()
        read_waiting(session, ANALYSER, clock)
        session.expire_all()
        assert session.get_one(ReadingRow, id_).sentiment is Sentiment.NEUTRAL
