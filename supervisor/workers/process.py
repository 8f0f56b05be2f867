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
from supervisor.workers.suspicion import Ended, How

EXIT_GRACE_S: Final = 5.0
"""After the line was closed or a drain's limit was over."""
OWN_SHARE: Final = 1.25
"""A worker may have so many times what it had when it was ready: a limit below what the engines
need would have every worker replaced for ever."""
ALLOCATOR: Final = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "32768"}
"""glibc gives the memory of prompts (40 kB each) back to the system, instead of keeping it in an
arena for each thread (mallopt(3)). What the operator's environment says of these goes first."""
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
        self.resident_bytes = 0
        """Memory that it had then."""
        self.limit_bytes = 0.0
        """How much it may have, as far as anybody asked."""
        self._first_bytes = 0
        self.exposition = ""
        """What it counted until then, as Prometheus reads it."""
        self._process = process
        self._killed_for: Ended | None = None
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
                env={**ALLOCATOR, **without_ours(os.environ)},
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

    def outgrows(self, limit_bytes: float) -> bool:
        """Whether it has more memory than that, and more than what it is made of explains."""
        self.limit_bytes = max(limit_bytes, self._first_bytes * OWN_SHARE)
        return self.resident_bytes > self.limit_bytes

    async def tell(self, kind: str, fields: Fields, sockets: Sequence[socket.socket] = ()) -> None:
        """Send a message; a worker that is gone gets none, which its watcher notices."""
        try:
            await self._channel.send(kind, fields, sockets)
        except ChannelClosedError:
            _log.info("worker.not_reached", worker=self.name, kind=kind)

    async def watch(self, handle: HandleMessage) -> Ended:
        """Hand on what the worker says until it is gone; returns why."""
        while True:
            try:
                async with asyncio.timeout(messages.HEARTBEAT_LIMIT_S):
                    message = await self._channel.receive()
            except TimeoutError:
                await self.kill()
                return Ended(f"it said nothing for {messages.HEARTBEAT_LIMIT_S:g} s", How.HUNG)
            except ChannelClosedError:
                return await self._ended()
            if message.kind == messages.HEARTBEAT:
                self.calls = message.fields["calls"]
                self.resident_bytes = message.fields["resident_bytes"]
                self._first_bytes = self._first_bytes or self.resident_bytes
                self.exposition = message.fields["metrics"] or self.exposition
            handle(message)

    def end(self, why: Ended) -> None:
        """Kill it; who watches it is told ``why``."""
        if self._process.returncode is None:
            self._killed_for = why
            self._process.kill()

    async def kill(self) -> None:
        """End it now, and wait for that."""
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
            raise WorkerFailedError((await self._ended()).reason) from None
        if message.kind == messages.FAILED:
            raise WorkerFailedError(message.fields["reason"])

    async def _ended(self) -> Ended:
        try:
            async with asyncio.timeout(EXIT_GRACE_S):
                status = await self._process.wait()
        except TimeoutError:
            await self.kill()
            return Ended("it closed its line and did not end", How.HUNG)
        self._channel.close()
        return self._killed_for or _describe(status)


_FROM_OUTSIDE: Final = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})


def _describe(status: int) -> Ended:
    """A signal that nobody sends to himself comes from an operator, or from the system."""
    if status < 0:
        name = signal.Signals(-status).name
        how = How.LEFT if -status in _FROM_OUTSIDE else How.CRASHED
        return Ended(f"it was ended by {name}", how)
    return Ended(f"it exited with status {status}", How.CRASHED if status else How.LEFT)
