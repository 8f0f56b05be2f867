"""Streaming polyphase resampling, until the wire's own lands."""

from math import gcd

import numpy as np
import numpy.typing as npt

_HALF_TAPS = 48


class Resampler:
    """From one rate to another, in blocks of any size, with 2 ms of delay."""

    def __init__(self, in_hz: int, out_hz: int) -> None:
        common = gcd(in_hz, out_hz)
        self._up, self._down = out_hz // common, in_hz // common
        cut = 0.5 * min(1.0, out_hz / in_hz) * 0.92
        offset = np.arange(self._up)[:, None] / self._up
        where = np.arange(-_HALF_TAPS + 1, _HALF_TAPS + 1)[None, :] - offset
        window = np.i0(9 * np.sqrt(np.clip(1 - (where / _HALF_TAPS) ** 2, 0, 1))) / np.i0(9)
        bank = 2 * cut * np.sinc(2 * cut * where) * window
        self._bank = (bank / bank.sum(axis=1, keepdims=True)).astype(np.float32)
        self._history = np.zeros(2 * _HALF_TAPS - 1, np.float32)
        self._position = 0

    def process(self, samples: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """The output that ``samples`` complete."""
        line = np.concatenate([self._history, samples.astype(np.float32)])
        taps = 2 * _HALF_TAPS
        last = (line.size - taps + 1) * self._up
        at = np.arange(self._position, max(last, self._position), self._down)
        start = at // self._up
        windows = np.lib.stride_tricks.sliding_window_view(line, taps)[start]
        out = np.einsum("ij,ij->i", windows, self._bank[at % self._up])
        self._position += at.size * self._down - (line.size - taps + 1) * self._up
        self._history = line[line.size - taps + 1 :]
        result: npt.NDArray[np.int16] = np.clip(out.round(), -32768, 32767).astype(np.int16)
        return result
