"""The taught weights -> nlp/models/small: one int8 ONNX file that needs no torch.

Every large product is computed in 8 bits. The scales are fixed beforehand (from texts that were learnt from), so that
an answer never depends on what else is in the batch, as it does where scales are found anew for each batch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from nlp.training.model import ATTENTION_HEADS, HIDDEN, NORM_EPS, SmallModel, summed_layers

Weights = Mapping[str, NDArray[Any]]
LARGE = ("attend", "merge", "widen")
MICROSOFT = "com.microsoft"
"""The set of operations that ONNX Runtime adds to ONNX's."""
HEAD_WIDTH = HIDDEN // ATTENTION_HEADS
STEPS, MIDDLE = 127, 128
FAR = -1e4
LEAST_GELU = 0.17


@dataclass
class Graph:
    """Nodes and constants as they are added."""

    nodes: list[Any] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)

    def add(self, operation: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        """One node with one output; gives the output's name."""
        self.nodes.append(helper.make_node(operation, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """A constant of that name."""
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name


def measure_ranges(model: SmallModel, batches: Iterable[tuple[Any, Any, Any]]) -> dict[str, NDArray[Any]]:
    """The largest size that each number going into a large product takes on."""
    ranges: dict[str, Any] = {}

    def watch(name: str) -> Any:
        def hook(_: Any, inputs: Any) -> None:
            largest = inputs[0].detach().abs().amax(dim=(0, 1))
            ranges[name] = torch.maximum(ranges[name], largest) if name in ranges else largest

        return hook

    layers = [(f"layers.{place}", layer) for place, layer in enumerate(model.layers)]
    hooks = [
        getattr(layer, part).register_forward_pre_hook(watch(f"{name}.{part}"))
        for name, layer in layers
        for part in LARGE
    ]
    model.eval()
    with torch.no_grad():
        for batch in batches:
            model(*batch)
    for hook in hooks:
        hook.remove()
    return {name: largest.numpy() for name, largest in ranges.items()}


def export(
    model: SmallModel, ranges: Mapping[str, NDArray[Any]], meaning: tuple[NDArray[Any], NDArray[Any]], path: Path
) -> None:
    """Write the int8 file. `meaning` are the weights and shift of nlp/training/meaning.py."""
    weights = {name: value.detach().float().numpy() for name, value in model.state_dict().items()}
    weights |= {"meaning.weight": meaning[0].astype(np.float32), "meaning.bias": meaning[1].astype(np.float32)}
    onnx.save(build(weights, ranges, len(model.layers)), path)


def build(weights: Weights, ranges: Mapping[str, NDArray[Any]], layers: int) -> Any:
    """The ONNX model; the same arithmetic as SmallModel.forward."""
    graph = Graph()
    x, mask = _embed(graph, weights), _mask(graph)
    share = _share(graph)
    summary = []
    for place in range(layers):
        x = _layer(graph, weights, ranges, f"layers.{place}", x, mask)
        if place + 1 in summed_layers(layers):
            summary.append(graph.add("MatMul", [share, x], f"summary.{place}"))
    product = graph.add("MatMul", [x, graph.constant("answers.w", weights["answers.weight"].T)], "answers.product")
    graph.add("Add", [product, graph.constant("answers.b", weights["answers.bias"])], "answers")
    _meaning(graph, weights, summary)
    shape = ["texts", "tokens"]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("ids", "segments", "positions")
    ]
    outputs = [
        helper.make_tensor_value_info("answers", TensorProto.FLOAT, [*shape, len(weights["answers.bias"])]),
        helper.make_tensor_value_info("meaning", TensorProto.FLOAT, ["texts", len(weights["meaning.bias"])]),
    ]
    made = helper.make_graph(graph.nodes, "hearken-small", inputs, outputs, list(graph.constants.values()))
    domains = [helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(made, opset_imports=domains, ir_version=8, producer_name="hearken")


def _embed(graph: Graph, weights: Weights) -> str:
    """Words are kept in 8 bits with a scale each."""
    words = weights["words.weight"]
    scales = np.maximum(np.abs(words).max(axis=1, keepdims=True), 1e-9) / STEPS
    graph.constant("words.q", np.round(words / scales).astype(np.int8))
    graph.constant("words.scale", scales.astype(np.float32))
    whole = graph.add(
        "Cast", [graph.add("Gather", ["words.q", "ids"], "words.row")], "words.float", to=TensorProto.FLOAT
    )
    word = graph.add("Mul", [whole, graph.add("Gather", ["words.scale", "ids"], "words.own")], "words")
    place = graph.add("Gather", [graph.constant("places.w", weights["places.weight"]), "positions"], "places")
    named = graph.add("Greater", ["segments", graph.constant("zero", np.array(0, np.int64))], "named")
    kind = graph.add(
        "Gather",
        [
            graph.constant("kinds.w", weights["kinds.weight"]),
            graph.add("Cast", [named], "named.number", to=TensorProto.INT64),
        ],
        "kinds",
    )
    x = graph.add("Add", [graph.add("Add", [word, place], "embedded.a"), kind], "embedded")
    return graph.add(
        "LayerNormalization",
        [x, graph.constant("norm.w", weights["norm.weight"]), graph.constant("norm.b", weights["norm.bias"])],
        "embedded.norm",
        epsilon=NORM_EPS,
    )


def _mask(graph: Graph) -> str:
    """Who may look at whom: everybody at the text, a name at itself."""
    looking = graph.add("Unsqueeze", ["segments", graph.constant("axes.looking", np.array([1, 3]))], "looking")
    seen = graph.add("Unsqueeze", ["segments", graph.constant("axes.seen", np.array([1, 2]))], "seen")
    text = graph.add("Equal", [seen, "zero"], "seen.text")
    may = graph.add("Or", [text, graph.add("Equal", [seen, looking], "seen.self")], "may")
    choices = [graph.constant("near", np.array(0, np.float32)), graph.constant("far", np.array(FAR, np.float32))]
    return graph.add("Where", [may, *choices], "mask")


def _share(graph: Graph) -> str:
    """What each token counts in the mean of its text, [texts, 1, tokens]; a name's tokens count nothing."""
    own = graph.add("Equal", ["segments", "zero"], "own")
    one = graph.add("Cast", [own], "own.number", to=TensorProto.FLOAT)
    axis = graph.constant("axes.summed", np.array([1]))
    return graph.add(
        "Unsqueeze",
        [graph.add("Div", [one, graph.add("ReduceSum", [one, axis], "own.count", keepdims=1)], "own.share"), axis],
        "share",
    )


def _meaning(graph: Graph, weights: Weights, summary: list[str]) -> None:
    whole = graph.add("Concat", summary, "summary", axis=2)
    flat = graph.add("Squeeze", [whole, "axes.summed"], "summary.flat")
    constants = [graph.constant(f"meaning.{part}", weights[f"meaning.{part}"]) for part in ("weight", "bias")]
    graph.add("Gemm", [flat, *constants], "meaning")


def _layer(graph: Graph, weights: Weights, ranges: Mapping[str, Any], name: str, x: str, mask: str) -> str:
    three = _product(graph, weights, ranges, f"{name}.attend", x)
    parts = [f"{name}.{part}" for part in ("query", "key", "value")]
    graph.nodes.append(helper.make_node("Split", [three], parts, name=f"{name}.split", axis=2))
    seen = graph.add(
        "MultiHeadAttention", [*parts, "", "", mask], f"{name}.seen", MICROSOFT, num_heads=ATTENTION_HEADS
    )
    merged = _product(graph, weights, ranges, f"{name}.merge", seen)
    x = _norm(graph, weights, f"{name}.norm1", x, merged)
    wide = graph.add("Gelu", [_product(graph, weights, ranges, f"{name}.widen", x)], f"{name}.gelu", MICROSOFT)
    return _norm(graph, weights, f"{name}.norm2", x, _narrow(graph, weights, f"{name}.narrow", wide))


def _norm(graph: Graph, weights: Weights, name: str, x: str, added: str) -> str:
    constants = [graph.constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]
    total = graph.add("Add", [x, added], f"{name}.sum")
    return graph.add("LayerNormalization", [total, *constants], name, epsilon=NORM_EPS)


def _product(graph: Graph, weights: Weights, ranges: Mapping[str, Any], name: str, x: str) -> str:
    """A linear layer in 8 bits. Large inputs are made smaller, and their weights larger, before both are rounded."""
    weight = weights[f"{name}.weight"].T
    even = np.sqrt(np.maximum(ranges[name], 1e-5) / np.maximum(np.abs(weight).max(axis=1), 1e-5))
    step = np.array((ranges[name] / even).max() / STEPS, np.float32)
    smaller = graph.add("Mul", [x, graph.constant(f"{name}.even", (1 / even).astype(np.float32))], f"{name}.smaller")
    bias = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
    return _rounded_product(graph, name, smaller, weight * even[:, None], step, bias)


def _narrow(graph: Graph, weights: Weights, name: str, x: str) -> str:
    """As _product, with a scale for each token: here a few tokens have numbers a hundred times as large as others.

    What comes out of GELU is never below -LEAST_GELU.
    """
    highest = graph.add("ReduceMax", [x], f"{name}.highest", axes=[2], keepdims=1)
    least = graph.constant("gelu.least", np.array(LEAST_GELU, np.float32))
    size = graph.add("Max", [highest, least], f"{name}.size")
    smaller = graph.add("Div", [x, size], f"{name}.smaller")
    product = _rounded_product(graph, name, smaller, weights[f"{name}.weight"].T, np.array(1 / STEPS, np.float32), "")
    larger = graph.add("Mul", [product, size], f"{name}.larger")
    return graph.add("Add", [larger, graph.constant(f"{name}.bias", weights[f"{name}.bias"])], f"{name}.done")


def _rounded_product(graph: Graph, name: str, x: str, weight: NDArray[Any], step: NDArray[Any], bias: str) -> str:
    steps = np.maximum(np.abs(weight).max(axis=0), 1e-9) / STEPS
    scale = graph.constant(f"{name}.step", step)
    middle = graph.constant(f"{name}.middle", np.array(MIDDLE, np.uint8))
    inputs = [
        graph.add("QuantizeLinear", [x, scale, middle], f"{name}.rounded"),
        graph.constant(f"{name}.q", np.round(weight / steps).astype(np.int8)),
        scale,
        graph.constant(f"{name}.steps", steps.astype(np.float32)),
        middle,
        graph.constant(f"{name}.zero", np.zeros(len(steps), np.int8)),
    ]
    return graph.add("MatMulIntegerToFloat", [*inputs, *([bias] if bias else [])], f"{name}.product", MICROSOFT)
