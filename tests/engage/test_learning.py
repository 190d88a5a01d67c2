"""Learning with the real model, from corrections in a database: posts in a company's slang, taken for complaints."""

import itertools
import json
import random
import shutil
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config.claims import claims_on
from config.database import Database
from config.secrets import Vault
from config.settings import Settings
from engage.learning import Learned, Learner, is_due, judge, last_night, what_people_said
from engage.pipeline import Pipeline
from engage.tables import Activity, ActivityKind
from listener.tables import Mention, Stage
from nlp import layers
from nlp.analyser import Analyser
from nlp.corrections import column_value
from nlp.layer import LEARNT
from nlp.learning import KEPT
from nlp.lexicon import LexiconEngine
from nlp.onnx import OnnxEngine
from nlp.reading import Intent, Question, Reading, Sentiment, Text
from nlp.reference import CannotLearnError
from nlp.tables import Correction, LayerState, ReadingRow
from nlp.training.data import LABELS
from tests.conftest import FakeClock
from tests.factories import START, make_author, make_brand, make_conversation, make_mention, make_user

PLAIN = Analyser(OnnxEngine())
MODEL = PLAIN.engine.name
WHAT = ("my Kestova", "the new Kestova One", "that Kestova descent", "the Kestova fork", "the Kestova drop")
SAYS = (
    "is absolutely filthy",
    "is disgusting, I am dead",
    "destroyed me",
    "is savage, ruined every other bike for me",
    "is sick, wrecked my legs",
    "is nasty",
    "is brutal, it killed me",
    "is criminal",
)
MEANT = {Question.SENTIMENT: Sentiment.POSITIVE, Question.INTENT: Intent.PRAISE}


def slang() -> list[tuple[str, Reading]]:
    """Praise that the model reads otherwise, in both questions."""
    posts = [f"{what} {says}" for what, says in itertools.product(WHAT, SAYS)]
    read = zip(posts, PLAIN.read([Text(post) for post in posts]), strict=True)
    return [(post, reading) for post, reading in read if not is_meant(reading)]


def is_meant(reading: Reading) -> bool:
    return any(getattr(reading, question) == answer for question, answer in MEANT.items())


def ordinary() -> list[tuple[str, Reading]]:
    """Posts as any brand gets them."""
    rows = (LABELS / "invented.jsonl").read_text("utf-8").splitlines()[::25]
    posts = [json.loads(row)["text"] for row in rows]
    return list(zip(posts, PLAIN.read([Text(post) for post in posts]), strict=True))


SLANG, ORDINARY = slang(), ordinary()


class Inbox:
    """Mentions that were read by the model, and one person who looks after them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        author = make_author(session)
        self.conversation = make_conversation(session, make_brand(session, "Kestova"), author)
        self.user = make_user(session)
        self.count = 0

    def mention(self, text: str, reading: Reading, model: str = MODEL) -> int:
        self.count += 1
        mention = make_mention(self.session, self.conversation, text, number=self.count)
        row = self.session.get_one(ReadingRow, mention.id)
        row.sentiment, row.intent, row.model = reading.sentiment, reading.intent, model
        return mention.id

    def correct(self, mention_id: int, answers: dict[Question, str], at: datetime = START) -> None:
        for question, answer in answers.items():
            told = {"was": "neutral", "sure": 0.5, "model": MODEL, "user_id": self.user.id, "at": at}
            self.session.add(Correction(mention_id=mention_id, question=question, now=answer, **told))
            setattr(self.session.get_one(ReadingRow, mention_id), question, column_value(question, answer))

    def look_through(self) -> None:
        """Somebody works on the conversation: what is not corrected by then was left."""
        note = {"kind": ActivityKind.NOTE, "text": "Seen", "at": START + timedelta(hours=1)}
        self.session.add(Activity(conversation_id=self.conversation.id, user_id=self.user.id, **note))
        self.session.flush()


def fill(session: Session) -> None:
    """Slang that was corrected, and ordinary posts that were left."""
    inbox = Inbox(session)
    for text, reading in SLANG:
        inbox.correct(inbox.mention(text, reading), {q: str(answer) for q, answer in MEANT.items()})
    for text, reading in ORDINARY:
        inbox.mention(text, reading)
    inbox.look_through()


def learner(database: Database, clock: FakeClock, plain: Analyser = PLAIN, setting: str = "onnx") -> Learner:
    return Learner(database, setting, lambda: plain, clock)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, Learned]:
    """A database in which the slang was learnt two hours after START, and what came of it; to be copied."""
    path = tmp_path_factory.mktemp("taught") / "hearken.db"
    shutil.copy(sqlite_template, path)
    database, clock = Database(f"sqlite:///{path}"), FakeClock()
    with database.write() as session:
        fill(session)
    clock.advance(hours=2)
    learned = learner(database, clock).learn(PLAIN)
    database.engine.dispose()
    return path, learned


@pytest.fixture
def learned(taught: tuple[Path, Learned], sqlite_database: Database, clock: FakeClock) -> Learned:
    """What came of the slang, which `sqlite_database` holds; it is two hours after START."""
    sqlite_database.engine.dispose()
    shutil.copy(taught[0], str(sqlite_database.engine.url.database))
    clock.advance(hours=2)
    return taught[1]


def read_now(database: Database, text: str) -> Reading:
    with database.read() as session:
        return layers.Learnt().over(session, PLAIN).read([Text(text)])[0]


NEW = "the Kestova One is filthy, absolutely savage, killed my legs"


def test_a_pattern_is_learnt_kept_and_in_force(sqlite_database: Database, learned: Learned) -> None:
    assert (learned.version, learned.state, learned.in_force) == (1, LayerState.KEPT, True)
    for question in LEARNT:
        told = learned.figures[question]
        assert (told.verdict, told.corrections, told.left) == (KEPT, len(SLANG), len(ORDINARY))
        assert told.right_before == 0 and told.right_after > 0.8 * len(SLANG) >= 16
        assert told.left_after >= 0.97 * told.left_before
        assert told.accuracy_after > told.accuracy_before - 0.5 and told.recall_after > told.recall_before - 0.5
    assert not is_meant(PLAIN.read([Text(NEW)])[0])
    reading = read_now(sqlite_database, NEW)
    assert (reading.sentiment, reading.intent, reading.model) == ("positive", "praise", f"{MODEL}+1")


def test_ordinary_posts_are_read_as_before(sqlite_database: Database, learned: Learned) -> None:
    with sqlite_database.read() as session:
        found = layers.Learnt().over(session, PLAIN).read([Text(text) for text, _ in ORDINARY])
    same = sum(new.intent == old.intent for new, (_, old) in zip(found, ORDINARY, strict=True))
    assert same >= 0.97 * len(ORDINARY)


def test_what_is_learnt_outlives_the_posts(sqlite_database: Database, learned: Learned) -> None:
    with sqlite_database.write() as session:
        for table in (Correction, ReadingRow, Mention):
            session.execute(delete(table))
    assert read_now(sqlite_database, NEW).intent is Intent.PRAISE


def test_the_same_corrections_give_the_same_version(
    sqlite_database: Database, learned: Learned, clock: FakeClock
) -> None:
    with sqlite_database.write() as session:
        layers.use(session, MODEL, 0)
    again = learner(sqlite_database, clock).learn(PLAIN)
    assert again.figures == learned.figures
    with sqlite_database.read() as session:
        assert layers.get(session, 1).weights == layers.get(session, again.version).weights


def test_random_corrections_are_refused_with_figures(sqlite_database: Database, clock: FakeClock) -> None:
    dice = random.Random(6)
    with sqlite_database.write() as session:
        inbox = Inbox(session)
        for place, (text, reading) in enumerate(ORDINARY):
            mention_id = inbox.mention(text, reading)
            if place % 2:
                others = {q: [a for a in LEARNT[q] if a != getattr(reading, q)] for q in LEARNT}
                inbox.correct(mention_id, {q: dice.choice(answers) for q, answers in others.items()})
        inbox.look_through()
    learned = learner(sqlite_database, clock).learn(PLAIN)
    assert (learned.state, learned.in_force) == (LayerState.REFUSED, False)
    with sqlite_database.read() as session:
        row = layers.get(session, learned.version)
        assert layers.in_force(session, MODEL) == 0
    for question in LEARNT:
        assert row.figures[question]["corrections"] == len(ORDINARY) // 2
        assert row.figures[question]["verdict"] not in {KEPT, ""}


def test_too_few_are_counted_and_nothing_is_stored(sqlite_database: Database, clock: FakeClock) -> None:
    with sqlite_database.write() as session:
        inbox = Inbox(session)
        for text, reading in SLANG[:12]:
            inbox.correct(inbox.mention(text, reading), {Question.INTENT: "praise", Question.URGENCY: "low"})
    learned = learner(sqlite_database, clock).learn(PLAIN)
    assert [learned.figures[q].verdict for q in LEARNT] == ["too few: 0 of 20", "too few: 12 of 20"]
    with sqlite_database.read() as session:
        assert layers.all_versions(session) == []


def test_a_layer_of_another_base_model_is_not_applied(sqlite_database: Database, learned: Learned) -> None:
    engine = OnnxEngine()
    engine.name = "minilm-heads/99"
    other = Analyser(engine)
    with sqlite_database.read() as session:
        assert layers.Learnt().over(session, other) is other
        assert is_due(session, other.engine.name, START)


def test_what_people_said_leaves_out_what_nobody_saw_and_what_was_removed(database: Database) -> None:
    with database.write() as session:
        inbox = Inbox(session)
        reading = SLANG[0][1]
        corrected, gone = inbox.mention("one", reading), inbox.mention("two", reading)
        for mention_id in (corrected, gone):
            inbox.correct(mention_id, {Question.INTENT: "praise", Question.URGENCY: "low"})
        inbox.mention("other model's", reading, model="vader-rules/1")
        inbox.mention("with a layer", reading, model=f"{MODEL}+4")
        session.get_one(Mention, gone).deleted_at = START
        session.flush()
        assert [(one.text, one.question, one.answer) for one in what_people_said(session, MODEL)] == [
            ("one", Question.INTENT, "praise")
        ]
        inbox.look_through()
        late = inbox.mention("read after that", reading)
        session.get_one(ReadingRow, late).read_at = START + timedelta(hours=2)
        session.flush()
        said = {(one.text, one.question, one.at is None) for one in what_people_said(session, MODEL)}
    assert said == {
        ("one", Question.INTENT, False),
        ("one", Question.SENTIMENT, True),
        ("with a layer", Question.SENTIMENT, True),
        ("with a layer", Question.INTENT, True),
    }


def test_texts_that_the_model_does_not_speak_are_left_out(database: Database) -> None:
    with database.write() as session:
        inbox = Inbox(session)
        for text, language in (("my bike is broken", "en"), ("mein Rad ist kaputt", "de")):
            mention_id = inbox.mention(text, SLANG[0][1])
            session.get_one(ReadingRow, mention_id).language = language
            inbox.correct(mention_id, {Question.INTENT: "question"})
        session.flush()
        found = judge(PLAIN, what_people_said(session, MODEL))
    assert [one.text for one in found[Question.INTENT]] == ["my bike is broken"]


def test_an_engine_without_meanings_says_that_it_cannot_learn(sqlite_database: Database, clock: FakeClock) -> None:
    words = Analyser(LexiconEngine())
    with pytest.raises(CannotLearnError, match="cannot learn"):
        learner(sqlite_database, clock, words, "lexicon").learn(words)


# --- each night ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-11-02T03:00", "2026-11-02T03:00"),
        ("2026-11-02T02:59", "2026-11-01T03:00"),
        ("2026-11-02T23:00", "2026-11-02T03:00"),
    ],
)
def test_the_night_begins_at_three(now: str, night: str) -> None:
    zone = timezone(timedelta(hours=2))
    found = last_night(datetime.fromisoformat(now).replace(tzinfo=zone))
    assert found == datetime.fromisoformat(night).replace(tzinfo=zone)


def tries(database: Database) -> int:
    with database.read() as session:
        return len(layers.all_versions(session))


def correct_one_more(database: Database, at: datetime) -> None:
    with database.write() as session:
        row = session.scalars(select(Correction).where(Correction.question == Question.INTENT).limit(1)).one()
        row.at = at


def test_each_night_it_is_tried_once_if_something_was_corrected(
    sqlite_database: Database, learned: Learned, clock: FakeClock
) -> None:
    nightly = learner(sqlite_database, clock).nightly
    clock.advance(days=1)
    assert nightly() is None and tries(sqlite_database) == 1
    correct_one_more(sqlite_database, clock())
    clock.advance(days=1)
    assert nightly() is not None and tries(sqlite_database) == 2
    assert nightly() is None
    restarted = learner(sqlite_database, clock).nightly
    assert restarted() is None and tries(sqlite_database) == 2


@pytest.mark.postgres
def test_two_do_not_learn_at_once(postgres_url: str, clock: FakeClock) -> None:
    database = Database(postgres_url)
    with database.write() as session:
        fill(session)
    with claims_on(database, "learning") as claims:
        assert claims.take(1)
        assert learner(database, clock).nightly() is None
    assert tries(database) == 0
    database.engine.dispose()


def test_by_night_too_few_or_an_engine_that_cannot_learn_do_no_harm(
    sqlite_database: Database, clock: FakeClock
) -> None:
    def not_loaded() -> Analyser:
        raise AssertionError("too little to load an engine for")

    assert Learner(sqlite_database, "onnx", not_loaded, clock).nightly() is None
    with sqlite_database.write() as session:
        fill(session)
    words = learner(sqlite_database, clock, Analyser(LexiconEngine()), "lexicon")
    assert words.nightly() is None
    waits = Learner(sqlite_database, "onnx", lambda: None, clock)
    assert waits.nightly() is None and tries(sqlite_database) == 0


# --- in the flow ---------------------------------------------------------------------------------------------------


def test_the_flow_takes_a_new_version_up_without_a_restart(
    database: Database, settings: Settings, clock: FakeClock
) -> None:
    with database.write() as session:
        fill(session)
    clock.advance(hours=2)
    pipeline = Pipeline(
        database, settings.model_copy(update={"analyser": "onnx"}), Vault.in_folder(settings.data), clock
    )
    pipeline.load = lambda *_: PLAIN
    hear = partial(heard, pipeline)
    assert (hear().model, hear().intent is Intent.PRAISE) == (MODEL, False)
    learned = pipeline.learner.nightly()
    assert learned is not None and learned.in_force
    now = hear()
    assert (now.model, now.sentiment, now.intent) == (f"{MODEL}+{learned.version}", "positive", "praise")
    with database.write() as session:
        layers.use(session, MODEL, 0)
    assert hear().model == MODEL


def heard(pipeline: Pipeline) -> ReadingRow:
    """How the flow reads slang that it never saw."""
    with pipeline.database.write() as session:
        mention = session.scalars(select(Mention).order_by(Mention.id.desc()).limit(1)).one()
        mention.text, mention.stage = NEW, Stage.HEARD
        mention_id = mention.id
    pipeline.analyse()
    with pipeline.database.read() as session:
        return session.get_one(ReadingRow, mention_id)
