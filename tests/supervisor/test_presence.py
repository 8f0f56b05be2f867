"""Asterisk is missed after a while, and once."""

import asyncio

import pytest

from supervisor.alarms import Alarm, Alarms
from supervisor.metrics import Metrics
from supervisor.presence import AWAY, missed


class Line:
    """A connection that comes and goes as a test says."""

    def __init__(self) -> None:
        self._here, self._gone = asyncio.Event(), asyncio.Event()
        self._gone.set()

    async def connected(self) -> None:
        await self._here.wait()

    async def away(self) -> None:
        await self._gone.wait()

    def comes(self) -> None:
        self._here.set()
        self._gone.clear()

    def goes(self) -> None:
        self._here.clear()
        self._gone.set()


@pytest.fixture
def told() -> asyncio.Queue[Alarm]:
    return asyncio.Queue()


async def test_a_long_absence_is_told_once_and_so_is_its_end(told: asyncio.Queue[Alarm]) -> None:
    alarms, line = Alarms(Metrics()), Line()
    with alarms.heard_by(told.put_nowait):
        async with missed(line, alarms, patience_s=0.01), asyncio.timeout(5):
            began = await told.get()
            line.comes()
            ended = await told.get()
    assert (began.kind, began.over) == (AWAY, False)
    assert "ramal doctor" in began.text
    assert (ended.kind, ended.over) == (AWAY, True)
    assert told.empty()


async def test_an_asterisk_that_is_back_in_time_is_not_told(told: asyncio.Queue[Alarm]) -> None:
    alarms, line = Alarms(Metrics()), Line()
    with alarms.heard_by(told.put_nowait):
        async with missed(line, alarms, patience_s=5):
            for _ in range(3):
                line.comes()
                await asyncio.sleep(0)
                line.goes()
                await asyncio.sleep(0)
            line.comes()
            await asyncio.sleep(0)
    assert told.empty()
