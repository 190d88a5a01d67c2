"""train, evaluate: teach the small model, and see how well an engine reads."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import click

from config.errors import HearkenError
from web.commands.show import progress

DATA_SETS = Path("../shared/data")
WORK = Path("data/training")
MODEL_NAME = "minilm-heads/3"
SEED = 7
TOLD_EVERY = 100
COMPARED = ("onnx", "lexicon")
SPEED_TEXTS = 2000


class NeedsTorchError(HearkenError):
    """Training needs more than serving."""


@click.command()
@click.option("--data-sets", type=click.Path(path_type=Path), default=DATA_SETS, show_default=True, help="Texts.")
@click.option("--work", type=click.Path(path_type=Path), default=WORK, show_default=True, help="For checkpoints.")
@click.option(
    "--into", type=click.Path(path_type=Path), help="Where the model goes (default: where it is served from)."
)
@click.option("--name", default=MODEL_NAME, show_default=True, help="Name and version that readings will carry.")
@click.option(
    "--seed", default=SEED, show_default=True, help="Another shows how far chance goes; with its own --work."
)
def train(data_sets: Path, work: Path, into: Path | None, name: str, seed: int) -> None:
    """Teach the small model anew (an hour on two cores); goes on where it was interrupted. Needs hearken[torch].

    Example: hearken train --data-sets ../shared/data
    """
    _need_torch()
    from nlp.onnx import FOLDER
    from nlp.training.card import write_card
    from nlp.training.confusions import write_confusion
    from nlp.training.data import load_corpus
    from nlp.training.make import make

    corpus = load_corpus(data_sets)
    target = into or FOLDER
    make(corpus, work, target, name, _told(), seed)
    click.echo(f"The model is in {target}. Seeing how well it reads …", err=True)
    done = _evaluations(data_sets, (f"onnx:{target}", "lexicon"))
    write_confusion(target, done[0])
    click.echo(write_card(target, done, corpus).read_text("utf-8"))


@click.command()
@click.argument("engines", nargs=-1)
@click.option("--data-sets", type=click.Path(path_type=Path), default=DATA_SETS, show_default=True, help="Texts.")
def evaluate(engines: tuple[str, ...], data_sets: Path) -> None:
    """Print how well engines read texts that nobody learnt from, side by side (default: onnx and lexicon).

    Example: hearken evaluate onnx onnx:data/other-model
    """
    from nlp.training.evaluate import compare
    from nlp.training.show import class_table, comparison_table, slice_table, table

    done = _evaluations(data_sets, engines or COMPARED)
    click.echo(table(done))
    click.echo(f"\nAccuracy by slice\n\n{slice_table(done)}")
    for one in done:
        for head in one.classes:
            click.echo(f"\n{one.model}: {head}\n\n{class_table(one, head)}")
    for other in done[1:]:
        click.echo(f"\n{done[0].model} beside {other.model}\n\n{comparison_table(compare(done[0], other))}")


def _evaluations(data_sets: Path, names: tuple[str, ...]) -> list:  # type: ignore[type-arg]
    from dataclasses import replace

    from nlp.load import load_engine
    from nlp.training.costs import costs
    from nlp.training.data import load_corpus, rows
    from nlp.training.evaluate import Figure, evaluate

    corpus = load_corpus(data_sets)
    texts = [row["text"] for row, _ in zip(rows(data_sets, "sentiment_dev"), range(SPEED_TEXTS), strict=False)]
    done = []
    for name in names:
        engine = load_engine(name)
        with progress(f"Reading with {engine.name}") as step:
            found = evaluate(engine, corpus, data_sets, step)
        cost = costs(name, texts)
        paid = [
            Figure("texts a second", cost["rate"], texts=len(texts)),
            Figure("seconds to load", cost["load"]),
            Figure("memory, MiB", cost["memory"]),
        ]
        done.append(replace(found, figures=[*found.figures, *paid]))
    return done


def _told() -> Callable[[str, int, int, float], None]:
    """A line with the loss now and then; on a terminal it stays in its place."""
    in_place = sys.stderr.isatty()

    def step(stage: str, done: int, of: int, loss: float) -> None:
        if in_place or done % TOLD_EVERY == 0 or done == of:
            bar = "#" * (30 * done // of)
            line = f"{stage}  [{bar:<30}]  {done:,}/{of:,}  loss {loss:.4f}"
            click.echo(f"\r{line}" if in_place else line, err=True, nl=not in_place or done == of)

    return step


def _need_torch() -> None:
    if any(importlib.util.find_spec(name) is None for name in ("torch", "onnx", "safetensors")):
        raise NeedsTorchError("Training needs torch.", "Run: pip install 'hearken[torch]'")
