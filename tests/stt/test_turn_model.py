"""An audio turn model: loaded, asked in time, and made one with the words."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from conversation.ear import Ear
from stt.endpointing import Completeness, TurnTiming
from stt.recogniser import RecogniserUnavailableError, Transcript
from stt.turn_detector import TurnDetector
from stt.turn_model import SAMPLE_RATE_HZ, Tail, TurnModel
from tests.hearing import LoudIsSpeech, Turns

SAMPLES = 8 * SAMPLE_RATE_HZ
QUIET, LOUD = np.zeros(4000, np.int16), np.full(4000, 16_000, np.int16)


def a_model(path: Path, samples: int = SAMPLES, **metadata: str) -> Path:
    """It believes that a turn is over in as far as its end is loud: the mean of the last 0.1 s."""
    waveform = helper.make_tensor_value_info("waveform", TensorProto.FLOAT, [1, samples])
    probability = helper.make_tensor_value_info("probability", TensorProto.FLOAT, [1])
    constants = {
        "first": [samples - SAMPLE_RATE_HZ // 10],
        "end": [samples],
        "axis": [1],
    }
    nodes = [
        helper.make_node("Slice", ["waveform", "first", "end", "axis"], ["last"]),
        helper.make_node("ReduceMean", ["last"], ["mean"], axes=[0, 1], keepdims=0),
        helper.make_node("Add", ["mean", "bias"], ["scaled"]),
        helper.make_node("Reshape", ["scaled", "shape"], ["probability"]),
    ]
    fixed = [
        helper.make_tensor(name, TensorProto.INT64, [1], value) for name, value in constants.items()
    ]
    fixed += [
        helper.make_tensor("bias", TensorProto.FLOAT, [], [0.3]),
        helper.make_tensor("shape", TensorProto.INT64, [1], [1]),
    ]
    graph = helper.make_graph(nodes, "turn", [waveform], [probability], fixed)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    made.ir_version = 8
    helper.set_model_props(made, metadata)
    onnx.save(made, path)
    return path


@pytest.fixture
def model(tmp_path: Path) -> TurnModel:
    return TurnModel(a_model(tmp_path / "turn.onnx"), deadline_s=2.0)


def test_it_hears_the_end_of_the_turn_at_16_khz(model: TurnModel) -> None:
    assert model.probability(QUIET) == pytest.approx(0.3, abs=0.01)
    assert model.probability(LOUD) == pytest.approx(0.79, abs=0.03)


def test_a_turn_that_is_longer_than_the_model_hears_is_cut_at_its_beginning(
    model: TurnModel,
) -> None:
    long = np.concatenate((np.tile(QUIET, 30), LOUD))
    assert model.probability(long) == pytest.approx(model.probability(LOUD), abs=0.01)


def test_metadata_says_what_is_unusual(tmp_path: Path) -> None:
    path = a_model(tmp_path / "short.onnx", samples=32_000, seconds="2", threshold="0.8")
    model = TurnModel(path)
    assert model.threshold == 0.8
    assert model.combine(Completeness.UNKNOWN, 0.79) is Completeness.OPEN


@pytest.mark.parametrize(
    ("words", "probability", "together"),
    [
        (Completeness.UNKNOWN, 0.9, Completeness.COMPLETE),
        (Completeness.LIKELY, 0.9, Completeness.COMPLETE),
        (Completeness.UNKNOWN, 0.1, Completeness.OPEN),
        (Completeness.LIKELY, 0.1, Completeness.UNKNOWN),
        (Completeness.OPEN, 0.9, Completeness.OPEN),
        (Completeness.COMPLETE, 0.1, Completeness.COMPLETE),
        (Completeness.UNKNOWN, None, Completeness.UNKNOWN),
    ],
)
def test_the_voice_decides_only_where_the_words_do_not(
    model: TurnModel, words: Completeness, probability: float | None, together: Completeness
) -> None:
    assert model.combine(words, probability) is together


async def test_it_is_asked_off_the_event_loop(
    model: TurnModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    probability = model.probability

    def noting(*given: Any) -> float:
        threads.append(threading.current_thread().name)
        return probability(*given)

    monkeypatch.setattr(model, "probability", noting)
    assert await model.judge(LOUD) == pytest.approx(0.79, abs=0.03)
    assert threads[0].startswith("turn-model")
    assert model.counters.judged == 1
    await model.close()


async def test_a_model_that_is_late_leaves_it_to_the_words(tmp_path: Path) -> None:
    model = TurnModel(a_model(tmp_path / "turn.onnx"), deadline_s=0.02)
    held = threading.Event()
    model._pool.submit(held.wait)  # the thread is taken
    assert await model.judge(LOUD) is None
    assert model.counters.late == 1
    held.set()
    await model.close()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "there is no turn model"),
        (lambda path: path.write_bytes(b"no model"), "cannot be loaded"),
        (lambda path: a_model(path, samples=1000 + SAMPLE_RATE_HZ), "must take one float32 input"),
        (lambda path: a_model(path, threshold="high"), "is wrong"),
    ],
)
def test_a_file_that_is_no_turn_model_gets_a_sentence(
    tmp_path: Path, make: Callable[[Path], Any], says: str
) -> None:
    make(tmp_path / "turn.onnx")
    with pytest.raises(RecogniserUnavailableError, match=says):
        TurnModel(tmp_path / "turn.onnx")


def test_only_the_last_seconds_of_a_turn_are_kept() -> None:
    tail = Tail(seconds=0.1)
    for value in range(20):
        tail.push(np.full(160, value, np.int16))
    assert tail.samples().tolist() == np.repeat(range(15, 20), 160).tolist()
    tail.begin()
    assert len(tail.samples()) == 0


class Words:
    """A stream that always hears the same."""

    partial = Transcript("um", 0.9, final=False)

    def feed(self, samples: np.ndarray) -> None:
        pass

    async def early(self) -> None:
        pass

    async def result(self) -> Transcript:
        return Transcript("entrega", 0.9, final=True)

    def reset(self) -> None:
        pass

    async def close(self) -> None:
        pass


class Sounds:
    """A model that has one opinion."""

    def __init__(self, probability: float | None) -> None:
        self._probability = probability

    async def judge(self, samples: np.ndarray, rate_hz: int = 8000) -> float | None:
        assert len(samples) >= 4000, "the turn so far"
        return self._probability

    combine = TurnModel.combine
    threshold = 0.5


@pytest.mark.parametrize(("probability", "silence_ms"), [(0.9, 320), (0.1, 1100), (None, 820)])
async def test_the_silence_that_ends_a_turn_follows_the_voice(
    probability: float | None, silence_ms: int
) -> None:
    listener, timing = Turns(), TurnTiming(complete_ms=320, unknown_ms=820, open_ms=1100)
    sounds: Any = Sounds(probability)
    ear = Ear(
        LoudIsSpeech(),
        TurnDetector(timing),
        lambda rate_hz: Words(),
        lambda text: Completeness.UNKNOWN,
        listener,
        turn_model=sounds,
    )
    frame = np.full(160, 8000, np.int16)
    for _ in range(40):
        ear.hear(frame)
    for _ in range(60):
        ear.hear(np.zeros(160, np.int16))
        for _ in range(4):
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [turn.silence_ms for turn in listener.turns] == [silence_ms]
    await ear.close()
