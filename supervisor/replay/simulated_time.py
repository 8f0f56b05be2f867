"""An event loop whose time is counted, not awaited: an hour of a call takes what its work takes.

While something is ready to run, time stands still; when nothing is, it jumps to the next timer.
Work outside the loop (a thread, a process) takes no time of the loop's either: while there is
any, the loop waits for it. So what happens when does not depend on the machine.
"""

import asyncio
import math
import selectors
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, ParamSpec, TypeVar

from conversation.timepiece import Timepiece

OUTSIDE_LIMIT_S: Final = 120.0
"""Real time that work outside may take at a stretch; then the loop's time goes on without it."""

EPOCH_S: Final = 1000.0
STEP_S: Final = 1e-6

P = ParamSpec("P")
R = TypeVar("R")


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Time begins at ``EPOCH_S``, as a machine's that was not just started; ``began`` is the wall
    time that this stands for."""

    def __init__(self, began: datetime = datetime(2026, 1, 1, 15, tzinfo=UTC)) -> None:
        self._seconds = EPOCH_S
        self._outside = 0
        self._began = began
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Seconds, as timers know them."""
        return self._seconds

    @property
    def timepiece(self) -> Timepiece:
        """For conversations on this loop."""
        return Timepiece(
            self.time, lambda: self._began + timedelta(seconds=self._seconds - EPOCH_S)
        )

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Time stands still until this is left: something real is waited for."""
        self._outside += 1
        try:
            yield
        finally:
            self._outside -= 1

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., R], *args: Any
    ) -> "asyncio.Future[R]":
        """As every loop does it; time stands still meanwhile."""
        self._outside += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._is_back)
        return future

    def _is_back(self, _: "asyncio.Future[Any]") -> None:
        self._outside -= 1

    def pass_time(self, seconds: float | None) -> float | None:
        """Jump over what would be waited for; returns what must be waited for all the same."""
        if self._outside:
            return OUTSIDE_LIMIT_S
        if seconds is None:
            return None
        # in whole steps: the same moment is the same number, however many jumps led to it
        reached = math.ceil((self._seconds + seconds) / STEP_S - 0.01) * STEP_S
        self._seconds = round(max(reached, self._seconds + STEP_S), 6)
        return 0.0


class _Jumping(selectors.DefaultSelector):
    """Where a loop would sleep, its time jumps."""

    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        must_wait_s = self._loop.pass_time(timeout)
        return [] if must_wait_s == 0 else super().select(must_wait_s)


class AtOnce(Executor):
    """Runs what is submitted before ``submit`` returns: threads have no order, this has."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> "Future[R]":
        """See :class:`concurrent.futures.Executor`."""
        future: Future[R] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
