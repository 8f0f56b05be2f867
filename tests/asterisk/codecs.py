"""What the rig's phones speak: G.711, and linear audio at 16 kHz (RFC 3551, section 4.5.11)."""

import numpy as np
from numpy.typing import NDArray

from tests.asterisk import g711

L16 = 118
"""The dynamic payload type that Asterisk itself offers for L16/16000."""

AUDIO = frozenset({g711.PCMU, g711.PCMA, L16})


def rate_hz(payload_type: int) -> int:
    """The rate of the samples, which is also that of the RTP clock."""
    return 16000 if payload_type == L16 else 8000


def decode(payload: bytes, payload_type: int) -> NDArray[np.int16]:
    """Samples of full int16 range."""
    if payload_type == L16:
        return np.frombuffer(payload, ">i2").astype(np.int16)
    return g711.decode(payload, payload_type)


def encode(samples: NDArray[np.int16], payload_type: int) -> bytes:
    """The payload that holds ``samples``."""
    if payload_type == L16:
        return samples.astype(">i2").tobytes()
    return g711.encode(samples, payload_type)
