"""How much arithmetic the small model needs for a text, and how fast this machine does such arithmetic and no more.

Prints one JSON object: operations for each text, and operations a second of the products of one layer, at their real
sizes, in 8 bits by ONNX Runtime and in bf16 and f32 by torch. A multiplication and an addition are two operations.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, helper

from nlp.onnx import BATCH_TOKENS, FOLDER, TOKENIZER
from nlp.text import clean
from nlp.tokens import Encoder, spell
from nlp.training.data import ANSWERS
from nlp.training.export import MICROSOFT, Graph
from nlp.training.meaning import DIMENSIONS
from nlp.training.model import HIDDEN, INNER, LAYERS
from tests.bench.readers import NAME

SIZES = ((HIDDEN, 3 * HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, INNER), (INNER, HIDDEN))
"""Numbers in and out of the four products of a layer."""
IN_A_LAYER = sum(inner * outer for inner, outer in SIZES)
TIMES = 20


def operations(tokens: int) -> int:
    """For a text of so many tokens: the products of the layers, attention, the answers, the meaning.

    The table of words is only looked up.
    """
    attention = 2 * tokens * tokens * HIDDEN
    return 2 * (LAYERS * (tokens * IN_A_LAYER + attention) + tokens * HIDDEN * ANSWERS + 2 * HIDDEN * DIMENSIONS)


def rate(products: list[Callable[[], Any]]) -> float:
    """Operations a second of the products of one layer, for as many tokens as share a batch."""
    took = []
    for _ in range(TIMES + 1):
        start = time.perf_counter()
        for product in products:
            product()
        took.append(time.perf_counter() - start)
    return 2 * BATCH_TOKENS * IN_A_LAYER / statistics.median(took[1:])


def eight_bits(inner: int, outer: int) -> Callable[[], Any]:
    """The product as the shipped file has it."""
    chance = np.random.default_rng(7)
    graph = Graph()
    inputs = [
        "x",
        graph.constant("q", chance.integers(-127, 128, (inner, outer), np.int8)),
        graph.constant("step", np.array(0.01, np.float32)),
        graph.constant("steps", np.full(outer, 0.01, np.float32)),
        graph.constant("middle", np.array(128, np.uint8)),
        graph.constant("zero", np.zeros(outer, np.int8)),
        graph.constant("bias", np.zeros(outer, np.float32)),
    ]
    graph.add("MatMulIntegerToFloat", inputs, "y", MICROSOFT)
    x = helper.make_tensor_value_info("x", TensorProto.UINT8, [BATCH_TOKENS, inner])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [BATCH_TOKENS, outer])
    made = helper.make_graph(graph.nodes, "product", [x], [y], list(graph.constants.values()))
    domains = [helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(made, opset_imports=domains, ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    numbers = {"x": chance.integers(0, 256, (BATCH_TOKENS, inner), np.uint8)}
    return lambda: session.run(["y"], numbers)


def floats(kind: torch.dtype) -> list[Callable[[], Any]]:
    """The products of a layer, by torch."""

    def product(inner: int, outer: int) -> Callable[[], Any]:
        layer = torch.nn.Linear(inner, outer, dtype=kind)
        x = torch.randn(BATCH_TOKENS, inner, dtype=kind)
        return lambda: layer(x)

    return [product(*size) for size in SIZES]


def main(texts: list[str]) -> dict[str, float]:
    """See above."""
    rows = Encoder(FOLDER / TOKENIZER).encode([spell(clean(text)) for text in texts], [NAME] * len(texts))
    lengths = [len(row.ids) for row in rows]
    with torch.inference_mode():
        return {
            "tokens": statistics.mean(lengths),
            "operations": statistics.mean(map(operations, lengths)),
            "int8": rate([eight_bits(*size) for size in SIZES]),
            "bf16": rate(floats(torch.bfloat16)),
            "f32": rate(floats(torch.float32)),
        }


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin))))
