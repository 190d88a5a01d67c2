"""What is said: the hand-written posts, and how one of them varies from use to use.

In a post, `[this|that]` is one of the alternatives and `{city}` one of the words of slots.toml; both may be empty.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

FOLDER = Path(__file__).parent
CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")
SWAPPABLE = re.compile(r"(?<![\w@#/.])[a-z]{6,}(?![\w/.])")
LOOSE = tuple(f"{mark} {{kestova}}" for mark in "abcdefghijklmnopqrstuvwxyz.?!…？。た")
"""A brand at the end that is no part of the sentence may as well be a hashtag."""
GROUPS = {
    "short": ("x", "mastodon", "bluesky"),
    "forum": ("reddit", "hackernews"),
    "all": ("x", "mastodon", "bluesky", "reddit", "hackernews"),
    "social": ("x", "mastodon", "bluesky", "reddit"),
}
LONG = 600
MENTION = {"x": "@kestova", "mastodon": "@kestova", "bluesky": "@kestova.example.com", "reddit": "u/kestova"}
EMOJI = {
    "complaint": ("😡", "😤", "🙄", "😩", "👎", "🤦‍♀️", "💀"),
    "question": ("🤔", "🙏", "❓", "👀"),
    "praise": ("😍", "🎉", "💚", "🚲💨", "🙌", "🥰"),
    "purchase": ("👀", "💸", "🚲", "🤩"),
    "suggestion": ("💡", "🙏", "✨"),
    "other": ("😂", "🤷", "🚲", "😅"),
}
TAGS = ("#ebike", "#Kestova", "#ebikes", "#bikecommute", "#biketooter", "#cargobike", "#CityCycling", "#ebikelife")


def load(name: str) -> dict[str, Any]:
    """One data file of this folder."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Line:
    """One hand-written post: where it may be said, and what it is for."""

    pot: str
    kind: str
    text: str
    networks: tuple[str, ...]
    lang: str = "en"


def read_lines() -> list[Line]:
    """Every post of the posts_*.toml files."""
    decks = (deck for path in sorted(FOLDER.glob("posts_*.toml")) for deck in load(path.name)["deck"])
    return [
        Line(
            pot=deck["pot"],
            kind=deck["kind"],
            text=text.strip(),
            networks=GROUPS.get(deck["on"], (deck["on"],)),
            lang=deck.get("lang", "en"),
        )
        for deck in decks
        for text in deck["posts"]
    ]


class Script:
    """Hands out lines, the least used first, so that a post comes again only when its pot is used up."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._slots = load("slots.toml")
        self._used: Counter[Line] = Counter()
        self._pots: dict[str, list[Line]] = {}
        for line in read_lines():
            self._pots.setdefault(line.pot, []).append(line)

    def networks(self, pot: str) -> list[str]:
        """Where the posts of a pot may be said."""
        return sorted({network for line in self._pots[pot] for network in line.networks})

    def draw(self, pot: str, network: str) -> Line:
        """A line of the pot for that network. A long one is said only once: readers would remember it."""
        lines = [line for line in self._pots[pot] if network in line.networks]
        lines = [line for line in lines if len(line.text) < LONG or not self._used[line]]
        least = min(self._used[line] for line in lines)
        line = self._rng.choice([line for line in lines if self._used[line] == least])
        self._used[line] += 1
        return line

    def render(self, line: Line, brand: str) -> str:
        """One version of a line; `brand` stands for {kestova}. A slot has one value throughout a post."""
        text = line.text
        while CHOICE.search(text):
            text = CHOICE.sub(lambda found: self._rng.choice(found[1].split("|")), text)
        if text.endswith(LOOSE) and brand not in MENTION.values() and self._rng.random() < 0.7:
            text = text.removesuffix("{kestova}") + "#Kestova"
        values = {"kestova": brand}
        text = SLOT.sub(lambda found: self._slot(found[1], line.lang, values), text)
        return re.sub(r"  +", " ", text).strip()

    def _slot(self, name: str, lang: str, values: dict[str, str]) -> str:
        if name not in values:
            words: Sequence[str] = self._slots.get(lang, {}).get(name) or self._slots["en"][name]
            values[name] = self._rng.choice(words)
        return values[name]


def voiced(text: str, voice: str, line: Line, network: str, rng: Random) -> str:
    """The text as this author would type it."""
    short = network in GROUPS["short"]
    if voice == "lower" and line.lang == "en" and len(text) < LONG:
        return text.lower().rstrip(".")
    if voice == "caps" and line.kind == "complaint" and len(text) < 160:
        return text.upper()
    if voice == "typos" and line.lang == "en":
        return mistyped(text, rng)
    if voice == "emoji" and short and line.kind in EMOJI:
        return f"{text} {rng.choice(EMOJI[line.kind])}"
    if voice == "tags" and short:
        return f"{text} {' '.join(rng.sample(TAGS, rng.randint(1, 2)))}"
    return text


def mistyped(text: str, rng: Random) -> str:
    """Two letters swapped in one of the longer words."""
    words = [found for found in SWAPPABLE.finditer(text) if "kestova" not in found[0]]
    if not words:
        return text
    word = rng.choice(words)
    at = word.start() + rng.randint(1, len(word[0]) - 3)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
