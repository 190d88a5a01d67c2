"""The small model: all questions answered in one pass, by ONNX Runtime, without torch and without a network.

Texts of one length share a batch, so nothing is padded and an answer never depends on the texts beside it.
"""

import copy
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from config.errors import HearkenError
from nlp.cues import load_lexicon, without_masks, words_of
from nlp.foreign import SPOKEN, ForeignReader
from nlp.meaning import as_bytes
from nlp.reading import Emotion, Extra, Intent, Judgement, Sentiment
from nlp.tokens import MOST_NAMES, Encoded, Encoder, spell

FOLDER = Path(__file__).with_name("models") / "small"
WEIGHTS, TOKENIZER, HEADS, LEANINGS = "model.int8.onnx", "tokenizer.json", "heads.json", "leanings.npy"
BATCH_TOKENS = 1024
"""How much is computed at once; more is no faster."""
BECAUSE_WORDS = 3
LEAST_LEANING = 0.75
"""How far a word must lean to an answer to count as a reason for it, in log-odds."""
LEANING_STEP = 1 / 16
DANGER = 0.8
"""How urgent a post is at least that speaks of danger in plain words and is no advert: somebody should look."""
SURELY_SPAM = 0.5
FUNCTION_WORDS = frozenset(
    """about after all also am amp an and any are as at be because been before being both but by can could did do
    does doing during each either else for from further get gets getting go goes going got had has have having he
    hence her here hers herself him himself his if in into is it its itself just let ll may me might mine more most
    must my myself of on once onto or other our ours ourselves out over own per re rt same shall she since so some
    such than that the their theirs them themselves then there these they this those though through to toward
    towards under until unto up upon us ve very via vs was we were whether while will with would yet you your yours
    yourself yourselves""".split()  # noqa: SIM905
)
"""They stand in every text and tell a reader nothing. What denies stays (`not`, `never`, `nobody`, `without`), and
what asks (`how`, `where`), which is what makes a question one."""
EXPLAINED = ("sentiment", "intent")
"""The questions for which the words that carried the answer are told."""
SENTIMENTS, INTENTS, EMOTIONS = tuple(Sentiment), tuple(Intent), tuple(Emotion)

Numbers = NDArray[np.float32]


class ModelFileError(HearkenError):
    """A file of the reading model is missing or broken."""


@dataclass(frozen=True, slots=True)
class Head:
    """One question: where its answers stand among the model's numbers, and how sure to be of them."""

    start: int
    labels: tuple[str, ...]
    temperature: float
    bias: tuple[float, ...]
    """Added to the log-odds: corrects for how often an answer came up in the texts learnt from."""

    @property
    def end(self) -> int:
        """The place after the last answer."""
        return self.start + len(self.labels)

    def chances(self, answers: Numbers) -> Numbers:
        """Probabilities from the model's numbers, one row a text."""
        weights = answers[:, self.start : self.end] / np.float32(self.temperature) + np.array(self.bias, np.float32)
        powers = np.exp(weights - weights.max(axis=1, keepdims=True))
        chances: Numbers = powers / powers.sum(axis=1, keepdims=True)
        return chances


class Told(NamedTuple):
    """What the model says of some texts of one length."""

    places: list[int]
    """Which of the rows they are."""
    tokens: Numbers
    """[texts, tokens, answers]"""
    meanings: Numbers
    """[texts, directions]"""


class OnnxEngine:
    """Reads English with nlp/models/small."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Raises ModelFileError if a file in `folder` is missing or not the one that heads.json speaks of."""
        try:
            about = json.loads((folder / HEADS).read_text("utf-8"))
            self.name: str = about["name"]
            self._heads = _heads(about["heads"])
            self._folds = [_heads(fold) for fold in about["folds"]]
            self._urgency = np.array(about["urgency"], np.float32)
            self._encoder = Encoder(folder / TOKENIZER)
            self._leanings = np.load(folder / LEANINGS)
            self._session = _session((folder / WEIGHTS).read_bytes(), about["sha256"])
        except Exception as error:  # tokenizers and ONNX Runtime have no narrower kinds
            raise _broken(folder, error) from error
        lexicon = load_lexicon()
        self._foreign = ForeignReader(lexicon)
        self._guard = lexicon.guard

    def judge(
        self, texts: Sequence[str], languages: Sequence[str], names: Sequence[tuple[str, ...]] = ()
    ) -> list[Judgement]:
        """One judgement per text (clean, see nlp/text.py), in order, the same whatever the batch. None raises."""
        judged: list[Judgement | None] = [None] * len(texts)
        asked = names or [()] * len(texts)
        places = []
        for place, (text, language) in enumerate(zip(texts, languages, strict=True)):
            if language not in SPOKEN:
                judged[place] = self._foreign.judge(text)
            elif _says_nothing(text):
                judged[place] = NOTHING
            else:
                places.append(place)
        spelled = [spell(texts[place]) for place in places]
        found = self._judge_english(spelled, [asked[place][:MOST_NAMES] for place in places])
        for place, judgement in zip(places, found, strict=True):
            judged[place] = judgement
        return [judgement for judgement in judged if judgement is not None]

    def folds(self) -> list["OnnxEngine"]:
        """Engines that are as sure as the texts without every second, every first … one taught: to judge those by."""
        engines = []
        for heads in self._folds:
            engine = copy.copy(self)
            engine._heads = heads
            engines.append(engine)
        return engines

    def answers(self, rows: Sequence[Encoded]) -> Iterator[Told]:
        """What the model says of the rows, length by length."""
        alike = defaultdict(list)
        for place, row in enumerate(rows):
            alike[len(row.ids)].append(place)
        for length, places in alike.items():
            size = max(1, BATCH_TOKENS // length)
            for start in range(0, len(places), size):
                batch = places[start : start + size]
                yield Told(batch, *self._run([rows[place] for place in batch]))

    def means(self, spelled: Sequence[str], names: Sequence[tuple[str, ...]]) -> tuple[Numbers, Numbers]:
        """The model's bare numbers for each spelled text, and for the first name asked about in it (else 0)."""
        rows = self._encoder.encode(spelled, names)
        width = sum(len(head.labels) for head in self._heads.values())
        whole, named = (np.zeros((len(rows), width), np.float32) for _ in range(2))
        for told in self.answers(rows):
            for of, place in zip(told.tokens, told.places, strict=True):
                segments = np.array(rows[place].segments)
                whole[place] = of[segments == 0].mean(axis=0)
                if 1 in segments:
                    named[place] = of[segments == 1].mean(axis=0)
        return whole, named

    def meanings(self, spelled: Sequence[str]) -> Numbers:
        """What each spelled text is about, as bare numbers (nlp/training/meaning.py)."""
        rows = self._encoder.encode(spelled, [()] * len(spelled))
        told = list(self.answers(rows))
        order = [place for one in told for place in one.places]
        found: Numbers = np.concatenate([one.meanings for one in told])[np.argsort(order)]
        return found

    def _run(self, rows: Sequence[Encoded]) -> tuple[Numbers, Numbers]:
        """Where memory runs out, half of the batch is tried at a time."""
        inputs = {name: np.array([getattr(row, name) for row in rows]) for name in ("ids", "segments", "positions")}
        try:
            tokens, meanings = self._session.run(["answers", "meaning"], inputs)
        except (MemoryError, onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException) as error:
            if len(rows) == 1 or not _is_out_of_memory(error):
                raise
            middle = len(rows) // 2
            halves = self._run(rows[:middle]), self._run(rows[middle:])
            tokens, meanings = (np.concatenate(parts) for parts in zip(*halves, strict=True))
        return tokens, meanings

    def _judge_english(self, texts: Sequence[str], names: Sequence[tuple[str, ...]]) -> list[Judgement]:
        rows = self._encoder.encode(texts, names)
        judged: dict[int, Judgement] = {}
        for said in self.answers(rows):
            batch = [rows[place] for place in said.places]
            own = [row.segments.count(0) for row in batch]
            whole = np.stack([of[:count].mean(axis=0) for of, count in zip(said.tokens, own, strict=True)])
            chances = {name: head.chances(whole) for name, head in self._heads.items()}
            leanings = {name: self._leanings_to(name, batch, chances[name]) for name in EXPLAINED}
            meanings = as_bytes(said.meanings)
            for line, (place, row) in enumerate(zip(said.places, batch, strict=True)):
                told = {name: some[line] for name, some in chances.items()}
                because = {name: carrying_words(texts[place], row, some[line]) for name, some in leanings.items()}
                towards = self._towards(row, said.tokens[line])
                judgement = self._judgement(told, because, towards, meanings[line])
                judged[place] = self._guarded(texts[place], judgement)
        return [judged[place] for place in range(len(texts))]

    def _judgement(
        self,
        told: dict[str, Numbers],
        because: dict[str, tuple[str, ...]],
        towards: tuple[dict[Sentiment, float], ...],
        meaning: bytes,
    ) -> Judgement:
        return Judgement(
            sentiment=dict(zip(SENTIMENTS, told["sentiment"].tolist(), strict=True)),
            intent=dict(zip(INTENTS, told["intent"].tolist(), strict=True)),
            urgency=float(told["urgency"] @ self._urgency),
            towards=towards,
            extra=Extra(
                emotion=dict(zip(EMOTIONS, told["emotion"].tolist(), strict=True)),
                because=because,
                complaint=float(told["complaint"][1]),
                irony=float(told["irony"][1]),
                offensive=float(told["offensive"][1]),
                spam=float(told["spam"][1]),
                churn=float(told["churn"][1]),
            ),
            meaning=meaning,
        )

    def _guarded(self, text: str, judgement: Judgement) -> Judgement:
        overlooked = judgement.urgency < DANGER and (judgement.extra.spam or 0.0) < SURELY_SPAM
        if overlooked and self._guard.count(words_of(text)):
            return replace(judgement, urgency=DANGER)
        return judgement

    def _towards(self, row: Encoded, numbers: Numbers) -> tuple[dict[Sentiment, float], ...]:
        segments = np.array(row.segments)
        head = self._heads["towards"]
        asked = range(1, int(segments.max()) + 1)
        means = [numbers[segments == segment].mean(axis=0, keepdims=True) for segment in asked]
        return tuple(dict(zip(SENTIMENTS, head.chances(mean)[0].tolist(), strict=True)) for mean in means)

    def _leanings_to(self, name: str, rows: Sequence[Encoded], chances: Numbers) -> list[list[float]]:
        """How far each token, read alone, speaks for the likeliest answer to its text rather than for the others."""
        head = self._heads[name]
        own = self._leanings[np.array([row.ids for row in rows]), head.start : head.end] * np.float32(LEANING_STEP)
        to_answer = np.take_along_axis(own, chances.argmax(axis=1)[:, None, None], axis=2)[:, :, 0]
        leanings: list[list[float]] = (to_answer - own.mean(axis=2)).tolist()
        return leanings


NOTHING = Judgement(
    {Sentiment.NEGATIVE: 0.05, Sentiment.NEUTRAL: 0.9, Sentiment.POSITIVE: 0.05},
    {intent: 0.94 if intent is Intent.OTHER else 0.01 for intent in Intent},
    0.0,
)
"""Of a text without words."""


def carrying_words(text: str, row: Encoded, leanings: Sequence[float]) -> tuple[str, ...]:
    """The words of the text that speak for an answer, the weightiest first.

    Words of several tokens, of one letter and FUNCTION_WORDS are left out.

    `leanings`: those of all tokens of the row.
    """
    found: dict[str, float] = {}
    for (start, end), leaning in zip(row.words[1:-1], leanings[1:], strict=False):
        if leaning > LEAST_LEANING:
            word = text[start:end].lower()
            is_whole = not (text[end : end + 1].isalnum() or text[max(0, start - 1) : start].isalnum())
            if is_whole and word.isalpha() and len(word) > 1 and word not in FUNCTION_WORDS:
                found[word] = leaning
    return tuple(sorted(found, key=lambda word: -found[word])[:BECAUSE_WORDS])


def _says_nothing(text: str) -> bool:
    return not any(char.isalnum() or ord(char) > 0x2000 for char in without_masks(text))


def _heads(told: dict[str, Any]) -> dict[str, Head]:
    heads, start = {}, 0
    for name, head in told.items():
        heads[name] = Head(start, tuple(head["labels"]), head["temperature"], tuple(head["bias"]))
        start = heads[name].end
    return heads


def _session(weights: bytes, checksum: str) -> Any:
    if hashlib.sha256(weights).hexdigest() != checksum:
        raise ValueError(f"{WEIGHTS} has another checksum than {HEADS} says")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # The file is written as it runs fastest; further rewriting puts the slow normalisation back.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def _is_out_of_memory(error: BaseException) -> bool:
    said = str(error).lower()
    return isinstance(error, MemoryError) or "alloc" in said or "memory" in said


def _broken(folder: Path, why: object) -> ModelFileError:
    return ModelFileError(
        f"The reading model in {folder} cannot be loaded: {why}. Mentions go on being collected and wait to be read.",
        'Install Hearken anew, run `hearken train`, or set analyser = "lexicon".',
    )
