"""Which of a stage's engines are trusted now: a circuit breaker for each step of its ladder.

Callers only ever meet trusted steps: one that failed is tried again beside the calls.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from purgatory.service._async.circuitbreaker import AsyncCircuitBreaker

FAILURES: Final = 2
"""In a row, after which a step is not trusted any more: each of them costs a caller's patience."""
_TTL_SHARE: Final = 0.5
"""The breaker's own waiting time, as a share of ours: it goes by the wall clock."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shift:
    """A stage (``stt``, ``tts``) now works with step ``level``, ``name``; 0 is the best.

    ``reason`` says why the step above is not trusted, empty on the way up.
    """

    stage: str
    level: int
    name: str
    before: int
    reason: str = ""


class _StepFailed(Exception):
    """Tells a breaker."""


class Steps:
    """The steps of one stage, from the best to the last resort; the last is always tried.

    ``probes`` try an engine beside the calls, ``retry_s`` after it failed; they raise if it fails
    again. ``on_failure`` hears of every failure, ``on_shift`` of every change of level.
    """

    def __init__(
        self,
        stage: str,
        names: Sequence[str],
        probes: Sequence[Callable[[], Awaitable[None]]],
        *,
        retry_s: float,
        on_shift: Callable[[Shift], None],
        on_failure: Callable[[str, str], None] = lambda _stage, _name: None,
    ) -> None:
        self._stage = stage
        self._names = tuple(names)
        self._probes = tuple(probes)
        self._retry_s = retry_s
        self._on_shift = on_shift
        self._on_failure = on_failure
        self._factory = AsyncCircuitBreakerFactory(
            default_threshold=FAILURES, default_ttl=retry_s * _TTL_SHARE
        )
        self._breakers: list[AsyncCircuitBreaker] = []
        self._recovering: dict[int, asyncio.Task[None]] = {}
        self._level = 0
        self._lock = asyncio.Lock()

    @property
    def level(self) -> int:
        """The first step that is trusted, or the last one."""
        return self._level

    def name(self, step: int) -> str:
        """What the settings call it."""
        return self._names[step]

    def is_last(self, step: int) -> bool:
        """Whether nothing is below it."""
        return step == len(self._names) - 1

    async def order(self) -> list[int]:
        """The steps to be tried for a request, one after the other."""
        await self._made()
        last = len(self._names) - 1
        return [step for step in range(last) if self._trusted(step)] + [last]

    async def succeeded(self, step: int) -> None:
        """It did what it was asked."""
        await self._made()
        if self._trusted(step):
            async with self._breakers[step]:
                pass

    async def failed(self, step: int, reason: str) -> None:
        """It did not, or not in time."""
        await self._made()
        _log.warning("engine.failed", stage=self._stage, step=self._names[step], reason=reason)
        self._on_failure(self._stage, self._names[step])
        with suppress(_StepFailed, OpenedState):
            async with self._breakers[step]:
                raise _StepFailed
        self._settle(reason)
        if not self._trusted(step) and step not in self._recovering:
            task = asyncio.create_task(self._recover(step), name=f"recover {self._names[step]}")
            self._recovering[step] = task

    async def give_up(self, step: int, reason: str) -> None:
        """It cannot be used at all for now: no caller has to find that out."""
        for _ in range(FAILURES):
            await self.failed(step, reason)

    async def close(self) -> None:
        """Try nothing any more."""
        tasks = list(self._recovering.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _made(self) -> None:
        async with self._lock:
            if not self._breakers:
                self._breakers = [
                    await self._factory.get_breaker(f"{number} {name}")
                    for number, name in enumerate(self._names)
                ]

    def _trusted(self, step: int) -> bool:
        return self._breakers[step].context.state == "closed"

    def _settle(self, reason: str = "") -> None:
        last = len(self._names) - 1
        level = next((step for step in range(last) if self._trusted(step)), last)
        before, self._level = self._level, level
        if level != before:
            self._on_shift(Shift(self._stage, level, self._names[level], before, reason))

    async def _recover(self, step: int) -> None:
        while not self._trusted(step):
            await asyncio.sleep(self._retry_s)
            try:
                async with self._breakers[step]:
                    await self._probes[step]()
            except OpenedState:
                continue  # a late failure came in between
            except Exception as error:  # whatever it is, the step is no good yet
                reason = str(error) or type(error).__name__
                _log.info("engine.still_failing", step=self._names[step], reason=reason)
        del self._recovering[step]
        self._settle()
