"""The name in the settings -> the part that reads. A new engine is one class and one line here."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from config.errors import SettingsError
from nlp.reading import Engine

if TYPE_CHECKING:
    from nlp.analyser import Analyser


def _lexicon() -> Engine:
    from nlp.lexicon import LexiconEngine

    return LexiconEngine()


ENGINES: dict[str, Callable[[], Engine]] = {"lexicon": _lexicon}


def load_analyser(name: str) -> "Analyser":
    """The analyser with the engine of that name; heavy libraries are loaded here, on first use.

    Raises SettingsError for a name that is not known.
    """
    engine = ENGINES.get(name)
    if engine is None:
        raise SettingsError(
            f"Setting analyser (HEARKEN_ANALYSER, or analyser in hearken.toml) names no reading engine: {name!r}.",
            f"Known ones: {', '.join(ENGINES)}.",
        )
    from nlp.analyser import Analyser

    return Analyser(engine())
