"""The seam for voice activity: is somebody speaking in this 20 ms of a telephone line?

A detector answers frame by frame and keeps no clock. Timing (onset, pauses, end of turn) belongs
to :mod:`stt.turn_detector`, so that every engine is judged by the same rules.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

RATE_HZ = 8000
"""The telephone's rate: AudioSocket kind 0x10."""

FRAME_MS = 20
"""The step of every decision: Asterisk's usual packet."""

FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000

Samples = npt.NDArray[np.int16]
"""int16 mono samples, at 8 kHz unless something else is said."""


class VoiceActivity(Protocol):
    """One line's detector. Calls come in the order of time, from one thread."""

    def process(self, frame: Samples) -> bool:
        """Whether ``frame`` (exactly 160 samples) is part of somebody's speech.

        True from the frame on that makes speech certain enough, and false again with the last
        sound, not a hangover later: silence counts from there. Breaths and stops inside a word
        may be false.
        """

    def gap(self, duration_ms: int) -> None:
        """Frames for ``duration_ms`` never came (packet loss, DTX, a key being pressed).

        The line was silent as far as anybody knows; what is remembered of it has aged.
        """

    def reset(self) -> None:
        """Forget the line: the next frame is the first of another one."""


class FrameAssembler:
    """Cuts audio that comes in packets of any size (10, 30, 60 ms) into frames of 20 ms."""

    def __init__(self, rate_hz: int = RATE_HZ) -> None:
        self._size = rate_hz * FRAME_MS // 1000
        self._rest: Samples = np.empty(0, dtype=np.int16)

    def push(self, samples: Samples) -> Iterator[Samples]:
        """Yield every frame that ``samples`` completes; what is left waits for the next call."""
        size = self._size
        if len(samples) == size and not len(self._rest):
            yield samples
            return
        held = np.concatenate((self._rest, samples))
        whole = len(held) - len(held) % size
        self._rest = held[whole:]
        for start in range(0, whole, size):
            yield held[start : start + size]

    def drop(self) -> None:
        """Throw the incomplete frame away, as after a gap: its other half never comes."""
        self._rest = np.empty(0, dtype=np.int16)


class PreRoll:
    """The last moments before speech was noticed, for the recogniser.

    While nobody speaks, :meth:`push` every frame. When the turn detector reports speech,
    :meth:`take` everything once and feed later frames directly. A frame is handed out at most
    once, so an utterance never begins with the end of the one before. 300 ms holds the time to
    notice speech (60-80 ms), a soft first consonant below the noise (up to 100 ms), and some
    silence that recognisers like to start in.
    """

    def __init__(self, capacity_ms: int = 300, rate_hz: int = RATE_HZ) -> None:
        self._rate_hz = rate_hz
        self._ring = np.zeros(capacity_ms * rate_hz // 1000, dtype=np.int16)
        self._position = 0
        self._filled = 0

    def push(self, samples: Samples) -> None:
        """Remember ``samples``, of any number, and forget what they push out."""
        size = len(self._ring)
        kept = samples[-size:]
        end = self._position + len(kept)
        if end <= size:
            self._ring[self._position : end] = kept
        else:
            split = size - self._position
            self._ring[self._position :] = kept[:split]
            self._ring[: end - size] = kept[split:]
        self._position = end % size
        self._filled = min(size, self._filled + len(kept))

    def gap(self, duration_ms: int) -> None:
        """Frames that never came are remembered as silence, so that the rest keeps its place."""
        missing = min(duration_ms * self._rate_hz // 1000, len(self._ring))
        self.push(np.zeros(missing, dtype=np.int16))

    def take(self) -> Samples:
        """What is remembered, oldest first; afterwards nothing is."""
        oldest = self._position - self._filled
        taken = np.take(self._ring, np.arange(oldest, self._position), mode="wrap")
        self._filled = 0
        return taken
