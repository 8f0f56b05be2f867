"""One direction of a call as audio on the clock: frames put down where they belong in time."""

import numpy as np

from audiosocket.slin import Samples

RATE_HZ = 8000
"""The rate of every leg here: AudioSocket kind 0x10."""

JITTER_S = 0.06
"""A frame later than this after the end of the one before leaves a gap; less is only jitter."""

LONGEST_S = 15 * 60
"""A track keeps no more than this, so that a line left open cannot fill the memory."""


class Track:
    """8 kHz int16 audio by monotonic seconds; what was not put down is silence."""

    def __init__(self) -> None:
        self._pieces: list[tuple[float, Samples]] = []
        self._end = float("-inf")

    def put(self, samples: Samples, at: float) -> None:
        """Put ``samples`` down at ``at``, or right after what is there if that is only jitter."""
        start = self._end if at < self._end + JITTER_S else at
        if self._pieces and start - self._pieces[0][0] > LONGEST_S:
            return
        self._pieces.append((start, samples))
        self._end = start + samples.size / RATE_HZ

    @property
    def start(self) -> float | None:
        """When the first sample sounds, or None for an empty track."""
        return self._pieces[0][0] if self._pieces else None

    @property
    def end(self) -> float | None:
        """When the last sample has sounded, or None for an empty track."""
        return self._end if self._pieces else None

    def between(self, start: float, end: float) -> Samples:
        """The audio from ``start`` to ``end``, exactly that long, silence where nothing was put."""
        out = np.zeros(max(0, round((end - start) * RATE_HZ)), np.int16)
        for at, samples in self._pieces:
            offset = round((at - start) * RATE_HZ)
            first, last = max(0, offset), min(out.size, offset + samples.size)
            if first < last:
                out[first:last] = samples[first - offset : last - offset]
        return out
