"""Evaluations as Markdown tables."""

from collections.abc import Iterable, Sequence

from nlp.training.evaluate import Evaluation, Figure


def table(evaluations: Sequence[Evaluation]) -> str:
    """The figures of several engines side by side."""
    return _side_by_side(evaluations, [one.figures for one in evaluations])


def slice_table(evaluations: Sequence[Evaluation]) -> str:
    """Their accuracy by language, network and length, side by side."""
    return _side_by_side(evaluations, [one.slices for one in evaluations])


def comparison_table(differences: Iterable[Figure]) -> str:
    """By how many points the first is right more often than the second, and whether that can be chance."""
    lines = [f"| {one.what} | {one.texts} | {_cell(one, signed=True)} | {_verdict(one)} |" for one in differences]
    return "\n".join(["| what | texts | points more right answers | |", "|---|--:|--:|---|", *lines])


def class_table(evaluation: Evaluation, head: str) -> str:
    """Precision, recall, F1 and confusion of one head."""
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


def _side_by_side(evaluations: Sequence[Evaluation], figures: Sequence[list[Figure]]) -> str:
    names = list(dict.fromkeys(figure.what for some in figures for figure in some))
    lines = [
        "| what | texts | " + " | ".join(one.model for one in evaluations) + " |",
        "|---|--:|" + "--:|" * len(evaluations),
    ]
    for name in names:
        found = [next((figure for figure in some if figure.what == name), None) for some in figures]
        texts = max((figure.texts for figure in found if figure), default=0)
        lines.append(f"| {name} | {texts or ''} | " + " | ".join(_cell(figure) for figure in found) + " |")
    return "\n".join(lines)


def _cell(figure: Figure | None, signed: bool = False) -> str:
    if figure is None:
        return "–"
    sign = "+" if signed else ""
    if figure.low is None or figure.high is None:
        return f"{figure.value:{sign}.1f}"
    return f"{figure.value:{sign}.1f} ({figure.low:{sign}.1f}–{figure.high:{sign}.1f})"


def _verdict(difference: Figure) -> str:
    assert difference.low is not None and difference.high is not None  # compare() always says
    if difference.low > 0:
        return "the first is better"
    return "the second is better" if difference.high < 0 else "may be chance"
