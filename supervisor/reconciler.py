"""Makes what is listened on follow the ``extensions`` table."""

import asyncio
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, TypeAlias
from uuid import UUID

import structlog

from supervisor.database.complaint import Complaint
from supervisor.database.extensions import Extension, Status, list_extensions, mark_extension
from supervisor.database.pool import TROUBLE, Pool, end_if_cancelled
from supervisor.listeners import FreeSockets, Listeners, PortError, bind_listeners
from supervisor.rules import ExtensionProblem, check_extension
from supervisor.workers.crew import Crew

EXTENSIONS: Final = "ramal_extensions"
DIRECTORY: Final = "ramal_directory"
"""Channels that the schema's triggers notify."""
POLL_S: Final = 5.0
"""How soon the table is read again when no notification came: a lost one heals, and so does a
port that another program gave back."""
MARK_RETRY_S: Final = 1.0
AILING_RETRY_S: Final = 30.0
"""How soon a worker is asked again to open an extension that it could not: what was missing, such
as the database or a model's file, may be there by now."""
FAREWELL_LIMIT_S: Final = 2.0
NOT_RUNNING: Final = "the server is not running"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Move:
    """The sockets of an extension whose ports change: those it leaves, and one that it keeps."""

    left: FreeSockets
    kept: FreeSockets


Moving: TypeAlias = dict[UUID, _Move]


class Reconciler:
    """Compares the table with what is served, and removes the difference.

    Call :meth:`wake` at every notification, and hand :meth:`report` to the crew.
    """

    def __init__(
        self, pool: Pool, host: str, drain_s: float, inherited: FreeSockets | None = None
    ) -> None:
        """``inherited`` are sockets that listen already, from the server whose place we take."""
        self._pool = pool
        self._host = host
        self._drain_s = drain_s
        self._served: dict[UUID, tuple[Extension, Listeners]] = {}
        self._refused: set[UUID] = set()
        """Served on settings of before, since the row's are no good."""
        self._stale: set[UUID] = set()
        """Served with a directory that may be out of date."""
        self._ailing: dict[UUID, float] = {}
        """On settings of before, since a worker could not take those of the row; and when it was
        last told to (monotonic)."""
        self._unanswered: set[UUID] = set()
        """Nobody accepts their calls: their ports are to be closed."""
        self._given_up: dict[UUID, tuple[Extension, float]] = {}
        """Not listened on, since no worker could open them; and since when (monotonic)."""
        self._parked: dict[UUID, Extension] = {}
        """Not listened on, since they end their workers."""
        self._free: FreeSockets = dict(inherited or {})
        self._inherited = frozenset(self._free)
        self._in_charge = inherited is None
        self._rows: dict[UUID, Extension] = {}
        self._kept_until: dict[int, float] = {}
        """Of return ports in ``_free``: until then calls of an extension that was stopped may run,
        whose worker has the port open (monotonic)."""
        self._at_work = asyncio.Lock()
        """Held while something is changed; a successor holds it while it takes over."""
        self._not_read = Complaint(_log.warning, "extensions.not_read")
        self._not_marked = Complaint(_log.warning, "extension.not_marked")
        self._woken = asyncio.Event()
        self._woken.set()
        self._told: dict[UUID, str | None] = {}
        """What was last said of each enabled row: ``None`` is good, else the reason."""
        self._read_once = asyncio.Event()
        self._settled = asyncio.Event()
        self._marks: asyncio.Queue[tuple[UUID, Status, str | None]] = asyncio.Queue()

    def wake(self, channel: str) -> None:
        """A table may have changed: ``channel`` says which, :data:`EXTENSIONS` or
        :data:`DIRECTORY`."""
        if channel == DIRECTORY:
            self._stale |= self._served.keys()
        self._woken.set()

    def touched(self, extension_id: str) -> None:
        """Somebody wrote to a row, if only what was there: one that was parked is tried again."""
        with suppress(ValueError):
            if self._parked.pop(UUID(extension_id), None) is not None:
                self._woken.set()

    def report(
        self,
        extension_id: UUID,
        reason: str | None,
        *,
        unanswered: bool = False,
        parked: bool = False,
    ) -> None:
        """A worker accepts an extension's calls now, or cannot for ``reason``.

        On settings of before it is no news: the row stays marked with what is wrong with it. The
        ports of one that is ``unanswered`` are closed: a caller that is refused reaches the
        dialplan's fallback, one that waits in the backlog hears nothing. One that is ``parked`` is
        not tried again before its row is touched.
        """
        if extension_id not in self._served:
            return
        if parked:
            self._parked[extension_id] = self._served[extension_id][0]
        if unanswered:
            self._unanswered.add(extension_id)
            self._woken.set()
        elif reason is None:
            self._ailing.pop(extension_id, None)
        else:
            self._ailing.setdefault(extension_id, time.monotonic())
        if extension_id not in self._refused:
            self._mark(extension_id, "failed" if reason else "listening", reason)

    def closed(self, return_port: int) -> None:
        """A worker has finished the calls of an extension that was stopped, and let go of its
        return port."""
        if self._kept_until.pop(return_port, None) is not None:
            self._free.pop(return_port).close()

    @property
    def is_settled(self) -> bool:
        """Whether it is known of every enabled row whether it is served."""
        return self._settled.is_set()

    async def settled(self) -> dict[UUID, str | None]:
        """Wait until it is known of every enabled row whether it is served.

        Gives ``None`` for a row that is, and else the reason; the calls that arrive meanwhile are
        answered.
        """
        await self._settled.wait()
        return dict(self._told)

    def not_taken_up(self) -> tuple[str, str] | None:
        """The number of an extension that our predecessor listened for and we cannot, and why."""
        for extension_id, reason in self._told.items():
            row = self._rows.get(extension_id)
            if reason is not None and row is not None and row.port in self._inherited:
                return row.number, reason
        return None

    async def run(self, crew: Crew) -> None:
        """Follow the table until cancelled; a database that is away changes nothing."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._write_marks())
            while True:
                self._woken.clear()
                async with self._at_work:
                    await self._close_unanswered(crew)
                try:
                    async with self._at_work:
                        await self.reconcile(crew, await list_extensions(self._pool))
                    self._not_read.over()
                    self._read_once.set()
                    self._look_whether_settled()
                except TROUBLE as error:
                    end_if_cancelled()
                    self._not_read.about(error)
                await self._sleep()

    async def reconcile(self, crew: Crew, rows: Iterable[Extension]) -> None:
        """Bring what is served in line with ``rows``; one bad row leaves the others alone."""
        by_id = self._rows = {row.id: row for row in rows}
        for extension_id in [*self._served]:
            row = by_id.get(extension_id)
            if row is None or not row.enabled:
                await self._stop(crew, extension_id)
        moving = self._moving(by_id)
        for row in by_id.values():
            if not row.enabled:
                self._parked.pop(row.id, None)
                if row.status != "disabled":
                    self._mark(row.id, "disabled")
                continue
            try:
                await self._serve(crew, row, moving)
            except (ExtensionProblem, PortError) as problem:
                await self._stay(crew, row, moving)
                self._fail(row, str(problem))
        self._close_free()

    async def pause(self) -> Sequence[socket.socket]:
        """Follow the table no more, and mark nothing, until :meth:`resume`; gives every listening
        socket, which stays ours."""
        await self._at_work.acquire()
        listening = [each for _, listeners in self._served.values() for each in listeners.sockets]
        return [*listening, *self._free.values()]

    def resume(self) -> None:
        """Follow the table again, and mark anew what a successor may have marked."""
        for extension_id in self._served.keys() - self._refused - self._ailing.keys():
            self._mark(extension_id, "listening")
        self._at_work.release()

    def take_charge(self) -> None:
        """From now on what is not served is not served by anybody: the predecessor is out."""
        self._in_charge = True

    def let_go(self) -> None:
        """Close every listening socket of ours: another server has them, and marks the rows."""
        for _, listeners in self._served.values():
            listeners.close()
        self._served.clear()
        self._kept_until.clear()
        self._close_free()

    async def close(self) -> None:
        """Close every listening socket of ours, and say so in the table if that is possible."""
        served = [*self._served] if self._in_charge else []
        self.let_go()
        try:
            async with asyncio.timeout(FAREWELL_LIMIT_S):
                for extension_id in served:
                    await mark_extension(self._pool, extension_id, "new", NOT_RUNNING)
        except TROUBLE as error:
            _log.warning("extension.not_marked", error=str(error) or "timeout")

    async def _serve(self, crew: Crew, row: Extension, moving: Moving) -> None:
        check_extension(row)
        if row.id not in self._served:
            if not self._is_given_up(row):
                await self._begin(crew, row, moving)
            return
        served, listeners = self._served[row.id]
        if served.isolated != row.isolated:
            await self._stop(crew, row.id)
            await self._begin(crew, row, moving)
        elif row.id in moving:
            await self._begin(crew, row, moving)
        elif self._needs_telling(served, row):
            self._served[row.id] = (row, listeners)
            await crew.change(row)

    def _moving(self, rows: Mapping[UUID, Extension]) -> Moving:
        """Those whose ports change. Others may have what they leave: two can swap their ports."""
        moving = {}
        for extension_id, (served, listeners) in self._served.items():
            row = rows[extension_id]
            if (served.port, served.return_port) != (row.port, row.return_port) and _is_good(row):
                wanted = (row.port, row.return_port)
                by_port = listeners.by_port
                left = {port: each for port, each in by_port.items() if port not in wanted}
                kept = {port: each for port, each in by_port.items() if port in wanted}
                moving[extension_id] = _Move(left, kept)
                self._free |= left
        return moving

    async def _stay(self, crew: Crew, row: Extension, moving: Moving) -> None:
        """One that cannot move stays on its ports, unless another extension has one of them."""
        if (move := moving.pop(row.id, None)) is None:
            return
        if all(self._free.get(port) is each for port, each in move.left.items()):
            for port in move.left:
                del self._free[port]
        else:
            await self._retire(crew, row.id)
            self._free |= move.kept

    def _needs_telling(self, served: Extension, row: Extension) -> bool:
        """Whether new calls must begin with what is in the row or in the directory now."""
        marked = row.id in self._refused | self._stale or self._is_due(row.id)
        self._refused.discard(row.id)
        self._stale.discard(row.id)
        return marked or _wanted(served) != _wanted(row)

    def _is_due(self, extension_id: UUID) -> bool:
        last = self._ailing.get(extension_id)
        return last is not None and time.monotonic() - last >= AILING_RETRY_S

    def _is_given_up(self, row: Extension) -> bool:
        """Whether nothing has changed since no worker could open it, and it is not yet time to
        try again."""
        if row.id in self._parked:
            if _wanted(self._parked[row.id]) == _wanted(row):
                return True
            del self._parked[row.id]
        if row.id not in self._given_up:
            return False
        before, since = self._given_up[row.id]
        if _wanted(before) == _wanted(row) and time.monotonic() - since < AILING_RETRY_S:
            return True
        del self._given_up[row.id]
        return False

    async def _begin(self, crew: Crew, row: Extension, moving: Moving) -> None:
        self._refuse_ports_of_others(row, moving)
        kept = moving[row.id].kept if row.id in moving else {}
        free = self._free | kept
        listeners = bind_listeners(self._host, row.port, row.return_port, free)
        moving.pop(row.id, None)
        for port in listeners.ports:
            self._free.pop(port, None)
            self._kept_until.pop(port, None)
        self._refused.discard(row.id)
        self._served[row.id] = (row, listeners)
        await crew.serve(row, listeners)

    async def _stop(self, crew: Crew, extension_id: UUID) -> None:
        """Its sockets are free for other extensions; :meth:`_close_free` closes what is left."""
        _, listeners = await self._retire(crew, extension_id)
        self._free |= listeners.by_port
        self._kept_until[listeners.ports[1]] = time.monotonic() + self._drain_s

    async def _retire(self, crew: Crew, extension_id: UUID) -> tuple[Extension, Listeners]:
        served = self._served.pop(extension_id)
        for marked in (self._refused, self._stale, self._unanswered):
            marked.discard(extension_id)
        self._ailing.pop(extension_id, None)
        await crew.stop(extension_id, drain_s=self._drain_s)
        return served

    async def _close_unanswered(self, crew: Crew) -> None:
        for extension_id in [*self._unanswered]:
            if extension_id not in self._parked:
                self._given_up[extension_id] = self._served[extension_id][0], time.monotonic()
            _, listeners = await self._retire(crew, extension_id)
            listeners.close()

    def _close_free(self) -> None:
        now = time.monotonic()
        for port in [*self._free]:
            if self._kept_until.get(port, now) <= now:
                self._free.pop(port).close()
                self._kept_until.pop(port, None)

    def _refuse_ports_of_others(self, row: Extension, moving: Moving) -> None:
        for other, listeners in self._served.values():
            held = moving[other.id].kept.keys() if other.id in moving else set(listeners.ports)
            taken = {row.port, row.return_port} & held
            if other.id != row.id and taken:
                raise PortError(
                    f"port {min(taken)} belongs to extension {other.number}: choose another port"
                )

    def _fail(self, row: Extension, reason: str) -> None:
        if row.id in self._served:
            self._refused.add(row.id)
            reason += "; until then it goes on as before"
        if (row.status, row.status_reason) != ("failed", reason) or row.id not in self._told:
            _log.error("extension.failed", number=row.number, reason=reason)
            self._mark(row.id, "failed", reason)

    def _mark(self, extension_id: UUID, status: Status, reason: str | None = None) -> None:
        self._marks.put_nowait((extension_id, status, reason))
        if status in ("listening", "failed"):
            self._told[extension_id] = reason
            self._look_whether_settled()

    def _look_whether_settled(self) -> None:
        if self._read_once.is_set() and self._served.keys() <= self._told.keys():
            self._settled.set()

    async def _write_marks(self) -> None:
        """In order, each until the database has taken it."""
        while True:
            extension_id, status, reason = await self._marks.get()
            while True:
                try:
                    async with self._at_work:
                        await mark_extension(self._pool, extension_id, status, reason)
                    self._not_marked.over()
                    break
                except TROUBLE as error:
                    end_if_cancelled()
                    self._not_marked.about(error)
                    await asyncio.sleep(MARK_RETRY_S)

    async def _sleep(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._woken.wait()
        except TimeoutError:
            return


def _is_good(row: Extension) -> bool:
    try:
        check_extension(row)
    except ExtensionProblem:
        return False
    return True


def _wanted(row: Extension) -> Extension:
    """A row without what we write ourselves."""
    return replace(row, status="new", status_reason=None)
