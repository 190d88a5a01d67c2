"""What an engine costs: texts a second, seconds to load, MiB of memory; measured in a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from nlp.text import clean

WARM_UP_TEXTS = 64
Reader = Callable[[list[str]], object]
"""Reads texts as people wrote them."""


def costs(name: str, texts: Sequence[str]) -> dict[str, float]:
    """`rate`, `load` and `memory` of the engine of that name."""
    return told_by("nlp.training.costs", texts, name)


def told_by(module: str, texts: Sequence[str], *arguments: str) -> dict[str, float]:
    """What a module says when run with the arguments, given the texts as JSON: the last line, JSON too."""
    done = subprocess.run(  # noqa: S603 (a module of ours)
        [sys.executable, "-m", module, *arguments],
        input=json.dumps(list(texts)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def cost(load: Callable[[], Reader], texts: list[str]) -> dict[str, float]:
    """`rate`, `load` and `memory` of what `load` makes, in this process."""
    start = time.perf_counter()
    read = load()
    loaded = time.perf_counter()
    read(texts[:WARM_UP_TEXTS])
    begun = time.perf_counter()
    read(texts)
    took = time.perf_counter() - begun
    return {"rate": len(texts) / took, "load": loaded - start, "memory": _most_memory()}


def engine_reader(name: str, names: tuple[str, ...] = ()) -> Reader:
    """The engine of that name, all texts taken for English; each is asked about the `names`."""
    from nlp.load import load_engine

    engine = load_engine(name)
    return lambda texts: engine.judge([clean(text) for text in texts], ["en"] * len(texts), [names] * len(texts))


def _most_memory() -> float:
    """The most memory this process has held, in MiB. What getrusage says would count the parent's too."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(cost(lambda: engine_reader(sys.argv[1]), json.load(sys.stdin))))
