"""What the NLP understood of a text: enums and frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Sentiment(StrEnum):
    """How the text feels towards what it speaks of."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Intent(StrEnum):
    """What the author wants with it."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    PRAISE = "praise"
    PURCHASE = "purchase"
    SUGGESTION = "suggestion"
    PROMOTION = "promotion"
    OTHER = "other"


class Urgency(StrEnum):
    """How soon somebody should answer, as people say it; a reading has a number for it."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Question(StrEnum):
    """What a person can answer better than the model did; each is the name of a column of the reading."""

    SENTIMENT = "sentiment"
    INTENT = "intent"
    URGENCY = "urgency"


class About(StrEnum):
    """Whom the text names."""

    BRAND = "brand"
    COMPETITOR = "competitor"
    BOTH = "both"
    NOBODY = "nobody"


class Emotion(StrEnum):
    """What the author feels, where a feeling shows."""

    ANGER = "anger"
    JOY = "joy"
    OPTIMISM = "optimism"
    SADNESS = "sadness"


UNKNOWN_LANGUAGE = "und"
"""ISO 639 code for a text too short or too mixed to tell."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names a brand wants to be recognised."""

    brand: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """One text to read. `vocabulary` is that of the brand it was heard for."""

    text: str
    lang_hint: str = ""
    """What the network says of the language; may be wrong or empty."""
    vocabulary: Vocabulary = Vocabulary()


PLACE = "place"
"""The kind of an entity that no vocabulary lists: it counts neither for `about` nor for `towards`."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A name found in the text: `kind` is brand, product, competitor or place; `start`/`end` count characters."""

    kind: str
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Extra:
    """What not every engine can tell: None, or empty, where it cannot. The numbers are probabilities."""

    emotion: dict[Emotion, float] = field(default_factory=dict)
    complaint: float | None = None
    """Whether a breach of what was expected is reported, asked for itself and not as one of the intents."""
    irony: float | None = None
    offensive: float | None = None
    spam: float | None = None
    churn: float | None = None
    """The author leaves, cancels, switches away, or threatens to."""
    because: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For `sentiment` and `intent` the words that carried the answer, the weightiest first."""
    uncertain: bool = False
    """The engine does not speak the language: its answers are hardly more than a guess."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Sentiment, intent and urgency of one text, from one engine. Probabilities sum to 1; urgency lies in 0–1."""

    sentiment: dict[Sentiment, float]
    intent: dict[Intent, float]
    urgency: float
    towards: tuple[dict[Sentiment, float], ...] = ()
    """Sentiment towards each of the first names that were asked about, in their order."""
    extra: Extra = Extra()
    meaning: bytes = b""
    """What the text is about, as a direction (nlp/meaning.py); empty where the engine does not tell."""
    model: str = ""
    """Which engine judged, where it is not the one that was asked (nlp/by_language.py)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is understood of one text."""

    sentiment: Sentiment
    p_sentiment: dict[Sentiment, float]
    intent: Intent
    p_intent: dict[Intent, float]
    urgency: float
    language: str
    """ISO 639-1 code, or UNKNOWN_LANGUAGE."""
    entities: tuple[Entity, ...]
    about: About
    model: str
    """Name and version of the engine that judged, such as `vader-rules/1`."""
    towards: dict[str, dict[Sentiment, float]] = field(default_factory=dict)
    """Sentiment towards each name in `entities` but places; empty where the engine does not tell."""
    extra: Extra = Extra()
    meaning: bytes = b""
    """As in Judgement."""


class Engine(Protocol):
    """The batch contract behind which engines can be exchanged (nlp/load.py picks one by name)."""

    name: str
    """Goes into Reading.model."""

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        """One judgement per text, in order, the same whatever the batch. Never raises on odd text.

        The analyser hands texts over clean (nlp/text.py). `names`, if given, are for each text the names in it that
        the sentiment is asked towards, as they stand in the clean text.
        """
        ...
