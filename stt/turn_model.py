"""An audio model that hears whether somebody has finished: optional, beside the words.

The file is ONNX, with one input and one output:

    input   float32, (1, 128000): the last 8 s of the line up to the pause as 16 kHz mono in -1..1,
            zeros before a turn that is shorter
    output  float32 of one element: the probability (0..1) that the turn is over

which is how models of the smart-turn kind are fed that take the waveform. Metadata of the file may
say otherwise: ``sample_rate`` (Hz), ``seconds``, ``threshold`` (of the probability), ``name``.
"""

import asyncio
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnxruntime

from audiosocket.resampling import Resampler
from stt.endpointing import Completeness
from stt.recogniser import RecogniserUnavailableError
from stt.vad import RATE_HZ, Samples

SAMPLE_RATE_HZ: Final = 16_000
SECONDS: Final = 8.0
THRESHOLD: Final = 0.5
THREADS: Final = 1
"""Turns end one after the other, and a model takes 10 to 60 ms: a queue of callers would be too
late anyway, and the deadline tells."""
_DECIDED: Final = (Completeness.OPEN, Completeness.COMPLETE, Completeness.CERTAIN)


@dataclass(slots=True)
class TurnModelCounters:
    """Since the model was loaded; ``late`` are those for which the words alone decided."""

    judged: int = 0
    late: int = 0
    failed: int = 0


class TurnModel:
    """Loads a model once for all lines. Raises :class:`RecogniserUnavailableError` for a file that
    is none, with what to do."""

    def __init__(self, path: Path, *, deadline_s: float = 0.15) -> None:
        self.counters = TurnModelCounters()
        self._deadline_s = deadline_s
        self._session = _session(path)
        found = self._session.get_modelmeta().custom_metadata_map
        try:
            self.rate_hz = int(found.get("sample_rate", SAMPLE_RATE_HZ))
            self.threshold = float(found.get("threshold", THRESHOLD))
            self._samples = round(float(found.get("seconds", SECONDS)) * self.rate_hz)
        except ValueError as wrong:
            raise RecogniserUnavailableError(f"the turn model {path} is wrong: {wrong}") from None
        self._input = _only_input(self._session, path, self._samples)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="turn-model")
        self.probability(np.zeros(RATE_HZ, np.int16))  # the first run allocates

    @classmethod
    async def open(cls, path: Path, *, deadline_s: float = 0.15) -> "TurnModel":
        """The same as the constructor, off the event loop."""
        return await asyncio.to_thread(cls, path, deadline_s=deadline_s)

    def probability(self, samples: Samples, rate_hz: int = RATE_HZ) -> float:
        """That a turn is over, of its audio up to the pause; blocks."""
        if rate_hz != self.rate_hz:
            samples = Resampler(rate_hz, self.rate_hz).process(samples)
        waveform = np.zeros((1, self._samples), np.float32)
        kept = samples[-self._samples :]
        if len(kept):
            waveform[0, -len(kept) :] = kept.astype(np.float32) / 32768
        answer: Any = self._session.run(None, {self._input: waveform})[0]
        return float(np.clip(np.asarray(answer).reshape(-1)[0], 0.0, 1.0))

    async def judge(self, samples: Samples, rate_hz: int = RATE_HZ) -> float | None:
        """The same in a thread; ``None`` where it is late or fails: the words then decide alone."""
        loop = asyncio.get_running_loop()
        asked = loop.run_in_executor(self._pool, self._in_time, samples, rate_hz, time.monotonic())
        try:
            async with asyncio.timeout(self._deadline_s):
                found = await asked
        except TimeoutError:
            found = None
        except onnxruntime_errors():
            self.counters.failed += 1
            return None
        if found is None:
            self.counters.late += 1
        else:
            self.counters.judged += 1
        return found

    def _in_time(self, samples: Samples, rate_hz: int, asked_at: float) -> float | None:
        """What waited for its thread beyond the deadline is not computed any more."""
        waited_s = time.monotonic() - asked_at
        return None if waited_s > self._deadline_s else self.probability(samples, rate_hz)

    def combine(self, words: Completeness, probability: float | None) -> Completeness:
        """Words and sound together.

        Words that stop in the middle stay open whatever the voice does, and a complete answer
        complete: they are what the decision is made of. In between the voice decides.
        """
        if probability is None or words in _DECIDED:
            return words
        if probability >= self.threshold:
            return Completeness.COMPLETE
        return Completeness.OPEN if words is Completeness.UNKNOWN else Completeness.UNKNOWN

    async def close(self) -> None:
        """Stop the thread."""
        await asyncio.to_thread(self._pool.shutdown)


class Tail:
    """The last seconds of a turn, for the model; 8 kHz."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._frames: deque[npt.NDArray[np.int16]] = deque(maxlen=round(seconds * 50))

    def begin(self) -> None:
        """A turn begins."""
        self._frames.clear()

    def push(self, frame: Samples) -> None:
        """The next 20 ms."""
        self._frames.append(frame)

    def samples(self) -> Samples:
        """All that is kept."""
        return np.concatenate(self._frames) if self._frames else np.zeros(0, np.int16)


def onnxruntime_errors() -> tuple[type[Exception], ...]:
    """What a run of a model raises."""
    state = onnxruntime.capi.onnxruntime_pybind11_state
    return (state.Fail, state.InvalidArgument, state.RuntimeException, ValueError, IndexError)


def _session(path: Path) -> Any:
    if not path.is_file():
        raise RecogniserUnavailableError(
            f"there is no turn model at {path}; correct turns.model, or leave it out"
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no base class
        raise RecogniserUnavailableError(
            f"the turn model {path} cannot be loaded ({str(error).splitlines()[0]}); "
            "see docs/turn-taking.md for what it must be"
        ) from error


def _only_input(session: Any, path: Path, samples: int) -> str:
    inputs = session.get_inputs()
    shape = inputs[0].shape if len(inputs) == 1 else None
    fits = shape is not None and len(shape) == 2 and shape[1] in (samples, "samples", None)
    if not fits or len(session.get_outputs()) < 1 or inputs[0].type != "tensor(float)":
        raise RecogniserUnavailableError(
            f"the turn model {path} must take one float32 input of shape (1, {samples}); "
            "see docs/turn-taking.md"
        )
    return str(inputs[0].name)
