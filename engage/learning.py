"""Learning from the inbox: what people corrected, and what they saw and left, becomes a layer over the model.

A night's try is due once after 03:00 local time, if something was corrected since the last one. What was tried stands
in the database with its figures, so a restart repeats nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from config.claims import claims_on
from config.clock import Clock
from config.database import AnyRow, Database
from engage.tables import Activity
from listener.tables import Mention
from nlp import layers, learning
from nlp.analyser import READ_CHARS, Analyser
from nlp.layer import LEARNT, chances_of, directions, from_bytes
from nlp.learning import LEAST, Compared, Earlier, Example, Figures, Outcome
from nlp.reading import Judgement, Question
from nlp.reference import CannotLearnError, load_for
from nlp.tables import Correction, LayerState, LearntLayer, ReadingRow
from nlp.text import clean

NIGHT_HOUR = 3
MOST_CORRECTIONS, MOST_LEFT = 5000, 2000
"""The newest ones count."""
JUDGED_AT_ONCE = 512
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Said:
    """A text and what people answer to one question about it; `at` is None where they left the answer."""

    text: str
    language: str
    question: Question
    answer: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Learned:
    """What became of a try. Without a version, nothing could be tried."""

    figures: Mapping[Question, Figures]
    version: int = 0
    state: LayerState = LayerState.REFUSED
    in_force: bool = False


@dataclass
class Learner:
    """Learns over one database."""

    database: Database
    setting: str
    """Which engine reads, as in the setting `analyser`."""
    analyser: Callable[[], Analyser | None]
    """The analyser without a layer; None while it cannot be loaded."""
    clock: Clock
    _looked: datetime | None = None

    def nightly(self) -> Learned | None:
        """The night's try, if it is due and nobody else is at it; None if not."""
        night = last_night(self.clock().astimezone())
        if self._looked and self._looked >= night:
            return None
        with self.database.read() as session:
            waits = max(_counts(session).values()) >= LEAST
        analyser = self.analyser() if waits else None
        if waits and analyser is None:
            return None
        self._looked = night
        return self._if_due(analyser, night) if analyser else None

    def _if_due(self, analyser: Analyser, night: datetime) -> Learned | None:
        with claims_on(self.database, "learning") as claims:
            if not claims.take(1):
                return None
            with self.database.read() as session:
                if not is_due(session, analyser.engine.name, night):
                    return None
            try:
                learned = self.learn(analyser)
            except CannotLearnError as error:
                log.info("nothing is learnt from corrections", why=str(error))
                return None
        verdicts = {str(question): told.verdict for question, told in learned.figures.items()}
        log.info("learnt from corrections", version=learned.version, in_force=learned.in_force, **verdicts)
        return learned

    def learn(self, analyser: Analyser, step: Callable[[int], None] = lambda _: None) -> Learned:
        """Try now. `step` is told how many texts were judged. Raises what nlp/reference.py load_for raises."""
        model = analyser.engine.name
        reference = load_for(self.setting, model)
        with self.database.read() as session:
            counts = _counts(session)
            if max(counts.values()) < LEAST:
                return Learned({question: _too_few(count) for question, count in counts.items()})
            said = what_people_said(session, model)
            earlier = _earlier(session, model)
        outcome = learning.learn(judge(analyser, said, step), reference, earlier)
        with self.database.write() as session:
            return _store(session, model, outcome, earlier, self.clock())

    def compare(self, analyser: Analyser, one: int, other: int) -> list[Compared]:
        """Two versions side by side; 0 is the model alone. Raises what `learn` and `layers.kept` raise."""
        model = analyser.engine.name
        reference = load_for(self.setting, model)
        with self.database.read() as session:
            rows = [layers.kept(session, model, version) for version in (one, other) if version]
            parts = {row.version: from_bytes(row.weights) for row in rows}
            said = what_people_said(session, model)
        since = max((row.made_at for row in rows), default=self.clock())
        return learning.compare(judge(analyser, said), reference, [parts.get(one, {}), parts.get(other, {})], since)


def last_night(now: datetime) -> datetime:
    """The latest 03:00 in the time zone of `now`."""
    night = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return night if night <= now else night - timedelta(days=1)


def is_due(session: Session, model: str, night: datetime) -> bool:
    """Whether there was no try since that night, and something to learn since the last one."""
    last = layers.last_made(session, model)
    if last is None:
        return True
    newest = session.scalar(select(func.max(Correction.at)))
    return last < night and newest is not None and newest > last


def judge(
    analyser: Analyser, said: Sequence[Said], step: Callable[[int], None] = lambda _: None
) -> dict[Question, list[Example]]:
    """The engine's own judgement beside what people said. Texts that another engine reads are left out."""
    found: dict[Question, list[Example]] = {question: [] for question in LEARNT}
    asked = list(dict.fromkeys((clean(one.text[:READ_CHARS]), one.language) for one in said))
    judged: dict[tuple[str, str], Judgement] = {}
    for start in range(0, len(asked), JUDGED_AT_ONCE):
        batch = asked[start : start + JUDGED_AT_ONCE]
        texts, languages = zip(*batch, strict=True)
        judged |= dict(zip(batch, analyser.engine.judge(texts, languages), strict=True))
        step(len(batch))
    for one in said:
        text = clean(one.text[:READ_CHARS])
        judgement = judged[text, one.language]
        if judgement.meaning and not judgement.model:
            right = list(LEARNT[one.question]).index(LEARNT[one.question](one.answer))
            [meaning], [chances] = directions([judgement.meaning]), chances_of([judgement], one.question)
            found[one.question].append(Example(text, meaning, chances, right, one.at))
    return found


# --- from the database, and into it --------------------------------------------------------------------------------


def _counts(session: Session) -> dict[Question, int]:
    rows = session.execute(
        select(Correction.question, func.count().label("number"))
        .join(Mention, Mention.id == Correction.mention_id)
        .where(Mention.deleted_at.is_(None))
        .group_by(Correction.question)
    )
    found = {row.question: row.number for row in rows}
    return {question: found.get(question, 0) for question in LEARNT}


def what_people_said(session: Session, model: str) -> list[Said]:
    """Corrections, and answers of this model that people saw and left: in conversations where they did something."""
    corrections = session.execute(
        select(Correction.mention_id, Correction.question, Correction.now, Correction.at, *TEXT)
        .join(Mention, Mention.id == Correction.mention_id)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(Mention.deleted_at.is_(None), Correction.question.in_(LEARNT))
        .order_by(Correction.at.desc(), Correction.mention_id)
        .limit(MOST_CORRECTIONS)
    ).all()
    said = [Said(row.text, row.language, row.question, row.now, row.at) for row in corrections]
    known = {(row.mention_id, row.question) for row in corrections}
    return said + [
        Said(row.text, row.language, question, getattr(row, question), None)
        for row in _left(session, model)
        for question in LEARNT
        if (row.id, question) not in known
    ]


TEXT = (Mention.text, ReadingRow.language)


def _left(session: Session, model: str) -> Sequence[AnyRow]:
    seen = exists().where(
        Activity.conversation_id == Mention.conversation_id,
        Activity.user_id.is_not(None),
        Activity.at >= ReadingRow.read_at,
    )
    ours = or_(ReadingRow.model == model, ReadingRow.model.startswith(f"{model}+", autoescape=True))
    return session.execute(
        select(Mention.id, ReadingRow.sentiment, ReadingRow.intent, *TEXT)
        .join(ReadingRow, ReadingRow.mention_id == Mention.id)
        .where(Mention.deleted_at.is_(None), ours, seen)
        .order_by(Mention.id.desc())
        .limit(MOST_LEFT)
    ).all()


def _too_few(count: int) -> Figures:
    return Figures(learning.too_few(count), count)


def _earlier(session: Session, model: str) -> dict[Question, Earlier]:
    version = layers.in_force(session, model)
    if not version:
        return {}
    row = layers.get(session, version)
    return {question: Earlier(part, row.made_at) for question, part in from_bytes(row.weights).items()}


def _store(
    session: Session, model: str, outcome: Outcome, earlier: Mapping[Question, Earlier], now: datetime
) -> Learned:
    """A question that was refused keeps what is in force for it."""
    kept = bool(outcome.parts)
    parts = {question: one.part for question, one in earlier.items()} | dict(outcome.parts) if kept else {}
    row: LearntLayer = layers.add(session, model, outcome.figures, parts, kept=kept, now=now)
    return Learned(outcome.figures, row.version, row.state, row.in_force)
