"""Teaching: all questions mixed, in two stages. Goes on where it was interrupted."""

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (its usual name)

from nlp.tokens import Encoded, Encoder
from nlp.training.data import ANSWERS, HEADS, PLACES, RENAMED_POST, Example
from nlp.training.model import SmallModel, load_base, segment_means

BATCH = 32
CHUNK = 64 * BATCH
"""Rows of a like length share a batch; they are sorted within chunks of this size."""
WARM_UP = 0.06
WEIGHT_DECAY = 0.01
CLIP = 1.0
SECOND_SHARE = 0.3
"""How much of the answer goes to another intent that is as good."""
AVERAGE_EVERY, AVERAGE_DECAY, AVERAGE_FROM = 10, 0.98, 0.3
SAVE_EVERY = 200
TELL = 0.02
"""How much the loss of a step counts in the mean of late."""
HEAD_WEIGHTS = {"intent": 1.5, "urgency": 0.7, "churn": 0.5, "spam": 0.5}

Step = Callable[[str, int, int, float], None]
"""Told the stage, how many steps are done, of how many, and the mean loss of late."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One pass of teaching."""

    name: str
    rate: float
    """The highest learning rate; it rises to it and falls to nothing."""
    steps: int
    """Batches at most."""
    repeats: dict[str, float]
    """How often the examples of a kind (see kinds) are shown; below 1 a random part of them.
    The first that fits counts. Labelled posts come in three versions (data.versions)."""
    branches: int = 1
    """So many models go through the stage, each in an order of its own; the mean of their weights goes on
    (Wortsman et al. 2022, Model soups)."""


STAGES = (
    Stage(
        "all",
        8e-5,
        2500,
        {
            RENAMED_POST: 1,
            "intent": 1,
            "complaint": 1.5,
            "emotion": 1.5,
            "irony": 1.5,
            "sentiment=negative": 1.2,
            "towards=negative": 1.2,
            "sentiment": 0.75,
            "towards": 0.5,
            "offensive": 0.4,
            "spam": 0.5,
        },
    ),
    Stage(
        "rare",
        5e-5,
        800,
        {
            RENAMED_POST: 1,
            "churn=yes": 1,
            "urgency=high": 1,
            "intent": 0.5,
            "complaint": 1,
            "emotion": 0.7,
            "irony": 0.7,
            "sentiment=negative": 0.3,
            "towards=negative": 0.4,
            "sentiment": 0.12,
            "towards": 0.15,
            "offensive": 0.2,
            "spam": 0.2,
        },
        branches=2,
    ),
)
"""First everything mixed, then the rarer answers more often, at a lower rate."""


@dataclass(frozen=True, slots=True)
class Row:
    """An encoded text and what is to be said of it."""

    encoded: Encoded
    kinds: frozenset[str]
    target: NDArray[np.float32]
    """The share of each answer, heads side by side; a head without an answer has none, a weighty one more than 1."""


def train(
    examples: Sequence[Example],
    encoder: Encoder,
    base: Path | None,
    folder: Path,
    step: Step,
    seed: int,
    stages: Sequence[Stage] = STAGES,
    layers: int = 6,
) -> SmallModel:
    """The taught model. `folder` keeps checkpoints, and what is there is gone on with. No `base`: it starts raw."""
    torch.manual_seed(seed)
    model = SmallModel(ANSWERS, layers)
    if base:
        load_base(model, base)
    model.words.weight.requires_grad_(False)
    rows = make_rows(examples, encoder)
    for number, stage in enumerate(stages):
        branches = []
        for branch in range(stage.branches):
            taught = copy.deepcopy(model)
            checkpoint = folder / f"{number}-{stage.name}-{branch}.pt"
            _teach(taught, rows, stage, checkpoint, step, seed + number + 100 * branch)
            branches.append(taught)
        model = mean_of(branches)
    return model


def make_rows(examples: Sequence[Example], encoder: Encoder) -> list[Row]:
    """The examples as the model gets them."""
    names = [(example.name,) if example.name else () for example in examples]
    encoded = encoder.encode([example.text for example in examples], names)
    return [Row(code, kinds(example), target(example)) for code, example in zip(encoded, examples, strict=True)]


def kinds(example: Example) -> frozenset[str]:
    """Its network, the heads that it has answers for, and those answers: `x`, `sentiment`, `sentiment=negative`."""
    answers = example.answers.items()
    return frozenset(
        {example.network, *example.answers, *(f"{head}={HEADS[head][answer]}" for head, answer in answers)}
    )


def target(example: Example) -> NDArray[np.float32]:
    """See Row.target."""
    shares = np.zeros(ANSWERS, np.float32)
    for head, answer in example.answers.items():
        own = shares[PLACES[head]]
        own[answer] = 1.0
        if head == "intent" and example.second >= 0:
            own[answer] -= SECOND_SHARE
            own[example.second] += SECOND_SHARE
        own *= HEAD_WEIGHTS.get(head, 1.0)
    return shares


def mean_of(models: Sequence[SmallModel]) -> SmallModel:
    """The model whose weights are the mean of theirs."""
    found = copy.deepcopy(models[0])
    states = [model.state_dict() for model in models]
    found.load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]})
    return found


def _teach(model: SmallModel, rows: Sequence[Row], stage: Stage, checkpoint: Path, step: Step, seed: int) -> None:
    batches = make_batches(_shown(rows, stage, seed), seed)[: stage.steps]
    learning = [weights for weights in model.parameters() if weights.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=stage.rate, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: _rate(done, len(batches)))
    average = [weights.detach().clone() for weights in learning]
    done = _resume(checkpoint, model, optimizer, schedule, average)
    model.train()
    recent = 0.0
    for place in range(done, len(batches)):
        torch.manual_seed(seed * 1_000_003 + place)
        loss = _learn(model, batches[place], optimizer, learning)
        schedule.step()
        recent = loss if place == done else (1 - TELL) * recent + TELL * loss
        if place % AVERAGE_EVERY == 0:
            _mix(average, learning, done=place / len(batches))
        if place % SAVE_EVERY == SAVE_EVERY - 1:
            _save(checkpoint, place + 1, model, optimizer, schedule, average)
        step(stage.name, place + 1, len(batches), recent)
    if done < len(batches):
        _save(checkpoint, len(batches), model, optimizer, schedule, average)
    with torch.no_grad():
        for weights, mean in zip(learning, average, strict=True):
            weights.copy_(mean)


def _learn(model: SmallModel, batch: Sequence[Row], optimizer: Any, learning: list[Tensor]) -> float:
    ids, segments, positions = padded([row.encoded for row in batch])
    with torch.autocast("cpu", torch.bfloat16):
        answers, _ = model(ids, segments, positions)
    right = torch.from_numpy(np.stack([row.target for row in batch]))
    loss = -(right * log_chances(answers.float(), segments)).sum() / len(batch)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(learning, CLIP)
    optimizer.step()
    return float(loss.detach())


def log_chances(answers: Tensor, segments: Tensor) -> Tensor:
    """The logarithm of each answer's probability, heads side by side; `towards` is asked of the name."""
    text, name = segment_means(answers, segments, 0), segment_means(answers, segments, 1)
    heads = [(name if head == "towards" else text)[:, place] for head, place in PLACES.items()]
    return torch.cat([F.log_softmax(head, 1) for head in heads], 1)


def _shown(rows: Sequence[Row], stage: Stage, seed: int) -> list[Row]:
    """The rows of the stage, each as often as its head says."""
    chance = random.Random(seed)
    shown = []
    for row in rows:
        times = next((stage.repeats[kind] for kind in stage.repeats if kind in row.kinds), 0.0)
        shown += [row] * (int(times) + (chance.random() < times % 1))
    return shown


def make_batches(rows: Sequence[Row], seed: int) -> list[list[Row]]:
    """Rows in random order, those of a batch of a like length."""
    chance = random.Random(seed)
    mixed = list(rows)
    chance.shuffle(mixed)
    batches = []
    for start in range(0, len(mixed), CHUNK):
        chunk = sorted(mixed[start : start + CHUNK], key=lambda row: len(row.encoded.ids))
        batches += [chunk[place : place + BATCH] for place in range(0, len(chunk), BATCH)]
    chance.shuffle(batches)
    return batches


def padded(rows: Sequence[Encoded]) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, segments and positions as rectangles; padding has segment -1."""
    length = max(len(row.ids) for row in rows)

    def rectangle(lines: Iterator[tuple[int, ...]], filler: int) -> Tensor:
        return torch.tensor([[*line, *[filler] * (length - len(line))] for line in lines])

    return (
        rectangle((row.ids for row in rows), 0),
        rectangle((row.segments for row in rows), -1),
        rectangle((row.positions for row in rows), 0),
    )


def _rate(done: int, steps: int) -> float:
    rising = max(1, int(steps * WARM_UP))
    if done < rising:
        return (done + 1) / rising
    return (steps - done) / max(1, steps - rising)


def _mix(average: list[Tensor], weights: list[Tensor], done: float) -> None:
    """Weights averaged over the late steps answer better than those of the last step."""
    keep = AVERAGE_DECAY if done > AVERAGE_FROM else 0.0
    with torch.no_grad():
        for mean, now in zip(average, weights, strict=True):
            mean.lerp_(now, 1 - keep)


def _save(path: Path, done: int, model: Any, optimizer: Any, schedule: Any, average: list[Tensor]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"done": done, "average": average}
    parts = {"model": model, "optimizer": optimizer, "schedule": schedule}
    torch.save(state | {name: part.state_dict() for name, part in parts.items()}, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def _resume(path: Path, model: Any, optimizer: Any, schedule: Any, average: list[Tensor]) -> int:
    if not path.is_file():
        return 0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    for mean, saved in zip(average, state["average"], strict=True):
        mean.copy_(saved)
    return int(state["done"])
