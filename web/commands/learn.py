"""learn: what people corrected becomes a layer over the model; its versions are listed, compared and chosen."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from web.commands.parts import Parts, as_json, pass_parts
from web.commands.show import iso, progress, show, show_table

if TYPE_CHECKING:
    from nlp.analyser import Analyser
    from nlp.tables import LearntLayer


@click.group(invoke_without_command=True)
@as_json
@pass_parts
@click.pass_context
def learn(ctx: click.Context, parts: Parts, json_: bool) -> None:
    """Learn now from what people corrected in the inbox; the listener does so each night.

    A version is kept only if it answers more of the held-out corrections right, and the reference set does not fall.

    Example: hearken learn
    Example: hearken learn list
    """
    if ctx.invoked_subcommand is None:
        _learn(parts, json_)


def _learn(parts: Parts, json_: bool) -> None:
    analyser = _analyser(parts)
    with progress("Judging what people said") as step:
        learned = parts.pipeline.learner.learn(analyser, step)
    figures = {str(question): asdict(told) for question, told in learned.figures.items()}
    if json_:
        version = learned.version or None
        show({"version": version, "state": learned.state, "in_force": learned.in_force, "figures": figures}, json_)
        return
    show_table([_line(question, told) for question, told in figures.items()], json_)
    click.echo(_told(learned.version, kept=learned.state == "kept", in_force=learned.in_force))


def _told(version: int, *, kept: bool, in_force: bool) -> str:
    if not version:
        return "There are too few corrections to learn from. Nothing changes."
    if not kept:
        return f"Version {version} is refused. Nothing changes."
    if in_force:
        return (
            f"Version {version} is kept and in force for what is read from now on.\n"
            "'hearken analyse --re-read --since DAY' reads earlier mentions again."
        )
    return (
        f"Version {version} is kept, but not in force: somebody went back to another one.\n"
        f"'hearken learn use {version}' lets it take effect, and later ones too."
    )


@learn.command("list")
@as_json
@pass_parts
def learn_list(parts: Parts, json_: bool) -> None:
    """List what was tried, the newest first, with its figures and the verdict on each question.

    Example: hearken learn list --json
    """
    from nlp import layers

    with parts.database.read() as session:
        found = layers.all_versions(session)
    if json_:
        show_table([{**_version(row), "figures": row.figures} for row in found], json_)
        return
    lines = [{**_version(row), **_line(*told)} for row in found for told in row.figures.items()]
    show_table(lines, json_)


def _version(row: "LearntLayer") -> dict[str, Any]:
    told = {"version": row.version, "made": iso(row.made_at), "model": row.model, "state": row.state.value}
    return {**told, "in_force": row.in_force}


@learn.command("compare")
@click.argument("one", type=click.IntRange(0))
@click.argument("other", type=click.IntRange(0))
@as_json
@pass_parts
def learn_compare(parts: Parts, one: int, other: int, json_: bool) -> None:
    """Put two versions side by side (0: the model alone). Of the corrections, either may have learnt from some.

    Example: hearken learn compare 0 3
    """
    lines = parts.pipeline.learner.compare(_analyser(parts), one, other)
    columns = [f"{place}: {_name(version)}" for place, version in (("A", one), ("B", other))]
    show_table(
        [
            {
                "question": line.question,
                "what": line.what,
                columns[0]: line.one,
                columns[1]: line.other,
                "of": line.of,
            }
            for line in lines
        ],
        json_,
    )


def _name(version: int) -> str:
    return f"version {version}" if version else "model alone"


@learn.command("use")
@click.argument("version", type=click.IntRange(0))
@pass_parts
def learn_use(parts: Parts, version: int) -> None:
    """Let a version that was kept take effect, be it an earlier or a later one; 0 is the model alone.

    After going back, later versions are made and kept, but don't take effect until the newest one is chosen.

    Example: hearken learn use 2
    """
    from nlp import layers

    model = _analyser(parts).engine.name
    with parts.database.write() as session:
        layers.use(session, model, version)
    read_by = f"{model}+{version}" if version else model
    click.echo(f"What is read from now on is read by {read_by}.")


def _analyser(parts: Parts) -> "Analyser":
    """The analyser in the settings, without a layer."""
    from nlp.load import load_analyser

    return load_analyser(parts.settings.analyser, parts.settings.analysers)


def _line(question: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "question": question,
        "corrections": told["corrections"],
        "right": f"{told['right_before']} -> {told['right_after']}",
        "left": told["left"],
        "same": f"{told['left_before']} -> {told['left_after']}",
        "reference": told["reference"],
        "accuracy": f"{told['accuracy_before']:.1f} -> {told['accuracy_after']:.1f}",
        "recall": f"{told['recall_before']:.1f} -> {told['recall_after']:.1f}",
        "verdict": told["verdict"],
    }
