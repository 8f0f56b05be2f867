"""A party that says again what it said, whatever it hears."""

from collections.abc import Callable
from typing import Final

import numpy as np

from audiosocket.frames import FRAME_MS
from audiosocket.slin import Samples
from supervisor.replay.bundle import Voiced
from supervisor.replay.line import Line

STAYS_MS: Final = 15_000
"""How long a party stays on the line after its recording, if nobody hangs up."""


class RecordedVoice:
    """Gives a recording frame by frame from the moment its line is up, and then silence."""

    def __init__(self, voice: Voiced) -> None:
        self.rate_hz = voice.rate_hz
        self._size = voice.rate_hz * FRAME_MS // 1000
        self._samples = voice.samples
        self._silence = np.zeros(self._size, np.int16)
        self._at = 0
        self._on_end: Callable[[], None] | None = None

    def ends(self, call: Callable[[], None]) -> None:
        """Call this when the party would have left."""
        self._on_end = call

    def frame(self, _line: Line) -> Samples:
        """The next 20 ms."""
        frame = self._samples[self._at : self._at + self._size]
        self._at += self._size
        if len(frame) == self._size:
            return frame
        over_ms = (self._at - len(self._samples)) * 1000 // self.rate_hz
        if over_ms >= STAYS_MS and self._on_end is not None:
            on_end, self._on_end = self._on_end, None
            on_end()
        return self._silence
