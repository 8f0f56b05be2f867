"""G.711: 8 kHz telephone audio in one byte per sample, both laws, by table."""

import numpy as np
from numpy.typing import NDArray

PCMU = 0
"""RTP payload type of µ-law (RFC 3551, table 4)."""

PCMA = 8
"""RTP payload type of A-law."""


def decode(payload: bytes, payload_type: int) -> NDArray[np.int16]:
    """One sample of full int16 range per byte. Raises ``KeyError`` for another payload type."""
    return _DECODED[payload_type][np.frombuffer(payload, dtype=np.uint8)]


def encode(samples: NDArray[np.int16], payload_type: int) -> bytes:
    """One byte per sample: the code whose value is nearest."""
    return _ENCODED[payload_type][samples.view(np.uint16)].tobytes()


def _ulaw_values() -> NDArray[np.int16]:
    """ITU-T G.711 table 2: inverted sign, 3 bits of segment, 4 of mantissa; bias 132."""
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 132) << ((code >> 4) & 7)) - 132
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_values() -> NDArray[np.int16]:
    """ITU-T G.711 table 1: every other bit inverted, sign set for positive."""
    code = np.arange(256, dtype=np.int32) ^ 0x55
    mantissa, segment = (code & 0x0F) << 4, (code >> 4) & 7
    magnitude = np.where(
        segment == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(segment - 1, 0)
    )
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _nearest_codes(values: NDArray[np.int16]) -> NDArray[np.uint8]:
    """For each of the 65536 samples, as an unsigned index, the code of the nearest value."""
    order = np.argsort(values, kind="stable").astype(np.uint8)
    ladder = values[order].astype(np.int32)
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    between = (ladder[1:] + ladder[:-1]) / 2
    return order[np.searchsorted(between, samples)]


_DECODED = {PCMU: _ulaw_values(), PCMA: _alaw_values()}
_ENCODED = {payload_type: _nearest_codes(values) for payload_type, values in _DECODED.items()}
