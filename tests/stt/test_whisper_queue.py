"""The queue before the threads of Whisper: bounded, fair, and never late without saying so."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from stt.counters import RecognitionCounters
from stt.recogniser import RecogniserBusyError
from stt.whisper.queue import GivenUpError, RequestQueue


class Bench:
    """Work that begins when ``let_go`` is set, and what was asked of it."""

    def __init__(self, workers: int = 1, batch: int = 1, most_waiting: int = 4) -> None:
        self.let_go = threading.Event()
        self.batches: list[list[int]] = []
        self._began = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.counters = RecognitionCounters()
        self.queue: RequestQueue[int, int] = RequestQueue(
            self._work, self.counters, workers=workers, batch=batch, most_waiting=most_waiting
        )

    def _work(self, numbers: list[int], wanted: Callable[[], bool]) -> list[int]:
        self.batches.append(numbers)
        self._loop.call_soon_threadsafe(self._began.set)
        while not self.let_go.wait(0.001):
            if not wanted():
                raise GivenUpError
        if 0 in numbers:
            raise ZeroDivisionError("nought")
        return [2 * number for number in numbers]

    async def begun(self, count: int) -> None:
        """Return once so many batches were begun."""
        async with asyncio.timeout(20):
            while len(self.batches) < count:
                self._began.clear()
                await self._began.wait()

    async def ask(self, *numbers: int, deadline_s: float = 20.0) -> list[asyncio.Task[int]]:
        tasks = [asyncio.create_task(self.queue.run(n, deadline_s)) for n in numbers]
        for _ in range(3):
            await asyncio.sleep(0)
        return tasks


async def test_each_gets_its_own_answer_in_the_order_of_asking() -> None:
    bench = Bench()
    tasks = await bench.ask(1, 2, 3)
    bench.let_go.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6]
    assert bench.batches == [[1], [2], [3]]
    await bench.queue.close()


async def test_what_waits_is_computed_together() -> None:
    bench = Bench(batch=3)
    tasks = await bench.ask(1)
    tasks += await bench.ask(2, 3, 4, 5)
    bench.let_go.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8, 10]
    assert bench.batches == [[1], [2, 3, 4], [5]]
    await bench.queue.close()


async def test_what_is_asked_in_one_instant_is_computed_together_from_the_first_on() -> None:
    bench = Bench(batch=3, most_waiting=1)
    tasks = await bench.ask(1, 2, 3, 4)
    bench.let_go.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8]
    assert bench.batches == [[1, 2, 3], [4]]
    await bench.queue.close()


async def test_one_more_than_may_wait_is_refused_at_once() -> None:
    bench = Bench(most_waiting=2)
    tasks = await bench.ask(1, 2, 3)
    with pytest.raises(RecogniserBusyError, match="3 utterances are before it"):
        await bench.queue.run(4, 20.0)
    bench.let_go.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6]
    assert bench.counters.refused == 1
    await bench.queue.close()


async def test_what_would_be_late_is_refused_at_once() -> None:
    bench = Bench()
    [first] = await bench.ask(1)
    await asyncio.sleep(0.2)  # the time that one is then thought to take
    bench.let_go.set()
    await first
    bench.let_go.clear()
    tasks = await bench.ask(2, 3)
    with pytest.raises(RecogniserBusyError):
        await bench.queue.run(4, 0.3)
    bench.let_go.set()
    await asyncio.gather(*tasks)
    assert await bench.queue.run(5, 0.15) == 10  # nothing is before it, so it may try
    await bench.queue.close()


async def test_what_is_late_is_given_up_and_its_place_freed() -> None:
    bench = Bench()
    running, waiting = await bench.ask(1, 2, deadline_s=0.05)
    for late in (running, waiting):
        with pytest.raises(TimeoutError):
            await late
    assert bench.counters.late == 2
    bench.let_go.set()
    assert await bench.queue.run(3, 20.0) == 6
    assert bench.batches == [[1], [3]]
    await bench.queue.close()


async def test_who_does_not_want_an_answer_any_more_costs_nothing() -> None:
    bench = Bench()
    running, waiting = await bench.ask(1, 2)
    waiting.cancel()
    bench.let_go.set()
    assert await running == 2
    await bench.queue.close()
    assert bench.batches == [[1]]


async def test_a_failure_is_told_to_who_asked_and_the_next_is_served() -> None:
    bench = Bench()
    bench.let_go.set()
    with pytest.raises(ZeroDivisionError):
        await bench.queue.run(0, 20.0)
    assert await bench.queue.run(1, 20.0) == 2
    await bench.queue.close()


@pytest.mark.parametrize(("workers", "running", "spare"), [(1, 0, 1), (1, 1, 0), (2, 1, 0)])
async def test_the_last_free_worker_of_several_is_kept(
    workers: int, running: int, spare: int
) -> None:
    bench = Bench(workers=workers)
    tasks = await bench.ask(*range(1, running + 1))
    assert bench.queue.has_spare == bool(spare)
    bench.let_go.set()
    await asyncio.gather(*tasks)
    await bench.queue.close()


async def test_closing_refuses_what_waits_and_lets_end_what_runs() -> None:
    bench = Bench()
    running, waiting = await bench.ask(1, 2)
    closing = asyncio.create_task(bench.queue.close())
    with pytest.raises(RecogniserBusyError, match="closing"):
        await waiting
    bench.let_go.set()
    await closing
    assert await running == 2


async def test_a_caller_gets_the_worker_of_what_can_be_left_out() -> None:
    bench = Bench()
    spare = asyncio.create_task(bench.queue.run_if_spare(1, 20.0))
    await bench.begun(1)
    [caller] = await bench.ask(2)
    with pytest.raises(RecogniserBusyError, match="a caller waits"):
        await spare
    await bench.begun(2)
    bench.let_go.set()
    assert await caller == 4
    assert bench.counters.given_up == 1
    assert bench.counters.refused == bench.counters.late == 0
    await bench.queue.close()


async def test_no_more_workers_are_taken_back_than_callers_need() -> None:
    bench = Bench(workers=3)
    spares = []
    for number in (1, 2):
        spares.append(asyncio.create_task(bench.queue.run_if_spare(number, 20.0)))
        await bench.begun(number)
    callers = await bench.ask(3, 4)
    with pytest.raises(RecogniserBusyError):
        await spares[1]
    await bench.begun(4)
    bench.let_go.set()
    assert await asyncio.gather(spares[0], *callers) == [2, 6, 8]
    await bench.queue.close()


async def test_what_can_be_left_out_is_refused_where_no_worker_is_to_spare() -> None:
    bench = Bench()
    running = await bench.ask(1)
    with pytest.raises(RecogniserBusyError, match="no worker to spare"):
        await bench.queue.run_if_spare(2, 20.0)
    bench.let_go.set()
    await asyncio.gather(*running)
    await bench.queue.close()
    assert bench.batches == [[1]]


async def test_where_batches_are_computed_the_next_one_is_filled_with_what_can_be_left_out() -> (
    None
):
    bench = Bench(batch=2)
    spares = [asyncio.create_task(bench.queue.run_if_spare(1, 20.0))]
    await bench.begun(1)
    for number in (2, 3, 4):
        spares.append(asyncio.create_task(bench.queue.run_if_spare(number, 20.0)))
        await asyncio.sleep(0)
    with pytest.raises(RecogniserBusyError, match="no worker to spare"):
        await spares[3]
    bench.let_go.set()
    assert await asyncio.gather(*spares[:3]) == [2, 4, 6]
    assert bench.batches == [[1], [2, 3]]
    await bench.queue.close()


async def test_what_waits_and_can_be_left_out_is_left_out_once_callers_wait() -> None:
    bench = Bench(batch=2)
    running, *_ = await bench.ask(1)
    spare = asyncio.create_task(bench.queue.run_if_spare(2, 20.0))
    await asyncio.sleep(0)
    [caller] = await bench.ask(3)
    with pytest.raises(RecogniserBusyError, match="callers wait"):
        await spare
    bench.let_go.set()
    assert await asyncio.gather(running, caller) == [2, 6]
    await bench.queue.close()


async def test_a_caller_is_not_refused_for_what_can_be_left_out() -> None:
    bench = Bench(most_waiting=0)
    bench.queue.usual_s = 1.0
    spare = asyncio.create_task(bench.queue.run_if_spare(1, 20.0))
    await bench.begun(1)
    [caller] = await bench.ask(2, deadline_s=0.9)
    with pytest.raises(RecogniserBusyError, match="a caller waits"):
        await spare
    bench.let_go.set()
    assert await caller == 4
    assert bench.counters.refused == 0
    await bench.queue.close()
