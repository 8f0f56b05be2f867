"""What a telephone line, a lobby and a cheap handset do to speech. numpy only, seeded.

All functions take and return float32 mono at 8 kHz, full scale being 1.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from stt.builtin.features import SAMPLE_RATE_HZ

Wave = npt.NDArray[np.float32]
_FRAME: Final = 160  # samples in a 20 ms packet
NOISES: Final = ("white", "pink", "babble", "street", "hum")


def rms(wave: Wave) -> float:
    """Root mean square, never zero."""
    return float(np.sqrt(np.mean(np.square(wave)) + 1e-12))


def _round_size(count: int) -> int:
    """A transform length that is quick: the next multiple of 512."""
    return -(-count // 512) * 512


def coloured(count: int, slope: float, rng: np.random.Generator) -> Wave:
    """Noise whose power falls with frequency to the power ``slope`` (0 white, 1 pink, 2 brown)."""
    size = _round_size(count)
    spectrum = np.fft.rfft(rng.standard_normal(size, np.float32))
    hz = np.maximum(np.linspace(0, SAMPLE_RATE_HZ / 2, len(spectrum), dtype=np.float32), 30.0)
    wave: Wave = np.fft.irfft(spectrum * hz ** (-slope / 2), size)[:count].astype(np.float32)
    return wave


def babble(count: int, voices: Sequence[Wave], rng: np.random.Generator) -> Wave:
    """Several other utterances at once, repeated as needed."""
    wave = np.zeros(count, np.float32)
    for _ in range(int(rng.integers(2, 7))):
        other = voices[int(rng.integers(len(voices)))]
        start = int(rng.integers(len(other)))
        wave += np.resize(np.roll(other, -start), count) / rms(other) * rng.uniform(0.3, 1.0)
    return wave


def street(count: int, rng: np.random.Generator) -> Wave:
    """Rumble that swells and fades as traffic does, with hiss above it."""
    knots = rng.uniform(0.2, 1.0, max(3, count // SAMPLE_RATE_HZ + 3))
    swell = np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots)
    rumble = coloured(count, rng.uniform(1.2, 2.2), rng)
    hiss = coloured(count, rng.uniform(0.0, 0.8), rng)
    wave: Wave = (rumble / rms(rumble) * swell + 0.3 * hiss / rms(hiss)).astype(np.float32)
    return wave


def hum(count: int, rng: np.random.Generator) -> Wave:
    """Mains hum with harmonics."""
    base = float(rng.choice((50.0, 60.0)))
    t = np.arange(count, dtype=np.float32) / SAMPLE_RATE_HZ
    wave = np.zeros(count, np.float32)
    for harmonic in range(1, 9):
        phase = rng.uniform(0, 6.3)
        wave += rng.uniform(0.1, 1.0) / harmonic * np.sin(6.2832 * base * harmonic * t + phase)
    return wave


def clatter(count: int, rng: np.random.Generator) -> Wave:
    """Doors, keys, steps, a receiver put down: short bursts that fade."""
    wave = np.zeros(count, np.float32)
    for _ in range(int(rng.integers(1, 6))):
        length = min(count, int(rng.uniform(0.01, 0.25) * SAMPLE_RATE_HZ))
        start = int(rng.integers(count - length + 1))
        burst = coloured(length, rng.uniform(-0.5, 1.5), rng)
        fade = np.exp(-rng.uniform(3, 9) * np.arange(length, dtype=np.float32) / length)
        wave[start : start + length] += burst / rms(burst) * fade * rng.uniform(0.1, 1.0)
    return wave


def tones(count: int, rng: np.random.Generator) -> Wave:
    """Keys, ringback, beeps: one or two sines that come and go."""
    t = np.arange(count, dtype=np.float32) / SAMPLE_RATE_HZ
    wave = np.zeros(count, np.float32)
    for hz in rng.uniform(300, 1700, int(rng.integers(1, 3))):
        wave += np.sin(np.float32(6.2832 * hz) * t)
    period, share = rng.uniform(0.1, 2.0), rng.uniform(0.2, 1.0)
    gated: Wave = wave * ((t / period + rng.random()) % 1.0 < share).astype(np.float32)
    return gated


def noise(kind: str, count: int, voices: Sequence[Wave], rng: np.random.Generator) -> Wave:
    """Noise of one of ``NOISES``, of any level."""
    match kind:
        case "white":
            return rng.standard_normal(count, np.float32)
        case "pink":
            return coloured(count, 1.0, rng)
        case "babble" if voices:
            return babble(count, voices, rng)
        case "hum":
            return hum(count, rng)
        case _:
            return street(count, rng)


def add_noise(wave: Wave, added: Wave, snr_db: float, speech_rms: float) -> Wave:
    """``wave + added`` with the speech ``snr_db`` above the noise."""
    return wave + added * np.float32(speech_rms / rms(added) * 10 ** (-snr_db / 20))


def reverberate(wave: Wave, rng: np.random.Generator) -> Wave:
    """A room: direct sound, then exponentially fading noise (RT60 0.1 to 0.6 s)."""
    decay_s = rng.uniform(0.1, 0.6)
    length = int(decay_s * SAMPLE_RATE_HZ)
    tail = rng.standard_normal(length, np.float32)
    tail *= np.exp(-6.9 * np.arange(length, dtype=np.float32) / length)
    tail[: int(rng.integers(8, 60))] = 0.0
    tail *= 10 ** (rng.uniform(-14, 2) / 20) / np.sqrt(np.sum(tail**2) + 1e-9)
    tail[0] = 1.0
    size = _round_size(len(wave) + length)
    wet: Wave = np.fft.irfft(np.fft.rfft(wave, size) * np.fft.rfft(tail, size), size)[
        : len(wave)
    ].astype(np.float32)
    return wet


def line_filter(wave: Wave, rng: np.random.Generator, tilt_db: float = 8.0) -> Wave:
    """Random band edges around 300 to 3400 Hz, and a spectral tilt up to ``tilt_db`` at 4 kHz."""
    size = _round_size(len(wave))
    hz = np.linspace(0, SAMPLE_RATE_HZ / 2, size // 2 + 1, dtype=np.float32)
    low, high = rng.uniform(40, 330), rng.uniform(3050, 4000)
    gain = 1 / (1 + np.exp(np.clip((low - hz) / 30, -30, 30)))
    gain = gain / (1 + np.exp(np.clip((hz - high) / 60, -30, 30)))
    gain = gain * 10 ** (rng.uniform(-tilt_db, tilt_db) / 20 * (hz / 2000 - 1))
    shaped: Wave = np.fft.irfft(np.fft.rfft(wave, size) * gain, size)[: len(wave)].astype(
        np.float32
    )
    return shaped


def mu_law(wave: Wave) -> Wave:
    """The ITU-T G.711 mu-law curve with 8 bits, there and back."""
    mu = 255.0
    code = np.sign(wave) * np.log1p(mu * np.minimum(np.abs(wave), 1.0)) / np.log1p(mu)
    code = np.round(code * 127.0) / 127.0
    decoded: Wave = (np.sign(code) * np.expm1(np.abs(code) * np.log1p(mu)) / mu).astype(np.float32)
    return decoded


def a_law(wave: Wave) -> Wave:
    """The ITU-T G.711 A-law curve with 8 bits, there and back."""
    a, scale = 87.6, 1 + np.log(87.6)
    size = np.minimum(np.abs(wave), 1.0)
    code = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(a * size, 1e-9))) / scale
    code = np.round(code * 127.0) / 127.0
    linear = np.where(code < 1 / scale, code * scale / a, np.exp(code * scale - 1) / a)
    decoded: Wave = (np.sign(wave) * linear).astype(np.float32)
    return decoded


def lose_packets(wave: Wave, rate: float, rng: np.random.Generator) -> Wave:
    """20 ms frames lost at ``rate``: silence, or the frame before again."""
    wave = wave.copy()
    conceal = rng.random() < 0.5
    for frame in np.flatnonzero(rng.random(len(wave) // _FRAME) < rate):
        start = int(frame) * _FRAME
        before = wave[start - _FRAME : start]
        wave[start : start + _FRAME] = before * 0.7 if conceal and len(before) else 0.0
    return wave


def set_level(wave: Wave, dbfs: float, speech_rms: float) -> Wave:
    """Scale so that the speech's RMS is ``dbfs``, and clip at full scale."""
    scaled: Wave = np.clip(wave * np.float32(10 ** (dbfs / 20) / speech_rms), -1.0, 1.0)
    return scaled


def _quantised(wave: Wave) -> Wave:
    """As 16 bits have it."""
    steps: Wave = np.round(wave * np.float32(32768)).astype(np.float32)
    return steps / np.float32(32768)


class TelephoneLine:
    """Draws a random line for every utterance, remembering some as babble for later ones."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._voices: list[Wave] = []

    def _remember(self, wave: Wave) -> None:
        if len(wave) > SAMPLE_RATE_HZ // 2:
            if len(self._voices) < 200:
                self._voices.append(wave)
            else:
                self._voices[int(self._rng.integers(200))] = wave

    def nothing(self) -> Wave:
        """A line on which nobody speaks to us: noise, things, tones, people far away."""
        rng = self._rng
        count = int(rng.uniform(0.4, 3.0) * SAMPLE_RATE_HZ)
        wave = np.zeros(count, np.float32)
        for _ in range(int(rng.integers(1, 4))):
            kind = str(rng.choice((*NOISES, "clatter", "tones")))
            match kind:
                case "clatter":
                    added = clatter(count, rng)
                case "tones":
                    added = tones(count, rng)
                case _:
                    added = noise(kind, count, self._voices, rng)
            wave += added / rms(added) * 10 ** (rng.uniform(-20, 0) / 20)
        wave = line_filter(set_level(wave, rng.uniform(-62, -18), rms(wave)), rng)
        return _quantised(mu_law(wave) if rng.random() < 0.5 else wave)

    def carry(self, samples: npt.NDArray[np.int16]) -> Wave:
        """The clip as it arrives: padded with line noise before and after, degraded throughout."""
        rng = self._rng
        voice = samples.astype(np.float32) / 32768.0
        level = rms(voice)
        self._remember(voice)
        before = int(rng.uniform(0.0, 0.4) * SAMPLE_RATE_HZ)
        after = int(rng.uniform(0.0, 0.5) * SAMPLE_RATE_HZ)
        wave = np.pad(voice, (before, after))
        if rng.random() < 0.16:  # as clean as the demo's own caller
            return _quantised(set_level(wave, rng.uniform(-32, -12), level))
        if rng.random() < 0.3:
            wave = reverberate(wave, rng)
        if rng.random() < 0.85:
            for _ in range(1 if rng.random() < 0.85 else 2):
                kind = NOISES[int(rng.choice(5, p=(0.25, 0.2, 0.25, 0.22, 0.08)))]
                snr = rng.triangular(3, 15, 45)
                wave = add_noise(wave, noise(kind, len(wave), self._voices, rng), snr, level)
        if rng.random() < 0.05:
            wave = add_noise(wave, clatter(len(wave), rng), rng.uniform(0, 20), level)
        if rng.random() < 0.85:
            wave = line_filter(wave, rng)
        level = rms(wave[before : before + len(voice)])
        if rng.random() < 0.07:  # an overdriven handset: clipped, then brought back down
            wave = set_level(wave, rng.uniform(-11, -4), level)
            level = rms(wave[before : before + len(voice)])
        wave = set_level(wave, rng.uniform(-44, -12), level)
        codec = rng.random()
        if codec < 0.7:
            wave = mu_law(wave) if codec < 0.3 else a_law(wave)
        if rng.random() < 0.12:
            wave = lose_packets(wave, rng.uniform(0.005, 0.05), rng)
        return _quantised(wave)
