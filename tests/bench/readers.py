"""The ways to read that are compared, each in a process of its own. Prints one JSON object (nlp/training/costs.py).

`python -m tests.bench.readers KIND FOLDER` with the texts as JSON; `prepare` fills the folder. Libraries are imported
where they are used, since that is a part of loading.
"""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.process import set_up_process
from listener.sample import BRAND
from nlp.reading import Sentiment, Text, Vocabulary
from nlp.text import clean
from nlp.training.costs import Reader, cost, engine_reader

NAME = (BRAND.name.lower(),)
"""What each post names and is asked about, as the analyser asks."""
VOCABULARY = Vocabulary((BRAND.name,), tuple(BRAND.products), tuple(BRAND.competitors))
SMALL, NAIVE = "small.pt", "naive"


def prepare(folder: Path) -> None:
    """The shipped weights, as those who use torch would have them.

    The naive pipeline answers one question: its pooler and its answers are untaught, which costs the same.
    """
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    from nlp.onnx import FOLDER, TOKENIZER, WEIGHTS
    from nlp.training import model as small
    from nlp.training.restore import restore

    model, _ = restore(FOLDER / WEIGHTS)
    torch.save(model.state_dict(), folder / SMALL)
    config = BertConfig(
        hidden_size=small.HIDDEN,
        num_hidden_layers=small.LAYERS,
        num_attention_heads=small.ATTENTION_HEADS,
        intermediate_size=small.INNER,
        id2label=dict(enumerate(Sentiment)),
        label2id={label: place for place, label in enumerate(Sentiment)},
    )
    bert = BertForSequenceClassification(config)
    missing, unknown = bert.load_state_dict(bert_weights(model.state_dict()), strict=False)
    assert not unknown
    assert {name.split(".")[-2] for name in missing} == {"dense", "classifier"}
    bert.save_pretrained(folder / NAIVE)
    shutil.copy(FOLDER / TOKENIZER, folder / NAIVE)


def bert_weights(ours: dict[str, Any]) -> dict[str, Any]:
    """Our weights by the names that BERT has for them."""
    from nlp.training.model import INSIDE, LAYERS, OUTSIDE

    theirs = {name: ours[own] for own, name in OUTSIDE.items()}
    for layer in range(LAYERS):
        own, name = f"layers.{layer}", f"encoder.layer.{layer}"
        for part in ("weight", "bias"):
            three = ours[f"{own}.attend.{part}"].chunk(3)
            for asked, weight in zip(("query", "key", "value"), three, strict=True):
                theirs[f"{name}.attention.self.{asked}.{part}"] = weight
            for inner, called in INSIDE.items():
                theirs[f"{name}.{called}.{part}"] = ours[f"{own}.{inner}.{part}"]
    return {f"bert.{name}": weight for name, weight in theirs.items()}


def naive(folder: Path) -> Reader:
    """As the first page of the transformers manual has it: one text after the other, one question."""
    from transformers import pipeline

    classify: Any = pipeline("text-classification", model=str(folder / NAIVE), device="cpu")
    return lambda texts: [classify(text) for text in texts]


def batched(folder: Path) -> Reader:
    """Every question of the small model, by torch in bfloat16, texts of a like length in a batch."""
    import torch

    from nlp.onnx import FOLDER, TOKENIZER
    from nlp.tokens import Encoder, spell
    from nlp.training.data import ANSWERS
    from nlp.training.model import SmallModel
    from nlp.training.train import BATCH, log_chances, padded

    model = SmallModel(ANSWERS)
    model.load_state_dict(torch.load(folder / SMALL, weights_only=True))
    model.eval()
    encoder = Encoder(FOLDER / TOKENIZER)

    def read(texts: list[str]) -> None:
        rows = encoder.encode([spell(clean(text)) for text in texts], [NAME] * len(texts))
        rows.sort(key=lambda row: len(row.ids))
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            for start in range(0, len(rows), BATCH):
                ids, segments, positions = padded(rows[start : start + BATCH])
                answers, _ = model(ids, segments, positions)
                log_chances(answers.float(), segments).exp().numpy()

    return read


def onnx(_: Path) -> Reader:
    """Every question of the small model, as served, with the words that carried the answers."""
    return engine_reader("onnx", NAME)


def analyser(_: Path) -> Reader:
    """The same with the language, the names and the places of each text."""
    from nlp.load import load_analyser

    made = load_analyser("onnx")
    return lambda texts: made.read([Text(text, vocabulary=VOCABULARY) for text in texts])


def lexicon(_: Path) -> Reader:
    """VADER's scores and our rules."""
    return engine_reader("lexicon")


def vader(_: Path) -> Reader:
    """VADER as it comes."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    score = SentimentIntensityAnalyzer().polarity_scores
    return lambda texts: [score(text) for text in texts]


KINDS: dict[str, Callable[[Path], Reader]] = {
    "naive": naive,
    "batched": batched,
    "onnx": onnx,
    "analyser": analyser,
    "lexicon": lexicon,
    "vader": vader,
}
NEED_TORCH = ("naive", "batched")


if __name__ == "__main__":
    set_up_process()
    print(json.dumps(cost(lambda: KINDS[sys.argv[1]](Path(sys.argv[2])), json.load(sys.stdin))))
