"""Requests of many calls on their way to a few threads: bounded, and refused rather than late."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from stt.counters import RecognitionCounters
from stt.recogniser import RecogniserBusyError

Request = TypeVar("Request")
Answer = TypeVar("Answer")
_LEARNING = 0.2
"""Weight of the newest request in what one is thought to take."""


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Request, Answer]):
    request: Request
    answer: "asyncio.Future[Answer]"


class RequestQueue(Generic[Request, Answer]):
    """Runs ``work`` on up to ``batch`` requests at a time in each of ``workers`` threads.

    Everything but ``work`` happens on one event loop.
    """

    def __init__(
        self,
        work: Callable[[list[Request]], list[Answer]],
        counters: RecognitionCounters,
        *,
        workers: int,
        batch: int,
        most_waiting: int,
    ) -> None:
        self._work = work
        self._counters = counters
        self._workers = self._idle = workers
        self._batch = batch
        self._most_waiting = most_waiting
        self._waiting: deque[_Waiting[Request, Answer]] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="whisper")
        self._usual_s = 0.0

    @property
    def has_spare(self) -> bool:
        """Whether work that can be left out may be begun: nothing waits, and of several workers
        one stays free for a caller who is about to finish."""
        return not self._waiting and self._idle >= min(2, self._workers)

    async def run(self, request: Request, deadline_s: float) -> Answer:
        """The request's answer. Raises :class:`~stt.recogniser.RecogniserBusyError` at once where
        it would come too late, and ``TimeoutError`` where it does."""
        self._admit(deadline_s)
        waiting = _Waiting[Request, Answer](request, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        # what others ask for in the same instant can then be computed with it
        asyncio.get_running_loop().call_soon(self._pump)
        try:
            async with asyncio.timeout(deadline_s):
                return await waiting.answer
        except TimeoutError:
            self._counters.late += 1
            raise
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    async def close(self) -> None:
        """Refuse what waits, let what runs end, and stop the threads."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.answer.done():
                waiting.answer.set_exception(RecogniserBusyError("the recogniser is closing"))
        await asyncio.to_thread(self._pool.shutdown)
        if self._running:
            await asyncio.wait(self._running)

    def _admit(self, deadline_s: float) -> None:
        ahead = len(self._waiting) + self._workers - self._idle
        expected_s = self._usual_s * (1 + ahead // self._workers)
        without_place = len(self._waiting) - self._idle * self._batch
        if without_place >= self._most_waiting or (ahead and expected_s > deadline_s):
            self._counters.refused += 1
            raise RecogniserBusyError(
                f"{ahead} utterances are before it, which take about {expected_s:.1f} s"
            )

    def _pump(self) -> None:
        while self._idle and self._waiting:
            count = min(self._batch, len(self._waiting))
            taken = [self._waiting.popleft() for _ in range(count)]
            self._idle -= 1
            task = asyncio.create_task(self._run(taken), name="whisper")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, taken: list[_Waiting[Request, Answer]]) -> None:
        loop, began = asyncio.get_running_loop(), time.monotonic()
        requests = [waiting.request for waiting in taken]
        try:
            answers = await loop.run_in_executor(self._pool, self._work, requests)
        except Exception as failed:
            for waiting in taken:
                if not waiting.answer.done():
                    waiting.answer.set_exception(failed)
        else:
            for waiting, answer in zip(taken, answers, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(answer)
        finally:
            self._learn(time.monotonic() - began, len(taken))
            self._idle += 1
            self._pump()

    def _learn(self, took_s: float, count: int) -> None:
        self._counters.compute_s += took_s
        each_s = took_s / count
        share = _LEARNING if self._usual_s else 1.0
        self._usual_s += share * (each_s - self._usual_s)
