"""The media clock: one per event loop, one timer for all calls, on an absolute 20 ms grid."""

import asyncio
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from audiosocket.frames import FRAME_MS

PERIOD_S: Final = FRAME_MS / 1000
MAX_FRAMES_PER_TICK: Final = 2
"""A late tick makes up for one that it missed; older ones are skipped, never sent in a burst.

Asterisk forwards a burst as it comes and the phone's jitter buffer drops it."""
TICKS_PER_CHECK: Final = 5
EARLY_S: Final = 0.001
"""Event loops round timers to 1 ms (libuv): a tick that comes this early is on time."""
MAX_BUCKET_MS: Final = 250


class ClockMember(Protocol):
    """What the clock drives; both are called on the event loop and must not raise."""

    def tick(self, now: float) -> None:
        """Every 20 ms: send the frame that is due."""

    def check(self, now: float) -> None:
        """Every 100 ms, but never right after a stall: look after time-outs."""


class Lateness:
    """A histogram of how late something was, in buckets of 1 ms; adding costs well under 1 µs."""

    __slots__ = ("_counts", "max_ms")

    def __init__(self) -> None:
        self._counts = array("Q", bytes(8 * (MAX_BUCKET_MS + 1)))
        self.max_ms = 0.0

    def add(self, late_s: float) -> None:
        """Count one event; an early one counts as punctual."""
        late_ms = late_s * 1000
        self.max_ms = max(self.max_ms, late_ms)
        bucket = int(late_ms)
        self._counts[0 if bucket < 0 else min(bucket, MAX_BUCKET_MS)] += 1

    @property
    def count(self) -> int:
        """Events so far."""
        return sum(self._counts)

    def percentile_ms(self, percent: float) -> float:
        """Upper edge of the bucket under which ``percent`` % lie; 0 before the first event."""
        wanted, seen = self.count * percent / 100, 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return float(min(bucket + 1, self.max_ms))
        return 0.0

    def buckets_ms(self) -> dict[int, int]:
        """Events by whole milliseconds of lateness; the last bucket holds all that were later."""
        return {bucket: count for bucket, count in enumerate(self._counts) if count}


@dataclass(slots=True)
class Grid:
    """The arithmetic of the clock, without a timer: which ticks are due, and the next deadline."""

    next_due: float
    skipped_ticks: int = 0
    periods: int = 0
    """Deadlines that have passed, those of skipped ticks included."""

    def due(self, now: float) -> int:
        """How many frames to send now: 0 when it is too early, else 1 or 2.

        Moves ``next_due`` beyond ``now`` in whole periods, so that lateness never adds up.
        """
        late_s = now - self.next_due
        if late_s < -EARLY_S:
            return 0
        elapsed = 1 + max(0, int(late_s / PERIOD_S))
        self.next_due += elapsed * PERIOD_S
        self.periods += elapsed
        frames = min(elapsed, MAX_FRAMES_PER_TICK)
        self.skipped_ticks += elapsed - frames
        return frames


class MediaClock:
    """Ticks every member each 20 ms; runs while it has members, with one timer in all.

    ``now`` is the time source, in seconds; everything on the wire reads the time from here, so
    that a test can drive it. ``lateness`` is that of the ticks, ``spread`` how long after its
    tick began the last member was served.
    """

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.lateness = Lateness()
        self.spread = Lateness()
        self._grid = Grid(0.0)
        self._members: dict[ClockMember, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._ticks = 0
        self._period = 0

    @property
    def skipped_ticks(self) -> int:
        """Ticks that were not made up for, since the loop was stalled for too long."""
        return self._grid.skipped_ticks

    @property
    def period(self) -> int:
        """The 20 ms period whose frame is being sent now; grows by one each period, whether or
        not a tick came in it, as long as the clock has members."""
        return self._period

    @property
    def members(self) -> int:
        """How many are served."""
        return len(self._members)

    def add(self, member: ClockMember) -> None:
        """Serve ``member`` from the next tick on; starts the clock. Needs a running loop."""
        self._members[member] = None
        if self._timer is None:
            self._grid.next_due = self.now() + PERIOD_S
            self._schedule()

    def remove(self, member: ClockMember) -> None:
        """Forget ``member``; one that is not known is no error. Stops the clock after the last."""
        self._members.pop(member, None)
        if not self._members and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _schedule(self) -> None:
        delay_s = max(0.0, self._grid.next_due - self.now())
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._on_timer)

    def _on_timer(self) -> None:
        fired = self._timer
        self.run_due()
        if self._timer is fired:  # else a member stopped the clock, or started it anew
            self._schedule()

    def run_due(self) -> None:
        """Serve the members if a tick is due now; the timer's work, and a test's by hand."""
        now = self.now()
        late_s = now - self._grid.next_due
        frames = self._grid.due(now)
        if frames:
            self.lateness.add(late_s)
            self._serve(now, frames)
            self.spread.add(self.now() - now)

    def _serve(self, now: float, frames: int) -> None:
        members = tuple(self._members)
        for behind in range(frames - 1, -1, -1):
            self._period = self._grid.periods - behind
            for member in members:
                member.tick(now)
        self._ticks += 1
        if self._ticks >= TICKS_PER_CHECK and frames == 1:  # not late: all that came is read
            self._ticks = 0
            for member in members:
                member.check(now)
