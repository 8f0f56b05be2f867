"""Signed linear audio: ``bytes`` of little-endian int16 at the wire, numpy arrays elsewhere."""

from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
"""Mono int16 samples, shape (n,); the rate is told beside them."""

FULL_SCALE: Final = 32768.0
SILENCE_DBFS: Final = -120.0
"""What :func:`level_dbfs` says of digital silence and of no samples at all."""


def from_bytes(slin: bytes) -> Samples:
    """Samples of ``slin``, read-only and without a copy; an odd last byte is dropped."""
    return np.frombuffer(slin, dtype="<i2", count=len(slin) // 2)


def to_bytes(samples: Samples) -> bytes:
    """``samples`` as they go over the wire."""
    return samples.astype("<i2", copy=False).tobytes()


def to_float(samples: Samples) -> npt.NDArray[np.float32]:
    """Float32 in -1..1."""
    return samples.astype(np.float32) / np.float32(FULL_SCALE)


def from_float(samples: npt.NDArray[np.floating]) -> Samples:
    """Int16 of floats in -1..1, rounded; what lies beyond is clipped."""
    scaled: npt.NDArray[np.floating] = np.rint(samples * FULL_SCALE)
    return np.asarray(np.clip(scaled, -32768, 32767), dtype=np.int16)


def silence(duration_ms: int, rate_hz: int = 8000) -> bytes:
    """Digital silence of a length."""
    return bytes(2 * (rate_hz * duration_ms // 1000))


def duration_ms(slin: bytes, rate_hz: int = 8000) -> float:
    """How long ``slin`` sounds."""
    return len(slin) // 2 * 1000 / rate_hz


def level_dbfs(samples: Samples) -> float:
    """Root mean square in dB below full scale; :data:`SILENCE_DBFS` at the least."""
    if not samples.size:
        return SILENCE_DBFS
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    return max(SILENCE_DBFS, 20 * float(np.log10(rms / FULL_SCALE))) if rms else SILENCE_DBFS
