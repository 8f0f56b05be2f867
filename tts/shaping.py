"""What every engine's raw speech goes through: no silence around it, the same loudness always."""

import numpy as np
import numpy.typing as npt

from tts.engine import OUTPUT_RATE_HZ

Samples = npt.NDArray[np.int16]
Powers = npt.NDArray[np.float64]

TARGET_DBFS = -20.0
"""RMS over the frames that hold speech, against full scale; leaves 20 dB for espeak's peaks."""

_FRAMES_PER_S = 100
_SILENCE = 10 ** (-50 / 20) * 32768
_LOOK_AHEAD_S = 1
_LARGEST_GAIN = 4.0
_KNEE = 0.7 * 32767


class SpeechShaper:
    """Trims silence before and after an utterance and sets its level: int16 in and out.

    The level is set once, from the first second of speech (an engine that makes a second of
    speech in a millisecond loses nothing by that), so an utterance never fades within itself.
    """

    def __init__(self, rate_hz: int = OUTPUT_RATE_HZ) -> None:
        self._rate_hz = rate_hz
        self._frame = rate_hz // _FRAMES_PER_S
        self._look_ahead = rate_hz * _LOOK_AHEAD_S
        self._held: list[Samples] = []
        self._held_samples = 0
        self._gain: float | None = None
        self._silent_tail = np.zeros(0, np.int16)

    def process(self, samples: Samples) -> Samples:
        """What may go out after ``samples``; often empty at first."""
        if self._gain is None:
            return self._hold(samples)
        return self._without_tail(samples)

    def finish(self) -> Samples:
        """The rest of the utterance, without the silence at its end."""
        if self._gain is None:
            return self._release()
        return np.zeros(0, np.int16)

    def _hold(self, samples: Samples) -> Samples:
        if not self._held:
            samples = samples[first_sound(samples, self._frame) :]
        if samples.size:
            self._held.append(samples)
            self._held_samples += samples.size
        return self._release() if self._held_samples >= self._look_ahead else np.zeros(0, np.int16)

    def _release(self) -> Samples:
        held = np.concatenate(self._held) if self._held else np.zeros(0, np.int16)
        self._gain = level_gain(held[: self._look_ahead], self._rate_hz)
        self._held.clear()
        return self._without_tail(held)

    def _without_tail(self, samples: Samples) -> Samples:
        everything = np.concatenate([self._silent_tail, samples])
        end = last_sound(everything, self._frame)
        self._silent_tail = everything[end:]
        return amplify(everything[:end], self._gain or 1.0)


def speech_rms_dbfs(samples: Samples, rate_hz: int = OUTPUT_RATE_HZ) -> float:
    """RMS in dB against full scale over the 10 ms frames that hold speech; -inf for silence."""
    rms = _speech_rms(frame_powers(samples, rate_hz))
    return float(20 * np.log10(rms / 32768)) if rms > 0 else float("-inf")


def level_gain(samples: Samples, rate_hz: int = OUTPUT_RATE_HZ) -> float:
    """The factor that brings ``samples`` to :data:`TARGET_DBFS`; 12 dB up at most."""
    return gain_to_target(frame_powers(samples, rate_hz))


def gain_to_target(powers: Powers) -> float:
    """The same for frames of these powers."""
    rms = _speech_rms(powers)
    if rms <= 0:
        return 1.0
    return min(_LARGEST_GAIN, float(10 ** (TARGET_DBFS / 20) * 32768 / rms))


def amplify(samples: Samples, gain: float | npt.NDArray[np.float32]) -> Samples:
    """``samples`` times ``gain``, rounded over above 70 % of full scale instead of clipped."""
    scaled = samples.astype(np.float32) * gain
    size = np.abs(scaled)
    room = 32767 - _KNEE
    bent = _KNEE + room * np.tanh((size - _KNEE) / room)
    return np.where(size > _KNEE, np.copysign(bent, scaled), scaled).round().astype(np.int16)


def frame_powers(samples: Samples, rate_hz: int) -> Powers:
    """The mean square of each whole 10 ms."""
    size = rate_hz // _FRAMES_PER_S
    frames = samples[: samples.size // size * size].reshape(-1, size).astype(np.float64)
    return np.asarray((frames**2).mean(axis=1))


def _speech_rms(powers: Powers) -> float:
    if not powers.size:
        return 0.0
    loud = powers[powers > max(powers.max() * 10 ** (-30 / 10), _SILENCE**2)]
    return float(np.sqrt(loud.mean())) if loud.size else 0.0


def first_sound(samples: Samples, frame: int) -> int:
    """Where the silence before a sound ends, a little early; the end where there is no sound."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _SILENCE)
    return max(0, int(loud[0]) - frame // 4) if loud.size else samples.size


def last_sound(samples: Samples, frame: int) -> int:
    """Where the silence after the last sound begins, a little late; 0 where there is none."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _SILENCE)
    return min(samples.size, int(loud[-1]) + frame // 4) if loud.size else 0
