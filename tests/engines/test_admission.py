"""Who gets a place, who waits, and who is refused at once."""

import asyncio

import pytest

from engines.admission import Admission, Pace, Priority, RefusedError

LIVE, BACKGROUND = Priority.LIVE, Priority.BACKGROUND


class Customer:
    """Asks for a place, and holds it until told."""

    def __init__(
        self, admission: Admission, priority: Priority, order: list[str], name: str
    ) -> None:
        self.leave = asyncio.Event()
        self.pause = asyncio.Event()
        self._order, self._name = order, name
        self.task = asyncio.create_task(self._come(admission, priority))

    async def _come(self, admission: Admission, priority: Priority) -> None:
        async with admission.place(priority, 1, 60) as place:
            self._order.append(self._name)
            await self.pause.wait()
            await place.give_way()
            self._order.append(f"{self._name} again")
            await self.leave.wait()

    async def go(self) -> None:
        self.pause.set()
        self.leave.set()
        await self.task


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_live_request_goes_before_background_ones_that_came_first() -> None:
    admission, order = Admission(1), list[str]()
    running = Customer(admission, LIVE, order, "first")
    await settle()
    waiting = [Customer(admission, BACKGROUND, order, f"job {number}") for number in range(2)]
    await settle()
    live = Customer(admission, LIVE, order, "live")
    await settle()
    await running.go()
    await live.go()
    for each in waiting:
        await each.go()
    assert [name for name in order if "again" not in name] == ["first", "live", "job 0", "job 1"]


async def test_background_work_gives_way_between_two_pieces_and_goes_on_after() -> None:
    admission, order = Admission(1), list[str]()
    job = Customer(admission, BACKGROUND, order, "job")
    await settle()
    live = Customer(admission, LIVE, order, "live")
    await settle()
    job.pause.set()
    await settle()
    assert order == ["job", "live"]
    await live.go()
    await job.go()
    assert order == ["job", "live", "live again", "job again"]


async def test_background_work_leaves_one_of_several_places_free() -> None:
    admission, order = Admission(2), list[str]()
    jobs = [Customer(admission, BACKGROUND, order, f"job {number}") for number in range(2)]
    await settle()
    assert order == ["job 0"]
    live = Customer(admission, LIVE, order, "live")
    await settle()
    assert order == ["job 0", "live"]
    for each in (live, *jobs):
        await each.go()


async def test_a_deadline_that_cannot_be_met_is_refused_at_once_with_a_reason() -> None:
    admission = Admission(1, pace=Pace(answer_s=0.1, unit_s=60.0))
    customer = Customer(admission, LIVE, [], "first")
    await settle()
    with pytest.raises(RefusedError, match=r"would take about \d\d\..*wanted in 0\.50 s") as told:
        async with admission.place(LIVE, 1, 0.5):
            pass
    assert 30 < told.value.retry_after_s <= 60
    assert admission.waiting == 0
    await customer.go()


async def test_a_place_that_does_not_become_free_in_time_is_refused_at_the_deadline() -> None:
    admission = Admission(1)
    customer = Customer(admission, LIVE, [], "first")
    await settle()
    with pytest.raises(RefusedError, match="no place became free"):
        async with admission.place(LIVE, 1, 0.05):
            pass
    assert admission.waiting == 0
    await customer.go()


async def test_no_more_than_so_many_may_wait() -> None:
    admission = Admission(1, most_waiting=1, pace=Pace(unit_s=0.01))
    customers = [Customer(admission, LIVE, [], str(number)) for number in range(2)]
    await settle()
    with pytest.raises(RefusedError, match="1 requests wait already"):
        async with admission.place(LIVE, 1, 60):
            pass
    for each in customers:
        await each.go()


async def test_who_gives_up_waiting_takes_nobodys_place() -> None:
    admission, order = Admission(1), list[str]()
    first = Customer(admission, LIVE, order, "first")
    await settle()
    gone, next_one = (Customer(admission, LIVE, order, name) for name in ("gone", "next"))
    await settle()
    gone.task.cancel()
    await asyncio.gather(gone.task, return_exceptions=True)
    await first.go()
    await next_one.go()
    assert "gone" not in order
    assert (admission.running, admission.waiting) == (0, 0)


def test_averages_follow_what_requests_take() -> None:
    pace = Pace()
    pace.ended(1.0, 10)
    assert pace.unit_s == pytest.approx(0.1)
    for _ in range(50):
        pace.ended(5.0, 10)
    assert pace.unit_s == pytest.approx(0.5, rel=0.01)
