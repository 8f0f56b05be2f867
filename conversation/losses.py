"""Whether all of a turn reached us: of "não autorizo" without its first 120 ms is left a yes.

Asterisk forwards what arrives: a packet that was lost on the way is simply missing, so less audio
comes than time passes. One frame is late or early by the jitter of two networks and of this
machine, hence the most punctual of many are compared: those before a turn with those at its end.
Beyond that there are turns whose beginning nobody can vouch for, although nothing is missing.
Without a clock, in seconds of the caller's; costs a subtraction for each frame.
"""

from collections import deque
from enum import StrEnum
from itertools import islice
from typing import Final

import numpy as np

from stt.vad import Samples

LEAST_LOST_MS: Final = 30.0
"""Two frames of 20 ms are a loss, one is none: without 60 ms "não pode" was "alô pode" in two of
seven voices, without 40 ms it was a no in all."""
LEAD_IN_S: Final = 0.3
"""Before a turn: what is lost here may have been its first word."""
BACK_S: Final = 0.9
"""From here to the lead-in frames show how punctual the line is: thirty of them."""
LAST_FRAMES: Final = 15
"""Of a turn, its silent end: they show how punctual the line was then."""
AFTER_A_START_S: Final = 0.6
"""A sound that was too short for speech may have been the first word of what comes so soon."""
MASKED_MS: Final = 160
"""What we sent so long before speech was noticed, which takes 60 ms, a phone that lets one side
speak at a time may still have been playing: it hears us a network's delay later."""
AUDIBLE: Final = 100
"""Of 32768: what engines leave in a pause is below."""
_KEPT: Final = 1200
"""Frames: the longest turn and what is looked at before it."""


class Lost(StrEnum):
    """What may be missing of a turn."""

    NOTHING = "nothing"
    START = "start"
    """Whatever was said before it: we spoke, or heard nothing of the line until then."""
    PART = "part"
    """Audio is missing shortly before it, or in it."""


class Losses:
    """One line's frames and turns. Times are of one clock, in seconds."""

    def __init__(self) -> None:
        self._frames: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        """When each came, and how much less audio than time there was by then."""
        self._heard_s = 0.0
        self._onset = 0.0
        self._masked = False
        self._false_start_at = float("-inf")

    def came(self, duration_s: float, now: float) -> None:
        """So much audio was delivered."""
        self._heard_s += duration_s
        self._frames.append((now, now - self._heard_s))

    def began(self, onset: float) -> None:
        """A turn began at ``onset``, a moment ago."""
        self._onset = onset
        self._masked = onset - self._false_start_at < AFTER_A_START_S

    def masked(self) -> None:
        """The turn that has begun began while we spoke: many phones send nothing, or less, of
        their owner's first sounds then."""
        self._masked = True

    def false_start(self, now: float) -> None:
        """What seemed to begin was given up."""
        self._false_start_at = now

    def of_turn(self) -> Lost:
        """What may be missing of the turn that has just ended."""
        before = self._lateness(self._onset - BACK_S, self._onset - LEAD_IN_S)
        begin = self._lateness(self._onset, float("inf"), LAST_FRAMES)
        end = min((late for _, late in islice(reversed(self._frames), LAST_FRAMES)), default=begin)
        least = min((late for late in (before, begin) if late is not None), default=None)
        if least is not None and end is not None and (end - least) * 1000 >= LEAST_LOST_MS:
            return Lost.PART
        return Lost.START if before is None or self._masked else Lost.NOTHING

    def _lateness(self, since: float, until: float, most: int = _KEPT) -> float | None:
        """Of the most punctual frame that came in between; ``None`` where none came."""
        between = (late for at, late in self._frames if since <= at < until)
        return min(islice(between, most), default=None)


def masks(ours: Samples) -> bool:
    """Whether what we just sent was sound."""
    return bool(ours.size) and int(np.abs(ours.astype(np.int32)).max()) > AUDIBLE
