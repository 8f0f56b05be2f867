"""Which extension kills its worker: found by giving suspects workers of their own, half by half.

A worker that crashes now and then is replaced and that is all. One that crashes again and again
takes everybody on it along, so whoever is to blame has to be found: half of its extensions move to
another worker, and the half that crashes next is halved again, until one is left. That one is
parked; the others are cleared once they ran for a while.

Nothing here knows of processes; times are monotonic seconds.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

CRASHES: Final = 3
WINDOW_S: Final = 300.0
"""So many crashes within so long are no accident."""
PROBATION_S: Final = 120.0
"""Suspects whose worker lived so long are cleared."""

Suspect = TypeVar("Suspect")


class How(StrEnum):
    """How a worker ended."""

    LEFT = "left"
    """Of its own will, or by a signal from outside: nobody on it is to blame."""
    CRASHED = "crashed"
    HUNG = "hung"
    OVERSIZED = "oversized"
    """Killed for its memory, which grew while it was to leave."""
    NOT_STARTED = "not started"


SUSPICIOUS: Final = frozenset({How.CRASHED, How.HUNG, How.OVERSIZED})


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a worker: ``reason`` in plain words."""

    reason: str
    how: How


@dataclass(slots=True)
class Suspicion:
    """What is held against the extensions of one worker's place."""

    crashes: deque[float] = field(default_factory=deque)
    on_probation: bool = False
    """Whether they were singled out: the next crash counts at once."""

    def hold(self, ended: Ended, now: float) -> bool:
        """Take note of an end; returns whether something must be done about the extensions."""
        if ended.how not in SUSPICIOUS:
            return False
        self.crashes.append(now)
        while now - self.crashes[0] > WINDOW_S:
            self.crashes.popleft()
        return self.on_probation or len(self.crashes) >= CRASHES

    def single_out(self, now: float) -> None:
        """They are half of those who were suspected before."""
        self.crashes = deque([now])
        self.on_probation = True

    def is_cleared(self, now: float) -> bool:
        """Whether they were singled out and nothing happened since."""
        return self.on_probation and now - self.crashes[-1] > PROBATION_S


def half_of(suspects: Sequence[Suspect]) -> Sequence[Suspect]:
    """Those that move to another worker."""
    return suspects[: len(suspects) // 2]
