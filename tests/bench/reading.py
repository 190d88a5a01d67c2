"""What each way to read the same posts costs, and what the arithmetic alone would. Prints one JSON object."""

import importlib.util
import json
import statistics
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

from listener.sample import BRAND
from nlp.training.costs import told_by
from nlp.training.data import LABELS
from tests.bench.readers import KINDS, NEED_TORCH, prepare

ROUNDS = 3
NAIVE_EVERY = 8
"""The naive pipeline reads only so many of the posts, for it takes long."""
Told = dict[str, float]


def posts(count: int) -> list[str]:
    """The invented posts, over and over, no two the same; each names the brand, as all that is heard of it does."""
    rows = [json.loads(line)["text"] for line in (LABELS / "invented.jsonl").read_text("utf-8").splitlines()]
    rest = [text.partition(" ")[2] for text in rows]
    return [f"{BRAND.name} {text} {number}" for number, text in enumerate(islice(cycle(rest), count))]


def has_torch() -> bool:
    """Whether the extra [torch] is installed."""
    return all(importlib.util.find_spec(name) for name in ("torch", "transformers", "onnx"))


def one_round(texts: list[str], folder: Path) -> dict[str, Told]:
    """What every way, and the arithmetic, cost this time."""
    found = {}
    for kind in KINDS:
        if has_torch() or kind not in NEED_TORCH:
            some = texts[::NAIVE_EVERY] if kind == "naive" else texts
            found[kind] = told_by("tests.bench.readers", some, kind, str(folder))
    if has_torch():
        found["floor"] = told_by("tests.bench.floor", texts)
    return found


def main(count: int) -> dict[str, Told]:
    """The middle of the rounds, which alternate, so that what else this machine does touches all ways alike."""
    texts = posts(count)
    with tempfile.TemporaryDirectory() as name:
        if has_torch():
            prepare(Path(name))
        rounds = [one_round(texts, Path(name)) for _ in range(ROUNDS)]
    return {
        kind: {what: statistics.median(one[kind][what] for one in rounds) for what in told}
        for kind, told in rounds[0].items()
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
