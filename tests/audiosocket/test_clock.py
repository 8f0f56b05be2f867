import asyncio

import pytest

from audiosocket.clock import Grid, Lateness, MediaClock


class Member:
    def __init__(self, enough: int) -> None:
        self.ticks: list[float] = []
        self.checks = 0
        self.enough = asyncio.Event()
        self._enough = enough

    def tick(self, now: float) -> None:
        self.ticks.append(now)
        if len(self.ticks) >= self._enough:
            self.enough.set()

    def check(self, now: float) -> None:
        self.checks += 1


def test_a_punctual_clock_sends_one_frame_a_tick() -> None:
    grid = Grid(10.0)
    assert [grid.due(10.0 + 0.02 * tick) for tick in range(5)] == [1] * 5
    assert grid.next_due == pytest.approx(10.1)


def test_lateness_does_not_add_up() -> None:
    grid = Grid(10.0)
    for tick in range(1000):
        assert grid.due(10.0 + 0.02 * tick + 0.013) == 1
    assert grid.next_due == pytest.approx(10.0 + 0.02 * 1000)


def test_a_timer_that_fires_a_whole_tick_too_early_sends_nothing() -> None:
    grid = Grid(10.0)
    assert grid.due(9.985) == 0
    assert grid.next_due == 10.0


def test_rounding_of_the_timer_to_a_millisecond_is_no_earliness() -> None:
    assert Grid(10.0).due(9.9995) == 1


def test_one_missed_tick_is_made_up_for() -> None:
    grid = Grid(10.0)
    assert grid.due(10.025) == 2
    assert grid.next_due == pytest.approx(10.04)
    assert grid.skipped_ticks == 0


def test_a_stall_is_skipped_and_never_sent_in_a_burst() -> None:
    grid = Grid(10.0)
    assert grid.due(15.005) == 2
    assert grid.skipped_ticks == 249
    assert grid.due(15.02) == 1


def test_lateness_is_told_in_percentiles() -> None:
    lateness = Lateness()
    for late_ms in range(100):
        lateness.add(late_ms / 1000 + 0.0001)
    assert lateness.count == 100
    assert lateness.percentile_ms(50) == 50
    assert lateness.percentile_ms(99) == 99
    assert lateness.max_ms == pytest.approx(99.1)


def test_lateness_beyond_the_last_bucket_is_kept_in_it() -> None:
    lateness = Lateness()
    lateness.add(7.0)
    lateness.add(-0.001)
    assert lateness.buckets_ms() == {0: 1, 250: 1}
    assert lateness.percentile_ms(99) == 251
    assert Lateness().percentile_ms(99) == 0


async def test_members_are_ticked_every_20_ms() -> None:
    clock, member = MediaClock(), Member(11)
    clock.add(member)
    await member.enough.wait()
    clock.remove(member)
    elapsed_s = member.ticks[-1] - member.ticks[0]
    assert elapsed_s >= 0.15  # eleven ticks are ten periods; a late one is made up for
    assert clock.lateness.count >= len(member.ticks) / 2


async def test_time_outs_are_looked_after_every_fifth_tick_unless_it_is_late() -> None:
    time = 50.0
    clock, member = MediaClock(now=lambda: time), Member(1000)
    clock.add(member)
    checks = []
    for late_ticks in (0, 0, 0, 0, 1.2, 0, 0, 0, 0, 0, 0):
        time += 0.02 * (1 + late_ticks)
        clock.run_due()
        checks.append(member.checks)
    clock.remove(member)
    assert checks == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2]


async def test_a_member_that_leaves_is_not_ticked_again() -> None:
    clock, first, second = MediaClock(), Member(2), Member(6)
    clock.add(first)
    clock.add(second)
    await first.enough.wait()
    clock.remove(first)
    seen = len(first.ticks)
    await second.enough.wait()
    clock.remove(second)
    assert len(first.ticks) == seen
    assert clock.members == 0


async def test_a_clock_without_members_stops_and_starts_again() -> None:
    clock, first, second = MediaClock(), Member(1), Member(2)
    clock.add(first)
    clock.remove(first)
    clock.remove(first)
    clock.add(second)
    await second.enough.wait()
    clock.remove(second)
    assert first.ticks == []
    assert second.ticks[1] >= second.ticks[0]


async def test_a_member_may_leave_and_another_join_in_the_middle_of_a_tick() -> None:
    clock, second = MediaClock(), Member(3)

    class Leaver(Member):
        def tick(self, now: float) -> None:
            super().tick(now)
            clock.remove(self)
            clock.add(second)

    leaver = Leaver(1)
    clock.add(leaver)
    await second.enough.wait()
    clock.remove(second)
    assert len(leaver.ticks) == 1
    assert clock.members == 0
