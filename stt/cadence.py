"""Where somebody's voice goes at a pause: people who have said what they had to say let it fall to
the bottom of their range, and those who go on mostly keep it above.

Only the pitch is looked at, on a telephone line at that, where most voices' fundamental is missing
and shows in the distance of its harmonics alone. Thresholds are in semitones above the speaker's
own floor, so that they are the same for a child and a man.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from stt.endpointing import Completeness
from stt.vad import RATE_HZ, Samples

Floats = npt.NDArray[np.float64]

LOOKS_BACK_MS: Final = 2000
"""Of the turn: some ten syllables, from which the floor of a voice can be told."""
_FRAME: Final = 40 * RATE_HZ // 1000
_HOP: Final = 20 * RATE_HZ // 1000
_FFT: Final = 512
_WINDOW: Final = np.hanning(_FRAME)
_LAGS: Final = (RATE_HZ // 400, RATE_HZ // 65)
"""Of voices, 65 to 400 Hz, in samples."""


class Cadence(StrEnum):
    """How a voice sounded before a pause."""

    FALLS = "falls"
    """It has come down to the bottom of its range."""
    STAYS_UP = "stays_up"
    """It stayed above: more follows, or something was asked."""
    UNCLEAR = "unclear"
    """Too short, whispered, too noisy, or in between."""


@dataclass(frozen=True, slots=True)
class CadenceLimits:
    """In semitones, with what else a voice must have to be judged at all."""

    fallen: float = 0.3
    """No higher than this above the floor at its end, a voice has fallen ..."""
    descent: float = 2.0
    """... if it came down by as much from its middle: a voice without melody says nothing."""
    raised: float = 0.8
    """So far above the floor it has stayed up."""
    periodic: float = 0.5
    """Autocorrelation (0..1) from which a frame has a pitch; noise stays below."""
    least_voiced_ms: int = 120
    """With less of it nothing is said about a voice."""
    octave: float = 7.0
    """Nobody leaves the middle of his voice so far in one turn: beyond are octave errors."""


@dataclass(frozen=True, slots=True)
class CadenceWatch:
    """Judges pauses by the voice before them; no state, about 1 ms of processor each."""

    limits: CadenceLimits = CadenceLimits()

    def before_pause(self, samples: Samples) -> Cadence:
        """Judge a turn by its sound up to a pause: int16 mono at 8 kHz; silence may follow."""
        pitch = self._pitch(samples[-LOOKS_BACK_MS * RATE_HZ // 1000 :])
        if len(pitch) * _HOP * 1000 < self.limits.least_voiced_ms * RATE_HZ:
            return Cadence.UNCLEAR
        floor, middle, last = np.percentile(pitch, 10), np.median(pitch), np.median(pitch[-3:])
        if last - floor <= self.limits.fallen and middle - last >= self.limits.descent:
            return Cadence.FALLS
        return Cadence.STAYS_UP if last - floor >= self.limits.raised else Cadence.UNCLEAR

    def _pitch(self, samples: Samples) -> Floats:
        """Of the voiced frames, every 20 ms, in semitones above 100 Hz."""
        if len(samples) < 3 * _FRAME:
            return np.zeros(0)
        alike, loud = _autocorrelation(samples)
        lag, strength = _best_lag(alike, *_LAGS)
        sure = loud & (strength > 0.7)
        if not sure.any():
            return np.zeros(0)
        usual = float(np.median(np.log2(lag[sure])))
        reach = self.limits.octave / 12
        low = max(_LAGS[0], int(2 ** (usual - reach)))
        high = min(_LAGS[1], int(2 ** (usual + reach)) + 2)
        lag, strength = _best_lag(alike, low, high)
        voiced = loud & (strength > self.limits.periodic)
        pitch: Floats = 12 * np.log2(RATE_HZ / lag[voiced] / 100)
        return pitch


def weigh(words: Completeness, cadence: Cadence) -> Completeness:
    """Words and voice together: a voice that stays up asks for more patience.

    One that falls makes complete only what would be enough by itself: people let it fall within
    their turns as well. Certain answers and half ones stay what their words are.
    """
    return _TOGETHER.get((words, cadence), words)


def is_moved_by_voice(words: Completeness) -> bool:
    """Whether it is worth a look at the pitch."""
    return any(words is judged for judged, _ in _TOGETHER)


_TOGETHER: Final = {
    (Completeness.COMPLETE, Cadence.STAYS_UP): Completeness.LIKELY,
    (Completeness.ENOUGH, Cadence.FALLS): Completeness.COMPLETE,
    (Completeness.ENOUGH, Cadence.STAYS_UP): Completeness.UNKNOWN,
    (Completeness.LIKELY, Cadence.STAYS_UP): Completeness.UNKNOWN,
}


def _autocorrelation(samples: Samples) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Of every frame at lags up to the longest, 1 at lag 0, and whether the frame is loud."""
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), _FRAME)[::_HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    level = np.sqrt(np.mean(frames**2, axis=1))
    found = _correlated(frames * _WINDOW)
    found /= np.maximum(found[:, :1], 1e-9)
    own = _correlated(_WINDOW[np.newaxis])
    return found / (own / own[:, :1]), level > level.max() * 10 ** (-22 / 20)


def _correlated(frames: Floats) -> Floats:
    spectrum = np.abs(np.fft.rfft(frames, _FFT, axis=1)) ** 2
    found: Floats = np.fft.irfft(spectrum, _FFT, axis=1)[:, : _LAGS[1] + 2]
    return found


def _best_lag(alike: Floats, low: int, high: int) -> tuple[Floats, Floats]:
    """The lag of each frame's highest peak, to a fraction of a sample, and how high that is.

    Of peaks alike the shorter lag wins: twice the period fits as well as the period.
    """
    lags = np.arange(low, high)
    middle, before, after = (
        alike[:, low:high],
        alike[:, low - 1 : high - 1],
        alike[:, low + 1 : high + 1],
    )
    score = middle - 0.03 * np.log2(lags / low)
    score = np.where((middle >= before) & (middle >= after), score, -1.0)
    row, best = np.arange(len(alike)), score.argmax(axis=1)
    peak, left, right = middle[row, best], before[row, best], after[row, best]
    bend = left - 2 * peak + right
    shift = np.where(bend < -1e-9, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0.0)
    return lags[best] + shift, np.where(score[row, best] > -1.0, peak, 0.0)
