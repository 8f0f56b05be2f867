"""A loop whose time is counted."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from supervisor.replay.simulated_time import AtOnce, SimulatedLoop


def on_simulated_time(work: Callable[[Any], Any]) -> Any:
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(work(runner.get_loop()))


def test_an_hour_is_over_at_once() -> None:
    async def wait(loop: SimulatedLoop) -> float:
        before = loop.time()
        await asyncio.sleep(3600)
        return loop.time() - before

    began = time.monotonic()
    assert on_simulated_time(wait) == 3600
    assert time.monotonic() - began < 5


def test_timers_fire_in_their_order_and_at_their_time() -> None:
    async def wait(loop: SimulatedLoop) -> list[tuple[str, float]]:
        fired: list[tuple[str, float]] = []
        began = loop.time()
        for name, delay_s in (("c", 0.3), ("a", 0.1), ("b", 0.2)):
            loop.call_later(
                delay_s, lambda n=name: fired.append((n, round(loop.time() - began, 6)))
            )
        await asyncio.sleep(1)
        return fired

    assert on_simulated_time(wait) == [("a", 0.1), ("b", 0.2), ("c", 0.3)]


def test_the_same_moment_is_the_same_number_however_it_was_reached() -> None:
    async def wait(loop: SimulatedLoop) -> tuple[float, float]:
        times = []
        for steps in (7, 70):
            begun = loop.time()
            for _ in range(steps):
                await asyncio.sleep(0.7 / steps)
            times.append(round(loop.time() - begun, 4))
        return times[0], times[1]

    first, second = on_simulated_time(wait)
    assert first == second == 0.7


def test_work_in_a_thread_takes_no_time_and_is_waited_for() -> None:
    async def wait(loop: SimulatedLoop) -> tuple[float, bool]:
        before, done = loop.time(), []
        asyncio.get_running_loop().call_later(0.001, done.append, "too early")
        await asyncio.to_thread(time.sleep, 0.05)
        return loop.time() - before, bool(done)

    assert on_simulated_time(wait) == (0.0, False)


def test_what_is_really_waited_for_takes_no_time() -> None:
    async def wait(loop: SimulatedLoop) -> float:
        before = loop.time()
        with loop.outside():
            process = await asyncio.create_subprocess_exec("sleep", "0.05")
            await process.wait()
        return loop.time() - before

    assert on_simulated_time(wait) == 0.0


def test_wall_time_runs_with_it() -> None:
    async def wait(loop: SimulatedLoop) -> float:
        began = loop.timepiece.wall()
        await asyncio.sleep(90)
        return (loop.timepiece.wall() - began).total_seconds()

    assert on_simulated_time(wait) == 90


def test_what_is_submitted_at_once_is_done_or_has_failed_when_submit_returns() -> None:
    executor = AtOnce()
    assert executor.submit(pow, 2, 5).result(timeout=0) == 32
    assert isinstance(executor.submit(int, "no number").exception(timeout=0), ValueError)
