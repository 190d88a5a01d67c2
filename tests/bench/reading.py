"""Rates of the reading engines over the same posts. Prints one JSON object."""

import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from nlp.load import load_engine
from nlp.text import clean
from nlp.tokens import Encoder
from tests.bench.flow import prepare, seconds
from tests.bench.posts import write_posts

NAIVE_TEXTS = 200
MULTIPLIED = 6 * (4 * 384 * 384 + 2 * 384 * 1536)
"""Multiplications for a token in the layers of the small model, its attention left out."""
SIDE = 1024


def posts(count: int) -> list[str]:
    """The sample brand's posts, over and over, no two the same."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "posts.jsonl"
        write_posts(path, count)
        return [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]


def engine_rate(name: str, texts: list[str]) -> float:
    """Texts a second, cleaned and judged; loading left out."""
    engine = load_engine(name)
    engine.judge(texts[:32], ["en"] * len(texts[:32]))
    return len(texts) / seconds(lambda: engine.judge([clean(text) for text in texts], ["en"] * len(texts)))


def import_rate(count: int) -> float:
    """Mentions a second through the whole flow, from the file to the inbox, read by the small model."""
    with tempfile.TemporaryDirectory() as name:
        pipeline = prepare(Path(name), count, "onnx")
        _ = pipeline.analyser, pipeline.rules
        return count / seconds(pipeline.run_once)


def floor_rate(texts: list[str]) -> float:
    """Texts a second if nothing but the products of the layers took time, at the measured rate of float products."""
    from nlp.onnx import FOLDER, TOKENIZER

    square = np.ones((SIDE, SIDE), np.float32)
    per_second = 4 * SIDE**3 / seconds(lambda: [square @ square for _ in range(4)])
    rows = Encoder(FOLDER / TOKENIZER).encode([clean(text) for text in texts], [()] * len(texts))
    tokens = sum(len(row.ids) for row in rows) / len(rows)
    return per_second / (tokens * MULTIPLIED)


def torch_rates(texts: list[str]) -> dict[str, float]:
    """The naive pipeline, and the same model in batches of a like length in bfloat16."""
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
        return {}
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification, pipeline

    from nlp.training.model import base_folder

    tokenizer = AutoTokenizer.from_pretrained(base_folder())
    model: Any = BertForSequenceClassification.from_pretrained(base_folder(), num_labels=3).eval()
    naive = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
    some = texts[:NAIVE_TEXTS]

    def batched() -> None:
        order = sorted(texts, key=len)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            for start in range(0, len(order), 32):
                model(**tokenizer(order[start : start + 32], padding=True, truncation=True, return_tensors="pt"))

    return {
        "naive transformers pipeline, batch 1": len(some) / seconds(lambda: [naive(text) for text in some]),
        "batched torch, bf16": len(texts) / seconds(batched),
    }


def main(count: int) -> dict[str, float]:
    """All rates, in texts a second."""
    texts = posts(count)
    return {
        **torch_rates(texts),
        "onnx": engine_rate("onnx", texts),
        "lexicon (VADER + rules)": engine_rate("lexicon", texts),
        "whole import with onnx": import_rate(count),
        "floor": floor_rate(texts),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
