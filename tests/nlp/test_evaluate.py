import numpy as np
import pytest

from nlp.lexicon import LexiconEngine
from nlp.training.costs import costs
from nlp.training.data import (
    HEADS,
    LABELS,
    Example,
    held_out,
    intent_answers,
    labels_by_id,
    mention_of,
    merged,
    versions,
)
from nlp.training.evaluate import Evaluation, Figure, compare
from nlp.training.measures import (
    accuracy,
    average_precision,
    by_class,
    calibration_error,
    f1_of_yes,
    macro_f1,
    macro_recall,
    nearest_agree,
)
from nlp.training.show import class_table, comparison_table, slice_table, table

RIGHT, GUESS = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 2, 2])


def test_measures() -> None:
    assert accuracy(RIGHT, GUESS) == pytest.approx(4 / 6)
    assert macro_recall(RIGHT, GUESS) == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert macro_f1(RIGHT, GUESS) == pytest.approx((4 / 5 + 1 / 2 + 2 / 3) / 3)
    assert f1_of_yes(np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])) == pytest.approx(0.5)


def test_average_precision_counts_places_of_what_is_looked_for() -> None:
    right = np.array([True, False, True, False])
    assert average_precision(right, np.array([0.9, 0.8, 0.7, 0.1])) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(right, np.array([0.9, 0.1, 0.8, 0.2])) == 1


def test_calibration_error_is_how_far_sureness_is_from_being_right() -> None:
    chances = np.array([[0.75, 0.25]] * 4)
    even = np.ones(4)
    assert calibration_error(np.array([0, 0, 0, 1]), chances, even) == pytest.approx(0)
    assert calibration_error(np.array([0, 0, 1, 1]), chances, even) == pytest.approx(0.25)
    assert calibration_error(np.array([0, 0, 1, 1]), chances, np.array([3, 3, 1, 1])) == pytest.approx(0)


def test_tables() -> None:
    lines = by_class(RIGHT, GUESS, HEADS["sentiment"])
    assert [line["confusion"] for line in lines] == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    one = Evaluation("one/1", [Figure("accuracy", 66.67, 50, 80.04, 6)], {"sentiment": lines})
    other = Evaluation("other/1", [Figure("speed", 12.0)], {})
    assert table([one, other]).splitlines()[2:] == [
        "| accuracy | 6 | 66.7 (50.0–80.0) | – |",
        "| speed |  | – | 12.0 |",
    ]
    assert "| negative | 2 | 1 | 0 | 100.0 | 66.7 | 80.0 |" in class_table(one, "sentiment")


def test_costs_are_measured_in_a_process_of_its_own() -> None:
    cost = costs("lexicon", ["the app is broken", "thank you"])
    assert cost["rate"] > 0 and cost["load"] > 0 and cost["memory"] > 10


def test_labels_belong_to_the_rows_that_were_read() -> None:
    first = labels_by_id()
    assert len(first) == 3000
    assert all(intent in "cqpbsao" and urgency in "lnh" for intent, _, urgency, _ in first.values())
    assert not any(key.startswith(("airline", "suggestion")) for key in first)
    assert 0.1 < sum(map(held_out, first)) / len(first) < 0.2
    hard = labels_by_id(LABELS / "hard.tsv")
    assert len(hard) == 1500 and hard.keys().isdisjoint(first)
    assert not any(key.startswith(("airline", "suggestion")) for key in hard)


def test_a_label_answers_the_questions_that_follow_from_it() -> None:
    complaint = intent_answers("complaint", "high", churn=True)
    assert (complaint["complaint"], complaint["spam"], complaint["churn"]) == (1, 0, 1)
    assert "complaint" not in intent_answers("question", "normal", churn=False, second="complaint")
    assert intent_answers("promotion", "low", churn=False)["spam"] == 1


@pytest.mark.parametrize(
    ("topic", "raw", "mention"),
    [
        ("@microsoft", "dear @Microsoft, my disc", "@user"),
        ("@microsoft", "dear Microsoft, my disc", "microsoft"),
        ("michael jackson", "the new @michaeljackson record", "@user"),
        ("michael jackson", "nothing of him", "michael jackson"),
    ],
)
def test_a_topic_is_asked_about_as_it_stands_in_the_text(topic: str, raw: str, mention: str) -> None:
    from nlp.text import clean

    assert mention_of(topic, raw, clean(raw)) == mention


def test_texts_that_answer_several_questions_are_one_example() -> None:
    one, other, third = Example("t", {"irony": 1}), Example("t", {"towards": 2}, "x"), Example("t", {"irony": 0})
    assert merged([one, other, third]) == [Example("t", {"irony": 1, "towards": 2}, "x"), third]


def test_any_engine_can_be_evaluated_for_what_it_tells() -> None:
    from nlp.training.evaluate import _chances

    judged = LexiconEngine().judge(["the app is broken"], ["en"])
    assert _chances(judged, "irony") is None
    for head, width in (("sentiment", 3), ("intent", 7), ("complaint", 2), ("towards", 3)):
        chances = _chances(judged, head)
        assert chances is not None and chances.shape == (1, width)


def test_slices_stand_side_by_side() -> None:
    one = Evaluation("one/1", [], {}, [Figure("intent: network x", 80.0, 70.0, 90.0, 40)])
    assert slice_table([one]).splitlines()[2:] == ["| intent: network x | 40 | 80.0 (70.0–90.0) |"]


def test_two_models_are_compared_on_the_same_texts() -> None:
    good, bad = np.ones(200, bool), np.arange(200) % 2 == 0
    (better,) = compare(Evaluation("a", [], {}, hits={"intent": good}), Evaluation("b", [], {}, hits={"intent": bad}))
    assert better.value == 50 and better.low is not None and better.low > 40
    lines = comparison_table([better, Figure("sentiment", -1.0, -3.0, 1.0, 9), Figure("x", -2.0, -3.0, -1.0, 9)])
    assert "the first is better" in lines and "may be chance" in lines and "the second is better" in lines


def test_texts_of_one_meaning_find_each_other() -> None:
    directions = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]], np.float32)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    assert nearest_agree(directions, np.array(["a", "a", "b", "b"])) == 1
    assert nearest_agree(directions, np.array(["a", "b", "a", "b"])) == 0


def test_a_labelled_post_is_learnt_with_and_without_handle_and_link() -> None:
    texts = [version.text for version in versions(Example("@user it broke", {"intent": 0}))]
    assert texts == ["@user it broke", "it broke", "@user it broke http"]
    assert len(versions(Example("it broke", {"sentiment": 0}))) == 1
