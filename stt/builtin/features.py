"""Log-mel features of 8 kHz telephone speech, in numpy, whole or chunk by chunk."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ: Final = 8000
HOP: Final = 80  # samples: 10 ms
WINDOW: Final = 200  # samples: 25 ms
FFT: Final = 256
BANDS: Final = 40
LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 3900.0
FLOOR: Final = 1e-8  # power of a full-scale signal being of order 1e2 to 1e3 per band
SILENCE: Final = float(np.log(FLOOR))

Floats = npt.NDArray[np.float32]


def _mel(hz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hz / 700.0))


def _filter_bank() -> Floats:
    """Triangular mel filters over the power spectrum, shape ``(FFT // 2 + 1, BANDS)``."""
    points = np.linspace(_mel(LOWEST_HZ), _mel(HIGHEST_HZ), BANDS + 2)
    edges = 700.0 * (10.0 ** (points / 2595.0) - 1.0)
    bins = np.linspace(0.0, SAMPLE_RATE_HZ / 2, FFT // 2 + 1)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rising, falling), 0.0, None).astype(np.float32)


_BANK: Final = _filter_bank()
_HANN: Final = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def log_mel(samples: npt.NDArray[np.int16] | Floats) -> Floats:
    """Features of all whole windows in ``samples``.

    ``samples`` is mono at 8 kHz, int16 or float32 in -1..1. Returns ``(frames, BANDS)`` float32,
    one frame per 10 ms, natural logarithm of band power; frame ``i`` covers samples
    ``80 i .. 80 i + 200``.
    """
    wave = samples.astype(np.float32)
    if samples.dtype == np.int16:
        wave /= 32768.0
    if len(wave) < WINDOW:
        return np.zeros((0, BANDS), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(wave, WINDOW)[::HOP]
    spectrum = np.fft.rfft(windows * _HANN, FFT)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    logarithm: Floats = np.log(power @ _BANK + np.float32(FLOOR))
    return logarithm
