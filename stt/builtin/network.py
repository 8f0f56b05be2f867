"""The acoustic network: log-mel features in, character log probabilities out, state carried."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime

from stt.builtin.features import BANDS

MODEL: Final = Path(__file__).with_name("model.onnx")
STEP_MS: Final = 20
"""One output frame."""
FRAMES_PER_STEP: Final = 2
"""Feature frames of 10 ms in an output frame."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class State:
    """What the network remembers of the audio so far; never changed in place, so free to keep."""

    front: Floats
    history: Floats


class AcousticNetwork:
    """One set of weights for all callers; ``advance`` may be called from any thread.

    Raises ``onnxruntime`` errors if ``path`` holds no such model.
    """

    def __init__(self, path: Path = MODEL) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # weights are int8 in the file and float32 in memory: unpack them once, at loading
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        shapes = {i.name: tuple(i.shape) for i in self._session.get_inputs()}
        self._start = State(
            np.zeros(shapes["front"], np.float32), np.zeros(shapes["history"], np.float32)
        )
        properties = self._session.get_modelmeta().custom_metadata_map
        self.delay_steps = int(properties["delay_steps"])
        """Output frames by which the scores are behind the features."""
        warm, _ = self.advance(np.zeros((FRAMES_PER_STEP, BANDS), np.float32), self._start)
        self.no_scores: Floats = warm[:0]
        """Scores of no audio: shape (0, classes)."""

    @property
    def start(self) -> State:
        """The state before any audio."""
        return self._start

    def advance(self, features: Floats, state: State) -> tuple[Floats, State]:
        """Hear more: ``features`` (frames, 40), an even number of them, following ``state``.

        Returns log probabilities (frames / 2, classes) and the state to go on from.
        """
        scores, front, history = self._session.run(
            ["scores", "front_next", "history_next"],
            {"features": features, "front": state.front, "history": state.history},
        )
        return scores, State(front, history)
