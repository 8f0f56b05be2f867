"""From the vocoder's samples to a telephone's: at the line's rate, trimmed, levelled as heard."""

from typing import Final

import numpy as np

from audiosocket.resampling import Resampler
from tts.levelling import Leveller
from tts.xtts.options import MODEL_HZ
from tts.xtts.vocoder import Floats

SEMITONES: Final = 4
"""Up and down, at a voice's ``pitch`` of 1 and 0."""
RATE_STEP_HZ: Final = 240
"""To which shifted rates are rounded, so that the resampler's filters stay few."""


def pitch_factor(pitch: float) -> float:
    """How much higher a voice is for ``pitch`` 0..1; 0.5 is its own."""
    wanted_hz = MODEL_HZ * 2 ** ((pitch - 0.5) * 2 * SEMITONES / 12)
    return round(wanted_hz / RATE_STEP_HZ) * RATE_STEP_HZ / MODEL_HZ


class Sounding:
    """One text's sound, piece by piece. A pitch is made by speaking slower and playing faster:
    the speech must have been stretched by :func:`pitch_factor`."""

    def __init__(self, rate_hz: int, pitch: float = 0.5) -> None:
        self._from_hz = round(MODEL_HZ * pitch_factor(pitch))
        self._resampler = Resampler(self._from_hz, rate_hz)
        self._level = Leveller(rate_hz)

    def process(self, sound: Floats) -> bytes:
        """Slin of what can go out; empty where all is silence."""
        samples = np.rint(np.clip(sound, -1.0, 1.0) * 32767).astype(np.int16)
        return self._level.process(self._resampler.process(samples)).astype("<i2").tobytes()

    def finish(self) -> bytes:
        """The rest of a piece."""
        flush = np.zeros(round(self._resampler.delay_ms * self._from_hz / 1000), np.int16)
        last = self._level.process(self._resampler.process(flush))
        return np.concatenate([last, self._level.finish()]).astype("<i2").tobytes()
