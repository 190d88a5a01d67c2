"""The lexicon engine: VADER for sentiment, word lists for intent and urgency. For tiny machines and first starts."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlp.cues import Lexicon, Weights, load_lexicon, without_masks, words_of
from nlp.reading import UNKNOWN_LANGUAGE, Intent, Judgement, Sentiment
from nlp.vader import QuickVader

SPOKEN = frozenset({"en", UNKNOWN_LANGUAGE})
"""Languages whose words are in the lists; a text too short to tell is taken as English."""
SHORT_WORDS = 4
SHOUTED_SHARE = 0.6
SHOUTED_LETTERS = 10
COMPLAINT = list(Intent).index(Intent.COMPLAINT)
PRAISE = list(Intent).index(Intent.PRAISE)

SENTIMENT_WEIGHTS = {
    Sentiment.NEGATIVE: (0.0, -1.0, 0.0, 1.0, 0.3, 0.0),
    Sentiment.NEUTRAL: (0.5, 0.0, 0.0, 0.0, 0.0, 0.0),
    Sentiment.POSITIVE: (0.0, 1.0, 1.0, 0.0, 0.0, 0.3),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen in one text."""

    intent: tuple[float, ...]
    urgency: float
    sentiment: tuple[float, ...]


class LexiconEngine:
    """Reads English; of other languages it only says what a few words give away, and says it with doubt."""

    name = "vader-rules/1"

    def __init__(self) -> None:
        self._lexicon: Lexicon = load_lexicon()
        self._vader = QuickVader()
