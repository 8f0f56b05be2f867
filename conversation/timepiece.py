"""What time it is, for a conversation: real, or that of a call that is played again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Timepiece:
    """``now`` is for durations, in seconds, and runs as the event loop's time does; ``wall`` is
    for records, in UTC."""

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], datetime] = _utc_now


REAL_TIME = Timepiece()
