"""Where phrases begin in speech that we made: to go on at one after a false interruption."""

import numpy as np

FRAME_BYTES = 320
"""20 ms of slin at 8 kHz."""
PAUSE_RMS = 150.0
"""Below this a frame of synthesised speech is a pause: about -47 dBFS."""
PAUSE_FRAMES = 3
"""60 ms: shorter gaps are plosives inside a word."""
FURTHEST_FRAMES = 100
"""Going back more than 2 s would repeat too much; then we go on where we stopped."""


def phrase_start(audio: bytes | bytearray, position: int, frame_bytes: int = FRAME_BYTES) -> int:
    """The byte offset at which to go on, at or before ``position``: after the last pause that the
    listener heard, or ``position`` itself (on a frame's edge) where there is none near.
    ``frame_bytes`` are 20 ms."""
    last = min(position, len(audio)) // frame_bytes
    first = max(0, last - FURTHEST_FRAMES)
    samples = np.frombuffer(bytes(audio[first * frame_bytes : last * frame_bytes]), "<i2")
    frames = samples.reshape(-1, frame_bytes // 2).astype(np.float64)
    quiet = np.sqrt((frames * frames).mean(axis=1)) < PAUSE_RMS if len(frames) else np.array([])
    run = 0
    for index in range(len(quiet) - 1, -1, -1):
        run = run + 1 if quiet[index] else 0
        if run >= PAUSE_FRAMES:
            return (first + index + PAUSE_FRAMES) * frame_bytes
    return 0 if first == 0 else last * frame_bytes
