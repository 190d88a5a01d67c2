import importlib.util
from pathlib import Path

import pytest

from config.errors import SettingsError
from nlp.load import load_analyser, load_engine
from nlp.onnx import FOLDER, TOKENIZER
from nlp.reading import Intent, Sentiment, Text
from nlp.transformer import label_map
from tests.conftest import skip_or_fail


def test_labels_are_taken_by_their_names() -> None:
    assert label_map({0: "NEG", 1: "neutral", 2: "Positive"}, "") == (
        "sentiment",
        [Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE],
    )
    assert label_map({0: "other", 1: "complaint"}, "") == ("intent", [Intent.OTHER, Intent.COMPLAINT])


def test_labels_can_be_mapped() -> None:
    kind, labels = label_map({0: "LABEL_0", 1: "LABEL_1"}, "LABEL_0=negative,LABEL_1=positive")
    assert (kind, labels) == ("sentiment", [Sentiment.NEGATIVE, Sentiment.POSITIVE])


@pytest.mark.parametrize("given", ["", "LABEL_0=negative", "LABEL_0=angry,LABEL_1=happy"])
def test_unknown_labels_are_refused_with_the_remedy(given: str) -> None:
    with pytest.raises(SettingsError, match=r"neither sentiment nor intent.*LABEL_0=negative"):
        label_map({0: "LABEL_0", 1: "LABEL_1"}, given)


@pytest.fixture
def classifier(tmp_path: Path) -> Path:
    """A Hugging Face classifier as small as can be, with labels that say nothing."""
    if importlib.util.find_spec("transformers") is None or importlib.util.find_spec("torch") is None:
        skip_or_fail("transformers of the extra [torch] is not installed")
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    config = BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, num_labels=2)
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    PreTrainedTokenizerFast(tokenizer_file=str(FOLDER / TOKENIZER), pad_token="[PAD]").save_pretrained(tmp_path)
    return tmp_path


def test_any_classifier_can_read(classifier: Path) -> None:
    engine = load_engine(f"transformers:{classifier}?LABEL_0=negative,LABEL_1=positive")
    texts = ["the app is broken", "", "thank you " * 500, "short"]
    judged = engine.judge(texts, ["en"] * len(texts))
    assert all(sum(one.sentiment.values()) == pytest.approx(1, abs=1e-5) for one in judged)
    assert all(one.sentiment[Sentiment.NEUTRAL] == 0 for one in judged)
    assert max(judged[0].intent, key=judged[0].intent.__getitem__) is Intent.COMPLAINT
    alone = [engine.judge([text], ["en"])[0] for text in texts]
    assert [one.sentiment for one in judged] == [pytest.approx(one.sentiment, abs=1e-4) for one in alone]


def test_a_classifier_with_other_labels_is_refused(classifier: Path) -> None:
    with pytest.raises(SettingsError, match="neither sentiment nor intent"):
        load_engine(f"transformers:{classifier}")


def test_a_classifier_that_is_not_there_is_refused(classifier: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be loaded"):
        load_engine(f"transformers:{classifier / 'nothing'}")
    with pytest.raises(SettingsError, match="needs a model"):
        load_engine("transformers")


def test_only_of_its_own_languages_it_is_sure(classifier: Path) -> None:
    engine = load_engine(f"transformers:{classifier}?LABEL_0=negative,LABEL_1=positive", {"de"})
    judged = engine.judge(["the app is broken", "kaputt", "no funciona"], ["en", "de", "es"])
    assert [one.extra.uncertain for one in judged] == [False, False, True]


def test_it_reads_one_language_beside_another_engine(classifier: Path) -> None:
    name = f"transformers:{classifier}?LABEL_0=negative,LABEL_1=positive"
    analyser = load_analyser("lexicon", {"de": name, "nl": name})
    texts = ["my parcel is late again", "mein Paket ist schon wieder verspätet", "mi pedido no ha llegado todavía"]
    english, german, spanish = analyser.read([Text(text) for text in texts])
    assert (english.model, german.model, spanish.model) == (
        "vader-rules/1",
        f"transformers/{classifier}"[:80],
        "vader-rules/1",
    )
    assert (german.extra.uncertain, spanish.extra.uncertain) == (False, True)
    assert german.p_sentiment[Sentiment.NEUTRAL] == 0


def test_a_folder_without_a_model_is_refused_at_once(classifier: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match=r"de: .*no config\.json"):
        load_analyser("lexicon", {"de": f"transformers:{tmp_path / 'empty'}"})
