"""Names in a text: of the brand, its products and its competitors by spaCy's PhraseMatcher, and places."""

import re
from collections.abc import Iterable
from functools import lru_cache

import spacy
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans

from nlp.places import place_finder
from nlp.reading import PLACE, About, Entity, Vocabulary

BRAND, PRODUCT, COMPETITOR = "brand", "product", "competitor"
MATCHERS_KEPT = 256
"""Vocabularies whose matcher is kept ready; one is a few KB for an ordinary brand."""

_TOKENS = re.compile(r"[^\W_]+|[^\w\s]")
_UNNAMED = "_"


class NameFinder:
    """Finds the names of one vocabulary, whatever their case, also inside #hashtags and @handles.

    Words that are part of no name are handed to spaCy as one and the same blank: its vocabulary, which never
    forgets a word, does not grow with the texts, and most texts need no matching at all.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocab = spacy.blank("xx").vocab
        self._matcher = PhraseMatcher(self._vocab, attr="LOWER")
        self._names: dict[int, tuple[str, str]] = {}
        self._known: set[str] = set()
        for kind, name in _named(vocabulary):
            self._learn(kind, name)

    def find(self, text: str) -> tuple[Entity, ...]:
        """The names in order of place; where names overlap the longest counts. Places count characters of `text`."""
        places = list(_TOKENS.finditer(_plain(text)))
        words = [match[0].lower() for match in places]
        if self._known.isdisjoint(words):
            return ()
        doc = self._doc(word if word in self._known else _UNNAMED for word in words)
        spans = filter_spans(self._matcher(doc, as_spans=True))
        return tuple(
            Entity(*self._names[span.label], places[span.start].start(), places[span.end - 1].end()) for span in spans
        )

    def _learn(self, kind: str, name: str) -> None:
        for spelling in _spellings(name):
            key = f"{kind}:{spelling}"
            self._matcher.add(key, [self._doc(spelling)])
            self._names.setdefault(self._vocab.strings[key], (kind, name))
            self._known.update(spelling)

    def _doc(self, words: Iterable[str]) -> Doc:
        return Doc(self._vocab, words=list(words))


@lru_cache(maxsize=MATCHERS_KEPT)
def name_finder(vocabulary: Vocabulary) -> NameFinder:
    """The finder for a vocabulary, made once."""
    return NameFinder(vocabulary)


def find_entities(text: str, vocabulary: Vocabulary) -> tuple[Entity, ...]:
    """The vocabulary's names and the places in a text, in order; a place that shares letters with a name is none."""
    names = name_finder(vocabulary).find(text)
    places = place_finder().find(text)
    if not places:
        return names
    free = [place for place in places if all(place.end <= name.start or name.end <= place.start for name in names)]
    return tuple(sorted((*names, *free), key=lambda entity: entity.start))


def without_places(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """The vocabulary's names alone: whom sentiment can be felt towards."""
    return tuple(entity for entity in entities if entity.kind != PLACE)


def about(entities: Iterable[Entity]) -> About:
    """Whom the names speak of; a product stands for its brand."""
    kinds = {entity.kind for entity in entities}
    ours, theirs = bool(kinds & {BRAND, PRODUCT}), COMPETITOR in kinds
    if ours:
        return About.BOTH if theirs else About.BRAND
    return About.COMPETITOR if theirs else About.NOBODY


def _named(vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    """Every name with its kind; a name that is listed twice keeps its first kind."""
    kinds = ((BRAND, vocabulary.brand), (PRODUCT, vocabulary.products), (COMPETITOR, vocabulary.competitors))
    seen: set[str] = set()
    for kind, names in kinds:
        for name in names:
            if name.lower() not in seen:
                seen.add(name.lower())
                yield kind, name


def _spellings(name: str) -> set[tuple[str, ...]]:
    """As written, and run together as in a hashtag: `Kestova Air`, `kestovaair`."""
    words = tuple(word.lower() for word in _TOKENS.findall(_plain(name)))
    joined = "".join(word for word in words if word.isalnum())
    return {words, (joined,)} if joined else set()


def _plain(text: str) -> str:
    return text.replace("\u2019", "'")
