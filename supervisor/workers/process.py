"""One worker process: its start, its line, and its end."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from supervisor.environment import without_ours
from supervisor.settings import Settings
from supervisor.workers import messages
from supervisor.workers.channel import Channel, ChannelClosedError, Fields, Message

EXIT_GRACE_S: Final = 5.0
"""After the line was closed or a drain's limit was over."""
MODULE: Final = "supervisor.worker"

_log = structlog.get_logger(__name__)


class WorkerFailedError(Exception):
    """A worker did not become ready; the message says what it did instead."""


class HandleMessage(Protocol):
    """Takes what a worker says, on the event loop."""

    def __call__(self, message: Message) -> None:
        """Any message after ``ready``, heartbeats included."""


class WorkerProcess:
    """A running worker. Make one with :meth:`start`."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, channel: Channel) -> None:
        self.name = name
        self.calls = 0
        """Calls that it had at its last heartbeat."""
        self.exposition = ""
        """What it counted until then, as Prometheus reads it."""
        self._process = process
        self._channel = channel

    @classmethod
    async def start(
        cls, name: str, flows: Sequence[str], *, settings: Settings, database_url: str
    ) -> "WorkerProcess":
        """Start a process and wait until it is ready to answer with ``flows``.

        Raises :class:`WorkerFailedError`.
        """
        channel, theirs = Channel.pair()
        descriptor = theirs.fileno()
        command = (sys.executable, "-m", MODULE, str(descriptor))
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command,
                pass_fds=(descriptor,),
                stdin=asyncio.subprocess.DEVNULL,
                env=without_ours(os.environ),
                start_new_session=True,  # Ctrl-C is for the supervisor, who lets calls finish
            )
        worker = cls(name, process, channel)
        try:
            fields = {"name": name, "flows": list(flows), "settings": settings.for_worker()}
            await worker._become_ready({**fields, "database_url": database_url})
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        """Of the process, also after its end."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether the process has not ended, as far as the system told us."""
        return self._process.returncode is None

    async def tell(self, kind: str, fields: Fields, sockets: Sequence[socket.socket] = ()) -> None:
        """Send a message; a worker that is gone gets none, which its watcher notices."""
        try:
            await self._channel.send(kind, fields, sockets)
        except ChannelClosedError:
            _log.info("worker.not_reached", worker=self.name, kind=kind)

    async def watch(self, handle: HandleMessage) -> str:
        """Hand on what the worker says until it is gone; returns why, in plain words."""
        while True:
            try:
                async with asyncio.timeout(messages.HEARTBEAT_LIMIT_S):
                    message = await self._channel.receive()
            except TimeoutError:
                await self.kill()
                return f"it said nothing for {messages.HEARTBEAT_LIMIT_S:g} s"
            except ChannelClosedError:
                return await self._ended()
            if message.kind == messages.HEARTBEAT:
                self.calls = message.fields["calls"]
                self.exposition = message.fields["metrics"] or self.exposition
            handle(message)

    async def kill(self) -> None:
        """End it now."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        self._channel.close()

    async def _become_ready(self, fields: Fields) -> None:
        try:
            async with asyncio.timeout(messages.READY_LIMIT_S):
                await self._channel.send(messages.CONFIGURE, fields)
                message = await self._channel.receive()
        except TimeoutError:
            raise WorkerFailedError(
                f"it was not ready within {messages.READY_LIMIT_S:g} s"
            ) from None
        except ChannelClosedError:
            raise WorkerFailedError(await self._ended()) from None
        if message.kind == messages.FAILED:
            raise WorkerFailedError(message.fields["reason"])

    async def _ended(self) -> str:
        try:
            async with asyncio.timeout(EXIT_GRACE_S):
                status = await self._process.wait()
        except TimeoutError:
            await self.kill()
            return "it closed its line and did not end"
        self._channel.close()
        return _describe(status)


def _describe(status: int) -> str:
    if status < 0:
        return f"it was ended by {signal.Signals(-status).name}"
    return f"it exited with status {status}"
