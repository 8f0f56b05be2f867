"""Requests of many calls on their way to a few threads: bounded, and refused rather than late.

There are two kinds. A text that a caller waits for is computed in its turn. One that is only worth
having while nobody waits (``spare``) is not begun unless there is a thread to spare, and gives its
thread back, at its next step, to a caller who has none.
"""

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


class GivenUpError(Exception):
    """Raised by work that looked whether anybody still wanted it, and nobody did."""


@dataclass(slots=True, eq=False)
class _Asked(Generic[Request, Answer]):
    request: Request
    answer: "asyncio.Future[Answer]"
    spare: bool

    def refuse(self, reason: str) -> None:
        if not self.answer.done():
            self.answer.set_exception(RecogniserBusyError(reason))


@dataclass(slots=True, eq=False)
class _Batch(Generic[Request, Answer]):
    asked: list[_Asked[Request, Answer]]

    @property
    def spare(self) -> bool:
        """Whether a caller who waits may have its thread."""
        return all(each.spare for each in self.asked)

    def wanted(self) -> bool:
        """Whether anybody waits for any of it; asked from its thread, too."""
        return not all(each.answer.done() for each in self.asked)


class RequestQueue(Generic[Request, Answer]):
    """Runs ``work`` on up to ``batch`` requests at a time in each of ``workers`` threads.

    ``work`` is also given a function that says whether it is still wanted; it may ask between its
    steps, and raise :class:`GivenUpError`. Everything but ``work`` happens on one event loop.
    """

    def __init__(
        self,
        work: Callable[[list[Request], Callable[[], bool]], list[Answer]],
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
        self._waiting: deque[_Asked[Request, Answer]] = deque()
        self._spares: deque[_Asked[Request, Answer]] = deque()
        self._batches: list[_Batch[Request, Answer]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="whisper")
        self.usual_s = 0.0
        """What a request takes lately; 0 before the first was done."""

    @property
    def has_spare(self) -> bool:
        """Whether work that can be left out may be asked for: no caller waits, and of several
        workers one stays free for who is about to finish. Where batches are computed, as many as
        fit into the next one may wait for it."""
        room = self._batch > 1 and len(self._spares) < self._batch
        return not self._waiting and (self._may_begin_spare or room)

    async def run(self, request: Request, deadline_s: float) -> Answer:
        """The request's answer. Raises :class:`~stt.recogniser.RecogniserBusyError` at once where
        it would come too late, and ``TimeoutError`` where it does."""
        self._admit(deadline_s)
        try:
            return await self._answered(request, deadline_s, self._waiting, spare=False)
        except TimeoutError:
            self._counters.late += 1
            raise

    async def run_if_spare(self, request: Request, deadline_s: float) -> Answer:
        """The same, if it makes nobody wait. Raises :class:`~stt.recogniser.RecogniserBusyError`
        where it would, also later, when somebody else needs the worker."""
        if not self.has_spare:
            raise RecogniserBusyError("there is no worker to spare")
        return await self._answered(request, deadline_s, self._spares, spare=True)

    async def close(self) -> None:
        """Refuse what waits, let what runs end, and stop the threads."""
        for queue in (self._waiting, self._spares):
            while queue:
                queue.popleft().refuse("the recogniser is closing")
        await asyncio.to_thread(self._pool.shutdown)
        if self._running:
            await asyncio.wait(self._running)

    @property
    def _may_begin_spare(self) -> bool:
        return self._idle >= min(2, self._workers)

    def _admit(self, deadline_s: float) -> None:
        busy = sum(not batch.spare for batch in self._batches)  # a spare one makes way
        ahead = len(self._waiting) + busy
        expected_s = self.usual_s * (1 + ahead // self._workers)
        without_place = len(self._waiting) - (self._workers - busy) * self._batch
        if without_place >= self._most_waiting or (ahead and expected_s > deadline_s):
            self._counters.refused += 1
            raise RecogniserBusyError(
                f"{ahead} utterances are before it, which take about {expected_s:.1f} s"
            )

    async def _answered(
        self,
        request: Request,
        deadline_s: float,
        queue: deque[_Asked[Request, Answer]],
        *,
        spare: bool,
    ) -> Answer:
        loop = asyncio.get_running_loop()
        asked = _Asked[Request, Answer](request, loop.create_future(), spare)
        queue.append(asked)
        # what others ask for in the same instant can then be computed with it
        loop.call_soon(self._pump)
        try:
            async with asyncio.timeout(deadline_s):
                return await asked.answer
        finally:
            if asked in queue:
                queue.remove(asked)

    def _pump(self) -> None:
        while self._idle and self._waiting:
            self._begin(self._waiting)
        if self._waiting:
            self._make_way()
        while self._spares and not self._waiting and self._may_begin_spare:
            self._begin(self._spares)

    def _begin(self, queue: deque[_Asked[Request, Answer]]) -> None:
        count = min(self._batch, len(queue))
        batch = _Batch([queue.popleft() for _ in range(count)])
        self._idle -= 1
        self._batches.append(batch)
        task = asyncio.create_task(self._run(batch), name="whisper")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _make_way(self) -> None:
        """As many threads as callers need go to them, as soon as their work looks up; what could
        be left out is, as it would only be older by the time that it is its turn."""
        while self._spares:
            self._spares.popleft().refuse("callers wait for a worker")
        leaving = sum(not batch.wanted() for batch in self._batches)
        needed = -(-len(self._waiting) // self._batch) - leaving
        spare = [batch for batch in reversed(self._batches) if batch.spare and batch.wanted()]
        for batch in spare[: max(0, needed)]:
            for each in batch.asked:
                each.refuse("a caller waits for its worker")

    async def _run(self, batch: _Batch[Request, Answer]) -> None:
        loop, began = asyncio.get_running_loop(), time.monotonic()
        requests = [asked.request for asked in batch.asked]
        whole = False
        try:
            answers = await loop.run_in_executor(self._pool, self._work, requests, batch.wanted)
        except GivenUpError:
            self._counters.given_up += len(requests)
        except Exception as failed:
            for asked in batch.asked:
                if not asked.answer.done():
                    asked.answer.set_exception(failed)
        else:
            whole = True
            for asked, answer in zip(batch.asked, answers, strict=True):
                if not asked.answer.done():
                    asked.answer.set_result(answer)
        finally:
            self._learn(time.monotonic() - began, len(requests) if whole else 0)
            self._batches.remove(batch)
            self._idle += 1
            self._pump()

    def _learn(self, took_s: float, count: int) -> None:
        """``count`` is 0 for work that was not done to its end."""
        self._counters.compute_s += took_s
        if count:
            share = _LEARNING if self.usual_s else 1.0
            self.usual_s += share * (took_s / count - self.usual_s)
