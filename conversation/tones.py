"""What somebody hears who waits: a phone that rings, then a soft chime; never dead air."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from audiosocket import slin
from audiosocket.resampling import Resampler

RATE_HZ = 8000
RAMP_MS = 20
"""Tones swell and fade this long: a hard edge clicks."""

RINGBACK_HZ = 425
"""Brazil's call progress tones are a single 425 Hz tone (ITU-T E.180 supplement 2)."""
RINGBACK_ON_S, RINGBACK_OFF_S = 1.0, 4.0
"""Brazil's ringing cadence: one second on, four off (same table)."""
RINGBACK_DBFS = -28.0
"""Softer than speech (about -20 dBFS): it is there to reassure, not to be talked over."""

CHIME_HZ = (523.25, 659.25)
"""C and E above: a rising third sounds like a waiting line, not like a fault."""
CHIME_NOTE_S, CHIME_OFF_S = 0.14, 1.3
"""Never silent for two seconds, which callers take for a lost line: nor with the half second that
may pass between our last word and the chime."""
CHIME_DBFS = -36.0
"""Softer than the ringing: it is heard for longer."""


@lru_cache(maxsize=1)
def ringback() -> bytes:
    """One period of the Brazilian ringing tone: 5 s of slin at 8 kHz.

    Its four seconds of silence have a note of the chime in their middle: every exchange leaves
    them empty, and callers to an agent take them for a lost line.
    """
    tone = _tone(RINGBACK_HZ, RINGBACK_ON_S, RINGBACK_DBFS)
    note = _tone(CHIME_HZ[0], CHIME_NOTE_S, CHIME_DBFS)
    half = _silence((RINGBACK_OFF_S - CHIME_NOTE_S) / 2)
    return _joined([tone, half, note, half])


@lru_cache(maxsize=1)
def waiting_chime() -> bytes:
    """One period of the chime for somebody whose matter is being dealt with: about 2 s of slin.

    It begins with its pause, so that it does not follow hard on our own words.
    """
    notes = [_tone(frequency, CHIME_NOTE_S, CHIME_DBFS) for frequency in CHIME_HZ]
    return _joined([_silence(CHIME_OFF_S), *notes])


@lru_cache(maxsize=8)
def at_rate(sound: bytes, rate_hz: int) -> bytes:
    """``sound`` at another rate than 8 kHz; made once, since a second of it costs milliseconds."""
    if rate_hz == RATE_HZ:
        return sound
    return slin.to_bytes(Resampler(RATE_HZ, rate_hz).process(slin.from_bytes(sound)))


def _tone(frequency_hz: float, length_s: float, level_dbfs: float) -> npt.NDArray[np.float64]:
    samples = np.arange(int(length_s * RATE_HZ))
    ramp = np.minimum(1.0, (1 + samples) / (RAMP_MS * RATE_HZ / 1000))
    amplitude = 10 ** (level_dbfs / 20) * 32767 * np.sqrt(2)
    wave = np.sin(2 * np.pi * frequency_hz * samples / RATE_HZ)
    tone: npt.NDArray[np.float64] = wave * ramp * ramp[::-1] * amplitude
    return tone


def _silence(length_s: float) -> npt.NDArray[np.float64]:
    return np.zeros(int(length_s * RATE_HZ))


def _joined(parts: Sequence[npt.NDArray[np.float64]]) -> bytes:
    return np.concatenate(parts).astype("<i2").tobytes()
