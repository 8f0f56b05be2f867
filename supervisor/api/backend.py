"""What the API stands on: a database and a supervisor, which are there or are not yet."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from prometheus_client import CollectorRegistry

from supervisor.access.identity import Identity
from supervisor.api.problems import RETRY_AFTER_S, Problem
from supervisor.database.pool import Connection, Pool
from supervisor.database.tenancy import Scope, scoped
from supervisor.database.voices import VoiceRow
from supervisor.outgoing.addresses import AddressGuard
from supervisor.synthesis.desk import Desk
from supervisor.workers.steering import Action, Steered
from tts.profiles import ProfileName

ACQUIRE_LIMIT_S = 5.0
"""How long a request waits for a connection to the database."""
MOST_STREAMS = 100
RENDERINGS = 2
UPLOADS = 4
STARTING = "the server is starting"


@dataclass(frozen=True, slots=True)
class Before:
    """What can be told before there is a server: why it waits, and what it counts meanwhile."""

    registry: CollectorRegistry
    reason: Callable[[], str | None]


class Voices(Protocol):
    """Whoever has cloned voices speak; :class:`supervisor.voices.keeper.VoiceKeeper` is one."""

    async def say(
        self,
        row: VoiceRow,
        text: str,
        language: str,
        *,
        rate_hz: int,
        profile: ProfileName | None = None,
        pitch: float | None = None,
        speed: float | None = None,
    ) -> bytes:
        """Slin of a short text in a voice. Raises :class:`supervisor.voices.studio.StudioError`."""


class Calls(Protocol):
    """The supervisor, as far as the API needs it."""

    def trouble(self) -> str | None:
        """Why calls cannot be taken now, in plain words."""

    async def steer(self, call_id: UUID, action: Action, argument: str = "") -> Steered | None:
        """Have something done in a call that goes on; ``None`` if none of that id does."""

    async def listen(self, call_id: UUID, party: str, sock: socket.socket) -> Steered | None:
        """Have a call's audio sent to ``sock``; ``None`` if none of that id goes on here."""

    @property
    def voices(self) -> "Voices":
        """Who has cloned voices speak."""

    @property
    def recordings(self) -> Path:
        """The folder of this machine's recordings."""

    @property
    def synthesis(self) -> Desk:
        """Where synthesis jobs are taken, on this machine."""

    @property
    def registry(self) -> CollectorRegistry:
        """What the supervisor counts."""

    @property
    def expositions(self) -> Mapping[str, str]:
        """What the workers count, by name, as Prometheus reads it."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A server that has started."""

    pool: Pool
    calls: Calls


class Bell:
    """Wakes those who follow something, :data:`MOST_STREAMS` at most."""

    def __init__(self) -> None:
        self._listeners: set[Callable[[], None]] = set()

    def ring(self) -> None:
        """There may be something new."""
        for wake in tuple(self._listeners):
            wake()

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever the bell rings. Raises ``Problem`` where too many follow
        already."""
        if len(self._listeners) >= MOST_STREAMS:
            raise Problem(503, f"There are {MOST_STREAMS} streams already; close one.")
        event = asyncio.Event()
        self._listeners.add(event.set)
        try:
            yield event
        finally:
            self._listeners.discard(event.set)


class Backend:
    """Filled by whoever hosts the API; until then every request is told to come again."""

    def __init__(
        self,
        identity: Identity,
        before: Before | None = None,
        guard: AddressGuard | None = None,
    ) -> None:
        self.identity = identity
        """What logins are checked by."""
        self.guard = guard or AddressGuard()
        """Says which addresses customers may have us speak to."""
        self.ready: Ready | None = None
        self._before = before
        self.ending = asyncio.Event()
        self.uploads = asyncio.Semaphore(UPLOADS)
        """Forms with files being received, and looked at."""
        self.renderings = asyncio.Semaphore(RENDERINGS)
        """Files being made for downloads."""
        self.events = Bell()
        """Rings when there may be new rows in ``events``, and at the end."""
        self.synthesis = Bell()
        """Rings when a synthesis job may have changed, and at the end."""

    @property
    def starting(self) -> str:
        """Why there is no server yet."""
        return (self._before and self._before.reason()) or STARTING

    @property
    def registries(self) -> Sequence[CollectorRegistry]:
        """What is counted in this process."""
        if self.ready is not None:
            return [self.ready.calls.registry]
        return [self._before.registry] if self._before is not None else []

    @property
    def calls(self) -> Calls:
        """The supervisor. Raises ``Problem`` while there is none."""
        return self._started.calls

    @property
    def _started(self) -> Ready:
        if self.ready is None:
            headers = {"Retry-After": str(RETRY_AFTER_S)}
            raise Problem(503, f"Come again: {self.starting}.", headers=headers)
        return self.ready

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """A connection with all rights, for keys and the like. Raises ``Problem``."""
        async with self._started.pool.acquire(timeout=ACQUIRE_LIMIT_S) as connection:
            yield connection

    @asynccontextmanager
    async def reading(self, scope: Scope) -> AsyncIterator[Connection]:
        """A transaction that reads what is in ``scope``: for streams, between their pauses."""
        async with self.acquire() as connection, scoped(connection, scope, readonly=True):
            yield connection

    def end(self) -> None:
        """The server stops: streams end themselves."""
        self.ending.set()
        self.events.ring()
        self.synthesis.ring()
