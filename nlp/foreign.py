"""Texts in languages that the engines don't speak: said to be uncertain, and read by a few telling words."""

import math
from collections.abc import Sequence

from nlp.cues import Lexicon, without_masks, words_of
from nlp.reading import UNKNOWN_LANGUAGE, Extra, Intent, Judgement, Sentiment

SPOKEN = frozenset({"en", UNKNOWN_LANGUAGE})
"""Languages that the engines speak; a text too short to tell is taken as English."""
URGENCY_BASE = -3.0
DOUBTFUL_SENTIMENT = {Sentiment.NEGATIVE: 0.3, Sentiment.NEUTRAL: 0.4, Sentiment.POSITIVE: 0.3}
"""Of anything but English we say that we don't know."""
FOREIGN_BASE = 1.5
FOREIGN_CUE = 2.0
FOREIGN_URGENCY = {"complaint": 0.7, "question": 0.5, "praise": -1.0, "urgent": 2.0}


class ForeignReader:
    """Says what a few words give away, and says it with doubt."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._words = lexicon.foreign

    def judge(self, text: str) -> Judgement:
        """The judgement of one clean text."""
        text = without_masks(text)
        found = self._words.count(words_of(text))
        weights = {
            Intent.OTHER: FOREIGN_BASE,
            Intent.COMPLAINT: FOREIGN_CUE * ("complaint" in found),
            Intent.QUESTION: FOREIGN_CUE * ("question" in found or "?" in text) * 0.9,
            Intent.PRAISE: FOREIGN_CUE * ("praise" in found),
        }
        intent = softmax([weights.get(label, 0.0) for label in Intent])
        return Judgement(
            sentiment=dict(DOUBTFUL_SENTIMENT),
            intent=dict(zip(Intent, intent, strict=True)),
            urgency=logistic(URGENCY_BASE + sum(FOREIGN_URGENCY[name] for name in found)),
            extra=Extra(uncertain=True),
        )


def softmax(weights: Sequence[float]) -> list[float]:
    """Log-odds -> probabilities that sum to 1."""
    highest = max(weights)
    powers = [math.exp(weight - highest) for weight in weights]
    total = sum(powers)
    return [power / total for power in powers]


def logistic(weight: float) -> float:
    """Log-odds -> the probability of yes."""
    return 1 / (1 + math.exp(-weight))
