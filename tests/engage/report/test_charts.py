from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest

from engage.report.charts import COLOURS, GROUND, HEIGHT, SCALE, WIDTH, has_trend, trend, trend_words
from engage.report.colours import contrast
from tests.engage.report.samples import SAMPLES, days, weekly


def pixels(picture: bytes) -> np.ndarray:
    from matplotlib.image import imread

    found: np.ndarray = imread(BytesIO(picture), format="png")
    return found


def painted(picture: bytes, colour: str) -> int:
    """So many pixels of exactly this colour."""
    wanted = np.frombuffer(bytes.fromhex(colour[1:]), dtype=np.uint8)
    return int((np.round(pixels(picture)[..., :3] * 255) == wanted).all(axis=-1).sum())


def test_the_picture_is_sharp_opaque_and_in_proportion_to_the_counts() -> None:
    report = replace(weekly(), trend=days([(60, 30, 10, 0), (60, 30, 10, 0)]))
    picture = trend(report)
    assert pixels(picture).shape[:2] == (HEIGHT * SCALE, WIDTH * SCALE)
    assert (pixels(picture)[..., 3] == 1).all()
    areas = {name: painted(picture, colour) for name, colour in COLOURS.items()}
    assert areas["negative"] / areas["positive"] == pytest.approx(6, rel=0.1)
    assert areas["neutral"] / areas["positive"] == pytest.approx(3, rel=0.1)


def test_what_was_before_is_drawn() -> None:
    without = trend(replace(weekly(), trend=days([(9, 9, 9, 0)] * 7)))
    with_it = trend(replace(weekly(), trend=days([(9, 9, 9, 27)] * 7)))
    assert painted(with_it, COLOURS["positive"]) < painted(without, COLOURS["positive"])


def test_the_words_hold_every_number() -> None:
    said = trend_words(weekly())
    for one in weekly().trend:
        assert (
            f"({one.negative} negative, {one.neutral} neutral, {one.positive} positive), before {one.before}." in said
        )
        assert f": {one.negative + one.neutral + one.positive} mentions" in said


@pytest.mark.parametrize(
    ("name", "drawn"), [("weekly", True), ("empty", False), ("single", False), ("daily", False), ("personal", False)]
)
def test_a_chart_is_drawn_where_it_says_something(name: str, drawn: bool) -> None:
    assert has_trend(SAMPLES[name]()) is drawn


def test_a_month_and_large_numbers_are_drawn_too() -> None:
    assert trend(replace(weekly(), trend=days([(40_000, 900_000, 30_000, 1_200_000)] * 31)))


def test_every_colour_stands_out_from_the_ground() -> None:
    assert all(contrast(colour, GROUND) >= 3 for colour in COLOURS.values())
