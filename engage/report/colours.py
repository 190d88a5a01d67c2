"""A brand's colour made readable, by the contrast of WCAG 2."""

import re

LIGHT, DARK = "#ffffff", "#16181b"
"""The sheets that a report is written on."""
FALLBACK = "#3b5bdb"
TEXT = 4.5
"""The contrast that text needs."""
HEX = re.compile(r"#[0-9a-fA-F]{6}")


def checked(colour: str) -> str:
    """The colour if it is one written as #rrggbb, else Hearken's own."""
    return colour.lower() if HEX.fullmatch(colour) else FALLBACK


def contrast(one: str, other: str) -> float:
    """Between two colours, 1–21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, ground: str) -> str:
    """The colour, moved towards black or white just until it can be read on the ground."""
    target = (0, 0, 0) if _luminance(ground) > 0.18 else (255, 255, 255)
    mixes = (_mixed(_parts(checked(colour)), target, step / 20) for step in range(21))
    return next(mix for mix in mixes if contrast(mix, ground) >= TEXT)


def _mixed(parts: tuple[int, ...], target: tuple[int, ...], share: float) -> str:
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(parts, target, strict=True))


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _parts(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
