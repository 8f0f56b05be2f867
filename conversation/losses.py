"""Whether all of a turn reached us: of "não autorizo" without its first 120 ms is left a yes.

Asterisk forwards what arrives: a packet that was lost on the way is simply missing, so less audio
comes than time passes. One frame is late or early by the jitter of two networks and of this
machine, hence the most punctual of many are compared: those before a turn with those at its end.
Beyond that there are turns whose beginning nobody can vouch for, although nothing is missing.
Without a clock, in seconds of the caller's; costs a subtraction for each frame.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
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
LAST_S: Final = 0.3
"""Of a turn, its silent end, and of what follows: frames that show how punctual the line is."""
SILENT_S: Final = 2.0
"""A line of which nothing came for longer is no line that lost something: its phone sends nothing
while its owner is silent."""
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


@dataclass(frozen=True, slots=True)
class Ended:
    """A turn that is over: how much audio had been heard before it and at its end, and when."""

    onset_s: float
    end_s: float
    began_at: float
    masked: bool


class Losses:
    """One line's frames and turns. Times are of one clock, in seconds.

    Places in the audio are what has been delivered up to there, so that frames which pile up while
    this machine is busy, and arrive all at once, keep their places.
    """

    def __init__(self) -> None:
        self._frames: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        """Where each ends, and when it came."""
        self._heard_s = 0.0
        self._onset_s = self._began_at = 0.0
        self._masked = False

    def came(self, duration_s: float, now: float) -> None:
        """So much audio was delivered."""
        self._heard_s += duration_s
        self._frames.append((self._heard_s, now))

    def began(self, age_s: float, now: float) -> None:
        """A turn began so long ago."""
        self._onset_s, self._began_at = self._heard_s - age_s, now
        self._masked = False

    def masked(self) -> None:
        """The turn that has begun began while we spoke: many phones send nothing, or less, of
        their owner's first sounds then."""
        self._masked = True

    def unmasked(self) -> None:
        """It was our own voice that the turn began with: the phone sends while it plays."""
        self._masked = False

    def ended(self) -> Ended:
        """The turn is over, but its last frames may not all have been read yet."""
        return Ended(self._onset_s, self._heard_s, self._began_at, self._masked)

    def of_turn(self, turn: Ended) -> Lost:
        """What may be missing of a turn; ask once everything that has arrived was read."""
        before = self._lateness(
            turn.onset_s - BACK_S, turn.onset_s - LEAD_IN_S, turn.began_at - SILENT_S
        )
        begin = self._lateness(turn.onset_s, turn.onset_s + LAST_S)
        end = self._lateness(turn.end_s - LAST_S, float("inf"))
        least = min((late for late in (before, begin) if late is not None), default=None)
        if least is not None and end is not None and (end - least) * 1000 >= LEAST_LOST_MS:
            return Lost.PART
        return Lost.START if before is None or turn.masked else Lost.NOTHING

    def _lateness(self, from_s: float, to_s: float, since: float = 0.0) -> float | None:
        """Of the most punctual frame in a stretch, if any came, and not too long ago."""
        stretch = (
            at - place for place, at in self._frames if from_s < place <= to_s and at > since
        )
        return min(stretch, default=None)


def masks(ours: Samples) -> bool:
    """Whether what we just sent was sound."""
    return bool(ours.size) and int(np.abs(ours.astype(np.int32)).max()) > AUDIBLE
