"""An own engine for each language that has one in the settings; all other texts go to the main engine."""

import copy
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from nlp.reading import Engine, Judgement

Load = Callable[[], Engine]

_CODES = """
af am an ar as av az ba be bg bh bn bo br bs ca ce co cs cv cy da de dv el en eo es et eu fa fi fr fy ga gd gl
gn gu gv he hi hr ht hu hy ia id ie io is it ja jv ka kk km kn ko ku kv kw ky la lb li lo lt lv mg mk ml mn mr
ms mt my ne nl nn no oc or os pa pl ps pt qu rm ro ru sa sc sd sh si sk sl so sq sr su sv sw ta te tg th tk tl
tr tt ug uk ur uz vi vo wa yi yo zh
"""
LANGUAGES = frozenset(_CODES.split())
"""ISO 639-1 codes of the languages that nlp/language.py tells apart."""


class EngineByLanguage:
    """Hands each text to the engine of its language. Own engines are loaded with their first text, and then kept."""

    def __init__(self, main: Engine, own: Mapping[str, Load]) -> None:
        """`own`: language -> what loads its engine; two languages may share one, which is then loaded once."""
        self.name = main.name
        self._main = main
        self._own = dict(own)
        self._loaded: dict[Load, Engine] = {}

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        """One judgement per text (clean, see nlp/text.py), in order; it names the own engine that judged.

        Raises what loading an own engine raises.
        """
        judged: dict[int, Judgement] = {}
        for load, places in self._places(languages).items():
            engine = self._engine(load)
            found = engine.judge(
                [texts[place] for place in places],
                [languages[place] for place in places],
                [names[place] for place in places] if names else (),
            )
            model = engine.name if load else ""
            judged |= {place: replace(one, model=model) for place, one in zip(places, found, strict=True)}
        return [judged[place] for place in range(len(texts))]

    def models(self) -> dict[str, str]:
        """The name of each language's own engine, all of them loaded."""
        return {language: self._engine(load).name for language, load in self._own.items()}

    def with_main(self, change: Callable[[Engine], Engine]) -> "EngineByLanguage":
        """The same, with something else in the main engine's place. Own engines are loaded once for both."""
        changed = copy.copy(self)
        changed._main = change(self._main)
        changed.name = changed._main.name
        return changed

    def _places(self, languages: Sequence[str]) -> dict[Load | None, list[int]]:
        places: dict[Load | None, list[int]] = defaultdict(list)
        for place, language in enumerate(languages):
            places[self._own.get(language)].append(place)
        return places

    def _engine(self, load: Load | None) -> Engine:
        if load is None:
            return self._main
        if load not in self._loaded:
            self._loaded[load] = load()
        return self._loaded[load]


def models(engine: Engine) -> dict[str, str]:
    """Which model reads which language; the one that reads all others stands at the empty code. Loads them all."""
    return {"": engine.name, **(engine.models() if isinstance(engine, EngineByLanguage) else {})}


def with_main(engine: Engine, change: Callable[[Engine], Engine]) -> Engine:
    """The engine with something else in place of the one that reads all languages without an own engine."""
    return engine.with_main(change) if isinstance(engine, EngineByLanguage) else change(engine)
