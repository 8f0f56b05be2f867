"""Waiting for the server that takes our place, and handing over to it."""

import asyncio
import os
import socket
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import structlog

from supervisor.announcing import announce
from supervisor.succession import control, messages
from supervisor.succession.seat import Seat
from supervisor.workers.channel import MAX_DESCRIPTORS, Channel, ChannelClosedError, Message
from supervisor.workers.crew import Crew

_log = structlog.get_logger(__name__)


class Follower(Protocol):
    """What follows the extensions table; :class:`supervisor.reconciler.Reconciler` does."""

    async def pause(self) -> Sequence[socket.socket]:
        """Change nothing any more, and give every listening socket, which stays ours."""

    def resume(self) -> None:
        """Follow the table again: the successor did not come up."""


class Successor:
    """Whoever takes our place. ``http`` is the API's listening socket."""

    def __init__(
        self, seat: Seat, follower: Follower, crew: Crew, http: socket.socket | None, limit_s: float
    ) -> None:
        self._seat = seat
        self._follower = follower
        self._crew = crew
        self._http = http
        self._limit_s = limit_s
        self.line: Channel | None = None
        """To the server that has our place; ``None`` as long as it is ours."""

    async def come(self) -> None:
        """Return once another server accepts in our place; one that fails changes nothing."""
        loop = asyncio.get_running_loop()
        while self.line is None:
            sock, _ = await loop.sock_accept(self._seat.listener)
            if not control.is_trusted(sock):
                sock.close()
                continue
            channel = Channel(sock)
            if await self._hand_over(channel):
                self.line = channel
            else:
                channel.close()
        self._seat.give_up()

    async def follow(self) -> None:
        """Do what the successor asks for in calls that we finish, until it is gone or we are."""
        if self.line is None:
            return
        try:
            while True:
                message = await self.line.receive()
                if message.kind == messages.STEER:
                    await self._steer(self.line, message)
        except ChannelClosedError:
            _log.warning("successor.gone")

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
                drains = {"calls": _in_words(self._crew.calls), "limit_s": self._limit_s}
                await channel.send(messages.DRAINS, drains)
        except (TimeoutError, ChannelClosedError):
            announce(f"Process {asked.fields['pid']} did not come up; this one goes on as before.")
            self._follower.resume()
            return False
        announce(
            f"Process {asked.fields['pid']} takes all new calls; this one, process {os.getpid()}, "
            f"finishes {_in_words(self._crew.calls)} within {self._limit_s:g} s."
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

    async def _steer(self, line: Channel, message: Message) -> None:
        fields, sockets = message.fields, message.sockets()
        try:
            done = await self._crew.steer(
                UUID(fields["call_id"]), fields["action"], fields["argument"], sockets
            )
        finally:
            for each in sockets:
                each.close()
        answer = {
            "number": fields["number"],
            "known": done is not None,
            "reason": done.reason if done else None,
        }
        await line.send(messages.STEERED, answer)


def _in_words(calls: int) -> str:
    return "1 call" if calls == 1 else f"{calls} calls"
