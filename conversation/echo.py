"""Self-echo: is what we hear our own voice coming back?

We know every sample that we sent, so the question is a correlation with a searched delay, not a
guess from loudness. Once the delay and the loss of a line's echo are known, loudness tells as well.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EchoThresholds:
    """When something sounds like us. Chosen with ``bench.conversation``: synthetic rooms with more
    reflections than direct sound, G.711, and clocks that drift."""

    correlation: float = 0.45
    """Of a stretch with any of what we sent. Somebody else's speech stays below it 19 times of 20
    over 160 ms, and echo in a room with many reflections below it once in ten."""
    at_known_delay: float = 0.28
    """... with what we sent so long ago as the echo of this line takes: there are 80 times fewer
    delays by which somebody else's speech could be alike by chance."""
    sure: float = 0.6
    """From which the delay is worth remembering."""
    margin: float = 1.7
    """Sound louder than the echo ever was, by this factor (5 dB), is not only echo."""
    least_ms: int = 100
    """Of sound before it is judged on a line of which nothing is known yet."""
    loss: float = 0.5
    """Sound louder than so much of ours (6 dB less) is nobody's echo on such a line."""


DEFAULT_THRESHOLDS: Final = EchoThresholds()
ECHO_FREE_MS: Final = 900
"""A line on which nothing was heard during so much of our speech has no echo: even one that takes
half a second would have been heard."""
_ALIKE_MS: Final = 6
"""How far apart two estimates of one delay may lie: rooms smear it, clocks drift."""
_REMEMBERED: Final = 24
_SMEAR_MS: Final = 80
"""How long a room goes on sounding."""
_ENOUGH: Final = 3


class EchoWatch:
    """What is known of one line's echo; learnt while we speak."""

    def __init__(self, rate_hz: int, thresholds: EchoThresholds | None = None) -> None:
        self._per_ms = rate_hz // 1000
        self._thresholds = thresholds or EchoThresholds()
        self._delays: deque[int] = deque(maxlen=_REMEMBERED)
        self._gains: deque[float] = deque(maxlen=_REMEMBERED)
        self._quiet_ms = 0

    @property
    def delay_ms(self) -> float | None:
        """Of the line's echo, once three stretches of sound agreed on it."""
        known = self._known_delay()
        return None if known is None else known / self._per_ms

    def heard_nothing(self, duration_ms: int) -> None:
        """We spoke for so long, and nothing came back."""
        self._quiet_ms += duration_ms

    def is_ours(
        self, heard: npt.NDArray[np.int16], sent: npt.NDArray[np.int16], sounding_ms: int
    ) -> bool:
        """Whether ``heard`` is our echo, or too short to say; see :func:`correlations` for what is
        given. The sound in question began ``sounding_ms`` ago. Learns from what it sees."""
        ours = self._is_alike(heard, sent)
        if ours:
            self._quiet_ms = 0
        elif not self._delays and self._quiet_ms < ECHO_FREE_MS:
            return sounding_ms < self._thresholds.least_ms and not self._too_loud(heard, sent)
        return ours

    def is_louder(self, heard: npt.NDArray[np.int16], sent: npt.NDArray[np.int16]) -> bool:
        """Whether ``heard`` is louder than an echo of anything in ``sent`` could be: then somebody
        speaks. True on a line whose echo is not known."""
        if self._known_delay() is None:
            return True
        echo = _loudest(sent, 20 * self._per_ms) * float(np.max(self._gains))
        return _rms(heard) > self._thresholds.margin * echo

    def _too_loud(self, heard: npt.NDArray[np.int16], sent: npt.NDArray[np.int16]) -> bool:
        width = 20 * self._per_ms
        ours = _loudest(sent, width)
        return _loudest(heard[-3 * width :], width) > self._thresholds.loss * ours

    def _is_alike(self, heard: npt.NDArray[np.int16], sent: npt.NDArray[np.int16]) -> bool:
        chosen = self._thresholds
        alike = correlations(heard, sent)
        if not len(alike) or (not self._delays and self._too_loud(heard, sent)):
            return False
        best = int(np.argmax(alike))
        if alike[best] >= chosen.sure:
            self._learn(heard, sent, best)
        delay = self._known_delay()
        if delay is None:
            return bool(alike[best] >= chosen.correlation)
        near = self._near(alike, delay)
        expected = self._expected(heard, sent, delay)
        too_loud = _rms(heard) > chosen.margin * expected
        if not too_loud:
            return bool(near >= chosen.at_known_delay / 2 or alike[best] >= chosen.correlation)
        return bool(near >= chosen.sure or alike[best] >= chosen.sure)

    def _near(self, alike: Floats, delay: int) -> float:
        around = _ALIKE_MS * self._per_ms
        lag = len(alike) - 1 - delay
        return float(alike[max(0, lag - around) : max(0, lag + around) + 1].max(initial=0.0))

    def _known_delay(self) -> int | None:
        if len(self._delays) < _ENOUGH:
            return None
        middle = int(np.median(self._delays))
        agree = sum(abs(delay - middle) <= _ALIKE_MS * self._per_ms for delay in self._delays)
        return middle if agree >= max(_ENOUGH, len(self._delays) // 2) else None

    def _learn(self, heard: npt.NDArray[np.int16], sent: npt.NDArray[np.int16], best: int) -> None:
        self._delays.append(len(sent) - len(heard) - best)
        ours = _rms(sent[best : best + len(heard)])
        if ours > 0:
            self._gains.append(_rms(heard) / ours)

    def _expected(
        self, heard: npt.NDArray[np.int16], sent: npt.NDArray[np.int16], delay: int
    ) -> float:
        """How loud the echo is at most now: of the loudest that a room may still give back."""
        end = len(sent) - delay
        start = max(0, end - len(heard) - _SMEAR_MS * self._per_ms)
        loudest = _loudest(sent[start:end], 20 * self._per_ms)
        return loudest * float(np.max(self._gains, initial=0.0))


def _rms(samples: npt.NDArray[np.int16]) -> float:
    floats = samples.astype(np.float64)
    return float(np.sqrt(floats @ floats / len(floats))) if len(floats) else 0.0


def _loudest(samples: npt.NDArray[np.int16], width: int) -> float:
    whole = samples[len(samples) % width :].reshape(-1, width)
    return max((_rms(each) for each in whole), default=0.0)


def echo_correlation(heard: npt.NDArray[np.int16], sent: npt.NDArray[np.int16]) -> float:
    """The greatest of the :func:`correlations`, 0 where there is none."""
    return float(correlations(heard, sent).max(initial=0.0))


def correlations(heard: npt.NDArray[np.int16], sent: npt.NDArray[np.int16]) -> Floats:
    """The normalised cross-correlation (0..1) of ``heard`` with every stretch of ``sent``, from the
    longest delay to none; empty where nothing was heard.

    Both are int16 mono at one rate and end at the same moment; ``sent`` reaches further back, by
    the longest delay to be searched. The sign is ignored (a hybrid may invert). Silence on our
    side gives 0. Costs about 0.2 ms for 120 ms against 720 ms at 8 kHz.
    """
    if len(heard) == 0 or len(sent) < len(heard):
        return np.zeros(0)
    needle = heard.astype(np.float64)
    needle -= needle.mean()
    energy = float(needle @ needle)
    if energy < len(heard):  # below 1 LSB rms: digital silence
        return np.zeros(0)
    hay = sent.astype(np.float64)
    size = 1 << (len(hay) + len(needle) - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(hay, size) * np.conj(np.fft.rfft(needle, size)), size)[
        : len(hay) - len(needle) + 1
    ]
    alike: Floats = np.abs(products) / np.sqrt(_window_energy(hay, len(needle)) * energy)
    return alike


def _window_energy(signal: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """The energy of each window of ``width`` samples, floored at 1 LSB rms."""
    total = np.concatenate(([0.0], np.cumsum(signal * signal)))
    energy: npt.NDArray[np.float64] = np.maximum(total[width:] - total[:-width], float(width))
    return energy
