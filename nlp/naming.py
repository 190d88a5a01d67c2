"""Whom a text names and how it feels towards them, written so that what is alike is the same text.

Analytics count by these texts, which is many times quicker than by what they are made of.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nlp.reading import PLACE, Sentiment

NONE = "[]"
"""Nothing is named."""
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
MARKS: Mapping[Sentiment, str] = {Sentiment.NEGATIVE: "-", Sentiment.NEUTRAL: "0", Sentiment.POSITIVE: "+"}


def voices_text(entities: Iterable[Sequence[Any]], towards: Mapping[str, Mapping[str, float]]) -> str:
    """A list in JSON of the voices: three marks and a competitor's name, or no name for us (the brand or a product).

    The marks are the sentiment towards the voice should the text's own be negative, neutral or positive, which people
    may yet correct. It is the mean over the names of the voice; where the engine tells nothing of a name, it is the
    text's own that counts. `entities` and `towards` are those of the stored reading.
    """
    names: dict[str, list[Mapping[str, float]]] = {}
    for kind, name, *_ in entities:
        if kind != PLACE:
            names.setdefault(name if kind == "competitor" else "", []).append(towards.get(name, {}))
    return _text("".join(_mark(felt, own) for own in Sentiment) + voice for voice, felt in names.items())


def places_text(entities: Iterable[Sequence[Any]]) -> str:
    """A list in JSON of the places."""
    return _text({name for kind, name, *_ in entities if kind == PLACE})


def _mark(felt: Sequence[Mapping[str, float]], own: Sentiment) -> str:
    def weight(feeling: Sentiment) -> float:
        return sum(chances.get(feeling, float(feeling is own)) for chances in felt)

    return MARKS[max(Sentiment, key=weight)]


def _text(names: Iterable[str]) -> str:
    return _WRITER.encode(sorted(names))
