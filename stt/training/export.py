"""Write trained weights as a streaming ONNX graph with int8 weights.

    python -m stt.training.export CHECKPOINT stt/builtin/model.onnx [--keep FILE.pt]

Weights of the dense layers are int8, one scale per output channel; kernels over time and biases
stay float32 (3 % of the size). Batch normalisation is folded into the kernels.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from stt.builtin.alphabet import CLASSES
from stt.builtin.features import BANDS
from stt.training import network as shape

OPSET = 20  # the first with Gelu
Floats = npt.NDArray[np.float32]


class GraphWriter:
    """Collects nodes and initialisers; every method returns the name of what it makes."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.values: list[onnx.TensorProto] = []

    def node(self, kind: str, inputs: list[str], outputs: int = 1, **attributes: Any) -> str:
        """One operation; with several outputs, their names are ``name_0``, ``name_1``..."""
        name = f"{kind.lower()}{len(self.nodes)}"
        names = [name] if outputs == 1 else [f"{name}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return name

    def constant(self, value: npt.NDArray[Any]) -> str:
        """A tensor stored in the file."""
        name = f"value{len(self.values)}"
        self.values.append(numpy_helper.from_array(value, name))
        return name

    def dense(self, weights: Floats, axis: int) -> str:
        """``weights`` as int8 with one scale per index along ``axis``."""
        others = tuple(i for i in range(weights.ndim) if i != axis)
        scale = (np.abs(weights).max(others) / 127.0 + 1e-12).astype(np.float32)
        spread = scale.reshape([-1 if i == axis else 1 for i in range(weights.ndim)])
        quantised = np.round(weights / spread).clip(-127, 127).astype(np.int8)
        zeros = self.constant(np.zeros(len(scale), np.int8))
        inputs = [self.constant(quantised), self.constant(scale), zeros]
        return self.node("DequantizeLinear", inputs, axis=axis)


def _fold(weights: dict[str, Floats], prefix: str) -> tuple[Floats, Floats]:
    """The scale and shift that a batch normalisation amounts to."""
    deviation = np.sqrt(weights[f"{prefix}.running_var"] + 1e-5)
    scale = weights[f"{prefix}.weight"] / deviation
    return scale, weights[f"{prefix}.bias"] - weights[f"{prefix}.running_mean"] * scale


def build(weights: dict[str, Floats]) -> onnx.ModelProto:
    """The graph.

    Inputs: ``features`` (frames, BANDS) float32 with an even number of 10 ms frames, ``front``
    (1, BANDS, 5) and ``history`` (blocks, CHANNELS, 20), zeros at first. Outputs: ``scores``
    (frames / 2, CLASSES), log probabilities, and ``front_next``, ``history_next``.
    """
    blocks = len({name.split(".")[1] for name in weights if name.startswith("blocks.")})
    g = GraphWriter()

    def slice_last(x: str, start: int, end: int) -> str:
        inputs = [x, *(g.constant(np.array([v])) for v in (start, end, 2))]
        return g.node("Slice", inputs)

    to_end = int(np.iinfo(np.int64).max)
    scale, shift = _fold(weights, "norm")
    x = g.node("Add", [g.node("Mul", ["features", g.constant(scale)]), g.constant(shift)])
    x = g.node("Transpose", [x], perm=[1, 0])
    x = g.node("Unsqueeze", [x, g.constant(np.array([0]))])
    x = g.node("Concat", ["front", x], axis=2)
    g.nodes.append(helper.make_node("Identity", [slice_last(x, -shape.FRONT_CACHE, to_end)],
                                    ["front_next"]))  # fmt: skip
    kernel = g.dense(weights["front.weight"][:, :, 0, :], 0)
    x = g.node("Conv", [x, kernel, g.constant(weights["front.bias"])], strides=[2])
    x = g.node("Gelu", [x])
    past = g.node("Split", ["history"], blocks, axis=0, num_outputs=blocks)
    kept = []
    for i in range(blocks):
        part = {n.removeprefix(f"blocks.{i}."): v for n, v in weights.items()
                if n.startswith(f"blocks.{i}.")}  # fmt: skip
        ahead = shape.AHEAD if i % 2 and i < 9 else 0
        seen = g.node("Concat", [f"{past}_{i}", x], axis=2)
        kept.append(slice_last(seen, 1 - shape.KERNEL, to_end))
        scale, shift = _fold(part, "norm")
        kernel = g.constant(part["depth.weight"][:, :, 0, :] * scale[:, None, None])
        bias = g.constant(part["depth.bias"] * scale + shift)
        y = g.node("Conv", [seen, kernel, bias], group=shape.CHANNELS)
        y = g.node("Transpose", [y], perm=[0, 2, 1])
        y = g.node("MatMul", [y, g.dense(part["wide.weight"][:, :, 0, 0].T.copy(), 1)])
        y = g.node("Gelu", [g.node("Add", [y, g.constant(part["wide.bias"])])])
        y = g.node("MatMul", [y, g.dense(part["narrow.weight"][:, :, 0, 0].T.copy(), 1)])
        y = g.node("Add", [y, g.constant(part["narrow.bias"])])
        y = g.node("Transpose", [y], perm=[0, 2, 1])
        if ahead:
            start = shape.KERNEL - 1 - ahead
            x = slice_last(slice_last(seen, start, to_end), 0, -ahead)
        x = g.node("Add", [x, y])
    g.nodes.append(helper.make_node("Concat", kept, ["history_next"], axis=0))
    x = g.node("Squeeze", [x, g.constant(np.array([0]))])
    x = g.node("Transpose", [x], perm=[1, 0])
    x = g.node("MatMul", [x, g.dense(weights["out.weight"][:, :, 0, 0].T.copy(), 1)])
    x = g.node("Add", [x, g.constant(weights["out.bias"])])
    g.nodes.append(helper.make_node("LogSoftmax", [x], ["scores"], axis=1))

    def tensor(name: str, *dims: int | str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)

    caches = {"front": (1, BANDS, shape.FRONT_CACHE),
              "history": (blocks, shape.CHANNELS, shape.KERNEL - 1)}  # fmt: skip
    graph = helper.make_graph(
        g.nodes, "doorman_ctc",
        [tensor("features", "frames", BANDS), *(tensor(n, *d) for n, d in caches.items())],
        [tensor("scores", "steps", CLASSES),
         *(tensor(f"{n}_next", *d) for n, d in caches.items())],
        g.values,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    delay = shape.FRONT_KERNEL // 2 // 2 + sum(
        shape.AHEAD for i in range(blocks) if i % 2 and i < 9
    )
    helper.set_model_props(model, {"delay_steps": str(delay)})
    onnx.checker.check_model(model)
    return model


def load_weights(checkpoint: Path) -> dict[str, Floats]:
    """The averaged weights of a training checkpoint, or a plain state dict, as numpy."""
    saved = torch.load(checkpoint, weights_only=True)
    if "average" in saved:
        saved = saved["average"]
    return {name: value.float().numpy() for name, value in saved.items()}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--keep", type=Path, help="also write the weights alone, in half precision")
    options = parser.parse_args()
    weights = load_weights(options.checkpoint)
    if options.keep:
        halves = {name: torch.from_numpy(value).half() for name, value in weights.items()}
        torch.save(halves, options.keep)
    model = build(weights)
    data = model.SerializeToString()
    options.output.write_bytes(data)
    print(f"{options.output}: {len(data) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
