from collections.abc import Sequence

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.database import Database
from listener.tables import Brand, Mention, Stage
from nlp.analyser import Analyser
from nlp.lexicon import LexiconEngine
from nlp.onnx import OnnxEngine
from nlp.reading import About, Intent, Sentiment
from nlp.store import read_waiting
from nlp.tables import ReadingRow
from tests.conftest import FakeClock
from tests.factories import START, make_author, make_brand

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


@pytest.mark.postgres
def test_two_workers_never_take_the_same_mention(postgres_url: str, clock: FakeClock) -> None:
    database = Database(postgres_url)
    with database.write() as session:
        hear(session, make_brand(session), ["one", "two", "three"])
    with database.write() as one, database.write() as other:
        assert read_waiting(one, ANALYSER, clock, limit=2) == 2
        assert read_waiting(other, ANALYSER, clock) == 1
    with database.read() as session:
        assert stages(session) == [Stage.READ] * 3
    database.engine.dispose()
