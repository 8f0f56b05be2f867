"""Self-echo: is what we hear our own voice coming back?

We know every sample that we sent, so the question is a correlation with a searched delay, not a
guess from loudness.
"""

import numpy as np
import numpy.typing as npt


def echo_correlation(heard: npt.NDArray[np.int16], sent: npt.NDArray[np.int16]) -> float:
    """The greatest normalised cross-correlation (0..1) of ``heard`` with any stretch of ``sent``.

    Both are int16 mono at one rate and end at the same moment; ``sent`` reaches further back, by
    the longest delay to be searched. The sign is ignored (a hybrid may invert). Silence on either
    side gives 0. Costs about 0.2 ms for 120 ms against 720 ms at 8 kHz.
    """
    if len(heard) == 0 or len(sent) < len(heard):
        return 0.0
    needle = heard.astype(np.float64)
    needle -= needle.mean()
    energy = float(needle @ needle)
    if energy < len(heard):  # below 1 LSB rms: digital silence
        return 0.0
    hay = sent.astype(np.float64)
    size = 1 << (len(hay) + len(needle) - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(hay, size) * np.conj(np.fft.rfft(needle, size)), size)[
        : len(hay) - len(needle) + 1
    ]
    return float(np.max(np.abs(products) / np.sqrt(_window_energy(hay, len(needle)) * energy)))


def _window_energy(signal: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """The energy of each window of ``width`` samples, floored at 1 LSB rms."""
    total = np.concatenate(([0.0], np.cumsum(signal * signal)))
    energy: npt.NDArray[np.float64] = np.maximum(total[width:] - total[:-width], float(width))
    return energy
