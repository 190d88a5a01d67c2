from collections.abc import Sequence

import numpy as np
import pytest

from nlp.by_language import EngineByLanguage, models, with_main
from nlp.layer import LEARNT, Layer, LearntEngine, Part, chances_of, directions, from_bytes, to_bytes
from nlp.meaning import as_bytes
from nlp.reading import Engine, Extra, Intent, Judgement, Question, Sentiment

CHANCE = np.random.default_rng(4)
SIZE = 8


def part(labels: int, gate: float = 0.0) -> Part:
    """Chance weights; `gate` says how likely a correction is, whatever the text."""
    bent = CHANCE.standard_normal(SIZE + 1)
    bent[-1] = gate
    return Part(bent, 5 * CHANCE.standard_normal((SIZE + 1, labels)))


PARTS = {question: part(len(answers)) for question, answers in LEARNT.items()}


class MeaningEngine:
    """Judges each text by its number; says what it means unless it holds a question mark."""

    name = "numbers/2"

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        return [self._judge(text) for text in texts]

    def _judge(self, text: str) -> Judgement:
        chance = np.random.default_rng(sum(text.encode()))
        sentiment, intent = chance.dirichlet(np.ones(3)), chance.dirichlet(np.ones(7))
        [meaning] = as_bytes(chance.standard_normal((1, SIZE)).astype(np.float32))
        return Judgement(
            dict(zip(Sentiment, sentiment.tolist(), strict=True)),
            dict(zip(Intent, intent.tolist(), strict=True)),
            0.5,
            extra=Extra(because={"sentiment": ("love",), "intent": ("thanks",)}),
            meaning=b"" if "?" in text else meaning,
        )


PLAIN = MeaningEngine()
TEXTS = [f"text {number}" for number in range(40)]


def judge(engine: Engine, texts: Sequence[str]) -> list[Judgement]:
    return engine.judge(texts, ["en"] * len(texts))


def learnt(parts: dict[Question, Part] = PARTS) -> LearntEngine:
    return LearntEngine(PLAIN, Layer(3, PLAIN.name, parts))


def test_answers_change_and_stay_chances() -> None:
    before, after = judge(PLAIN, TEXTS), judge(learnt(), TEXTS)
    assert learnt().name == "numbers/2+3"
    for question in LEARNT:
        assert chances_of(after, question).sum(axis=1) == pytest.approx(1)
        changed = chances_of(before, question).argmax(axis=1) != chances_of(after, question).argmax(axis=1)
        assert 0 < changed.sum() < len(TEXTS)
        for was, new, other in zip(before, after, changed, strict=True):
            assert (question in new.extra.because) is not other
            assert (new.urgency, new.meaning, new.towards) == (was.urgency, was.meaning, was.towards)


def test_a_batch_is_judged_as_its_texts_alone() -> None:
    engine = learnt()
    assert judge(engine, TEXTS) == [judge(engine, [text])[0] for text in TEXTS]


def test_without_a_meaning_or_a_part_the_answer_stays() -> None:
    texts = [f"text {number}?" for number in range(5)]
    assert judge(learnt(), texts) == judge(PLAIN, texts)
    only_intent = judge(learnt({Question.INTENT: PARTS[Question.INTENT]}), TEXTS)
    assert [one.sentiment for one in only_intent] == [one.sentiment for one in judge(PLAIN, TEXTS)]
    assert judge(learnt(), []) == []


def test_where_people_would_hardly_correct_the_engine_is_right() -> None:
    shy = {Question.SENTIMENT: part(3, gate=-30.0)}
    before, after = judge(PLAIN, TEXTS), judge(learnt(shy), TEXTS)
    assert chances_of(after, Question.SENTIMENT) == pytest.approx(chances_of(before, Question.SENTIMENT), abs=1e-6)


def test_weights_are_kept_as_bytes() -> None:
    kept = to_bytes(PARTS)
    assert kept == to_bytes(PARTS)
    found = from_bytes(kept)
    assert list(found) == list(PARTS)
    for question in PARTS:
        assert found[question].gate == pytest.approx(PARTS[question].gate, rel=1e-6)
        assert found[question].shift == pytest.approx(PARTS[question].shift, rel=1e-6)
    assert from_bytes(to_bytes({})) == {}


def test_meanings_come_back_as_directions() -> None:
    meanings = CHANCE.standard_normal((4, SIZE)).astype(np.float32)
    found = directions(as_bytes(meanings))
    assert found == pytest.approx(meanings / np.linalg.norm(meanings, axis=1, keepdims=True), abs=0.01)


def test_own_engines_of_languages_stay_as_they_are() -> None:
    by_language = EngineByLanguage(PLAIN, {"de": MeaningEngine})
    engine = with_main(by_language, lambda main: LearntEngine(main, Layer(3, main.name, PARTS)))
    assert models(engine) == {"": "numbers/2+3", "de": "numbers/2"}
    assert models(by_language)[""] == "numbers/2"
    english, german = engine.judge(["text 1", "text 1"], ["en", "de"])
    assert english.sentiment != german.sentiment
    assert german.sentiment == judge(PLAIN, ["text 1"])[0].sentiment
