import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.report.colours import DARK, FALLBACK, LIGHT, TEXT, checked, contrast, readable

COLOUR = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#3b5bdb", "#3b5bdb") == 1


@given(colour=COLOUR, ground=st.sampled_from([LIGHT, DARK]))
def test_any_brand_colour_is_made_readable_on_both_sheets(colour: str, ground: str) -> None:
    assert contrast(readable(colour, ground), ground) >= TEXT


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert readable("#0F766E", LIGHT) == "#0f766e"


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "#123456;}", "url(https://x.example)"])
def test_what_is_no_colour_becomes_our_own(colour: str) -> None:
    assert checked(colour) == FALLBACK
