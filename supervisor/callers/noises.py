"""What may sound behind a person: street, hum, hiss, music, other people's talk."""

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from audiosocket.frames import TELEPHONE_HZ
from audiosocket.slin import Samples
from supervisor.callers.street import SPEECH_DBFS, street_noise

NoiseKind: TypeAlias = Literal["street", "hum", "hiss", "music", "babble"]

MAINS_HZ = 60.0
"""Of Brazil's power lines."""
HARMONICS = ((1, 1.0), (2, 0.6), (3, 0.8), (5, 0.5), (7, 0.3), (9, 0.2))
SCALE_HZ = (220.0, 246.9, 277.2, 329.6, 370.0, 440.0)
"""A pentatonic tune has no wrong notes: A3 to A4."""
NOTE_S = 0.35
TALKERS = 5
SYLLABLES_HZ = 4.0


def noise(kind: NoiseKind, duration_s: float, snr_db: float, seed: int) -> Samples:
    """8 kHz int16, ``snr_db`` below speech at -20 dBFS; the same for the same ``seed``."""
    if kind == "street":
        return street_noise(duration_s, snr_db, seed)
    random = np.random.default_rng(seed)
    count = round(duration_s * TELEPHONE_HZ)
    sound = {"hum": _hum, "hiss": _hiss, "music": _music, "babble": _babble}[kind](count, random)
    level = 32768 * 10 ** ((SPEECH_DBFS - snr_db) / 20)
    rms = float(np.sqrt(np.mean(sound**2))) or 1.0
    scaled: Samples = np.clip(sound * level / rms, -32768, 32767).astype(np.int16)
    return scaled


def _hum(count: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    seconds = np.arange(count) / TELEPHONE_HZ
    phases = random.uniform(0, 2 * np.pi, len(HARMONICS))
    tones = (
        gain * np.sin(2 * np.pi * MAINS_HZ * number * seconds + phase)
        for (number, gain), phase in zip(HARMONICS, phases, strict=True)
    )
    hum: npt.NDArray[np.float64] = np.sum(list(tones), axis=0)
    return hum


def _hiss(count: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    hiss: npt.NDArray[np.float64] = random.standard_normal(count)
    return hiss


def _music(count: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """A tune of plucked notes with three partials each, from a radio in the background."""
    note = round(NOTE_S * TELEPHONE_HZ)
    seconds = np.arange(note) / TELEPHONE_HZ
    tune = []
    for _ in range(count // note + 1):
        pitch = random.choice(SCALE_HZ) * random.choice((1.0, 2.0))
        partials = sum(np.sin(2 * np.pi * pitch * k * seconds) / k for k in (1, 2, 3))
        tune.append(partials * np.exp(-3.0 * seconds))
    whole: npt.NDArray[np.float64] = np.concatenate(tune)[:count]
    return whole


def _babble(count: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Several talkers at once: noise in the formants' bands, each at its own pace of syllables."""
    talkers = [_talker(count, random) for _ in range(TALKERS)]
    babble: npt.NDArray[np.float64] = np.sum(talkers, axis=0)
    return babble


def _talker(count: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    seconds = np.arange(count) / TELEPHONE_HZ
    pitch_hz = random.uniform(90, 230) * (1 + 0.05 * np.sin(2 * np.pi * 0.7 * seconds))
    pulses = np.sign(np.sin(2 * np.pi * np.cumsum(pitch_hz) / TELEPHONE_HZ))
    spectrum = np.fft.rfft(pulses)
    frequency = np.fft.rfftfreq(count, 1 / TELEPHONE_HZ)
    formants = sum(
        np.exp(-(((frequency - centre) / width) ** 2))
        for centre, width in ((random.uniform(350, 750), 150), (random.uniform(1100, 1900), 250))
    )
    syllables = np.sin(2 * np.pi * SYLLABLES_HZ * random.uniform(0.8, 1.2) * seconds)
    pauses = np.sin(2 * np.pi * 0.35 * seconds + random.uniform(0, 6.3)) > -0.5
    voice: npt.NDArray[np.float64] = np.fft.irfft(spectrum * formants, count)
    return voice * np.maximum(0.1, syllables) * pauses
