import pytest

from config.errors import SettingsError
from config.settings import Settings
from nlp.load import load_analyser


def test_the_default_setting_loads() -> None:
    analyser = load_analyser(Settings.model_fields["analyser"].default)
    assert analyser.engine.name == "vader-rules/1"


def test_the_small_model_can_be_chosen() -> None:
    assert load_analyser("onnx").engine.name.startswith("minilm-heads/")


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"HEARKEN_ANALYSER.*'oracle'.*lexicon"):
        load_analyser("oracle")
