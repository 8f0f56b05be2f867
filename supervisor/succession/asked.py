"""What one server asks another to do in its calls: steer them, or take a leg that it waits for."""

import socket
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from conversation.owned_tasks import OwnedTasks
from supervisor.logs import failure_told
from supervisor.succession import messages
from supervisor.workers.channel import Message
from supervisor.workers.steering import Action, Asked, Steered


class Steer(Protocol):
    """Has something done in a call; :meth:`supervisor.server.Server.steer_any` does."""

    async def __call__(
        self,
        call_id: UUID,
        action: Action,
        argument: str = "",
        sockets: Sequence[socket.socket] = (),
    ) -> Steered | None:
        """``None`` where no call of that id goes on; the sockets stay the caller's."""


class Obeying:
    """Carries out what comes over a line with ``steer``, each by itself: one may take a while."""

    def __init__(self, line: Asked, steer: Steer) -> None:
        self._line = line
        self._steer = steer
        self._errands = OwnedTasks(failure_told("errand_of_another_server.failed"))

    def take(self, message: Message) -> None:
        """A ``steer`` message; its answer goes back over the line."""
        self._errands.start(self._obey(message), "asked by another server")

    async def close(self) -> None:
        """Leave undone what is not done."""
        await self._errands.cancel()

    async def _obey(self, message: Message) -> None:
        fields, sockets = message.fields, message.sockets()
        try:
            done = await self._steer(
                UUID(fields["call_id"]), fields["action"], fields["argument"], sockets
            )
        finally:
            for each in sockets:
                each.close()
        reason = done.reason if done else None
        answer = {"number": fields["number"], "known": done is not None, "reason": reason}
        await self._line.tell(messages.STEERED, answer)
