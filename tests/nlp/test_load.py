import importlib.util

import pytest

from config.errors import SettingsError
from config.settings import Settings
from nlp.by_language import models
from nlp.lexicon import LexiconEngine
from nlp.load import check_engines, load_analyser
from nlp.onnx import FOLDER
from nlp.reading import Text


def test_the_default_setting_loads() -> None:
    analyser = load_analyser(Settings.model_fields["analyser"].default)
    assert analyser.engine.name.startswith("minilm-heads/")


def test_the_word_lists_can_be_chosen() -> None:
    assert load_analyser("lexicon").engine.name == "vader-rules/1"


def test_a_model_can_lie_in_another_folder() -> None:
    assert load_analyser(f"onnx:{FOLDER}").engine.name.startswith("minilm-heads/")


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"HEARKEN_ANALYSER.*'oracle'.*lexicon"):
        load_analyser("oracle")


def test_a_language_can_have_an_engine_of_its_own() -> None:
    analyser = load_analyser("lexicon", {"de": "onnx"})
    assert analyser.engine.name == "vader-rules/1"
    [english, german] = analyser.read(
        [Text("my parcel is late again"), Text("mein Paket ist schon wieder verspätet")]
    )
    assert english.model == "vader-rules/1"
    assert german.model.startswith("minilm-heads/")
    assert german.model == models(analyser.engine)["de"]


def test_an_own_engine_that_is_the_main_one_is_loaded_once() -> None:
    analyser = load_analyser("lexicon", {"de": "lexicon", "es": "lexicon"})
    assert isinstance(analyser.engine, LexiconEngine)


def test_a_text_in_a_language_without_an_own_engine_stays_uncertain() -> None:
    analyser = load_analyser("lexicon", {"fr": "onnx"})
    assert analyser.read([Text("mein Paket ist schon wieder verspätet")])[0].extra.uncertain


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("german", "lexicon", r"HEARKEN_ANALYSERS.*german: there is no such language"),
        ("jp", "lexicon", r"jp: there is no such language.*ISO 639-1"),
        ("de", "oracle:x", r"de: 'oracle:x' is no reading engine.*lexicon"),
        ("de", "", r"de: '' is no reading engine"),
    ],
)
def test_a_wrong_engine_of_a_language_is_refused_at_once(code: str, name: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_analyser("lexicon", {code: name})


def test_a_model_that_is_not_there_is_refused_before_it_is_needed() -> None:
    is_here = importlib.util.find_spec("torch") and importlib.util.find_spec("transformers")
    wanted = "no config.json in that folder" if is_here else r"hearken\[torch\]"
    with pytest.raises(SettingsError, match=f"analysers.*de: .*{wanted}"):
        check_engines({"de": "transformers:/nowhere/german"})
