"""The name in the settings -> the part that reads. A new engine is one class and one line here."""

from collections.abc import Callable, Mapping, Set
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import SettingsError
from nlp.reading import Engine

if TYPE_CHECKING:
    from nlp.analyser import Analyser

Maker = Callable[[str, Set[str]], Engine]
"""Takes what follows the colon in the name, and the languages that the engine is set for."""
NOBODY_ELSE: Mapping[str, str] = {}


def _onnx(folder: str, _: Set[str]) -> Engine:
    from nlp.onnx import OnnxEngine

    return OnnxEngine(Path(folder)) if folder else OnnxEngine()


def _lexicon(_: str, __: Set[str]) -> Engine:
    from nlp.lexicon import LexiconEngine

    return LexiconEngine()


def _transformers(model: str, speaks: Set[str]) -> Engine:
    from nlp.transformer import TransformersEngine

    return TransformersEngine(model, speaks)


ENGINES: dict[str, Maker] = {"onnx": _onnx, "lexicon": _lexicon, "transformers": _transformers}


def load_engine(name: str, speaks: Set[str] = frozenset()) -> Engine:
    """The engine of that name; what follows a colon is the engine's own (`transformers:folder-or-name`).

    `speaks`: languages that it is set for. Heavy libraries are loaded here, on first use. Raises SettingsError for a
    name that is not known.
    """
    kind, _, own = name.partition(":")
    engine = ENGINES.get(kind)
    if engine is None:
        raise SettingsError(
            f"Setting analyser (HEARKEN_ANALYSER, or analyser in hearken.toml) names no reading engine: {name!r}.",
            f"Known ones: {', '.join(ENGINES)}.",
        )
    return engine(own, speaks)


def load_analyser(name: str, own: Mapping[str, str] = NOBODY_ELSE) -> "Analyser":
    """The analyser with the engine of that name (see load_engine), and own engines for some languages.

    `own`: ISO 639-1 code -> name of an engine, which is loaded with the first text of the language; engines of one
    name are one engine. Raises SettingsError for whatever check_engines finds.
    """
    from nlp.analyser import Analyser
    from nlp.by_language import EngineByLanguage

    check_engines(own)
    loads = {
        engine: partial(load_engine, engine, {code for code, set_for in own.items() if set_for == engine})
        for engine in {name, *own.values()}
    }
    main = loads[name]()
    others = {code: loads[engine] for code, engine in own.items() if engine != name}
    return Analyser(EngineByLanguage(main, others) if others else main)


def check_engines(own: Mapping[str, str]) -> None:
    """Raises SettingsError for a wrong setting `analysers`, as far as that shows without loading an engine."""
    from nlp.by_language import LANGUAGES
    from nlp.transformer import check_model

    for code, name in own.items():
        where = f"Setting analysers (HEARKEN_ANALYSERS, or analysers in hearken.toml), {code}:"
        if code not in LANGUAGES:
            raise SettingsError(f"{where} there is no such language.", "Write its ISO 639-1 code, such as de or pt.")
        kind, _, model = name.partition(":")
        if kind not in ENGINES:
            raise SettingsError(f"{where} {name!r} is no reading engine.", f"Known ones: {', '.join(ENGINES)}.")
        if kind == "transformers":
            try:
                check_model(model)
            except SettingsError as error:
                raise SettingsError(f"{where} {error.message}", error.remedy) from None
