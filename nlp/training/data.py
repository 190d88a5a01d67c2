"""What the model learns from: ../shared/data, the labels written by reading, and the invented posts."""

import gzip
import hashlib
import itertools
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from config.errors import HearkenError
from nlp.text import HANDLE, LINK, clean
from nlp.tokens import spell

LABELS = Path(__file__).with_name("labels")
HEADS: dict[str, tuple[str, ...]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "intent": ("complaint", "question", "praise", "purchase", "suggestion", "promotion", "other"),
    "urgency": ("low", "normal", "high"),
    "complaint": ("no", "yes"),
    "emotion": ("anger", "joy", "optimism", "sadness"),
    "irony": ("no", "yes"),
    "offensive": ("no", "yes"),
    "spam": ("no", "yes"),
    "churn": ("no", "yes"),
    "towards": ("negative", "neutral", "positive"),
}
"""Every question the model answers, with the answers in order. Only `towards` is asked of a name, not of the text."""
ENDS = list(itertools.accumulate(map(len, HEADS.values())))
PLACES = {head: slice(end - len(HEADS[head]), end) for head, end in zip(HEADS, ENDS, strict=True)}
"""Where each question's answers stand among the model's numbers."""
ANSWERS = ENDS[-1]
EXPECTED = {"sentiment": (0.45, 0.32, 0.23), "towards": (0.35, 0.30, 0.35)}
"""How often the answers come up in posts about brands, which complain more than the tweets of the data sets do."""
EVENED = {"intent": 0.5, "urgency": 0.75, "churn": 0.5}
"""How far rare answers are taken for more frequent than they were: 0 not at all, 1 as frequent as any other."""
LETTERS = dict(zip("cqpbsao", HEADS["intent"], strict=True))
URGENCY_LETTERS = {"l": "low", "n": "normal", "h": "high"}
HELD_OUT_PERCENT = 15
CHANGED_PERCENT = 12
VERSIONS = 3
"""In so many versions a labelled post is learnt from."""
_YES = {"complaint", "irony", "offensive", "spam"}
_SETS = {
    "complaints": "complaint",
    "emotion": "emotion",
    "irony": "irony",
    "offensive": "offensive",
    "sentiment": "sentiment",
    "sms_spam": "spam",
    "topic_sentiment": "towards",
}
NETWORKS = {"banking77_train": "chat", "sms_spam_train": "sms"}
"""Where the texts of a set come from, if not from X."""
INVENTED, RENAMED_POST = "invented", "renamed"
RENAMED = 4
"""So many times a post about named things is learnt from with other names."""
NAMED = "named"
WITHOUT_DEV = ("complaints", "sms_spam")
"""Of these a part is held out here; the others come with a part for selection."""


class TrainingDataError(HearkenError):
    """The texts to learn from are not there."""


@dataclass(frozen=True, slots=True)
class Example:
    """A spelled text and the right answers by head, as places in HEADS; `second` is an intent that is as good."""

    text: str
    answers: Mapping[str, int]
    name: str = ""
    """What `towards` is asked of, as it stands in the text."""
    second: int = -1
    clean: str = ""
    """The text before its symbols were spelled, as engines get it; only for texts to judge by."""
    network: str = ""
    """Where such texts are written; INVENTED for invented ones."""

    @property
    def invented(self) -> bool:
        """Whether it was written for the labels."""
        return self.network == INVENTED


@dataclass(slots=True)
class Corpus:
    """What to learn from and, by head, what to judge by."""

    train: list[Example] = field(default_factory=list)
    held_out: dict[str, list[Example]] = field(default_factory=lambda: {head: [] for head in [*HEADS, NAMED]})
    """By head, and NAMED: invented posts about several names."""


def held_out(key: str) -> bool:
    """Whether a row is kept from learning: about 15 of 100, always the same ones."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 100 < HELD_OUT_PERCENT


def rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """The rows of a set. Raises TrainingDataError where it is missing."""
    path = folder / f"{name}.jsonl.gz"
    if not path.is_file():
        raise TrainingDataError(f"There is no {path}.", "Name the folder of the data sets with --data-sets.")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def load_corpus(folder: Path) -> Corpus:
    """Everything, the same at every call. Rows that are held out for one head are held out for all."""
    corpus = Corpus()
    labelled = labels_by_id()
    kept_back = {key for key in labelled if held_out(key)}
    hard = labels_by_id(LABELS / "hard.tsv")
    for name in _SETS:
        _add_set(corpus, folder, name, kept_back)
    _add_labelled(corpus, folder, labelled, held_out)
    _add_labelled(corpus, folder, hard, lambda _: False)
    add_invented(corpus)
    corpus.train = [version for example in merged(corpus.train) for version in versions(example)]
    corpus.train += renamed()
    return corpus


def versions(example: Example) -> list[Example]:
    """What to learn from an example: that a handle before it or a link behind it does not change the answer.

    A labelled post comes as it is, with the one put in (or left out), and the other; of the rest some come changed.
    """
    handle = replace(example, text=_turned(example.text, HANDLE, at_start=True))
    link = replace(example, text=_turned(example.text, LINK, at_start=False))
    if "intent" in example.answers:
        return [example, handle, link]
    chance = int(hashlib.sha256(example.text.encode()).hexdigest()[:8], 16) % 100
    if chance < CHANGED_PERCENT:
        return [handle]
    return [link] if chance < 2 * CHANGED_PERCENT else [example]


def _turned(text: str, mask: str, at_start: bool) -> str:
    """The text without the mask at its start or end; with it where there is none."""
    if at_start:
        return text.removeprefix(mask).strip() if text.startswith(mask) else f"{mask} {text}"
    return text.removesuffix(mask).strip() if text.endswith(mask) else f"{text} {mask}"


def merged(examples: list[Example]) -> list[Example]:
    """Texts that answer several questions become one example, as far as the answers don't contradict each other."""
    found: dict[str, Example] = {}
    apart = []
    for example in examples:
        known = found.get(example.text)
        if known is None:
            found[example.text] = example
        elif known.answers.keys().isdisjoint(example.answers):
            found[example.text] = Example(
                example.text,
                {**known.answers, **example.answers},
                known.name or example.name,
                max(known.second, example.second),
            )
        else:
            apart.append(example)
    return [*found.values(), *apart]


def labels_by_id(path: Path = LABELS / "first.tsv") -> dict[str, tuple[str, str, str, str]]:
    """`set/id` -> letters of intent, second intent, urgency and churn."""
    found = {}
    for line in path.read_text("utf-8").splitlines():
        where, row_id, intent, second, urgency, churn = line.split("\t")
        found[f"{where}/{row_id}"] = (intent, second, urgency, churn)
    return found


def intent_answers(intent: str, urgency: str, churn: bool, second: str = "") -> dict[str, int]:
    """The answers that a labelled post gives, also to the heads that follow from its intent."""
    answers = {
        "intent": HEADS["intent"].index(intent),
        "urgency": HEADS["urgency"].index(urgency),
        "churn": int(churn),
        "spam": int(intent == "promotion"),
    }
    if intent == "complaint" or second != "complaint":
        answers["complaint"] = int(intent == "complaint")
    return answers


def mention_of(topic: str, raw: str, spelled: str) -> str:
    """How a topic stands in a text: as words, or as the stand-in for a handle that holds it."""
    words = topic.lstrip("@#").lower()
    if words in spelled.lower():
        return words
    joined = re.sub(r"\W", "", words)
    if any(joined in handle.lower() for handle in re.findall(r"@(\w+)", raw)):
        return HANDLE
    return words


def _add_set(corpus: Corpus, folder: Path, name: str, kept_back: set[str]) -> None:
    head = _SETS[name]
    for row in rows(folder, f"{name}_train"):
        key = f"{name}_train/{row['id']}"
        example = _example(row, f"{name}_train", head)
        if name in WITHOUT_DEV and held_out(key):
            corpus.held_out[head].append(example)
        elif key not in kept_back:
            corpus.train.append(example)
    if name not in WITHOUT_DEV:
        corpus.held_out[head] += [_example(row, f"{name}_dev", head) for row in rows(folder, f"{name}_dev")]


def _example(row: Mapping[str, Any], where: str, head: str) -> Example:
    cleaned = clean(row["text"])
    text = spell(cleaned)
    name = mention_of(row["topic"], row["text"], text) if head == "towards" else ""
    answers = {head: _place(head, row["label"])}
    return Example(text, answers, name, clean=cleaned, network=NETWORKS.get(where, "x"))


def _place(head: str, label: str) -> int:
    return int(label in _YES) if head in _YES else HEADS[head].index(label)


def _add_labelled(
    corpus: Corpus,
    folder: Path,
    labelled: Mapping[str, tuple[str, str, str, str]],
    kept_back: Callable[[str], bool],
) -> None:
    for where in sorted({key.partition("/")[0] for key in labelled}):
        for row in rows(folder, where):
            key = f"{where}/{row['id']}"
            if key in labelled:
                intent, second, urgency, churn = labelled[key]
                other = LETTERS.get(second, "")
                answers = intent_answers(LETTERS[intent], URGENCY_LETTERS[urgency], churn == "x", other)
                _add_intent(
                    corpus, _intent_example(row["text"], answers, other, NETWORKS.get(where, "x")), kept_back(key)
                )


def add_invented(corpus: Corpus) -> None:
    """The posts that were written for the rarer answers."""
    for row in invented_rows():
        second = row["second"] or ""
        answers = intent_answers(row["intent"], row["urgency"], row["churn"], second)
        if "sentiment" in row:
            answers["sentiment"] = HEADS["sentiment"].index(row["sentiment"])
        example = _intent_example(row["text"], answers, second, INVENTED)
        kept_back = held_out(row["id"])
        _add_intent(corpus, example, kept_back)
        asked = list(_asked(row["text"], row.get("towards", {})))
        (corpus.held_out[NAMED] if kept_back else corpus.train).extend(asked)


def invented_rows() -> list[dict[str, Any]]:
    """The invented posts with their labels."""
    return [json.loads(line) for line in (LABELS / "invented.jsonl").read_text("utf-8").splitlines()]


def renamed() -> list[Example]:
    """The invented posts about named things, with other names: who is praised must be read from what is said."""
    posts = [row for row in invented_rows() if row.get("towards")]
    names = list(dict.fromkeys(name for row in posts for name in row["towards"]))
    found = []
    for row in posts:
        if not held_out(row["id"]):
            chance = random.Random(row["id"])
            for _ in range(RENAMED):
                new = dict(zip(row["towards"], chance.sample(names, len(row["towards"])), strict=True))
                text = re.sub("|".join(rf"\b{re.escape(name)}" for name in new), lambda old: new[old[0]], row["text"])  # noqa: B023
                feelings = {new[name]: feeling for name, feeling in row["towards"].items()}
                found += [replace(example, network=RENAMED_POST) for example in _asked(text, feelings)]
    return found


def _asked(text: str, feelings: Mapping[str, str]) -> Iterator[Example]:
    """One example for each name in the text and the feeling towards it."""
    cleaned = clean(text)
    for name, feeling in feelings.items():
        answers = {"towards": HEADS["towards"].index(feeling)}
        yield Example(spell(cleaned), answers, clean(name).lower(), clean=cleaned, network=INVENTED)


def _intent_example(raw: str, answers: dict[str, int], second: str, network: str) -> Example:
    cleaned = clean(raw)
    place = HEADS["intent"].index(second) if second else -1
    return Example(spell(cleaned), answers, second=place, clean=cleaned, network=network)


def _add_intent(corpus: Corpus, example: Example, kept_back: bool) -> None:
    if not kept_back:
        corpus.train.append(example)
        return
    for head in ("intent", "urgency", "churn"):
        corpus.held_out[head].append(example)
