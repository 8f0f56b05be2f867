"""The sound of a phone that rings, so that somebody who waits never hears dead air."""

import numpy as np

RATE_HZ = 8000
FREQUENCY_HZ = 425
"""Brazil's call progress tones are a single 425 Hz tone (ITU-T E.180 supplement 2)."""
TONE_S, PAUSE_S = 1.0, 4.0
"""Brazil's ringing cadence: one second on, four off (same table)."""
LEVEL_DBFS = -28.0
"""Softer than speech (about -20 dBFS): it is there to reassure, not to be talked over."""
RAMP_MS = 20


def ringback_period() -> bytes:
    """One period of the ringing tone: 5 s of slin at 8 kHz, without clicks at its edges."""
    samples = np.arange(int(TONE_S * RATE_HZ))
    tone = np.sin(2 * np.pi * FREQUENCY_HZ * samples / RATE_HZ)
    ramp = np.minimum(1.0, (1 + np.arange(len(tone))) / (RAMP_MS * RATE_HZ / 1000))
    tone *= ramp * ramp[::-1] * 10 ** (LEVEL_DBFS / 20) * 32767 * np.sqrt(2)
    pause = np.zeros(int(PAUSE_S * RATE_HZ))
    return np.concatenate((tone, pause)).astype("<i2").tobytes()
