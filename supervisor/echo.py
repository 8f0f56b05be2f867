"""The ``echo`` flow: says back what it hears, to test a line without any engine."""

import asyncio
from uuid import UUID

from audiosocket.connection import Connection
from audiosocket.listener import EndReason, IgnoringListener
from audiosocket.slin import Samples
from conversation.monitor import Monitor


class EchoSession(IgnoringListener):
    """A session that needs nothing: audio comes back as it came, the key ``#`` ends the call."""

    def __init__(self, call_id: UUID, monitor: Monitor) -> None:
        self.call_id = call_id
        self._monitor = monitor
        self.visitor = self
        self._connection: Connection | None = None
        self._ended = asyncio.Event()
        self._leave = asyncio.Event()

    async def run(self) -> None:
        """Until either side hangs up."""
        leaving = asyncio.create_task(self._leave_when_told())
        try:
            await self._ended.wait()
        finally:
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)

    def end(self, reason: str) -> None:
        """Hang up."""
        self._leave.set()

    def let_go(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.abort()

    def call_started(self, connection: Connection) -> None:
        """Remember whom to answer."""
        self._connection = connection
        self._monitor(self.call_id, "visitor", connection)

    def audio_received(self, samples: Samples, rate_hz: int) -> None:
        """Say it back."""
        if self._connection is not None:
            self._connection.playback.enqueue(samples.tobytes())

    def dtmf_received(self, digit: str) -> None:
        """``#`` ends the call."""
        if digit == "#":
            self._leave.set()

    def call_ended(self, reason: EndReason) -> None:
        """The caller is gone."""
        self._ended.set()

    async def _leave_when_told(self) -> None:
        await self._leave.wait()
        if self._connection is not None:
            await self._connection.hang_up(drain_s=1.0)
