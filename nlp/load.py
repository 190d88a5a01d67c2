"""The name in the settings -> the part that reads. A new engine is one class and one line here."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from config.errors import SettingsError
from nlp.reading import Engine

if TYPE_CHECKING:
    from nlp.analyser import Analyser


def _onnx(_: str) -> Engine:
    from nlp.onnx import OnnxEngine

    return OnnxEngine()


def _lexicon(_: str) -> Engine:
    from nlp.lexicon import LexiconEngine

    return LexiconEngine()


def _transformers(model: str) -> Engine:
    from nlp.transformer import TransformersEngine

    return TransformersEngine(model)


ENGINES: dict[str, Callable[[str], Engine]] = {"onnx": _onnx, "lexicon": _lexicon, "transformers": _transformers}


def load_engine(name: str) -> Engine:
    """The engine of that name; what follows a colon is the engine's own (`transformers:folder-or-name`).

    Heavy libraries are loaded here, on first use. Raises SettingsError for a name that is not known.
    """
    kind, _, own = name.partition(":")
    engine = ENGINES.get(kind)
    if engine is None:
        raise SettingsError(
            f"Setting analyser (HEARKEN_ANALYSER, or analyser in hearken.toml) names no reading engine: {name!r}.",
            f"Known ones: {', '.join(ENGINES)}.",
        )
    return engine(own)


def load_analyser(name: str) -> "Analyser":
    """The analyser with the engine of that name (see load_engine)."""
    from nlp.analyser import Analyser

    return Analyser(load_engine(name))
