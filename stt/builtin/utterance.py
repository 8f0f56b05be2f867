"""One utterance on its way through features and network, whole or in pieces of any size."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from stt.builtin.features import BANDS, HOP, SAMPLE_RATE_HZ, SILENCE, WINDOW, log_mel
from stt.builtin.network import FRAMES_PER_STEP, AcousticNetwork

Samples = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float32]

CHUNK: Final = SAMPLE_RATE_HZ // 5
"""Samples worth a computation: 200 ms. Less costs more per second (3 times more at 20 ms)."""
LONGEST: Final = 60 * SAMPLE_RATE_HZ
"""Samples kept waiting at most; beyond it the oldest go (a stalled machine, not a call)."""
LATE_STEPS: Final = 5
"""Silence (100 ms) imagined after the end: the network writes a last letter up to so much later,
and speech that is cut off on its last sound has none of its own."""
_STEP: Final = FRAMES_PER_STEP * HOP


class Utterance:
    """Audio since the last reset. ``feed`` from one thread, the rest from one other at a time."""

    def __init__(self, network: AcousticNetwork) -> None:
        self._network = network
        self._waiting: deque[Samples] = deque()
        self._count = 0
        self._tail: Samples = np.zeros(0, np.int16)  # heard, but not yet a whole step
        self._state = network.start
        self._scores: list[Floats] = []

    @property
    def waiting(self) -> int:
        """Samples fed and not yet taken into the network."""
        return self._count

    def feed(self, samples: Samples) -> None:
        """Queue int16 mono samples at 8 kHz; copies nothing and computes nothing."""
        self._waiting.append(samples)
        self._count += len(samples)
        while self._count > LONGEST and len(self._waiting) > 1:
            self._count -= len(self._waiting.popleft())

    def advance(self) -> Floats:
        """Take all whole steps that wait into the network; returns the scores that this adds."""
        before = len(self._scores)
        self._take()
        added = self._scores[before:]
        return added[0] if added else self._network.no_scores

    def conclude(self) -> Floats:
        """The scores that would follow if speech ended here. Nothing changes: more may be fed."""
        steps = -(-len(self._tail) // _STEP)
        rest = np.zeros(max(0, steps * _STEP + WINDOW - HOP), np.int16)
        rest[: len(self._tail)] = self._tail
        features = log_mel(rest)[: steps * FRAMES_PER_STEP]
        late = self._network.delay_steps + LATE_STEPS
        flush = np.full((late * FRAMES_PER_STEP, BANDS), SILENCE)
        features = np.concatenate((features, flush.astype(np.float32)))
        return self._network.advance(features, self._state)[0]

    @property
    def scores(self) -> Floats:
        """All scores so far: frames of 20 ms, ``delay_steps`` behind the audio."""
        if len(self._scores) > 1:
            self._scores = [np.concatenate(self._scores)]
        return self._scores[0] if self._scores else self._network.no_scores

    def _take(self) -> None:
        parts = [self._tail]
        while self._waiting:
            try:
                part = self._waiting.popleft()
            except IndexError:  # the feeder dropped it meanwhile
                break
            self._count -= len(part)
            parts.append(part)
        heard = np.concatenate(parts)
        # a step's last frame reaches WINDOW - HOP samples beyond the step
        steps = max(0, (len(heard) - (WINDOW - HOP)) // _STEP)
        if steps:
            features = log_mel(heard[: steps * _STEP + WINDOW - HOP])
            scores, self._state = self._network.advance(features, self._state)
            self._scores.append(scores)
        self._tail = heard[steps * _STEP :]
