"""The queue before the threads of Whisper: bounded, fair, and never late without saying so."""

import asyncio
import threading

import pytest

from stt.counters import RecognitionCounters
from stt.recogniser import RecogniserBusyError
from stt.whisper.queue import RequestQueue


class Bench:
    """Work that begins when ``let_go`` is set, and what was asked of it."""

    def __init__(self, workers: int = 1, batch: int = 1, most_waiting: int = 4) -> None:
        self.let_go = threading.Event()
        self.batches: list[list[int]] = []
        self.counters = RecognitionCounters()
        self.queue: RequestQueue[int, int] = RequestQueue(
            self._work, self.counters, workers=workers, batch=batch, most_waiting=most_waiting
        )

    def _work(self, numbers: list[int]) -> list[int]:
        self.batches.append(numbers)
        assert self.let_go.wait(20)
        if 0 in numbers:
            raise ZeroDivisionError("nought")
        return [2 * number for number in numbers]

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
