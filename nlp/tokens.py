"""Words -> the numbers that the small model reads; the same in training and in serving."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

TEXT_TOKENS = 80
"""How many tokens of a text are read: of a longer one its beginning and its end."""
TAIL_TOKENS = 24
NAME_TOKENS = 8
MOST_NAMES = 4
"""How many of the names in a text are judged; who lists more of them says little of each."""
TEXT_CHARS = 2_000
"""Characters of a text that are cut into tokens from either side at most."""
CLS, SEP = 101, 102

_SPELLED = re.compile(r"([\u203c-\u3299\U0001f000-\U0001faff])\1*")
_SILENT = re.compile(r"[\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]+")


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text with the names to be judged in it.

    `segments` is 0 for the text and 1, 2, … for the names. A name sees the text and itself, the text only itself:
    what is said of the text never depends on the names. A name takes the place where the text first says it
    (`positions`), so that it is judged by the words around it; one that is not found stands right after the text.
    """

    ids: tuple[int, ...]
    segments: tuple[int, ...]
    positions: tuple[int, ...]
    words: tuple[tuple[int, int], ...]
    """For each token of segment 0 the place of its characters in the spelled text; (0, 0) for those that frame it."""


def spell(clean_text: str) -> str:
    """A clean text (nlp/text.py) with each symbol's name in its place; a row of the same symbol counts once."""
    if clean_text.isascii():
        return clean_text
    return " ".join(_SPELLED.sub(_name, _SILENT.sub(" ", clean_text)).split())


def _name(match: re.Match[str]) -> str:
    symbol = match[1]
    if unicodedata.category(symbol) != "So":
        return match[0]
    return f" {unicodedata.name(symbol, '').lower().replace('-', ' ').removesuffix(' sign')} "


class Encoder:
    """The tokenizer of the small model."""

    def __init__(self, path: Path) -> None:
        """`path` is a tokenizer.json. Raises an exception of the tokenizers library if that is missing or broken."""
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str], names: Sequence[tuple[str, ...]]) -> list[Encoded]:
        """One row of numbers per spelled text, with the names that are judged in it."""
        cut = [_cut(text) for text in texts]
        pieces = self._tokenizer.encode_batch(cut, add_special_tokens=False)
        return [
            self._row(text, piece.ids, piece.offsets, some)
            for text, piece, some in zip(cut, pieces, names, strict=True)
        ]

    def vocabulary(self) -> list[str]:
        """Every token as it is written, in the order of its number."""
        words = self._tokenizer.get_vocab()
        return sorted(words, key=words.__getitem__)

    def _row(self, text: str, ids: list[int], places: list[tuple[int, int]], names: tuple[str, ...]) -> Encoded:
        if len(ids) > TEXT_TOKENS:
            head = TEXT_TOKENS - TAIL_TOKENS
            ids = ids[:head] + ids[-TAIL_TOKENS:]
            places = places[:head] + places[-TAIL_TOKENS:]
        row = [CLS, *ids, SEP]
        segments = [0] * len(row)
        positions = list(range(len(row)))
        for number, name in enumerate(names[:MOST_NAMES], 1):
            piece = [*self._tokenizer.encode(name, add_special_tokens=False).ids[:NAME_TOKENS], SEP]
            row += piece
            segments += [number] * len(piece)
            start = 1 + _place_of(name, text, places)
            positions += range(start, start + len(piece))
        return Encoded(tuple(row), tuple(segments), tuple(positions), ((0, 0), *places, (0, 0)))


def _place_of(name: str, text: str, places: Sequence[tuple[int, int]]) -> int:
    """The first token of the name in the text (case aside); the place after the last one if it is not there."""
    found = re.search(rf"(?<!\w){re.escape(name)}", text, re.IGNORECASE)
    starts = [start for start, _ in places]
    return starts.index(found.start()) if found and found.start() in starts else len(places) + 1


def _cut(text: str) -> str:
    """Long texts without their middle, so that no time goes into tokens that nobody reads."""
    if len(text) <= 2 * TEXT_CHARS:
        return text
    return f"{text[:TEXT_CHARS]} {text[-TEXT_CHARS:]}"
