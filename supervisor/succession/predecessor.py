"""The server whose place we take, as we see it."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import structlog

from supervisor.announcing import announce
from supervisor.errors import OperatorError
from supervisor.listeners import FreeSockets
from supervisor.succession import control, messages
from supervisor.succession.asked import Obeying, Steer
from supervisor.succession.seat import Seat
from supervisor.workers.channel import Channel, ChannelClosedError, Fields, Message
from supervisor.workers.steering import Action, Steered, Steering

_log = structlog.get_logger(__name__)


class NoPredecessorError(OperatorError):
    """The server that runs does not give up its place."""


@dataclass(slots=True)
class Estate:
    """What a predecessor leaves: its seat, its listening sockets, and the API's."""

    pid: int
    seat: Seat
    listening: FreeSockets = field(default_factory=dict)
    http: socket.socket | None = None

    def give_up(self) -> None:
        """Close what nobody has taken: the predecessor has all of it still."""
        self.seat.give_up()
        for each in self.listening.values():
            each.close()
        if self.http is not None:
            self.http.close()


class Predecessor:
    """A line to the server that runs; make one with :meth:`found`."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._steering = Steering()
        self._lives = True
        self._retired = asyncio.Event()
        """Set once it follows what we say."""
        self._pid = 0
        self.expositions: dict[str, str] = {}
        """What its workers count while they finish their calls, by name, with its process id."""

    @classmethod
    @asynccontextmanager
    async def found(cls, data_dir: Path) -> "AsyncIterator[Predecessor]":
        """Call the server of this data directory. Raises :class:`NoPredecessorError`."""
        try:
            channel = Channel(control.connect(data_dir))
        except OSError as error:
            raise NoPredecessorError(
                f"The server that runs on {data_dir} takes no calls any more, and cannot be "
                f"replaced ({error.strerror}); wait until it has ended, or stop it."
            ) from None
        try:
            yield cls(channel)
        finally:
            channel.close()

    async def take_over(self) -> Estate:
        """Ask for everything; the predecessor goes on accepting until :meth:`retire`.

        Raises :class:`NoPredecessorError`.
        """
        try:
            async with asyncio.timeout(messages.ANSWER_LIMIT_S):
                facts = {"pid": os.getpid(), "version": version("ramal")}
                await self._channel.send(messages.TAKE_OVER, facts)
                estate = _seat_of(await self._channel.receive())
                while (message := await self._channel.receive()).kind != messages.ALL:
                    _take(estate, message)
        except (TimeoutError, ChannelClosedError):
            raise NoPredecessorError(
                "The server that runs does not hand its place over; it stops, is being replaced "
                "already, or hangs: try again, or stop it."
            ) from None
        announce(
            f"Taking the place of ramal serve, process {estate.pid}: it hands over "
            f"{len(estate.listening)} ports and answers until our workers are ready."
        )
        return estate

    async def retire(self, pid: int) -> None:
        """Tell it that we accept: from now on it only finishes its calls."""
        self._pid = pid
        try:
            await self._retire(pid)
        finally:
            self._retired.set()

    async def _retire(self, pid: int) -> None:
        try:
            async with asyncio.timeout(messages.ANSWER_LIMIT_S):
                await self._channel.send(messages.ACCEPTING, {})
                drains = (await self._channel.receive()).fields
        except (TimeoutError, ChannelClosedError):
            announce(f"Process {pid} is gone; this is process {os.getpid()}, and takes all calls.")
            return
        announce(
            f"This is process {os.getpid()}, and takes all new calls; process {pid} finishes "
            f"{drains['calls']} within {drains['limit_s']:g} s."
        )

    async def follow(self, steer: Steer) -> None:
        """Take its answers and figures, and what it asks for: ``steer`` does it in our calls.

        Never returns.
        """
        obeying = Obeying(self, steer)
        try:
            while True:
                self._take(await self._channel.receive(), obeying)
        except ChannelClosedError:
            self._lives = False
            self.expositions.clear()
            announce("The server whose place this one took has finished its calls, and left.")
            await asyncio.Event().wait()
        finally:
            await obeying.close()

    def _take(self, message: Message, obeying: Obeying) -> None:
        if message.kind == messages.STEERED:
            self._steering.take(message.fields)
        elif message.kind == messages.STEER:
            obeying.take(message)
        elif message.kind == messages.FIGURES:
            worker = message.fields["worker"]
            name = worker if " of " in worker else f"{worker} of {self._pid}"
            self.expositions[name] = message.fields["metrics"]

    async def take_leg(self, leg_id: UUID, sockets: Sequence[socket.socket]) -> Steered | None:
        """Offer a leg that came to us although nobody here waits for it, once the predecessor
        listens to us: a phone that it had ringing when we took its place."""
        await self._retired.wait()
        return await self.steer(leg_id, "take_leg", "", sockets)

    async def steer(
        self, call_id: UUID, action: Action, argument: str, sockets: Sequence[socket.socket] = ()
    ) -> Steered | None:
        """Have something done in a call that it finishes; ``None`` if it has none of that id, or
        is gone."""
        if not self._lives:
            return None
        return await self._steering.steer([self], call_id, action, argument, sockets)

    async def tell(self, kind: str, fields: Fields, sockets: Sequence[socket.socket] = ()) -> None:
        """Send a message; one that is gone gets none."""
        try:
            await self._channel.send(kind, fields, sockets)
        except ChannelClosedError:
            _log.info("predecessor.not_reached", kind=kind)


def _seat_of(message: Message) -> Estate:
    lock, listener = message.descriptors
    return Estate(message.fields["pid"], Seat.inherited(lock, listener))


def _take(estate: Estate, message: Message) -> None:
    sockets = message.sockets()
    if message.kind == messages.HTTP:
        [estate.http] = sockets
    else:
        estate.listening |= {each.getsockname()[1]: each for each in sockets}
