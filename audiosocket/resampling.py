"""Streaming polyphase resampling for live audio.

soxr's stream mode gives nothing for several chunks and then 60 ms at once, which is wrong for a
call; a windowed-sinc filter bank gives each chunk its share at once and adds 2 ms at 8 kHz.
"""

from functools import lru_cache
from math import gcd
from typing import Final

import numpy as np
import numpy.typing as npt

from audiosocket.slin import Samples

LOBES: Final = 16
"""Zero crossings of the sinc on either side, counted at the lower rate: 2 ms at 8 kHz."""
CUTOFF: Final = 0.5 * 0.93
"""Where the filter is at -6 dB, as a share of the lower rate: 3.72 kHz at 8 kHz."""
KAISER_BETA: Final = 7.5


@lru_cache(maxsize=32)
def _filter_bank(up: int, down: int) -> npt.NDArray[np.float32]:
    """Taps by phase, shape (up, taps), each phase with a gain of 1 at 0 Hz, newest sample last."""
    stretch = max(1.0, down / up)
    half = int(np.ceil(LOBES * stretch))
    taps = 2 * half
    phases = np.arange(up)[:, None] / up
    distance = np.arange(taps)[None, :] - (half - 1) - phases
    cutoff = CUTOFF / stretch
    window = np.i0(KAISER_BETA * np.sqrt(np.clip(1 - (distance / half) ** 2, 0, 1)))
    bank = 2 * cutoff * np.sinc(2 * cutoff * distance) * window
    return np.asarray(bank / bank.sum(axis=1, keepdims=True), dtype=np.float32)


class Resampler:
    """Turns int16 mono at ``in_hz`` into int16 mono at ``out_hz``, chunk by chunk.

    Chunks may have any size; over time exactly ``out_hz / in_hz`` of the samples come out. The
    output is delayed by :attr:`delay_ms`. Equal rates pass through untouched. Raises
    ``ValueError`` for rates that are not positive.
    """

    def __init__(self, in_hz: int, out_hz: int) -> None:
        if in_hz <= 0 or out_hz <= 0:
            raise ValueError(f"rates are positive, not {in_hz} and {out_hz} Hz")
        self.in_hz, self.out_hz = in_hz, out_hz
        divisor = gcd(in_hz, out_hz)
        self._up, self._down = out_hz // divisor, in_hz // divisor
        self._bank = _filter_bank(self._up, self._down)
        self._taps = self._bank.shape[1]
        self._history = np.zeros(self._taps - 1, dtype=np.float32)
        self._offset = 0  # of the next output, in 1/up input samples after the history

    @property
    def delay_ms(self) -> float:
        """How much later the output is than the input."""
        return 0.0 if self.in_hz == self.out_hz else self._taps / 2 * 1000 / self.in_hz

    def process(self, samples: Samples) -> Samples:
        """The output that ``samples`` complete; shape (about n * out_hz / in_hz,)."""
        if self.in_hz == self.out_hz:
            return samples
        signal = np.concatenate((self._history, samples), dtype=np.float32)
        available = len(signal) - self._taps + 1
        count = max(0, -(-(available * self._up - self._offset) // self._down))
        out = self._convolve(signal, count)
        self._offset += count * self._down - len(samples) * self._up
        self._history = signal[len(samples) :]
        return np.clip(np.rint(out), -32768, 32767).astype(np.int16)

    def _convolve(self, signal: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
        if not count:
            return np.zeros(0, dtype=np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(signal, self._taps)
        if self._up == 1:
            first = self._offset
            chosen = windows[first : first + count * self._down : self._down]
            return np.asarray(chosen @ self._bank[0])
        places = self._offset + np.arange(count) * self._down
        chosen = windows[places // self._up]
        bank = self._bank[places % self._up]
        return np.asarray(np.einsum("ij,ij->i", chosen, bank))


HALF_BAND: Final = 47
"""Taps of :class:`Halver`: 3.4 kHz passes and 4.6 kHz is gone where 16 kHz becomes 8 kHz."""
_CENTRE: Final = HALF_BAND // 2


class Halver:
    """Halves a rate for less than half of what :class:`Resampler` takes: every other tap of a
    half-band filter is zero. The output is delayed by 23 samples of the input."""

    def __init__(self) -> None:
        self._taps = _half_band()
        self._history = np.zeros(HALF_BAND - 1, dtype=np.float32)

    def process(self, samples: Samples) -> Samples:
        """Half as many samples as come in, which must be an even number."""
        signal = np.concatenate((self._history, samples), dtype=np.float32)
        self._history = signal[samples.size :]
        out = np.convolve(signal[::2], self._taps, "valid")
        out += 0.5 * signal[_CENTRE : _CENTRE + samples.size : 2]
        return np.clip(out, -32768, 32767, out=out).astype(np.int16)


@lru_cache(maxsize=1)
def _half_band() -> npt.NDArray[np.float32]:
    """The taps beside the centre that are not zero; with the centre's 0.5 the gain at 0 Hz is 1."""
    distance = np.arange(-_CENTRE, _CENTRE + 1, 2)
    taps = 0.5 * np.sinc(distance / 2) * np.kaiser(HALF_BAND, 6.0)[::2]
    return np.asarray(0.5 * taps / taps.sum(), dtype=np.float32)
