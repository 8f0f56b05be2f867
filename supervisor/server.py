"""``ramal serve``: the supervisor. Database, extensions, workers, and a proper end."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from prometheus_client import CollectorRegistry

from supervisor.admission.retention import Retention
from supervisor.alarms import Alarms
from supervisor.alerts.post import alerting
from supervisor.announcing import announce
from supervisor.database.listening import listen
from supervisor.database.migrate import migrate
from supervisor.database.opening import database_url
from supervisor.database.outage import Outage, persist
from supervisor.database.pool import connected, pooled
from supervisor.engine_keeper import EngineKeeper, keeping_engines
from supervisor.errors import OperatorError
from supervisor.first_key import hand_over_first_key
from supervisor.lookout import Lookout
from supervisor.outgoing.addresses import AddressGuard
from supervisor.reconciler import DIRECTORY, EXTENSIONS, Reconciler
from supervisor.recordings.archivist import Archivist
from supervisor.recordings.names import FOLDER
from supervisor.service_manager import tell_in_charge
from supervisor.settings import Settings
from supervisor.succession.launching import launch_successor
from supervisor.succession.predecessor import Estate, NoPredecessorError, Predecessor
from supervisor.succession.seat import AnotherServerError, Seat, only_server
from supervisor.succession.successor import Successor
from supervisor.synthesis.desk import Desk
from supervisor.synthesis.studio import making
from supervisor.voices.keeper import VoiceKeeper
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
        synthesis: Desk,
        voices: VoiceKeeper,
        engines: Sequence[EngineKeeper] = (),
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
        self.synthesis = synthesis
        """Where synthesis jobs are taken."""
        self.voices = voices
        """Looks after cloned voices."""
        self.engines = engines
        """The engine processes that we look after."""
        self.predecessor: Predecessor | None = None
        """Finishes calls that began before we took its place."""
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
        """What workers and engine processes count, by name, as Prometheus reads it; also those of
        the server whose place we took, while they finish their calls."""
        own = {f"engines-{each.kind}": each.exposition for each in self.engines if each.exposition}
        of_others = self.predecessor.expositions if self.predecessor else {}
        return {**self.crew.expositions, **own, **of_others}

    @property
    def calls(self) -> int:
        """Calls that go on here, as the workers told last."""
        return self.crew.calls

    async def steer(self, call_id: UUID, action: Action, argument: str = "") -> Steered | None:
        """Have something done in a call that goes on here; ``None`` if none of that id does."""
        return await self.steer_any(call_id, action, argument)

    async def listen(self, call_id: UUID, party: str, sock: socket.socket) -> Steered | None:
        """Have a call's audio sent to ``sock`` while it goes on; ``None`` if none of that id does.

        The caller closes its own copy of ``sock``.
        """
        return await self.steer_any(call_id, "listen", party, [sock])

    async def steer_any(
        self,
        call_id: UUID,
        action: Action,
        argument: str = "",
        sockets: Sequence[socket.socket] = (),
    ) -> Steered | None:
        """Have something done here, or by the server whose place we took; ``None`` if neither has
        a call, or waits for a leg, of that id. The sockets stay the caller's."""
        done = await self.crew.steer(call_id, action, argument, sockets)
        if done is None and self.predecessor is not None:
            return await self.predecessor.steer(call_id, action, argument, sockets)
        return done

    async def drain(self, limit_s: float) -> None:
        """Refuse new connections, let calls finish, and return when all workers are gone.

        Refused, a caller reaches the dialplan's fallback, or another machine.
        """
        self._drains = True
        await self.reconciler.close()
        await self.crew.drain(limit_s)

    async def leave_to_successor(self, limit_s: float) -> None:
        """Let calls finish while another server takes the new ones, on the same sockets.

        Those that outlast ``limit_s`` go on there: the dialplan connects them again.
        """
        self.reconciler.let_go()
        await self.crew.drain(limit_s, let_go=True)

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
    settings: Settings,
    url: str,
    lookout: Lookout,
    *,
    spare: bool,
    estate: Estate | None = None,
) -> AsyncIterator[Server]:
    metrics, alarms = lookout.metrics, lookout.alarms
    async with pooled(url, at_once=False) as pool:
        folder = settings.data_dir.resolve() / FOLDER
        inherited = estate.listening if estate else None
        reconciler = Reconciler(pool, settings.host, settings.drain_s, inherited)
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
        async with (
            keeping_engines(settings, metrics, alarms) as engines,
            delivering(settings, url, alarms, metrics),
            making(settings, url, alarms, metrics),
            crew.running(),
            AsyncExitStack() as resources,
        ):
            voices = VoiceKeeper(settings, pool)
            resources.push_async_callback(voices.close)
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
                asyncio.create_task(voices.run(url), name="voices"),
                asyncio.create_task(
                    Retention(pool, settings.visitors.keep_days).run(), name="visitors"
                ),
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
                    voices=voices,
                    engines=engines,
                    synthesis=Desk.of(settings),
                )
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await reconciler.close()


async def serve(settings: Settings, *, replace: bool = False) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP; then running calls finish, within ``drain_s``.

    A second signal ends them at once. With ``replace`` a server that runs on the data directory
    gives us its place; SIGUSR2 starts one that takes ours. Raises ``OperatorError``.
    """
    signals = asyncio.Semaphore(0)
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(each, signals.release)
    loop.add_signal_handler(signal.SIGUSR2, launch_successor)
    async with AsyncExitStack() as stack:
        try:
            place: Seat | Predecessor = stack.enter_context(only_server(settings.data_dir))
        except AnotherServerError:
            if not replace:
                raise
            place = await stack.enter_async_context(Predecessor.found(settings.data_dir))
        await _serve_until(settings, signals, place)
    _log.info("server.stopped")


async def _serve_until(
    settings: Settings, signals: asyncio.Semaphore, place: "Seat | Predecessor"
) -> None:
    lookout = Lookout.new()
    at_once = isinstance(place, Seat)
    async with (
        _reachable(settings, lookout, at_once=at_once) as host,
        database_url(settings) as url,
        alerting(settings.alerts, url, lookout.alarms),
    ):
        if await _is_sooner(signals.acquire(), persist(partial(migrate, url), lookout.outage)):
            return
        spare = settings.spare_worker
        async with (
            _estate_of(place) as estate,
            _supervising(settings, url, lookout, spare=spare, estate=estate) as server,
            _answering(host, server),
        ):
            _log.info("server.started", host=settings.host, pid=os.getpid())
            tenure = _Tenure(server, host, settings.drain_s)
            opened = (
                [_tell_first_key(url, settings.data_dir, lookout.outage)]
                if host is not None
                else []
            )
            await _first_of(
                signals.acquire(),
                server.watch_start(),
                tenure.hold(place, estate),
                *server.tasks,
                *opened,
            )
            await _first_of(tenure.end(), signals.acquire())


@asynccontextmanager
async def _estate_of(place: "Seat | Predecessor") -> AsyncIterator[Estate | None]:
    """What a predecessor leaves us, if there is one."""
    if isinstance(place, Seat):
        yield None
        return
    estate = await place.take_over()
    try:
        yield estate
    finally:
        estate.give_up()


class _Tenure:
    """How a server comes into its place, and how it leaves it."""

    def __init__(self, server: Server, host: "Host | None", drain_s: float) -> None:
        self._server = server
        self._host = host
        self._drain_s = drain_s
        self._seat: Seat | None = None
        self._successor: Successor | None = None

    async def hold(self, place: "Seat | Predecessor", estate: Estate | None) -> None:
        """Take the place, and return once somebody else has it."""
        if isinstance(place, Seat):
            seat = self._seat = place
        elif estate is not None:
            await self._take_over(place, estate)
            seat = self._seat = estate.seat
        await asyncio.to_thread(tell_in_charge)
        http = self._host.listener if self._host else None
        server = self._server
        self._successor = Successor(seat, server.reconciler, server, http, self._drain_s)
        server.crew.elsewhere.append(self._successor.take_leg)
        former = server.predecessor
        following = [former.follow(server.crew.steer)] if former else []
        await _first_of(self._successor.come(), *following)

    async def end(self) -> None:
        """Let calls finish, and return when they have."""
        _log.info("server.drains", limit_s=self._drain_s)
        if self._successor is not None and self._successor.line is not None:
            await self._leave_to(self._successor)
            return
        if self._seat is not None:
            self._seat.listener.close()  # nobody can have a place that is being left
        if self._host is not None:
            await self._host.stop_listening()
        await self._server.drain(self._drain_s)

    async def _take_over(self, predecessor: Predecessor, estate: Estate) -> None:
        """Let our workers accept before the predecessor's stop."""
        self._server.crew.elsewhere.append(predecessor.take_leg)
        await self._server.reconciler.settled()
        if worse := self._server.reconciler.not_taken_up():
            number, reason = worse
            raise NoPredecessorError(
                f"Extension {number} is answered by the server that runs, and would not be by "
                f"this one ({reason}); correct or disable it, and replace the server then."
            )
        if self._host is not None:
            http, estate.http = estate.http, None
            await self._host.listen(http)
        await predecessor.retire(estate.pid)
        self._server.reconciler.take_charge()
        estate.seat.sign()
        self._server.predecessor = predecessor

    async def _leave_to(self, successor: Successor) -> None:
        if self._host is not None:
            await self._host.leave()
        following = asyncio.create_task(successor.follow(), name="successor")
        try:
            await self._server.leave_to_successor(self._drain_s)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        announce(f"All calls of process {os.getpid()} have ended or gone over; it leaves.")


@asynccontextmanager
async def _reachable(
    settings: Settings, lookout: Lookout, *, at_once: bool
) -> AsyncIterator["Host | None"]:
    """Open the API's port before anything else, for those who ask whether we are ready; but not
    beside a predecessor, who is."""
    if not settings.http.enabled:
        yield None
        return
    from supervisor.access.identity import make_identity  # noqa: PLC0415
    from supervisor.api.backend import Before  # noqa: PLC0415
    from supervisor.api.hosting import hosted  # noqa: PLC0415

    before = Before(lookout.metrics.registry, lambda: lookout.outage.reason)
    guard = AddressGuard.of(settings.outgoing)
    identity = make_identity(settings.auth, settings.data_dir, settings.visitors)
    async with hosted(settings.http, identity, before, guard, at_once=at_once) as host:
        yield host


@asynccontextmanager
async def _answering(host: "Host | None", server: Server) -> AsyncIterator[None]:
    """Let the API answer about this server."""
    if host is None:
        yield
        return
    async with host.serving(server.database_url, server):
        yield


async def _tell_first_key(url: str, data_dir: Path, outage: Outage) -> None:
    """Hand over a key at the first start, once; never returns."""

    async def create() -> None:
        async with connected(url) as connection:
            await hand_over_first_key(connection, data_dir, sys.stderr)

    await persist(create, outage)
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
