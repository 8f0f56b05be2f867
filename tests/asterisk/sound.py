"""Measures of what a phone heard."""

import numpy as np
from numpy.typing import NDArray

from tests.asterisk.rtp import RATE_HZ


def likeness(sought: NDArray[np.int16], heard: NDArray[np.int16]) -> float:
    """How well ``sought`` is found anywhere in ``heard``: the best normalised correlation, 0..1."""
    if len(heard) < len(sought) or not len(sought):
        return 0.0
    needle, hay = sought.astype(np.float64), heard.astype(np.float64)
    size = 1 << (len(needle) + len(hay)).bit_length()
    spectrum = np.fft.rfft(hay, size) * np.conj(np.fft.rfft(needle, size))
    products = np.fft.irfft(spectrum, size)[: len(hay) - len(needle) + 1]
    energy = np.concatenate(([0.0], np.cumsum(hay * hay)))
    windows = energy[len(needle) :] - energy[: len(energy) - len(needle)]
    return float(np.max(products / np.sqrt(np.maximum(windows, 1.0) * np.sum(needle * needle))))


def tone_share(samples: NDArray[np.int16], hz: float, rate_hz: int = RATE_HZ) -> float:
    """The part of the energy that is within 10 Hz of a tone, 0..1."""
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64))) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    return float(np.sum(spectrum[np.abs(frequencies - hz) < 10]) / max(np.sum(spectrum), 1.0))


def tone(seconds: float, hz: float, rate_hz: int = RATE_HZ) -> NDArray[np.int16]:
    """A steady tone."""
    time_s = np.arange(int(seconds * rate_hz)) / rate_hz
    return (8000 * np.sin(2 * np.pi * hz * time_s)).astype(np.int16)


def sweep(seconds: float) -> NDArray[np.int16]:
    """A tone that rises from 300 to 3000 Hz: no two moments of it are alike. 8 kHz."""
    time_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * (300 * time_s + (2700 / (2 * seconds)) * time_s**2)
    return (8000 * np.sin(phase)).astype(np.int16)
