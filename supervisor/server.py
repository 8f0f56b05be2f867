"""``ramal serve``: the supervisor. Database, extensions, workers, and a proper end."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from prometheus_client import CollectorRegistry

from supervisor.alarms import Alarms
from supervisor.alerts.post import alerting
from supervisor.database.api_keys import create_first_key
from supervisor.database.listening import listen
from supervisor.database.migrate import migrate
from supervisor.database.opening import database_url
from supervisor.database.outage import Outage, persist
from supervisor.database.pool import connected, pooled
from supervisor.errors import OperatorError
from supervisor.lookout import Lookout
from supervisor.only_server import only_server
from supervisor.outgoing.addresses import AddressGuard
from supervisor.reconciler import DIRECTORY, EXTENSIONS, Reconciler
from supervisor.recordings.archivist import Archivist
from supervisor.recordings.names import FOLDER
from supervisor.settings import Settings
from supervisor.webhooks.courier import delivering
from supervisor.workers.crew import Crew, CrewLimits
from supervisor.workers.memory import memory_limit_bytes
from supervisor.workers.process import WorkerProcess
from supervisor.workers.steering import Action, Steered

if TYPE_CHECKING:
    from supervisor.api.hosting import Host

_log = structlog.get_logger(__name__)


class NothingServedError(OperatorError):
    """There are extensions, and none of them can be served."""


class Server:
    """A running supervisor; made by :func:`running_server`."""

    def __init__(
        self,
        crew: Crew,
        reconciler: Reconciler,
        database_url: str,
        *,
        tasks: "tuple[asyncio.Task[None], ...]",
        registry: CollectorRegistry,
        alarms: Alarms,
        recordings: Path,
    ) -> None:
        self.crew = crew
        self.reconciler = reconciler
        self.database_url = database_url
        self.tasks = tasks
        """Run as long as the server; one that ends has failed, and its exception says why."""
        self.registry = registry
        """What the supervisor counts."""
        self.alarms = alarms
        """Ours, and those of the workers."""
        self.recordings = recordings
        """The folder of this machine's recordings."""
        self._drains = False

    def trouble(self) -> str | None:
        """Why calls cannot be taken now, in plain words; ``None`` if they can."""
        if self._drains:
            return "the server is stopping"
        if not self.reconciler.is_settled:
            return "the extensions are being taken up"
        if missing := self.crew.missing:
            return f"{missing} of the workers are not ready"
        return None

    @property
    def expositions(self) -> dict[str, str]:
        """What the workers count, by name, as Prometheus reads it."""
        return self.crew.expositions

    async def steer(self, call_id: UUID, action: Action, argument: str = "") -> Steered | None:
        """Have something done in a call that goes on here; ``None`` if none of that id does."""
        return await self.crew.steer(call_id, action, argument)

    async def listen(self, call_id: UUID, party: str, sock: socket.socket) -> Steered | None:
        """Have a call's audio sent to ``sock`` while it goes on; ``None`` if none of that id does.

        The caller closes its own copy of ``sock``.
        """
        return await self.crew.listen(call_id, party, sock)

    async def drain(self, limit_s: float) -> None:
        """Refuse new connections, let calls finish, and return when all workers are gone.

        Refused, a caller reaches the dialplan's fallback, or another machine.
        """
        self._drains = True
        await self.reconciler.close()
        await self.crew.drain(limit_s)

    async def watch_start(self) -> None:
        """Raise :class:`NothingServedError` if no extension can be served; else never return.

        One bad row is marked and the others are answered; if all are bad, somebody who starts
        the server must hear of it.
        """
        told = await self.reconciler.settled()
        if told and all(told.values()):
            raise NothingServedError(
                f"No extension can be served; {next(iter(told.values()))} (see: ramal doctor)."
            )
        await asyncio.Event().wait()


@asynccontextmanager
async def running_server(settings: Settings, *, spare: bool = False) -> AsyncIterator[Server]:
    """Serve every enabled extension during the block; calls that run then are cut off.

    ``spare`` keeps one worker ready beyond those that are needed.
    Raises ``OperatorError`` for what an operator can put right.
    """
    async with database_url(settings) as url:
        await migrate(url)
        lookout = Lookout.new()
        async with (
            alerting(settings.alerts, url, lookout.alarms),
            _supervising(settings, url, lookout, spare=spare) as server,
        ):
            yield server


@asynccontextmanager
async def _supervising(
    settings: Settings, url: str, lookout: Lookout, *, spare: bool
) -> AsyncIterator[Server]:
    metrics, alarms = lookout.metrics, lookout.alarms
    async with pooled(url, at_once=False) as pool:
        folder = settings.data_dir.resolve() / FOLDER
        reconciler = Reconciler(pool, settings.host, settings.drain_s)
        start = partial(WorkerProcess.start, settings=settings, database_url=url)
        size = settings.workers or os.cpu_count() or 1
        crew = Crew(
            start,
            size,
            reconciler.report,
            metrics,
            spare=spare,
            alarms=alarms,
            limits=CrewLimits(memory_limit_bytes(settings.worker_memory_mb), settings.drain_s),
            on_closed=reconciler.closed,
        )
        async with delivering(settings, url, alarms, metrics), crew.running():
            listening = listen(
                url,
                [EXTENSIONS, DIRECTORY],
                reconciler.wake,
                lookout.outage,
                on_payload=reconciler.touched,
            )
            tasks = (
                asyncio.create_task(listening, name="listen"),
                asyncio.create_task(reconciler.run(crew), name="reconcile"),
                asyncio.create_task(Archivist(folder, pool, alarms).run(), name="recordings"),
            )
            try:
                yield Server(
                    crew,
                    reconciler,
                    url,
                    tasks=tasks,
                    registry=metrics.registry,
                    alarms=alarms,
                    recordings=folder,
                )
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await reconciler.close()


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP; then running calls finish, within ``drain_s``.

    A second signal ends them at once. Raises ``OperatorError``.
    """
    signals = asyncio.Semaphore(0)
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(each, signals.release)
    with only_server(settings.data_dir):
        await _serve_until(settings, signals)
    _log.info("server.stopped")


async def _serve_until(settings: Settings, signals: asyncio.Semaphore) -> None:
    lookout = Lookout.new()
    async with (
        _reachable(settings, lookout) as host,
        database_url(settings) as url,
        alerting(settings.alerts, url, lookout.alarms),
    ):
        if await _is_sooner(signals.acquire(), persist(partial(migrate, url), lookout.outage)):
            return
        spare = settings.spare_worker
        async with _supervising(settings, url, lookout, spare=spare) as server:
            await _serve_calls(settings, host, server, lookout.outage, signals)


async def _serve_calls(
    settings: Settings,
    host: "Host | None",
    server: Server,
    outage: Outage,
    signals: asyncio.Semaphore,
) -> None:
    async with _answering(host, server):
        _log.info("server.started", host=settings.host, pid=os.getpid())
        opened = [_tell_first_key(server.database_url, outage)] if host is not None else []
        await _first_of(signals.acquire(), server.watch_start(), *server.tasks, *opened)
        _log.info("server.drains", limit_s=settings.drain_s)
        if host is not None:
            await host.stop_listening()
        await _first_of(server.drain(settings.drain_s), signals.acquire())


@asynccontextmanager
async def _reachable(settings: Settings, lookout: Lookout) -> AsyncIterator["Host | None"]:
    """Open the API's port before anything else, for those who ask whether we are ready."""
    if not settings.http.enabled:
        yield None
        return
    from supervisor.access.identity import make_identity  # noqa: PLC0415
    from supervisor.api.backend import Before  # noqa: PLC0415
    from supervisor.api.hosting import hosted  # noqa: PLC0415

    before = Before(lookout.metrics.registry, lambda: lookout.outage.reason)
    guard = AddressGuard.of(settings.outgoing)
    identity = make_identity(settings.auth, settings.data_dir)
    async with hosted(settings.http, identity, before, guard) as host:
        _log.info("http.started", host=settings.http.host, port=host.port)
        yield host


@asynccontextmanager
async def _answering(host: "Host | None", server: Server) -> AsyncIterator[None]:
    """Let the API answer about this server."""
    if host is None:
        yield
        return
    async with host.serving(server.database_url, server):
        yield


async def _tell_first_key(url: str, outage: Outage) -> None:
    """Print a key at the first start, once; never returns."""

    async def create() -> str | None:
        async with connected(url) as connection:
            return await create_first_key(connection)

    key = await persist(create, outage)
    if key is not None:
        sys.stdout.write(f"The first key of the API, an admin's, shown only now: {key}\n")
        sys.stdout.flush()
    await asyncio.Event().wait()


async def _is_sooner(stop: Awaitable[Any], work: Awaitable[Any]) -> bool:
    """Whether we are stopped before some work is done; raises what the work raised."""
    stopping = asyncio.ensure_future(stop)
    await _first_of(stopping, work)
    return not stopping.cancelled()


async def _first_of(*work: Awaitable[Any]) -> None:
    """Return when the first is done, and end the others; raises what it raised."""
    tasks = [asyncio.ensure_future(each) for each in work]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for task in done:
        task.result()
