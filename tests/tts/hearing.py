"""Listening to what an engine made."""

from collections.abc import AsyncIterator

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]


async def collect(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


def samples(slin: bytes) -> Samples:
    return np.frombuffer(slin, "<i2").astype(np.int16)


def share_of_energy(audio: Samples, low_hz: float, high_hz: float) -> float:
    """How much of the energy lies in a band, 0..1, at 8 kHz."""
    power = np.abs(np.fft.rfft(audio.astype(np.float64))) ** 2
    pitch = np.fft.rfftfreq(audio.size, 1 / 8000)
    return float(power[(pitch >= low_hz) & (pitch < high_hz)].sum() / power.sum())


def pitch_hz(audio: Samples) -> float:
    """The median pitch of the loud 40 ms frames, by autocorrelation between 60 and 400 Hz."""
    frames = audio[: audio.size // 320 * 320].reshape(-1, 320).astype(np.float64)
    loud = frames[np.sqrt((frames**2).mean(axis=1)) > 2000]
    lags = [int(np.argmax(np.correlate(f, f, "full")[319 + 20 : 319 + 133])) + 20 for f in loud]
    return 8000 / float(np.median(lags))
