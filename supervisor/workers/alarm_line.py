"""Alarms on their way from a worker to its supervisor."""

import asyncio
from typing import Final

from supervisor.alarms import Alarm
from supervisor.workers import messages
from supervisor.workers.channel import Channel, ChannelClosedError

MOST_WAITING: Final = 64
"""Alarms that wait for the line; one more is in the worker's log and figures alone."""


class AlarmLine:
    """Takes alarms at any time, and sends them once the supervisor listens."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting: asyncio.Queue[Alarm] = asyncio.Queue(MOST_WAITING)

    def take(self, alarm: Alarm) -> None:
        """A listener of the worker's :class:`~supervisor.alarms.Alarms`."""
        if not self._waiting.full():
            self._waiting.put_nowait(alarm)

    async def run(self) -> None:
        """Send what comes until cancelled, or until the supervisor is gone."""
        try:
            while True:
                await self._send(await self._waiting.get())
        except ChannelClosedError:
            return

    async def flush(self) -> None:
        """Send what waits: the last words of a worker."""
        try:
            while not self._waiting.empty():
                await self._send(self._waiting.get_nowait())
        except ChannelClosedError:
            return

    async def _send(self, alarm: Alarm) -> None:
        await self._channel.send(messages.ALARM, {"alarm": alarm.to_json()})
