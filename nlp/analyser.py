"""Batches texts through language, engine and names, and yields readings."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from nlp.entities import about, name_finder
from nlp.language import detect
from nlp.reading import Engine, Judgement, Reading, Text
from nlp.text import clean

READ_CHARS = 4_000
"""How much of a text is read; what a post is about stands at its beginning."""

Label = TypeVar("Label")


class Analyser:
    """Reads texts with one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def read(self, texts: Sequence[Text]) -> list[Reading]:
        """One reading per text, in order, the same whatever the batch. Never raises on odd text.

        Texts that are the same once cleaned are judged once.
        """
        beginnings = [text.text[:READ_CHARS] for text in texts]
        cleaned = [clean(beginning) for beginning in beginnings]
        languages = detect(cleaned, [text.lang_hint for text in texts])
        judgements = self._judge(list(zip(cleaned, languages, strict=True)))
        return [
            self._reading(text, beginning, language, judgements[words, language])
            for text, beginning, words, language in zip(texts, beginnings, cleaned, languages, strict=True)
        ]

    def _judge(self, cleaned: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Judgement]:
        different = list(dict.fromkeys(cleaned))
        judgements = self.engine.judge([text for text, _ in different], [language for _, language in different])
        return dict(zip(different, judgements, strict=True))

    def _reading(self, text: Text, beginning: str, language: str, judgement: Judgement) -> Reading:
        entities = name_finder(text.vocabulary).find(beginning)
        return Reading(
            sentiment=_likeliest(judgement.sentiment),
            p_sentiment=judgement.sentiment,
            intent=_likeliest(judgement.intent),
            p_intent=judgement.intent,
            urgency=judgement.urgency,
            language=language,
            entities=entities,
            about=about(entities),
            model=self.engine.name,
        )


def _likeliest(chances: Mapping[Label, float]) -> Label:
    return max(chances, key=chances.__getitem__)
