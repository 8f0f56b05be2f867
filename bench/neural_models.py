"""Neural voices of the real size with random weights, as ONNX files that ``tts.neural`` loads.

What a network computes does not depend on its weights, so its speed is real and its sound is
noise. Widths and depths are those of Piper's "medium" voices (VITS: 6 layers of text encoder, 4
coupling layers, a HiFi-GAN of 256 channels at 22.05 kHz) and of Kokoro-82M (12 layers of PL-BERT,
AdaIN decoder of 1024 channels, an ISTFT generator of 512 at 24 kHz). Left out, as less than a
hundredth of the work: the duration predictors' flows, and the inverse FFT. Each number is three
frames long instead: 35 ms of Piper's, with its blanks between phonemes, 75 ms of Kokoro's.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_SIGNS = "_^$ abcdefghijklmnopqrstuvwxyzæçðøŋɐɑɔəɛɡɣɪɲɹɾʃʊʌʎʒˈˌː.,!?;:\u0303ʤʧIAOWYQʦʣ"


class Builder:
    """A graph that grows by layers; activations are 1 x channels x time."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[TensorProto] = []
        self._rng = np.random.default_rng(7)
        self._made: list[str] = []
        self._again: list[str] = []

    def weight(self, value: "np.typing.NDArray[np.generic]") -> str:
        """A constant."""
        name = f"w{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(value, name))
        return name

    def random(self, *shape: int) -> str:
        """Weights that keep what goes through them small; when repeated, those of before."""
        if self._again:
            return self._again.pop(0)
        scale = 1 / np.sqrt(max(1, int(np.prod(shape[1:]))))
        self._made.append(self.weight(self._rng.normal(0, scale, shape).astype(np.float32)))
        return self._made[-1]

    def repeated(self, times: int, layer: Callable[[str], str], x: str) -> str:
        """``x`` through the same layer, with the same weights, so many times."""
        first = len(self._made)
        x = layer(x)
        weights = self._made[first:]
        for _ in range(times - 1):
            self._again = list(weights)
            x = layer(x)
        return x

    def add(self, kind: str, *inputs: str, output: str = "", **attributes: object) -> str:
        """A node; the name of its output."""
        output = output or f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def shape(self, of: str, *sizes: int) -> str:
        """``of`` in another shape; 0 keeps a size, -1 takes what is left."""
        return self.add("Reshape", of, self.weight(np.array(sizes, np.int64)))

    def conv(self, x: str, into: int, out: int, kernel: int, dilation: int = 1) -> str:
        """A convolution that keeps the length."""
        pad = (kernel - 1) * dilation // 2
        weights, bias = self.random(out, into, kernel), self.random(out)
        return self.add("Conv", x, weights, bias, pads=[pad, pad], dilations=[dilation])

    def up(self, x: str, into: int, out: int, kernel: int, rate: int) -> str:
        """A transposed convolution: ``rate`` times as long."""
        pad = (kernel - rate) // 2
        weights, bias = self.random(into, out, kernel), self.random(out)
        return self.add("ConvTranspose", x, weights, bias, strides=[rate], pads=[pad, pad])

    def linear(self, x: str, into: int, out: int) -> str:
        """A matrix over time x channels."""
        return self.add("Add", self.add("MatMul", x, self.random(into, out)), self.random(out))

    def turned(self, x: str) -> str:
        """Channels x time to time x channels, or back."""
        return self.add("Transpose", x, perm=[0, 2, 1])

    def attention(self, x: str, width: int, heads: int, inner: int, kernel: int) -> str:
        """A layer of a transformer over time x channels."""
        q, k, v = (
            self.add(
                "Transpose", self.shape(self.linear(x, width, width), 1, -1, heads, width // heads),
                perm=[0, 2, 1, 3],
            )
            for _ in range(3)
        )  # fmt: skip
        scores = self.add("MatMul", q, self.add("Transpose", k, perm=[0, 1, 3, 2]))
        mixed = self.add("MatMul", self.add("Softmax", scores, axis=-1), v)
        flat = self.shape(self.add("Transpose", mixed, perm=[0, 2, 1, 3]), 1, -1, width)
        x = self.normed(self.add("Add", x, self.linear(flat, width, width)), width)
        wide = self.add("Relu", self.conv(self.turned(x), width, inner, kernel))
        return self.normed(
            self.add("Add", x, self.turned(self.conv(wide, inner, width, kernel))), width
        )

    def normed(self, x: str, width: int) -> str:
        """Layer normalisation over the last axis."""
        ones = self.weight(np.ones(width, np.float32))
        return self.add("LayerNormalization", x, ones, axis=-1)

    def stretched(self, x: str, width: int, frames: int) -> str:
        """Each step of channels x time ``frames`` times."""
        once = self.shape(x, 1, width, -1, 1)
        repeats = self.weight(np.array([1, 1, 1, frames], np.int64))
        return self.shape(self.add("Tile", once, repeats), 1, width, -1)

    def channels(self, x: str, first: int, end: int) -> str:
        """Some of the channels."""
        bounds = (self.weight(np.array([each], np.int64)) for each in (first, end, 1))
        return self.add("Slice", x, *bounds)

    def adain(self, x: str, channels: int) -> str:
        """Normalised over time, scaled and shifted as a style says."""
        ones = self.weight(np.ones(channels, np.float32))
        zeros = self.weight(np.zeros(channels, np.float32))
        even = self.add("InstanceNormalization", x, ones, zeros)
        return self.add("Add", self.add("Mul", even, self.random(channels, 1)),
                        self.random(channels, 1))  # fmt: skip

    def snake(self, x: str, channels: int) -> str:
        """x + sin(ax)^2 / a."""
        wave = self.add("Sin", self.add("Mul", x, self.random(channels, 1)))
        return self.add("Add", x, self.add("Mul", wave, wave))

    def save(self, path: Path, inputs: Sequence[tuple[str, int, list[object]]], out: str) -> None:
        """The file."""
        graph = helper.make_graph(
            self._nodes,
            "voice",
            [helper.make_tensor_value_info(*each) for each in inputs],
            [helper.make_tensor_value_info(out, TensorProto.FLOAT, None)],
            self._weights,
        )
        opset = [helper.make_opsetid("", 17)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), str(path))


def piper_medium(folder: Path, name: str = "pt_BR-random-medium") -> Path:
    """A voice in Piper's format, of its "medium" size; the folder."""
    net = Builder()
    hidden = 192
    x = net.add("Gather", net.random(256, hidden), "input")
    for _ in range(6):
        x = net.attention(x, hidden, 2, 768, 3)
    z = net.stretched(net.turned(net.linear(x, hidden, hidden)), hidden, 3)
    for _ in range(4):
        z = _coupling(net, z, hidden)
    audio = _hifigan(net, z, hidden)
    unused = net.add("ReduceSum", net.add("Cast", "input_lengths", to=1), keepdims=0)
    unused = net.add("Mul", net.add("Add", unused, net.add("ReduceSum", "scales", keepdims=0)),
                     net.weight(np.float32([0])))  # fmt: skip
    audio = net.shape(net.add("Add", audio, unused), 1, 1, 1, -1)
    net.add("Identity", audio, output="output")
    path = folder / f"{name}.onnx"
    inputs: list[tuple[str, int, list[object]]] = [
        ("input", TensorProto.INT64, ["batch_size", "phonemes"]),
        ("input_lengths", TensorProto.INT64, ["batch_size"]),
        ("scales", TensorProto.FLOAT, [3]),
    ]
    net.save(path, inputs, "output")
    config = {
        "audio": {"sample_rate": 22050},
        "espeak": {"voice": "pt-br"},
        "phoneme_id_map": {sign: [number] for number, sign in enumerate(_SIGNS)},
        "language": {"code": "pt_BR"},
    }
    path.with_name(f"{path.name}.json").write_text(json.dumps(config))
    return folder


def kokoro_82m(folder: Path) -> Path:
    """A folder in Kokoro's format, of its size; the folder."""
    net = Builder()
    x = net.add("Gather", net.random(178, 768), "input_ids")
    x = net.repeated(12, lambda step: net.attention(step, 768, 12, 2048, 1), x)
    x = net.turned(net.linear(x, 768, 512))
    for _ in range(9):  # text encoder and prosody, by convolutions of their LSTMs' size
        x = net.add("LeakyRelu", net.conv(x, 512, 512, 5), alpha=0.2)
    frames = net.stretched(x, 512, 3)
    for _ in range(6):
        frames = _adain_block(net, frames, 512, 512)
    wide = _adain_block(net, frames, 512, 1024)
    for _ in range(3):
        wide = _adain_block(net, wide, 1024, 1024)
    sound = _adain_block(net, net.stretched(wide, 1024, 2), 1024, 512)
    audio = net.shape(_istft_generator(net, sound), -1)
    unused = [net.add("ReduceSum", each, keepdims=0) for each in ("style", "speed")]
    nothing = net.add("Mul", net.add("Add", *unused), net.weight(np.float32(0)))
    net.add("Add", audio, nothing, output="waveform")
    inputs: list[tuple[str, int, list[object]]] = [
        ("input_ids", TensorProto.INT64, [1, "length"]),
        ("style", TensorProto.FLOAT, [1, 256]),
        ("speed", TensorProto.FLOAT, [1]),
    ]
    net.save(folder / "model.onnx", inputs, "waveform")
    vocabulary = {sign: number for number, sign in enumerate(_SIGNS)}
    (folder / "config.json").write_text(json.dumps({"vocab": vocabulary}))
    (folder / "voices").mkdir()
    np.zeros((510, 1, 256), np.float32).tofile(folder / "voices" / "pf_random.bin")
    return folder


def _coupling(net: Builder, z: str, width: int) -> str:
    """A coupling layer of VITS's flow, with its WaveNet of four layers."""
    x = net.conv(net.channels(z, 0, 96), 96, width, 1)
    for _ in range(4):
        gate = net.conv(x, width, 2 * width, 5)
        one, two = net.channels(gate, 0, width), net.channels(gate, width, 2 * width)
        both = net.add("Mul", net.add("Tanh", one), net.add("Sigmoid", two))
        x = net.add("Add", x, net.conv(both, width, width, 1))
        net.conv(both, width, width, 1)
    return net.add("Add", z, net.conv(x, width, width, 1))


def _hifigan(net: Builder, z: str, hidden: int) -> str:
    """HiFi-GAN as Piper's medium voices have it: x 8, x 8, x 4; hop of 256."""
    x, channels = net.conv(z, hidden, 256, 7), 256
    for rate, kernel in ((8, 16), (8, 16), (4, 8)):
        x = net.up(net.add("LeakyRelu", x, alpha=0.1), channels, channels // 2, kernel, rate)
        channels //= 2
        branches = []
        for size, dilations in ((3, (1, 2)), (5, (2, 6)), (7, (3, 12))):
            y = x
            for dilation in dilations:
                bent = net.add("LeakyRelu", y, alpha=0.1)
                y = net.add("Add", y, net.conv(bent, channels, channels, size, dilation))
            branches.append(y)
        x = net.add("Mul", net.add("Sum", *branches), net.weight(np.float32(1 / 3)))
    return net.add("Tanh", net.conv(net.add("LeakyRelu", x, alpha=0.1), channels, 1, 7))


def _adain_block(net: Builder, x: str, into: int, out: int) -> str:
    y = net.conv(net.add("LeakyRelu", net.adain(x, into), alpha=0.2), into, out, 3)
    y = net.conv(net.add("LeakyRelu", net.adain(y, out), alpha=0.2), out, out, 3)
    return net.add("Add", y, x if into == out else net.conv(x, into, out, 1))


def _istft_generator(net: Builder, x: str) -> str:
    """The generator: x 10, x 6, then frames of five samples."""
    channels = 512
    for rate, kernel in ((10, 20), (6, 12)):
        x = net.up(net.add("LeakyRelu", x, alpha=0.1), channels, channels // 2, kernel, rate)
        channels //= 2
        branches = []
        for size in (3, 7, 11):
            y = x
            for dilation in (1, 3, 5):
                inner = net.snake(net.adain(y, channels), channels)
                inner = net.conv(inner, channels, channels, size, dilation)
                inner = net.snake(net.adain(inner, channels), channels)
                y = net.add("Add", y, net.conv(inner, channels, channels, size))
            branches.append(y)
        x = net.add("Mul", net.add("Sum", *branches), net.weight(np.float32(1 / 3)))
    spectrum = net.conv(net.add("LeakyRelu", x, alpha=0.01), channels, 22, 7)
    return net.add("Tanh", net.turned(net.conv(spectrum, 22, 5, 1)))
