"""Any Hugging Face classifier of sequences, by folder or name, on CPU or GPU; word lists tell the rest.

`transformers:cardiffnlp/twitter-roberta-base-sentiment-latest`. Its labels are taken by their names; a model with
other labels gets a map: `transformers:folder?LABEL_0=negative,LABEL_1=positive`.
"""

import importlib.util
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.errors import SettingsError
from nlp.reading import Intent, Judgement, Sentiment

BATCH = 32
TOKENS = 128
_NAMES = {"neg": "negative", "neu": "neutral", "pos": "positive"}


class TransformersEngine:
    """Sentiment or intent from a classifier; what it does not tell comes from the lexicon engine."""

    def __init__(self, model: str, speaks: Set[str] = frozenset()) -> None:
        """`speaks`: languages of whose texts its answers are sure; of others but English they stay uncertain.

        Raises SettingsError for a model that cannot be loaded or whose labels say neither sentiment nor intent.
        """
        check_model(model)
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        from nlp.lexicon import LexiconEngine

        where, _, given = model.partition("?")
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(where)
            self._model = AutoModelForSequenceClassification.from_pretrained(where).eval()
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"The model {where} cannot be loaded: {error}", "Check its name or folder."
            ) from error
        self._torch = torch
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model.to(self._device)
        self._kind, self._labels = label_map(self._model.config.id2label, given)
        self._speaks = speaks
        self._rest = LexiconEngine()
        self.name = f"transformers/{where}"[:80]

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        """One judgement per text (clean, see nlp/text.py), in order. The model judges texts of every language."""
        judged = self._rest.judge(texts, languages)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            for place, chances in zip(places, self._chances([texts[place] for place in places]), strict=True):
                told: dict[str, Any] = {self._kind: self._named(chances)}
                extra = judged[place].extra
                uncertain = extra.uncertain and languages[place] not in self._speaks
                judged[place] = replace(judged[place], extra=replace(extra, uncertain=uncertain), **told)
        return judged

    def _chances(self, texts: Sequence[str]) -> list[list[float]]:
        """Probabilities in the order of the model's labels; where memory runs out, half a batch at a time."""
        torch = self._torch
        try:
            inputs = self._tokenizer(
                list(texts), padding=True, truncation=True, max_length=TOKENS, return_tensors="pt"
            ).to(self._device)
            with torch.inference_mode():
                found: list[list[float]] = self._model(**inputs).logits.float().softmax(dim=-1).tolist()
        except (MemoryError, torch.OutOfMemoryError):
            if len(texts) == 1:
                raise
            middle = len(texts) // 2
            return [*self._chances(texts[:middle]), *self._chances(texts[middle:])]
        return found

    def _named(self, chances: Sequence[float]) -> dict[Any, float]:
        kinds: Any = Sentiment if self._kind == "sentiment" else Intent
        found = dict.fromkeys(kinds, 0.0)
        for label, chance in zip(self._labels, chances, strict=True):
            found[label] += chance
        return found


def check_model(model: str) -> None:
    """Raises SettingsError where it shows without loading anything that the model cannot be loaded."""
    where = model.partition("?")[0]
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
        raise SettingsError(
            "The engine transformers needs torch and transformers.", "Run: pip install 'hearken[torch]'"
        )
    if not where:
        raise SettingsError("The engine transformers needs a model.", 'Write "transformers:folder".')
    is_folder = where.startswith(("/", ".", "~")) or where.count("/") > 1
    if is_folder and not (Path(where) / "config.json").is_file():
        raise SettingsError(
            f"The model {where} cannot be loaded: there is no config.json in that folder.", "Check its name."
        )


def label_map(own: Mapping[int, str], given: str) -> tuple[str, list[Any]]:
    """What a model's labels mean: `sentiment` or `intent`, and the label of each place.

    `given` are pairs `LABEL_0=negative`, separated by commas. Raises SettingsError where a label stays unknown.
    """
    pairs = dict(pair.split("=", 1) for pair in given.split(",") if "=" in pair)
    words = [pairs.get(own[place], own[place]).lower() for place in sorted(own)]
    words = [_NAMES.get(word, word) for word in words]
    for kind, labels in (("sentiment", Sentiment), ("intent", Intent)):
        if all(word in set(labels) for word in words):
            return kind, [labels(word) for word in words]
    raise SettingsError(
        f"The model's labels ({', '.join(own.values())}) say neither sentiment nor intent.",
        'Map them: analyser = "transformers:folder?LABEL_0=negative,LABEL_1=positive".',
    )
