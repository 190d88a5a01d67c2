"""Learning on made-up meanings: directions of chance, among which those that people correct lie close together."""

import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from nlp.layer import LEARNT, Numbers, Part
from nlp.learning import (
    KEPT,
    LEAST,
    Earlier,
    Example,
    Figures,
    Outcome,
    compare,
    fold_of,
    learn,
    macro_recall,
    surely,
)
from nlp.reading import Question
from nlp.reference import Known
from tests.factories import START

SIZE = 128
NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2


def directions(rows: int, chance: np.random.Generator, towards: Numbers | None = None) -> Numbers:
    """Directions of length 1, near `towards` if given."""
    found = chance.standard_normal((rows, SIZE)) / np.sqrt(SIZE)
    if towards is not None:
        found = 0.8 * found + towards
    lengths: Numbers = np.linalg.norm(found, axis=1, keepdims=True)
    return np.array(found / lengths)


def sure(answers: Numbers, labels: int) -> Numbers:
    """Chances of an engine that is fairly sure of these answers."""
    return np.where(np.eye(labels)[answers.astype(int)] > 0, 0.8, 0.2 / (labels - 1))


def known(labels: int, rows: int = 400) -> Known:
    chance = np.random.default_rng(labels)
    right = chance.integers(0, labels, rows)
    told = np.where(chance.random(rows) < 0.8, right, chance.integers(0, labels, rows))
    return Known(directions(rows, chance), sure(told, labels), right)


REFERENCE = {question: known(len(answers)) for question, answers in LEARNT.items()}
SLANG = directions(1, np.random.default_rng(5))[0]


def slang(count: int, right: int = POSITIVE, **values: object) -> list[Example]:
    """Posts in a company's slang, taken for negative."""
    chance = np.random.default_rng(1)
    [*chances] = sure(np.full(count, NEGATIVE), 3)
    meanings = directions(count, chance, SLANG)
    made = [Example(f"slang {place}", meanings[place], chances[place], right, START) for place in range(count)]
    return [replace(example, **values) for example in made]  # type: ignore[arg-type]


def ordinary(count: int) -> list[Example]:
    """Posts whose answer people left."""
    chance = np.random.default_rng(2)
    answers = chance.integers(0, 3, count)
    rows = zip(directions(count, chance), sure(answers, 3), answers, strict=True)
    return [Example(f"post {n}", meaning, told, int(right), None) for n, (meaning, told, right) in enumerate(rows)]


def at_random(count: int, seed: int) -> list[Example]:
    """Ordinary posts that people correct to anything else."""
    dice = random.Random(seed)
    return [
        replace(one, right=dice.choice([answer for answer in range(3) if answer != one.right]), corrected_at=START)
        for one in ordinary(count)
    ]


def tried(examples: list[Example], earlier: Earlier | None = None, reference: Known | None = None) -> Outcome:
    by_question = {question: examples if question is Question.SENTIMENT else [] for question in LEARNT}
    held_to = REFERENCE | ({Question.SENTIMENT: reference} if reference else {})
    return learn(by_question, held_to, {Question.SENTIMENT: earlier} if earlier else {})


def of_sentiment(outcome: Outcome) -> tuple[Figures, Part | None]:
    return outcome.figures[Question.SENTIMENT], outcome.parts.get(Question.SENTIMENT)


def test_what_has_a_pattern_is_learnt_and_the_rest_stays() -> None:
    figures, part = of_sentiment(tried(slang(40) + ordinary(100)))
    assert part and figures.verdict == KEPT
    assert (figures.corrections, figures.right_before, figures.left, figures.left_before) == (40, 0, 100, 100)
    assert figures.right_after > 35 and figures.left_after > 97
    assert figures.accuracy_after > figures.accuracy_before - 0.5
    new = slang(60)[40:]
    chances = part.chances(np.array([one.meaning for one in new]), np.array([one.chances for one in new]))
    assert (chances.argmax(axis=1) == POSITIVE).mean() > 0.9
    assert chances.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(4))
def test_corrections_without_a_pattern_are_refused(seed: int) -> None:
    figures, part = of_sentiment(tried(at_random(60, seed)))
    assert part is None
    assert figures.verdict != KEPT and not figures.verdict.startswith("too few")
    assert figures.corrections == 60 and figures.reference == 200


def test_where_slang_is_corrected_to_anything_nothing_is_learnt() -> None:
    examples = [replace(one, right=1 + place % 2) for place, one in enumerate(slang(60))]
    figures, part = of_sentiment(tried(examples))
    assert part is None
    assert "most become right" in figures.verdict


def test_what_people_left_speaks_against_changing_it() -> None:
    left = [replace(one, text=f"{one.text} left", right=NEGATIVE, corrected_at=None) for one in slang(400)]
    figures, part = of_sentiment(tried(slang(30) + left))
    assert part is None
    assert figures.left == 400


def test_the_base_set_may_not_fall() -> None:
    """It has posts of the same kind, and there they are read rightly."""
    base, own = REFERENCE[Question.SENTIMENT], slang(200)[120:]
    widened = Known(
        np.concatenate([base.meanings, [one.meaning for one in own]]),
        np.concatenate([base.chances, [one.chances for one in own]]),
        np.concatenate([base.right, np.full(len(own), NEGATIVE)]),
    )
    figures, part = of_sentiment(tried(slang(120), reference=widened))
    assert part is None
    assert figures.right_after > figures.right_before
    assert figures.accuracy_after < figures.accuracy_before - 0.5
    assert "accuracy on the reference set would fall by" in figures.verdict


@pytest.mark.parametrize("count", [0, LEAST - 1])
def test_too_few_are_counted(count: int) -> None:
    figures, part = of_sentiment(tried(slang(count) + ordinary(50)))
    assert (figures.verdict, part) == (f"too few: {count} of {LEAST}", None)


def test_the_same_corrections_give_the_same_layer_in_any_order() -> None:
    examples = slang(30) + ordinary(40)
    mixed = random.Random(3).sample(examples, len(examples))
    (figures, part), (again, other) = of_sentiment(tried(examples)), of_sentiment(tried(mixed))
    assert part and other and figures == again
    assert np.array_equal(part.gate, other.gate) and np.array_equal(part.shift, other.shift)


def test_a_text_that_came_twice_does_not_judge_itself() -> None:
    copies = [replace(one, text="the same", meaning=slang(1)[0].meaning) for one in slang(40)]
    figures, part = of_sentiment(tried(copies))
    assert part is None
    assert figures.right_after == 0


def test_texts_are_dealt_evenly_and_always_alike() -> None:
    folds = [fold_of(f"text {place}") for place in range(1000)]
    assert all(150 < folds.count(fold) < 250 for fold in range(5)) and set(folds) == set(range(5))
    assert fold_of("\ud800") == fold_of("\ud800")


def test_a_version_in_force_is_replaced_only_by_a_better_one() -> None:
    part = of_sentiment(tried(slang(40)))[1]
    assert part
    later = START + timedelta(days=1)
    same = of_sentiment(tried(slang(50), Earlier(part, START)))[0]
    assert "no better than the version in force" in same.verdict
    elsewhere = directions(30, np.random.default_rng(8), directions(1, np.random.default_rng(9))[0])
    fresh = [
        replace(one, text=f"new {one.text}", meaning=meaning, corrected_at=later)
        for one, meaning in zip(slang(30, NEUTRAL), elsewhere, strict=True)
    ]
    assert of_sentiment(tried(slang(40) + fresh, Earlier(part, START)))[0].verdict == KEPT


def test_versions_stand_side_by_side() -> None:
    examples = {question: slang(40) if question is Question.SENTIMENT else [] for question in LEARNT}
    part = of_sentiment(tried(slang(40)))[1]
    assert part
    lines = compare(examples, REFERENCE, [{}, {Question.SENTIMENT: part}], START - timedelta(days=1))
    told = {(line.question, line.what): (line.one, line.other, line.of) for line in lines}
    for what in ("corrections, right", "of them made since, right"):
        assert told["sentiment", what] == (0, 40, 40)
        assert told["intent", what] == (0, 0, 0)
    one, other, of = told["intent", "reference accuracy, %"]
    assert one == other > 50 and of == 200


@pytest.mark.parametrize(("right", "of", "at_least"), [(0, 0, 0.0), (20, 20, 0.839), (10, 20, 0.299), (2, 2, 0.342)])
def test_few_texts_make_nothing_sure(right: int, of: int, at_least: float) -> None:
    assert surely(right, of) == pytest.approx(at_least, abs=1e-3)


def test_macro_recall_counts_every_answer_alike() -> None:
    right, guess = np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0])
    assert macro_recall(right, guess) == 50
