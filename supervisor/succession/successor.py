"""Waiting for the server that takes our place, and handing over to it."""

import asyncio
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import structlog

from supervisor.announcing import announce
from supervisor.succession import control, messages
from supervisor.succession.asked import Obeying
from supervisor.succession.seat import Seat
from supervisor.workers.channel import MAX_DESCRIPTORS, Channel, ChannelClosedError, Fields
from supervisor.workers.steering import Action, Steered, Steering

_log = structlog.get_logger(__name__)


class Follower(Protocol):
    """What follows the extensions table; :class:`supervisor.reconciler.Reconciler` does."""

    async def pause(self) -> Sequence[socket.socket]:
        """Change nothing any more, and give every listening socket, which stays ours."""

    def resume(self) -> None:
        """Follow the table again: the successor did not come up."""


class Finishing(Protocol):
    """Has the calls that go on; :class:`supervisor.server.Server` does."""

    @property
    def calls(self) -> int:
        """How many there are."""

    @property
    def expositions(self) -> Mapping[str, str]:
        """What the workers count, by name, as Prometheus reads it."""

    async def steer_any(
        self,
        call_id: UUID,
        action: Action,
        argument: str = "",
        sockets: Sequence[socket.socket] = (),
    ) -> Steered | None:
        """Have something done in one of them."""


class Successor:
    """Whoever takes our place. ``http`` is the API's listening socket."""

    def __init__(
        self,
        seat: Seat,
        follower: Follower,
        ours: Finishing,
        http: socket.socket | None,
        limit_s: float,
    ) -> None:
        self._seat = seat
        self._follower = follower
        self._ours = ours
        self._http = http
        self._limit_s = limit_s
        self.line: Channel | None = None
        """To the server that has our place; ``None`` as long as it is ours."""
        self._steering = Steering()
        self._handing_over = asyncio.Lock()

    async def come(self) -> None:
        """Return once another server accepts in our place; one that fails changes nothing."""
        loop = asyncio.get_running_loop()
        while self.line is None:
            sock, _ = await loop.sock_accept(self._seat.listener)
            if not control.is_trusted(sock):
                sock.close()
                continue
            channel = Channel(sock)
            async with self._handing_over:
                if await self._hand_over(channel):
                    self.line = channel
                else:
                    channel.close()
        self._seat.give_up()

    async def follow(self) -> None:
        """Do what the successor asks for in calls that we finish, until it is gone or we are."""
        if self.line is None:
            return
        obeying = Obeying(self, self._ours.steer_any)
        telling = asyncio.create_task(self._tell_figures(), name="figures for the successor")
        try:
            while True:
                message = await self.line.receive()
                if message.kind == messages.STEER:
                    obeying.take(message)
                elif message.kind == messages.STEERED:
                    self._steering.take(message.fields)
        except ChannelClosedError:
            _log.warning("successor.gone")
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            await obeying.close()

    async def take_leg(self, leg_id: UUID, sockets: Sequence[socket.socket]) -> Steered | None:
        """Offer a leg that came to us although nobody here waits for it: while both of us accept,
        the kernel does not know whose it is."""
        async with self._handing_over:
            if self.line is None:
                return None
        return await self._steering.steer([self], leg_id, "take_leg", "", sockets)

    async def tell(self, kind: str, fields: Fields, sockets: Sequence[socket.socket] = ()) -> None:
        """Send a message; one that is gone gets none."""
        try:
            if self.line is not None:
                await self.line.send(kind, fields, sockets)
        except ChannelClosedError:
            _log.info("successor.not_reached", kind=kind)

    async def _tell_figures(self) -> None:
        while True:
            for worker, metrics in self._ours.expositions.items():
                await self.tell(messages.FIGURES, {"worker": worker, "metrics": metrics})
            await asyncio.sleep(messages.FIGURES_EVERY_S)

    async def _hand_over(self, channel: Channel) -> bool:
        try:
            async with asyncio.timeout(messages.ANSWER_LIMIT_S):
                asked = await channel.receive()
        except (TimeoutError, ChannelClosedError):
            return False
        announce(
            f"Process {asked.fields['pid']} (ramal {asked.fields['version']}) is to take the place "
            f"of this one, process {os.getpid()}, which answers until then."
        )
        sockets = await self._follower.pause()
        try:
            async with asyncio.timeout(messages.ACCEPT_LIMIT_S):
                await self._send_everything(channel, sockets)
                await channel.receive()  # "accepting": there is nothing else to say
                drains = {"calls": _in_words(self._ours.calls), "limit_s": self._limit_s}
                await channel.send(messages.DRAINS, drains)
        except (TimeoutError, ChannelClosedError):
            announce(f"Process {asked.fields['pid']} did not come up; this one goes on as before.")
            self._follower.resume()
            return False
        announce(
            f"Process {asked.fields['pid']} takes all new calls; this one, process {os.getpid()}, "
            f"finishes {_in_words(self._ours.calls)} within {self._limit_s:g} s."
        )
        return True

    async def _send_everything(self, channel: Channel, sockets: Sequence[socket.socket]) -> None:
        seat = (self._seat.lock, self._seat.listener)
        await channel.send(messages.SEAT, {"pid": os.getpid()}, seat)
        for start in range(0, len(sockets), MAX_DESCRIPTORS):
            some = sockets[start : start + MAX_DESCRIPTORS]
            await channel.send(messages.LISTENING, {}, some)
        if self._http is not None:
            await channel.send(messages.HTTP, {}, [self._http])
        await channel.send(messages.ALL, {})


def _in_words(calls: int) -> str:
    return "1 call" if calls == 1 else f"{calls} calls"
