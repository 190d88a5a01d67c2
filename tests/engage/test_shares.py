import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage import shares
from engage.shares import FEW, plain, wilson
from nlp.confusion import confusion
from nlp.reading import Intent, Sentiment

LABELS = [str(value) for value in Sentiment]
KNOWN = "vader-rules/1"


@pytest.mark.parametrize(
    ("count", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (30, 100, 0.2189, 0.3958)]
)
def test_wilsons_interval(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == pytest.approx((low, high), abs=1e-4)


def test_nothing_is_known_of_nothing() -> None:
    share = plain(0, 0)
    assert (share.low, share.high, share.value, share.few) == (0.0, 1.0, 0.0, True)


def test_few() -> None:
    assert plain(1, FEW - 1).few
    assert not plain(1, FEW).few


def test_both_engines_were_measured() -> None:
    for model in (KNOWN, "minilm-heads/3"):
        known = confusion(model)
        assert known is not None
        assert known["sentiment"]["labels"] == LABELS
        assert known["intent"]["labels"] == [str(value) for value in Intent]
        for matrix in known.values():
            assert np.array(matrix["matrix"]).shape == (len(matrix["labels"]),) * 2
    assert confusion("somebody's model") is None


def test_without_known_errors_the_interval_is_for_chance_alone() -> None:
    found = shares.shares({"somebody's model": {"negative": 30, "neutral": 60, "positive": 10}}, LABELS, "sentiment")
    assert found["negative"] == plain(30, 100)
    assert found["negative"].guess is None


def test_the_mix_behind_what_was_read_is_found() -> None:
    chances = np.array([[0.8, 0.15, 0.05], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7]])
    true = np.array([0.2, 0.5, 0.3])
    best, drawn = shares.corrected((true @ chances * 10_000)[None], chances * 10_000)
    assert best[0] == pytest.approx(true, abs=0.02)
    low, high = np.percentile(drawn[:, 0], shares.SURE, axis=0)
    assert (low <= true).all() and (true <= high).all()


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Mentions read by an engine that errs as was measured: the true share lies within nearly always."""
    dice = np.random.default_rng(3)
    known = confusion(KNOWN)
    assert known is not None
    matrix = np.array(known["sentiment"]["matrix"], float)
    chances = matrix / matrix.sum(axis=1, keepdims=True)
    hits = 0
    for _ in range(60):
        true = dice.dirichlet([4, 4, 3])
        read = dice.multinomial(400, true @ chances)
        found = shares.shares({KNOWN: dict(zip(LABELS, map(int, read), strict=True))}, LABELS, "sentiment")
        hits += found["negative"].low <= true[0] <= found["negative"].high
    assert hits >= 55


COUNTS = st.fixed_dictionaries({label: st.integers(0, 5000) for label in LABELS})


@given(st.dictionaries(st.sampled_from([KNOWN, "minilm-heads/3"]), COUNTS, min_size=0, max_size=2))
def test_intervals_hold_what_was_read_and_lie_in_0_to_1(read: dict[str, dict[str, int]]) -> None:
    found = shares.shares(read, LABELS, "sentiment")
    total = sum(sum(counts.values()) for counts in read.values())
    for label, share in found.items():
        assert 0 <= share.low <= share.value <= share.high <= 1 or total == 0
        assert share.count == sum(counts[label] for counts in read.values())
        assert share.of == total
    if total:
        assert sum(share.value for share in found.values()) == pytest.approx(1)


def test_known_errors_widen_the_interval_and_more_mentions_do_not_close_it() -> None:
    read = {KNOWN: {"negative": 300_000, "neutral": 600_000, "positive": 100_000}}
    share = shares.shares(read, LABELS, "sentiment")["negative"]
    assert share.high - share.low > 0.05 > 10 * share.by_chance
    assert share.guess is not None and share.low <= share.guess <= share.high


def test_a_series_is_each_of_its_shares() -> None:
    reads = [{KNOWN: {"negative": 10, "neutral": 50, "positive": 40}}, {}, {KNOWN: {"neutral": 40}}]
    found = shares.series(reads, LABELS, "sentiment")
    assert [each["negative"].of for each in found] == [100, 0, 40]
    assert found[1]["negative"].few
