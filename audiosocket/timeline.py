"""Where the listener's time stands against the clock's.

Frames are no clock: a phone with silence suppression sends none, and after a stall seconds of old
audio arrive at once (measured: 101 s of it). So the listener's time is held to the wall's: where
audio is missing the listener is told of a gap, and what is too old is dropped. Pure arithmetic,
in seconds of one monotonic clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audiosocket.frames import FRAME_MS

PATIENCE_S: Final = 0.1
"""How long audio may be overdue before it counts as missing: phones send packets of up to 60 ms,
and packets are late at times."""
AHEAD_S: Final = 0.2
"""Audio that comes after its time was called a gap is still delivered, up to this much."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What to do with a burst of frames: drop ``drop`` of them from the front, deliver the rest.

    ``gap_s`` of the listener's time went with the dropped ones.
    """

    drop: int
    gap_s: float


class Timeline:
    """Decides, for one direction of one call, what is a gap and what is stale."""

    __slots__ = ("_in_gap", "_patience_s", "position", "stale_s")

    def __init__(self, now: float, *, stale_s: float) -> None:
        self.position = now
        """The moment up to which the listener has been told what was heard."""
        self.stale_s = stale_s
        self._patience_s = PATIENCE_S
        self._in_gap = False

    def admit(self, durations_s: Sequence[float], now: float) -> Admission:
        """Judge the audio frames that arrived together at ``now``, oldest first."""
        self._in_gap = False
        self._patience_s = max(PATIENCE_S, 2 * durations_s[-1])
        gap_s = 0.0
        end = self.position + sum(durations_s)
        last = len(durations_s) - 1
        for index, duration_s in enumerate(durations_s):
            if now - self.position > self.stale_s:
                gap_s += duration_s
                self.position += duration_s
            elif end - now > AHEAD_S and (index < last or self.position - now > AHEAD_S):
                end -= duration_s
            else:
                self.position = end
                return Admission(index, gap_s)
        return Admission(last + 1, gap_s)

    def admit_one(self, duration_s: float, now: float) -> bool:
        """The common case, cheaply: True if a single frame came in time, and is to be delivered.

        False changes nothing: ask :meth:`admit`.
        """
        overdue_s = now - self.position
        if overdue_s > self.stale_s or duration_s - overdue_s > AHEAD_S:
            return False
        self.position += duration_s
        self._in_gap = False
        self._patience_s = PATIENCE_S if duration_s <= PATIENCE_S / 2 else 2 * duration_s
        return True

    def missing_s(self, now: float) -> float:
        """How much of the listener's time passed without audio, in whole frames; 0 most often.

        The caller tells the listener; the position has moved on by as much. Ask once a tick, but
        not in a tick that was late itself, as what arrived meanwhile is not read yet.
        """
        overdue_s = now - self.position + 1e-6
        if overdue_s < (FRAME_MS / 1000 if self._in_gap else self._patience_s):
            return 0.0
        self._in_gap = True
        frames = int(overdue_s * 1000) // FRAME_MS
        self.position += frames * FRAME_MS / 1000
        return frames * FRAME_MS / 1000
