"""The charts of a report as pictures, on a light ground of their own so that they also stand in a dark mail."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from engage.report.content import Day, Report
from engage.report.figures import GLYPHS, counted, day, number
from engage.report.labels import Labels, labels

WIDTH, HEIGHT = 552, 236
"""As shown, in CSS pixels."""
SCALE = 2
"""For dense screens."""
GROUND, INK, QUIET, LINE = "#ffffff", "#17181a", "#6b7078", "#e6e6e2"
COLOURS = {"negative": "#c2410c", "neutral": "#8e949d", "positive": "#15803d"}
BEFORE = "#17181a"
FONTS = ("Inter", "Noto Sans", "Liberation Sans", "Arial", "Helvetica", "DejaVu Sans")
MOST_LABELS = 10
ENOUGH = 10
"""Mentions, those before included, from which on a chart says more than a sentence."""


def has_trend(report: Report) -> bool:
    """Whether there are days to compare, and enough in them for a chart."""
    return len(report.trend) > 1 and sum(_total(one) + one.before for one in report.trend) >= ENOUGH


def trend_words(report: Report) -> str:
    """All numbers of the trend, for who does not see it."""
    words = labels(report.language)
    days = (
        words.trend_alt_day.format(
            day=day(one.day, words),
            count=counted(_total(one), words),
            negative=number(one.negative, words),
            neutral=number(one.neutral, words),
            positive=number(one.positive, words),
            before=number(one.before, words),
        )
        for one in report.trend
    )
    return words.trend_alt.format(days=" ".join(days))


def trend(report: Report) -> bytes:
    """Mentions a day, stacked by sentiment, with the days before as a line; PNG."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    words = labels(report.language)
    with rc_context({"font.family": _fonts(), "font.size": 8.6}):
        drawing = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100 * SCALE, facecolor=GROUND)
        FigureCanvasAgg(drawing)
        axes = drawing.add_axes((0.065, 0.115, 0.925, 0.745))
        _draw_days(axes, report.trend, words)
        _draw_frame(axes, report.trend, words)
        _draw_legend(drawing, words)
        picture = BytesIO()
        drawing.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()


def _fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    here = {font.name for font in fontManager.ttflist}
    return [name for name in FONTS if name in here]


def _draw_days(axes: Any, days: Sequence[Day], words: Labels) -> None:
    places = range(len(days))
    bottom = [0] * len(days)
    for name, colour in COLOURS.items():
        heights = [int(getattr(one, name)) for one in days]
        axes.bar(places, heights, 0.62, bottom, color=colour, edgecolor=GROUND, linewidth=0.6, zorder=2)
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    axes.plot(places, [one.before for one in days], color=GROUND, linewidth=3, zorder=3)
    axes.plot(
        places,
        [one.before for one in days],
        color=BEFORE,
        linewidth=1.2,
        linestyle=(0, (4, 2)),
        marker="o",
        markersize=3,
        markeredgecolor=GROUND,
        markeredgewidth=0.6,
        zorder=4,
    )
    if len(days) <= MOST_LABELS:
        _draw_totals(axes, days, words)


def _draw_totals(axes: Any, days: Sequence[Day], words: Labels) -> None:
    """Above its bar, or above the line where that would run through it."""
    most = max(max(_total(one), one.before) for one in days)
    for place, one in enumerate(days):
        total = _total(one)
        if not total:
            continue
        hidden = total <= one.before < total + 0.12 * most
        top = max(total, one.before) if hidden else total
        axes.annotate(
            number(total, words),
            (place, top),
            xytext=(0, 4 if hidden else 2.5),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=INK,
            fontweight="bold",
            zorder=5,
        )


def _draw_frame(axes: Any, days: Sequence[Day], words: Labels) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    most = max(max(_total(one), one.before) for one in days)
    axes.set_ylim(0, most * 1.16)
    axes.set_xlim(-0.6, len(days) - 0.4)
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, words)))
    axes.grid(axis="y", color=LINE, linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    step = -(-len(days) // MOST_LABELS)
    axes.set_xticks(
        range(0, len(days), step), [f"{words.weekdays[one.day.weekday()]} {one.day.day}" for one in days[::step]]
    )
    axes.tick_params(length=0, colors=QUIET, pad=4)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color("#8a8d93")
        spine.set_linewidth(0.6)


def _draw_legend(drawing: Any, words: Labels) -> None:
    """Each name in its colour with its mark, in one line over the chart."""
    texts = [(f"{GLYPHS[name]} {getattr(words, name)}", colour) for name, colour in COLOURS.items()]
    texts = [(text, QUIET if text.startswith(GLYPHS["neutral"]) else colour) for text, colour in texts]
    renderer = drawing.canvas.get_renderer()
    left = 0.012
    for text, colour in [*texts, (f"– – {words.mentions_before}", BEFORE)]:
        label = drawing.text(left, 0.945, text, color=colour, va="center")
        left += label.get_window_extent(renderer).width / drawing.bbox.width + 0.03


def _total(one: Day) -> int:
    return one.negative + one.neutral + one.positive
