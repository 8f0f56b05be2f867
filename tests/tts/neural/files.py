"""Tiny voices in the formats that people download: real ONNX, inputs and outputs as the real ones
have them; each phoneme is a tone of its own, and a blank is silence."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PIPER_RATE_HZ = 22050
KOKORO_RATE_HZ = 24000
PIPER_IDS = "_^$ abcdefghijklmnopqrstuvwxyzæçðøŋɐɑɔəɛɡɣɪɲɹɾʃʊʌʎʒˈˌː.,!?;:\u0303"
KOKORO_IDS = '$;:,.!?—…"() \u0303abcdefhijklmnopqrstuvwxyzAIOWYQɐɑɔəɛɡɪŋɲɹɾæʃʊʒʎʤʧðˈˌː'
_HEAVY_WIDTH = 512

Node = onnx.NodeProto


class Graph:
    """Nodes and constants, put together by names."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.constants: list[TensorProto] = []

    def constant(self, value: object, kind: type[np.generic] = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def add(self, kind: str, *inputs: str, output: str = "", **attributes: object) -> str:
        output = output or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output


def _tones(graph: Graph, ids: str, samples_each: str, base_hz: str, rate_hz: int) -> str:
    """A tone of ``samples_each`` for each of ``ids`` (1 x N); none for those below 1."""
    flat = graph.add("Cast", graph.add("Reshape", ids, graph.constant([-1], np.int64)), to=1)
    count = graph.add("Cast", graph.add("Size", ids), to=1)
    total = graph.add("Floor", graph.add("Mul", count, samples_each))
    zero, one = graph.constant(0.0), graph.constant(1.0)
    time = graph.add("Range", zero, total, one)
    place = graph.add("Floor", graph.add("Div", time, samples_each))
    last = graph.add("Sub", count, one)
    place = graph.add("Cast", graph.add("Min", place, last), to=7)
    each = graph.add("Gather", flat, place)
    hz = graph.add("Add", graph.add("Mul", each, graph.constant(25.0)), base_hz)
    angle = graph.add("Mul", graph.add("Mul", hz, time), graph.constant(2 * np.pi / rate_hz))
    loud = graph.add("Mul", graph.add("Min", each, one), graph.constant(0.1))
    return graph.add("Mul", graph.add("Sin", angle), loud)


def _made_slow(graph: Graph, out: str, products: int) -> str:
    """``out``, after so many products of matrices, of a few milliseconds each."""
    rng = np.random.default_rng(1)
    matrix = graph.constant(rng.normal(0, 0.02, (_HEAVY_WIDTH, _HEAVY_WIDTH)))
    peak = graph.add("ReduceMax", graph.add("Abs", out), keepdims=0)
    product = graph.add("Mul", matrix, peak)
    for _ in range(products):
        product = graph.add("Tanh", graph.add("MatMul", product, matrix))
    nothing = graph.add("Mul", graph.add("ReduceMax", product, keepdims=0), graph.constant(0.0))
    return graph.add("Add", out, nothing)


def _save(graph: Graph, path: Path, inputs: list[tuple[str, int, list[object]]], out: str) -> None:
    made = helper.make_graph(
        graph.nodes,
        "voice",
        [helper.make_tensor_value_info(*each) for each in inputs],
        [helper.make_tensor_value_info(out, TensorProto.FLOAT, None)],
        graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))


def piper_voice(
    folder: Path,
    name: str = "pt_BR-tiny-medium",
    *,
    products: int = 0,
    people: tuple[str, ...] = (),
    espeak_voice: str = "pt-br",
    phoneme_type: str = "espeak",
) -> Path:
    """``NAME.onnx`` and ``NAME.onnx.json``; the model's path."""
    graph = Graph()
    second = graph.constant([1], np.int64)
    slowness = graph.add("Squeeze", graph.add("Gather", "scales", second))
    each = graph.add("Mul", slowness, graph.constant(550.0))
    base = graph.constant(200.0)
    inputs: list[tuple[str, int, list[object]]] = [
        ("input", TensorProto.INT64, ["batch_size", "phonemes"]),
        ("input_lengths", TensorProto.INT64, ["batch_size"]),
        ("scales", TensorProto.FLOAT, [3]),
    ]
    if people:
        inputs.append(("sid", TensorProto.INT64, ["batch_size"]))
        person = graph.add("Cast", graph.add("Squeeze", "sid"), to=1)
        base = graph.add("Add", base, graph.add("Mul", person, graph.constant(400.0)))
    tones = _tones(graph, "input", each, base, PIPER_RATE_HZ)
    tones = _made_slow(graph, tones, products) if products else tones
    # a use for what a real model needs and this one does not
    spare = graph.add("Mul", graph.add("Cast", "input_lengths", to=1), graph.constant(0.0))
    tones = graph.add("Add", tones, spare)
    out = graph.add("Reshape", tones, graph.constant([1, 1, 1, -1], np.int64), output="output")
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.onnx"
    _save(graph, path, inputs, out)
    config = {
        "audio": {"sample_rate": PIPER_RATE_HZ, "quality": "medium"},
        "espeak": {"voice": espeak_voice},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": phoneme_type,
        "phoneme_map": {},
        "phoneme_id_map": {sign: [number] for number, sign in enumerate(PIPER_IDS)},
        "num_symbols": 256,
        "num_speakers": max(1, len(people)),
        "speaker_id_map": {person: number for number, person in enumerate(people)},
        "piper_version": "1.0.0",
        "language": {"code": name.partition("-")[0], "name_english": "Tiny"},
        "dataset": "tiny",
    }
    path.with_name(f"{path.name}.json").write_text(json.dumps(config))
    return path


def kokoro_folder(
    folder: Path,
    voices: tuple[str, ...] = ("pf_dora", "pm_alex", "af_heart"),
    *,
    tokens: str = "input_ids",
    speed_type: int = TensorProto.FLOAT,
    style_type: int = TensorProto.FLOAT,
    archive: bool = False,
) -> Path:
    """``model.onnx``, ``tokenizer.json`` and the voices; the folder."""
    graph = Graph()
    style = graph.add("Cast", "style", to=1)
    style = graph.add("Gather", style, graph.constant([0], np.int64), axis=1)
    base = graph.add("Mul", graph.add("Squeeze", style), graph.constant(100.0))
    speed = graph.add("Squeeze", graph.add("Cast", "speed", to=1))
    each = graph.add("Div", graph.constant(1500.0), speed)
    tones = _tones(graph, tokens, each, base, KOKORO_RATE_HZ)
    graph.add("Identity", tones, output="waveform")
    inputs: list[tuple[str, int, list[object]]] = [
        (tokens, TensorProto.INT64, [1, "length"]),
        ("style", style_type, [1, 256]),
        ("speed", speed_type, [1]),
    ]
    folder.mkdir(exist_ok=True)
    _save(graph, folder / "model.onnx", inputs, "waveform")
    vocabulary = {sign: number for number, sign in enumerate(KOKORO_IDS)}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}))
    tables = {
        name: np.full((510, 1, 256), 2.0 + number, np.float32) for number, name in enumerate(voices)
    }
    if archive:
        with (folder / "voices-v1.0.bin").open("wb") as out:
            np.savez(out, **tables)
        return folder
    (folder / "voices").mkdir(exist_ok=True)
    for name, table in tables.items():
        table.tofile(folder / "voices" / f"{name}.bin")
    return folder
