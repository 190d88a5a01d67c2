"""How well an engine reads: figures with intervals, for any engine behind nlp/reading.py."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.reading import Engine, Intent, Judgement
from nlp.text import clean
from nlp.training.data import EVENED, EXPECTED, HEADS, Corpus, Example, rows

RESAMPLES = 1000
BINS = 15
INTERVAL = (2.5, 97.5)
SPEED_TEXTS = 2000
Places = NDArray[np.int64]
Chances = NDArray[np.float64]
Measure = Callable[[Any, Any], float]


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


def evaluate(
    engine: Engine, corpus: Corpus, folder: Path, step: Callable[[int], None] = lambda _: None
) -> Evaluation:
    """Judge the held-out texts and the airline set (which nobody learns from)."""
    read = {head: _judge(engine, examples, step) for head, examples in corpus.held_out.items()}
    figures: list[Figure] = []
    right = {head: _right(examples, head) for head, examples in corpus.held_out.items()}
    guess = {head: _chances(read[head], head) for head in read}
    figures.append(_figure("sentiment, SemEval dev, macro-recall", macro_recall, right, guess, "sentiment"))
    figures += _airline(engine, folder, step)
    if guess["complaint"] is not None:
        figures.append(_figure("complaint, F1", f1_of_yes, right, guess, "complaint"))
    figures += _intents(corpus.held_out["intent"], guess["intent"])
    high = np.array([judgement.urgency for judgement in read["urgency"]])
    is_high = right["urgency"] == HEADS["urgency"].index("high")
    figures.append(_boot("high urgency, average precision", average_precision, is_high, high))
    for head, measure, name in (
        ("towards", macro_recall, "sentiment towards a name, macro-recall"),
        ("emotion", macro_f1, "emotion, macro-F1"),
        ("irony", f1_of_yes, "irony, F1"),
        ("offensive", macro_f1, "offensive, macro-F1"),
        ("spam", f1_of_yes, "spam, F1"),
        ("churn", f1_of_yes, "churn, F1"),
    ):
        if guess[head] is not None:
            figures.append(_figure(name, measure, right, guess, head))
    figures += [
        Figure(f"calibration error, {head}", _calibration_error(head, right[head], chances), texts=len(chances[1::2]))
        for head, chances in guess.items()
        if chances is not None and head != "urgency"
    ]
    classes = {
        head: by_class(right[head], chances.argmax(axis=1), HEADS[head])
        for head in ("sentiment", "intent")
        if (chances := guess[head]) is not None
    }
    return Evaluation(engine.name, figures, classes)


def _judge(engine: Engine, examples: Sequence[Example], step: Callable[[int], None]) -> list[Judgement]:
    found: list[Judgement] = []
    for start in range(0, len(examples), 512):
        part = examples[start : start + 512]
        names = [(example.name,) if example.name else () for example in part]
        found += engine.judge([example.clean for example in part], ["en"] * len(part), names)
        step(len(part))
    return found


def _right(examples: Sequence[Example], head: str) -> Places:
    return np.array([example.answers[head] for example in examples])


def _chances(read: Sequence[Judgement], head: str) -> Chances | None:
    """What the engine says for each label of a head, or None if it does not tell."""
    lines = [_line(judgement, head) for judgement in read]
    return None if not lines or any(line is None for line in lines) else np.array(lines)


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


def _figure(what: str, measure: Measure, right: Mapping[str, Places], guess: Mapping[str, Any], head: str) -> Figure:
    return _boot(what, measure, right[head], guess[head].argmax(axis=1))


def _airline(engine: Engine, folder: Path, step: Callable[[int], None]) -> list[Figure]:
    examples = [
        Example("", {"sentiment": HEADS["sentiment"].index(row["label"])}, clean=clean(row["text"]))
        for row in rows(folder, "airline_train")
    ]
    chances = _chances(_judge(engine, examples, step), "sentiment")
    assert chances is not None  # every engine tells the sentiment
    right, guess = _right(examples, "sentiment"), chances.argmax(axis=1)
    return [
        _boot("airline mentions, accuracy", accuracy, right, guess),
        _boot("airline mentions, macro-F1", macro_f1, right, guess),
    ]


def _intents(examples: Sequence[Example], chances: Chances | None) -> list[Figure]:
    assert chances is not None  # every engine tells the intent
    right, guess = _right(examples, "intent"), chances.argmax(axis=1)
    second = np.array([example.second for example in examples])
    either = np.where(guess == second, second, right)
    found = [
        _boot("intent, accuracy", accuracy, right, guess),
        _boot("intent, accuracy with a second acceptable", accuracy, either, guess),
        _boot("intent, macro-recall", macro_recall, right, guess),
    ]
    for name, kept in (
        ("data sets", [not e.invented for e in examples]),
        ("invented", [e.invented for e in examples]),
    ):
        some = np.array(kept)
        found.append(_boot(f"intent, {name} only, accuracy", accuracy, right[some], guess[some]))
        found.append(_boot(f"intent, {name} only, with a second", accuracy, either[some], guess[some]))
    return found


def _boot(what: str, measure: Measure, right: Any, guess: Any) -> Figure:
    chance = np.random.default_rng(7)
    drawn = []
    for _ in range(RESAMPLES if len(right) < 5000 else RESAMPLES // 5):
        places = chance.integers(0, len(right), len(right))
        drawn.append(measure(right[places], guess[places]))
    low, high = np.nanpercentile(drawn, INTERVAL)
    return Figure(what, 100 * measure(right, guess), 100 * float(low), 100 * float(high), len(right))


def accuracy(right: Places, guess: Places) -> float:
    """The share of right answers."""
    return float((right == guess).mean())


def macro_recall(right: Places, guess: Places) -> float:
    """The mean over the classes of the share that was found."""
    return float(np.mean([(guess[right == label] == label).mean() for label in np.unique(right)]))


def f1_of(label: int, right: Places, guess: Places) -> float:
    """The F1 of one class."""
    both = int(((right == label) & (guess == label)).sum())
    return 2 * both / max(1, int((right == label).sum() + (guess == label).sum()))


def f1_of_yes(right: Places, guess: Places) -> float:
    """The F1 of the answer yes."""
    return f1_of(1, right, guess)


def macro_f1(right: Places, guess: Places) -> float:
    """The mean F1 of the classes."""
    return float(np.mean([f1_of(int(label), right, guess) for label in np.unique(right)]))


def average_precision(right: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """The mean, over those to be found, of the precision down to each when sorted by score."""
    order = np.argsort(-score, kind="stable")
    found = right[order]
    if not found.any():
        return float("nan")
    return float((np.cumsum(found) / np.arange(1, len(found) + 1))[found].mean())


def _calibration_error(head: str, right: Places, chances: Chances) -> float:
    """On the half that was not calibrated on, and in the mix of answers that is expected of posts about brands."""
    right, chances = right[1::2], chances[1::2]
    share = np.bincount(right, minlength=len(HEADS[head])) / len(right)
    expected = (
        np.array(EXPECTED[head]) if head in EXPECTED else np.maximum(share, 1e-9) ** (1 - EVENED.get(head, 0.0))
    )
    return calibration_error(right, chances, (expected / np.maximum(share, 1e-9))[right])


def calibration_error(right: Places, chances: Chances, weights: NDArray[np.float64]) -> float:
    """How far the chance of the likeliest answer is from how often it is right, in points, over 15 bins."""
    sure, hit = chances.max(axis=1), chances.argmax(axis=1) == right
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs((weights * (hit - sure))[bins == one].sum()) for one in np.unique(bins)]
    return 100 * float(sum(gaps) / weights.sum())


def by_class(right: Places, guess: Places, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Precision, recall, F1 in per cent and the confusion of each class."""
    lines = []
    for place, label in enumerate(labels):
        hit = int(((right == place) & (guess == place)).sum())
        lines.append(
            {
                "label": label,
                "texts": int((right == place).sum()),
                "precision": 100 * hit / max(1, int((guess == place).sum())),
                "recall": 100 * hit / max(1, int((right == place).sum())),
                "f1": 100 * f1_of(place, right, guess),
                "confusion": np.bincount(guess[right == place], minlength=len(labels)).tolist(),
            }
        )
    return lines


def costs(name: str, texts: Sequence[str]) -> list[Figure]:
    """Texts a second, seconds to load and MiB of memory of an engine, in a process of its own."""
    done = subprocess.run(  # noqa: S603 (this very file)
        [sys.executable, "-m", "nlp.training.evaluate", name],
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return [
        Figure("texts a second", told["rate"], texts=len(texts)),
        Figure("seconds to load", told["load"]),
        Figure("memory, MiB", told["memory"]),
    ]


def _cost(name: str, texts: list[str]) -> dict[str, float]:
    from nlp.load import load_engine

    start = time.perf_counter()
    engine = load_engine(name)
    loaded = time.perf_counter()
    cleaned = [clean(text) for text in texts]
    engine.judge(cleaned[:64], ["en"] * len(cleaned[:64]))
    begun = time.perf_counter()
    engine.judge(cleaned, ["en"] * len(cleaned))
    took = time.perf_counter() - begun
    return {"rate": len(texts) / took, "load": loaded - start, "memory": _most_memory()}


def _most_memory() -> float:
    """The most memory this process has held, in MiB. What getrusage says would count the parent's too."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def table(evaluations: Iterable[Evaluation]) -> str:
    """The figures of several engines side by side, as a Markdown table."""
    evaluations = list(evaluations)
    names = list(dict.fromkeys(figure.what for one in evaluations for figure in one.figures))
    lines = [
        "| what | texts | " + " | ".join(one.model for one in evaluations) + " |",
        "|---|--:|" + "--:|" * len(evaluations),
    ]
    for name in names:
        found = [next((figure for figure in one.figures if figure.what == name), None) for one in evaluations]
        texts = max((figure.texts for figure in found if figure), default=0)
        lines.append(f"| {name} | {texts or ''} | " + " | ".join(_cell(figure) for figure in found) + " |")
    return "\n".join(lines)


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    if figure.low is None:
        return f"{figure.value:.1f}"
    return f"{figure.value:.1f} ({figure.low:.1f}–{figure.high:.1f})"


def class_table(evaluation: Evaluation, head: str) -> str:
    """Precision, recall, F1 and confusion of one head, as a Markdown table."""
    lines = evaluation.classes[head]
    labels = [line["label"] for line in lines]
    shown = ["| right \\ read as | " + " | ".join(labels) + " | precision | recall | F1 |"]
    shown.append("|---|" + "--:|" * (len(labels) + 3))
    for line in lines:
        counts = " | ".join(str(count) for count in line["confusion"])
        shown.append(
            f"| {line['label']} | {counts} | {line['precision']:.1f} | {line['recall']:.1f} | {line['f1']:.1f} |"
        )
    return "\n".join(shown)


if __name__ == "__main__":
    print(json.dumps(_cost(sys.argv[1], json.load(sys.stdin))))
