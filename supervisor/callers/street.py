"""The street behind a visitor: traffic rumble and passing cars, at a chosen distance to speech."""

import numpy as np
import numpy.typing as npt

from audiosocket.frames import TELEPHONE_HZ
from audiosocket.slin import Samples

SPEECH_DBFS = -20.0
"""The level of speech that an SNR is stated against: where the engines put their voices."""


def street_noise(duration_s: float, snr_db: float, seed: int) -> Samples:
    """Street noise ``snr_db`` below speech at -20 dBFS: 8 kHz int16, the same for the same seed.

    Pink noise in the telephone's band, swelling slowly by up to 6 dB as cars go by; the level is
    that of the whole stretch.
    """
    random = np.random.default_rng(seed)
    count = round(duration_s * TELEPHONE_HZ)
    noise = _pink(count, random) * _passing_cars(count, random)
    level = 32768 * 10 ** ((SPEECH_DBFS - snr_db) / 20)
    rms = float(np.sqrt(np.mean(noise**2))) or 1.0
    scaled: Samples = np.clip(noise * level / rms, -32768, 32767).astype(np.int16)
    return scaled


def mix(speech: Samples, noise: Samples) -> Samples:
    """``speech`` over as much of ``noise`` as it is long, clipped to int16."""
    under = np.resize(noise, speech.size).astype(np.int32)
    mixed: Samples = np.clip(speech.astype(np.int32) + under, -32768, 32767).astype(np.int16)
    return mixed


def _pink(count: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    spectrum = np.fft.rfft(random.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / TELEPHONE_HZ)
    shape = 1 / np.sqrt(np.maximum(frequency, 1.0))
    shape[(frequency < 200) | (frequency > 3400)] = 0.0
    return np.fft.irfft(spectrum * shape, count)


def _passing_cars(count: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    seconds = np.arange(count) / TELEPHONE_HZ
    period_s, phase = random.uniform(4.0, 7.0), random.uniform(0, 2 * np.pi)
    swell_db: npt.NDArray[np.float64] = 3.0 * np.sin(2 * np.pi * seconds / period_s + phase)
    return 10.0 ** (swell_db / 20.0)
