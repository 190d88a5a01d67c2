"""How well an engine reads: figures with intervals, by class and by slice, for any engine behind nlp/reading.py."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.language import detect
from nlp.onnx import OnnxEngine
from nlp.reading import Engine, Intent, Judgement
from nlp.text import clean
from nlp.tokens import spell
from nlp.training.data import EVENED, EXPECTED, HEADS, Corpus, Example, rows
from nlp.training.measures import (
    Chances,
    Places,
    accuracy,
    average_precision,
    by_class,
    calibration_error,
    f1_of_yes,
    macro_f1,
    macro_recall,
    nearest_agree,
)

RESAMPLES = 1000
MANY = 5000
"""Of more texts than these a fifth of the resamples is enough."""
INTERVAL = (2.5, 97.5)
SHORT, LONG = 6, 15
"""Words up to which a text is short, and from which it is long."""
LEAST_IN_SLICE = 20
MEANING_EVERY = 4
"""Every so many rows of banking77 are looked up among each other."""
AIRLINE = "sentiment of airline mentions"
Measure = Callable[[Any, Any], float]
Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in per cent (or as `what` says), with its 95 % bootstrap interval, on so many texts."""

    what: str
    value: float
    low: float | None = None
    high: float | None = None
    texts: int = 0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `hearken evaluate` prints."""

    model: str
    figures: list[Figure]
    classes: dict[str, list[dict[str, Any]]]
    """By head, for each label: precision, recall, F1, texts and how they were read (`confusion`)."""
    slices: list[Figure] = field(default_factory=list)
    """Accuracy by language, network and length."""
    hits: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    """By question, for each text whether the answer was right: what two models are compared by."""


def evaluate(engine: Engine, corpus: Corpus, folder: Path, step: Step = lambda _: None) -> Evaluation:
    """Judge the held-out texts and the airline set (which nobody learns from)."""
    judges = engine.folds() if isinstance(engine, OnnxEngine) else [engine]
    read = {head: _judge(judges, corpus.held_out[head], step) for head in HEADS}
    right = {head: _right(corpus.held_out[head], head) for head in HEADS}
    guess = {head: _chances(read[head], head) for head in HEADS}
    airline = _airline(folder)
    of_airline = _told(_judge([engine], airline, step), "sentiment").argmax(axis=1)
    told = {head: chances.argmax(axis=1) for head, chances in guess.items() if chances is not None}
    second = np.array([example.second for example in corpus.held_out["intent"]])
    hits = {
        "sentiment": told["sentiment"] == right["sentiment"],
        "sentiment, airline": of_airline == _right(airline, "sentiment"),
        "intent": told["intent"] == right["intent"],
        "intent, with a second acceptable": (told["intent"] == right["intent"]) | (told["intent"] == second),
    }
    figures = [
        _boot("sentiment, SemEval dev, macro-recall", macro_recall, right["sentiment"], told["sentiment"]),
        _boot("airline mentions, accuracy", accuracy, _right(airline, "sentiment"), of_airline),
        _boot("airline mentions, macro-F1", macro_f1, _right(airline, "sentiment"), of_airline),
        *_by_head(right, told),
        *_intents(corpus.held_out["intent"], right["intent"], told["intent"], hits),
        _urgency(right["urgency"], read["urgency"]),
        *_names(judges, corpus.held_out["named"], step),
        *_sureness(right, guess),
        *_meaning(engine, folder),
    ]
    classes = {head: by_class(right[head], told[head], HEADS[head]) for head in ("sentiment", "intent")}
    classes[AIRLINE] = by_class(_right(airline, "sentiment"), of_airline, HEADS["sentiment"])
    slices = [
        line
        for head in ("sentiment", "intent")
        for line in _slices(head, corpus.held_out[head], right[head], told[head])
    ]
    return Evaluation(engine.name, figures, classes, slices, hits)


def compare(one: Evaluation, other: Evaluation) -> list[Figure]:
    """By how many points one model is right more often than the other on the same texts, with paired intervals."""
    found = []
    for what, ours in one.hits.items():
        better = ours.astype(float) - other.hits[what]
        found.append(_boot(what, lambda _, differences: float(differences.mean()), better, better))
    return found


def _judge(judges: Sequence[Engine], examples: Sequence[Example], step: Step) -> list[Judgement]:
    """Each text by the judge whose turn it is: that one was not calibrated on it."""
    found: list[Judgement | None] = [None] * len(examples)
    for turn, judge in enumerate(judges):
        mine = range(turn, len(examples), len(judges))
        for start in range(0, len(mine), 512):
            places = mine[start : start + 512]
            part = [examples[place] for place in places]
            names = [(example.name,) if example.name else () for example in part]
            judged = judge.judge([example.clean for example in part], ["en"] * len(part), names)
            for place, judgement in zip(places, judged, strict=True):
                found[place] = judgement
            step(len(part))
    return [judgement for judgement in found if judgement is not None]


def _right(examples: Sequence[Example], head: str) -> Places:
    return np.array([example.answers[head] for example in examples])


def _chances(read: Sequence[Judgement], head: str) -> Chances | None:
    """What the engine says for each label of a head, or None if it does not tell."""
    lines = [_line(judgement, head) for judgement in read]
    return None if not lines or any(line is None for line in lines) else np.array(lines)


def _told(read: Sequence[Judgement], head: str) -> Chances:
    chances = _chances(read, head)
    assert chances is not None  # every engine tells the sentiment and the intent
    return chances


def _line(judgement: Judgement, head: str) -> list[float] | None:
    if head in ("sentiment", "intent"):
        return list(getattr(judgement, head).values())
    if head == "towards":
        return list((judgement.towards[0] if judgement.towards else judgement.sentiment).values())
    if head == "emotion":
        return list(judgement.extra.emotion.values()) or None
    if head == "complaint" and judgement.extra.complaint is None:
        return _no_and_yes(judgement.intent[Intent.COMPLAINT])
    return _no_and_yes(getattr(judgement.extra, head, None))


def _no_and_yes(chance: float | None) -> list[float] | None:
    return None if chance is None else [1 - chance, chance]


def _airline(folder: Path) -> list[Example]:
    return [
        Example("", {"sentiment": HEADS["sentiment"].index(row["label"])}, clean=clean(row["text"]))
        for row in rows(folder, "airline_train")
    ]


def _by_head(right: Mapping[str, Places], told: Mapping[str, Places]) -> list[Figure]:
    measures: tuple[tuple[str, Measure, str], ...] = (
        ("complaint", f1_of_yes, "complaint, F1"),
        ("towards", macro_recall, "sentiment towards a name, macro-recall"),
        ("emotion", macro_f1, "emotion, macro-F1"),
        ("irony", f1_of_yes, "irony, F1"),
        ("offensive", macro_f1, "offensive, macro-F1"),
        ("spam", f1_of_yes, "spam, F1"),
        ("churn", f1_of_yes, "churn, F1"),
    )
    return [_boot(name, measure, right[head], told[head]) for head, measure, name in measures if head in told]


def _intents(
    examples: Sequence[Example], right: Places, guess: Places, hits: Mapping[str, NDArray[np.bool_]]
) -> list[Figure]:
    either = hits["intent, with a second acceptable"]
    invented = np.array([example.invented for example in examples])
    found = [
        _boot("intent, accuracy", accuracy, right, guess),
        _share("intent, accuracy with a second acceptable", either),
        _boot("intent, macro-recall", macro_recall, right, guess),
    ]
    for name, some in (("data sets", ~invented), ("invented", invented)):
        found.append(_boot(f"intent, {name} only, accuracy", accuracy, right[some], guess[some]))
        found.append(_share(f"intent, {name} only, with a second", either[some]))
    return found


def _urgency(right: Places, read: Sequence[Judgement]) -> Figure:
    high = np.array([judgement.urgency for judgement in read])
    return _boot("high urgency, average precision", average_precision, right == HEADS["urgency"].index("high"), high)


def _names(judges: Sequence[Engine], examples: Sequence[Example], step: Step) -> list[Figure]:
    """Invented posts about two names or more, one of them asked about."""
    chances = _chances(_judge(judges, examples, step), "towards")
    if chances is None:
        return []
    right = _right(examples, "towards")
    return [
        _boot("sentiment towards one of several names (invented), accuracy", accuracy, right, chances.argmax(axis=1))
    ]


def _sureness(right: Mapping[str, Places], guess: Mapping[str, Chances | None]) -> list[Figure]:
    """In the mix of answers that is expected of posts about brands."""
    found = []
    for head, chances in guess.items():
        if chances is not None and head != "urgency":
            weights = _as_expected(right[head], head)

            def measure(places: Any, _: Any, c: Any = chances, r: Any = right[head], w: Any = weights) -> float:
                return calibration_error(r[places], c[places], w[places])

            places = np.arange(len(chances))
            found.append(_boot(f"calibration error, {head}", measure, places, places))
    return found


def _as_expected(right: Places, head: str) -> NDArray[np.float64]:
    share = np.maximum(np.bincount(right, minlength=len(HEADS[head])) / len(right), 1e-9)
    expected = np.array(EXPECTED[head]) if head in EXPECTED else share ** (1 - EVENED.get(head, 0.0))
    weights: NDArray[np.float64] = (expected / share)[right]
    return weights


def _meaning(engine: Engine, folder: Path) -> list[Figure]:
    """Whether the likeliest companion of a question to a bank asks for the same of 77 things."""
    if not isinstance(engine, OnnxEngine):
        return []
    asked = list(rows(folder, "banking77_train"))[::MEANING_EVERY]
    meanings = engine.meanings([spell(clean(row["text"])) for row in asked])
    directions = meanings / np.linalg.norm(meanings, axis=1, keepdims=True)
    agree = nearest_agree(directions, np.array([row["label"] for row in asked]))
    return [Figure("meaning: nearest of 77 intents is the same", 100 * agree, texts=len(asked))]


def _slices(head: str, examples: Sequence[Example], right: Places, guess: Places) -> list[Figure]:
    texts = [example.clean for example in examples]
    kinds = {
        "language": detect(texts, [""] * len(texts)),
        "network": [example.network for example in examples],
        "length": [_length(text) for text in texts],
    }
    found = []
    for kind, values in kinds.items():
        for value in sorted(set(values)):
            some = np.array(values) == value
            if some.sum() >= LEAST_IN_SLICE:
                found.append(_boot(f"{head}: {kind} {value}", accuracy, right[some], guess[some]))
    return found


def _length(text: str) -> str:
    words = len(text.split())
    if words < SHORT:
        return f"under {SHORT} words"
    return f"{SHORT} to {LONG} words" if words <= LONG else f"over {LONG} words"


def _share(what: str, hits: NDArray[np.bool_]) -> Figure:
    return _boot(what, lambda _, some: float(some.mean()), hits, hits)


def _boot(what: str, measure: Measure, right: Any, guess: Any) -> Figure:
    chance = np.random.default_rng(7)
    drawn = []
    for _ in range(RESAMPLES if len(right) < MANY else RESAMPLES // 5):
        places = chance.integers(0, len(right), len(right))
        drawn.append(measure(right[places], guess[places]))
    low, high = np.nanpercentile(drawn, INTERVAL)
    return Figure(what, 100 * measure(right, guess), 100 * float(low), 100 * float(high), len(right))
