"""The lexicon engine: VADER for sentiment, word lists for intent and urgency. For tiny machines and first starts.

Intent is a softmax over the summed weights of nlp/lexicon.toml; sentiment a softmax over VADER's scores and what the
same words say of complaint and praise; urgency a logistic of summed weights.
"""

import math
import operator
from collections.abc import Iterable, Sequence

from nlp.cues import Weights, load_lexicon, without_masks, words_of
from nlp.foreign import SPOKEN, URGENCY_BASE, ForeignReader, logistic, softmax
from nlp.reading import Intent, Judgement, Sentiment
from nlp.vader import QuickVader

SHORT_WORDS = 4
SHOUTED_SHARE = 0.6
SHOUTED_LETTERS = 10
INTENTS = tuple(Intent)
COMPLAINT, QUESTION, PRAISE, OTHER = (
    INTENTS.index(intent) for intent in (Intent.COMPLAINT, Intent.QUESTION, Intent.PRAISE, Intent.OTHER)
)

SENTIMENT_WEIGHTS = {
    Sentiment.NEGATIVE: (-1.13, -0.74, 2.85, 7.33, 0.96, -1.31, -0.13, -0.06),
    Sentiment.NEUTRAL: (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    Sentiment.POSITIVE: (-1.16, 0.77, 4.27, 1.0, -0.48, 0.54, -0.49, 1.79),
}
"""For 1, compound, pos, neg, complaint words, praise words, question mark, exclamation marks: multinomial logistic
regression on ../shared/data/sentiment_train (SemEval-2017 task 4, 46,890 tweets), classes weighted to 40 % negative,
35 % neutral, 25 % positive, since posts about brands complain more than posts about the world do."""

URGENCY_OF_ASKING = 2.0
"""A likely complaint or question is more urgent than chatter in the same words."""


class LexiconEngine:
    """Reads English; of other languages it only says what a few words give away, and says it with doubt."""

    name = "vader-rules/1"

    def __init__(self) -> None:
        self._lexicon = load_lexicon()
        self._foreign = ForeignReader(self._lexicon)
        self._vader = QuickVader()

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        """One judgement per text (clean, see nlp/text.py), in order, the same whatever the batch. None raises."""
        return [
            self._judge_english(text) if language in SPOKEN else self._foreign.judge(text)
            for text, language in zip(texts, languages, strict=True)
        ]

    def _judge_english(self, text: str) -> Judgement:
        text = without_masks(text).strip()
        words = words_of(text)
        scores = self._vader.polarity_scores(text)
        signals = self._signals(text, len(words), scores["compound"])
        cues = [(self._lexicon.cues[name], float(count)) for name, count in self._lexicon.book.count(words).items()]
        said = _add_up(cues)
        seen = _add_up((self._lexicon.signals[name], strength) for name, strength in signals.items())
        base = self._lexicon.base
        intent = softmax([sum(three) for three in zip(base.intent, said.intent, seen.intent, strict=True)])
        asking = intent[COMPLAINT] + intent[QUESTION]
        return Judgement(
            sentiment=_sentiment(scores, said, signals),
            intent=dict(zip(INTENTS, intent, strict=True)),
            urgency=logistic(URGENCY_BASE + said.urgency + seen.urgency + URGENCY_OF_ASKING * asking),
        )

    def _signals(self, text: str, words: int, compound: float) -> dict[str, float]:
        """What is seen in the whole text, each from 0 to 1."""
        asked = "?" in text
        return {
            "question_mark": float(asked),
            "opens_as_question": float(self._lexicon.opening.search(text) is not None),
            "negative": max(0.0, -compound),
            "positive": max(0.0, compound),
            "exclamation": min(text.count("!"), 3) / 3,
            "shouting": float(_is_shouted(text)),
            "short": float(words < SHORT_WORDS),
        }


def _add_up(parts: Iterable[tuple[Weights, float]]) -> Weights:
    intent = [0.0] * len(INTENTS)
    urgency = 0.0
    for weights, strength in parts:
        if strength:
            urgency += weights.urgency * strength
            intent = [total + weight * strength for total, weight in zip(intent, weights.intent, strict=True)]
    return Weights(tuple(intent), urgency)


def _sentiment(scores: dict[str, float], said: Weights, signals: dict[str, float]) -> dict[Sentiment, float]:
    complaint = math.tanh((said.intent[COMPLAINT] - said.intent[OTHER]) / 3)
    praise = math.tanh((said.intent[PRAISE] - said.intent[OTHER]) / 3)
    seen = (signals["question_mark"], signals["exclamation"])
    features = (1.0, scores["compound"], scores["pos"], scores["neg"], complaint, praise, *seen)
    sums = [sum(map(operator.mul, features, weights)) for weights in SENTIMENT_WEIGHTS.values()]
    return dict(zip(SENTIMENT_WEIGHTS, softmax(sums), strict=True))


def _is_shouted(text: str) -> bool:
    words = [word for word in text.split() if len(word) > 1 and word.isalpha()]
    letters = sum(map(len, words))
    return letters > SHOUTED_LETTERS and sum(len(word) for word in words if word.isupper()) > SHOUTED_SHARE * letters
