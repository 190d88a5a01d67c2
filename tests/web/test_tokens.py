import re
from pathlib import Path

import pytest

import web

CSS = Path(web.__file__).parent / "static" / "css"
TOKEN = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
TOKENS = {name: (light, dark) for name, light, dark in TOKEN.findall((CSS / "tokens.css").read_text("utf-8"))}

SURFACES = ("surface-0", "surface-1", "surface-2")
TEXTS = ("text-strong", "text", "text-quiet", "accent", "accent-strong", "negative", "positive", "warning", "danger")
TEXT_PAIRS = [
    *((text, surface) for text in TEXTS for surface in SURFACES),
    *(("text-quiet", tint) for tint in ("tint-hover",)),
    *(
        (text, tint)
        for text in ("text", "text-strong")
        for tint in ("tint-hover", "tint-selected", "tint-chip", "tint-note", "tint-danger", "tint-warning")
    ),
    ("text-strong", "tint-mark"),
    ("danger", "tint-danger"),
    ("warning", "tint-warning"),
    ("negative", "tint-chip"),
    ("negative", "tint-selected"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
]
GRAPHIC_PAIRS = [
    *((graphic, surface) for graphic in ("neutral", "line-strong", "accent") for surface in SURFACES),
    ("positive", "tint-chip"),
    ("positive", "tint-selected"),
    ("neutral", "tint-chip"),
    ("neutral", "tint-selected"),
    ("accent", "tint-selected"),
    ("danger", "tint-selected"),
    ("warning", "tint-selected"),
]


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """As WCAG 2 computes it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_gives_what_wcag_gives() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("scheme", "name"), [(0, "light"), (1, "dark")])
@pytest.mark.parametrize(
    ("least", "pairs"), [(4.5, TEXT_PAIRS), (3.0, GRAPHIC_PAIRS)], ids=["text 4.5:1", "graphics 3:1"]
)
def test_contrast(least: float, pairs: list[tuple[str, str]], scheme: int, name: str) -> None:
    weak = {
        f"{front} on {back}": round(ratio, 2)
        for front, back in pairs
        if (ratio := contrast(TOKENS[front][scheme], TOKENS[back][scheme])) < least
    }
    assert not weak, name


def test_colours_and_sizes_stand_in_the_tokens_only() -> None:
    for sheet in CSS.glob("*.css"):
        if sheet.name == "tokens.css":
            continue
        for line in sheet.read_text("utf-8").splitlines():
            if line.startswith(("@media", "@container")):
                continue
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?!mode)", line.split("{")[0] if "{" in line else line), line
            assert not re.search(r"\b\d+px\b", line), (sheet.name, line)


def test_every_token_that_is_used_exists() -> None:
    known = set(re.findall(r"--([a-z0-9-]+):", (CSS / "tokens.css").read_text("utf-8")))
    used = {
        name for sheet in CSS.glob("*.css") for name in re.findall(r"var\(--([a-z0-9-]+)", sheet.read_text("utf-8"))
    }
    assert used <= known, used - known
