"""Rules as data: which cues of nlp/lexicon.toml a text holds."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.reading import Intent
from nlp.text import HANDLE, LINK

LEXICON = Path(__file__).with_name("lexicon.toml")
MOST_COUNTED = 2
"""A phrase group speaks twice at most, however often its phrases occur."""

_MASKS = re.compile(rf"{HANDLE}\b(?:'s\b)?|\b{LINK}\b")
_NUMBERS = re.compile(r"\d+(?:[.,:]\d+)*")
_WORDS = re.compile(r"[^\W\d_]+|[#%$]")


@dataclass(frozen=True, slots=True)
class Weights:
    """What a cue or signal adds to the log-odds of the intents (in the order of Intent) and of urgency."""

    intent: tuple[float, ...]
    urgency: float


def without_masks(clean_text: str) -> str:
    """The text without the stand-ins for handles and links."""
    return _MASKS.sub("", clean_text) if HANDLE in clean_text or LINK in clean_text else clean_text


def words_of(text: str) -> list[str]:
    """The words as phrases are written: lower case, no apostrophes, `#` for a number."""
    return _WORDS.findall(_NUMBERS.sub("#", text.lower().replace("'", "")))


class PhraseBook:
    """Finds the phrases of many groups in one walk over the words."""

    def __init__(self, groups: Mapping[str, str]) -> None:
        """`groups` are comma-separated phrases by name."""
        self._beginnings: dict[str, _Step] = {}
        for name, phrases in groups.items():
            for phrase in _split(phrases):
                self._learn(phrase.split(), name)

    def _learn(self, words: list[str], name: str) -> None:
        steps = self._beginnings
        for word in words:
            step = steps.setdefault(word, _Step())
            steps = step.onward
        if name not in step.complete:
            step.complete.append(name)

    def count(self, words: list[str]) -> dict[str, int]:
        """How often each group occurs, MOST_COUNTED at most; groups that don't occur are left out."""
        found: dict[str, int] = {}
        for place, word in enumerate(words):
            step = self._beginnings.get(word)
            following = place
            while step:
                for name in step.complete:
                    found[name] = min(found.get(name, 0) + 1, MOST_COUNTED)
                following += 1
                step = step.onward.get(words[following]) if following < len(words) else None
        return found


class _Step:
    """One word of some phrases: the groups for which a phrase ends here, and the words that lead on."""

    __slots__ = ("complete", "onward")

    def __init__(self) -> None:
        self.complete: list[str] = []
        self.onward: dict[str, _Step] = {}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """nlp/lexicon.toml, compiled."""

    base: Weights
    cues: Mapping[str, Weights]
    signals: Mapping[str, Weights]
    book: PhraseBook
    foreign: PhraseBook
    guard: PhraseBook
    """Of danger: a model that overlooks these is overruled."""
    opening: re.Pattern[str]
    """Matches where a sentence begins as questions do."""


def load_lexicon(path: Path = LEXICON) -> Lexicon:
    """Read and compile the word lists."""
    data = tomllib.loads(path.read_text("utf-8"))
    openers = "|".join(re.escape(opener) for opener in _split(data["signal"]["opens_as_question"]["openers"]))
    return Lexicon(
        base=_weights(data["base"]),
        cues={name: _weights(cue) for name, cue in data["cue"].items()},
        signals={name: _weights(signal) for name, signal in data["signal"].items()},
        book=PhraseBook({name: cue["phrases"] for name, cue in data["cue"].items()}),
        foreign=PhraseBook({name: cue["phrases"] for name, cue in data["foreign"].items()}),
        guard=PhraseBook({name: cue["phrases"] for name, cue in data["guard"].items()}),
        opening=re.compile(
            rf"(?:^|[.!?:;,]\s)\s*(?:(?:hi|hello|hey|so|and|but|ok|please)\b,?\s+)*(?:{openers})\b", re.I
        ),
    )


def _weights(entry: Mapping[str, Any]) -> Weights:
    intent = {Intent(name): float(weight) for name, weight in entry.get("intent", {}).items()}
    return Weights(tuple(intent.get(label, 0.0) for label in Intent), float(entry.get("urgency", 0.0)))


def _split(phrases: str) -> Iterable[str]:
    return (phrase.strip() for phrase in phrases.split(",") if phrase.strip())
