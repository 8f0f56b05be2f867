"""Having something done in a call that goes on, whichever worker has it."""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final, Literal, Protocol, TypeAlias
from uuid import UUID

from supervisor.workers import messages
from supervisor.workers.channel import Fields

ANSWER_LIMIT_S: Final = 8.0
"""A transfer waits for the telephone system's answer, which has limits of its own below this."""

Action: TypeAlias = Literal["hang_up", "say", "transfer", "open_door", "listen", "take_leg"]


@dataclass(frozen=True, slots=True)
class Steered:
    """What became of it: done, or refused for ``reason``."""

    reason: str | None = None


class Asked(Protocol):
    """A worker, or another server that has workers."""

    async def tell(self, kind: str, fields: Fields, sockets: Sequence[socket.socket] = ()) -> None:
        """Send a message, if that is possible."""


class Steering:
    """Asks every worker; the one that has the call does it, the others say that they have not."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._asked: dict[int, asyncio.Queue[Fields]] = {}

    async def steer(
        self,
        workers: Iterable[Asked],
        call_id: UUID,
        action: Action,
        argument: str,
        sockets: Sequence[socket.socket] = (),
    ) -> Steered | None:
        """Do ``action`` with ``argument`` (a text, a destination, a party); ``None`` if nobody has
        the call, or who has it does not answer."""
        asked = list(workers)
        number = next(self._numbers)
        answers = self._asked[number] = asyncio.Queue()
        fields = {"number": number, "call_id": str(call_id), "action": action, "argument": argument}
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                for worker in asked:
                    await worker.tell(messages.STEER, fields, sockets)
                for _ in asked:
                    answer = await answers.get()
                    if answer["known"]:
                        return Steered(answer["reason"])
        except TimeoutError:
            return None
        finally:
            del self._asked[number]
        return None

    def take(self, fields: Fields) -> None:
        """A worker's answer; one that comes too late is let pass."""
        if (answers := self._asked.get(fields["number"])) is not None:
            answers.put_nowait(fields)
