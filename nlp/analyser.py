"""Batches texts through language, engine and names, and yields readings."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from nlp.entities import about, find_entities, without_places
from nlp.language import detect
from nlp.reading import Engine, Entity, Judgement, Reading, Text
from nlp.text import HANDLE, clean

READ_CHARS = 4_000
"""How much of a text is read; what a post is about stands at its beginning."""

Label = TypeVar("Label")
Question = tuple[str, str, tuple[str, ...]]
"""What makes a judgement: clean text, language, names."""


class Analyser:
    """Reads texts with one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def read(self, texts: Sequence[Text]) -> list[Reading]:
        """One reading per text, in order, the same whatever the batch. Never raises on odd text.

        Texts that are the same once cleaned, and name the same, are judged once.
        """
        beginnings = [text.text[:READ_CHARS] for text in texts]
        cleaned = [clean(beginning) for beginning in beginnings]
        languages = detect(cleaned, [text.lang_hint for text in texts])
        entities = [
            find_entities(beginning, text.vocabulary) for text, beginning in zip(texts, beginnings, strict=True)
        ]
        names = [_as_cleaned(without_places(found), text) for found, text in zip(entities, beginnings, strict=True)]
        asked = list(zip(cleaned, languages, names, strict=True))
        judgements = self._judge(asked)
        return [
            self._reading(found, question, judgements[question])
            for found, question in zip(entities, asked, strict=True)
        ]

    def _judge(self, asked: Sequence[Question]) -> dict[Question, Judgement]:
        different = list(dict.fromkeys(asked))
        texts, languages, names = zip(*different, strict=True) if different else ((), (), ())
        return dict(zip(different, self.engine.judge(texts, languages, names), strict=True))

    def _reading(self, entities: tuple[Entity, ...], question: Question, judgement: Judgement) -> Reading:
        return Reading(
            sentiment=_likeliest(judgement.sentiment),
            p_sentiment=judgement.sentiment,
            intent=_likeliest(judgement.intent),
            p_intent=judgement.intent,
            urgency=judgement.urgency,
            language=question[1],
            entities=entities,
            about=about(entities),
            model=judgement.model or self.engine.name,
            towards=dict(zip(_named(without_places(entities)), judgement.towards, strict=False)),
            extra=judgement.extra,
            meaning=judgement.meaning,
        )


def _named(entities: Sequence[Entity]) -> tuple[str, ...]:
    """The different names, in order of place."""
    return tuple(dict.fromkeys(entity.name for entity in entities))


def _as_cleaned(entities: Sequence[Entity], text: str) -> tuple[str, ...]:
    """How each different name first stands in the clean text: of a handle only its mask is left."""
    first: dict[str, str] = {}
    for entity in entities:
        word_start = max(text.rfind(" ", 0, entity.start), text.rfind("\n", 0, entity.start)) + 1
        is_handle = "@" in text[word_start : entity.start]
        if is_handle:
            first.setdefault(entity.name, HANDLE)
        elif first.get(entity.name, HANDLE) == HANDLE:
            first[entity.name] = clean(text[entity.start : entity.end]).lower()
    return tuple(first.values())


def _likeliest(chances: Mapping[Label, float]) -> Label:
    return max(chances, key=chances.__getitem__)
