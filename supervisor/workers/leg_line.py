"""A worker's question to the supervisor: who waits for this leg?"""

import asyncio
import socket
from itertools import count
from typing import Final
from uuid import UUID

from supervisor.workers import messages
from supervisor.workers.channel import Channel, ChannelClosedError, Fields

PATIENCE_S: Final = 20.0
"""The supervisor asks its workers, and then the server whose place it took or that takes its."""
MOST_ASKED: Final = 64
"""At once; one more is nobody's."""


class LegLine:
    """A :class:`supervisor.legs.AskElsewhere`; its worker hands it the answers."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._numbers = count(1)
        self._asked: dict[int, asyncio.Future[bool]] = {}

    async def __call__(self, leg_id: UUID, sock: socket.socket) -> bool:
        """Offer it to all others; nobody has it where nobody answers in time."""
        if len(self._asked) >= MOST_ASKED:
            return False
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(PATIENCE_S):
                fields = {"number": number, "leg_id": str(leg_id)}
                await self._channel.send(messages.LEG, fields, [sock])
                known: bool = await answer
                return known
        except (TimeoutError, ChannelClosedError):
            return False
        finally:
            del self._asked[number]

    def take(self, fields: Fields) -> None:
        """The answer to a question; one that comes too late is let pass."""
        if (answer := self._asked.get(fields["number"])) is not None and not answer.done():
            answer.set_result(bool(fields["known"]))
